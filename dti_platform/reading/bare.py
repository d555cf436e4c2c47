"""Old workbooks without their container: the records alone, as programs that write .xls by hand send them.

Here: the stream that the container would hold. Not here: its records (``biff``).
"""

from __future__ import annotations

import re
import struct

__all__ = ["bare_stream", "is_bare"]

#: How the records of Excel 5 to 2003 begin: with the workbook's declarations, or with the only sheet.
_BEGIN = re.compile(rb"\x09\x08[\x08-\x10]\x00(..)([\x05\x10])\x00", re.DOTALL)
_SHEET = b"\x10"
_BOF, _BOUNDSHEET, _EOF, _BIFF5, _BIFF8 = 0x0809, 0x0085, 0x000A, 0x0500, 0x0600
_NAME = b"Sheet1"


def is_bare(content: bytes) -> bool:
    """Whether a file is such."""
    return _BEGIN.match(content) is not None


def bare_stream(content: bytes) -> bytes | None:
    """The stream of such a file; before a sheet alone, what a workbook says of it."""
    begin = _BEGIN.match(content)
    if begin is None or begin[2] != _SHEET:
        return content if begin else None
    version = _BIFF8 if begin[1] == struct.pack("<H", _BIFF8) else _BIFF5
    name = bytes([len(_NAME), *([0] if version == _BIFF8 else [])]) + _NAME
    head = _record(_BOF, struct.pack("<HHHH8x", version, 5, 0, 0))
    at = len(head) + 4 + 6 + len(name) + 4
    return head + _record(_BOUNDSHEET, struct.pack("<IBB", at, 0, 0) + name) + _record(_EOF) + content


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body
