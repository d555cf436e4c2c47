"""Text in Unicode: detects the encoding of text, and converts legacy Vietnamese text (TCVN3, VNI, windows-1258).

Here: the decision (by bytes, by declaration or by known names, never by a guess), and the tables of the legacy
encodings. Not here: the known names (callers pass them).

Sources: TCVN 5712:1993 (character set VN3, with the capitals of VN1 where VN3 has no letter); the VNI character
set for Windows, as its fonts draw it (a base letter, then a mark); windows-1258 as Python implements it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import groupby, islice

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.limits import check_marks
from dti_platform.reading.text import comparable

#: A piece of a text, and the font that draws it; None: the font of the cell.
Run = tuple[str, str | None]

#: Names of the encodings, as a feed declares them.
ENCODINGS = ("tcvn3", "vni", "windows-1258")

#: TCVN 5712:1993: the letters of the bytes A1 to FF; a dash is a combining mark or a byte without a letter.
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđẰ-----àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
_TCVN3 = {0xA1 + offset: letter for offset, letter in enumerate(_TCVN3_LETTERS) if letter != "-"}

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
#: VNI: what a mark adds to the letter before it, and letters that take no mark.
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
#: Bytes that windows-1252 does not define map to the code points of the same number.
_UNDEFINED = {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_WESTERN = {bytes([byte]).decode("cp1252") for byte in range(256) if byte not in _UNDEFINED} | {*_UNDEFINED.values()}
#: Sets of names, such as the provinces at one time. Names in ASCII are the same in every encoding, and don't count.
Names = Collection[Collection[str]]
#: One in so many names of a set may be missing when a set reveals an encoding.
MISSING_ONE_IN = 10
#: A smaller set reveals nothing: a single name, such as the country's, may occur in any text.
FEWEST = 10
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: The byte-order mark of UTF-32, which begins like that of UTF-16.
_UTF_32 = b"\xff\xfe\x00\x00"


def decode(content: bytes, name: str, declared: str | None = None, names: Names = ()) -> str:
    """Decodes bytes by their byte-order mark, as declared, as UTF-8, or in the encoding that known names reveal.

    Raises Unreadable: none of these applies, bytes are invalid in the encoding, or a letter has too many marks.
    """
    text = _decode(content, name, declared, names)
    check_marks(text, Bilingual.same(name))
    return text


def _decode(content: bytes, name: str, declared: str | None, names: Names) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark) and not content.startswith(_UTF_32):
            return _decode_strictly(content, name, encoding)
    if b"\x00" in content:
        raise Unreadable("not_text", "nul_bytes", file=name)
    if declared is not None:
        return _decode_strictly(content, name, declared)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        for encoding in ENCODINGS:
            if (text := _decode_or_none(content, encoding)) is not None and shows_names(text, names):
                return text
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("not_utf8", "in_line", file=name, line=line) from error


def _decode_strictly(content: bytes, name: str, encoding: str) -> str:
    try:
        text = from_bytes(content, encoding) if encoding in ENCODINGS else content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Unreadable("not_utf8", "in_encoding", file=name, encoding=encoding) from error
    if "\x00" in text:
        raise Unreadable("not_text", "nul_characters", file=name)
    return text


def _decode_or_none(content: bytes, encoding: str) -> str | None:
    try:
        return from_bytes(content, encoding)
    except UnicodeDecodeError:
        return None


def shows_names(text: str, names: Names) -> bool:
    """Whether a text holds nine in ten of the non-ASCII names of a set; a set with few of them is passed over."""
    haystack = comparable(text)
    return any(
        len(marked) >= FEWEST and _has_at_most(len(marked) // MISSING_ONE_IN, (name not in haystack for name in marked))
        for marked in ([name for name in map(comparable, group) if not name.isascii()] for group in names)
    )


def _has_at_most(limit: int, faults: Iterable[bool]) -> bool:
    """Whether at most ``limit`` faults are true; stops at the first one too many."""
    return next(islice(filter(None, faults), limit, None), None) is None


def in_unicode(book: Book, declared: str | None = None, names: Names = ()) -> Book:
    """The book with every text in Unicode: sheets in a declared or detected legacy encoding are converted."""
    return Book(book.name, tuple(_sheet(sheet, declared, names) for sheet in book.sheets), book.remarks)


def _sheet(sheet: Sheet, declared: str | None, names: Names) -> Sheet:
    texts = [cell.raw for cell in sheet.cells() if cell.kind == "text" and cell.encoding is None]
    encoding = declared if declared in ENCODINGS else _detect_encoding(texts, names)
    if encoding is None:
        return sheet
    return Sheet(
        sheet.name, [[_cell(cell, encoding) for cell in row] for row in sheet.rows], sheet.hidden, sheet.merged
    )


def _detect_encoding(texts: Iterable[str], names: Names) -> str | None:
    """The legacy encoding in which the texts hold known names that they do not hold as they are."""
    western = [text for text in texts if not text.isascii()]
    possible = [encoding for encoding in ENCODINGS if names and _reveals_name(western, encoding, names)]
    if not possible or shows_names("\n".join(western), names):
        return None
    for encoding in possible:
        if shows_names("\n".join(from_western(text, encoding) for text in western), names):
            return encoding
    return None


def _reveals_name(texts: Iterable[str], encoding: str, names: Names) -> bool:
    """Whether texts that an encoding changes hold a non-ASCII name; none do in a workbook that is in Unicode."""
    conversions = [(text, from_western(text, encoding)) for text in texts]
    haystack = comparable("\n".join(new for old, new in conversions if new != old))
    return bool(haystack) and any(
        name in haystack for group in names for name in map(comparable, group) if not name.isascii()
    )


def _cell(cell: Cell, encoding: str) -> Cell:
    if cell.kind != "text" or cell.encoding is not None:
        return cell
    text = from_western(cell.raw, encoding)
    return cell if text == cell.raw else cell._replace(raw=text, value=text, encoding=encoding)


def from_bytes(content: bytes, encoding: str) -> str:
    """Text in Unicode (NFC) from bytes of a legacy encoding.

    Raises UnicodeDecodeError: a byte is invalid in the encoding.
    """
    if encoding == "windows-1258":
        return unicodedata.normalize("NFC", content.decode("cp1258"))
    western = "".join(_UNDEFINED.get(byte) or bytes([byte]).decode("cp1252") for byte in range(256))
    return from_western(content.decode("latin-1").translate(dict(enumerate(western))), encoding)


def from_western(text: str, encoding: str) -> str:
    """Text in Unicode (NFC) from text whose bytes a reader decoded as windows-1252, as in workbooks.

    Text with any other character is Unicode already, and is returned unchanged.
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


def join_runs(runs: Iterable[Run], encoding: str | None) -> tuple[str, str | None]:
    """The text of runs in Unicode, and the legacy encoding of any of them; ``encoding`` is that of the cell's font."""
    texts: list[str] = []
    legacy: str | None = None
    for declared, pieces in groupby(runs, lambda run: encoding if run[1] is None else from_font(run[1])):
        raw = "".join(piece for piece, _ in pieces)
        texts.append(from_western(raw, declared) if declared else raw)
        legacy = declared if texts[-1] != raw else legacy
    return "".join(texts), legacy
