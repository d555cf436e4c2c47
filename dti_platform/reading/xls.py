"""Old workbooks (.xls of Excel 5 to 2003): xlrd reads their cells, and gets only records that were checked before.

Here: the check of a workbook's records ([MS-XLS] 2.4), and xlrd's sheets as grids. xlrd accepts damaged records, so
that a cell could be lost or changed: such records are refused here. xlrd gets nothing that holds no cell (charts,
names, drawings, macros). Whether a cell holds a formula is known, but not the formula's text. Text that is invalid in
its declared encoding, which a lenient reader shows as U+FFFD, is refused.
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
from dti_platform.reading.encoding import from_font, join_runs
from dti_platform.reading.grid import Gathered, Grid
from dti_platform.reading.limits import OLE, check_sheets
from dti_platform.reading.values import GENERAL, Format, Meaning, date, format_of, number, sheet_name, text

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Cell as XlrdCell
    from xlrd.sheet import Sheet

#: The beginning of records without a container: the declarations of a workbook, or a single sheet.
_BARE_RECORDS = re.compile(rb"\x09\x08[\x08-\x10]\x00(..)([\x05\x10])\x00", re.DOTALL)
_BOF, _EOF, _CONTINUE, _FILEPASS, _CODEPAGE, _BOUNDSHEET, _SST = 0x0809, 0x000A, 0x003C, 0x002F, 0x0042, 0x0085, 0x00FC
#: The version and the type of the part that a BOF record begins.
_BIFF5, _BIFF8, _WORKBOOK, _WORKSHEET = 0x0500, 0x0600, 0x0005, 0x0010
#: Types of sheets: with cells; macros, charts and Basic.
_CELL_SHEET, _OTHER_SHEETS = 0, (1, 2, 6)
#: Date mode, fonts, formats, styles.
_FONT, _FORMAT = 0x0031, 0x041E
_DECLARATIONS = (0x0022, _FONT, _FORMAT, 0x00E0)
_FORMULA, _STRING, _LABEL, _RSTRING, _LABELSST, _MULRK = 0x0006, 0x0207, 0x0204, 0x00D6, 0x00FD, 0x00BD
#: The last three are NUMBER, RK and BOOLERR.
_CELLS = (_FORMULA, _LABEL, _RSTRING, _LABELSST, 0x0203, 0x027E, 0x0205)
#: Rows, columns, merged cells.
_SHAPE = (0x0208, 0x007D, 0x00E5)
#: xlrd's types of cells: empty, boolean, error; all others are texts and numbers.
_EMPTY, _BOOL, _ERROR = 0, 4, 5
#: The entry in the list of sheets for a sheet without a workbook.
_SHEET_ENTRIES = {_BIFF5: b"\x06Sheet1", _BIFF8: b"\x06\x00Sheet1"}
#: Flags of a string: two bytes a character, a phonetic part, rich text; and the fewest bytes of a shared string.
_WIDE, _PHONETIC, _RICH, _SHORTEST = 0x01, 0x04, 0x08, 3
#: What xlrd and the checks raise for a damaged file.
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError)
#: The text of each error code ([MS-XLS] 2.5.10).
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def is_xls(content: bytes) -> bool:
    """Whether the content is a compound file, or the records of a workbook without a container."""
    return content.startswith(OLE) or _BARE_RECORDS.match(content) is not None


def read_xls(content: bytes, name: str) -> Gathered:
    """Reads every worksheet, hidden ones too.

    Raises Unreadable: the content is not a workbook, encrypted, of a version before Excel 5, or damaged.
    """
    from xlrd import open_workbook  # imported only for old workbooks: it takes time
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    try:
        stream, macros = (content, False) if _BARE_RECORDS.match(content) else _workbook_stream(content, name)
        workbook = _check_workbook(stream, name)
        check_sheets(len(workbook.sheets), name)
        book = open_workbook(
            file_contents=workbook.pack(), logfile=_Discard(), encoding_override=workbook.code_page,
            formatting_info=True, ragged_rows=True,
        )  # fmt: skip
        styles = _Styles.from_book(book)
        grids = [styles.grid(*pair) for pair in zip(book.sheets(), workbook.sheets, strict=True)]
    except (*_DAMAGED, struct.error, XLRDError, CompDocError) as error:
        raise Unreadable("damaged", "xls", file=name, error=error) from error
    return Gathered(grids, (catalogue("warning")["read_as_found"].detail["macros"],) if macros else ())


class _Discard(io.StringIO):
    """The log of xlrd's warnings, which are discarded."""

    def write(self, text: str, /) -> int:
        """Discards a text and returns its length, like a stream."""
        return len(text)


