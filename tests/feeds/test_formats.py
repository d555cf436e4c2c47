"""One submission in any format gives the same observations; a batch gives what its files give one by one."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from dti_platform.feeds import Known, Received, read, read_apart
from tests.reading.xls_by_hand import label, workbook

Receive = Callable[..., Received]
PROJECT = Path(__file__).parents[2]
PRINTED = PROJECT / "data" / "feeds" / "published_results" / "2022" / "provinces.csv"
#: Where a figure stands differs by format; its file too.
PLACE = ("locator", "file", "file_name")


def table() -> list[list[str]]:
    with PRINTED.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def as_csv(rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Kết quả")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
    return buffer.getvalue()


def as_xls(rows: list[list[str]]) -> bytes:
    return workbook([label(row, column, cell) for row, cells in enumerate(rows) for column, cell in enumerate(cells)])


def as_json(rows: list[list[str]]) -> bytes:
    header, *records = rows
    return json.dumps([dict(zip(header, record, strict=True)) for record in records], ensure_ascii=False).encode()


FORMATS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "csv with a byte-order mark": lambda rows: as_csv(rows, "utf-8-sig"),
    "csv with semicolons": lambda rows: as_csv(rows, delimiter=";"),
    "csv in UTF-16": lambda rows: as_csv(rows, "utf-16"),
    "xlsx": as_xlsx,
    "xls": as_xls,
    "json": as_json,
    "json in UTF-16": lambda rows: as_json(rows).decode().encode("utf-16"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_of_one_submission_gives_the_same_observations(known: Known, receive: Receive, form: str) -> None:
    rows = table()[:100] if form == "xls" else table()
    expected = read(receive("published_results", "2022", as_csv(rows)), known).observations.drop(PLACE)
    found = read(receive("published_results", "2022", FORMATS[form](rows), form), known)
    assert expected.height == len(rows) - 1
    assert found.observations.drop(PLACE).equals(expected)
    assert found.quarantine.is_empty()


def test_a_batch_gives_what_its_files_give_one_by_one(known: Known, receive: Receive) -> None:
    paths = sorted((PROJECT / "data" / "feeds").glob("*_re*/*/*.csv"))
    batch = [receive(path.parts[-3], path.parts[-2], path.read_bytes(), path.name) for path in paths]
    batch.insert(3, receive("published_results", "2022", b"PK\x03\x04", "broken.xlsx"))
    together = [read(each, known) for each in read_apart(batch, known)]
    for received, parsed in zip(batch, together, strict=True):
        alone = read(received, known)
        assert parsed.observations.equals(alone.observations)
        assert parsed.submissions.equals(alone.submissions)
    assert pl.concat([each.submissions for each in together])["status"].to_list().count("refused") == 1


def test_a_table_in_two_sheets_or_in_none_is_refused(known: Known, receive: Receive) -> None:
    for names, reason in ((("A", "B"), "A, B"), ((), "none of its sheets")):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
            for name in names:
                book.add_worksheet(name).write_row(0, 0, table()[0])
            book.add_worksheet("Ghi chú").write(0, 0, "x")
            book.add_worksheet("Khác")
        parsed = read(receive("published_results", "2022", buffer.getvalue()), known)
        assert reason in parsed.submissions["reason"][0]
