"""Checks before a parser gets a file: its size and its format; and XML parsing within bounds.

Here: the limits, the refusal of other formats by name, and the only XML parser. Not here: zip archives
(``xlsx.archive``), and reading.
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
#: Cells of a file, including the blank ones between them: so many fit the child's memory.
MOST_CELLS = 500_000
#: Sheets of a workbook, even empty ones: the writer of an answer compares each name with all before it.
MOST_SHEETS = 1_000
#: The longest text of a cell in any format: a workbook can't hold a longer one, so an answer could not repeat it.
LONGEST_TEXT = 32_767
#: Marks on one letter: Vietnamese has at most two, and normalising thousands takes minutes.
MOST_MARKS = 8
_MAY_BE_MARKS = re.compile(rf"[^\x00-\u02ff\w\s]{{{MOST_MARKS + 1},}}")
#: More than the depth of any part of a workbook, and than the attributes of any of its elements.
DEEPEST_ELEMENT, MOST_ATTRIBUTES = 100, 256
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
#: Bytes of a part in the first chunk; chunks double, because expat starts again within an unclosed token.
_PROLOG = 2**10

_AS_XLSX = Bilingual("hãy mở tệp và lưu thành .xlsx", "open it and save it as .xlsx")
_SEND_XLSX = Bilingual("hãy gửi bảng tính .xlsx", "send a workbook (.xlsx)")
_FILL_XLSX = Bilingual("hãy điền vào mẫu .xlsx rồi gửi", "fill in the template (.xlsx) and send that")
_PICTURE = Bilingual("ảnh", "a picture")
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
_ODS = Bilingual("bảng tính OpenDocument (.ods)", "an OpenDocument workbook (.ods)")
#: The offset and the bytes of a signature, the format, and the advice.
_BEGINNINGS = (
    (0, b"MIME-Version:", Bilingual("trang web lưu một tệp (MHTML)", "a web page in one file (MHTML)"), _AS_XLSX),
    (0, b"%PDF", Bilingual("tệp PDF hoặc tệp quét", "a PDF or a scan"), _FILL_XLSX),
    (0, b"\x89PNG\r\n\x1a\n", _PICTURE, _FILL_XLSX),
    (0, b"\xff\xd8\xff", _PICTURE, _FILL_XLSX),
    (0, b"II*\x00", _PICTURE, _FILL_XLSX),
    (0, b"MM\x00*", _PICTURE, _FILL_XLSX),
    (0, b"{\\rtf", Bilingual("văn bản RTF", "a text (RTF)"), _SEND_XLSX),
    (0, b"\x09\x00\x04\x00", Bilingual("bảng tính của Excel 2", "a workbook of Excel 2"), _AS_XLSX),
    (0, b"\x09\x02\x06\x00", Bilingual("bảng tính của Excel 3", "a workbook of Excel 3"), _AS_XLSX),
    (0, b"\x09\x04\x06\x00", Bilingual("bảng tính của Excel 4", "a workbook of Excel 4"), _AS_XLSX),
    (30, _OPEN_DOCUMENT + b"spreadsheet", _ODS, _AS_XLSX),
    (30, _OPEN_DOCUMENT, Bilingual("tài liệu OpenDocument", "an OpenDocument file"), _SEND_XLSX),
)  # fmt: skip
#: The parts that identify other documents of Office.
_OTHER_DOCUMENTS = (
    ("word/document.xml", Bilingual("văn bản Word", "a Word document"), _SEND_XLSX),
    ("ppt/presentation.xml", Bilingual("bài trình chiếu PowerPoint", "a PowerPoint presentation"), _SEND_XLSX),
)
_BINARY = b"application/vnd.ms-excel.sheet.binary"

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]
Text = Callable[[str], object]


def check_file(content: bytes, name: str) -> None:
    """Raises Unreadable if a file is empty, larger than the platform accepts, or in the format of another program."""
    if not content:
        raise Unreadable("empty", "no_bytes", file=name)
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", "bytes", file=name, size=len(content), most=MOST_BYTES)
    for offset, beginning, format_name, advice in _BEGINNINGS:
        if content.startswith(beginning, offset):
            raise _foreign(name, format_name, advice)


def check_sheets(count: int, name: str) -> None:
    """Raises Unreadable, before any sheet is read, if a workbook lists more sheets than allowed."""
    if count > MOST_SHEETS:
        raise Unreadable("too_large", "sheets", file=name, count=count, most=MOST_SHEETS)


def too_long(where: Bilingual) -> Unreadable:
    """The refusal of a text that is too long for a cell."""
    english = f"{LONGEST_TEXT:,}"
    most = Bilingual(english.replace(",", "."), english)
    return Unreadable("text_too_long", "in_cell", where=where, most=most)


def check_marks(text: str, where: Bilingual) -> None:
    """Raises Unreadable if a letter has more marks than any script uses."""
    for match in _MAY_BE_MARKS.finditer(text) if not text.isascii() else ():
        if any(marks and len([*run]) > MOST_MARKS for marks, run in groupby(match[0], _is_mark)):
            raise Unreadable("stacked_marks", "in_text", where=where, most=MOST_MARKS)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) > 0


def parse_xml(content: bytes, where: Bilingual, start: Start, end: End | None = None, text: Text | None = None) -> None:
    """Streams one XML part to handlers; refuses any document type declaration.

    Raises Unreadable: the part is not well-formed, declares a document type (entities multiply), has elements too deep
    or with too many attributes, or a handler can't read a value.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = False
    parser.StartDoctypeDeclHandler = _doctype_handler(where)
    parser.StartElementHandler, parser.EndElementHandler = _bounded_handlers(where, start, end)
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Unreadable("damaged", "xml", where=where, error=error) from error
    except (ValueError, LookupError, OverflowError) as error:
        value = str(error).rpartition(": ")[2]  # without Python's wording before it
        raise Unreadable("damaged", "impossible_value", where=where, error=value) from error


