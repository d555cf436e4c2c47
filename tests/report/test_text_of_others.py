"""Text that others chose, on every way out: a terminal, a page or the UI shows it and obeys nothing in it."""

from __future__ import annotations

import html
import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from dti_platform import explain
from dti_platform.cli import main
from dti_platform.cli.options import print_json, say
from dti_platform.explain.evidence import Cell
from dti_platform.language import Bilingual, shown
from dti_platform.orchestration.assets import not_taken
from dti_platform.orchestration.io import escape, records
from dti_platform.pipeline.inputs import Landed
from dti_platform.quality import CheckResult, check_page
from dti_platform.report.terminal import escaped, markup
from dti_platform.storage import Store
from dti_platform.submissions import arrived
from tests.storage.samples import DESCRIPTIONS, tables

#: Colours, clears a screen (in 7 and in 8 bits), turns the direction, ends a line, hides, formats, and is no text.
EVIL = "a\x1b[31m\x1b[2J\x9b2J\u202egpj\r\n✓ 0 faults\u200b\u2066[bold]*x*<b>&\udc80\x07\x7f"
OBEYED = set("\x1b\x9b\u202e\u200b\u2066\r\udc80\x07\x7f")


def check_nothing_is_obeyed(text: str) -> None:
    assert text
    assert not OBEYED & set(text), ascii(text)
    text.encode()


def dti(store: Store, *arguments: str) -> Result:
    done = CliRunner().invoke(main, [*arguments, "--data", str(store.root)])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two releases whose reason is evil, and beside them a file whose name is, and is no text at all."""
    store = Store(tmp_path / "data")
    store.releases.publish(tables(1), DESCRIPTIONS, record={})
    reason = EVIL.replace("\udc80", "")  # no entry of a ledger takes what is no text
    store.releases.publish(tables(2), DESCRIPTIONS, kind="correction", reason=reason, record={})
    (store.releases.folder / "releases" / EVIL).mkdir()
    return store


@pytest.mark.parametrize("arguments", [("releases",), ("releases", "--json"), ("verify",), ("verify", "--json")])
def test_what_the_command_line_prints(store: Store, arguments: tuple[str, ...]) -> None:
    printed = dti(store, *arguments).output
    check_nothing_is_obeyed(printed.replace("\n", ""))
    assert "\n✓ 0 faults" not in printed


def test_lines_stay_lines_and_json_says_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    say("one", EVIL)
    printed = capsys.readouterr().out
    check_nothing_is_obeyed(printed)
    assert len(printed.splitlines()) == 2
    value = {"name": EVIL.replace("\udc80", "")}
    print_json(value)
    printed = capsys.readouterr().out
    check_nothing_is_obeyed(printed)
    assert json.loads(printed) == value


def test_the_summary_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    Console(width=200).print(markup(escaped(EVIL)))
    printed = capsys.readouterr().out
    check_nothing_is_obeyed(printed)
    assert "[bold]*x*<b>" in printed


def test_a_cell_of_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    named = dict.fromkeys(Cell.__dataclass_fields__, EVIL)
    reach = explain.Reach(**dict.fromkeys(explain.Reach.__dataclass_fields__, ()) | {"cells": (Cell(**named),)})
    say(*explain.reach_lines(reach, "en"))
    printed = capsys.readouterr().out
    check_nothing_is_obeyed(printed)
    assert not [line for line in printed.splitlines() if line.startswith("✓")]


def test_a_page() -> None:
    made = pl.DataFrame({"raw": [EVIL.replace("\udc80", "")]})
    failed = CheckResult("scores", "a_check", "critical", "failed", Bilingual.same(EVIL), detail=EVIL, rows=made)
    page = check_page([failed], run=EVIL)
    check_nothing_is_obeyed(page)
    assert "<b>&" not in page
    assert "[bold]*x*&lt;b&gt;&amp;" in page


def test_what_the_ui_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "inbox" / "self_assessment" / EVIL
    folder.mkdir(parents=True)
    (folder / EVIL).write_bytes(b"x")
    (found,) = arrived(Store(tmp_path / "data"))
    told = not_taken(Landed((), 0, 0, (found,)))
    check_nothing_is_obeyed(json.dumps(told.data, ensure_ascii=False))
    raw = EVIL.replace("\udc80", "")
    assert html.unescape(escape(raw)) == shown(raw).replace("\n", " ")
    assert not set("<*[") & set(escape(raw))
    check_nothing_is_obeyed(json.dumps(records(pl.DataFrame({"raw": [raw]})).records[0].data, ensure_ascii=False))


def test_letters_blanks_and_line_breaks_stay() -> None:
    text = "Thừa Thiên Huế\u00a0(63)\n\t« 9,5 » 💡"
    assert shown(text) == text
    assert shown("\x1b\udc80\u202e") == "\\x1b\\udc80\\u202e"
