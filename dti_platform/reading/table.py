"""Tables in sheets: where the declared headers stand, and the rows below them.

Here: finding columns by header and its aliases, never by row or column number. Not here: what a
column means, and which feed declares it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.numbers import Convention
from dti_platform.reading.text import Heads, heading, heads


@dataclass(frozen=True)
class Column:
    """A declared column: our name, the headers it is known by, and how its numbers are written."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    number: Convention | None = None
    """None: text, such as a code, and never a number."""
    note_vi: str = ""
    """Guidance for the sender, in Vietnamese."""

    @cached_property
    def headers(self) -> frozenset[str]:
        """All its headers, as they compare; of one that ends in an ellipsis its beginning."""
        return frozenset(filter(None, map(heading, (self.name, *self.aliases))))

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """Headers of which only the beginning is declared."""
        aliases = (alias for alias in self.aliases if alias.rstrip().endswith(("…", "...")))
        return frozenset(filter(None, map(heading, aliases)))

    def fits(self, readings: Iterable[str]) -> bool:
        """Whether a title, in one of the ways in which it may be read, is this column's."""
        return self.closeness(heads(readings)) > 0

    def closeness(self, title: Heads) -> int:
        """How much of a title is declared: 0 where it is another column's.

        A beginning ends where a word ends: ``Thu…`` is no beginning of ``Thuế``.
        """
        if not self.headers.isdisjoint(title.whole):
            return sys.maxsize
        return max(map(len, self.beginnings & title.begins), default=0) if self.beginnings else 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table found in a sheet."""

    sheet: Sheet
    header_row: int
    columns: Mapping[str, int]
    """Our column names, and where each stands (from 1)."""

    @property
    def header(self) -> list[Cell]:
        """The header's cells that hold something."""
        return [cell for cell in self.sheet.rows[self.header_row - 1] if not cell.blank]

    @property
    def before(self) -> list[Cell]:
        """What stands above the header: titles, notes."""
        return [cell for row in self.sheet.rows[: self.header_row - 1] for cell in row if not cell.blank]

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Every row below the header that holds something and is as long as the header, by our column names."""
        places = [(name, column - 1) for name, column in self.columns.items()]
        for row in self.sheet.rows[self.header_row :]:
            if any(not cell.blank for cell in row) and not self._is_ragged(row):
                yield {name: row[place] for name, place in places}

    def ragged(self) -> Iterator[list[Cell]]:
        """Rows whose cells can't be assigned to columns: shorter than the header, or filled beyond it."""
        for row in self.sheet.rows[self.header_row :]:
            if any(not cell.blank for cell in row) and self._is_ragged(row):
                yield row

    def _is_ragged(self, row: list[Cell]) -> bool:
        width = len(self.sheet.rows[self.header_row - 1])
        return len(row) < width or (len(row) > width and any(not cell.blank for cell in row[width:]))


def find_table(sheet: Sheet, columns: tuple[Column, ...]) -> Table:
    """The first row that holds every required header is the header.

    Raises Unreadable: no such row (the nearest row's missing headers are named), or a header twice.
    """
    missing_least: list[str] = [column.name for column in columns if column.required]
    known = {column.name: column.headers for column in columns}
    for number, row in enumerate(sheet.rows, 1):
        seen = [(heading(cell.raw), cell.column) for cell in row if cell.kind == "text"]
        places = {name: [at for text, at in seen if text in headers] for name, headers in known.items()}
        missing = [column.name for column in columns if column.required and not places[column.name]]
        if not missing:
            if repeated := _repeated(places, columns, sheet, number):
                raise repeated
            return Table(sheet, number, {name: at[0] for name, at in places.items() if at})
        missing_least = min(missing_least, missing, key=len)
    raise Unreadable("header_missing", "in_no_row", sheet=sheet.called, headers=_titles(columns, missing_least))


def tables_of(book: Book, columns: tuple[Column, ...]) -> list[Table]:
    """The tables of those sheets of a book that have one.

    Raises Unreadable: its only sheet has none, or a sheet has a header twice.
    """
    tables: list[Table] = []
    for sheet in book.sheets:
        try:
            tables.append(find_table(sheet, columns))
        except Unreadable as fault:
            if len(book.sheets) == 1 or fault.reason != "header_missing":
                raise
    return tables


def _repeated(
    places: Mapping[str, list[int]], columns: tuple[Column, ...], sheet: Sheet, row: int
) -> Unreadable | None:
    """Why a header that stands more than once in a row is refused."""
    name = next((name for name, at in places.items() if len(at) > 1), None)
    if name is None:
        return None
    title, times = _titles(columns, [name]), len(places[name])
    return Unreadable("header_repeated", "in_row", sheet=sheet.called, title=title, times=times, row=row)


def _titles(columns: tuple[Column, ...], names: Collection[str]) -> str:
    """Columns as a sender knows them: by the first of their headers, with our name."""
    wanted = (column for column in columns if column.name in names)
    return ", ".join(f"{column.aliases[0]} ({column.name})" if column.aliases else column.name for column in wanted)