def _workbook_stream(content: bytes, name: str) -> tuple[bytes, bool]:
    """The workbook stream of a compound file, and whether the file holds macros."""
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
    """One record, with the records that continue it."""

    kind: int
    body: bytes
    continuations: Sequence[bytes] = ()


def _pack(record: _Record) -> bytes:
    pieces = [(record.kind, record.body), *((_CONTINUE, body) for body in record.continuations)]
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in pieces)


def _records(stream: bytes, offset: int) -> Iterator[_Record]:
    """The records of the part that begins at an offset; nested parts, such as charts, are left out.

    Raises ValueError if the stream ends before the part.
    """
    if stream[offset : offset + 2] != struct.pack("<H", _BOF):
        raise ValueError(f"no part begins at {offset}")
    depth = 0
    record: _Record | None = None
    continuations: list[bytes] = []
    while offset + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, offset)
        body, offset = stream[offset + 4 : offset + 4 + size], offset + 4 + size
        if offset > len(stream):
            raise ValueError("a record extends beyond the end of the file")
        if kind == _CONTINUE:
            continuations.append(body)
            continue
        if record is not None:
            yield record
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        continuations = []
        record = _Record(kind, body, continuations) if depth == 1 else None
    raise ValueError("the records of a part have no end")


@dataclass(slots=True)
class _Sheet:
    """What is kept of a worksheet: its entry in the workbook, its records, and the positions of its formulas."""

    entry: bytes
    records: list[_Record] = field(default_factory=list[_Record])
    formulas: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])


@dataclass(slots=True)
class _Workbook:
    """What is kept of a workbook."""

    version: int
    code_page: str | None
    """The code page of its texts; None: they are Unicode (BIFF8)."""
    strings: int = 0
    """The number of shared strings."""
    declarations: list[_Record] = field(default_factory=list[_Record])
    sheets: list[_Sheet] = field(default_factory=list[_Sheet])

    def pack(self) -> bytes:
        """The bytes of a workbook with only the kept records."""
        head = self._begin_record(_WORKBOOK) + b"".join(map(_pack, self.declarations))
        end = struct.pack("<HH", _EOF, 0)
        bodies = [self._begin_record(_WORKSHEET) + b"".join(map(_pack, sheet.records)) + end for sheet in self.sheets]
        offset = len(head) + sum(4 + len(sheet.entry) for sheet in self.sheets) + len(end)
        for sheet, body in zip(self.sheets, bodies, strict=True):
            head += _pack(_Record(_BOUNDSHEET, struct.pack("<I", offset) + sheet.entry[4:]))
            offset += len(body)
        return head + end + b"".join(bodies)

    def _begin_record(self, part: int) -> bytes:
        return _pack(_Record(_BOF, struct.pack("<HH", self.version, part) + b"\0" * 12))

    def check_text(self, body: bytes, offset: int, size: int) -> None:
        """Raises ValueError if a text ends beyond its record; ``size`` is the number of bytes of its length field."""
        length, offset = int.from_bytes(body[offset : offset + size], "little"), offset + size
        if self.code_page is None and length:
            flags, offset = body[offset], offset + 1
            offset += 2 * bool(flags & _RICH) + 4 * bool(flags & _PHONETIC)
            length *= 2 if flags & _WIDE else 1
        if offset + length > len(body):
            raise ValueError("a text extends beyond its record")


