"""``./dti read``: every cell of a file as the platform reads it, or why it is refused."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from dti_platform.cli import main


def test_a_workbook_is_shown_cell_by_cell_with_its_types(project: Path) -> None:
    file = project / "data" / "feeds" / "self_assessment" / "2022" / "VN63-19.xlsx"
    done = CliRunner().invoke(main, ["read", str(file), "--json"])
    assert done.exit_code == 0, done.output
    cells = {each["locator"]: each for each in json.loads(done.output)["cells"]}
    assert cells["Tự đánh giá!F12"]["kind"] == "number"
    codes = [each["raw"] for each in cells.values() if each["column"] == 1 and each["kind"] == "text"]
    assert {"4.1", "4.10"} <= set(codes)


def test_text_stays_text_and_its_place_is_said(tmp_path: Path) -> None:
    file = tmp_path / "received.csv"
    file.write_text("code,value\n4.10,007\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["read", str(file)])
    assert done.output.splitlines()[-2:] == ["line 2, column code\ttext\t'4.10'", "line 2, column value\ttext\t'007'"]


def test_a_file_that_is_refused_says_why_and_exits_3(tmp_path: Path) -> None:
    file = tmp_path / "broken.xlsx"
    file.write_bytes(b"PK\x03\x04 and nothing more")
    done = CliRunner().invoke(main, ["read", str(file)])
    assert done.exit_code == 3
    assert done.output.startswith("✗ broken.xlsx\n")
    assert "Tệp bị hỏng" in done.output
    assert "Cách sửa: Mở tệp" in done.output
    assert "How to mend it: Open" in CliRunner().invoke(main, ["read", str(file), "--lang", "en"]).output
    told = json.loads(CliRunner().invoke(main, ["read", str(file), "--json"]).output)
    assert (told["file"], told["refused"]) == ("broken.xlsx", "damaged")
    assert told["why"].keys() == told["detail"].keys() == told["mend"].keys() == {"vi", "en"}
