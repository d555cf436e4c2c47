"""Strict reading of delimited text (CSV): quotes must be closed, every cell is text, records keep their length.

Here: bytes to cells. Not here: numbers, what a column means, and records that are longer or shorter than their
header (``table``).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.encoding import Names, decode
from dti_platform.reading.limits import LONGEST_TEXT, MOST_CELLS, too_long
from dti_platform.reading.text import heading, normalise

#: The delimiters that spreadsheet programs and old systems write.
DELIMITERS = (",", ";", "\t", "|")
#: How many of the first records are searched for a header: titles may precede it.
_FIRST = 100
#: The most columns of a header, and the most characters of one of its titles.
_WIDEST = 200
#: For every required column, its headers as ``text.heading`` normalises them.
Headers = Sequence[Collection[str]]
#: The line on which a record starts, and its cells.
Record = tuple[int, list[str]]


def read_delimited(
    content: bytes, name: str, delimiter: str = ",", *, encoding: str | None = None, names: Names = (),
    headers: Headers = (),
) -> Book:  # fmt: skip
    """Reads text, with or without a byte-order mark; a quoted cell may span lines.

    ``encoding`` declares the encoding of text that is neither UTF-8 nor marked; known ``names`` may reveal a legacy
    encoding. If no record holds the ``headers`` with the declared delimiter, and one does with exactly one other, the
    file is read with that one, and a remark says so: spreadsheet programs write the delimiter of their locale. A
    locator gives the line on which the record starts, and the column by its header: ``line 4, column value``.

    Raises Unreadable: the file is empty, too large, not in an allowed encoding, or has an unclosed quote.
    """
    used, records = _split(decode(content, name, encoding, names), name, delimiter, headers)
    titles = _headers([record for _, record in records])
    rows = [_cells(record, titles, number, line) for number, (line, record) in enumerate(records, 1)]
    return Book(name, (Sheet(None, rows),), () if used == delimiter else (_delimiter_remark(used, delimiter),))


def _split(text: str, name: str, delimiter: str, headers: Headers) -> tuple[str, list[Record]]:
    """The delimiter and the records; a delimiter other than the declared one only if the headers prove it."""
    refusal: Unreadable | None = None
    declared: list[Record] = []
    try:
        declared = list(_records(text, name, delimiter))
    except Unreadable as error:
        refusal = error
    if headers and not _has_headers(declared, headers):
        candidates = (mark for mark in DELIMITERS if mark != delimiter and mark in text)
        attempts = ((mark, list(_records_while_valid(text, name, mark))) for mark in candidates)
        matches = [(mark, records) for mark, records in attempts if _has_headers(records, headers)]
        if len(matches) == 1:
            return matches[0]
    if refusal is not None:
        raise refusal
    return delimiter, declared


def _records_while_valid(text: str, name: str, delimiter: str) -> Iterator[Record]:
    """The records up to the first error, for a delimiter that the text may not use."""
    try:
        yield from _records(text, name, delimiter)
    except Unreadable:
        return


def _has_headers(records: Sequence[Record], headers: Headers) -> bool:
    """Whether one of the first records holds every header."""
    rows = ({heading(text) for text in record[:_WIDEST] if len(text) <= _WIDEST} for _, record in records[:_FIRST])
    return any(all(not titles.isdisjoint(header) for header in headers) for titles in rows)


def _delimiter_remark(used: str, declared: str) -> Bilingual:
    tab = Bilingual("dấu tab", "tabs")
    names = {mark: tab if mark == "\t" else Bilingual.same(f"“{mark}”") for mark in (used, declared)}
    return catalogue("warning")["read_as_found"].detail["delimiter"].format(used=names[used], declared=names[declared])


def _records(text: str, name: str, delimiter: str) -> Iterator[Record]:
    """Every record with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    cells = 0
    try:
        for record in reader:
            cells += len(record)
            if cells > MOST_CELLS:
                raise Unreadable("too_large", "records", file=name, most=MOST_CELLS, line=start)
            if max(map(len, record), default=0) > LONGEST_TEXT:
                raise _too_long(name, start)
            yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        # The limit on the size of a field belongs to the whole process, and a library may have raised it.
        unclosed = str(error).startswith("unexpected end")
        if str(error).startswith("field larger") or (unclosed and _length_from(text, start) > LONGEST_TEXT):
            raise _too_long(name, start) from error
        raise Unreadable("damaged", "csv", file=name, line=start, error=error) from error


def _length_from(text: str, line: int) -> int:
    return sum(map(len, text.splitlines(keepends=True)[line - 1 :]))


def _too_long(name: str, line: int) -> Unreadable:
    """The refusal of a text that may be too long only because its closing quote is missing."""
    return too_long(
        Bilingual(
            f"{name}, ô bắt đầu ở dòng {line} (có thể thiếu dấu ngoặc kép đóng),",
            f"{name}, a cell that begins in line {line} (perhaps its closing quote is missing)",
        )
    )


def _headers(records: list[list[str]]) -> list[str]:
    """A name for every column: its header if that is filled, unique and no longer than a title, else its number.

    The header is the first record of the most frequent length that is mostly filled: titles may precede it.
    """
    lengths = Counter(len(record) for record in records if any(map(str.strip, record)))
    usual = max(lengths, key=lengths.__getitem__, default=0)
    candidates = (record for record in records if len(record) == usual and sum(map(bool, record)) * 2 > usual)
    texts = [normalise(text) for text in next(candidates, [])]
    unique = {
        text
        for text, times in Counter(texts).items()
        if times == 1 and 0 < len(text) <= _WIDEST and not text.isdecimal()
    }
    return [text if text in unique else str(number) for number, text in enumerate(texts, 1)]


def _cells(record: list[str], headers: list[str], number: int, line: int) -> list[Cell]:
    labels = [*headers, *map(str, range(len(headers) + 1, len(record) + 1))]
    return [
        Cell(None, number, column, f"line {line}, column {header}", text, "text", text)
        if text.strip()
        else Cell(None, number, column, f"line {line}, column {header}", text, "blank", None)
        for column, (header, text) in enumerate(zip(labels, record, strict=False), 1)
    ]
