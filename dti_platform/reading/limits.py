"""What is checked before any parser sees a file: its size and its format; and XML parsing within bounds.

Here: the limits, foreign formats refused by name, and the one way into XML. Not here: zip archives (``xlsx.archive``),
and reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import groupby
from xml.parsers import expat

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Unreadable

MOST_BYTES = 64 * 2**20
#: Cells of a file, with the blank ones between them: so many fit the child's memory.
MOST_CELLS = 500_000
#: Sheets of a workbook, however empty: whoever writes an answer compares each name with all before it.
MOST_SHEETS = 1_000
#: The longest text of one cell, in every format: a workbook may hold no longer one, so no answer could give it back.
LONGEST_TEXT = 32_767
#: Marks on one letter: Vietnamese has two at most, and putting thousands into order takes minutes.
MOST_MARKS = 8
_MAY_BE_MARKS = re.compile(rf"[^\x00-\u02ff\w\s]{{{MOST_MARKS + 1},}}")
#: Far more than any part of a workbook nests, and than any of its elements has attributes.
DEEPEST_ELEMENT, MOST_ATTRIBUTES = 100, 256
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
#: How much of a part is looked at first; ever more follows, for expat begins anew within what is not closed yet.
_PROLOG = 2**10

_AS_XLSX = Bilingual("hãy mở tệp và lưu thành .xlsx", "open it and save it as .xlsx")
_SEND_XLSX = Bilingual("hãy gửi bảng tính .xlsx", "send a workbook (.xlsx)")
_OPEN = b"mimetypeapplication/vnd.oasis.opendocument."
_SHEET = Bilingual("bảng tính OpenDocument (.ods)", "an OpenDocument workbook (.ods)")
#: How a file begins, at which byte, what it is, and what to do.
_BEGINNINGS = (
    (0, b"MIME-Version:", Bilingual("trang web lưu một tệp (MHTML)", "a web page in one file (MHTML)"), _AS_XLSX),
    (0, b"%PDF", Bilingual("tệp PDF", "a PDF"), _SEND_XLSX),
    (0, b"{\\rtf", Bilingual("văn bản RTF", "a text (RTF)"), _SEND_XLSX),
    (0, b"\x09\x00\x04\x00", Bilingual("bảng tính của Excel 2", "a workbook of Excel 2"), _AS_XLSX),
    (0, b"\x09\x02\x06\x00", Bilingual("bảng tính của Excel 3", "a workbook of Excel 3"), _AS_XLSX),
    (0, b"\x09\x04\x06\x00", Bilingual("bảng tính của Excel 4", "a workbook of Excel 4"), _AS_XLSX),
    (30, _OPEN + b"spreadsheet", _SHEET, _AS_XLSX),
    (30, _OPEN, Bilingual("tài liệu OpenDocument", "an OpenDocument file"), _SEND_XLSX),
)  # fmt: skip
#: Parts of archives that are other documents of Office.
_PARTS = (
    ("word/document.xml", Bilingual("văn bản Word", "a Word document"), _SEND_XLSX),
    ("ppt/presentation.xml", Bilingual("bài trình chiếu PowerPoint", "a PowerPoint presentation"), _SEND_XLSX),
)
_BINARY = b"application/vnd.ms-excel.sheet.binary"

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]
Text = Callable[[str], object]


def check_file(content: bytes, name: str) -> None:
    """Raises Unreadable where a file is empty, larger than the platform takes, or of a format of other programs."""
    if not content:
        raise Unreadable("empty", "no_bytes", file=name)
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", "bytes", file=name, size=len(content), most=MOST_BYTES)
    for at, begin, format_name, advice in _BEGINNINGS:
        if content.startswith(begin, at):
            raise _foreign(name, format_name, advice)


def check_sheets(count: int, name: str) -> None:
    """Raises Unreadable where a workbook lists more sheets than one may have: before any is read."""
    if count > MOST_SHEETS:
        raise Unreadable("too_large", "sheets", file=name, count=count, most=MOST_SHEETS)


def too_long(where: Bilingual) -> Unreadable:
    """The refusal of a text that is longer than a cell may be."""
    english = f"{LONGEST_TEXT:,}"
    most = Bilingual(english.replace(",", "."), english)
    return Unreadable("text_too_long", "in_cell", where=where, most=most)


def check_marks(text: str, where: Bilingual) -> None:
    """Raises Unreadable where a letter bears more marks than any script puts on one."""
    for signs in _MAY_BE_MARKS.finditer(text) if not text.isascii() else ():
        if any(marks and len([*run]) > MOST_MARKS for marks, run in groupby(signs[0], _is_mark)):
            raise Unreadable("stacked_marks", "in_text", where=where, most=MOST_MARKS)


def _is_mark(sign: str) -> bool:
    return unicodedata.combining(sign) > 0


def parse_xml(content: bytes, where: Bilingual, start: Start, end: End | None = None, text: Text | None = None) -> None:
    """Streams one XML part to handlers, with local names only; a document type is refused unseen.

    Raises Unreadable: not well-formed, a document type (entities multiply), elements too deep or with too many
    attributes, or a handler that can't read a value.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = False
    parser.StartDoctypeDeclHandler = _no_doctype(where)
    parser.StartElementHandler, parser.EndElementHandler = _bounded(where, start, end)
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Unreadable("damaged", "xml", where=where, error=error) from error
    except (ValueError, LookupError, OverflowError) as error:
        raise Unreadable("damaged", "impossible_value", where=where, error=error) from error


