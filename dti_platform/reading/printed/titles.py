"""Titles of columns: over several rows, in two languages, merged, or only above the first column of a group.

Here: the texts above a column in a window of rows, and their possible readings. Not here: which window is a header
(``headers``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dti_platform.reading.cells import Cell, Sheet
from dti_platform.reading.table import Column
from dti_platform.reading.text import heads

#: The most rows of a header, including repeated headers and the row of column numbers.
DEEPEST = 12
#: The most columns of a merged area in a header.
_WIDEST = 1_000
#: Numbers as text, and marks for a missing figure: these are not titles.
_FIGURE = re.compile(r"[+-]?\d[\d.,\s]*[.,\s]\d+\s*%?|[+-]?\d{3,}\s*%?|\d+\s*%|[-–—./]+|\.{2,}|…")
#: How many rows below a header are sampled to tell names from figures.
SAMPLE = 20
_YEARS = range(1900, 2101)
#: Returns the unit that a name means; None: the name is unknown.
Meaning = Callable[[str], str | None]


@dataclass(frozen=True)
class Drawing:
    """A sheet with its merged cells resolved."""

    sheet: Sheet

    @cached_property
    def anchors(self) -> dict[tuple[int, int], tuple[int, int]]:
        """The first cell of the merged area at every position, for areas that fit into a header."""
        return {
            (row, column): (area.top, area.left)
            for area in self.sheet.merged
            if area.bottom - area.top <= DEEPEST and area.right - area.left <= _WIDEST
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell displayed at a position: of merged cells, the first."""
        row, column = self.anchors.get((row, column), (row, column))
        cells = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else []
        return cells[column - 1] if column <= len(cells) else None

    @cached_property
    def bands(self) -> list[range]:
        """Runs of filled columns, separated by empty columns."""
        filled = sorted({cell.column for cell in self.sheet.cells()})
        starts = [column for index, column in enumerate(filled) if not index or filled[index - 1] != column - 1]
        ends = [column for index, column in enumerate(filled, 1) if index == len(filled) or filled[index] != column + 1]
        return [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]

    def row(self, number: int, band: range) -> list[Cell]:
        """The filled cells of a row within a band of columns."""
        return [cell for cell in self.sheet.rows[number - 1][band.start - 1 : band.stop - 1] if not cell.blank]


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of a band of columns in a window of rows."""

    drawing: Drawing
    band: range
    top: int
    bottom: int

    def parts(self, column: int) -> dict[int, str]:
        """The texts above a column by row; a merged one counts once."""
        return {row: text for (row, _), text in self._anchored_texts(column).items()}

    @property
    def figures(self) -> set[int]:
        """The columns with a filled cell in the first row that is not a title."""
        return {cell.column for cell in self.drawing.row(self.top, self.band) if not is_title(cell)}

    def areas(self, columns: Iterable[int]) -> list[list[int]]:
        """Groups columns under exactly the same merged titles; a column without a title is a group by itself."""
        areas: dict[frozenset[tuple[int, int]], list[int]] = {}
        for column in columns:
            areas.setdefault(frozenset(self._anchored_texts(column) or {(0, column)}), []).append(column)
        return list(areas.values())

    def select_filled(self, columns: Iterable[int], *, names: bool = False) -> list[int]:
        """Of columns under one merged title, those with figures in the rows below; of names, only the fullest."""
        selected: list[int] = []
        for area in self.areas(columns):
            counts = {column: self._count_filled(column, names) for column in area}
            fullest = max(area, key=lambda column: counts[column])
            figures = [column for column in area if counts[column] > 1 or counts[column] == counts[fullest] > 0]
            selected += [fullest] if names else figures or [fullest]
        return selected

    def _count_filled(self, column: int, names: bool) -> int:
        """How many of the rows directly below have a filled cell in a column; of names, a cell with letters."""
        rows = self.drawing.sheet.rows[self.bottom : self.bottom + SAMPLE]
        cells = [row[column - 1] for row in rows if len(row) >= column]
        return sum(any(map(str.isalpha, cell.raw)) if names else not cell.blank for cell in cells)

    def _anchored_texts(self, column: int) -> dict[tuple[int, int], str]:
        """The texts above a column, by the position of their first cell."""
        texts: dict[tuple[int, int], str] = {}
        for row in range(self.top, self.bottom + 1):
            anchor = self.drawing.anchors.get((row, column), (row, column))
            cell = self.drawing.cell(row, column)
            if anchor[0] >= self.top and cell is not None and is_title(cell):
                texts[anchor] = cell.raw.strip()
        return texts

    def texts_with_groups(self, column: int) -> list[str]:
        """The texts of ``parts``, with the titles of groups that are unmerged above their first column."""
        parts = self.parts(column)
        last = max(parts, default=self.top)
        above = {row: self._title_from_left(row, column) for row in range(self.top, last) if row not in parts}
        return [text for _, text in sorted({**above, **parts}.items()) if text]

    def readings(self, column: int) -> set[str]:
        """The whole title; and for cells with two languages on separate lines, the first lines and the last lines."""
        parts = list(self.parts(column).values())
        split = [part.split("\n") for part in parts]
        titles = (parts, self.texts_with_groups(column), [lines[0] for lines in split], [lines[-1] for lines in split])
        return {" ".join(title) for title in titles}

    def match_columns(self, declared: Sequence[Column], columns: Iterable[int]) -> list[list[int]]:
        """The columns that match each declared header, as a whole or in each of their texts.

        If a column matches several headers, the closest ones count.
        """
        matches: list[list[int]] = [[] for _ in declared]
        for column in columns:
            title, parts = heads(self.readings(column)), list(map(heads, _variants(self.parts(column).values())))
            closeness = [header.closeness(title) or min(map(header.closeness, parts), default=0) for header in declared]
            closest = max(closeness, default=0) or None
            for index, value in enumerate(closeness):
                matches[index] += [column] if value == closest else []
        return matches

    def group_title(self, declared: Column, column: int) -> str | None:
        """The title of the group above a declared header of a column; None: the column has another header."""
        parts = self.texts_with_groups(column)
        for index in range(len(parts)):
            rest = parts[index:]
            if declared.fits({" ".join(rest)}) or all(map(declared.fits, _variants(rest))):
                return " ".join(parts[:index])
        return None

    def _title_from_left(self, row: int, column: int) -> str:
        """The nearest title to the left, if it is unmerged and its column has another title below it."""
        if (row, column) in self.drawing.anchors:
            return ""
        for left in range(column - 1, self.band.start - 1, -1):
            if any(self._title_begins(above, left + 1) for above in range(self.top, row)):
                return ""
            cell = self.drawing.cell(row, left)
            if cell is not None and not cell.blank:
                reaches = (row, left) not in self.drawing.anchors and max(self.parts(left), default=row) > row
                return cell.raw.strip() if reaches else ""
        return ""

    def _title_begins(self, row: int, column: int) -> bool:
        """Whether a title begins at a position."""
        cell = self.drawing.cell(row, column)
        return (
            cell is not None and not cell.blank and self.drawing.anchors.get((row, column), (row, column))[1] == column
        )


def _variants(parts: Iterable[str]) -> list[set[str]]:
    return [{part, *part.split("\n")} for part in parts]


def is_title(cell: Cell) -> bool:
    """Whether a cell is a text that is not a figure, or a year typed as a number."""
    if cell.kind == "number":
        return cell.raw.isdecimal() and int(cell.raw) in _YEARS
    return cell.kind == "text" and (cell.raw.strip().isalpha() or _is_title_text(cell.raw.strip()))


def _is_title_text(text: str) -> bool:
    return (text.isdecimal() and len(text) == 4 and int(text) in _YEARS) or not _FIGURE.fullmatch(text)  # noqa: PLR2004


def lines_of(cell: Cell) -> set[str]:
    """A title, and its first and last line."""
    lines = cell.raw.strip().split("\n")
    return {cell.raw, lines[0], lines[-1]}
