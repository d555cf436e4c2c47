"""Old workbooks (.xls of Excel 5 to 2003): xlrd reads their cells, and sees only records that were checked before.

Here: the check of a workbook's records ([MS-XLS] 2.4), and xlrd's sheets as grids. xlrd takes damaged records as they
come, so that a cell could be lost or be another one; whatever would, is refused here. Everything that holds no cell
(charts, names, drawings, macros) is left out of what xlrd gets. That a cell holds a formula is known, its text is not.
Text that is not valid in its declared encoding, which a lenient reader shows as U+FFFD, is a reason for refusal.
"""

from __future__ import annotations

import codecs
import io
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dti_platform.problems import catalogue
from dti_platform.reading.cells import Area, Unreadable
from dti_platform.reading.encoding import drawn, from_font
from dti_platform.reading.grid import Gathered, Grid
from dti_platform.reading.limits import OLE, check_sheets
from dti_platform.reading.values import GENERAL, Format, Meaning, date, format_of, number, sheet_name, text

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Cell as XlrdCell
    from xlrd.sheet import Sheet

#: How the records begin where they stand without their container: with the workbook's declarations, or a sheet alone.
_BARE = re.compile(rb"\x09\x08[\x08-\x10]\x00(..)([\x05\x10])\x00", re.DOTALL)
_BOF, _EOF, _CONTINUE, _FILEPASS, _CODEPAGE, _BOUNDSHEET, _SST = 0x0809, 0x000A, 0x003C, 0x002F, 0x0042, 0x0085, 0x00FC
#: The version and the sort of the part that a BOF record begins.
_BIFF5, _BIFF8, _WORKBOOK, _WORKSHEET = 0x0500, 0x0600, 0x0005, 0x0010
#: Sorts of sheets: those with cells; macros, charts, and Basic.
_CELL_SHEET, _OTHER_SHEETS = 0, (1, 2, 6)
#: Date mode, fonts, formats, styles.
_FONT, _FORMAT = 0x0031, 0x041E
_DECLARATIONS = (0x0022, _FONT, _FORMAT, 0x00E0)
_FORMULA, _STRING, _LABEL, _RSTRING, _LABELSST, _MULRK = 0x0006, 0x0207, 0x0204, 0x00D6, 0x00FD, 0x00BD
#: Besides them: NUMBER, RK, BOOLERR.
_CELLS = (_FORMULA, _LABEL, _RSTRING, _LABELSST, 0x0203, 0x027E, 0x0205)
#: Rows, columns, merged cells.
_SHAPE = (0x0208, 0x007D, 0x00E5)
#: What xlrd calls a cell: of no content, true or false, an error; all else are texts and numbers.
_NOTHING, _BOOL, _ERROR = 0, 4, 5
#: How a sheet is listed that stands without a workbook.
_ALONE = {_BIFF5: b"\x06Sheet1", _BIFF8: b"\x06\x00Sheet1"}
#: The length and the flags of a string, its rich text and its phonetic part; a shared string takes three bytes or more.
_WIDE, _PHONETIC, _RICH, _SHORTEST = 0x01, 0x04, 0x08, 3
#: What xlrd and the check raise where a file is damaged.
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError)
#: What the code of an error shows ([MS-XLS] 2.5.10).
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def is_xls(content: bytes) -> bool:
    """Whether a file is a compound file, or the records of a workbook without one."""
    return content.startswith(OLE) or _BARE.match(content) is not None


def read_xls(content: bytes, name: str) -> Gathered:
    """Every worksheet, hidden ones too.

    Raises Unreadable: no workbook, a password, a version before Excel 5, or damaged.
    """
    from xlrd import open_workbook  # only old workbooks are worth the time of this import
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    try:
        stream, macros = (content, False) if _BARE.match(content) else _stream(content, name)
        workbook = _check(stream, name)
        check_sheets(len(workbook.sheets), name)
        book = open_workbook(
            file_contents=workbook.packed(), logfile=_Discard(), encoding_override=workbook.page, formatting_info=True,
            ragged_rows=True,
        )  # fmt: skip
        styles = _Styles.of(book)
        grids = [styles.grid(*pair) for pair in zip(book.sheets(), workbook.sheets, strict=True)]
    except (*_DAMAGED, struct.error, XLRDError, CompDocError) as error:
        raise Unreadable("damaged", "xls", file=name, error=error) from error
    return Gathered(grids, (catalogue("warning")["read_as_found"].detail["macros"],) if macros else ())


