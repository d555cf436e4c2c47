"""The page about audits: every command on it runs, and prints what stands there; every column is explained."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.audit.page import BLOCK, EXAMPLE, PAGE, page, ran


def test_every_command_prints_what_the_page_says() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert len(BLOCK.findall(written)) == written.count("```sh") >= 8
    assert page() == written


def test_every_column_that_is_written_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shutil.copytree(EXAMPLE, tmp_path / "example"))
    text = PAGE.read_text(encoding="utf-8")
    for command in re.findall(r"^\./dti audit .*", text, re.MULTILINE):
        ran(f"{command} --draws 20 --sample 64" if " robustness " in command else command)
    elements = {line.split(",")[0] for name in ("tree.csv", "data.csv") for line in Path(name).read_text().splitlines()}
    _, *rows = re.split(r"^\| (?=`)", text[text.index("## Every column") :], flags=re.MULTILINE)
    for file in Path().glob("*/*.csv"):
        columns = {*file.read_text(encoding="utf-8").splitlines()[0].split(",")} - {*elements, "uCode", "iCode"}
        told = next((row for row in rows if f"`{file.name}`" in row.split("|")[0]), "")
        named = {re.sub(r"Kurt[12]", "Kurt0", name) for name in columns if not re.fullmatch(r"\d+|r_\d+", name)}
        assert [name for name in named if f"`{name}`" not in told] == [], file.name
