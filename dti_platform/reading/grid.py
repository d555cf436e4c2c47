"""What stands where in a sheet of a workbook, and how that becomes dense rows of cells with their locators.

Here: the step that all workbooks share. Not here: how a format says what stands where.
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
    """A cell that holds something, and where; row and column from 1."""

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
    """One sheet as it is gathered."""

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
        """Places a cell, unless it holds nothing."""
        if meaning[1] != "blank":
            self.placed.append(Placed(row, column, *meaning, form, formula, encoding, cached))

    @property
    def height(self) -> int:
        """The last row that holds something: as the cells show, whatever is declared."""
        return max((cell.row for cell in self.placed), default=0)

    @property
    def width(self) -> int:
        """The last column that holds something."""
        return max((cell.column for cell in self.placed), default=0)

    def sheet(self) -> Sheet:
        """Dense rows up to the last row and column that hold something."""
        return Sheet(self.name, list(self._rows()), self.hidden, tuple(self.merged))

    def _rows(self) -> Iterator[list[Cell]]:
        height, width = self.height, self.width
        places = {(cell.row, cell.column): cell for cell in self.placed}
        covered = self._covered(height, width)
        hidden_columns = {
            column for columns in self.hidden_columns for column in range(columns.start, min(columns.stop, width + 1))
        }
        at = [(column, f"{self.name}!{letters(column)}", column in hidden_columns) for column in range(1, width + 1)]
        new, sheet = tuple.__new__, self.name
        for row in range(1, height + 1):
            row_hidden = self.hidden or row in self.hidden_rows
            cells: list[Cell] = []
            for column, prefix, column_hidden in at:
                _, _, raw, kind, value, form, formula, encoding, cached = places.get((row, column), _NOTHING)
                hidden, merged = row_hidden or column_hidden, (row, column) in covered
                written = (
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
                cells.append(new(Cell, written))
            yield cells

    def overlaps(self, height: int, width: int) -> bool:
        """Whether merged ranges or hidden columns together take more room than the sheet has."""
        merged = sum(
            max(0, min(bottom, height) - top + 1) * max(0, min(right, width) - left + 1)
            for top, left, bottom, right in self.merged
        )
        hidden = sum(max(0, min(columns.stop, LAST_COLUMN + 1) - columns.start) for columns in self.hidden_columns)
        return merged > height * width or hidden > LAST_COLUMN

    def _covered(self, height: int, width: int) -> set[tuple[int, int]]:
        """The positions inside merged ranges, as far as the sheet holds something."""
        covered: set[tuple[int, int]] = set()
        for top, left, bottom, right in self.merged:
            columns = range(left, min(right, width) + 1)
            covered.update((row, column) for row in range(top, min(bottom, height) + 1) for column in columns)
        return covered


class Gathered(NamedTuple):
    """The sheets of a workbook as they are gathered, and remarks on it."""

    grids: Sequence[Grid]
    remarks: tuple[Bilingual, ...] = ()

    def book(self, name: str) -> Book:
        """Its sheets, filled."""
        return Book(name, tuple(grid.sheet() for grid in self.grids), self.remarks)


_NOTHING = Placed(0, 0, "", "blank", None)


def measured(grids: Sequence[Grid], name: str) -> Sequence[Grid]:
    """The sheets of a workbook, once it is known that they can be filled.

    Raises Unreadable: together they reach over too many positions, a letter bears too many marks, a cell stands twice,
    merged ranges lie over one another, or two sheets have names that look alike.
    """
    left = MOST_CELLS
    for grid in grids:
        where, height, width = in_sheet(name, grid.name), grid.height, grid.width
        check_marks(grid.name, where)
        left -= height * width
        if left < 0 or width > LAST_COLUMN:
            last = f"{letters(width)}{height}"
            raise Unreadable("too_far", "last_cell", where=where, last=last)
        for cell in grid.placed:
            check_marks(cell.raw, where)
        if len({(cell.row, cell.column) for cell in grid.placed}) < len(grid.placed):
            raise Unreadable("damaged", "cell_twice", where=where)
        if grid.overlaps(height, width):
            raise Unreadable("damaged", "overlap", where=where)
    if len({comparable(grid.name) for grid in grids}) < len(grids):
        raise Unreadable("duplicate_sheet", "alike", file=name)
    return grids
