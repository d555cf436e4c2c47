"""Tables as a feed declares them: columns by header, captions, and rules for totals, regions and notes.

Here: the declaration, and the kinds of rows below a header. Not here: finding the tables of a book (``survey``), and
what the cells of a row mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import Literal

from dti_platform.reading.cells import Cell, Sheet
from dti_platform.reading.printed.headers import Header
from dti_platform.reading.printed.titles import Meaning
from dti_platform.reading.table import Column
from dti_platform.reading.text import comparable, normalise, one_spelling

LineKind = Literal["unit", "total", "region", "note"]
#: Marks that a layout may declare: a number before a name, a footnote mark after it.
NUMBERING = r"\d{1,3}\s*[.)/-]\s*"
FOOTNOTE = r"\s*[(\[]?(\d{1,2}|[*†‡]+)[)\]]|\s*[*†‡¹²³⁴-⁹]+"
_ROMAN = [f"{ten}{one}" for ten in ("", "x") for one in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")]
_COLUMN_NUMBER = re.compile(r"[(\[]?(\d{1,2}|[ivx]+)[)\]]?\s*(?:=.*)?$", re.IGNORECASE | re.DOTALL)
#: The parts of a pattern that keep their case: ``\S`` is not ``\s``.
_ESCAPE = re.compile(r"(\\.|\(\?P)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """Assigns a kind to rows in which the whole text of a column matches a pattern, without case."""

    kind: LineKind
    column: str
    pattern: str

    def applies(self, cells: dict[str, Cell]) -> bool:
        """Whether the rule matches a row."""
        cell = cells.get(self.column)
        return cell is not None and _compile(self.pattern).fullmatch(comparable(cell.raw)) is not None


@lru_cache
def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern for ``comparable`` text: its letters in lower case and one spelling, its escapes unchanged."""
    parts = _ESCAPE.split(unicodedata.normalize("NFC", pattern))
    folded = "".join(part if _ESCAPE.fullmatch(part) else part.casefold() for part in parts)
    return re.compile(one_spelling(folded), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of the tables of a feed."""

    columns: tuple[Column, ...]
    key: str
    """The column of unit names; a row in which it is blank is a note."""
    repeated: tuple[Column, ...] = ()
    """Columns that are repeated under every group of the header."""
    rules: tuple[Rule, ...] = ()
    """The first rule that matches decides the kind of a row; a row that none matches is a unit."""
    ignored: tuple[str, ...] = ()
    """Patterns of the names of sheets to skip, as in fnmatch but without case."""
    captions: tuple[Column, ...] = ()
    """Captions of tables, by our name with all spellings. If declared, tables with other captions are skipped."""
    marks: tuple[str, ...] = ()
    """Patterns of text before or after a unit name that is not part of it: ``NUMBERING``, ``FOOTNOTE``."""

    none: tuple[str, ...] = ()
    """Texts that mean that there is no figure, such as ``-``, ``…`` or ``x``: such a cell counts as blank."""

    @property
    def key_column(self) -> Column:
        """The declared column of unit names."""
        return next(column for column in self.columns if column.name == self.key)

    def reads(self, sheet: Sheet) -> bool:
        """Whether a sheet is read, and not skipped."""
        return not any(fnmatchcase(comparable(sheet.name or ""), comparable(pattern)) for pattern in self.ignored)

    def kind(self, cells: dict[str, Cell]) -> LineKind:
        """The kind of a row."""
        for rule in self.rules:
            if rule.applies(cells):
                return rule.kind
        return "note" if cells[self.key].blank else "unit"

    def figure(self, cell: Cell) -> Cell:
        """A cell, made blank if its text means that there is no figure."""
        says_none = self.none and cell.kind == "text" and comparable(cell.raw) in map(comparable, self.none)
        return cell._replace(kind="blank", value=None) if says_none else cell

    def bare(self, text: str) -> str:
        """A name without its marks."""
        marks = "|".join(self.marks)
        return re.sub(rf"^({marks})|({marks})$", "", normalise(text)) if marks else normalise(text)

    def knows(self, meaning: Meaning) -> Meaning:
        """Adapts ``meaning`` to names with marks."""
        return lambda name: meaning(self.bare(name))

    def subject(self, caption: Sequence[str]) -> str | None:
        """Our name of the declared caption that matches the caption of a table."""
        lines = [line for text in caption for line in (text, *text.split("\n"))]
        readings = (*lines, " ".join(caption))
        return next((declared.name for declared in self.captions if declared.fits(readings)), None)


def _ordinal(text: str) -> int | None:
    """The number of a column in a row of column numbers: 3, (3), III, (III), (III)=(I)+(II)."""
    match = _COLUMN_NUMBER.match(comparable(text))
    if match is None:
        return None
    return int(match[1]) if match[1].isdecimal() else _ROMAN.index(match[1]) if match[1] in _ROMAN else None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table by our column names; the cells under groups by group and name."""

    kind: LineKind
    cells: dict[str, Cell]
    grouped: dict[tuple[str, str], Cell]
    name: str
    """The unit name without the marks that the layout declares."""


@dataclass(frozen=True)
class Body:
    """A table: its header, and its last row."""

    sheet: Sheet
    header: Header
    layout: Layout
    bottom: int
    subject: str | None = None
    """Our name of its declared caption."""

    @property
    def titles(self) -> list[Cell]:
        """The filled cells of the header and its caption."""
        rows = self.sheet.rows[self.header.begin - 1 : self._last_title_row]
        return [cell for row in rows for cell in row[self.header.left - 1 : self.header.right] if not cell.blank]

    @property
    def caption(self) -> tuple[str, ...]:
        """The text directly above the table by row, the nearest last."""
        return tuple(map(comparable, self.header.caption))

    def lines(self) -> Iterator[Line]:
        """The rows below the header with a filled cell in a declared column."""
        columns = self.header.columns.items()
        grouped_columns = [
            ((group.title, name), column) for group in self.header.groups for name, column in group.columns.items()
        ]
        for row in self._rows():
            cells = {name: self.layout.figure(row[column - 1]) for name, column in columns}
            grouped = {name: self.layout.figure(row[column - 1]) for name, column in grouped_columns}
            if not all(cell.blank for cell in (*cells.values(), *grouped.values())):
                cells[self.layout.key] = self._name_cell(row)
                yield Line(self.layout.kind(cells), cells, grouped, self.layout.bare(cells[self.layout.key].raw))

    def ragged(self) -> Iterator[list[Cell]]:
        """Rows of delimited text with several filled cells that end before the last column of the table."""
        for row in self.sheet.rows[self.header.bottom : self.bottom]:
            filled = [cell for cell in row[self.header.left - 1 :] if not cell.blank]
            if len(row) < max(self.header.titled_columns) and len(filled) > 1:
                yield filled

    def _rows(self) -> Iterator[list[Cell]]:
        last = max(self.header.titled_columns)
        return (row for row in self.sheet.rows[self._last_title_row : self.bottom] if len(row) >= last)

    @cached_property
    def _last_title_row(self) -> int:
        """The last row of the header, or the row of column numbers below it (1, 2, 3; (I), (II))."""
        first, *rest = self.sheet.rows[self.header.bottom : min(self.header.bottom + 4, self.bottom)] or [[]]
        name_cells = [cell for row in rest for cell in row[self.header.left - 1 : self.header.columns[self.layout.key]]]
        is_named = any(cell.kind == "text" and not _COLUMN_NUMBER.match(normalise(cell.raw)) for cell in name_cells)
        numbers = [_ordinal(cell.raw) for cell in first[self.header.left - 1 : self.header.right] if not cell.blank]
        is_counting = len(numbers) > 1 and None not in numbers and numbers == [*range(1, len(numbers) + 1)]
        return self.header.bottom + (is_named and is_counting)

    def _name_cell(self, row: list[Cell]) -> Cell:
        """The cell with the name of a row; of cells merged over rows, or sideways in a row of figures, the first."""
        name_cell = row[self.header.columns[self.layout.key] - 1]
        top, left, right = self._merged_keys.get(name_cell.row, (name_cell.row, name_cell.column, name_cell.column))
        if top == name_cell.row and all(cell.blank for cell in (*row[: left - 1], *row[right:])):
            return name_cell
        return self.sheet.rows[top - 1][left - 1]

    @cached_property
    def _merged_keys(self) -> dict[int, tuple[int, int, int]]:
        """The top, left and right of the merged cells over the column of names, by row."""
        key = self.header.columns[self.layout.key]
        return {
            row: (area.top, area.left, area.right)
            for area in self.sheet.merged
            if area.left <= key <= area.right and area.top > self.header.bottom
            for row in range(area.top, min(area.bottom, self.bottom) + 1)
        }
