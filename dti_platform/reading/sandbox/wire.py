"""The messages between parent and child: files one way, their cells the other.

Here: both messages, packed and unpacked, in JSON; what a task is asked and answers is JSON of its own. Not here:
processes (``parent``, ``child``). Of a sheet only the cells that hold something are sent, column by column of their
properties; the rest is blank again on the other side.
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
    headers = [sorted(each) for each in form.headers]
    declared = {"delimiter": form.delimiter, "encoding": form.encoding, "names": names, "headers": headers}
    head = json.dumps({"name": name, "asked": asked, **declared}).encode()
    return with_sizes(head, content)


def with_sizes(head: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    """A message to the child in two parts, the sizes of both before them."""
    return struct.pack("<QQ", len(head), len(content)), head, content


def unpack_form(head: Mapping[str, Any]) -> Form:
    """The form of a request's head."""
    return Form(head["delimiter"], head["encoding"], head["names"], head["headers"])


def pack(outcome: Book | Gathered | Unreadable) -> dict[str, object]:
    """What a file holds, or why it is refused, for JSON."""
    if isinstance(outcome, Unreadable):
        return {"reason": outcome.reason, "detail": outcome.detail}
    if isinstance(outcome, Book):
        rows = [[cell[3:6] for cell in row] for sheet in outcome.sheets for row in sheet.rows]
        return {"rows": rows, "remarks": outcome.remarks}
    return {"grids": [_pack_grid(grid) for grid in outcome.grids], "remarks": outcome.remarks}


def _pack_grid(grid: Grid) -> list[object]:
    rows, columns, raws, kinds, _, *more = zip(*grid.placed, strict=True) if grid.placed else ((),) * 9
    coded = [_coded(values) for values in more]
    hidden_columns = [[columns.start, columns.stop] for columns in grid.hidden_columns]
    return [grid.name, grid.hidden, rows, columns, raws, kinds, coded, [*grid.hidden_rows], hidden_columns, grid.merged]


def _coded(values: Sequence[str | None]) -> tuple[list[int], list[str | None]]:
    """Values as numbers of the different ones among them; no numbers where all are the same."""
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    if len(numbers) == 1:
        return [], list(numbers)
    return list(map(numbers.__getitem__, values)), list(numbers)


def unpack(answer: Mapping[str, Any], name: str) -> Book | Unreadable:
    """The book, or the refusal.

    Raises ValueError, TypeError, KeyError or Unreadable where the answer is neither.
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
    more = [
        map(different.__getitem__, codes) if len(different) != 1 else repeat(different[0], len(rows))
        for codes, different in coded
    ]
    placed = [Placed(*cell) for cell in zip(rows, columns, raws, kinds, values, *more, strict=True)]
    ranges = [range(*ends) for ends in hidden_columns]
    return Grid(name, hidden, placed, {*hidden_rows}, ranges, [Area(*area) for area in merged])


def _value(raw: str, kind: str) -> Value:
    """A cell's value follows from its raw text and its kind."""
    if kind == "text":
        return raw
    if kind == "number":
        return float(raw)
    if kind == "bool":
        return raw == "TRUE"
    return _moment(raw) if kind == "date" else None


def _moment(raw: str) -> Value:
    """A day, a time of day, or both."""
    if "T" in raw:
        return dt.datetime.fromisoformat(raw.removesuffix("Z"))
    return dt.time.fromisoformat(raw) if ":" in raw else dt.date.fromisoformat(raw)
