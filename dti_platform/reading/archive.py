"""Zip archives, measured as they are inflated: what a file says of its own sizes is never trusted.

Here: a zip archive to its XML parts. Not here: what a part says (``package``, ``xlsx``). Refused is what could take
the process down, what two readers would read differently, and what brings another file along.
"""

from __future__ import annotations

import io
import posixpath
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from dti_platform.reading.cells import Unreadable
from dti_platform.reading.guard import OLE, refuse_doctype, weigh
from dti_platform.said import Said

__all__ = ["MOST_ENTRIES", "MOST_INFLATED", "open_archive"]

MOST_ENTRIES = 2_000
MOST_INFLATED = 128 * 2**20
_CHUNK = 64 * 2**10
#: How archives begin: zip, compound files, gzip, 7z, RAR, xz, bzip2, zstd, cabinets.
_ARCHIVES = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\x1f\x8b\x08|7z\xbc\xaf'\x1c|Rar!\x1a\x07|\xfd7zXZ\x00"
    rb"|BZh[1-9]1AY&SY|\x28\xb5\x2f\xfd|MSCF\x00{4}"
)
#: How a zip ends, wherever it begins: the mark, and that it is the first of its disks.
_END_OF_ZIP = b"PK\5\6\0\0\0\0"
#: What may be kept so in a workbook, by the end of its name: its macros, and pictures. Nothing here opens either.
_ALLOWED = {OLE: ("/vbaproject.bin",), b"\x1f\x8b\x08": (".emz", ".wmz", ".svgz")}
_XML = (".xml", ".rels", ".vml")
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")


def open_archive(content: bytes, name: str) -> dict[str, bytes]:
    """The XML parts of a zip archive, by path in small letters; all else is inflated too, and only measured.

    Raises Unreadable: too large, not an archive, encrypted, an entry twice, an archive inside, a document type, or
    damaged.
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
    _look_at_directory(entries, name)
    left = MOST_INFLATED
    for entry in entries:
        path = _path(entry)
        kept, size = _inflate(archive, entry, name, left)
        left -= size
        if _is_xml(path):
            refuse_doctype(kept, Said.alike(f"{name}, {path}"))
            yield path.casefold(), kept


def _look_at_directory(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Unreadable(
            "too_large",
            f"{name} chứa {len(entries)} phần, vượt mức cho phép là {MOST_ENTRIES}",
            f"{name} holds {len(entries)} entries, more than {MOST_ENTRIES}",
        )
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable("encrypted", f"{name} được bảo vệ bằng mật khẩu", f"{name} is protected by a password")
    if len({_path(entry).casefold() for entry in entries}) < len(entries):
        raise Unreadable(
            "duplicate_entry",
            f"{name} chứa hai phần trùng tên: mỗi chương trình có thể đọc một phần khác nhau",
            f"{name} holds one entry twice: readers would disagree on which counts",
        )
    if min((entry.header_offset for entry in entries), default=0) > 0:
        raise Unreadable(
            "damaged",
            f"{name} gồm hai tệp ghép nối nhau: mỗi chương trình có thể đọc một tệp khác nhau",
            f"{name} is two files in a row: readers would disagree on which counts",
        )
    for entry in entries:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(
                "damaged",
                f"{name} nén phần {entry.filename} theo cách mà bảng tính không dùng",
                f"{name} compresses {entry.filename} in a way that workbooks do not",
            )


def _path(entry: zipfile.ZipInfo) -> str:
    r"""The one name of a part: ``xl\a.xml``, ``/xl/./a.xml`` and ``xl/%61.xml`` are all ``xl/a.xml``."""
    plain = _PERCENT.sub(lambda match: chr(int(match[1], 16)), entry.filename).replace("\\", "/")
    return unicodedata.normalize("NFC", posixpath.normpath(f"/{plain}").lstrip("/"))


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, left: int) -> tuple[bytes, int]:
    """The content of an XML part, else nothing; and the real inflated bytes."""
    path = _path(entry)
    pieces: list[bytes] = []
    seen = 0
    before = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            if _holds_archive(path, before, chunk):
                raise _nested(name, entry.filename)
            seen += len(chunk)
            if seen > left:
                raise Unreadable(
                    "too_large",
                    f"{name} giải nén ra hơn {MOST_INFLATED} byte",
                    f"{name} inflates to more than {MOST_INFLATED} bytes",
                )
            before = chunk
            if _is_xml(path):
                pieces.append(chunk)
    return b"".join(pieces), seen


def _is_xml(path: str) -> bool:
    return path.casefold().endswith(_XML)


def _holds_archive(path: str, before: bytes, chunk: bytes) -> bool:
    """Whether a chunk of an entry begins as an archive does, or ends one; ``before``: the chunk before it."""
    if not before and (found := _ARCHIVES.match(chunk)):
        return not path.casefold().endswith(_ALLOWED.get(found[0], ()))
    return _END_OF_ZIP in before[1 - len(_END_OF_ZIP) :] + chunk


def _nested(name: str, inside: str) -> Unreadable:
    return Unreadable(
        "nested_archive", f"{name} chứa một tệp nén khác: {inside}", f"{name} holds another archive: {inside}"
    )
