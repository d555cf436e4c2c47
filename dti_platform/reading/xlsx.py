"""Worksheets of .xlsx, cell by cell: value, type, number format, and what is hidden, merged or a formula.

Here: one worksheet part to rows of cells. Not here: the package around it (``package``). A library that
infers types, or that gives ``#DIV/0!`` as an empty cell, would lose what a sender wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from dti_platform.language import Bilingual
from dti_platform.reading.archive import open_archive
from dti_platform.reading.cells import Area, Book, Unreadable, in_sheet
from dti_platform.reading.grid import LAST_COLUMN, MACROS, Gathered, Grid
from dti_platform.reading.guard import LONGEST_TEXT, parse_xml, too_long
from dti_platform.reading.legacy import Run
from dti_platform.reading.package import Part, read_contents, read_styles
from dti_platform.reading.values import Typing, text
from dti_platform.reading.written import whole
from dti_platform.reading.xlsx_strings import Enough, read_strings

__all__ = ["read_top", "read_xlsx"]

_REFERENCE = re.compile(r"^([A-Z]{1,3})([1-9]\d{0,6})$")
_RANGE = re.compile(r"^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$")
_LAST_ROW = 1_048_576
#: A glance takes so many shared strings for each row: more than a title has.
_STRINGS_IN_A_ROW = 4
_TAKEN = frozenset(("v", "t", "f"))


class _Locals(dict[str, str]):
    """Local names of tags, each cut once: ``x:row`` is ``row``."""

    def __missing__(self, tag: str) -> str:
        self[tag] = local = tag.rpartition(":")[2]
        return local


@dataclass(slots=True)
class _Worksheet:
    """Gathers what one worksheet part says, as it streams by."""

    where: Bilingual
    grid: Grid
    typing: Typing
    hidden_columns: list[range] = field(default_factory=list[range])
    merged: list[str] = field(default_factory=list[str])
    rows: int | None = None
    """How many to read; None: all."""
    _local: _Locals = field(default_factory=_Locals)
    _row: int = 0
    _column: int = 0
    _cell: dict[str, str] | None = None
    _taking: str = ""
    _hint: bool = False
    _text: str = ""
    _formula: str | None = None
    _valued: str = ""
    """The element that gives the cell its value: ``v`` or ``is``."""
    _font: str | None = None
    _runs: list[Run] = field(default_factory=list[Run])

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = self._local[tag]
        if self._cell is not None:
            if local == "v" and not (self._valued or self._taking):
                self._taking = self._valued = "v"
            else:
                self._start_inside(local, attributes)
        elif local == "c":
            self._cell, self._text, self._formula, self._valued = attributes, "", None, ""
            self._runs = []
        elif local == "row":
            self._start_row(attributes)
        elif local == "col" and attributes.get("hidden") in ("1", "true"):
            self.hidden_columns.append(range(whole(attributes["min"]), whole(attributes["max"]) + 1))
        elif local == "mergeCell":
            self.merged.append(attributes.get("ref", ""))

    def _start_inside(self, local: str, attributes: dict[str, str]) -> None:
        """Something inside a cell: readers would disagree on which of two values counts, or put them together."""
        value = local in ("v", "is")
        twice = (value and self._valued) or (local == "f" and self._formula is not None)
        if self._taking or twice or local in ("c", "row") or (local == "t" and self._valued != "is"):
            raise Unreadable(
                "damaged",
                f"{self.where.vi} có một ô ghi hai giá trị hoặc hai công thức ở dòng {self._row}",
                f"{self.where.en} has a cell of two values or two formulas in row {self._row}",
            )
        self._valued = local if value else self._valued
        if local in _TAKEN and not self._hint:
            self._taking = local
            self._formula = "" if local == "f" else self._formula
        elif local == "rFont":
            self._font = attributes.get("val")
        elif local in ("is", "r"):
            self._font = None
        self._hint = self._hint or local == "rPh"

    def end(self, tag: str) -> None:
        local = self._local[tag]
        if local == "c" and self._cell is not None:
            self._end_cell(self._cell)
        elif local == "rPh":
            self._hint = False
        self._taking = ""

    def text(self, data: str) -> None:
        if self._taking == "f":
            self._formula = (self._formula or "") + data
        elif self._taking:
            self._text += data
            if self._taking == "t":
                self._runs.append((data, self._font))
        if len(self._text) > LONGEST_TEXT or len(self._formula or "") > LONGEST_TEXT:
            raise too_long(Bilingual(f"{self.where.vi} dòng {self._row},", f"{self.where.en}, row {self._row},"))

    def areas(self) -> Iterator[Area]:
        """The merged ranges."""
        for match in filter(None, map(_RANGE.match, self.merged)):
            yield Area(int(match[2]), number_of(match[1]), int(match[4]), number_of(match[3]))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row = whole(attributes["r"]) if "r" in attributes else self._row + 1
        self._column = 0
        if self.rows is not None and self._row > self.rows:
            raise Enough
        if not 1 <= self._row <= _LAST_ROW:
            raise Unreadable(
                "damaged",
                f"{self.where.vi} có dòng mang số {self._row}",
                f"{self.where.en} has a row numbered {self._row}",
            )
        if attributes.get("hidden") in ("1", "true"):
            self.grid.hidden_rows.add(self._row)

    def _end_cell(self, cell: dict[str, str]) -> None:
        self._column = self._place(cell["r"]) if "r" in cell else self._column + 1
        kind, number = cell.get("t", "n"), whole(cell.get("s", "0"))
        if not self._row or (self._valued and (self._valued == "is") != (kind == "inlineStr")):
            raise ValueError(f"a cell of type {kind} in row {self._row} holds what its type does not have")
        if self._text or self._formula is not None:
            typing, formula = self.typing, self._formula
            found, style = self._text if self._valued else None, typing.style(number)
            meaning, encoding = typing.meaning(kind, style, found, formula), None
            if meaning[1] == "text" and (style.encoding or typing.runs or self._runs):
                runs = typing.runs.get(int(self._text), ()) if kind == "s" else self._runs
                meaning, encoding = typing.in_unicode(meaning, style.encoding, runs)
            cached = found if typing.uncalculated and formula is not None else None
            self.grid.put(self._row, self._column, meaning, style.format, formula, encoding, cached)
        self._cell = None

    def _place(self, reference: str) -> int:
        match = _REFERENCE.match(reference) or _REFERENCE.match(reference.upper())
        if match is None or int(match[2]) != self._row:
            raise Unreadable(
                "damaged",
                f"{self.where.vi} ghi ô {reference} trong dòng {self._row}",
                f"{self.where.en} has the cell {reference} in row {self._row}",
            )
        return number_of(match[1])


@lru_cache(maxsize=LAST_COLUMN)
def number_of(letters: str) -> int:
    """The number of a column from its letters: ``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def read_xlsx(content: bytes, name: str) -> Gathered:
    """Every worksheet, hidden ones too.

    Raises Unreadable: not a workbook, encrypted, damaged, or unsafe to open.
    """
    return _gathered(content, name)


