"""The messages between parent and child: files to the child, their cells to the parent.

Here: packing and unpacking of both messages (JSON); the questions and answers of a task are JSON too. Not here:
processes (``parent``, ``child``). Of a sheet only the filled cells are sent, as one list per property; the parent adds
the blank ones.
"""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, cast

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Area, Book, Cell, Kind, Sheet, Unreadable, Value
from dti_platform.reading.grid import Gathered, Grid, Placed, check_grids
from dti_platform.reading.opening import Form


def pack_request(content: bytes, name: str, form: Form, asked: object) -> tuple[bytes, bytes, bytes]:
    """The sizes of head and content, the head (JSON), and the content."""
    names = [list(group) for group in form.names]
    headers = [sorted(header) for header in form.headers]
    declared = {"delimiter": form.delimiter, "encoding": form.encoding, "names": names, "headers": headers}
    head = json.dumps({"name": name, "asked": asked, **declared}).encode()
    return with_sizes(head, content)


def with_sizes(head: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    """A message to the child in two parts, preceded by their sizes."""
    return struct.pack("<QQ", len(head), len(content)), head, content


def unpack_form(head: Mapping[str, Any]) -> Form:
    """The form of a request's head."""
    return Form(head["delimiter"], head["encoding"], head["names"], head["headers"])


def pack(outcome: Book | Gathered | Unreadable) -> dict[str, object]:
    """The content of a file, or its refusal, for JSON."""
    if isinstance(outcome, Unreadable):
        return {"reason": outcome.reason, "detail": outcome.detail}
    if isinstance(outcome, Book):
        rows = [[cell[3:6] for cell in row] for sheet in outcome.sheets for row in sheet.rows]
        return {"rows": rows, "remarks": outcome.remarks}
    return {"grids": [_pack_grid(grid) for grid in outcome.grids], "remarks": outcome.remarks}


def _pack_grid(grid: Grid) -> list[object]:
    rows, columns, raws, kinds, _, *properties = zip(*grid.placed, strict=True) if grid.placed else ((),) * 9
    coded = [_encode_values(values) for values in properties]
    hidden_columns = [[columns.start, columns.stop] for columns in grid.hidden_columns]
    return [grid.name, grid.hidden, rows, columns, raws, kinds, coded, [*grid.hidden_rows], hidden_columns, grid.merged]


def _encode_values(values: Sequence[str | None]) -> tuple[list[int], list[str | None]]:
    """Dictionary encoding: the index of each value, and the distinct values; no indexes if all values are the same."""
    indexes = {value: index for index, value in enumerate(dict.fromkeys(values))}
    if len(indexes) == 1:
        return [], list(indexes)
    return list(map(indexes.__getitem__, values)), list(indexes)


def unpack(answer: Mapping[str, Any], name: str) -> Book | Unreadable:
    """The book, or the refusal.

    Raises ValueError, TypeError, KeyError or Unreadable if the answer is neither.
    """
    if "reason" in answer:
        return Unreadable(str(answer["reason"]), Bilingual(*map(str, answer["detail"])))
    remarks = tuple(Bilingual(*map(str, remark)) for remark in answer["remarks"])
    if "rows" in answer:
        return Book(name, (Sheet(None, [_row(number, row) for number, row in enumerate(answer["rows"], 1)]),), remarks)
    grids = [_unpack_grid(*grid) for grid in answer["grids"]]
    return Gathered(check_grids(grids, name), remarks).book(name)


def _row(number: int, row: list[list[str]]) -> list[Cell]:
    return [
        Cell(None, number, column, locator, raw, cast(Kind, kind), _value(raw, kind))
        for column, (locator, raw, kind) in enumerate(row, 1)
    ]


def _unpack_grid(
    name: str, hidden: bool, rows: list[int], columns: list[int], raws: list[str], kinds: list[Kind],
    coded: list[tuple[list[int], list[Any]]], hidden_rows: list[int], hidden_columns: list[list[int]],
    merged: list[list[int]],
) -> Grid:  # fmt: skip
    values = map(_value, raws, kinds)
    properties = [
        map(distinct.__getitem__, indexes) if len(distinct) != 1 else repeat(distinct[0], len(rows))
        for indexes, distinct in coded
    ]
    placed = [Placed(*cell) for cell in zip(rows, columns, raws, kinds, values, *properties, strict=True)]
    ranges = [range(*ends) for ends in hidden_columns]
    return Grid(name, hidden, placed, {*hidden_rows}, ranges, [Area(*area) for area in merged])


def _value(raw: str, kind: str) -> Value:
    """The value of a cell, from its raw text and its kind."""
    if kind == "text":
        return raw
    if kind == "number":
        return float(raw)
    if kind == "bool":
        return raw == "TRUE"
    return _moment(raw) if kind == "date" else None


def _moment(raw: str) -> Value:
    """A date, a time of day, or both."""
    if "T" in raw:
        return dt.datetime.fromisoformat(raw.removesuffix("Z"))
    return dt.time.fromisoformat(raw) if ":" in raw else dt.date.fromisoformat(raw)
