"""Workbooks cell by cell, with the types that the file gives.

Here: what a file is, by its bytes and never by its name. Not here: what a sheet means.
"""

from __future__ import annotations

from dti_platform.reading.bare import is_bare
from dti_platform.reading.biff import read_xls
from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.grid import Gathered, measured
from dti_platform.reading.guard import OLE, ZIP, weigh
from dti_platform.reading.strangers import refuse_stranger
from dti_platform.reading.xlsx import read_xlsx

__all__ = ["read_grids", "read_workbook"]


def read_workbook(content: bytes, name: str) -> Book:
    """Reads every sheet of a workbook, hidden ones too.

    Raises Unreadable: not a workbook, encrypted, damaged, or unsafe to open.
    """
    return read_grids(content, name).book(name)


def read_grids(content: bytes, name: str) -> Gathered:
    """Likewise, but only what stands where."""
    weigh(content, name)
    refuse_stranger(content, name)
    if content.startswith(ZIP):
        found = read_xlsx(content, name)
    elif content.startswith(OLE) or is_bare(content):
        found = read_xls(content, name)
    else:
        raise Unreadable("not_a_workbook", f"{name} không phải là bảng tính", f"{name} is no workbook")
    return found._replace(grids=measured(found.grids, name))
