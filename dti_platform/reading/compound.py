"""Compound files (OLE), in which .xls workbooks and workbooks with a password are kept.

Here: the container ([MS-CFB]) to its streams by name. Not here: what a stream holds (``biff``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dti_platform.reading.cells import Unreadable
from dti_platform.reading.limits import OLE

__all__ = ["open_compound"]

_HEADER = struct.Struct("<8s16x2x2xHHH6x4xII4xIIIII")
_FREE = 0xFFFFFFFA  # this and above: no sector that holds anything
_ENTRY = 128
_ROOT, _STREAM = 5, 2


class _Entry(NamedTuple):
    name: str
    kind: int
    start: int
    size: int


@dataclass(slots=True)
class _Compound:
    """The file in sectors, and the table that says which follows which."""

    content: bytes
    size: int
    table: list[int]

    def sector(self, number: int) -> bytes:
        at = (number + 1) * self.size
        if at >= len(self.content):
            raise ValueError(f"sector {number} lies beyond the end")
        return self.content[at : at + self.size]

    def stream(self, start: int) -> bytes:
        return b"".join(map(self.sector, _chain(start, self.table)))


def _chain(start: int, table: list[int]) -> Iterator[int]:
    """Sector numbers one after the other; a chain that is longer than its table goes round in a circle."""
    number = start
    for _ in range(len(table) + 1):
        if number >= _FREE:
            return
        yield number
        number = table[number]
    raise ValueError("a chain of sectors goes round in a circle")


def open_compound(content: bytes, name: str) -> dict[str, bytes]:
    """The streams of a compound file by their names; those in folders too.

    Raises Unreadable where the container is damaged.
    """
    try:
        return dict(_streams(content))
    except (struct.error, IndexError, ValueError) as error:
        raise Unreadable(
            "damaged",
            f"không đọc được {name} như một tệp hỗn hợp OLE ({error})",
            f"{name} is not a readable compound file: {error}",
        ) from error


def _streams(content: bytes) -> Iterator[tuple[str, bytes]]:
    (
        magic, order, shift, mini_shift, tables, directory, least, mini_start, _minis, more_start, _more,
    ) = _HEADER.unpack_from(content)  # fmt: skip
    if magic != OLE or order != 0xFFFE or shift not in (9, 12) or mini_shift != 6:  # noqa: PLR2004
        raise ValueError("its header is not as the format has it")
    compound = _Compound(content, 1 << shift, [])
    compound.table = _allocation(compound, tables, more_start)
    entries = list(_entries(compound.stream(directory)))
    root = next((entry for entry in entries if entry.kind == _ROOT), None)
    small = compound.stream(root.start) if root is not None and root.start < _FREE else b""
    mini_table = _numbers(compound.stream(mini_start)) if mini_start < _FREE else []
    for entry in entries:
        if entry.kind != _STREAM:
            continue
        if entry.size < least:
            pieces = (small[at * 64 : at * 64 + 64] for at in _chain(entry.start, mini_table)) if entry.size else ()
        else:
            pieces = (compound.stream(entry.start),)
        yield entry.name, b"".join(pieces)[: entry.size]


def _allocation(compound: _Compound, tables: int, more_start: int) -> list[int]:
    """The allocation table: its own sectors are listed in the header, and then in a chain of further lists."""
    listed = [number for number in struct.unpack_from("<109I", compound.content, 76) if number < _FREE]
    seen: set[int] = set()
    while more_start < _FREE and more_start not in seen:
        seen.add(more_start)
        *numbers, more_start = _numbers(compound.sector(more_start))
        listed.extend(number for number in numbers if number < _FREE)
    return [number for sector in listed[:tables] for number in _numbers(compound.sector(sector))]


def _numbers(sector: bytes) -> list[int]:
    return [number for (number,) in struct.iter_unpack("<I", sector[: len(sector) // 4 * 4])]


def _entries(directory: bytes) -> Iterator[_Entry]:
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        start, size = struct.unpack_from("<IQ", directory, at + 116)
        if kind in (_ROOT, _STREAM):
            name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            yield _Entry(name, kind, start, size & 0xFFFFFFFF)
