"""Workbooks of .xlsx: from a zip archive and its XML parts to sheets of cells.

Here: reading a whole workbook, or the first rows of its sheets. Not here: archives (``archive``), what a workbook
declares for all sheets (``package``), and one sheet (``sheet``).
"""

from __future__ import annotations

from dti_platform.problems import catalogue
from dti_platform.reading.grid import Gathered
from dti_platform.reading.limits import check_sheets
from dti_platform.reading.values import text
from dti_platform.reading.xlsx.archive import open_archive
from dti_platform.reading.xlsx.package import read_contents, read_strings, read_styles
from dti_platform.reading.xlsx.sheet import Typing, read_sheet

__all__ = ["read_xlsx"]

#: How many shared strings are read per row when only the first rows are read: more than titles use.
_STRINGS_IN_A_ROW = 4


def read_xlsx(content: bytes, name: str, rows: int | None = None) -> Gathered:
    """Reads every worksheet, hidden ones too; with ``rows`` only the first rows of each, in a tenth of the time.

    Raises Unreadable: the content is not a workbook, encrypted, damaged, or unsafe to open; or the first rows can't be
    read without the rest of the workbook.
    """
    parts = open_archive(content, name)
    contents = read_contents(parts, name)
    check_sheets(len(contents.sheets), name)
    strings = read_strings(parts, name, rows and rows * _STRINGS_IN_A_ROW)
    typing = Typing(
        [text(string) for string in strings.texts],
        strings.runs,
        read_styles(parts, name),
        contents.from_1904,
        contents.uncalculated,
        name,
    )
    grids = [read_sheet(part, parts[part.path], typing, name, rows) for part in contents.sheets]
    return Gathered(grids, (catalogue("warning")["read_as_found"].detail["macros"],) if contents.macros else ())
