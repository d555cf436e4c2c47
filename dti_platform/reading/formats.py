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
#: Formats that have a meaning by their number alone (ECMA-376, part 1, 18.8.30), as they are written in English.
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
#: Those that show a day or a time; what the higher ones look like hangs on the country (East Asian eras).
_BUILTIN_DATES = dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-mm-dd")
#: No format is longer, by the formats' own rules; more is not looked at.
_LONGEST = 255
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)


def format_of(number: int, named: Mapping[int, str]) -> Format:
    """A format by its number; ``named`` are the workbook's own, and number 0 is nobody's own."""
    if number in named and number != 0:
        code = named[number][:_LONGEST]
        if code.casefold() == "general":
            return GENERAL
        return code, bool(re.search(r"[dmyhs]", _NOT_FORMAT.sub("", code), re.IGNORECASE))
    return _BUILTIN.get(number, _BUILTIN_DATES.get(number, f"#{number}")), number in _BUILTIN_DATES
