"""Titles of columns as people draw them: over several rows, in two languages, merged, or above the first column alone.

Here: what stands above a column over a window of rows, and in which ways it may be read. Not here: which window is a
header (``headers``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dti_platform.reading.cells import Cell, Sheet
from dti_platform.reading.table import Column
from dti_platform.reading.text import heads

#: The most rows over which a header may be spread, with second headers and the row of column numbers.
DEEPEST = 12
#: No header is wider, and no merged area in one.
_WIDEST = 1_000
#: A number that was typed as text, and a mark for none: no title.
_FIGURE = re.compile(r"[+-]?\d[\d.,\s]*[.,\s]\d+\s*%?|[+-]?\d{3,}\s*%?|\d+\s*%|[-–—./]+|\.{2,}|…")
#: How many rows below a header are looked at to tell names from figures.
SAMPLE = 20
_YEARS = range(1900, 2101)
#: The unit that a name means, or None where it is no known name.
Meaning = Callable[[str], str | None]


@dataclass(frozen=True)
class Drawing:
    """A sheet, with what its merged cells say."""

    sheet: Sheet

    @cached_property
    def anchors(self) -> dict[tuple[int, int], tuple[int, int]]:
        """For every position inside a merged area its first cell, as far as headers reach."""
        return {
            (row, column): (area.top, area.left)
            for area in self.sheet.merged
            if area.bottom - area.top <= DEEPEST and area.right - area.left <= _WIDEST
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }

    def cell(self, row: int, column: int) -> Cell | None:
        """What is seen at a place: of merged cells the first."""
        row, column = self.anchors.get((row, column), (row, column))
        cells = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else []
        return cells[column - 1] if column <= len(cells) else None

    @cached_property
    def bands(self) -> list[range]:
        """Runs of columns that hold something, parted by columns that hold nothing at all."""
        filled = sorted({cell.column for cell in self.sheet.cells()})
        starts = [column for at, column in enumerate(filled) if not at or filled[at - 1] != column - 1]
        ends = [column for at, column in enumerate(filled, 1) if at == len(filled) or filled[at] != column + 1]
        return [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]

    def row(self, number: int, band: range) -> list[Cell]:
        """The cells of a row within columns that hold something."""
        return [cell for cell in self.sheet.rows[number - 1][band.start - 1 : band.stop - 1] if not cell.blank]


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of some columns of a drawing over a window of rows."""

    drawing: Drawing
    band: range
    top: int
    bottom: int

    def parts(self, column: int) -> dict[int, str]:
        """The texts above one column by row, a merged one once."""
        return {row: text for (row, _), text in self._seen(column).items()}

    @property
    def figures(self) -> set[int]:
        """The columns that hold no title in the first row, but something else."""
        return {cell.column for cell in self.drawing.row(self.top, self.band) if not is_title(cell)}

    def areas(self, columns: Iterable[int]) -> list[list[int]]:
        """The columns, those together that stand under the very same merged titles; without a title each by itself."""
        areas: dict[frozenset[tuple[int, int]], list[int]] = {}
        for column in columns:
            areas.setdefault(frozenset(self._seen(column) or {(0, column)}), []).append(column)
        return list(areas.values())

    def bearing(self, places: Iterable[int], *, names: bool = False) -> list[int]:
        """Of columns under one merged title the one in which the rows below hold something; all that hold figures."""
        bearing: list[int] = []
        for area in self.areas(places):
            filled_rows = {at: self._count_filled(at, names) for at in area}
            fullest = max(area, key=lambda at: filled_rows[at])
            figures = [at for at in area if filled_rows[at] > 1 or filled_rows[at] == filled_rows[fullest] > 0]
            bearing += [fullest] if names else figures or [fullest]
        return bearing

    def _count_filled(self, column: int, names: bool) -> int:
        """How many of the rows right below hold something of their own in a column, or letters."""
        rows = self.drawing.sheet.rows[self.bottom : self.bottom + SAMPLE]
        cells = [row[column - 1] for row in rows if len(row) >= column]
        return sum(any(map(str.isalpha, cell.raw)) if names else not cell.blank for cell in cells)

    def _seen(self, column: int) -> dict[tuple[int, int], str]:
        """The texts above one column by their first cells."""
        seen: dict[tuple[int, int], str] = {}
        for row in range(self.top, self.bottom + 1):
            at = self.drawing.anchors.get((row, column), (row, column))
            cell = self.drawing.cell(row, column)
            if at[0] >= self.top and cell is not None and is_title(cell):
                seen[at] = cell.raw.strip()
        return seen

    def spread(self, column: int) -> list[str]:
        """Like ``parts``, with titles of groups that stand unmerged above their first column."""
        parts = self.parts(column)
        last = max(parts, default=self.top)
        above = {row: self._from_left(row, column) for row in range(self.top, last) if row not in parts}
        return [text for _, text in sorted({**above, **parts}.items()) if text]

    def readings(self, column: int) -> set[str]:
        """The whole title; and of cells that say it in two languages, line by line, the first and the last."""
        parts = list(self.parts(column).values())
        split = [part.split("\n") for part in parts]
        ways = (parts, self.spread(column), [lines[0] for lines in split], [lines[-1] for lines in split])
        return {" ".join(way) for way in ways}

    def fitting(self, declared: Sequence[Column], columns: Iterable[int]) -> list[list[int]]:
        """For each declared header the columns that bear it: as a whole, or in each of their texts by itself.

        Where several fit, those of which most is declared.
        """
        fitting: list[list[int]] = [[] for _ in declared]
        for column in columns:
            title, parts = heads(self.readings(column)), list(map(heads, _each(self.parts(column).values())))
            close = [each.closeness(title) or min(map(each.closeness, parts), default=0) for each in declared]
            closest = max(close, default=0) or None
            for at, own in enumerate(close):
                fitting[at] += [column] if own == closest else []
        return fitting

    def under(self, declared: Column, column: int) -> str | None:
        """The title of the group under which a column bears a declared header; None where it bears another one."""
        parts = self.spread(column)
        for above in range(len(parts)):
            own = parts[above:]
            if declared.fits({" ".join(own)}) or all(map(declared.fits, _each(own))):
                return " ".join(parts[:above])
        return None

    def _from_left(self, row: int, column: int) -> str:
        """The nearest title to the left, if its own column goes on below it, and nothing says how far it reaches."""
        if (row, column) in self.drawing.anchors:
            return ""
        for left in range(column - 1, self.band.start - 1, -1):
            if any(self._begins(above, left + 1) for above in range(self.top, row)):
                return ""
            cell = self.drawing.cell(row, left)
            if cell is not None and not cell.blank:
                reaches = (row, left) not in self.drawing.anchors and max(self.parts(left), default=row) > row
                return cell.raw.strip() if reaches else ""
        return ""

    def _begins(self, row: int, column: int) -> bool:
        """Whether a title begins at a place."""
        cell = self.drawing.cell(row, column)
        return (
            cell is not None and not cell.blank and self.drawing.anchors.get((row, column), (row, column))[1] == column
        )


def _each(parts: Iterable[str]) -> list[set[str]]:
    return [{part, *part.split("\n")} for part in parts]


def is_title(cell: Cell) -> bool:
    """A text that is no figure, or a year that was typed as a number."""
    if cell.kind == "number":
        return cell.raw.isdecimal() and int(cell.raw) in _YEARS
    return cell.kind == "text" and (cell.raw.strip().isalpha() or _is_word(cell.raw.strip()))


def _is_word(text: str) -> bool:
    return (text.isdecimal() and len(text) == 4 and int(text) in _YEARS) or not _FIGURE.fullmatch(text)  # noqa: PLR2004


def lines_of(cell: Cell) -> set[str]:
    """A title, and its first and last line."""
    lines = cell.raw.strip().split("\n")
    return {cell.raw, lines[0], lines[-1]}
