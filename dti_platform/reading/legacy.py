"""Vietnamese text from before Unicode: TCVN3, VNI and windows-1258.

Here: the tables, and turning text into Unicode once its encoding is known. Not here: deciding which encoding
some text is in (``encoding``).

Sources: TCVN 5712:1993 (character set VN3, with the capitals of VN1 where VN3 leaves a place free); the VNI
character set for Windows, as its fonts draw it (a base letter, then a mark); windows-1258 as Python has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

__all__ = ["ENCODINGS", "Run", "drawn", "from_bytes", "from_font", "from_western"]

#: A piece of a text, and the font that draws it; None where the cell's own does.
Run = tuple[str, str | None]

#: Names of the encodings, as a feed declares them.
ENCODINGS = ("tcvn3", "vni", "windows-1258")

#: TCVN 5712:1993: the letters of the places A1 to FF; a dash is a combining mark or a place without a letter.
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđẰ-----àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
_TCVN3 = {0xA1 + at: letter for at, letter in enumerate(_TCVN3_LETTERS) if letter != "-"}

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
#: VNI: what a mark behind a letter adds to it, and letters that stand alone.
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _CIRCUMFLEX, "á": _CIRCUMFLEX + _ACUTE, "à": _CIRCUMFLEX + _GRAVE, "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {
    "ô": "o" + _HORN, "ö": "u" + _HORN, "ñ": "đ", "î": "y" + _DOT,
    "í": "i" + _ACUTE, "ì": "i" + _GRAVE, "æ": "i" + _HOOK, "ó": "i" + _TILDE, "ò": "i" + _DOT,
}  # fmt: skip
_MARKS = "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper()
_ALONE = "".join(_VNI_LETTERS) + "".join(_VNI_LETTERS).upper()
_VNI = re.compile(f"([aeouyAEOUYôöÔÖ])([{_MARKS}])|([{_ALONE}])")
#: Bytes that windows-1252 leaves without a character stand for themselves.
_UNDEFINED = {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_WESTERN = {bytes([byte]).decode("cp1252") for byte in range(256) if byte not in _UNDEFINED} | {*_UNDEFINED.values()}


def from_bytes(content: bytes, encoding: str) -> str:
    """Text in Unicode (NFC) from bytes of a legacy encoding.

    Raises UnicodeDecodeError: a byte that the encoding doesn't have.
    """
    if encoding == "windows-1258":
        return unicodedata.normalize("NFC", content.decode("cp1258"))
    western = "".join(_UNDEFINED.get(byte) or bytes([byte]).decode("cp1252") for byte in range(256))
    return from_western(content.decode("latin-1").translate(dict(enumerate(western))), encoding)


def from_western(text: str, encoding: str) -> str:
    """Text in Unicode (NFC) from text whose bytes a reader took for windows-1252, as inside workbooks.

    Text that holds any other character is Unicode already, and stays as it is.
    """
    if text.isascii() or not _WESTERN.issuperset(text):
        return text
    if encoding == "tcvn3":
        return text.translate(_TCVN3)
    if encoding == "vni":
        return unicodedata.normalize("NFC", _VNI.sub(_from_vni, text))
    return from_bytes(text.encode("cp1252", "replace"), encoding)


def _from_vni(match: re.Match[str]) -> str:
    letter, mark, alone = match.groups()
    if alone:
        return _letter(alone)
    return _letter(letter) + _VNI_MARKS[mark.lower()]


def _letter(letter: str) -> str:
    plain = _VNI_LETTERS.get(letter.lower(), letter.lower())
    return plain.upper() if letter.isupper() else plain


def from_font(font: str) -> str | None:
    """The encoding that a font declares by its name: ``.VnTime`` draws TCVN3, ``VNI-Times`` draws VNI."""
    name = font.casefold()
    return "tcvn3" if name.startswith(".vn") else "vni" if name.startswith("vni") else None


def drawn(runs: Iterable[Run], encoding: str | None) -> tuple[str, str | None]:
    """The text of runs in Unicode, and the legacy encoding that any of it was in; ``encoding``: of the cell's font."""
    turned: list[str] = []
    found: str | None = None
    for declared, pieces in groupby(runs, lambda run: encoding if run[1] is None else from_font(run[1])):
        raw = "".join(piece for piece, _ in pieces)
        turned.append(from_western(raw, declared) if declared else raw)
        found = declared if turned[-1] != raw else found
    return "".join(turned), found