def _bounded(where: Bilingual, start: Start, end: End | None) -> tuple[Start, End]:
    """The handlers, called within the bounds of depth and attributes."""
    depth = 0

    def go_in(tag: str, attributes: dict[str, str]) -> None:
        """Start of an element: counts its depth and attributes."""
        nonlocal depth
        depth += 1
        if depth > DEEPEST_ELEMENT:
            raise Unreadable("damaged", "nesting", where=where, most=DEEPEST_ELEMENT)
        if len(attributes) > MOST_ATTRIBUTES:
            raise Unreadable("too_large", "attributes", where=where, most=MOST_ATTRIBUTES)
        start(tag, attributes)

    def go_out(tag: str) -> None:
        """End of an element."""
        nonlocal depth
        depth -= 1
        if end is not None:
            end(tag)

    return go_in, go_out


class _Element(Exception):
    """The first element begins: no document type can follow."""


def refuse_doctype(content: bytes, where: Bilingual) -> None:
    """Raises Unreadable where an XML part that nothing reads declares a document type; other parts are ignored."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_doctype(where)
    parser.StartElementHandler = _first_element
    try:
        at, size = 0, _PROLOG
        while at < len(content):
            parser.Parse(content[at : at + size])
            at, size = at + size, size * 2
    except (_Element, expat.ExpatError, ValueError, LookupError):
        return


def _first_element(*_: object) -> None:
    raise _Element


def _no_doctype(where: Bilingual) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        """Raises Unreadable whatever is declared."""
        raise Unreadable("doctype", "declared", where=where)

    return refuse


def foreign_archive(parts: Mapping[str, bytes], name: str) -> Unreadable:
    """Why an archive without a workbook's part is refused."""
    if _BINARY in parts.get("[content_types].xml", b""):
        return _foreign(name, Bilingual("bảng tính nhị phân (.xlsb)", "a binary workbook (.xlsb)"), _AS_XLSX)
    for path, what, advice in _PARTS:
        if path in parts:
            return _foreign(name, what, advice)
    return Unreadable("not_a_workbook", "other_archive", file=name)


def _foreign(name: str, what: Bilingual, advice: Bilingual) -> Unreadable:
    return Unreadable("not_a_workbook", "foreign", file=name, format=what, advice=advice)
