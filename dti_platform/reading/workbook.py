"""Workbooks cell by cell, with the types that the file gives.

Here: what a file is, by its bytes and never by its name. Not here: what a sheet means.
"""

from __future__ import annotations

from collections.abc import Sequence

from dti_platform.reading.biff import read_xls
from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.grid import Grid, measured
from dti_platform.reading.guard import OLE, ZIP, weigh
from dti_platform.reading.xlsx import read_xlsx

__all__ = ["read_grids", "read_workbook"]


def read_workbook(content: bytes, name: str) -> Book:
    """Reads every sheet of a workbook, hidden ones too.

    Raises Unreadable: not a workbook, encrypted, damaged, or unsafe to open.
    """
    return Book(name, tuple(grid.sheet() for grid in read_grids(content, name)))


def read_grids(content: bytes, name: str) -> Sequence[Grid]:
    """Likewise, but only what stands where."""
    weigh(content, name)
    if content.startswith(ZIP):
        return measured(read_xlsx(content, name), name)
    if content.startswith(OLE):
        return measured(read_xls(content, name), name)
    raise Unreadable("not_a_workbook", f"{name} không phải là bảng tính", f"{name} is no workbook")