def _check_workbook(stream: bytes, name: str) -> _Workbook:
    """The records that xlrd gets; raises ValueError, IndexError or struct.error if one is damaged."""
    records = _records(stream, 0)
    version, part = struct.unpack_from("<HH", next(records).body)
    if part == _WORKSHEET:
        version = version if version == _BIFF8 else _BIFF5  # a single sheet may omit its version
    if version not in (_BIFF5, _BIFF8):
        raise Unreadable("not_a_workbook", "old_version", file=name)
    workbook = _Workbook(version, "cp1252" if version == _BIFF5 else None)
    if part == _WORKSHEET:
        records = iter([_Record(_BOUNDSHEET, bytes(6) + _SHEET_ENTRIES[version])])
    entries: list[bytes] = []
    for record in records:
        if record.kind == _FILEPASS:
            raise _encrypted(name)
        if record.kind == _BOUNDSHEET:
            entries.append(record.body)
        else:
            _keep_declaration(workbook, record)
    for entry in entries:
        _check_sheet(workbook, stream, entry)
    return workbook


def _keep_declaration(workbook: _Workbook, record: _Record) -> None:
    kind, body, continuations = record
    if kind == _CODEPAGE and workbook.code_page is not None:
        workbook.code_page = _code_page(struct.unpack_from("<H", body)[0])
    elif kind == _SST:
        workbook.strings = struct.unpack_from("<I", body, 4)[0]
        _check_strings([body, *continuations], workbook.strings)
        workbook.declarations.append(record)
    elif kind in _DECLARATIONS:
        if kind in (_FONT, _FORMAT):
            workbook.check_text(body, *((14, 1) if kind == _FONT else (2, 2 if workbook.code_page is None else 1)))
        workbook.declarations.append(_Record(kind, body))


