"""Numbers as people write them, under a declared convention; what the convention leaves open is never guessed.

Here: the notation of numbers and the qualifiers around them ("gần 80"). Not here: which column has which
convention (a feed declares it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, NamedTuple

from dti_platform.reading.cells import Cell
from dti_platform.reading.number_formats import is_scaled
from dti_platform.reading.text import comparable, normalise

if TYPE_CHECKING:
    from dti_platform.codes import Qualifier

#: Words before a number, in both languages, and the qualifier that they mean.
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


Measure = Literal["ratio", "percent", "points", "count", "rank", "vnd"]


class _Defaults(NamedTuple):
    minimum: int | None = None
    maximum: int | None = None
    whole: bool = False
    percent: bool = False


#: The defaults of a convention by the unit of the column's numbers.
_DEFAULTS: dict[Measure | None, _Defaults] = {
    "ratio": _Defaults(0, 1),
    "percent": _Defaults(0, 100, percent=True),
    "points": _Defaults(0),
    "count": _Defaults(0, whole=True),
    "rank": _Defaults(1, whole=True),
    "vnd": _Defaults(whole=True),
    None: _Defaults(),
}


@dataclass(frozen=True, slots=True)
class Convention:
    """How a column writes its numbers, and which numbers it may hold.

    ``decimal`` is the decimal mark; if ``grouped``, the other mark groups thousands. With ``decimal=None`` the column
    declares none: a number that needs a convention is ambiguous. ``unit`` sets the defaults of the range, the per cent
    sign and whole numbers.
    """

    decimal: Literal[",", "."] | None = None
    grouped: bool = False
    percent: bool = False
    """A per cent sign may follow the number; the value stays in per cent."""
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    unit: Measure | None = None
    whole: bool = False
    """Only whole numbers are allowed."""

    def __post_init__(self) -> None:
        """Fills in the defaults of the unit."""
        defaults = _DEFAULTS[self.unit]
        object.__setattr__(self, "minimum", defaults.minimum if self.minimum is None else self.minimum)
        object.__setattr__(self, "maximum", defaults.maximum if self.maximum is None else self.maximum)
        object.__setattr__(self, "percent", self.percent or defaults.percent)
        object.__setattr__(self, "whole", self.whole or defaults.whole)


class Number(NamedTuple):
    """A number as read: exact and finite."""

    value: Decimal
    qualifier: Qualifier = "exact"


class Doubt(NamedTuple):
    """Why a number was not read: a stable code, and the text."""

    reason: Literal["not_a_number", "percent_cell", "ambiguous_number", "not_whole", "out_of_range", "missing_value"]
    seen: str
    admitted: Number | None = None
    """For an ambiguous number, the only reading within the column's range, which has both bounds."""


_QUALIFIERS: dict[str, Qualifier] = {comparable(word): qualifier for word, qualifier in QUALIFIERS.items()}
_QUALIFIER = re.compile(f"({'|'.join(map(re.escape, sorted(_QUALIFIERS, key=len, reverse=True)))}) ?(?=[0-9+-])")
_PLAIN = re.compile(r"[+-]?[0-9]+")
_DIGITS = re.compile(r"[+-]?[0-9][0-9., ]*")
#: A blank that does not group three digits.
_STRAY_BLANK = re.compile(r" (?![0-9]{3}(?![0-9]))|(?<![0-9]) ")
#: Invisible characters that change the display: a soft hyphen may show, a right-to-left mark reverses digits.
_MISLEADING = re.compile("[\u00ad\u200f]")
_LONGEST = 40


def parse(cell: Cell | str, convention: Convention) -> Number | Doubt:
    """Reads a number under its column's convention.

    A typed number needs no decimal mark. Text is read exactly as declared: with a decimal comma and ``percent``,
    ``66,71%`` is 66.71; with a decimal comma and ``grouped``, ``2.255`` is 2255, and without a convention it is a
    doubt. No group begins with zero: with a decimal comma, ``0.123`` is a doubt.
    """
    if isinstance(cell, str):
        return _parse_text(cell, convention)
    match cell.kind:
        case "number":
            return _parse_typed(cell, convention)
        case "text" | "blank":
            return _parse_text(cell.raw, convention)
        case _:
            return Doubt("not_a_number", cell.raw)


