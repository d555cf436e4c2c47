"""The questions that readers ask, of ``docs/questions.md``: each query is short, and gives the answer on the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.conftest import Flow

PAGE = Path(__file__).parents[1] / "docs" / "questions.md"
ENTRY = re.compile(
    r"^### (?P<number>\d+)\. (?P<text>.+)\n```sql\n(?P<query>(?:.+\n)+)```\n(?P<answer>(?:\|.*\n)+)", re.MULTILINE
)
FEWEST, MOST_LINES, WIDEST = 40, 2, 140


class Question(NamedTuple):
    """A question of the page: its number and text, the query, and the answer as a table."""

    number: str
    text: str
    query: str
    answer: str


QUESTIONS = [Question(*found.group(*Question._fields)) for found in ENTRY.finditer(PAGE.read_text(encoding="utf-8"))]


def table(columns: list[str], rows: list[tuple[object, ...]]) -> str:
    """A result as the page has it."""
    head, *lines = [f"| {' | '.join(line)} |\n" for line in (columns, *([cell(each) for each in row] for row in rows))]
    return "".join([head, f"|{'---|' * len(columns)}\n", *lines])


def cell(value: object) -> str:
    """A value in machine form; nothing for null."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f"{value:.10g}" if isinstance(value, float) else "" if value is None else str(value)
    return text.replace("|", "\\|")


def test_every_heading_is_a_question_with_query_and_answer() -> None:
    headings = re.findall(r"^### (\d+)\.", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [each.number for each in QUESTIONS] == headings == [str(each + 1) for each in range(len(headings))]
    assert len(QUESTIONS) >= FEWEST


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_a_question_is_answered_by_two_lines(question: Question, flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = question.query.splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST
    monkeypatch.chdir(flow.store.root / "published" / "latest")
    with duckdb.connect(config={"threads": 1}) as reader:
        found = reader.sql(question.query)
        assert table(found.columns, found.fetchall()) == question.answer, question.text
