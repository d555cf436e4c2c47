"""Zip archives, with sizes measured during decompression: the sizes that a file declares are never trusted.

Here: a zip archive to its XML parts. Not here: the content of a part (``package``, ``sheet``). An archive is refused
if it could exhaust the process, if two readers would read it differently, or if it holds another archive.
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
#: The local header of an entry, and the values of fields whose number is too large and is stored elsewhere (ZIP64).
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_LONG, _LONG_COUNT = 0xFFFFFFFF, 0xFFFF
#: The signatures of archives: zip, compound files, gzip, 7z, RAR, xz, bzip2, zstd, cabinets.
_ARCHIVES = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\x1f\x8b\x08|7z\xbc\xaf'\x1c|Rar!\x1a\x07|\xfd7zXZ\x00"
    rb"|BZh[1-9]1AY&SY|\x28\xb5\x2f\xfd|MSCF\x00{4}"
)
#: The end record of a zip anywhere in a file: its signature, and the numbers of a single disk.
_END_OF_ZIP = b"PK\5\6\0\0\0\0"
#: The archives allowed in a workbook, by the end of their names: macros and pictures. Neither is opened.
_ALLOWED = {OLE: ("/vbaproject.bin",), b"\x1f\x8b\x08": (".emz", ".wmz", ".svgz")}
_XML = (".xml", ".rels", ".vml")
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")


def open_archive(content: bytes, name: str) -> dict[str, bytes]:
    """The XML parts of a zip archive by lower-case path; all other entries are inflated only to measure them.

    Raises Unreadable: the content is too large, not an archive, encrypted or damaged, repeats an entry, or holds an
    archive or a document type.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return dict(_xml_parts(content, archive.infolist(), name))
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        cut = not zipfile.is_zipfile(io.BytesIO(content))
        raise Unreadable("damaged", "cut_short" if cut else "zip", file=name, error=error) from error


def _xml_parts(content: bytes, entries: list[zipfile.ZipInfo], name: str) -> Iterator[tuple[str, bytes]]:
    _check_directory(entries, name)
    _check_offsets(content, entries)
    remaining = MOST_INFLATED
    for entry in entries:
        path = _path(entry)
        part, size = _inflate_entry(content, entry, name, remaining)
        remaining -= size
        if _is_xml(path):
            refuse_doctype(part, Bilingual.same(f"{name}, {path}"))
            yield path.casefold(), part


def _check_directory(entries: list[zipfile.ZipInfo], name: str) -> None:
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
    r"""The canonical name of a part: ``xl\a.xml``, ``/xl/./a.xml`` and ``xl/%61.xml`` are all ``xl/a.xml``."""
    decoded = _PERCENT.sub(lambda match: chr(int(match[1], 16)), entry.filename).replace("\\", "/")
    return unicodedata.normalize("NFC", posixpath.normpath(f"/{decoded}").lstrip("/"))


def _check_offsets(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Raises ValueError if the end record counts more or fewer entries than are listed, or two overlap."""
    (count,) = struct.unpack_from("<H", content, content.rfind(b"PK\x05\x06") + 10)
    if count not in (len(entries), _LONG_COUNT):
        raise ValueError(f"its end counts {count} entries, and {len(entries)} are listed")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise ValueError(f"{entry.filename} overlaps another entry")
        end = entry.header_offset + _LOCAL.size + entry.compress_size


def _compressed_bytes(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The compressed bytes of an entry; raises ValueError if its local header differs from the directory."""
    offset = entry.header_offset
    mark, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack_from(content, offset)
    start = offset + _LOCAL.size + name_size + extra_size
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
    is_elsewhere = flags & 0x8 or _LONG in (packed, size)
    is_same = is_elsewhere or (crc, packed, size) == (entry.CRC, entry.compress_size, entry.file_size)
    local_name = content[offset + _LOCAL.size : offset + _LOCAL.size + name_size]
    if mark != ZIP or method != entry.compress_type or local_name != name or not is_same:
        raise ValueError(f"the header of {entry.filename} differs from the list of entries")
    return content[start : start + entry.compress_size]


def _checked_chunks(compressed: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The decompressed chunks of an entry; raises ValueError if their size or checksum is not the declared one."""
    if entry.compress_type == zipfile.ZIP_STORED:
        pieces = (compressed[offset : offset + _CHUNK] for offset in range(0, len(compressed), _CHUNK))
    else:
        pieces = _inflate_chunks(compressed)
    crc = size = 0
    for piece in pieces:
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        yield piece
    if (crc, size) != (entry.CRC, entry.file_size):
        raise ValueError(f"{entry.filename} does not match its checksum or its size")


def _inflate_chunks(compressed: bytes) -> Iterator[bytes]:
    """Inflates in bounded chunks at any ratio; raises ValueError if the stream ends before or after its bytes."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for offset in range(0, len(compressed), _CHUNK):
        if stream.eof:
            raise ValueError("a compressed part has data after its end")
        rest, is_full = compressed[offset : offset + _CHUNK], True
        while rest or is_full:
            piece = stream.decompress(rest, _CHUNK)
            rest, is_full = stream.unconsumed_tail, len(piece) == _CHUNK
            if piece:
                yield piece
    if not stream.eof or stream.unused_data:
        raise ValueError("a compressed part ends before or after its bytes do")


def _inflate_entry(content: bytes, entry: zipfile.ZipInfo, name: str, limit: int) -> tuple[bytes, int]:
    """The content of an XML part (of other entries nothing), and the size of the inflated bytes."""
    path = _path(entry)
    pieces: list[bytes] = []
    size = 0
    previous = b""
    for chunk in _checked_chunks(_compressed_bytes(content, entry), entry):
        if _holds_archive(path, previous, chunk):
            raise _nested(name, entry.filename)
        size += len(chunk)
        if size > limit:
            raise Unreadable("too_large", "inflated", file=name, most=MOST_INFLATED)
        previous = chunk
        if _is_xml(path):
            pieces.append(chunk)
    return b"".join(pieces), size


def _is_xml(path: str) -> bool:
    return path.casefold().endswith(_XML)


def _holds_archive(path: str, previous: bytes, chunk: bytes) -> bool:
    """Whether a chunk of an entry begins or ends an archive; ``previous`` is the chunk before it."""
    if not previous and (match := _ARCHIVES.match(chunk)):
        return not path.casefold().endswith(_ALLOWED.get(match[0], ()))
    return _END_OF_ZIP in previous[1 - len(_END_OF_ZIP) :] + chunk


def _nested(name: str, inside: str) -> Unreadable:
    return Unreadable("nested_archive", "archive", file=name, inside=inside)
