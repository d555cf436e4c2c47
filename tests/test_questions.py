"""The questions that readers ask, of ``docs/questions.md``: each query is short, and gives the answer on the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.questions import ENTRY, PAGE, answered

if TYPE_CHECKING:
    from tests.conftest import Flow

FEWEST, MOST_LINES, WIDEST = 40, 2, 140


class Question(NamedTuple):
    """A question of the page: its number and text, the query, and the answer as a table."""

    number: str
    text: str
    query: str
    answer: str


QUESTIONS = [Question(*found.group(*Question._fields)) for found in ENTRY.finditer(PAGE.read_text(encoding="utf-8"))]


def test_every_heading_is_a_question_with_query_and_answer() -> None:
    headings = re.findall(r"^### (\d+)\.", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [each.number for each in QUESTIONS] == headings == [str(each + 1) for each in range(len(headings))]
    assert all(each.answer for each in QUESTIONS)
    assert len(QUESTIONS) >= FEWEST


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_a_question_is_answered_by_two_lines(question: Question, flow: Flow) -> None:
    """After a change that is meant: python -m tests.regenerate."""
    lines = question.query.splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST
    assert answered(question.query, flow.store.releases.open().path) == question.answer, question.text