class _Discard(io.StringIO):
    """Where the warnings of xlrd go."""

    def write(self, text: str, /) -> int:
        """Discards a text; returns its length, as a stream does."""
        return len(text)


def _stream(content: bytes, name: str) -> tuple[bytes, bool]:
    """The stream of the workbook in a compound file, and whether there are macros beside it."""
    from xlrd.compdoc import CompDoc

    compound = CompDoc(content, logfile=_Discard())
    names = {entry.name.casefold() for entry in compound.dirlist}
    if "encryptedpackage" in names:
        raise _encrypted(name)
    for path in ("Workbook", "Book"):
        if stream := compound.get_named_stream(path):
            return stream, "_vba_project" in names
    raise Unreadable("not_a_workbook", "compound", file=name)


class _Record(NamedTuple):
    """One record, with those that continue it."""

    kind: int
    body: bytes
    more: Sequence[bytes] = ()


def _packed(record: _Record) -> bytes:
    pieces = [(record.kind, record.body), *((_CONTINUE, body) for body in record.more)]
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in pieces)


def _records(stream: bytes, at: int) -> Iterator[_Record]:
    """The records of the part that begins at a place in the stream; parts within it, such as charts, are left out.

    Raises ValueError where the stream ends before the part does.
    """
    if stream[at : at + 2] != struct.pack("<H", _BOF):
        raise ValueError(f"no part begins at {at}")
    depth = 0
    record: _Record | None = None
    more: list[bytes] = []
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body, at = stream[at + 4 : at + 4 + size], at + 4 + size
        if at > len(stream):
            raise ValueError("a record goes on beyond the end")
        if kind == _CONTINUE:
            more.append(body)
            continue
        if record is not None:
            yield record
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        more = []
        record = _Record(kind, body, more) if depth == 1 else None
    raise ValueError("its records end before the part does")


@dataclass(slots=True)
class _Sheet:
    """What is kept of a worksheet: how the workbook lists it, its records, and where formulas stand."""

    listed: bytes
    records: list[_Record] = field(default_factory=list[_Record])
    formulas: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])


@dataclass(slots=True)
class _Workbook:
    """What is kept of a workbook."""

    version: int
    page: str | None
    """The code page of its texts; None where they are Unicode (BIFF8)."""
    strings: int = 0
    """How many shared strings it has."""
    declared: list[_Record] = field(default_factory=list[_Record])
    sheets: list[_Sheet] = field(default_factory=list[_Sheet])

    def packed(self) -> bytes:
        """A workbook of the kept records alone."""
        head = self._begin(_WORKBOOK) + b"".join(map(_packed, self.declared))
        end = struct.pack("<HH", _EOF, 0)
        bodies = [self._begin(_WORKSHEET) + b"".join(map(_packed, sheet.records)) + end for sheet in self.sheets]
        at = len(head) + sum(4 + len(sheet.listed) for sheet in self.sheets) + len(end)
        for sheet, body in zip(self.sheets, bodies, strict=True):
            head += _packed(_Record(_BOUNDSHEET, struct.pack("<I", at) + sheet.listed[4:]))
            at += len(body)
        return head + end + b"".join(bodies)

    def _begin(self, part: int) -> bytes:
        return _packed(_Record(_BOF, struct.pack("<HH", self.version, part) + b"\0" * 12))

    def check_text(self, body: bytes, at: int, size: int) -> None:
        """Raises ValueError where a text goes on beyond its record; ``size``: of its length, in bytes."""
        length, at = int.from_bytes(body[at : at + size], "little"), at + size
        if self.page is None and length:
            flags, at = body[at], at + 1
            at += 2 * bool(flags & _RICH) + 4 * bool(flags & _PHONETIC)
            length *= 2 if flags & _WIDE else 1
        if at + length > len(body):
            raise ValueError("a text goes on beyond its record")


