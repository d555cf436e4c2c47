"""Strings of .xls workbooks: Unicode ones (BIFF8) and those of a code page (BIFF5), also across records.

Here: bytes of a record to text. Not here: which record holds a string (``biff``, ``biff_globals``).
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Sequence

__all__ = ["Strings", "code_page", "short", "text_of"]

_WIDE, _EXTRA, _RICH = 0x01, 0x04, 0x08


def code_page(number: int) -> str:
    """Python's name of a code page; windows-1252 where there is none such."""
    name = {1200: "cp1252", 32768: "mac-roman", 32769: "cp1252", 10000: "mac-roman"}.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def text_of(record: bytes, at: int, page: str | None) -> str:
    """A string with a length of two bytes; ``page`` is the code page, None for Unicode."""
    if page is None:
        return Strings([record[at:]]).read()
    (length,) = struct.unpack_from("<H", record, at)
    return record[at + 2 : at + 2 + length].decode(page, "replace")


def short(record: bytes, at: int, page: str | None) -> str:
    """A string with a length of one byte, such as a sheet's name or a font's."""
    length = record[at]
    if page is not None:
        return record[at + 1 : at + 1 + length].decode(page, "replace")
    wide = record[at + 1] & _WIDE
    characters = record[at + 2 : at + 2 + length * (2 if wide else 1)]
    return characters.decode("utf-16-le" if wide else "latin-1", "replace")


class Strings:
    """Reads Unicode strings one after the other from a record and the records that continue it."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        """``chunks``: the bodies of the record and of its continuations."""
        self.chunks, self.chunk, self.at = chunks, 0, 0

    def read(self) -> str:
        """The next string; raises ValueError or IndexError where the records end too early."""
        (length,) = struct.unpack("<H", self._take(2))
        flags = self._take(1)[0]
        runs = struct.unpack("<H", self._take(2))[0] if flags & _RICH else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & _EXTRA else 0
        text = self._characters(length, wide=bool(flags & _WIDE))
        self._skip(runs * 4 + extra)
        return text

    def _characters(self, left: int, *, wide: bool) -> str:
        """Where a record ends within a string, the next one says again how wide its characters are."""
        pieces: list[str] = []
        while left:
            room = len(self.chunks[self.chunk]) - self.at
            size = min(left * (2 if wide else 1), room - room % 2 if wide else room)
            piece = self.chunks[self.chunk][self.at : self.at + size]
            pieces.append(piece.decode("utf-16-le" if wide else "latin-1", "surrogatepass"))
            self.at += size
            left -= size // 2 if wide else size
            if left:
                self._next()
                wide = bool(self._take(1)[0] & _WIDE)
        return _paired("".join(pieces))

    def _take(self, size: int) -> bytes:
        if self.at >= len(self.chunks[self.chunk]):
            self._next()
        piece = self.chunks[self.chunk][self.at : self.at + size]
        if len(piece) < size:
            raise ValueError("a string's head is cut in two")
        self.at += size
        return piece

    def _skip(self, size: int) -> None:
        while size:
            step = min(size, len(self.chunks[self.chunk]) - self.at)
            self.at += step
            size -= step
            if size:
                self._next()

    def _next(self) -> None:
        self.chunk, self.at = self.chunk + 1, 0
        if self.chunk >= len(self.chunks):
            raise ValueError("a string goes on beyond its records")


def _paired(text: str) -> str:
    """Halves of a character that two records held are joined; a half without its other becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
