"""A released table as a file for a spreadsheet: nothing in it becomes a formula, and it says what is illustrative."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

import dti_platform
from dti_platform.cli import main
from dti_platform.report import export
from dti_platform.report.printed import printed
from dti_platform.storage import CorruptRelease, Missing, Store, TableDescription

NASTY = [
    "=1+1", "+84 208", "-5 %", "@SUM(A1)", "\t=1+1", "\r=cmd", "\n=x", "  =1+1", "＝1+1", "\x00x", "\x9fx",
    '=HYPERLINK("http://x")', "Thái Nguyên", "a=b", "", "'quoted", 'a "b", c', "two\nlines", "https://dti.gov.vn",
]  # fmt: skip


def table(version: int = 1) -> pl.DataFrame:
    units = [f"VN63-{number:02}" for number in range(len(NASTY))]
    return pl.DataFrame(
        {
            "unit": units, "raw": NASTY, "change": [-version] * len(NASTY), "score": [0.5] * len(NASTY),
            "headline": [True] * len(NASTY), "evidence": ["illustrative", *["official"] * (len(NASTY) - 1)],
        }
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two releases, a day apart."""
    now = [datetime(2026, 11, 24, 3, 0, tzinfo=UTC)]
    store = Store(tmp_path / "data", clock=lambda: now[0])
    columns = [(name, "any", f"the {name} of a row") for name in table().columns]
    labels = [
        {"value": "illustrative", "label": "minh họa · illustrative"},
        {"value": "other", "label": "khác · other"},
    ]
    coded = {"evidence": {"categories": labels}}
    told = TableDescription("Bảng · Table", "One row for each unit.", columns, ["unit"], fields=coded)
    description = {"ranking": told}
    store.releases.publish({"ranking": table(1)}, description, record={})
    now[0] += timedelta(days=1)
    store.releases.publish({"ranking": table(2)}, description, record={})
    return store


def test_the_printed_form_holds_no_formula_and_is_the_same_twice(store: Store) -> None:
    content = printed(store.releases.open(), "ranking", "vi")
    assert content == printed(store.releases.open(), "ranking", "vi")
    cells = [cell for page in openpyxl.load_workbook(io.BytesIO(content)) for row in page for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell.value for cell in cells if isinstance(cell.value, str) and begins_a_formula(cell.value)] == []
    assert {"'=1+1", "Thái Nguyên"} <= {cell.value for cell in cells}


def begins_a_formula(text: str) -> bool:
    return re.match(r"\s*[=+\-@＝]|[\x00-\x1f\x7f-\x9f]", text) is not None


def test_a_csv_begins_with_its_mark_and_a_comment_and_holds_no_formula(store: Store) -> None:
    content = export.export(store.releases.open(), "ranking", "csv")
    text = content.decode("utf-8-sig")
    assert content.startswith("\ufeff# ".encode())
    comment, _, rest = text.partition("\n")
    assert "1 of 19 rows are ILLUSTRATIVE" in comment
    assert store.releases.open().name in comment
    assert "," not in comment
    rows = list(csv.DictReader(io.StringIO(rest)))
    assert [
        row["raw"].removeprefix("'") if begins_a_formula(raw) else row["raw"]
        for row, raw in zip(rows, NASTY, strict=True)
    ] == NASTY
    assert not [row for row in rows if begins_a_formula(row["raw"])]
    assert {row["change"] for row in rows} == {"-2"}, "numbers stay as they are"
    assert rows[0]["evidence"] == "illustrative"


def test_a_csv_is_read_by_pandas_and_polars(store: Store) -> None:
    import pandas as pd

    content = export.export(store.releases.open(), "ranking", "csv")
    frame = pd.read_csv(io.BytesIO(content), comment="#", encoding="utf-8-sig")
    assert list(frame["score"]) == [0.5] * len(NASTY)
    assert pl.read_csv(content, comment_prefix="#").height == len(NASTY)


