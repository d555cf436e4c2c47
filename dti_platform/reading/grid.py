"""The filled cells of a worksheet by position, and their conversion to dense rows of cells with locators.

Here: the step that all workbook formats share. Not here: how a format records its cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Area, Book, Cell, Kind, Sheet, Unreadable, Value, in_sheet, letters
from dti_platform.reading.limits import MOST_CELLS, check_marks
from dti_platform.reading.text import comparable
from dti_platform.reading.values import Meaning

LAST_COLUMN = 16_384


class Placed(NamedTuple):
    """A filled cell with its position: row and column from 1."""

    row: int
    column: int
    raw: str
    kind: Kind
    value: Value
    format: str | None = None
    formula: str | None = None
    encoding: str | None = None
    cached: str | None = None


@dataclass(slots=True)
class Grid:
    """One sheet while it is read."""

    name: str
    hidden: bool = False
    placed: list[Placed] = field(default_factory=list[Placed])
    hidden_rows: set[int] = field(default_factory=set[int])
    hidden_columns: Sequence[range] = ()
    merged: Sequence[Area] = ()

    def put(
        self, row: int, column: int, meaning: Meaning, form: str | None = None, formula: str | None = None,
        encoding: str | None = None, cached: str | None = None,
    ) -> None:  # fmt: skip
        """Adds a cell unless it is blank."""
        if meaning[1] != "blank":
            self.placed.append(Placed(row, column, *meaning, form, formula, encoding, cached))

    @property
    def height(self) -> int:
        """The last row with a filled cell, whatever the file declares."""
        return max((cell.row for cell in self.placed), default=0)

    @property
    def width(self) -> int:
        """The last column with a filled cell."""
        return max((cell.column for cell in self.placed), default=0)

    def sheet(self) -> Sheet:
        """Dense rows up to the last row and column with a filled cell."""
        return Sheet(self.name, list(self._rows()), self.hidden, tuple(self.merged))

    def _rows(self) -> Iterator[list[Cell]]:
        height, width = self.height, self.width
        cells_at = {(cell.row, cell.column): cell for cell in self.placed}
        covered = self._covered(height, width)
        hidden_columns = {
            column for columns in self.hidden_columns for column in range(columns.start, min(columns.stop, width + 1))
        }
        new, sheet = tuple.__new__, self.name
        columns = [(column, f"{sheet}!{letters(column)}", column in hidden_columns) for column in range(1, width + 1)]
        for row in range(1, height + 1):
            row_hidden = self.hidden or row in self.hidden_rows
            cells: list[Cell] = []
            for column, prefix, column_hidden in columns:
                _, _, raw, kind, value, form, formula, encoding, cached = cells_at.get((row, column), _NOTHING)
                hidden, merged = row_hidden or column_hidden, (row, column) in covered
                fields = (
                    sheet,
                    row,
                    column,
                    f"{prefix}{row}",
                    raw,
                    kind,
                    value,
                    form,
                    hidden,
                    merged,
                    formula,
                    encoding,
                    cached,
                )
                cells.append(new(Cell, fields))
            yield cells

    def overlaps(self, height: int, width: int) -> bool:
        """Whether the merged ranges, or the hidden columns, together exceed the size of the sheet."""
        merged = sum(
            max(0, min(bottom, height) - top + 1) * max(0, min(right, width) - left + 1)
            for top, left, bottom, right in self.merged
        )
        hidden = sum(max(0, min(columns.stop, LAST_COLUMN + 1) - columns.start) for columns in self.hidden_columns)
        return merged > height * width or hidden > LAST_COLUMN

    def _covered(self, height: int, width: int) -> set[tuple[int, int]]:
        """The positions inside merged ranges, within the filled part of the sheet."""
        covered: set[tuple[int, int]] = set()
        for top, left, bottom, right in self.merged:
            columns = range(left, min(right, width) + 1)
            covered.update((row, column) for row in range(top, min(bottom, height) + 1) for column in columns)
        return covered


class Gathered(NamedTuple):
    """The sheets of a workbook as grids, and remarks on it."""

    grids: Sequence[Grid]
    remarks: tuple[Bilingual, ...] = ()

    def book(self, name: str) -> Book:
        """The book with dense sheets."""
        return Book(name, tuple(grid.sheet() for grid in self.grids), self.remarks)


_NOTHING = Placed(0, 0, "", "blank", None)


def check_grids(grids: Sequence[Grid], name: str) -> Sequence[Grid]:
    """Returns the sheets of a workbook after checking that they can be made dense.

    Raises Unreadable: together they span too many positions, a letter has too many marks, a cell occurs twice,
    merged ranges overlap, or two sheets have names that look alike.
    """
    remaining = MOST_CELLS
    for grid in grids:
        where, height, width = in_sheet(name, grid.name), grid.height, grid.width
        check_marks(grid.name, where)
        remaining -= height * width
        if remaining < 0 or width > LAST_COLUMN:
            last_cell = f"{letters(width)}{height}"
            raise Unreadable("too_far", "last_cell", where=where, last=last_cell)
        for cell in grid.placed:
            check_marks(cell.raw, where)
        if len({(cell.row, cell.column) for cell in grid.placed}) < len(grid.placed):
            raise Unreadable("damaged", "cell_twice", where=where)
        if grid.overlaps(height, width):
            raise Unreadable("damaged", "overlap", where=where)
    if len({comparable(grid.name) for grid in grids}) < len(grids):
        raise Unreadable("duplicate_sheet", "alike", file=name)
    return grids
