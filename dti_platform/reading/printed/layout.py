"""Tables as a feed declares them: columns by header, captions, and which rows are totals, regions or notes.

Here: the declaration, and the kinds of rows below a header. Not here: finding the tables of a book
(``survey``), and what a row's cells mean.
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
#: Marks that a layout may declare: a number before a name, a footnote's sign behind it.
NUMBERING = r"\d{1,3}\s*[.)/-]\s*"
FOOTNOTE = r"\s*[(\[]?(\d{1,2}|[*†‡]+)[)\]]|\s*[*†‡¹²³⁴-⁹]+"
_ROMAN = [f"{ten}{one}" for ten in ("", "x") for one in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")]
_NUMBERS = re.compile(r"[(\[]?(\d{1,2}|[ivx]+)[)\]]?\s*(?:=.*)?$", re.IGNORECASE | re.DOTALL)
#: What must keep its case in a pattern: ``\S`` is not ``\s``.
_KEPT = re.compile(r"(\\.|\(\?P)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row is of a kind where the text of one of its columns is as the pattern says, whole and without case."""

    kind: LineKind
    column: str
    pattern: str

    def applies(self, cells: dict[str, Cell]) -> bool:
        """Whether the row is of this kind."""
        cell = cells.get(self.column)
        return cell is not None and _compiled(self.pattern).fullmatch(comparable(cell.raw)) is not None


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that is matched with ``comparable`` text: its letters in one spelling and small, its escapes kept."""
    parts = _KEPT.split(unicodedata.normalize("NFC", pattern))
    small = "".join(part if _KEPT.fullmatch(part) else part.casefold() for part in parts)
    return re.compile(one_spelling(small), re.IGNORECASE)


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
    captions: tuple[Column, ...] = ()
    """What may stand above a table, by our name and in all writings. Where it is declared, other tables aren't read."""
    marks: tuple[str, ...] = ()
    """Patterns of what may stand before or behind a unit's name and is no part of it: ``NUMBERING``, ``FOOTNOTE``."""

    none: tuple[str, ...] = ()
    """What is written where there is no figure, such as ``-``, ``…`` or ``x``: such a cell counts as blank."""

    @property
    def named(self) -> Column:
        """The column that names the unit."""
        return next(each for each in self.columns if each.name == self.key)

    def reads(self, sheet: Sheet) -> bool:
        """Whether a sheet is not passed over."""
        return not any(fnmatchcase(comparable(sheet.name or ""), comparable(pattern)) for pattern in self.ignored)

    def kind(self, cells: dict[str, Cell]) -> LineKind:
        """What a row is."""
        for rule in self.rules:
            if rule.applies(cells):
                return rule.kind
        return "note" if cells[self.key].blank else "unit"

    def figure(self, cell: Cell) -> Cell:
        """A cell as it counts: blank where it says that there is no figure."""
        says_none = self.none and cell.kind == "text" and comparable(cell.raw) in map(comparable, self.none)
        return cell._replace(kind="blank", value=None) if says_none else cell

    def bare(self, text: str) -> str:
        """A name without its marks."""
        marks = "|".join(self.marks)
        return re.sub(rf"^({marks})|({marks})$", "", normalise(text)) if marks else normalise(text)

    def knows(self, meaning: Meaning) -> Meaning:
        """What knows names, for names with their marks."""
        return lambda name: meaning(self.bare(name))

    def subject(self, caption: Sequence[str]) -> str | None:
        """Our name of the declared caption that a table bears."""
        lines = [line for text in caption for line in (text, *text.split("\n"))]
        readings = (*lines, " ".join(caption))
        return next((each.name for each in self.captions if each.fits(readings)), None)


