"""Number formats: what a cell's format is called, and whether it makes a number a date or a time.

Here: formats by number and by code, alike in .xlsx and .xls. Not here: the value of a date (``values``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["GENERAL", "Format", "format_of"]

#: A format's code, and whether it shows a date or a time.
Format = tuple[str, bool]
GENERAL: Format = ("General", False)
#: Formats that have a meaning by their number alone (ECMA-376, part 1, 18.8.30): dates and times.
_BUILTIN_DATES = dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "date")
_BUILTIN = {9: "0%", 10: "0.00%", 49: "@"}
#: No format is longer, by the formats' own rules; more is not looked at.
_LONGEST = 255
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)


def format_of(number: int, named: Mapping[int, str]) -> Format:
    """A format by its number; ``named`` are the workbook's own, and number 0 is nobody's own."""
    if number == 0:
        return GENERAL
    if number in named and named[number].casefold() != "general":
        code = named[number][:_LONGEST]
        return code, bool(re.search(r"[dmyhs]", _NOT_FORMAT.sub("", code), re.IGNORECASE))
    return _BUILTIN.get(number, _BUILTIN_DATES.get(number, f"#{number}")), number in _BUILTIN_DATES
