"""Zip archives written byte by byte, so that they can lie, and be written as rare programs write them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

__all__ = ["Entry", "entries_of", "lying", "one_inside_another", "written"]


@dataclass(frozen=True)
class Entry:
    """One entry, and what its two headers say of it."""

    name: bytes
    content: bytes
    crc: int
    size: int
    flags: int = 0
    method: int = 8
    zip64: bool = False
    described: bool = False
    """Its sizes stand behind it, as programs write that can't go back."""
    own_name: bytes = b""
    """What its own header calls it, where that is another name."""
    own_size: int | None = None
    """What its own header says of its size, where that is another."""
    trailing: bytes = b""
    """What is packed behind the end of its stream."""


def entries_of(content: bytes, change: Callable[[Entry], Entry] = lambda entry: entry) -> list[Entry]:
    """The entries of an archive, each changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        plain = [(each.filename.encode(), archive.read(each)) for each in archive.infolist()]
    return [change(Entry(name, data, zlib.crc32(data), len(data))) for name, data in plain]


def written(entries: Iterable[Entry], *, zip64: bool = False, count: int | None = None) -> bytes:
    """The archive; ``count``: how many entries its end says it has."""
    body, directory, number = bytearray(), bytearray(), 0
    for each in entries:
        at, number = len(body), number + 1
        body += _local(each)
        directory += _listed(each, at)
    end = _end64(number, len(directory), len(body)) if zip64 else b""
    told = min(number, 0xFFFF) if count is None else count
    at, size = (0xFFFFFFFF, 0xFFFFFFFF) if zip64 else (len(body), len(directory))
    return bytes(body + directory + end + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, told, told, size, at, 0))


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _packed(entry: Entry) -> bytes:
    packed = _deflated(entry.content) if entry.method == zipfile.ZIP_DEFLATED else entry.content
    return packed + entry.trailing


def _flags(entry: Entry) -> int:
    return entry.flags | (8 if entry.described else 0)


def _local(entry: Entry) -> bytes:
    packed, name = _packed(entry), entry.own_name or entry.name
    more = struct.pack("<HHQQ", 1, 16, entry.size, len(packed)) if entry.zip64 else b""
    size = entry.size if entry.own_size is None else entry.own_size
    told = (0, 0, 0) if entry.described else (entry.crc, len(packed), size)
    crc, packed_size, size = (told[0], 0xFFFFFFFF, 0xFFFFFFFF) if entry.zip64 else told
    numbers = (20, _flags(entry), entry.method, 0, 33, crc, packed_size, size, len(name), len(more))
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", *numbers)
    behind = struct.pack("<4sIII", b"PK\7\10", entry.crc, len(packed), entry.size) if entry.described else b""
    return head + name + more + packed + behind


def _listed(entry: Entry, at: int) -> bytes:
    packed = len(_packed(entry))
    more = struct.pack("<HHQQ", 1, 16, entry.size, packed) if entry.zip64 else b""
    size, packed = (0xFFFFFFFF, 0xFFFFFFFF) if entry.zip64 else (entry.size, packed)
    numbers = (20, 20, _flags(entry), entry.method, 0, 33, entry.crc, packed, size, len(entry.name), len(more))
    return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", *numbers, 0, 0, 0, 0, at) + entry.name + more


def one_inside_another() -> bytes:
    """Two entries, of which the second lies within the first; each is as it says."""
    inner = Entry(b"b", b"", 0, 0, method=0)
    outer = Entry(b"a", _local(inner), zlib.crc32(_local(inner)), len(_local(inner)), method=0)
    directory = _listed(outer, 0) + _listed(inner, 30 + len(outer.name))
    body = _local(outer)
    return body + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(body), 0)


def _end64(number: int, size: int, at: int) -> bytes:
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, number, number, size, at)
    return end + struct.pack("<4sIQI", b"PK\6\7", 0, at + size, 1)


def lying(entry: Entry, size: int) -> Entry:
    """Of a smaller size than it has, with the checksum of that much."""
    return replace(entry, size=size, crc=zlib.crc32(entry.content[:size]))