def _check(stream: bytes, name: str) -> _Workbook:
    """The records that xlrd may see; raises ValueError, IndexError or struct.error where one is damaged."""
    records = _records(stream, 0)
    version, part = struct.unpack_from("<HH", next(records).body)
    if part == _WORKSHEET:
        version = version if version == _BIFF8 else _BIFF5  # a sheet alone may leave its version out
    if version not in (_BIFF5, _BIFF8):
        raise Unreadable("not_a_workbook", "old_version", file=name)
    workbook = _Workbook(version, "cp1252" if version == _BIFF5 else None)
    if part == _WORKSHEET:
        records = iter([_Record(_BOUNDSHEET, bytes(6) + _ALONE[version])])
    listed: list[bytes] = []
    for record in records:
        if record.kind == _FILEPASS:
            raise _encrypted(name)
        if record.kind == _BOUNDSHEET:
            listed.append(record.body)
        else:
            _declare(workbook, record)
    for entry in listed:
        _check_sheet(workbook, stream, entry)
    return workbook


def _declare(workbook: _Workbook, record: _Record) -> None:
    kind, body, more = record
    if kind == _CODEPAGE and workbook.page is not None:
        workbook.page = _code_page(struct.unpack_from("<H", body)[0])
    elif kind == _SST:
        workbook.strings = struct.unpack_from("<I", body, 4)[0]
        _check_strings([body, *more], workbook.strings)
        workbook.declared.append(record)
    elif kind in _DECLARATIONS:
        if kind in (_FONT, _FORMAT):
            workbook.check_text(body, *((14, 1) if kind == _FONT else (2, 2 if workbook.page is None else 1)))
        workbook.declared.append(_Record(kind, body))


