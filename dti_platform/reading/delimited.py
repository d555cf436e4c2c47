"""Delimited text (CSV), strictly: quotes closed, every cell text, every record kept as long as it is.

Here: bytes to cells. Not here: numbers, what a column means, and what becomes of a record that is longer or
shorter than its header (``table``).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.encoding import Names, decode
from dti_platform.reading.guard import LONGEST_TEXT, MOST_CELLS, too_long, weigh
from dti_platform.reading.text import normalise
from dti_platform.said import Said

__all__ = ["read_delimited"]


def read_delimited(
    content: bytes, name: str, delimiter: str = ",", *, encoding: str | None = None, names: Names = ()
) -> Book:
    """Reads text, with or without a byte-order mark; a quoted cell may span lines.

    ``encoding`` declares one where it is neither UTF-8 nor marked; known ``names`` may show one of the legacy
    encodings. A locator names the line on which the record starts and the column by its header: ``line 4, column
    value``.

    Raises Unreadable: empty or too large, in no encoding that is allowed, or an open quote.
    """
    weigh(content, name)
    records = list(_records(decode(content, name, encoding, names), name, delimiter))
    headers = _headers([record for _, record in records])
    rows = [_cells(record, headers, number, line) for number, (line, record) in enumerate(records, 1)]
    return Book(name, (Sheet(None, rows),))


def _records(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    cells = 0
    try:
        for record in reader:
            cells += len(record)
            if cells > MOST_CELLS:
                raise Unreadable(
                    "too_large",
                    f"{name} có hơn {MOST_CELLS} ô, tính đến dòng {start}",
                    f"{name} has more than {MOST_CELLS} cells at line {start}",
                )
            if max(map(len, record), default=0) > LONGEST_TEXT:
                raise _too_long(name, start)
            yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        if str(error).startswith("field larger"):
            raise _too_long(name, start) from error
        raise Unreadable(
            "damaged",
            f"{name} sai cú pháp CSV ở dòng {start} ({error})",
            f"{name} is not well-formed text in line {start}: {error}",
        ) from error


def _too_long(name: str, line: int) -> Unreadable:
    """Perhaps only for want of a quote that closes it."""
    return too_long(
        Said(
            f"{name}, ô bắt đầu ở dòng {line} (có thể thiếu dấu ngoặc kép đóng),",
            f"{name}, a cell that begins in line {line} (perhaps its closing quote is missing)",
        )
    )


def _headers(records: list[list[str]]) -> list[str]:
    """A name for every column: its header where that is filled and alone, else its number.

    The header is the first record that is as long as most are, and mostly filled: titles may stand above it.
    """
    lengths = Counter(len(record) for record in records if any(map(str.strip, record)))
    usual = max(lengths, key=lengths.__getitem__, default=0)
    likely = (record for record in records if len(record) == usual and sum(map(bool, record)) * 2 > usual)
    texts = [normalise(text) for text in next(likely, [])]
    alone = {text for text, times in Counter(texts).items() if text and times == 1 and not text.isdecimal()}
    return [text if text in alone else str(number) for number, text in enumerate(texts, 1)]


def _cells(record: list[str], headers: list[str], number: int, line: int) -> list[Cell]:
    named = [*headers, *map(str, range(len(headers) + 1, len(record) + 1))]
    return [
        Cell(None, number, column, f"line {line}, column {header}", text, "text", text)
        if text.strip()
        else Cell(None, number, column, f"line {line}, column {header}", text, "blank", None)
        for column, (header, text) in enumerate(zip(named, record, strict=False), 1)
    ]
