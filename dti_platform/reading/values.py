"""Values of cells: text, number or date; number formats; scalars of XML.

Here: what .xlsx, .xls and JSON share. Not here: the cell types of .xlsx (``xlsx.sheet``), and the positions of cells
(``grid``).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from functools import lru_cache

from dti_platform.reading.cells import Kind, Value

#: A cell's raw text, its kind, and its value.
Meaning = tuple[str, Kind, Value]
BLANK: Meaning = ("", "blank", None)
_EXACT_BELOW = 2**53
#: The code of a number format, and whether it displays a date or a time.
Format = tuple[str, bool]
GENERAL: Format = ("General", False)
#: The built-in formats by number (ECMA-376, part 1, 18.8.30), with their English codes.
_BUILTIN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0_);($#,##0)", 6: "$#,##0_);[Red]($#,##0)",
    7: "$#,##0.00_);($#,##0.00)", 8: "$#,##0.00_);[Red]($#,##0.00)", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_($* #,##0_);_($* (#,##0);_($* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', 44: '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
#: The built-in formats of dates and times; the higher ones depend on the locale (East Asian eras).
_BUILTIN_DATES = dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-mm-dd")
#: The specified maximum length of a format; the rest is ignored.
_LONGEST = 255
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
#: The limit of spreadsheet programs; the name is part of every locator.
LONGEST_SHEET_NAME = 31
_WHOLE_NUMBER = re.compile(r"\+?[0-9]{1,10}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FLAGS = {"0": False, "1": True, "false": False, "true": True}


def text(raw: str) -> Meaning:
    """Text; only white space is blank, and text with half a surrogate pair or NUL is an error."""
    if has_non_character(raw):
        return raw.encode("unicode_escape").decode("ascii"), "error", None
    return (raw, "text", raw) if raw.strip() else (raw, "blank", None)


def has_non_character(raw: str) -> bool:
    """Whether a text holds half of a surrogate pair, or NUL: neither is a character."""
    return "\0" in raw or (not raw.isascii() and _SURROGATE.search(raw) is not None)


def number(value: float) -> Meaning:
    """A finite number, in its shortest exact notation."""
    if not math.isfinite(value):
        return str(value), "error", None
    is_whole = value.is_integer() and abs(value) < _EXACT_BELOW
    return (str(int(value)) if is_whole else repr(value)), "number", value


def date(serial: float, raw: str, *, from_1904: bool) -> Meaning:
    """A date, a time or both from a serial number; 29 February 1900, which did not exist, is an error."""
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


def format_of(number: int, declared: Mapping[int, str]) -> Format:
    """A format by its number, ``declared`` in the workbook or built in; number 0 is always General."""
    if number in declared and number != 0:
        code = declared[number][:_LONGEST]
        if code.casefold() == "general":
            return GENERAL
        return code, bool(re.search(r"[dmyhs]", _LITERAL.sub("", code), re.IGNORECASE))
    return _BUILTIN.get(number, _BUILTIN_DATES.get(number, f"#{number}")), number in _BUILTIN_DATES


@lru_cache(maxsize=2**14)
def parse_int(text: str) -> int:
    """Parses a whole number from 0: no minus sign, no ``1_0``, no digits of other scripts; raises ValueError."""
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a whole number")
    return int(text)


def parse_bool(text: str) -> bool:
    """Parses a boolean of XML; raises ValueError."""
    if text not in _FLAGS:
        raise ValueError(f"{text[:40]!r} is not a truth value")
    return _FLAGS[text]


def sheet_name(name: str) -> str:
    """Returns the name of a sheet; raises ValueError if it is empty, too long, or holds a control character."""
    if not name or any(character < " " for character in name):
        raise ValueError(f"a sheet is named {name[:40]!r}")
    if len(name) > LONGEST_SHEET_NAME:
        raise ValueError(f"the name of a sheet has {len(name)} characters, more than {LONGEST_SHEET_NAME}")
    return name
