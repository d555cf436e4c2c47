"""The page of questions that readers ask: each with a query, and the answer that the committed feeds give.

``python -m tests.regenerate`` writes the answers after a change that is meant.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path

import duckdb
import pytest

from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "questions.md"
ENTRY = re.compile(
    r"^### (?P<number>\d+)\. (?P<text>.+)\n```sql\n(?P<query>(?:.+\n)+)```\n(?P<answer>(?:\|.*\n)*)", re.MULTILINE
)


def answered(query: str, release: Path) -> str:
    """The answer as the page has it."""
    with contextlib.chdir(release), duckdb.connect(config={"threads": 1}) as reader:
        found = reader.sql(query)
        lines = [found.columns, *([cell(each) for each in row] for row in found.fetchall())]
    head, *rows = [f"| {' | '.join(line)} |\n" for line in lines]
    return "".join([head, f"|{'---|' * len(lines[0])}\n", *rows])


def cell(value: object) -> str:
    """A value in machine form; nothing for null."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f"{value:.10g}" if isinstance(value, float) else "" if value is None else str(value)
    return text.replace("|", "\\|")


def page(release: Path) -> str:
    """The page with the answers of a release."""

    def entry(found: re.Match[str]) -> str:
        return f"{found[0].removesuffix(found['answer'])}{answered(found['query'], release)}"

    return ENTRY.sub(entry, PAGE.read_text(encoding="utf-8"))


def write() -> None:
    """Puts the answers of the committed feeds into the page."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv("DAGSTER_HOME", raising=False)  # the run has no place in the project's history
        store = Store(Path(folder) / "data", feeds=PROJECT / "data" / "feeds")
        outcome = run_main_job(store)
        assert outcome.release, outcome.failure
        PAGE.write_text(page(store.releases.open().path), encoding="utf-8")
