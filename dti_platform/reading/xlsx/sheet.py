"""Worksheets of .xlsx, cell by cell: value, type, number format, formulas, and hidden and merged cells.

Here: one worksheet part to cells, by the types of .xlsx (ECMA-376, part 1, 18.18.11). Not here: the other parts of the
package (``package``). A library that infers types, or reads ``#DIV/0!`` as an empty cell, would lose what was sent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Area, Unreadable, in_sheet
from dti_platform.reading.encoding import Run, join_runs
from dti_platform.reading.grid import LAST_COLUMN, Grid
from dti_platform.reading.limits import LONGEST_TEXT, parse_xml, too_long
from dti_platform.reading.values import BLANK, Meaning, date, number, parse_bool, parse_int, text
from dti_platform.reading.xlsx.package import Enough, Part, Style, unescape

_REFERENCE = re.compile(r"^([A-Z]{1,3})([1-9]\d{0,6})$")
_RANGE = re.compile(r"^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$")
_LAST_ROW = 1_048_576
PLAIN = Style("General", False, None)
_TEXT_ELEMENTS = frozenset(("v", "t", "f"))


class _Locals(dict[str, str]):
    """A cache of the local names of tags: ``x:row`` is ``row``."""

    def __missing__(self, tag: str) -> str:
        self[tag] = local = tag.rpartition(":")[2]
        return local


@dataclass(frozen=True, slots=True)
class Typing:
    """What a workbook declares for all its cells."""

    strings: list[Meaning]
    runs: Mapping[int, list[Run]]
    """The runs of strings that name a font, by the number of the string."""
    styles: Sequence[Style]
    from_1904: bool
    uncalculated: bool
    name: str

    def meaning(self, kind: str, style: Style, content: str | None, formula: str | None) -> Meaning:
        """The raw text, kind and value; a formula without a calculated value is an error, never blank or zero.

        ``content`` is None if the cell has no value; an empty one may be the text result of a formula. Raises
        Unreadable if the cell's type is unknown, or its text is invalid for its type.
        """
        if formula is not None and (self.uncalculated or content is None or (not content and kind != "str")):
            return f"={formula}", "error", None
        content = content or ""
        try:
            if kind == "s":
                return self.strings[parse_int(content)]
            return self._number(content, style) if kind == "n" else self._other_type(kind, content)
        except IndexError as error:
            count = len(self.strings)
            raise Unreadable("damaged", "no_shared_text", file=self.name, value=content[:40], count=count) from error
        except (ValueError, OverflowError) as error:
            detail = "not_a_number" if kind == "n" else "wrong_type"
            raise Unreadable("damaged", detail, file=self.name, type=kind, value=repr(content[:40])) from error

    def _other_type(self, kind: str, content: str) -> Meaning:
        match kind:
            case "str" | "inlineStr":
                return text(unescape(content, self.name))
            case "b":
                return ("TRUE", "bool", True) if parse_bool(content) else ("FALSE", "bool", False)
            case "e":
                return content, "error", None
            case "d":
                moment = dt.datetime.fromisoformat(content.removesuffix("Z"))
                return moment.isoformat(), "date", moment
            case unknown:
                raise ValueError(f"no such type as {unknown}")

    def _number(self, content: str, style: Style) -> Meaning:
        if not content:
            return BLANK
        value = float(content)
        if not content.isascii() or "_" in content:
            raise ValueError("not written as a number")
        if style.is_date:
            return date(value, content, from_1904=self.from_1904)
        return number(value)

    def style(self, number: int) -> Style:
        """The style of a number; PLAIN if the workbook has no styles. Raises ValueError: there is no such style."""
        if number < len(self.styles):
            return self.styles[number]
        if number or self.styles:
            raise ValueError(f"there is no style {number}")
        return PLAIN

    def in_unicode(self, meaning: Meaning, encoding: str | None, runs: Sequence[Run]) -> tuple[Meaning, str | None]:
        """A text in Unicode, and the legacy encoding that its fonts declare; ``encoding`` is the one of the cell."""
        pieces = [(unescape(piece, self.name), font) for piece, font in runs] or [(meaning[0], None)]
        joined, legacy = join_runs(pieces, encoding)
        return (text(joined) if legacy else meaning), legacy


@dataclass(slots=True)
class _Worksheet:
    """Collects the cells of one worksheet part while it streams."""

    where: Bilingual
    grid: Grid
    typing: Typing
    hidden_columns: list[range] = field(default_factory=list[range])
    merged: list[str] = field(default_factory=list[str])
    rows: int | None = None
    """How many rows to read; None: all."""
    _local: _Locals = field(default_factory=_Locals)
    _row: int = 0
    _column: int = 0
    _cell: dict[str, str] | None = None
    _open: str = ""
    """The open element whose text is collected."""
    _in_hint: bool = False
    _text: str = ""
    _formula: str | None = None
    _value_element: str = ""
    """The element that holds the cell's value: ``v`` or ``is``."""
    _font: str | None = None
    _runs: list[Run] = field(default_factory=list[Run])

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Start of an element."""
        local = self._local[tag]
        if self._cell is not None:
            if local == "v" and not (self._value_element or self._open):
                self._open = self._value_element = "v"
            else:
                self._start_inside(local, attributes)
        elif local == "c":
            self._cell, self._text, self._formula, self._value_element = attributes, "", None, ""
            self._runs = []
        elif local == "row":
            self._start_row(attributes)
        elif local == "col" and attributes.get("hidden") in ("1", "true"):
            self.hidden_columns.append(range(parse_int(attributes["min"]), parse_int(attributes["max"]) + 1))
        elif local == "mergeCell":
            self.merged.append(attributes.get("ref", ""))

    def _start_inside(self, local: str, attributes: dict[str, str]) -> None:
        """Start of an element in a cell; refuses a second value, which readers would resolve differently."""
        is_value = local in ("v", "is")
        is_repeated = (is_value and self._value_element) or (local == "f" and self._formula is not None)
        if self._open or is_repeated or local in ("c", "row") or (local == "t" and self._value_element != "is"):
            raise Unreadable("damaged", "two_values", where=self.where, row=self._row)
        self._value_element = local if is_value else self._value_element
        if local in _TEXT_ELEMENTS and not self._in_hint:
            self._open = local
            self._formula = "" if local == "f" else self._formula
        elif local == "rFont":
            self._font = attributes.get("val")
        elif local in ("is", "r"):
            self._font = None
        self._in_hint = self._in_hint or local == "rPh"

    def end(self, tag: str) -> None:
        """End of an element."""
        local = self._local[tag]
        if local == "c" and self._cell is not None:
            self._end_cell(self._cell)
        elif local == "rPh":
            self._in_hint = False
        self._open = ""

    def text(self, data: str) -> None:
        """Text within an element."""
        if self._open == "f":
            self._formula = (self._formula or "") + data
        elif self._open:
            self._text += data
            if self._open == "t":
                self._runs.append((data, self._font))
        if len(self._text) > LONGEST_TEXT or len(self._formula or "") > LONGEST_TEXT:
            raise too_long(Bilingual(f"{self.where.vi} dòng {self._row},", f"{self.where.en}, row {self._row},"))

    def areas(self) -> Iterator[Area]:
        """The merged ranges."""
        for match in filter(None, map(_RANGE.match, self.merged)):
            yield Area(int(match[2]), number_of(match[1]), int(match[4]), number_of(match[3]))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row = parse_int(attributes["r"]) if "r" in attributes else self._row + 1
        self._column = 0
        if self.rows is not None and self._row > self.rows:
            raise Enough
        if not 1 <= self._row <= _LAST_ROW:
            raise Unreadable("damaged", "row_number", where=self.where, row=self._row)
        if attributes.get("hidden") in ("1", "true"):
            self.grid.hidden_rows.add(self._row)

    def _end_cell(self, cell: dict[str, str]) -> None:
        self._column = self._check_reference(cell["r"]) if "r" in cell else self._column + 1
        kind, number = cell.get("t", "n"), parse_int(cell.get("s", "0"))
        if not self._row or (self._value_element and (self._value_element == "is") != (kind == "inlineStr")):
            raise ValueError(f"a cell of type {kind} in row {self._row} holds what its type does not have")
        if self._text or self._formula is not None:
            typing, formula = self.typing, self._formula
            content, style = self._text if self._value_element else None, typing.style(number)
            meaning, encoding = typing.meaning(kind, style, content, formula), None
            if meaning[1] == "text" and (style.encoding or typing.runs or self._runs):
                runs = typing.runs.get(int(self._text), ()) if kind == "s" else self._runs
                meaning, encoding = typing.in_unicode(meaning, style.encoding, runs)
            cached = content if typing.uncalculated and formula is not None else None
            self.grid.put(self._row, self._column, meaning, style.format, formula, encoding, cached)
        self._cell = None

    def _check_reference(self, reference: str) -> int:
        row, column = _position(reference)
        if row != self._row:
            raise Unreadable("damaged", "wrong_row", where=self.where, cell=reference, row=self._row)
        return column


@lru_cache(maxsize=2**14)  # sheets use the same references
def _position(reference: str) -> tuple[int, int]:
    """The row and column of a reference, from 1; row 0 if it is invalid."""
    match = _REFERENCE.match(reference) or _REFERENCE.match(reference.upper())
    return (int(match[2]), number_of(match[1])) if match else (0, 0)


@lru_cache(maxsize=LAST_COLUMN)
def number_of(letters: str) -> int:
    """The number of a column from its letters: ``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def read_sheet(part: Part, content: bytes, typing: Typing, name: str, rows: int | None) -> Grid:
    """Reads one worksheet part, or its first rows."""
    worksheet = _Worksheet(in_sheet(name, part.name), Grid(part.name, part.hidden), typing, rows=rows)
    with suppress(Enough):
        parse_xml(content, worksheet.where, worksheet.start, worksheet.end, worksheet.text)
    worksheet.grid.hidden_columns, worksheet.grid.merged = worksheet.hidden_columns, list(worksheet.areas())
    return worksheet.grid
