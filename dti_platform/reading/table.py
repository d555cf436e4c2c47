"""Tables in sheets: the row of declared headers, and the rows below it.

Here: finding columns by their headers and aliases, never by row or column number. Not here: what a column means, and
which feed declares it.
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
    """A declared column: our name, its headers, and how its numbers are written."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    number: Convention | None = None
    """None: the column holds text, such as codes, and no numbers."""
    note_vi: str = ""
    """Guidance for the sender, in Vietnamese."""

    @cached_property
    def headers(self) -> frozenset[str]:
        """All its headers, normalised; for one that ends in an ellipsis, its beginning."""
        return frozenset(filter(None, map(heading, (self.name, *self.aliases))))

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The headers that are declared by their beginning."""
        aliases = (alias for alias in self.aliases if alias.rstrip().endswith(("…", "...")))
        return frozenset(filter(None, map(heading, aliases)))

    def fits(self, readings: Iterable[str]) -> bool:
        """Whether one of the readings of a title is a header of this column."""
        return self.closeness(heads(readings)) > 0

    def closeness(self, title: Heads) -> int:
        """How many characters of a title are declared: 0 if it is not a title of this column.

        A beginning consists of whole words: ``Thu…`` does not match ``Thuế``.
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
    """The column number (from 1) by our column name."""

    @property
    def header(self) -> list[Cell]:
        """The cells of the header row that are not blank."""
        return [cell for cell in self.sheet.rows[self.header_row - 1] if not cell.blank]

    @property
    def before(self) -> list[Cell]:
        """The filled cells above the header, such as titles and notes."""
        return [cell for row in self.sheet.rows[: self.header_row - 1] for cell in row if not cell.blank]

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Every filled row below the header that is as long as the header, by our column names."""
        indexes = [(name, column - 1) for name, column in self.columns.items()]
        for row in self.sheet.rows[self.header_row :]:
            if any(not cell.blank for cell in row) and not self._is_ragged(row):
                yield {name: row[index] for name, index in indexes}

    def ragged(self) -> Iterator[list[Cell]]:
        """Rows whose cells can't be assigned to columns: shorter than the header, or with filled cells beyond it."""
        for row in self.sheet.rows[self.header_row :]:
            if any(not cell.blank for cell in row) and self._is_ragged(row):
                yield row

    def _is_ragged(self, row: list[Cell]) -> bool:
        width = len(self.sheet.rows[self.header_row - 1])
        return len(row) < width or (len(row) > width and any(not cell.blank for cell in row[width:]))


def find_table(sheet: Sheet, columns: tuple[Column, ...]) -> Table:
    """Finds the table whose header is the first row that holds every required header.

    Raises Unreadable: there is no such row (the detail names what the nearest row lacks), or a header is repeated.
    """
    fewest_missing: list[str] = [column.name for column in columns if column.required]
    declared = {column.name: column.headers for column in columns}
    for number, row in enumerate(sheet.rows, 1):
        titles = [(heading(cell.raw), cell.column) for cell in row if cell.kind == "text"]
        positions = {name: [column for text, column in titles if text in headers] for name, headers in declared.items()}
        missing = [column.name for column in columns if column.required and not positions[column.name]]
        if not missing:
            if repeated := _repeated_header(positions, columns, sheet, number):
                raise repeated
            return Table(sheet, number, {name: matches[0] for name, matches in positions.items() if matches})
        fewest_missing = min(fewest_missing, missing, key=len)
    raise Unreadable("header_missing", "in_no_row", sheet=sheet.called, headers=_titles(columns, fewest_missing))


def tables_of(book: Book, columns: tuple[Column, ...]) -> list[Table]:
    """The tables of the sheets of a book that have one.

    Raises Unreadable: the only sheet has none, or a sheet repeats a header.
    """
    tables: list[Table] = []
    for sheet in book.sheets:
        try:
            tables.append(find_table(sheet, columns))
        except Unreadable as fault:
            if len(book.sheets) == 1 or fault.reason != "header_missing":
                raise
    return tables


def _repeated_header(
    positions: Mapping[str, list[int]], columns: tuple[Column, ...], sheet: Sheet, row: int
) -> Unreadable | None:
    """The refusal of a header that occurs more than once in a row; None: there is none."""
    name = next((name for name, matches in positions.items() if len(matches) > 1), None)
    if name is None:
        return None
    title, times = _titles(columns, [name]), len(positions[name])
    return Unreadable("header_repeated", "in_row", sheet=sheet.called, title=title, times=times, row=row)


def _titles(columns: tuple[Column, ...], names: Collection[str]) -> str:
    """Columns as senders know them: by their first header, else by our name."""
    return ", ".join((*column.aliases, column.name)[0] for column in columns if column.name in names)
