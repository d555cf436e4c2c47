"""Reported figures as they are worded: ``gần 80``, ``villages (of 832)``, ``million (over)``, ``% (nearly)``.

Here: what the words around a figure say: its qualifier, denominator, unit of measure and status; and the
columns that reports share. Not here: numbers themselves (``reading.numbers``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from dti_platform import codes
from dti_platform.feeds import Known
from dti_platform.feeds.fields import Held, any_period, period, prose, source, text, word, words
from dti_platform.feeds.intake import Intake
from dti_platform.reading import Cell, Column, Convention, Number, comparable, normalise
from dti_platform.reading.numbers import QUALIFIERS, Measure

if TYPE_CHECKING:
    from dti_platform.codes import Qualifier

VALUES = Convention(".", minimum=0)
_HOW_SURE = (
    "verbatim: đúng như nguồn công bố; year_inferred: đúng như nguồn, năm được suy ra; paraphrased: diễn đạt lại; "
    "inferred: suy ra; computed: tính từ số liệu khác."
)
_AS_PRINTED = (
    "Được ghi từ đi kèm như trong nguồn: gần 80, trên 450000. Tỷ lệ % từ 0 đến 100, có thể ghi dấu %; "
    "đơn vị đếm được (tổ, người, thôn) và thứ hạng chỉ nhận số nguyên."
)
#: The columns of one reported figure. Numbers have a decimal point and no thousands mark.
FIGURE = (
    Column("indicator", ("Mã chỉ tiêu",), note_vi="Mã trong trang Danh mục."),
    Column("name_vi", ("Tên chỉ tiêu",), note_vi="Như ghi trong báo cáo."),
    Column("name_en", ("Tên tiếng Anh",)),
    Column("period", ("Kỳ",), note_vi="2022, 2022-S1, 2022-Q1, 2022-M08 hoặc 2022-08-22."),
    Column("value", ("Giá trị",), number=VALUES, note_vi=_AS_PRINTED),
    Column("unit", ("Đơn vị tính",), note_vi="Ví dụ: %, tỷ đồng, thôn (of 832)."),
    Column("source", ("Nguồn",), note_vi="Số và ngày văn bản, hoặc địa chỉ trang đã đăng."),
    Column("certainty", ("Mức chắc chắn",), note_vi=_HOW_SURE),
)
#: The columns of its plan, where one was printed.
PLANNED = (
    Column("plan", ("Kế hoạch",), number=VALUES, note_vi="Để trống nếu không có kế hoạch."),
    Column(
        "plan_period",
        ("Kỳ kế hoạch",),
        required=False,
        note_vi="Kỳ mà kế hoạch đặt ra, ví dụ 2022 (cả năm) bên số liệu 2022-S1. Để trống nếu cùng kỳ với số liệu.",
    ),
    Column("plan_document", ("Văn bản kế hoạch",)),
    Column("plan_certainty", ("Mức chắc chắn của kế hoạch",), note_vi=_HOW_SURE),
)
CERTAINTIES = words([each for each in codes.CERTAINTIES if each != "submitted"])
_AS_IN_SOURCE = ("verbatim", "year_inferred")
#: How a source words that its figure is not the last word.
_STATUSES = {"estimate": "E", "ước tính": "E", "provisional": "P", "preliminary": "P", "sơ bộ": "P"}
_TRIAL = re.compile(r"thử nghiệm|sơ bộ|\b(trial|provisional|preliminary)\b", re.IGNORECASE)
_UNITS = {comparable(wording): code for wording, code in codes.UNIT_WORDINGS.items()}
_MEASURES: dict[str, Measure] = {
    **dict.fromkeys(codes.COUNTED, "count"),
    "percent": "percent",
    "ratio": "ratio",
    "rank": "rank",
    "vnd": "vnd",
}
_REMARK = re.compile(r"^(.*?)\s*\(([^()]*)\)$")
_OF = re.compile(r"^(.*?)\s*\bof (\d+)$")


class Unit(NamedTuple):
    """What the unit's wording says of its figure."""

    unit_measure: str
    qualifier: Qualifier = "exact"
    denominator: Decimal | None = None
    obs_status: str = "A"


