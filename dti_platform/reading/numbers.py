"""Numbers as people write them, under a declared convention; what it doesn't decide is a doubt, never a guess.

Here: the writing of numbers and of the words around them ("gần 80"). Not here: which column has
which convention (a feed declares it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from dti_platform.reading.cells import Cell
from dti_platform.reading.text import normalise

__all__ = ["QUALIFIERS", "Convention", "Doubt", "Number", "Qualifier", "parse"]

Qualifier = Literal["exact", "over", "about", "under"]

#: Words before or after a number, in both languages, and what they say of it.
QUALIFIERS: dict[str, Qualifier] = {
    "gần": "about",
    "khoảng": "about",
    "ước": "about",
    "ước đạt": "about",
    "xấp xỉ": "about",
    "about": "about",
    "approx.": "about",
    "approximately": "about",
    "nearly": "about",
    "~": "about",
    "trên": "over",
    "hơn": "over",
    "over": "over",
    "more than": "over",
    ">": "over",
    "dưới": "under",
    "under": "under",
    "less than": "under",
    "<": "under",
}


@dataclass(frozen=True, slots=True)
class Convention:
    """How a column writes its numbers, and what it may hold.

    ``decimal`` is the decimal mark; the other mark groups thousands where ``grouped``. With
    ``decimal=None`` the column declares nothing: whatever needs a convention is ambiguous.
    """

    decimal: Literal[",", "."] | None = None
    grouped: bool = False
    percent: bool = False
    """A per cent sign may stand behind the number; the value stays in per cent."""
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None


class Number(NamedTuple):
    """A number that was read: exact, finite."""

    value: Decimal
    qualifier: Qualifier = "exact"


class Doubt(NamedTuple):
    """Why a number was not read: a stable code, and what was seen."""

    reason: Literal["not_a_number", "ambiguous_number", "out_of_range", "missing_value"]
    seen: str


_BEFORE = re.compile(
    r"^(" + "|".join(map(re.escape, sorted(QUALIFIERS, key=len, reverse=True))) + r")\s*(?=[\d+-])", re.IGNORECASE
)
_PLAIN = re.compile(r"^[+-]?\d+$")
_DIGITS = re.compile(r"^[+-]?\d[\d.,  ]*$")
_LONGEST = 40


def parse(cell: Cell | str, convention: Convention) -> Number | Doubt:
    """Reads a number under its column's convention.

    A typed number of a workbook needs no convention. Text is read exactly as declared:
    ``66,71%`` under a decimal comma with percent, ``2.255`` under a grouped decimal comma is 2255,
    and under no convention it is a doubt.
    """
    if isinstance(cell, Cell):
        if cell.kind == "blank":
            return Doubt("missing_value", cell.raw)
        if cell.kind not in ("text", "number"):
            return Doubt("not_a_number", cell.raw)
        if cell.kind == "number":
            return _typed(cell, convention)
        cell = cell.raw
    return _parse_text(normalise(cell), convention)


def _typed(cell: Cell, convention: Convention) -> Number | Doubt:
    """A typed number; one that is shown with a per cent sign is a hundredth of what a person saw."""
    value = Decimal(cell.raw)
    if "%" in (cell.number_format or ""):
        if convention.percent:
            value *= 100
        elif convention.maximum is None or convention.maximum > 1:
            return Doubt("ambiguous_number", f"{cell.raw} ({cell.number_format})")
    return _within(value, "exact", convention)


def _parse_text(text: str, convention: Convention) -> Number | Doubt:
    qualifier: Qualifier = "exact"
    if match := _BEFORE.match(text):
        qualifier, text = QUALIFIERS[match.group(1).casefold()], text[match.end() :]
    if convention.percent:
        text = text.removesuffix("%").rstrip()
    if not text:
        return Doubt("missing_value", text)
    if len(text) > _LONGEST or not _DIGITS.match(text) or not text.isascii():
        return Doubt("not_a_number", text)
    value = Decimal(text) if _PLAIN.match(text) else _marked(text, convention)
    return _within(value, qualifier, convention) if isinstance(value, Decimal) else value


def _marked(text: str, convention: Convention) -> Decimal | Doubt:
    """A number with marks in it: only as the convention declares."""
    if convention.decimal is None:
        return Doubt("ambiguous_number", text)
    group = "." if convention.decimal == "," else ","
    d, g = re.escape(convention.decimal), re.escape(group)
    if re.fullmatch(rf"[+-]?\d+{d}\d+", text):
        return Decimal(text.replace(convention.decimal, "."))
    if convention.grouped and re.fullmatch(rf"[+-]?\d{{1,3}}({g}\d{{3}})+({d}\d+)?", text):
        return Decimal(text.replace(group, "").replace(convention.decimal, "."))
    return Doubt("ambiguous_number", text)


def _within(value: Decimal, qualifier: Qualifier, convention: Convention) -> Number | Doubt:
    low, high = convention.minimum, convention.maximum
    if not value.is_finite() or (low is not None and value < low) or (high is not None and value > high):
        return Doubt("out_of_range", str(value))
    return Number(value, qualifier)
