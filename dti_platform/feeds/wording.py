"""Reported figures as they are worded: ``gần 80``, ``villages (of 832)``, ``million (over)``, ``% (nearly)``.

Here: what the words around a figure say: its qualifier, denominator, unit of measure and status; and the
columns that reports share. Not here: numbers themselves (``reading.numbers``).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple, TypedDict

from dti_platform.feeds.fields import number, period, text, word, words
from dti_platform.feeds.intake import Intake
from dti_platform.reading import Cell, Column, Convention, normalise
from dti_platform.reading.numbers import QUALIFIERS, Qualifier

__all__ = ["CERTAINTIES", "FIGURE", "Unit", "read_unit", "status", "take_figure", "take_plan"]

#: The columns of one reported figure. Numbers have a decimal point and no thousands mark.
FIGURE = (
    Column("indicator"),
    Column("name_vi"),
    Column("name_en"),
    Column("period"),
    Column("value"),
    Column("unit"),
    Column("source"),
    Column("certainty"),
)
VALUES = Convention(".", minimum=0)
CERTAINTIES = words(("verbatim", "paraphrased", "inferred", "computed"))
#: How a source words that its figure is not the last word.
_STATUSES = {"estimate": "E", "ước tính": "E", "provisional": "P", "preliminary": "P", "sơ bộ": "P"}
_TRIAL = re.compile(r"thử nghiệm|sơ bộ|\b(trial|provisional|preliminary)\b", re.IGNORECASE)
_NAMED = {"%": "percent", "index 0-1": "ratio", "": "count"}
_REMARK = re.compile(r"^(.*?)\s*\(([^()]*)\)$")
_OF = re.compile(r"^(.*?)\s*\bof (\d+)$")


class Unit(NamedTuple):
    """What the unit's wording says of its figure."""

    unit_measure: str
    qualifier: Qualifier = "exact"
    denominator: Decimal | None = None
    obs_status: str = "A"


def read_unit(wording: str) -> Unit:
    """Splits a unit from the remark in its brackets; a remark of no known kind stays in the unit, as printed.

    >>> read_unit("villages (of 832)")
    Unit(unit_measure='villages', qualifier='exact', denominator=Decimal('832'), obs_status='A')
    """
    if match := _REMARK.match(wording):
        unit, remark = _NAMED.get(match[1], match[1]), match[2].casefold()
        if remark in QUALIFIERS:
            return Unit(unit, QUALIFIERS[remark])
        if remark in _STATUSES:
            return Unit(unit, obs_status=_STATUSES[remark])
        if whole := re.fullmatch(r"of (\d+)", remark):
            return Unit(unit, denominator=Decimal(whole[1]))
    elif match := _OF.match(wording):
        return Unit(_NAMED.get(match[1], match[1]), denominator=Decimal(match[2]))
    return Unit(_NAMED.get(wording, wording))


def status(certainty: str, said: str = "A") -> str:
    """SDMX observation status: what the source says, but an estimate where the figure is not as printed."""
    return said if certainty == "verbatim" else "E"


def take_figure(intake: Intake, row: dict[str, Cell], unit: str, code: str, geography: str = "VN") -> None:
    """Observes the value of a row of ``FIGURE``; a qualifier of the value's own words counts before the unit's."""
    intake.mark("note", (row["name_vi"], row["name_en"]))
    said = _worded(row)
    certainty = word(row["certainty"], CERTAINTIES)
    found = number(row["value"], VALUES)
    intake.observe(
        row["value"],
        unit=unit,
        geography=geography,
        node=code,
        **_place(intake, row),
        measure="value",
        value=found.value,
        qualifier=said.qualifier if found.qualifier == "exact" else found.qualifier,
        unit_measure=said.unit_measure,
        denominator=said.denominator,
        obs_status=status(certainty, said.obs_status),
        certainty=certainty,
    )


def _worded(row: dict[str, Cell]) -> Unit:
    """What the unit says; a figure that its very name calls provisional or a trial is provisional."""
    said = read_unit(text(row["unit"]))
    return said._replace(obs_status="P") if _TRIAL.search(f"{row['name_vi'].raw} {row['name_en'].raw}") else said


def take_plan(intake: Intake, row: dict[str, Cell], unit: str, code: str, geography: str = "VN") -> None:
    """Observes the plan of a row, with the document that set it and its own certainty."""
    certainty = word(row["plan_certainty"], CERTAINTIES)
    intake.observe(
        row["plan"],
        unit=unit,
        geography=geography,
        node=code,
        **_place(intake, row),
        measure="plan",
        value=number(row["plan"], VALUES).value,
        unit_measure=read_unit(text(row["unit"])).unit_measure,
        obs_status=status(certainty),
        certainty=certainty,
        document=normalise(row["plan_document"].raw) or None,
    )


class _Place(TypedDict):
    basis: str
    period: str
    source: str


def _place(intake: Intake, row: dict[str, Cell]) -> _Place:
    return {
        "basis": "reported",
        "period": period(row["period"], intake.received.period),
        "source": text(row["source"]),
    }
