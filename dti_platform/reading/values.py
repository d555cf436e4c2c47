"""What the text of a worksheet's cell is worth, by its declared type and number format.

Here: the types of .xlsx (ECMA-376, part 1, 18.18.11), dates from serial numbers. Not here: where cells stand.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dti_platform.reading.cells import Kind, Unreadable, Value
from dti_platform.reading.legacy import Run, drawn
from dti_platform.reading.package import Style
from dti_platform.reading.written import flag, whole
from dti_platform.reading.xlsx_strings import unescape

__all__ = ["BLANK", "PLAIN", "Meaning", "Typing", "date", "no_text", "number", "text"]

#: A cell's raw text, its kind, and its value.
Meaning = tuple[str, Kind, Value]
BLANK: Meaning = ("", "blank", None)
PLAIN = Style("General", False, None)
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Typing:
    """What a workbook declares once for all its cells."""

    strings: list[Meaning]
    runs: Mapping[int, list[Run]]
    """By their number the strings in which a font is named."""
    styles: Sequence[Style]
    from_1904: bool
    uncalculated: bool
    name: str

    def meaning(self, kind: str, style: Style, found: str | None, formula: str | None) -> Meaning:
        """Raw text, kind and value; a formula without a calculated value is an error, never a blank or a zero.

        ``found`` is None where the cell has no value at all; an empty one is what a formula may say in text. Raises
        Unreadable where the cell's type is unknown or its text is not of its type.
        """
        if formula is not None and (self.uncalculated or found is None or (not found and kind != "str")):
            return f"={formula}", "error", None
        found = found or ""
        try:
            if kind == "s":
                return self.strings[whole(found)]
            return self._number(found, style) if kind == "n" else self._other(kind, found)
        except (ValueError, IndexError, OverflowError) as error:
            raise Unreadable(
                "damaged",
                f"{self.name} có một ô kiểu {kind} chứa {found[:40]!r} ({error})",
                f"{self.name} has a cell of type {kind} holding {found[:40]!r}: {error}",
            ) from error

    def _other(self, kind: str, found: str) -> Meaning:
        match kind:
            case "str" | "inlineStr":
                return text(unescape(found, self.name))
            case "b":
                return ("TRUE", "bool", True) if flag(found) else ("FALSE", "bool", False)
            case "e":
                return found, "error", None
            case "d":
                moment = dt.datetime.fromisoformat(found.removesuffix("Z"))
                return moment.isoformat(), "date", moment
            case unknown:
                raise ValueError(f"no such type as {unknown}")

    def _number(self, found: str, style: Style) -> Meaning:
        if not found:
            return BLANK
        value = float(found)
        if not found.isascii() or "_" in found:
            raise ValueError("not written as a number")
        if style.is_date:
            return date(value, found, from_1904=self.from_1904)
        return number(value)

    def style(self, number: int) -> Style:
        """A cell's style; without any styles there is the plain one. Raises ValueError: no such style."""
        if number < len(self.styles):
            return self.styles[number]
        if number or self.styles:
            raise ValueError(f"there is no style {number}")
        return PLAIN

    def in_unicode(self, meaning: Meaning, encoding: str | None, runs: Sequence[Run]) -> tuple[Meaning, str | None]:
        """A text in Unicode, and the legacy encoding that its fonts declare; ``encoding``: of the cell's font."""
        pieces = [(unescape(piece, self.name), font) for piece, font in runs] or [(meaning[0], None)]
        turned, found = drawn(pieces, encoding)
        return (text(turned) if found else meaning), found


def text(raw: str) -> Meaning:
    """Text; white space alone is blank, and neither half a surrogate pair nor NUL is a character."""
    if no_text(raw):
        return raw.encode("unicode_escape").decode("ascii"), "error", None
    return (raw, "text", raw) if raw.strip() else (raw, "blank", None)


def no_text(raw: str) -> bool:
    """Whether it holds what is no character: half of a surrogate pair, or NUL."""
    return "\0" in raw or (not raw.isascii() and any("\ud800" <= character <= "\udfff" for character in raw))


def number(value: float) -> Meaning:
    """A finite number, written as short as it is exact."""
    if not math.isfinite(value):
        return str(value), "error", None
    whole = value.is_integer() and abs(value) < _EXACT
    return (str(int(value)) if whole else repr(value)), "number", value


def date(serial: float, raw: str, *, from_1904: bool) -> Meaning:
    """A day, a time, or both, from a serial number; 29 February 1900, which never was, is not a date."""
    if from_1904:
        start = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet has no zone
    elif serial < 61:  # noqa: PLR2004
        start = dt.datetime(1899, 12, 31)  # noqa: DTZ001
        if serial >= 60:  # noqa: PLR2004
            return raw, "error", None
    else:
        start = dt.datetime(1899, 12, 30)  # noqa: DTZ001
    if serial < 0:
        return raw, "error", None
    moment = start + dt.timedelta(seconds=round(serial * 86_400))
    value = moment.time() if serial < 1 else moment.date() if serial.is_integer() else moment
    return value.isoformat(), "date", value