def test_a_workbook_begins_with_notes_and_holds_no_formula_and_no_link(store: Store) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export.export(store.releases.open(), "ranking", "xlsx")))
    assert book.sheetnames == [export.NOTES, "ranking"]
    told = list(book[export.NOTES].iter_rows(values_only=True))
    notes = {row[0]: row[1] for row in reversed(told)}
    assert notes["release"] == store.releases.open().name
    assert "1 of 19 rows are ILLUSTRATIVE" in notes["evidence"]
    assert notes["unit"] == "the unit of a row"
    assert notes["evidence = illustrative"] == "minh họa · illustrative"
    assert "evidence = other" not in notes, "only codes that stand in the table"
    sheet = book["ranking"]
    assert [cell.value for cell in sheet[1]] == table().columns
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert not [cell for cell in cells if isinstance(cell.value, str) and begins_a_formula(cell.value)]
    assert (sheet["A2"].value, sheet["C2"].value, sheet["D2"].value, sheet["E2"].value) == ("VN63-00", -2, 0.5, True)


def test_the_same_release_gives_the_same_bytes_and_parquet_is_the_released_file(store: Store) -> None:
    opened = store.releases.open()
    for form in export.FORMATS:
        assert export.export(opened, "ranking", form) == export.export(store.releases.open(), "ranking", form)
    assert export.export(opened, "ranking", "parquet") == (opened.path / "ranking.parquet").read_bytes()


def test_a_table_that_no_sheet_holds_is_declined_with_the_fix(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 5)
    with pytest.raises(export.TooLong, match="--format csv"):
        export.export(store.releases.open(), "ranking", "xlsx")


@pytest.mark.parametrize("form", export.FORMATS)
def test_an_altered_file_is_never_exported(store: Store, form: str) -> None:
    path = store.releases.open().path / "ranking.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CorruptRelease):
        export.export(store.releases.open(), "ranking", form)


def test_the_command_writes_a_release_as_of_a_day(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = ["--data", str(store.root)]
    first, second = (each.name for each in store.releases.list())
    assert CliRunner().invoke(main, ["export", "ranking", "--as-of", "2026-11-24", *data]).exit_code == 0
    assert "-1," in (tmp_path / f"ranking-{first}.csv").read_text(encoding="utf-8")
    for form in export.FORMATS:
        done = CliRunner().invoke(main, ["export", "ranking", "--format", form, "--out", f"out.{form}", *data])
        assert done.exit_code == 0, done.output
        assert second in done.output
        assert (tmp_path / f"out.{form}").read_bytes() == export.export(store.releases.open("2"), "ranking", form)
    piped = CliRunner().invoke(main, ["export", "ranking", "--release", "1", "--out", "-", *data])
    assert piped.stdout_bytes == export.export(store.releases.open("1"), "ranking", "csv")
    assert CliRunner().invoke(main, ["export", "ranking", "--as-of", "2026-11-23", *data]).exit_code == 1
    assert CliRunner().invoke(main, ["export", "nothing", *data]).exit_code == 1
    assert (
        CliRunner().invoke(main, ["export", "ranking", "--release", "1", "--as-of", "2026-11-24", *data]).exit_code == 2
    )


def test_readers_in_python_get_verified_rows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dti_platform.__all__ == ["__version__", "open_release"]
    monkeypatch.setenv("DTI_DATA", str(store.root))
    assert dti_platform.open_release().table("ranking").equals(table(2))
    assert dti_platform.open_release(store.root, release="1").table("ranking").equals(table(1))
    for day in ("2026-11-24", date(2026, 11, 24)):
        assert dti_platform.open_release(store.root, as_of=day).table("ranking").equals(table(1))
    with pytest.raises(Missing):
        dti_platform.open_release(store.root, as_of="2026-11-23")
    with pytest.raises(ValueError, match="not both"):
        dti_platform.open_release(store.root, release="1", as_of="2026-11-24")