def _bounded_handlers(where: Bilingual, start: Start, end: End | None) -> tuple[Start, End]:
    """Wraps the handlers with checks of depth and number of attributes."""
    depth = 0

    def enter(tag: str, attributes: dict[str, str]) -> None:
        """Start of an element: counts its depth and attributes."""
        nonlocal depth
        depth += 1
        if depth > DEEPEST_ELEMENT:
            raise Unreadable("damaged", "nesting", where=where, most=DEEPEST_ELEMENT)
        if len(attributes) > MOST_ATTRIBUTES:
            raise Unreadable("too_large", "attributes", where=where, most=MOST_ATTRIBUTES)
        start(tag, attributes)

    def leave(tag: str) -> None:
        """End of an element."""
        nonlocal depth
        depth -= 1
        if end is not None:
            end(tag)

    return enter, leave


class _Element(Exception):
    """The first element has started: no document type can follow."""


def refuse_doctype(content: bytes, where: Bilingual) -> None:
    """Raises Unreadable if an XML part declares a document type; ignores all else, as the part may never be read."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _doctype_handler(where)
    parser.StartElementHandler = _first_element
    try:
        offset, size = 0, _PROLOG
        while offset < len(content):
            parser.Parse(content[offset : offset + size])
            offset, size = offset + size, size * 2
    except (_Element, expat.ExpatError, ValueError, LookupError):
        return


def _first_element(*_: object) -> None:
    raise _Element


def _doctype_handler(where: Bilingual) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        """Raises Unreadable for any declaration."""
        raise Unreadable("doctype", "declared", where=where)

    return refuse


def foreign_archive(parts: Mapping[str, bytes], name: str) -> Unreadable:
    """The refusal of an archive without the main part of a workbook."""
    if _BINARY in parts.get("[content_types].xml", b""):
        return _foreign(name, Bilingual("bảng tính nhị phân (.xlsb)", "a binary workbook (.xlsb)"), _AS_XLSX)
    for path, format_name, advice in _OTHER_DOCUMENTS:
        if path in parts:
            return _foreign(name, format_name, advice)
    return Unreadable("not_a_workbook", "other_archive", file=name)


def _foreign(name: str, format_name: Bilingual, advice: Bilingual) -> Unreadable:
    return Unreadable("not_a_workbook", "foreign", file=name, format=format_name, advice=advice)
