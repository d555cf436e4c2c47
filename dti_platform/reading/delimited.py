"""Delimited text (CSV), strictly: quotes closed, rows of one length, every cell text.

Here: bytes to cells. Not here: numbers, and what a column means.
"""

from __future__ import annotations

import csv
import io

from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.text import normalise

__all__ = ["read_delimited"]

_LONGEST_FIELD = 2**20


def read_delimited(content: bytes, name: str, delimiter: str = ",") -> Book:
    """Reads UTF-8 text, with or without a byte-order mark; a quoted cell may span lines.

    A locator names the line on which the record starts and the column by its header (the first
    record): ``line 4, column value``.

    Raises Unreadable: not UTF-8, an open quote, or rows of different lengths.
    """
    text = _decode(content, name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[Cell]] = []
    headers: list[str] = []
    start = 1
    try:
        for record in reader:
            headers = headers or _headers(record)
            if record and len(record) != len(headers):
                raise Unreadable(
                    "ragged", f"{name} has {len(record)} cells in line {start}, the header has {len(headers)}"
                )
            rows.append(_cells(record, headers, len(rows) + 1, start) if record else [])
            start = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable("damaged", f"{name} is not well-formed text in line {start}: {error}") from error
    return Book(name, (Sheet(None, rows),))


def _decode(content: bytes, name: str) -> str:
    if b"\x00" in content:
        raise Unreadable("not_text", f"{name} holds NUL bytes: not text in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("not_utf8", f"{name} is not UTF-8 in line {line}: save it as CSV UTF-8") from error


def _headers(record: list[str]) -> list[str]:
    """A name for every column: its header, or its number where the header is empty or not alone."""
    names = [normalise(text) for text in record]
    return [text if text and names.count(text) == 1 else str(number) for number, text in enumerate(names, 1)]


def _cells(record: list[str], headers: list[str], number: int, line: int) -> list[Cell]:
    return [
        Cell(None, number, column, f"line {line}, column {header}", text, "text", text)
        if text.strip()
        else Cell(None, number, column, f"line {line}, column {header}", text, "blank", None)
        for column, (header, text) in enumerate(zip(headers, record, strict=True), 1)
    ]
