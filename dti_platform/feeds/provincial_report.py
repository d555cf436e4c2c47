"""The provincial report: local figures of a province, as it or the press printed them.

Here: operational figures by province. Not here: self-assessments (``self_assessment``) and the index.
"""

from __future__ import annotations

from dti_platform.feeds import Feed, Known, Parsed, Received, opened
from dti_platform.feeds.fields import indicator, unit, word, words
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.wording import FIGURE, take_figure
from dti_platform.reading import Column

__all__ = ["COLUMNS", "FEED", "parse"]

FEED = Feed(
    id="provincial_report",
    title_vi="Báo cáo của các tỉnh, thành phố về chuyển đổi số",
    title_en="Provincial reports on digital transformation",
    publisher="UBND các tỉnh, thành phố; mỗi dòng ghi nguồn",
    licence="Figures as printed in public sources; each row names its own",
    rhythm="P6M",
    evidence="official",
)
COLUMNS = (Column("geography"), Column("province"), *FIGURE)
GEOGRAPHIES = words(("VN63", "VN34"))


def parse(received: Received, known: Known) -> Parsed:
    """One indicator of one province and period a row.

    Raises Unreadable where the file is not such a table.
    """
    book = opened(FEED, received, known)
    intake = Intake(FEED, received, book, geography="VN63")
    for row in intake.rows(intake.only_sheet(COLUMNS), COLUMNS):
        with intake.row(row.values()):
            geography = word(row["geography"], GEOGRAPHIES)
            code = indicator(row["indicator"], "provincial", known)
            take_figure(intake, row, unit(row["province"], geography, known), code, geography)
    return intake.parsed()
