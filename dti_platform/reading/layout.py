"""Tables as a feed declares them: columns by header, and which rows are totals, regions or notes.

Here: the declaration, and the rows below a header told apart by it. Not here: finding headers (``headers``), and what
a row's cells mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.headers import Header, find_headers
from dti_platform.reading.table import Column
from dti_platform.reading.text import comparable, one_spelling

__all__ = ["Body", "Layout", "Line", "LineKind", "Rule", "find_bodies"]

LineKind = Literal["unit", "total", "region", "note"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row is of a kind where the text of one of its columns is as the pattern says, whole and without case."""

    kind: LineKind
    column: str
    pattern: str

    def applies(self, cells: dict[str, Cell]) -> bool:
        """Whether the row is of this kind."""
        cell = cells.get(self.column)
        return cell is not None and re.fullmatch(one_spelling(self.pattern), comparable(cell.raw)) is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """How the tables of a feed are drawn."""

    columns: tuple[Column, ...]
    key: str
    """The column that names the unit; a row in which it is blank is a note."""
    repeated: tuple[Column, ...] = ()
    """Columns that stand again under every group of the header."""
    rules: tuple[Rule, ...] = ()
    """The first that applies says of which kind a row is; a row to which none applies is of a unit."""
    ignored: tuple[str, ...] = ()
    """Names of sheets that are passed over, as in fnmatch but without case."""

    def kind(self, cells: dict[str, Cell]) -> LineKind:
        """What a row is."""
        for rule in self.rules:
            if rule.applies(cells):
                return rule.kind
        return "note" if cells[self.key].blank else "unit"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table, by our column names; those under groups by group and name."""

    kind: LineKind
    cells: dict[str, Cell]
    grouped: dict[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class Body:
    """A table: its header, and how far down and to the sides it reaches."""

    sheet: Sheet
    header: Header
    layout: Layout
    bottom: int

    @property
    def titles(self) -> list[Cell]:
        """The header's cells that hold something."""
        return [cell for row in self._rows(self.header.top, self.header.bottom) for cell in row if not cell.blank]

    def lines(self) -> Iterator[Line]:
        """The rows below the header that hold something in a declared column."""
        at = self.header.columns.items()
        under = [((group.title, name), place) for group in self.header.groups for name, place in group.columns.items()]
        for row in self._rows(self.header.bottom + 1, self.bottom):
            cells = {name: row[place - self.header.left] for name, place in at}
            grouped = {name: row[place - self.header.left] for name, place in under}
            if not all(cell.blank for cell in (*cells.values(), *grouped.values())):
                yield Line(self.layout.kind(cells), cells, grouped)

    def _rows(self, top: int, bottom: int) -> Iterator[list[Cell]]:
        for row in self.sheet.rows[top - 1 : bottom]:
            if len(row) >= self.header.right:
                yield row[self.header.left - 1 : self.header.right]


def find_bodies(book: Book, layout: Layout) -> list[Body]:
    """Every table of a book that is drawn as declared, sheet by sheet.

    Raises Unreadable: there is none; or a header stands twice in a table.
    """
    found: list[Body] = []
    faults: list[Unreadable] = []
    for sheet in book.sheets:
        if any(fnmatchcase(comparable(sheet.name or ""), comparable(pattern)) for pattern in layout.ignored):
            continue
        try:
            headers = find_headers(sheet, layout.columns, layout.repeated)
        except Unreadable as fault:
            if fault.reason != "header_missing":
                raise
            faults.append(fault)
            continue
        found += [Body(sheet, header, layout, _bottom(header, headers, sheet)) for header in headers]
    if not found:
        vi, en = f"{book.name} không có trang tính nào để đọc", f"{book.name} has no sheet to read"
        none = Unreadable("header_missing", vi, en)
        raise min(faults, key=lambda fault: len(fault.detail.en), default=none)
    return found


def _bottom(header: Header, headers: list[Header], sheet: Sheet) -> int:
    """A table ends before the next one below it."""
    return min((other.top - 1 for other in headers if other.top > header.top), default=len(sheet.rows))
