"""What is looked at before any parser sees a file, and the one bounded way into XML.

Here: bounds, and refusing what could take the process down. Not here: zip archives (``archive``), and reading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Unreadable

__all__ = [
    "LONGEST_TEXT",
    "MOST_BYTES",
    "MOST_CELLS",
    "OLE",
    "ZIP",
    "parse_xml",
    "refuse_doctype",
    "too_long",
    "weigh",
]

MOST_BYTES = 64 * 2**20
#: Cells of a file, with the blank ones between them: so many fit the child's memory.
MOST_CELLS = 500_000
#: The longest text of one cell, in every format: a workbook may hold no longer one, so no answer could give it back.
LONGEST_TEXT = 32_767
#: Far more than any part of a workbook nests, and than any of its elements has attributes.
DEEPEST_ELEMENT, MOST_ATTRIBUTES = 100, 256
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
#: How much of a part is looked at first; ever more follows, for expat begins anew within what is not closed yet.
_PROLOG = 2**10

Start = Callable[[str, dict[str, str]], Any]
End = Callable[[str], Any]
Text = Callable[[str], Any]


def weigh(content: bytes, name: str) -> None:
    """Raises Unreadable where a file is empty or larger than the platform takes."""
    if not content:
        raise Unreadable("empty", f"{name} không có nội dung (0 byte)", f"{name} has no bytes")
    if len(content) > MOST_BYTES:
        raise Unreadable(
            "too_large",
            f"{name} có {len(content)} byte, vượt mức cho phép là {MOST_BYTES}",
            f"{name} has {len(content)} bytes, more than {MOST_BYTES}",
        )


def too_long(where: Bilingual) -> Unreadable:
    """What is said of a text that is longer than a cell may be."""
    most = f"{LONGEST_TEXT:,}"
    return Unreadable(
        "text_too_long",
        f"{where.vi} có văn bản dài hơn {most.replace(',', '.')} ký tự",
        f"{where.en} holds a text of more than {most} characters",
    )


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
        raise Unreadable(
            "damaged", f"{where.vi} không đúng cú pháp XML ({error})", f"{where.en} is not well-formed: {error}"
        ) from error
    except (ValueError, LookupError, OverflowError) as error:
        raise Unreadable(
            "damaged",
            f"{where.vi} ghi một giá trị không thể có ({error})",
            f"{where.en} says something that can't be: {error}",
        ) from error


def _bounded(where: Bilingual, start: Start, end: End | None) -> tuple[Start, End]:
    """The handlers, called within the bounds of depth and attributes."""
    depth = 0

    def go_in(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST_ELEMENT:
            raise Unreadable(
                "damaged",
                f"{where.vi} lồng các phần tử quá {DEEPEST_ELEMENT} tầng",
                f"{where.en} nests more than {DEEPEST_ELEMENT} elements inside one another",
            )
        if len(attributes) > MOST_ATTRIBUTES:
            raise Unreadable(
                "too_large",
                f"{where.vi} có phần tử mang quá {MOST_ATTRIBUTES} thuộc tính",
                f"{where.en} has an element of more than {MOST_ATTRIBUTES} attributes",
            )
        start(tag, attributes)

    def go_out(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(tag)

    return go_in, go_out


class _Element(Exception):
    """The first element begins: no document type can follow."""


def refuse_doctype(content: bytes, where: Bilingual) -> None:
    """Raises Unreadable where an XML part that nothing reads declares a document type; what is no XML is let be."""
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
        raise Unreadable(
            "doctype",
            f"{where.vi} khai báo kiểu tài liệu (DOCTYPE), bảng tính thông thường không có",
            f"{where.en} declares a document type: not a plain workbook",
        )

    return refuse