def _count(text: str) -> int | None:
    """The number that a row of column numbers gives a column: 3, (3), III, (III), (III)=(I)+(II)."""
    match = _NUMBERS.match(comparable(text))
    if match is None:
        return None
    return int(match[1]) if match[1].isdecimal() else _ROMAN.index(match[1]) if match[1] in _ROMAN else None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table, by our column names; those under groups by group and name."""

    kind: LineKind
    cells: dict[str, Cell]
    grouped: dict[tuple[str, str], Cell]
    name: str
    """The unit's name without the marks that the layout declares."""


@dataclass(frozen=True)
class Body:
    """A table: its header, and how far down it reaches."""

    sheet: Sheet
    header: Header
    layout: Layout
    bottom: int
    subject: str | None = None
    """Our name of its declared caption."""

    @property
    def titles(self) -> list[Cell]:
        """The header's cells that hold something, and those of its caption."""
        rows = self.sheet.rows[self.header.begin - 1 : self._top]
        return [cell for row in rows for cell in row[self.header.left - 1 : self.header.right] if not cell.blank]

    @property
    def caption(self) -> tuple[str, ...]:
        """What stands right above the table, row by row, the nearest last."""
        return tuple(map(comparable, self.header.caption))

    def lines(self) -> Iterator[Line]:
        """The rows below the header that hold something in a declared column."""
        at = self.header.columns.items()
        under = [((group.title, name), place) for group in self.header.groups for name, place in group.columns.items()]
        for row in self._rows():
            cells = {name: self.layout.figure(row[place - 1]) for name, place in at}
            grouped = {name: self.layout.figure(row[place - 1]) for name, place in under}
            if not all(cell.blank for cell in (*cells.values(), *grouped.values())):
                cells[self.layout.key] = self._named(row)
                yield Line(self.layout.kind(cells), cells, grouped, self.layout.bare(cells[self.layout.key].raw))

    def ragged(self) -> Iterator[list[Cell]]:
        """Rows of delimited text that end before the table's last column, though they name a unit and a figure."""
        for row in self.sheet.rows[self.header.bottom : self.bottom]:
            filled = [cell for cell in row[self.header.left - 1 :] if not cell.blank]
            if len(row) < max(self.header.places) and len(filled) > 1:
                yield filled

    def _rows(self) -> Iterator[list[Cell]]:
        last = max(self.header.places)
        return (row for row in self.sheet.rows[self._top : self.bottom] if len(row) >= last)

    @cached_property
    def _top(self) -> int:
        """The last row of titles: the header's, or one below it that numbers the columns (1, 2, 3; (I), (II))."""
        first, *after = self.sheet.rows[self.header.bottom : min(self.header.bottom + 4, self.bottom)] or [[]]
        names = [cell for row in after for cell in row[self.header.left - 1 : self.header.columns[self.layout.key]]]
        is_named = any(cell.kind == "text" and not _NUMBERS.match(normalise(cell.raw)) for cell in names)
        numbers = [_count(cell.raw) for cell in first[self.header.left - 1 : self.header.right] if not cell.blank]
        counts = len(numbers) > 1 and None not in numbers and numbers == [*range(1, len(numbers) + 1)]
        return self.header.bottom + (is_named and counts)

    def _named(self, row: list[Cell]) -> Cell:
        """The row's name; where it is merged over rows, or from the side in a row of figures, its first cell."""
        own = row[self.header.columns[self.layout.key] - 1]
        top, left, right = self._merged.get(own.row, (own.row, own.column, own.column))
        if top == own.row and all(cell.blank for cell in (*row[: left - 1], *row[right:])):
            return own
        return self.sheet.rows[top - 1][left - 1]

    @cached_property
    def _merged(self) -> dict[int, tuple[int, int, int]]:
        """By row: where the merged cells begin and end that cover the key in it."""
        key = self.header.columns[self.layout.key]
        return {
            row: (area.top, area.left, area.right)
            for area in self.sheet.merged
            if area.left <= key <= area.right and area.top > self.header.bottom
            for row in range(area.top, min(area.bottom, self.bottom) + 1)
        }
