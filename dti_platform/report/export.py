"""Exports: a released table as a file for those who do not read Parquet.

Here: CSV and XLSX that are safe to open in a spreadsheet and state their evidence. Not here: choosing the release
(``storage``), or where the file goes (the command line). The same release gives the same bytes.

A spreadsheet reads a text that begins with ``= + - @`` as a formula, whatever its origin. Such a text, and one that
begins with a control character, gets an apostrophe in front. Numbers stay numbers.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.storage.release import path_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from dti_platform.storage import OpenRelease

FORMATS = ("csv", "xlsx", "parquet")
#: Texts that begin a formula, also after blanks and in full width, or begin with a control character.
DANGEROUS = r"^(\s*[=+\-@＝＋－＠]|[\x00-\x1f\x7f-\x9f])"
#: Rows of a sheet, including its header.
MOST_ROWS = 1_048_576
#: A workbook must have a creation time; the real time would change the bytes.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
NOTES = "Ghi chú · Notes"
WIDEST = 60


class TooLong(ValueError):
    """The table has more rows than a sheet."""


def export(release: OpenRelease, table: str, form: str) -> bytes:
    """A table of a release as csv, xlsx or parquet (the released file itself).

    Raises:
        Missing: the release has no such table.
        CorruptRelease: its bytes are not those that were published.
        TooLong: the table does not fit a sheet.
    """
    if form == "parquet":
        return release.read(path_of(table))
    frame = release.table(table)
    remarks = notes(release, table, frame)
    return workbook(frame, table, remarks) if form == "xlsx" else delimited(frame, remarks)


def notes(release: OpenRelease, table: str, frame: pl.DataFrame) -> list[tuple[str, str]]:
    """What a reader must know first: the table, its release, and how many rows are illustrative."""
    resource = release.described(table)
    count = illustrative_count(frame)
    warning = (
        f"{count} / {frame.height} dòng là MINH HỌA (evidence = illustrative): dựa trên dữ liệu giả lập hoặc "
        f"danh mục chỉ số minh họa; không phải số liệu chính thức · {count} of {frame.height} rows are ILLUSTRATIVE: "
        "they rest on synthetic input or a made-up list of indicators and are no official figures"
    )
    all_official = "Không có dòng MINH HỌA · No row is ILLUSTRATIVE"
    note = "Văn bản bắt đầu bằng = + - @ có dấu nháy đơn phía trước · Text that begins with = + - @ has an apostrophe"
    head = [
        ("table", f"{table}: {resource['title']}"),
        ("release", release.name),
        ("evidence", warning if count else all_official),
        ("text", note),
    ]
    columns = [line for field in resource["schema"]["fields"] for line in _column(field, frame)]
    return [*head, ("", resource["description"]), *columns]


def illustrative_count(frame: pl.DataFrame) -> int:
    """How many rows of a table are illustrative."""
    return int((frame["evidence"] == "illustrative").sum()) if "evidence" in frame.columns else 0


def _column(field: Mapping[str, Any], frame: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """The meaning of a column, and of each code in it."""
    yield field["name"], field["description"]
    if "categories" in field:
        present = set(frame[field["name"]])
        labels = ((category["value"], category["label"]) for category in field["categories"])
        yield from ((f"{field['name']} = {code}", label) for code, label in labels if code in present)


def delimited(frame: pl.DataFrame, remarks: list[tuple[str, str]]) -> bytes:
    """CSV in UTF-8 with the byte order mark that spreadsheets expect; the first line is a comment without commas."""
    comment = " · ".join(f"{name}: {text}" for name, text in remarks[:4]).replace(",", ";").replace('"', "'")
    return f"\ufeff# {' '.join(comment.split())}\n".encode() + neutral(frame).write_csv().encode()


def workbook(frame: pl.DataFrame, table: str, remarks: list[tuple[str, str]]) -> bytes:
    """XLSX: a sheet of notes, then the table with its header frozen."""
    from xlsxwriter import Workbook

    if frame.height >= MOST_ROWS:
        raise TooLong(f"{table} has {frame.height} rows, more than a sheet holds; use --format csv or parquet")
    sink = io.BytesIO()
    text_options = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    book = Workbook(sink, {"in_memory": True, **text_options})
    book.set_properties({"created": CREATED})
    _sheet(book, NOTES, pl.DataFrame(remarks, schema=["name", "text"], orient="row"))
    _sheet(book, sheet_name(table), frame)
    book.close()
    return sink.getvalue()


def sheet_name(table: str) -> str:
    """A sheet name of at most 31 characters: the table's name, marked if its rows are illustrative.

    >>> sheet_name("illustrative/provincial_scorecard")
    'MINH HỌA provincial_scorecard'
    """
    folder, _, name = table.rpartition("/")
    return (f"MINH HỌA {name}" if folder else name)[:31]


def _sheet(book: Workbook, name: str, frame: pl.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for index, column in enumerate(neutral(frame).iter_columns()):
        sheet.write_string(0, index, column.name, bold)
        sheet.write_column(1, index, column.to_list())
        widest = column.cast(pl.String).str.len_chars().max()
        sheet.set_column(index, index, min(WIDEST, max(len(column.name), widest if isinstance(widest, int) else 0) + 1))


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before each text that begins a formula or begins with a control character."""
    texts = [pl.col(name) for name, dtype in frame.schema.items() if dtype == pl.String]
    escaped = [pl.when(text.str.contains(DANGEROUS)).then(pl.lit("'") + text).otherwise(text) for text in texts]
    return frame.with_columns(new.alias(text.meta.output_name()) for new, text in zip(escaped, texts, strict=True))
