"""Published results of the index: scores and ranks as printed, by year, each with its source.

Here: the long table of one figure a row. Not here: which of two sources is the headline
(``publications``): conflicts stay side by side. Recomputed, and checked against the national means, elsewhere.

What is printed is ``published``; what its quoter worked out from it (``computed``: a rank from "up 8 places", a score
from points) is ``derived``, and an estimate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import Held, framework_of, source, text, unit, word, words
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.wording import CERTAINTIES, status
from dti_platform.reading import Cell, Column, Convention

FEED = Feed(
    id="published_results",
    title_vi="Kết quả chỉ số chuyển đổi số đã công bố",
    title_en="Published results of the Digital Transformation Index",
    publisher="Bộ Thông tin và Truyền thông (đến 2023), Bộ Khoa học và Công nghệ (2024); mỗi dòng ghi nguồn",
    licence="Figures as printed in public sources; each row names its own",
    rhythm="P1Y",
    evidence="official",
    columns=(
        Column("geography", ("Danh mục đơn vị",), note_vi="VN63, VN34, MIN22, MIN25; VN cho cả nước."),
        Column("group", ("Nhóm",), required=False, note_vi="Chỉ của bộ, ngành: có hay không có dịch vụ công."),
        Column("unit", ("Đơn vị",), note_vi="Tên đơn vị; (mean) là trung bình, (whole) là toàn danh mục."),
        Column("metric", ("Chỉ số",), note_vi="Ví dụ score_overall, rank_overall, score_digital_government."),
        Column("value", ("Giá trị",), note_vi="Dấu chấm thập phân; điểm từ 0 đến 1, thứ hạng là số nguyên."),
        Column("source", ("Nguồn",), note_vi="Số và ngày văn bản, hoặc địa chỉ trang đã đăng."),
        Column(
            "certainty", ("Mức chắc chắn",), note_vi="verbatim, year_inferred, paraphrased, inferred hoặc computed."
        ),
    ),
)
GROUPS = words(("with_public_services", "without_public_services"))


class Metric(NamedTuple):
    """What a metric's first word says: the measure, its unit, and how its values are written."""

    measure: str
    unit_measure: str
    convention: Convention | None
    """None: the value is ``yes``, and the number stands in the metric's name."""
    number: int = 0
    denominator: int | None = None


_RATIO = Convention(".", unit="ratio")
METRICS = {
    "score": Metric("score", "ratio", _RATIO),
    "rank": Metric("rank", "rank", Convention(unit="rank", maximum=100)),
    "change": Metric("change", "rank", Convention(unit="rank", minimum=-100, maximum=100)),
    "sum": Metric("points", "points", Convention(".", unit="points", maximum=500), denominator=500),
    "units": Metric("units", "count", Convention(unit="count", minimum=1, maximum=100)),
    "top9": Metric("top", "rank", None, 9),
    "top10": Metric("top", "rank", None, 10),
    "bottom3": Metric("bottom", "rank", None, 3),
    "lowest": Metric("minimum", "ratio", _RATIO),
}
#: Metrics whose name is not ``<word>_<concept>``.
_SPELT = {"bottom3": "bottom3_overall", "sum_common5_of_500": "sum_common", "n_units": "units_overall"}


def choices(known: Known) -> Mapping[str, Collection[str]]:
    """What its columns may say, for the template."""
    return {"geography": known.units.geographies, "group": GROUPS, "certainty": CERTAINTIES}


def parse(received: Received, known: Known) -> Extract:
    """One figure a row: geography, (group,) unit, metric, value, source, certainty.

    Raises Unreadable where the file is not such a table.
    """
    book = opened(FEED, received, known)
    intake = Intake(FEED, received, book, geography="VN")
    for row in intake.declared_rows():
        with intake.row(row.values()):
            _take(row, intake, known)
    return intake.extract()


def _take(row: dict[str, Cell], intake: Intake, known: Known) -> None:
    geography = word(row["geography"], words(known.units.geographies))
    framework = framework_of(row["geography"], geography, known, intake.received.period, FEED.index)
    metric, name = _metric(row["metric"])
    node = framework.by_metric(name)
    if node is None:
        raise Held(row["metric"], "unknown_node")
    certainty = word(row["certainty"], CERTAINTIES)
    intake.observe(
        row["value"],
        unit=unit(row["unit"], geography, known),
        group=word(row["group"], GROUPS) if "group" in row and not row["group"].blank else None,
        node=node.code,
        measure=metric.measure,
        basis="derived" if certainty == "computed" else "published",
        value=_value(intake, row["value"], metric),
        unit_measure=metric.unit_measure,
        denominator=metric.denominator,
        geography=geography,
        framework=framework.version,
        source=source(row["source"]),
        certainty=certainty,
        obs_status=status(certainty),
    )


def _metric(cell: Cell) -> tuple[Metric, str]:
    """``rank_digital_economy`` is the rank at the node whose concept is digital_economy, ``rank_cqs.4`` at CQS.4."""
    head, _, name = _SPELT.get(text(cell), text(cell)).partition("_")
    if head not in METRICS:
        raise Held(cell, "unknown_node")
    return METRICS[head], name


def _value(intake: Intake, cell: Cell, metric: Metric) -> Decimal:
    if metric.convention is None:
        return Decimal(word(cell, {"yes": metric.number}))
    return intake.exact(cell, metric.convention)
