"""Which encoding some text is in: told by its bytes, declared, or shown by names that are known; never guessed.

Here: the decision. Not here: the tables of the encodings (``legacy``), nor which names are known (they are handed in).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.legacy import ENCODINGS, from_bytes, from_western
from dti_platform.reading.text import comparable

__all__ = ["ENOUGH", "Names", "decode", "in_unicode", "shows"]

#: Sets of names, such as the provinces of one time. Names without a mark look alike in every encoding, and don't count.
Names = Collection[Collection[str]]
#: The share of a set's names that must be found for an encoding to be shown.
ENOUGH = 0.9
#: A smaller set shows nothing: a single name, such as the country's, can stand in any text.
FEWEST = 10
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: The byte-order mark of UTF-32, which begins as that of UTF-16 does.
_UTF_32 = b"\xff\xfe\x00\x00"


def decode(content: bytes, name: str, declared: str | None = None, names: Names = ()) -> str:
    """The text of bytes: by a byte-order mark, as declared, as UTF-8, or in the encoding that known names show.

    Raises Unreadable: none of these, or bytes that the encoding doesn't have.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark) and not content.startswith(_UTF_32):
            return _strictly(content, name, encoding)
    if b"\x00" in content:
        raise Unreadable(
            "not_text",
            f"{name} chứa byte NUL: không phải văn bản UTF-8, cũng không phải UTF-16 có dấu thứ tự byte (BOM)",
            f"{name} holds NUL bytes: not text in UTF-8, nor in UTF-16 with a byte-order mark",
        )
    if declared is not None:
        return _strictly(content, name, declared)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        for encoding in ENCODINGS:
            if (text := _or_nothing(content, encoding)) is not None and shows(text, names):
                return text
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            "not_utf8",
            f"{name} không dùng mã UTF-8 ở dòng {line}: hãy lưu thành CSV UTF-8",
            f"{name} is not UTF-8 in line {line}: save it as CSV UTF-8",
        ) from error


def _strictly(content: bytes, name: str, encoding: str) -> str:
    try:
        text = from_bytes(content, encoding) if encoding in ENCODINGS else content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Unreadable(
            "not_utf8",
            f"{name} không dùng bảng mã {encoding}: hãy lưu thành CSV UTF-8",
            f"{name} is not in the encoding {encoding}: save it as CSV UTF-8",
        ) from error
    if "\x00" in text:
        raise Unreadable(
            "not_text", f"{name} chứa ký tự NUL: không phải văn bản", f"{name} holds NUL characters: not text"
        )
    return text


def _or_nothing(content: bytes, encoding: str) -> str | None:
    try:
        return from_bytes(content, encoding)
    except UnicodeDecodeError:
        return None


def shows(text: str, names: Names) -> bool:
    """Whether nine in ten names of one of the sets stand in a text; a set of few marked names shows nothing."""
    searched = comparable(text)
    for group in names:
        marked = [name for name in map(comparable, group) if not name.isascii()]
        if len(marked) >= FEWEST and sum(name in searched for name in marked) >= ENOUGH * len(marked):
            return True
    return False


def in_unicode(book: Book, declared: str | None = None, names: Names = ()) -> Book:
    """The book with every text in Unicode: sheets whose text a workbook holds in a declared or shown encoding."""
    return Book(book.name, tuple(_sheet(sheet, declared, names) for sheet in book.sheets), book.remarks)


def _sheet(sheet: Sheet, declared: str | None, names: Names) -> Sheet:
    texts = [cell.raw for cell in sheet.cells() if cell.kind == "text" and cell.encoding is None]
    encoding = declared if declared in ENCODINGS else _shown(texts, names)
    if encoding is None:
        return sheet
    return Sheet(
        sheet.name, [[_cell(cell, encoding) for cell in row] for row in sheet.rows], sheet.hidden, sheet.merged
    )


def _shown(texts: Iterable[str], names: Names) -> str | None:
    """The encoding in which known names show that are not to be seen otherwise."""
    western = [text for text in texts if not text.isascii()]
    if not western or not names or shows("\n".join(western), names):
        return None
    for encoding in ENCODINGS:
        if shows("\n".join(from_western(text, encoding) for text in western), names):
            return encoding
    return None


def _cell(cell: Cell, encoding: str) -> Cell:
    if cell.kind != "text" or cell.encoding is not None:
        return cell
    text = from_western(cell.raw, encoding)
    return cell if text == cell.raw else cell._replace(raw=text, value=text, encoding=encoding)
