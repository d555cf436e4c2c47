"""``./dti dev read``: every cell of a file as the platform reads it, or why it is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner

from dti_platform.cli import main

pytestmark = pytest.mark.usefixtures("one_child_for_all")


def test_a_workbook_is_shown_cell_by_cell_with_its_types(project: Path) -> None:
    file = project / "data" / "feeds" / "self_assessment" / "2022" / "VN63-19.xlsx"
    done = CliRunner().invoke(main, ["dev", "read", str(file), "--json"])
    assert done.exit_code == 0, done.output
    cells = {each["locator"]: each for each in json.loads(done.output)["cells"]}
    assert cells["Tự đánh giá!E12"]["kind"] == "number"
    codes = [each["raw"] for each in cells.values() if each["column"] == 1 and each["kind"] == "text"]
    assert {"4.1", "4.10"} <= set(codes)


def test_text_stays_text_and_its_place_is_said(tmp_path: Path) -> None:
    file = tmp_path / "received.csv"
    file.write_text("code,value\n4.10,007\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["dev", "read", str(file)])
    assert done.output.splitlines()[-2:] == ["line 2, column code\ttext\t'4.10'", "line 2, column value\ttext\t'007'"]


def test_a_file_that_is_refused_says_why_and_exits_3(tmp_path: Path) -> None:
    file = tmp_path / "broken.xlsx"
    file.write_bytes(b"PK\x03\x04 and nothing more")
    done = CliRunner().invoke(main, ["dev", "read", str(file)])
    assert done.exit_code == 3
    assert done.output.startswith("✗ broken.xlsx\n")
    assert "Tệp bị hỏng" in done.output
    assert "Cách sửa: Mở tệp" in done.output
    assert "How to fix it: Open" in CliRunner().invoke(main, ["dev", "read", str(file), "--lang", "en"]).output
    told = json.loads(CliRunner().invoke(main, ["dev", "read", str(file), "--json"]).output)
    assert (told["file"], told["refused"]) == ("broken.xlsx", "damaged")
    assert told["why"].keys() == told["detail"].keys() == told["mend"].keys() == {"vi", "en"}


def looked(file: Path, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["dev", "read", str(file), "--json", *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_file_is_known_by_its_hash_and_json_by_pointers(tmp_path: Path) -> None:
    file = tmp_path / "received.json"
    file.write_text('[{"a/b": "x"}]', encoding="utf-16")
    told = looked(file)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert [cell["pointer"] for cell in told["cells"]] == [None, "/0/a~1b"]
    unsaid = ("number_format", "hidden", "merged", "formula", "cached")
    assert {cell[name] for cell in told["cells"] for name in unsaid} == {None}
    assert told["sha256"] in CliRunner().invoke(main, ["dev", "read", str(file)]).output


def test_a_feed_says_how_its_text_is_to_be_read(tmp_path: Path) -> None:
    file = tmp_path / "received.csv"
    file.write_text("Mã;Chỉ tiêu;Điểm tối đa;Tự đánh giá\n1.1;x;10;0,5\n", encoding="utf-8")
    assert len(looked(file)["cells"]) == 3
    told = looked(file, "--feed", "self_assessment")
    assert [cell["raw"] for cell in told["cells"][4:]] == ["1.1", "x", "10", "0,5"]
    assert "“;”" in told["remarks"][0]["vi"]
    assert len(looked(file, "--delimiter", ";")["cells"]) == 8
    shown = CliRunner().invoke(main, ["dev", "read", str(file), "--feed", "self_assessment", "--lang", "en"]).output
    assert "separates its columns by “;”" in shown


def test_an_encoding_from_before_unicode_is_named(tmp_path: Path) -> None:
    file = tmp_path / "received.csv"
    file.write_bytes(b"a\tB\xe9\n")
    assert looked(file, "--encoding", "tcvn3", "--delimiter", "tab")["cells"][1]["raw"] == "Bộ"


@pytest.mark.parametrize("option", [("--feed", "x"), ("--encoding", "utf-9"), ("--delimiter", ";;")])
def test_a_wrong_option_names_the_right_ones(tmp_path: Path, option: tuple[str, str]) -> None:
    file = tmp_path / "received.csv"
    file.write_text("a\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["dev", "read", str(file), *option]).exit_code == 2


def test_formats_are_codes_and_what_is_hidden_or_not_calculated_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "received.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("S")
        for row, code in enumerate(("General", 3, 14, 39, "0.0#")):
            sheet.write_number(row, 0, 1, book.add_format({"num_format": code}))
        sheet.write_formula("B1", "=1+1", None, 2)
        hidden = book.add_worksheet("Ẩn")
        hidden.write_string("A1", "x")
        hidden.hide()
    cells = {cell["locator"]: cell for cell in looked(file)["cells"]}
    codes = [cells[f"S!A{row}"]["number_format"] for row in range(1, 6)]
    assert codes == ["General", "#,##0", "mm-dd-yy", "#,##0.00;(#,##0.00)", "0.0#"]
    assert (cells["S!A1"]["hidden"], cells["Ẩn!A1"]["hidden"]) == (False, True)
    assert (cells["S!B1"]["kind"], cells["S!B1"]["cached"]) == ("error", "2")
    shown = CliRunner().invoke(main, ["dev", "read", str(file), "--lang", "en"]).output
    assert "'2' (not calculated, says the file: not used)" in shown