def read_top(content: bytes, name: str, rows: int) -> Book:
    """The first rows of every worksheet, hidden ones too: a glance at a file of our own, for a tenth of the effort.

    Raises Unreadable: as the whole would be; or the first rows can't be told without the rest of the workbook.
    """
    return _gathered(content, name, rows).book(name)


def _gathered(content: bytes, name: str, rows: int | None = None) -> Gathered:
    parts = open_archive(content, name)
    contents = read_contents(parts, name)
    strings = read_strings(parts, name, rows and rows * _STRINGS_IN_A_ROW)
    typing = Typing(
        [text(string) for string in strings.texts],
        strings.runs,
        read_styles(parts, name),
        contents.from_1904,
        contents.uncalculated,
        name,
    )
    grids = [_grid(part, parts[part.path], typing, name, rows) for part in contents.sheets]
    return Gathered(grids, (MACROS,) if contents.macros else ())


def _grid(part: Part, content: bytes, typing: Typing, name: str, rows: int | None) -> Grid:
    """What one worksheet part says, in its first rows."""
    worksheet = _Worksheet(in_sheet(name, part.name), Grid(part.name, part.hidden), typing, rows=rows)
    with suppress(Enough):
        parse_xml(content, worksheet.where, worksheet.start, worksheet.end, worksheet.text)
    worksheet.grid.hidden_columns, worksheet.grid.merged = worksheet.hidden_columns, list(worksheet.areas())
    return worksheet.grid
