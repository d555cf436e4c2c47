"""Headers of tables as people draw them: over several rows, in two languages, under merged groups, side by side.

Here: which columns of a sheet bear which declared header, and over which rows. Not here: the rows below (``layout``).
No row or column is ever given by its number: a table that was moved, or that got a new column, is found all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dti_platform.reading.cells import Area, Cell, Sheet, Unreadable
from dti_platform.reading.table import Column
from dti_platform.reading.text import comparable

__all__ = ["Group", "Header", "find_headers"]

#: The most rows over which a header may be spread, with second headers and the row of column numbers.
DEEPEST = 12
#: The most rows that may begin a header: a sheet that begins one again and again has no table.
MOST_TRIED = 1_000
_NUMBERED = re.compile(r"^[a-z]$|^\(?\d{1,2}\)?$|^\(?\d{1,2}\)?\s*=.*$")


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that stand under one header of their own, such as a year, and again under the next."""

    title: str
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """Where one table's header stands; rows and columns from 1, ends included."""

    top: int
    bottom: int
    left: int
    right: int
    columns: dict[str, int]
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class _Titles:
    """The titles of a sheet's columns over a window of rows, each in the ways in which it may be read."""

    sheet: Sheet
    anchors: dict[tuple[int, int], tuple[int, int]]
    top: int
    bottom: int

    def parts(self, column: int) -> list[str]:
        """The texts above one column, a merged one once."""
        seen: dict[tuple[int, int], str] = {}
        for row in range(self.top, self.bottom + 1):
            at = self.anchors.get((row, column), (row, column))
            cell = _cell(self.sheet, *at)
            if at[0] >= self.top and cell is not None and _is_title(cell):
                seen[at] = cell.raw
        return list(seen.values())

    def readings(self, column: int) -> set[str]:
        """The whole title; and of cells that say it in two languages, line by line, the first and the last."""
        parts = [part.strip().split("\n") for part in self.parts(column)]
        ways = ([" ".join(lines) for lines in parts], [lines[0] for lines in parts], [lines[-1] for lines in parts])
        return {comparable(" ".join(way)) for way in ways}


def find_headers(sheet: Sheet, columns: Sequence[Column], repeated: Sequence[Column] = ()) -> list[Header]:
    """Every header that bears all required columns: those side by side, and those further down.

    Raises Unreadable: none (the missing headers of the nearest are named), or a header twice where others stand once.
    """
    anchors = _anchors(sheet.merged)
    headers: list[Header] = []
    nearest = [column.name for column in columns if column.required]
    top = 1
    tried = 0
    while top <= len(sheet.rows) and tried < MOST_TRIED:
        windows = [_Titles(sheet, anchors, top, bottom) for bottom in _bottoms(sheet, top, columns)]
        matches = [(*_match(titles, columns), titles) for titles in windows]
        tried += bool(matches)
        whole = [(found, titles) for found, missing, titles in matches if not missing]
        if whole:
            found, titles = max(whole, key=lambda match: (sum(map(bool, match[0].values())), match[1].bottom))
            last = _last(titles, found)
            headers += _side_by_side(titles, found, last, columns, repeated)
            top = last
        nearest = min([nearest, *(missing for _, missing, _ in matches if missing)], key=len)
        top += 1
    if not headers:
        where, names = sheet.called, ", ".join(nearest)
        raise Unreadable(
            "header_missing",
            f"{where.vi} không có bảng nào có các tiêu đề: {names}",
            f"{where.en} has no table with the headers: {names}",
        )
    return headers


def _anchors(merged: Sequence[Area]) -> dict[tuple[int, int], tuple[int, int]]:
    """For every position inside a merged area its first cell, as far as headers reach."""
    return {
        (row, column): (area.top, area.left)
        for area in merged
        if area.bottom - area.top <= DEEPEST and area.right - area.left <= 1_000  # noqa: PLR2004 - no header is wider
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    }


def _bottoms(sheet: Sheet, top: int, columns: Sequence[Column]) -> Iterator[int]:
    """Where a header that begins in a row may end: its rows hold titles alone, and the last is not empty."""
    texts = {line for cell in sheet.rows[top - 1] if _is_title(cell) for line in _lines(cell)}
    if not any(_begins(alias, text) for column in columns for alias in column.headers for text in texts):
        return
    for bottom, row in enumerate(sheet.rows[top - 1 : top - 1 + DEEPEST], top):
        filled = [cell for cell in row if not cell.blank]
        if not all(map(_is_title, filled)):
            return
        if filled:
            yield bottom


