"""The provincial report: local figures of a province, as it or the press printed them.

Here: operational figures by province. Not here: self-assessments (``self_assessment``) and the index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import indicator, unit, word, words
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.wording import FIGURE, take_figure
from dti_platform.feeds.wording import choices as figure_choices
from dti_platform.reading import Column

FEED = Feed(
    id="provincial_report",
    title_vi="Báo cáo của các tỉnh, thành phố về chuyển đổi số",
    title_en="Provincial reports on digital transformation",
    publisher="UBND các tỉnh, thành phố; mỗi dòng ghi nguồn",
    licence="Figures as printed in public sources; each row names its own",
    rhythm="P6M",
    evidence="official",
    columns=(
        Column(
            "geography", ("Danh mục đơn vị",), note_vi="VN63: 63 tỉnh, thành phố đến 30/6/2025; VN34: từ 01/7/2025."
        ),
        Column("province", ("Tỉnh, thành phố",), note_vi="Tên trong trang Danh mục."),
        *FIGURE,
    ),
)
GEOGRAPHIES = words(("VN63", "VN34"))


def choices(known: Known) -> Mapping[str, Collection[str]]:
    """What its columns may say, for the template."""
    units = known.units
    names = dict.fromkeys(units.all[unit].name_vi for each in GEOGRAPHIES for unit in units.geographies[each])
    return {"geography": GEOGRAPHIES, "province": names, **figure_choices("provincial", known)}


def parse(received: Received, known: Known) -> Extract:
    """One indicator of one province and period a row.

    Raises Unreadable where the file is not such a table.
    """
    book = opened(FEED, received, known)
    intake = Intake(FEED, received, book, geography="VN63")
    for row in intake.declared_rows():
        with intake.row(row.values()):
            geography = word(row["geography"], GEOGRAPHIES)
            code = indicator(row["indicator"], "provincial", known)
            take_figure(intake, row, unit(row["province"], geography, known), code, geography)
    return intake.extract()