def read_unit(wording: str) -> Unit | None:
    """Splits a unit of measure from the remark in its brackets; None where the unit is not known.

    A remark that is no qualifier, status or whole stays in the file alone.

    >>> read_unit("villages (of 832)")
    Unit(unit_measure='villages', qualifier='exact', denominator=Decimal('832'), obs_status='A')
    """
    unit, remark, whole = wording, "", None
    if match := _REMARK.match(wording):
        unit, remark = match[1], match[2].casefold()
        whole = re.fullmatch(r"of (\d+)", remark)
    elif match := _OF.match(wording):
        unit, whole = match[1], re.fullmatch(r"(\d+)", match[2])
    if (code := _UNITS.get(comparable(unit))) is None:
        return None
    return Unit(code, QUALIFIERS.get(remark, "exact"), Decimal(whole[1]) if whole else None, _STATUSES.get(remark, "A"))


def unit_of(cell: Cell) -> Unit:
    """What a unit's cell says."""
    stated = read_unit(text(cell))
    if stated is None:
        raise Held(cell, "unknown_unit_measure")
    return stated


def convention(unit_measure: str) -> Convention:
    """How figures in a unit are written: with a decimal point, and what follows from the unit where it is known.

    >>> convention("teams").whole
    True
    """
    measure = _MEASURES.get(unit_measure)
    return Convention(".", unit=measure) if measure else VALUES


def choices(level: str, known: Known) -> Mapping[str, Collection[str]]:
    """What the columns of a figure may say, of the indicators that reports of a level (``national``) give."""
    indicators = known.units.indicators.values()
    codes = [each.code for each in indicators if each.level in (level, "both")]
    return {"indicator": codes, "certainty": CERTAINTIES, "plan_certainty": CERTAINTIES}


def status(certainty: str, stated: str = "A") -> str:
    """SDMX observation status: what the source says, but an estimate where the figure is not as printed."""
    return stated if certainty in _AS_IN_SOURCE else "E"


def take_figure(intake: Intake, row: dict[str, Cell], unit: str, code: str, geography: str = "VN") -> None:
    """Observes the value of a row of ``FIGURE``; a qualifier of the value's own words counts before the unit's."""
    intake.mark("note", (row["name_vi"], row["name_en"]))
    stated = _worded(row)
    certainty = word(row["certainty"], CERTAINTIES)
    figure = intake.number(row["value"], convention(stated.unit_measure))
    intake.observe(
        row["value"],
        unit=unit,
        geography=geography,
        node=code,
        **_place(intake, row),
        measure="value",
        value=figure.value,
        qualifier=_qualifier(figure, stated),
        unit_measure=stated.unit_measure,
        denominator=stated.denominator,
        obs_status=status(certainty, stated.obs_status),
        certainty=certainty,
    )


def _worded(row: dict[str, Cell]) -> Unit:
    """What the unit says; a figure that its very name calls provisional or a trial is provisional."""
    stated = unit_of(row["unit"])
    return (
        stated._replace(obs_status="P")
        if _TRIAL.search(normalise(f"{row['name_vi'].raw} {row['name_en'].raw}"))
        else stated
    )


def take_plan(intake: Intake, row: dict[str, Cell], unit: str, code: str, geography: str = "VN") -> None:
    """Observes the plan of a row: its own period, certainty and words alone, and the document that set it."""
    stated = unit_of(row["unit"])
    certainty = word(row["plan_certainty"], CERTAINTIES)
    figure = intake.number(row["plan"], convention(stated.unit_measure))
    due = row.get("plan_period")
    place = _place(intake, row)
    intake.observe(
        row["plan"],
        unit=unit,
        geography=geography,
        node=code,
        **place,
        measure="plan",
        value=figure.value,
        qualifier=figure.qualifier,
        unit_measure=stated.unit_measure,
        obs_status=status(certainty),
        certainty=certainty,
        document=normalise(prose(row["plan_document"], ".")) or None,
        plan_period=place["period"] if due is None or due.blank else any_period(due),
    )


def _qualifier(figure: Number, stated: Unit) -> Qualifier:
    return stated.qualifier if figure.qualifier == "exact" else figure.qualifier


class _Place(TypedDict):
    basis: str
    period: str
    source: str


def _place(intake: Intake, row: dict[str, Cell]) -> _Place:
    return {
        "basis": "reported",
        "period": period(row["period"], intake.received.period),
        "source": source(row["source"]),
    }
