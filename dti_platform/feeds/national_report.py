"""The national report: half-yearly, quarterly, monthly and yearly figures of the country, against plan.

Here: operational figures as reported, with their plans. Not here: DTI scores by framework; means of the
index that a report repeats are kept as figures of the report.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import indicator
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.wording import FIGURE, PLANNED, take_figure, take_plan
from dti_platform.feeds.wording import choices as figure_choices

FEED = Feed(
    id="national_report",
    title_vi="Báo cáo quốc gia về chuyển đổi số",
    title_en="National report on digital transformation",
    publisher="Ủy ban Quốc gia về chuyển đổi số và các bộ; mỗi dòng ghi nguồn",
    licence="Figures as printed in public sources; each row names its own",
    rhythm="P6M",
    evidence="official",
    columns=(*FIGURE, *PLANNED),
)


def choices(known: Known) -> Mapping[str, Collection[str]]:
    """What its columns may say, for the template."""
    return figure_choices("national", known)


def parse(received: Received, known: Known) -> Extract:
    """One indicator of one period a row, with the plan where one was printed.

    Raises Unreadable where the file is not such a table.
    """
    book = opened(FEED, received, known)
    intake = Intake(FEED, received, book, geography="VN")
    for row in intake.declared_rows():
        with intake.row(row.values()):
            code = indicator(row["indicator"], "national", known)
            planned = not row["plan"].blank
            if planned:
                take_plan(intake, row, "VN", code)
            if not (planned and row["value"].blank):
                take_figure(intake, row, "VN", code)
    return intake.extract()