def _code_page(number: int) -> str:
    """Python's name for a code page; windows-1252 if it has none."""
    name = {10000: "mac-roman", 32768: "mac-roman", 32769: "cp1252"}.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def _check_strings(pieces: Sequence[bytes], count: int) -> None:
    """Raises ValueError or IndexError if there are fewer shared strings than declared, or they are not contiguous.

    xlrd trusts the declared number, and moves backwards if the size of a phonetic part is negative.
    """
    total = sum(map(len, pieces))
    if count > total // _SHORTEST:
        raise ValueError(f"it holds fewer than {count} shared strings")
    piece, offset = 0, 8
    for _ in range(count):
        length, flags = struct.unpack_from("<HB", pieces[piece], offset)
        offset += 3
        runs = struct.unpack_from("<H", pieces[piece], offset)[0] if flags & _RICH else 0
        offset += 2 if flags & _RICH else 0
        phonetic = struct.unpack_from("<I", pieces[piece], offset)[0] if flags & _PHONETIC else 0
        offset += 4 if flags & _PHONETIC else 0
        while length:
            width = 2 if flags & _WIDE else 1
            characters = min((len(pieces[piece]) - offset) // width, length)
            offset, length = offset + characters * width, length - characters
            if length:
                piece, offset = piece + 1, 1
                flags = pieces[piece][0]
        offset += runs * 4 + phonetic
        if offset > total:
            raise ValueError("a shared string extends beyond its records")
        while piece + 1 < len(pieces) and offset >= len(pieces[piece]):
            piece, offset = piece + 1, offset - len(pieces[piece])


def _check_sheet(workbook: _Workbook, stream: bytes, entry: bytes) -> None:
    """Keeps a worksheet; raises ValueError if the sheet is not of the type that its entry declares."""
    offset, _, sheet_type = struct.unpack_from("<IBB", entry)
    records = _records(stream, offset)
    is_worksheet = struct.unpack_from("<H", next(records).body, 2)[0] == _WORKSHEET
    if sheet_type not in (_CELL_SHEET, *_OTHER_SHEETS) or (sheet_type == _CELL_SHEET) != is_worksheet:
        raise ValueError("a sheet is not of the type that the workbook lists")
    if is_worksheet:
        workbook.check_text(entry, 6, 1)
        sheet = _Sheet(entry)
        workbook.sheets.append(sheet)
        _check_cells(workbook, sheet, records)


def _check_cells(workbook: _Workbook, sheet: _Sheet, records: Iterator[_Record]) -> None:
    """Keeps the records of cells; raises ValueError if one is repeated, or a formula and its text are separated."""
    positions: set[tuple[int, int]] = set()
    awaits_text = False
    for record in records:
        kind, body, _ = record
        if kind in (*_CELLS, _MULRK, _STRING):
            if awaits_text != (kind == _STRING):
                raise ValueError("the text of a formula is missing, or does not follow a formula")
            awaits_text = kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 0
        if kind == _STRING:
            sheet.records.append(record)
        elif kind in (*_CELLS, _MULRK):
            row, column = struct.unpack_from("<HH", body)
            columns = range(column, column + (_count_numbers(body) if kind == _MULRK else 1))
            if not positions.isdisjoint((row, column) for column in columns):
                raise ValueError(f"a cell in row {row + 1} is repeated")
            positions.update((row, column) for column in columns)
            sheet.records.append(_check_cell(workbook, kind, body))
            if kind == _FORMULA:
                sheet.formulas.add((row, column))
        elif kind in _SHAPE:
            sheet.records.append(_Record(kind, body))
    if awaits_text:
        raise ValueError("the text of a formula is missing")


def _count_numbers(body: bytes) -> int:
    """The number of cells in a MULRK record; raises ValueError if it differs from the declared range of columns."""
    (first,), (last,) = struct.unpack_from("<H", body, 2), struct.unpack_from("<H", body, len(body) - 2)
    count, remainder = divmod(len(body) - 6, 6)
    if remainder or last != first + count - 1:
        raise ValueError("a row of numbers does not have its declared length")
    return count


def _check_cell(workbook: _Workbook, kind: int, body: bytes) -> _Record:
    if kind in (_LABEL, _RSTRING):
        workbook.check_text(body, 6, 2)
        return _Record(_LABEL, body)  # the fonts of its runs follow the text, and are ignored
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
    def from_book(cls, book: Book) -> _Styles:
        """The formats and font encodings of a book's styles."""
        declared = {declaration.format_key: declaration.format_str for declaration in book.format_list}
        fonts = [from_font(font.name) for font in book.font_list]
        return cls(
            [format_of(style.format_key, declared) for style in book.xf_list],
            [fonts[style.font_index] if style.font_index < len(fonts) else None for style in book.xf_list],
            book.datemode == 1,
        )

    def grid(self, sheet: Sheet, checked: _Sheet) -> Grid:
        """The filled cells of a sheet, and its hidden and merged ranges."""
        grid = Grid(sheet_name(sheet.name), bool(sheet.visibility & 3))
        grid.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
        grid.hidden_columns = [range(index + 1, index + 2) for index, info in sheet.colinfo_map.items() if info.hidden]
        grid.merged = [Area(top + 1, left + 1, end, right) for top, end, left, right in sheet.merged_cells]
        for row in range(sheet.nrows):
            for column, kind in enumerate(sheet.row_types(row)):
                if kind != _EMPTY:
                    formula = "" if (row, column) in checked.formulas else None
                    self._put(grid, row + 1, column + 1, sheet.cell(row, column), formula)
        return grid

    def _put(self, grid: Grid, row: int, column: int, cell: XlrdCell, formula: str | None) -> None:
        style, encoding = cell.xf_index or 0, None
        number_format = self.formats[style] if style < len(self.formats) else GENERAL
        if isinstance(cell.value, str):
            raw, encoding = join_runs(
                [(cell.value, None)], self.encodings[style] if style < len(self.encodings) else None
            )
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
