"""What a file can make the desk say is bounded, and so is what it costs to say it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook

from dti_platform.submissions import AnsweredFile, Desk, Offer, keep_answer
from dti_platform.submissions.answer import grouped
from dti_platform.submissions.compose import MOST_LISTED
from dti_platform.submissions.forms.text import SHOWN, lines
from tests.feeds.drafts import HOME, Draft

pytestmark = pytest.mark.usefixtures("one_child_for_all")

LONG, ROWS = 32_000, 75


def unknown_codes(draft: Draft) -> None:
    row, code = draft.rows[3], draft.column("Mã")
    for number in range(ROWS):
        draft.rows.append([*row])
        draft.rows[-1][code] = f"{number}{'x' * LONG}"


def long_names(draft: Draft) -> None:
    for number, row in enumerate(draft.rows[:20]):
        row[draft.column("Chỉ số thành phần")] = f"Tên {chr(0x1EA0 + number % 90) * LONG}"


def served(desk: Desk, change: Callable[[Draft], None]) -> AnsweredFile:
    draft = Draft.of(HOME.read_bytes())
    change(draft)
    return next(desk.serve([Offer(draft.xlsx(), "phieu.xlsx", "self_assessment")]))


def test_an_answer_lists_hundreds_of_findings_and_says_how_many_more_there_are(desk: Desk) -> None:
    answered = served(desk, unknown_codes)
    answer = answered.answer
    assert len(answer.findings) == MOST_LISTED
    assert answer.number("error") == ROWS * 7
    folder = keep_answer(desk.store, answered)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 2**20
    told = json.loads((folder / "answer.json").read_bytes())
    assert (told["errors"], len(told["findings"])) == (answer.number("error"), MOST_LISTED)
    more = answer.unlisted["error"] + answer.unlisted["warning"]
    assert f"… và {answer.unlisted['error']} mục khác" in (folder / "answer.html").read_text("utf-8")
    told_of = sum(len(group.findings) for group in grouped(answer.errors)[:SHOWN])
    assert f"    … +{answer.number('error') - told_of}" in list(lines(answer, "vi"))
    book = CalamineWorkbook.from_path(folder / "answer.xlsx")
    (*_, last) = book.get_sheet_by_name(book.sheet_names[-1]).to_python()
    assert str(last[0]).startswith(f"… và {more} mục khác")


@pytest.mark.parametrize("change", [unknown_codes, long_names])
def test_long_texts_are_cut_in_answers_and_cost_no_more_than_their_reading(
    desk: Desk, change: Callable[[Draft], None]
) -> None:
    before = time.process_time()
    answer = served(desk, change).answer
    assert time.process_time() - before < 6
    assert answer.refusal is None
    assert max(len(each.read) for each in answer.findings) == 300
    assert max(len(text) for each in answer.findings for text in (*each.why, *each.expected, *each.mend)) < 2_000


@pytest.mark.parametrize("rows", [1_000, pytest.param(48_000, marks=pytest.mark.heavy)])
def test_an_answer_costs_the_same_for_each_cell_up_to_as_many_as_a_file_may_have(desk: Desk, rows: int) -> None:
    def fill(draft: Draft) -> None:
        draft.others = [[f"{row} {column}" for column in range(10)] for row in range(rows)]

    before = time.process_time()
    assert keep_answer(desk.store, served(desk, fill)).joinpath("answer.xlsx").is_file()
    assert time.process_time() - before < 2 + rows * 10 * 100e-6