def _parse_typed(cell: Cell, convention: Convention) -> Number | Doubt:
    """Reads a typed number; one that is displayed with a per cent sign is a hundredth of the number displayed."""
    try:
        value = Decimal(cell.raw)
    except InvalidOperation:
        return Doubt("not_a_number", cell.raw)
    number_format = cell.number_format or ""
    scaled = is_scaled(number_format)
    if convention.percent and scaled is not None:
        value = value * 100 if scaled else value
    elif "%" in number_format and not (scaled and _is_ratio(convention)):
        return Doubt("percent_cell", f"{cell.raw} ({number_format})")
    return _check_range(value, "exact", convention)


def _is_ratio(convention: Convention) -> bool:
    if convention.unit is not None:
        return convention.unit == "ratio"
    return convention.maximum is not None and convention.maximum <= 1


def _parse_text(raw: str, convention: Convention) -> Number | Doubt:
    seen, text = normalise(raw), comparable(raw)
    qualifier: Qualifier = "exact"
    if match := _QUALIFIER.match(text):
        qualifier, text = _QUALIFIERS[match[1]], text[match.end() :]
    if convention.percent:
        text = text.removesuffix("%").rstrip()
    if not seen:
        return Doubt("missing_value", seen)
    if len(text) > _LONGEST or not _DIGITS.fullmatch(text) or _MISLEADING.search(raw) or _STRAY_BLANK.search(text):
        return Doubt("not_a_number", seen)
    value = Decimal(text) if _PLAIN.fullmatch(text) else _parse_marked(text, convention)
    if value is not None:
        return _check_range(value, qualifier, convention)
    return _ambiguous(text, seen, qualifier, convention)


def _parse_marked(text: str, convention: Convention) -> Decimal | None:
    """Reads a number with marks, as the convention declares; None: it does not fit."""
    if convention.decimal is None:
        return None
    group = "." if convention.decimal == "," else ","
    d, g = re.escape(convention.decimal), re.escape(group)
    if re.fullmatch(rf"[+-]?\d+{d}\d+", text):
        value = Decimal(text.replace(convention.decimal, "."))
        return None if convention.whole and _is_whole(value) else value  # 2.000 of a count may be two thousand
    if convention.grouped and re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}({g}\d{{3}})+({d}\d+)?", text):
        return Decimal(text.replace(group, "").replace(convention.decimal, "."))
    return None


def _ambiguous(text: str, seen: str, qualifier: Qualifier, convention: Convention) -> Doubt:
    """The doubt about a number that may have a decimal comma or a decimal point.

    A range with both bounds may admit only one reading, or none: then the number is out of range either way.
    """
    if convention.whole or convention.minimum is None or convention.maximum is None:
        return Doubt("ambiguous_number", seen)
    values = {_parse_marked(text, Convention(decimal, grouped=True)) for decimal in (",", ".")} - {None}
    readings = [_check_range(value, qualifier, convention) for value in values if value is not None]
    admitted = [reading for reading in readings if isinstance(reading, Number)]
    if readings and not admitted:
        return Doubt("out_of_range", seen)
    return Doubt("ambiguous_number", seen, admitted[0] if len(admitted) == 1 else None)


def _check_range(value: Decimal, qualifier: Qualifier, convention: Convention) -> Number | Doubt:
    low, high = convention.minimum, convention.maximum
    if not value.is_finite() or (low is not None and value < low) or (high is not None and value > high):
        return Doubt("out_of_range", str(value))
    if convention.whole and not _is_whole(value):
        return Doubt("not_whole", str(value))
    return Number(value or Decimal(0), qualifier)  # minus zero is zero


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()
