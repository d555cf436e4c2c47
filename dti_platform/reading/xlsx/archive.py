"""Zip archives, measured as they are inflated: what a file says of its own sizes is never trusted.

Here: a zip archive to its XML parts. Not here: what a part says (``package``, ``sheet``). Refused is what could take
the process down, what two readers would read differently, and what brings another file along.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Unreadable
from dti_platform.reading.limits import OLE, ZIP, refuse_doctype

MOST_ENTRIES = 2_000
MOST_INFLATED = 128 * 2**20
_CHUNK = 64 * 2**10
#: The header before each entry; and what a field holds whose number is too large for it and is stored elsewhere.
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_LONG, _LONG_COUNT = 0xFFFFFFFF, 0xFFFF
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
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return dict(_entries(content, archive.infolist(), name))
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Unreadable("damaged", "zip", file=name, error=error) from error


def _entries(content: bytes, entries: list[zipfile.ZipInfo], name: str) -> Iterator[tuple[str, bytes]]:
    _look_at_directory(entries, name)
    _look_at_places(content, entries)
    left = MOST_INFLATED
    for entry in entries:
        path = _path(entry)
        kept, size = _inflate(content, entry, name, left)
        left -= size
        if _is_xml(path):
            refuse_doctype(kept, Bilingual.same(f"{name}, {path}"))
            yield path.casefold(), kept


def _look_at_directory(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Unreadable("too_large", "entries", file=name, count=len(entries), most=MOST_ENTRIES)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable("encrypted", "password", file=name)
    if len({_path(entry).casefold() for entry in entries}) < len(entries):
        raise Unreadable("duplicate_entry", "entry", file=name)
    if min((entry.header_offset for entry in entries), default=0) > 0:
        raise Unreadable("damaged", "two_archives", file=name)
    for entry in entries:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("damaged", "compression", file=name, entry=entry.filename)


def _path(entry: zipfile.ZipInfo) -> str:
    r"""The one name of a part: ``xl\a.xml``, ``/xl/./a.xml`` and ``xl/%61.xml`` are all ``xl/a.xml``."""
    plain = _PERCENT.sub(lambda match: chr(int(match[1], 16)), entry.filename).replace("\\", "/")
    return unicodedata.normalize("NFC", posixpath.normpath(f"/{plain}").lstrip("/"))


def _look_at_places(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Raises ValueError where the end counts other entries than are listed, or two lie over one another."""
    (counted,) = struct.unpack_from("<H", content, content.rfind(b"PK\x05\x06") + 10)
    if counted not in (len(entries), _LONG_COUNT):
        raise ValueError(f"its end counts {counted} entries, and {len(entries)} are listed")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise ValueError(f"{entry.filename} overlaps another entry")
        end = entry.header_offset + _LOCAL.size + entry.compress_size


def _packed(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry as they are packed; raises ValueError where its own header differs from the directory."""
    at = entry.header_offset
    mark, _, flags, method, _, _, crc, packed, size, named, more = _LOCAL.unpack_from(content, at)
    begin = at + _LOCAL.size + named + more
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
    later = flags & 0x8 or _LONG in (packed, size)
    same = later or (crc, packed, size) == (entry.CRC, entry.compress_size, entry.file_size)
    own_name = content[at + _LOCAL.size : at + _LOCAL.size + named]
    if mark != ZIP or method != entry.compress_type or own_name != name or not same:
        raise ValueError(f"the header of {entry.filename} says something else than the list of entries")
    return content[begin : begin + entry.compress_size]


def _unpacked(packed: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Its bytes; raises ValueError where their number or checksum is not the declared one."""
    if entry.compress_type == zipfile.ZIP_STORED:
        pieces = (packed[at : at + _CHUNK] for at in range(0, len(packed), _CHUNK))
    else:
        pieces = _inflated(packed)
    crc = size = 0
    for piece in pieces:
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        yield piece
    if (crc, size) != (entry.CRC, entry.file_size):
        raise ValueError(f"{entry.filename} is not what its checksum and its size say")


def _inflated(packed: bytes) -> Iterator[bytes]:
    """Bit by bit, whatever a bit becomes; raises ValueError where the stream ends before or after its bytes do."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(packed), _CHUNK):
        if stream.eof:
            raise ValueError("a compressed part goes on beyond its end")
        rest, full = packed[at : at + _CHUNK], True
        while rest or full:
            piece = stream.decompress(rest, _CHUNK)
            rest, full = stream.unconsumed_tail, len(piece) == _CHUNK
            if piece:
                yield piece
    if not stream.eof or stream.unused_data:
        raise ValueError("a compressed part ends before or after its bytes do")


def _inflate(content: bytes, entry: zipfile.ZipInfo, name: str, left: int) -> tuple[bytes, int]:
    """The content of an XML part, else nothing; and the real inflated bytes."""
    path = _path(entry)
    pieces: list[bytes] = []
    seen = 0
    before = b""
    for chunk in _unpacked(_packed(content, entry), entry):
        if _holds_archive(path, before, chunk):
            raise _nested(name, entry.filename)
        seen += len(chunk)
        if seen > left:
            raise Unreadable("too_large", "inflated", file=name, most=MOST_INFLATED)
        before = chunk
        if _is_xml(path):
            pieces.append(chunk)
    return b"".join(pieces), seen


def _is_xml(path: str) -> bool:
    return path.casefold().endswith(_XML)


def _holds_archive(path: str, before: bytes, chunk: bytes) -> bool:
    """Whether a chunk of an entry begins as an archive does, or ends one; ``before``: the chunk before it."""
    if not before and (match := _ARCHIVES.match(chunk)):
        return not path.casefold().endswith(_ALLOWED.get(match[0], ()))
    return _END_OF_ZIP in before[1 - len(_END_OF_ZIP) :] + chunk


def _nested(name: str, inside: str) -> Unreadable:
    return Unreadable("nested_archive", "archive", file=name, inside=inside)
