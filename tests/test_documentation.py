"""The pages that people start from: short, true, and with links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform.cli import main

if TYPE_CHECKING:
    from tests.conftest import Flow

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("data/**/README.md")])
#: A release's name says what it was made from: whoever adds a file to the feeds has another.
RELEASE = re.compile(r"\b\d{4}-[0-9a-f]{12}\b")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_the_readme_is_a_landing_page() -> None:
    assert len(README.split()) <= 500


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_leads_to_a_file(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not broken


def test_the_output_in_the_readme_is_what_the_command_prints(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = re.findall(r"```text\n(Evidence: .*?)```", README, re.DOTALL)
    monkeypatch.setenv("DTI_DATA", str(flow.store.root))
    printed = CliRunner().invoke(main, ["trace", "Thái Nguyên", "--period", "2021", "--lang", "en"])
    assert printed.exit_code == 0
    expected, found = (RELEASE.sub("<release>", text).split() for text in (shown, printed.stdout))
    assert expected == found[: len(expected)]


def test_the_snippet_in_the_readme_reads_the_release(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(flow.store.root.parent)
    statement, expression = snippet.strip().rsplit("\n", 1)
    names: dict[str, object] = {}
    exec(statement, names)
    rows = eval(expression, names)
    assert isinstance(rows, pl.DataFrame)
    assert rows.filter(unit="VN63-19")["rank"].to_list() == [8]


def test_every_command_is_described_in_docs() -> None:
    page = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`\./dti (\w+)", page))
    assert {name for name, command in main.commands.items() if not command.hidden} == named
