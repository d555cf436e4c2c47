"""A self-assessment sheet as plain values, written as a workbook, as CSV and as JSON: what tests plant defects in."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from dti_platform.feeds.sheet.title import find_sheet
from dti_platform.language import format_number
from dti_platform.reading import Cell, read_workbook

__all__ = ["HOME", "Draft", "Value"]

HOME = Path(__file__).parents[2] / "data" / "feeds" / "self_assessment" / "2022" / "VN63-19.xlsx"
Value = str | int | float | bool | dt.date | None


@dataclass
class Draft:
    """Title block, header, rows; ``formulas`` are cells whose text is written as a formula."""

    title: list[tuple[str, Value]]
    header: list[Value]
    rows: list[list[Value]]
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    calculated: bool = False
    """The results of formulas are said to be stored; else they are left to whoever opens the workbook."""
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Areas, from 0, ends included; what they cover stays in its cells."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    hidden: bool = False
    """The whole sheet."""
    others: list[list[Value]] = field(default_factory=list)
    """The rows of another sheet."""

    @classmethod
    def of(cls, content: bytes) -> Draft:
        """What a workbook of ours holds."""
        title, header, rows = _held(content)
        return cls([*title], [*header], [[*row] for row in rows])

    def column(self, header: str) -> int:
        return self.header.index(header)

    def row(self, code: str) -> int:
        return next(at for at, row in enumerate(self.rows) if row[0] == code)

    def get(self, code: str, header: str) -> Value:
        return self.rows[self.row(code)][self.column(header)]

    def put(self, code: str, header: str, value: Value) -> None:
        self.rows[self.row(code)][self.column(header)] = value

    def say(self, label: str, value: Value) -> None:
        """Sets a line of the title block, or adds it."""
        at = next((at for at, (said, _) in enumerate(self.title) if said == label), None)
        if at is None:
            self.title.insert(len(self.title) - 1, (label, value))
        else:
            self.title[at] = (label, value)

    def records(self) -> list[list[Value]]:
        width = len(self.header)
        said = [[*pair, *[None] * (width - 2)] for pair in self.title]
        return [*said, self.header, *self.rows]

    def xlsx(self) -> bytes:
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
            book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
            if self.others or self.hidden:
                book.add_worksheet("Bìa").activate()
                _write(book, book.worksheets()[0], self.others, {}, {})
            sheet = book.add_worksheet("Tự đánh giá")
            _write(book, sheet, self.records(), self.formulas, self.formats)
            self._hide(sheet)
        return _calculated(content) if self.calculated else content.getvalue()

    def _hide(self, sheet: Worksheet) -> None:
        records = self.records()
        for top, left, bottom, right in self.merged:
            sheet.merge_range(top, left, bottom, right, records[top][left])
        for row in self.hidden_rows:
            sheet.set_row(row, None, None, {"hidden": True})
        for column in self.hidden_columns:
            sheet.set_column(column, column, None, None, {"hidden": True})
        if self.hidden:
            sheet.hide()

    def csv(self) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerows([[_written(value) for value in record] for record in self.records()])
        return text.getvalue().encode("utf-8-sig")

    def json(self) -> bytes:
        rows = [dict(zip(map(str, self.header), map(_plain, row), strict=True)) for row in self.rows]
        said = {label: _plain(value) for label, value in self.title if label}
        return json.dumps({**said, "Phiếu": rows}, ensure_ascii=False).encode()


@lru_cache(maxsize=8)
def _held(content: bytes) -> tuple[list[tuple[str, Value]], list[Value], list[list[Value]]]:
    """Title block, header and rows of a workbook: most tests begin with the same."""
    table = find_sheet(read_workbook(content, "own.xlsx"))[1]
    said = [(str(row[0].value or ""), _value(row[1])) for row in table.sheet.rows[: table.header_row - 1]]
    rows = [[_value(cell) for cell in row] for row in table.sheet.rows[table.header_row :]]
    return said, [cell.raw for cell in table.sheet.rows[table.header_row - 1]], rows


def _write(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    records: list[list[Value]],
    formulas: dict[tuple[int, int], str],
    formats: dict[tuple[int, int], str],
) -> None:
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    styles = {form: book.add_format({"num_format": form}) for form in formats.values()}
    for row, record in enumerate(records):
        for column, value in enumerate(record):
            style = styles.get(formats.get((row, column), ""))
            if (row, column) in formulas:
                sheet.write_formula(row, column, formulas[row, column], None, value)
            elif isinstance(value, dt.date):
                sheet.write_datetime(row, column, value, day)
            elif isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write_number(row, column, value, style)


def _calculated(content: io.BytesIO) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(content) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as taken:
        for name in given.namelist():
            taken.writestr(name, given.read(name).replace(b' fullCalcOnLoad="1"', b""))
    return made.getvalue()


def _value(cell: Cell) -> Value:
    if cell.kind == "number":
        number = float(cell.raw)
        return int(number) if number.is_integer() else number
    return cell.value if isinstance(cell.value, str | bool | dt.date) else None


def _written(value: Value) -> str:
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return str(value).upper()
    return "" if value is None else value if isinstance(value, str) else format_number(value).vi


def _plain(value: Value) -> Value:
    return value.strftime("%d/%m/%Y") if isinstance(value, dt.date) else value
