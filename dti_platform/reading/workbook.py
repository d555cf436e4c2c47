"""Workbooks (.xlsx) cell by cell, with the types that the file gives.

Here: the way from bytes to a book, behind the guard. Not here: what a sheet means.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import python_calamine

from dti_platform.reading.cells import Book, Cell, Kind, Sheet, Unreadable, letters
from dti_platform.reading.guard import inspect_archive

__all__ = ["read_workbook"]


def read_workbook(content: bytes, name: str) -> Book:
    """Reads every sheet of a workbook, hidden ones too.

    Raises Unreadable: not a workbook, encrypted, damaged, or unsafe to open.
    """
    inspect_archive(content, name)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        sheets = tuple(_sheet(workbook, index) for index in range(len(workbook.sheet_names)))
    except python_calamine.PasswordError as error:
        raise Unreadable("encrypted", f"{name} is protected by a password") from error
    except python_calamine.CalamineError as error:
        raise Unreadable("damaged", f"{name} can't be opened as a workbook: {error}") from error
    return Book(name, sheets)


def _sheet(workbook: python_calamine.CalamineWorkbook, index: int) -> Sheet:
    metadata = workbook.sheets_metadata[index]
    if metadata.typ is not python_calamine.SheetTypeEnum.WorkSheet:
        return Sheet(metadata.name, [], hidden=True)
    values = workbook.get_sheet_by_index(index).to_python(skip_empty_area=False)
    hidden = metadata.visible is not python_calamine.SheetVisibleEnum.Visible
    return Sheet(metadata.name, _rows(metadata.name, values), hidden)


def _rows(name: str, values: Sequence[Sequence[Any]]) -> list[list[Cell]]:
    columns = [f"{name}!{letters(column)}" for column in range(1, max(map(len, values), default=0) + 1)]
    return [
        [
            Cell(name, number, column, f"{at}{number}", *_READERS.get(type(value), _other)(value))
            for column, (at, value) in enumerate(zip(columns, row, strict=False), 1)
        ]
        for number, row in enumerate(values, 1)
    ]


def _text(value: str) -> tuple[str, Kind, str | None]:
    return (value, "text", value) if value.strip() else (value, "blank", None)


def _number(value: float) -> tuple[str, Kind, float]:
    if not math.isfinite(value):
        return str(value), "error", value
    whole = value.is_integer() and abs(value) < 2**53
    return str(int(value)) if whole else repr(value), "number", value


def _bool(value: bool) -> tuple[str, Kind, bool]:
    return ("TRUE" if value else "FALSE"), "bool", value


def _date(value: dt.date | dt.time) -> tuple[str, Kind, Any]:
    return value.isoformat(), "date", value


def _other(value: object) -> tuple[str, Kind, Any]:
    return str(value), "date", value


_READERS: dict[type, Callable[[Any], tuple[str, Kind, Any]]] = {
    str: _text,
    float: _number,
    bool: _bool,
    dt.date: _date,
    dt.datetime: _date,
    dt.time: _date,
}
