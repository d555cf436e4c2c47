"""Old workbooks made record by record, for tests: no library that is here writes .xls."""

import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType

__all__ = ["BIFF5", "BIFF8", "boolerr", "compound", "formula", "label", "number", "record", "short", "wide", "workbook"]

BIFF5, BIFF8 = 0x0500, 0x0600
SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def short(text: str, version: int = BIFF8) -> bytes:
    if version == BIFF5:
        return bytes([len(text)]) + text.encode("cp1252")
    return bytes([len(text), 1]) + text.encode("utf-16-le")


def wide(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def label(row: int, column: int, text: str, style: int = 0, version: int = BIFF8) -> bytes:
    written = wide(text) if version == BIFF8 else struct.pack("<H", len(text)) + text.encode("cp1252")
    return record(0x0204, struct.pack("<HHH", row, column, style) + written)


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, style, value))


def boolerr(row: int, column: int, value: int, *, error: bool, style: int = 0) -> bytes:
    return record(0x0205, struct.pack("<HHHBB", row, column, style, value, error))


def formula(row: int, column: int, result: bytes, style: int = 0) -> bytes:
    return record(0x0006, struct.pack("<HHH", row, column, style) + result + b"\x00" * 8)


def workbook(
    cells: Sequence[bytes], *, declared: Sequence[bytes] = (), sheet: str = "S", hidden: int = 0, version: int = BIFF8,
    more: Mapping[str, Sequence[bytes]] = MappingProxyType({}),
) -> bytes:  # fmt: skip
    """A sheet of the given records, and ``more`` of them by name, in a workbook of the given declarations."""
    begin = struct.pack("<HHHH", version, 0x0005, 0, 0) + b"\x00" * (8 if version == BIFF8 else 0)
    head = record(0x0809, begin) + b"".join(declared)
    opening = record(0x0809, struct.pack("<HH", version, 0x0010) + begin[4:])
    bodies = [opening + b"".join(records) + record(0x000A) for records in (cells, *more.values())]
    names = [struct.pack("<BB", hidden, 0) + short(sheet, version), *(b"\0\0" + short(each, version) for each in more)]
    at = len(head) + sum(4 + 4 + len(name) for name in names) + 4
    for name, body in zip(names, bodies, strict=True):
        head += record(0x0085, struct.pack("<I", at) + name)
        at += len(body)
    return compound(head + record(0x000A) + b"".join(bodies), "Workbook" if version == BIFF8 else "Book")


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file of one stream, kept in full sectors: table, directory, stream."""
    stream = stream.ljust(4096, b"\x00")
    count = -(-len(stream) // SECTOR)
    table = [TABLE, END, *range(3, count + 2), END]
    entries = entry("Root Entry", 5, END, 0, child=1) + entry(name, 2, 2, len(stream)) + b"\x00" * 256
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0,
        END, 0, 0,
    )  # fmt: skip
    assert len(table) <= SECTOR // 4
    sectors = struct.pack(f"<{len(table)}I", *table).ljust(SECTOR, b"\xff") + entries
    return header + b"\xff" * (SECTOR - len(header)) + sectors + stream.ljust(count * SECTOR, b"\x00")


def entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\x00") + struct.pack("<HBB", len(text), kind, 1) + links + b"\x00" * 36 + struct.pack(
        "<IQ", start, size
    )  # fmt: skip
