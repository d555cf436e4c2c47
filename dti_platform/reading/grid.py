"""What stands where in a sheet, made into dense rows of cells with their locators.

Here: the last step that all workbooks share. Not here: how a format says what stands where.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dti_platform.reading.cells import Cell, Sheet, Unreadable, letters
from dti_platform.reading.guard import MOST_CELLS
from dti_platform.reading.values import BLANK, Meaning

__all__ = ["LAST_COLUMN", "Area", "Filled", "Grid"]

LAST_COLUMN = 16_384


class Filled(NamedTuple):
    """What a cell holds, and how."""

    meaning: Meaning
    formula: str | None = None
    format: str | None = None
    encoding: str | None = None


class Area(NamedTuple):
    """Merged cells, from 1, ends included."""

    top: int
    left: int
    bottom: int
    right: int


_NOTHING = Filled(BLANK)


@dataclass(slots=True)
class Grid:
    """One sheet as it is gathered."""

    where: str
    """File and sheet, for a person."""
    name: str
    places: dict[int, dict[int, Filled]] = field(default_factory=dict[int, dict[int, Filled]])
    hidden_rows: set[int] = field(default_factory=set[int])
    hidden_columns: Sequence[range] = ()
    merged: Iterable[Area] = ()
    height: int = 0
    width: int = 0

    def put(self, row: int, column: int, filled: Filled) -> None:
        """Places a cell that holds something.

        Raises Unreadable: there is one already.
        """
        if filled.meaning[1] == "blank":
            return
        held = self.places.setdefault(row, {})
        if column in held:
            raise Unreadable("damaged", f"{self.where} has the cell {letters(column)}{row} twice")
        held[column] = filled
        self.height, self.width = max(self.height, row), max(self.width, column)

    @property
    def positions(self) -> int:
        """How many cells the sheet reaches over."""
        return self.height * self.width

    def sheet(self, *, hidden: bool, left: int = MOST_CELLS) -> Sheet:
        """Dense rows up to the last row and column that hold something; ``left`` positions may be filled.

        Raises Unreadable where the sheet reaches farther.
        """
        if self.positions > left or self.width > LAST_COLUMN:
            raise Unreadable(
                "too_far", f"{self.where} reaches to {letters(self.width)}{self.height}: {self.positions} positions"
            )
        return Sheet(self.name, list(self._rows()), hidden)

    def _rows(self) -> Iterable[list[Cell]]:
        covered = self._covered()
        hidden_columns = {
            column
            for columns in self.hidden_columns
            for column in range(columns.start, min(columns.stop, self.width + 1))
        }
        at = [f"{self.name}!{letters(column)}" for column in range(self.width + 1)]
        for row in range(1, self.height + 1):
            found, row_hidden = self.places.get(row, {}), row in self.hidden_rows
            cells: list[Cell] = []
            for column in range(1, self.width + 1):
                meaning, formula, style, encoding = found.get(column, _NOTHING)
                cells.append(
                    Cell(
                        self.name, row, column, f"{at[column]}{row}", *meaning, style,
                        row_hidden or column in hidden_columns, (row, column) in covered, formula, encoding,
                    )
                )  # fmt: skip
            yield cells

    def _covered(self) -> set[tuple[int, int]]:
        """The positions inside merged ranges, as far as the sheet holds something."""
        covered: set[tuple[int, int]] = set()
        for top, left, bottom, right in self.merged:
            columns = range(left, min(right, self.width) + 1)
            covered.update((row, column) for row in range(top, min(bottom, self.height) + 1) for column in columns)
        return covered
