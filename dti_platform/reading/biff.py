"""Old workbooks (.xls of Excel 5 to 2003), cell by cell with types, errors, formats, and what is hidden or merged.

Here: a sheet's records ([MS-XLS] 2.4) to cells. Not here: the container (``compound``), and what is declared for
all sheets (``biff_globals``). Common readers give ``#DIV/0!`` as an empty cell, and no format: this one does not.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from dti_platform.reading.bare import bare_stream
from dti_platform.reading.biff_globals import Globals, Record, Tab, read_globals, records
from dti_platform.reading.biff_strings import Strings, text_of
from dti_platform.reading.cells import Area, Unreadable
from dti_platform.reading.compound import open_compound
from dti_platform.reading.encoding import drawn
from dti_platform.reading.grid import MACROS, Gathered, Grid
from dti_platform.reading.values import Meaning, date, number, text

__all__ = ["read_xls"]

_FORMULA, _STRING, _LABEL, _RSTRING, _LABELSST = 0x0006, 0x0207, 0x0204, 0x00D6, 0x00FD
_NUMBER, _RK, _MULRK, _BOOLERR = 0x0203, 0x027E, 0x00BD, 0x0205
_CELLS = (_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _BOOLERR, _FORMULA)
#: What a formula gives that gives nothing.
_EMPTY = 3
#: How a part begins that holds cells, and the sorts of sheets: those with cells, macros, charts, and Basic.
_WORKSHEET, _CELL_SHEET, _OTHER_SHEETS = 0x0010, 0, (1, 2, 6)
_ROW, _COLINFO, _MERGED = 0x0208, 0x007D, 0x00E5
#: What the code of an error shows ([MS-XLS] 2.5.10).
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_xls(content: bytes, name: str) -> Gathered:
    """Every worksheet, hidden ones too.

    Raises Unreadable: no workbook, a password, or damaged.
    """
    bare = bare_stream(content)
    opened = {"workbook": bare} if bare else open_compound(content, name)
    streams = {path.casefold(): stream for path, stream in opened.items()}
    if "encryptedpackage" in streams:
        raise Unreadable("encrypted", f"{name} được bảo vệ bằng mật khẩu", f"{name} is protected by a password")
    stream = streams.get("workbook", streams.get("book"))
    if stream is None:
        raise Unreadable(
            "not_a_workbook",
            f"{name} là tệp hỗn hợp (OLE) nhưng không phải bảng tính .xls",
            f"{name} is a compound file, but no .xls workbook",
        )
    try:
        declared = read_globals(stream, name)
        grids = [
            _Worksheet(Grid(tab.name, tab.hidden), declared).read(stream, tab)
            for tab in declared.tabs
            if _has_cells(stream, tab)
        ]
        return Gathered(grids, (MACROS,) if "_vba_project" in streams else ())
    except (ValueError, IndexError, struct.error, UnicodeDecodeError) as error:
        raise Unreadable(
            "damaged",
            f"không đọc được {name} như một bảng tính .xls ({error})",
            f"{name} is not a readable .xls workbook: {error}",
        ) from error


def _has_cells(stream: bytes, tab: Tab) -> bool:
    """Whether it is a worksheet; raises ValueError where the list of sheets and the sheet itself differ on that."""
    begins = struct.unpack_from("<H", next(records(stream, tab.at)).body, 2)[0]
    if tab.sort not in (_CELL_SHEET, *_OTHER_SHEETS) or (tab.sort == _CELL_SHEET) != (begins == _WORKSHEET):
        raise ValueError(f"the sheet {tab.name} is not of the sort that it is said to be")
    return begins == _WORKSHEET


@dataclass(slots=True)
class _Worksheet:
    """Gathers the cells of one sheet."""

    grid: Grid
    declared: Globals
    hidden_columns: list[range] = field(default_factory=list[range])
    merged: list[Area] = field(default_factory=list[Area])
    _waiting: tuple[int, int, int] | None = None
    """Row, column and style of a formula whose text comes in the next record."""

    def read(self, stream: bytes, tab: Tab) -> Grid:
        for record in records(stream, tab.at):
            self._take(record)
        self._expect_text(None)
        self.grid.hidden_columns, self.grid.merged = self.hidden_columns, self.merged
        return self.grid

    def _take(self, record: Record) -> None:
        kind, body, _ = record
        if kind in (*_CELLS, _MULRK):
            self._expect_text(None)
        if kind in _CELLS:
            self._cell(record, *struct.unpack_from("<HHH", body))
        elif kind == _MULRK:
            self._numbers(body)
        elif kind == _STRING:
            self._answer(self._string(record, 0))
        elif kind == _ROW:
            row, options = struct.unpack_from("<H10xI", body)
            if options & 0x20:
                self.grid.hidden_rows.add(row + 1)
        elif kind == _COLINFO:
            first, last, options = struct.unpack_from("<HH4xH", body)
            if options & 1:
                self.hidden_columns.append(range(first + 1, last + 2))
        elif kind == _MERGED:
            areas = struct.iter_unpack("<HHHH", body[2 : 2 + 8 * struct.unpack_from("<H", body)[0]])
            self.merged.extend(Area(top + 1, left + 1, bottom + 1, right + 1) for top, bottom, left, right in areas)

    def _cell(self, record: Record, row: int, column: int, style: int) -> None:
        kind, body, _ = record
        if kind == _LABELSST:
            self._text(row, column, style, self.declared.strings[struct.unpack_from("<I", body, 6)[0]])
        elif kind in (_LABEL, _RSTRING):
            self._text(row, column, style, self._string(record, 6))
        elif kind == _NUMBER:
            self._number(row, column, style, struct.unpack_from("<d", body, 6)[0])
        elif kind == _RK:
            self._number(row, column, style, _short_number(struct.unpack_from("<I", body, 6)[0]))
        elif kind == _BOOLERR:
            self._put(row, column, style, _bool_or_error(body[7], body[6]))
        else:
            self._formula(row, column, style, body)

    def _formula(self, row: int, column: int, style: int, body: bytes) -> None:
        """A formula's last value: a number, unless its last two bytes are full; then its first byte says what."""
        result = body[6:14]
        if result[6:8] != b"\xff\xff":
            self._number(row, column, style, struct.unpack("<d", result)[0], formula="")
        elif result[0] == 0:
            self._expect_text((row, column, style))
        elif result[0] in (1, 2):
            self._put(row, column, style, _bool_or_error(result[0] - 1, result[2]), formula="")
        elif result[0] != _EMPTY:
            raise ValueError(f"a formula in row {row + 1} gives a value of no type")

    def _answer(self, raw: str) -> None:
        """The text that the formula before gives; raises ValueError where it gives none."""
        if self._waiting is None:
            raise ValueError("a text of a formula stands behind no formula")
        self._text(*self._waiting, raw, formula="")

    def _expect_text(self, then: tuple[int, int, int] | None) -> None:
        """A formula whose text is to come; raises ValueError where that of the one before did not come."""
        if self._waiting is not None:
            raise ValueError(f"the text of the formula in row {self._waiting[0] + 1} is missing")
        self._waiting = then

    def _numbers(self, body: bytes) -> None:
        row, column = struct.unpack_from("<HH", body)
        for at, (style, packed) in enumerate(struct.iter_unpack("<HI", body[4:-2])):
            self._number(row, column + at, style, _short_number(packed))

    def _number(self, row: int, column: int, style: int, value: float, formula: str | None = None) -> None:
        is_date = self.declared.format(style)[1]
        meaning = date(value, repr(value), from_1904=self.declared.from_1904) if is_date else number(value)
        self._put(row, column, style, meaning, formula)

    def _text(self, row: int, column: int, style: int, raw: str, formula: str | None = None) -> None:
        turned, encoding = drawn([(raw, None)], self.declared.encoding(style))
        self._put(row, column, style, text(turned), formula, encoding)

    def _put(
        self,
        row: int,
        column: int,
        style: int,
        meaning: Meaning,
        formula: str | None = None,
        encoding: str | None = None,
    ) -> None:
        self._waiting = None
        self.grid.put(row + 1, column + 1, meaning, self.declared.format(style)[0], formula, encoding)

    def _string(self, record: Record, at: int) -> str:
        if self.declared.page is not None:
            return text_of(record.body, at, self.declared.page)
        return Strings([record.body[at:], *record.more]).read()


def _bool_or_error(is_error: int, value: int) -> Meaning:
    if is_error:
        return _ERRORS.get(value, f"#ERROR {value}"), "error", None
    return ("TRUE", "bool", True) if value else ("FALSE", "bool", False)


def _short_number(packed: int) -> float:
    """A number in 30 bits ([MS-XLS] 2.5.217): whole, or the upper half of a double; perhaps times a hundred."""
    whole = packed >> 2
    if packed & 2:
        value = float(whole - (1 << 30) if whole & (1 << 29) else whole)
    else:
        value = struct.unpack("<d", struct.pack("<Q", whole << 34))[0]
    return value / 100 if packed & 1 else value
