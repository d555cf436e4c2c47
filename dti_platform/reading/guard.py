"""What is looked at before any parser sees a file: an archive is measured as it is inflated, never trusted.

Here: refusing what could take the process down, or what two readers would read differently. Not here: reading.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from dti_platform.reading.cells import Unreadable
from dti_platform.said import Said

__all__ = [
    "LONGEST_TEXT",
    "MOST_BYTES",
    "MOST_CELLS",
    "MOST_ENTRIES",
    "MOST_INFLATED",
    "OLE",
    "ZIP",
    "open_archive",
    "parse_xml",
    "weigh",
]

MOST_BYTES = 64 * 2**20
MOST_ENTRIES = 2_000
MOST_INFLATED = 128 * 2**20
#: Cells of a file, with the blank ones between them: so many fit the child's memory.
MOST_CELLS = 500_000
#: The longest text that a workbook may hold in one cell, by its format.
LONGEST_TEXT = 32_767
#: Far more than any part of a workbook nests, and than any of its elements has attributes.
DEEPEST_ELEMENT, MOST_ATTRIBUTES = 100, 256
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_CHUNK = 64 * 2**10

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


def open_archive(content: bytes, name: str) -> dict[str, bytes]:
    """The XML parts of a zip archive, by path; all else is inflated too, and only measured.

    Raises Unreadable: too large, not an archive, encrypted, an entry twice, an archive inside, or damaged.
    """
    weigh(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return dict(_entries(archive, name))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Unreadable(
            "damaged",
            f"không mở được {name} như một tệp nén ({error})",
            f"{name} is not a readable archive: {error}",
        ) from error


def _entries(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Unreadable(
            "too_large",
            f"{name} chứa {len(entries)} phần, vượt mức cho phép là {MOST_ENTRIES}",
            f"{name} holds {len(entries)} entries, more than {MOST_ENTRIES}",
        )
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise Unreadable(
            "duplicate_entry",
            f"{name} chứa hai phần trùng tên: mỗi chương trình có thể đọc một phần khác nhau",
            f"{name} holds one entry twice: readers would disagree on which counts",
        )
    left = MOST_INFLATED
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Unreadable("encrypted", f"{name} được bảo vệ bằng mật khẩu", f"{name} is protected by a password")
        kept, size = _inflate(archive, entry, name, left)
        left -= size
        if kept is not None:
            yield entry.filename, kept


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, left: int) -> tuple[bytes | None, int]:
    """The content of an XML part, else None; and the real inflated bytes."""
    keep = entry.filename.endswith((".xml", ".rels"))
    pieces: list[bytes] = []
    seen = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            if not seen and chunk.startswith((ZIP, OLE)):
                inside = entry.filename
                raise Unreadable(
                    "nested_archive",
                    f"{name} chứa một tệp nén khác: {inside}",
                    f"{name} holds another archive: {inside}",
                )
            seen += len(chunk)
            if seen > left:
                raise Unreadable(
                    "too_large",
                    f"{name} giải nén ra hơn {MOST_INFLATED} byte",
                    f"{name} inflates to more than {MOST_INFLATED} bytes",
                )
            if keep:
                pieces.append(chunk)
    return (b"".join(pieces) if keep else None), seen


def parse_xml(content: bytes, where: Said, start: Start, end: End | None = None, text: Text | None = None) -> None:
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


def _bounded(where: Said, start: Start, end: End | None) -> tuple[Start, End]:
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


def _no_doctype(where: Said) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise Unreadable(
            "doctype",
            f"{where.vi} khai báo kiểu tài liệu (DOCTYPE), bảng tính thông thường không có",
            f"{where.en} declares a document type: not a plain workbook",
        )

    return refuse