def _code_page(number: int) -> str:
    """Python's name of a code page; windows-1252 if it has none."""
    name = {10000: "mac-roman", 32768: "mac-roman", 32769: "cp1252"}.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def _check_strings(pieces: Sequence[bytes], count: int) -> None:
    """Raises ValueError or IndexError where the shared strings are not so many, or do not follow one another.

    xlrd believes their number, and goes back where the size of a phonetic part is negative.
    """
    left = sum(map(len, pieces))
    if count > left // _SHORTEST:
        raise ValueError(f"it holds less than {count} shared strings")
    piece, at = 0, 8
    for _ in range(count):
        length, flags = struct.unpack_from("<HB", pieces[piece], at)
        at += 3
        runs = struct.unpack_from("<H", pieces[piece], at)[0] if flags & _RICH else 0
        at += 2 if flags & _RICH else 0
        phonetic = struct.unpack_from("<I", pieces[piece], at)[0] if flags & _PHONETIC else 0
        at += 4 if flags & _PHONETIC else 0
        while length:
            width = 2 if flags & _WIDE else 1
            taken = min((len(pieces[piece]) - at) // width, length)
            at, length = at + taken * width, length - taken
            if length:
                piece, at = piece + 1, 1
                flags = pieces[piece][0]
        at += runs * 4 + phonetic
        if at > left:
            raise ValueError("a shared string goes on beyond its records")
        while piece + 1 < len(pieces) and at >= len(pieces[piece]):
            piece, at = piece + 1, at - len(pieces[piece])


def _check_sheet(workbook: _Workbook, stream: bytes, listed: bytes) -> None:
    """Keeps a worksheet; raises ValueError where the list of sheets and the sheet differ on whether it is one."""
    at, _, sort = struct.unpack_from("<IBB", listed)
    records = _records(stream, at)
    is_worksheet = struct.unpack_from("<H", next(records).body, 2)[0] == _WORKSHEET
    if sort not in (_CELL_SHEET, *_OTHER_SHEETS) or (sort == _CELL_SHEET) != is_worksheet:
        raise ValueError("a sheet is not of the sort that it is listed as")
    if is_worksheet:
        workbook.check_text(listed, 6, 1)
        sheet = _Sheet(listed)
        workbook.sheets.append(sheet)
        _check_cells(workbook, sheet, records)


def _check_cells(workbook: _Workbook, sheet: _Sheet, records: Iterator[_Record]) -> None:
    """Keeps the records of cells; raises ValueError where one stands twice, or a formula and its text are apart."""
    places: set[tuple[int, int]] = set()
    waiting = False
    for record in records:
        kind, body, _ = record
        if kind in (*_CELLS, _MULRK, _STRING):
            if waiting != (kind == _STRING):
                raise ValueError("the text of a formula is missing, or stands behind no formula")
            waiting = kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 0
        if kind == _STRING:
            sheet.records.append(record)
        elif kind in (*_CELLS, _MULRK):
            row, column = struct.unpack_from("<HH", body)
            columns = range(column, column + (_check_numbers(body) if kind == _MULRK else 1))
            if not places.isdisjoint((row, column) for column in columns):
                raise ValueError(f"a cell in row {row + 1} stands twice")
            places.update((row, column) for column in columns)
            sheet.records.append(_check_cell(workbook, kind, body))
            if kind == _FORMULA:
                sheet.formulas.add((row, column))
        elif kind in _SHAPE:
            sheet.records.append(_Record(kind, body))
    if waiting:
        raise ValueError("the text of a formula is missing")


def _check_numbers(body: bytes) -> int:
    """How many numbers stand side by side in a record that says where they end."""
    (first,), (last,) = struct.unpack_from("<H", body, 2), struct.unpack_from("<H", body, len(body) - 2)
    count, rest = divmod(len(body) - 6, 6)
    if rest or last != first + count - 1:
        raise ValueError("a row of numbers does not have its declared length")
    return count


def _check_cell(workbook: _Workbook, kind: int, body: bytes) -> _Record:
    if kind in (_LABEL, _RSTRING):
        workbook.check_text(body, 6, 2)
        return _Record(_LABEL, body)  # the fonts within a text follow it
    if kind == _LABELSST and struct.unpack_from("<I", body, 6)[0] >= workbook.strings:
        raise ValueError("a cell has a text that is not among the shared strings")
    return _Record(kind, body[:10] if kind == _LABELSST else body)


@dataclass(frozen=True, slots=True)
class _Styles:
    """The number format of each style, and the legacy encoding that its font declares."""

    formats: Sequence[Format]
    encodings: Sequence[str | None]
    from_1904: bool

    @classmethod
    def of(cls, book: Book) -> _Styles:
        """The formats and font encodings of a book, by style."""
        own = {each.format_key: each.format_str for each in book.format_list}
        fonts = [from_font(font.name) for font in book.font_list]
        return cls(
            [format_of(style.format_key, own) for style in book.xf_list],
            [fonts[style.font_index] if style.font_index < len(fonts) else None for style in book.xf_list],
            book.datemode == 1,
        )

    def grid(self, sheet: Sheet, checked: _Sheet) -> Grid:
        """The cells of a sheet that hold something, and what is hidden or merged."""
        grid = Grid(sheet_name(sheet.name), bool(sheet.visibility & 3))
        grid.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
        grid.hidden_columns = [range(at + 1, at + 2) for at, info in sheet.colinfo_map.items() if info.hidden]
        grid.merged = [Area(top + 1, left + 1, end, right) for top, end, left, right in sheet.merged_cells]
        for row in range(sheet.nrows):
            for column, kind in enumerate(sheet.row_types(row)):
                if kind != _NOTHING:
                    formula = "" if (row, column) in checked.formulas else None
                    self._put(grid, row + 1, column + 1, sheet.cell(row, column), formula)
        return grid

    def _put(self, grid: Grid, row: int, column: int, cell: XlrdCell, formula: str | None) -> None:
        style, encoding = cell.xf_index or 0, None
        number_format = self.formats[style] if style < len(self.formats) else GENERAL
        if isinstance(cell.value, str):
            raw, encoding = drawn([(cell.value, None)], self.encodings[style] if style < len(self.encodings) else None)
            meaning = text(raw)
        else:
            meaning = _meaning(cell.ctype, cell.value, number_format, from_1904=self.from_1904)
        grid.put(row, column, meaning, number_format[0], formula, encoding)


def _meaning(kind: int, value: float, number_format: Format, *, from_1904: bool) -> Meaning:
    if kind == _BOOL:
        return ("TRUE", "bool", True) if value else ("FALSE", "bool", False)
    if kind == _ERROR:
        return _ERRORS.get(int(value), f"#ERROR {value}"), "error", None
    return date(value, repr(value), from_1904=from_1904) if number_format[1] else number(value)


def _encrypted(name: str) -> Unreadable:
    return Unreadable("encrypted", "password", file=name)
