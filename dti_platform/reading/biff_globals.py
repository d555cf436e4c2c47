"""What an .xls workbook declares once for all its sheets: strings, formats, fonts, calendar, and its list of sheets.

Here: the workbook's own records ([MS-XLS] 2.4). Not here: cells (``biff``), and the container (``compound``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dti_platform.reading.biff_strings import Strings, code_page, short, text_of
from dti_platform.reading.cells import Unreadable
from dti_platform.reading.encoding import from_font
from dti_platform.reading.values import GENERAL, Format, format_of, sheet_name

__all__ = ["BOF", "EOF", "Globals", "Record", "Tab", "read_globals", "records"]

BOF, EOF = 0x0809, 0x000A
BIFF5, BIFF8 = 0x0500, 0x0600
_CODEPAGE, _FILEPASS, _DATEMODE, _BOUNDSHEET, _SST, _CONTINUE = 0x0042, 0x002F, 0x0022, 0x0085, 0x00FC, 0x003C
_FONT, _FORMAT, _XF = 0x0031, 0x041E, 0x00E0


class Record(NamedTuple):
    """One record, with those that continue it."""

    kind: int
    body: bytes
    more: list[bytes]


class Tab(NamedTuple):
    """A sheet: its name, where its records begin, whether it is hidden, and what sort it is said to be."""

    name: str
    at: int
    hidden: bool
    sort: int


@dataclass(slots=True)
class Globals:
    """The workbook's declarations."""

    page: str | None = None
    """The code page of its strings; None where they are Unicode (BIFF8)."""
    from_1904: bool = False
    strings: list[str] = field(default_factory=list[str])
    formats: dict[int, str] = field(default_factory=dict[int, str])
    fonts: list[str] = field(default_factory=list[str])
    styles: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    tabs: list[Tab] = field(default_factory=list[Tab])

    def format(self, style: int) -> Format:
        """The number format of a cell's style."""
        return format_of(self.styles[style][1], self.formats) if style < len(self.styles) else GENERAL

    def encoding(self, style: int) -> str | None:
        """The legacy encoding that the font of a cell's style declares; the format knows no font number 4."""
        if style >= len(self.styles):
            return None
        font = self.styles[style][0]
        at = font if font < 4 else font - 1  # noqa: PLR2004
        return from_font(self.fonts[at]) if at < len(self.fonts) else None


def records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place in the stream on, up to and with the end of the part that begins there.

    Parts within it, such as charts, are passed over. Raises ValueError where the stream ends before the part does.
    """
    depth = 0
    held: Record | None = None
    if stream[at : at + 2] != struct.pack("<H", BOF):
        raise ValueError(f"no part begins at {at}")
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body, at = stream[at + 4 : at + 4 + size], at + 4 + size
        if at > len(stream):
            raise ValueError("a record goes on beyond the end")
        if kind == _CONTINUE and held is not None:
            held.more.append(body)
            continue
        if held is not None:
            yield held
            held = None
        depth += (kind == BOF) - (kind == EOF)
        if depth == 0:
            return
        if depth == 1:
            held = Record(kind, body, [])
    raise ValueError("its records end before the part does")


def read_globals(stream: bytes, name: str) -> Globals:
    """The workbook's declarations.

    Raises Unreadable: a password, or a version before BIFF5; ValueError, IndexError, struct.error where damaged.
    """
    found = Globals()
    for kind, body, more in records(stream, 0):
        if kind == BOF:
            _version(found, body, name)
        elif kind == _FILEPASS:
            raise Unreadable("encrypted", f"{name} được bảo vệ bằng mật khẩu", f"{name} is protected by a password")
        elif kind == _SST:
            found.strings = _strings(body, more)
        else:
            _declare(found, kind, body)
    return found


def _version(found: Globals, body: bytes, name: str) -> None:
    (version,) = struct.unpack_from("<H", body)
    if version not in (BIFF5, BIFF8):
        raise Unreadable(
            "not_a_workbook",
            f"{name} thuộc phiên bản trước Excel 5: hãy lưu thành .xlsx",
            f"{name} is of a version before Excel 5: save it as .xlsx",
        )
    found.page = "cp1252" if version == BIFF5 else None


def _declare(found: Globals, kind: int, body: bytes) -> None:
    if kind == _CODEPAGE and found.page is not None:
        found.page = code_page(struct.unpack_from("<H", body)[0])
    elif kind == _DATEMODE:
        found.from_1904 = body[0] == 1
    elif kind == _FONT:
        found.fonts.append(short(body, 14, found.page))
    elif kind == _FORMAT:
        number = struct.unpack_from("<H", body)[0]
        found.formats[number] = text_of(body, 2, None) if found.page is None else short(body, 2, found.page)
    elif kind == _XF:
        found.styles.append(struct.unpack_from("<HH", body))
    elif kind == _BOUNDSHEET:
        at, hidden, sort = struct.unpack_from("<IBB", body)
        found.tabs.append(Tab(sheet_name(short(body, 6, found.page)), at, bool(hidden & 3), sort))


def _strings(body: bytes, more: list[bytes]) -> list[str]:
    """The shared strings; as many as there are said to be, but never more than the records can hold."""
    count = min(struct.unpack_from("<I", body, 4)[0], sum(map(len, (body, *more))) // 3)
    reader = Strings([body[8:], *more])
    return [reader.read() for _ in range(count)]