def _is_title(cell: Cell) -> bool:
    """A text, or a year that was typed as a number."""
    year = cell.kind == "number" and cell.raw.isdecimal() and 1900 <= int(cell.raw) <= 2100  # noqa: PLR2004
    return cell.kind == "text" or year


def _lines(cell: Cell) -> set[str]:
    lines = cell.raw.strip().split("\n")
    return {comparable(cell.raw), comparable(lines[0]), comparable(lines[-1])}


def _begins(alias: str, text: str) -> bool:
    return alias.startswith(text) or (alias.endswith("…") and text.startswith(alias[:-1].strip()))


def _matches(column: Column, readings: set[str]) -> bool:
    """A title is a declared one, or begins as one that ends in an ellipsis."""
    return any(
        alias in readings or (alias.endswith("…") and any(text.startswith(alias[:-1].strip()) for text in readings))
        for alias in column.headers
    )


def _match(titles: _Titles, columns: Sequence[Column]) -> tuple[dict[str, list[int]], list[str]]:
    """Where each declared column stands, and which required ones stand nowhere."""
    width = max((len(row) for row in titles.sheet.rows[titles.top - 1 : titles.bottom]), default=0)
    readings = {column: titles.readings(column) for column in range(1, width + 1)}
    found = {each.name: [at for at, texts in readings.items() if _matches(each, texts)] for each in columns}
    return found, [each.name for each in columns if each.required and not found[each.name]]


def _last(titles: _Titles, found: dict[str, list[int]]) -> int:
    """The last row of the header: a second header or a row of column numbers below it is part of it."""
    places = [at for columns in found.values() for at in columns]
    above = {text for place in places for text in titles.readings(place)}
    bottom = titles.bottom
    for row in titles.sheet.rows[titles.bottom : titles.bottom + DEEPEST]:
        filled = [cell for cell in row if not cell.blank]
        ours = [comparable(row[at - 1].raw) for at in places if at <= len(row) and not row[at - 1].blank]
        plain = [comparable(cell.raw) for cell in filled if cell.kind != "error"]
        numbered = all(map(_NUMBERED.match, plain)) and len(ours) * 2 > len(places)
        again = all(cell.kind == "text" for cell in filled) and len(ours) == len(places) and not above.isdisjoint(ours)
        if filled and not (numbered or again):
            break
        bottom = row[0].row if filled else bottom
    return bottom


def _side_by_side(
    titles: _Titles, found: dict[str, list[int]], last: int, columns: Sequence[Column], repeated: Sequence[Column]
) -> Iterator[Header]:
    """One header for each time that the required columns stand beside one another."""
    times = {each.name: len(found[each.name]) for each in columns if each.required}
    count = min(times.values(), default=1)
    if any(time != count for time in times.values()):
        raise _twice(titles, max(times, key=lambda name: times[name]))
    width = max(len(row) for row in titles.sheet.rows[titles.top - 1 : last])
    even = [places for places in found.values() if len(places) == count]
    starts = [1, *(min(places[at] for places in even) for at in range(1, count))]
    for left, after in zip(starts, [*starts[1:], width + 1], strict=True):
        here = {name: [at for at in places if left <= at < after] for name, places in found.items()}
        for name, places in here.items():
            if len(places) > 1:
                raise _twice(titles, name)
        single = {name: places[0] for name, places in here.items() if places}
        yield Header(titles.top, last, left, after - 1, single, _groups(titles, repeated, left, after))


def _twice(titles: _Titles, name: str) -> Unreadable:
    where = titles.sheet.called
    return Unreadable(
        "header_repeated",
        f"{where.vi} có tiêu đề {name} nhiều hơn một lần, kể từ dòng {titles.top}",
        f"{where.en} has the header {name} more than once from row {titles.top} on",
    )


def _groups(titles: _Titles, repeated: Sequence[Column], left: int, after: int) -> tuple[Group, ...]:
    """Columns that stand once under every group: the group's title is what stands above their own."""
    groups: dict[str, dict[str, int]] = {}
    title = ""
    for column in range(left, after):
        *above, own = titles.parts(column) or [""]
        title = comparable(" ".join(above)) or title
        for each in repeated:
            if _matches(each, {comparable(own), *map(comparable, own.strip().split("\n"))}):
                held = groups.setdefault(title, {})
                if each.name in held:
                    raise _twice(titles, each.name)
                held[each.name] = column
    return tuple(Group(title, columns) for title, columns in groups.items())


def _cell(sheet: Sheet, row: int, column: int) -> Cell | None:
    cells = sheet.rows[row - 1] if row <= len(sheet.rows) else []
    return cells[column - 1] if column <= len(cells) else None
