"""Delimited text (CSV), strictly: quotes closed, every cell text, every record kept as long as it is.

Here: bytes to cells. Not here: numbers, what a column means, and what becomes of a record that is longer or
shorter than its header (``table``).
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

#: What separates columns in files that spreadsheet programs and old systems write.
DELIMITERS = (",", ";", "\t", "|")
#: In how many of the first records a header is looked for: titles may stand above it.
_FIRST = 100
#: How wide a header is, and how long one of its titles, at most.
_WIDEST = 200
#: For every required column its headers, as they compare (``text.heading``).
Headers = Sequence[Collection[str]]
#: The line on which a record begins, and its cells.
Record = tuple[int, list[str]]


def read_delimited(
    content: bytes, name: str, delimiter: str = ",", *, encoding: str | None = None, names: Names = (),
    headers: Headers = (),
) -> Book:  # fmt: skip
    """Reads text, with or without a byte-order mark; a quoted cell may span lines.

    ``encoding`` declares one where it is neither UTF-8 nor marked; known ``names`` may show one of the legacy
    encodings. Where no record bears the ``headers`` by the declared delimiter, and one does by exactly one other, the
    file is read by that, and says so: a spreadsheet program writes the delimiter of its country. A locator names the
    line on which the record starts and the column by its header: ``line 4, column value``.

    Raises Unreadable: empty or too large, in no encoding that is allowed, or an open quote.
    """
    used, records = _split(decode(content, name, encoding, names), name, delimiter, headers)
    titles = _headers([record for _, record in records])
    rows = [_cells(record, titles, number, line) for number, (line, record) in enumerate(records, 1)]
    return Book(name, (Sheet(None, rows),), () if used == delimiter else (_other(used, delimiter),))


def _split(text: str, name: str, delimiter: str, headers: Headers) -> tuple[str, list[Record]]:
    """The delimiter, and the records; another than the declared one only where the headers prove it."""
    refusal: Unreadable | None = None
    declared: list[Record] = []
    try:
        declared = list(_records(text, name, delimiter))
    except Unreadable as error:
        refusal = error
    if headers and not _bears(declared, headers):
        others = (mark for mark in DELIMITERS if mark != delimiter and mark in text)
        tried = ((mark, list(_records_while_valid(text, name, mark))) for mark in others)
        proven = [(mark, records) for mark, records in tried if _bears(records, headers)]
        if len(proven) == 1:
            return proven[0]
    if refusal is not None:
        raise refusal
    return delimiter, declared


def _records_while_valid(text: str, name: str, delimiter: str) -> Iterator[Record]:
    """The records up to where the text is no longer well-formed by a delimiter that it may not have."""
    try:
        yield from _records(text, name, delimiter)
    except Unreadable:
        return


def _bears(records: Sequence[Record], headers: Headers) -> bool:
    """Whether one of the first records bears every header."""
    first = ({heading(text) for text in record[:_WIDEST] if len(text) <= _WIDEST} for _, record in records[:_FIRST])
    return any(all(not titles.isdisjoint(header) for header in headers) for titles in first)


def _other(used: str, declared: str) -> Bilingual:
    names = {"\t": Bilingual("dấu tab", "tabs")}
    by, instead = names.get(used, Bilingual.same(f"“{used}”")), names.get(declared, Bilingual.same(f"“{declared}”"))
    return catalogue("warning")["read_as_found"].detail["delimiter"].format(used=by, declared=instead)


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
        # The bound on a field is the whole process's, and a library may have lifted it.
        unclosed = str(error).startswith("unexpected end")
        if str(error).startswith("field larger") or (unclosed and _length_from(text, start) > LONGEST_TEXT):
            raise _too_long(name, start) from error
        raise Unreadable("damaged", "csv", file=name, line=start, error=error) from error


def _length_from(text: str, line: int) -> int:
    return sum(map(len, text.splitlines(keepends=True)[line - 1 :]))


def _too_long(name: str, line: int) -> Unreadable:
    """Perhaps only for want of a quote that closes it."""
    return too_long(
        Bilingual(
            f"{name}, ô bắt đầu ở dòng {line} (có thể thiếu dấu ngoặc kép đóng),",
            f"{name}, a cell that begins in line {line} (perhaps its closing quote is missing)",
        )
    )


def _headers(records: list[list[str]]) -> list[str]:
    """A name for every column: its header where that is filled, alone and no longer than a title, else its number.

    The header is the first record that is as long as most are, and mostly filled: titles may stand above it.
    """
    lengths = Counter(len(record) for record in records if any(map(str.strip, record)))
    usual = max(lengths, key=lengths.__getitem__, default=0)
    likely = (record for record in records if len(record) == usual and sum(map(bool, record)) * 2 > usual)
    texts = [normalise(text) for text in next(likely, [])]
    alone = {
        text
        for text, times in Counter(texts).items()
        if times == 1 and 0 < len(text) <= _WIDEST and not text.isdecimal()
    }
    return [text if text in alone else str(number) for number, text in enumerate(texts, 1)]


def _cells(record: list[str], headers: list[str], number: int, line: int) -> list[Cell]:
    labels = [*headers, *map(str, range(len(headers) + 1, len(record) + 1))]
    return [
        Cell(None, number, column, f"line {line}, column {header}", text, "text", text)
        if text.strip()
        else Cell(None, number, column, f"line {line}, column {header}", text, "blank", None)
        for column, (header, text) in enumerate(zip(labels, record, strict=False), 1)
    ]
