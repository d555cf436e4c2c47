"""The order of a sender's sheets: by what they state, else by their receipts, and what an answer says about it."""

from __future__ import annotations

import datetime as dt

import pytest

from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer, withdraw
from dti_platform.submissions.answer import Answer
from tests.feeds.drafts import HOME, Draft

pytestmark = pytest.mark.usefixtures("answer_alone")

APRIL, MAY = dt.date(2023, 4, 19), dt.date(2023, 5, 2)


def sheet(day: dt.date | None, score: float) -> bytes:
    draft = Draft.of(HOME.read_bytes())
    if day:
        draft.say("Ngày lập", day)
    draft.put("1.2", "Tự đánh giá", score)
    return draft.xlsx()


def send(store: Store, known: Known, content: bytes) -> Answer:
    return next(Desk(store, known).serve([Offer(content, "phieu.xlsx", "self_assessment")])).answer


def reasons(answer: Answer) -> set[str]:
    return {warning.reason for warning in answer.warnings}


def test_a_sheet_without_a_day_never_hides_the_newest_day_that_was_accepted(store: Store, known: Known) -> None:
    assert send(store, known, sheet(MAY, 8)).receipt == 1
    undated = send(store, known, sheet(None, 2.5))
    assert (undated.outcome, undated.receipt) == ("accepted", 2)
    (warning,) = (each for each in undated.warnings if each.reason == "no_day_of_issue")
    assert "không ghi ngày lập" in warning.why.vi
    assert "biên nhận 1) ghi ngày 02/05/2023" in warning.why.vi
    assert "thứ tự tiếp nhận" in warning.why.vi
    older = send(store, known, sheet(APRIL, 0))
    assert older.outcome == "refused"
    assert older.refusal is not None
    assert (older.refusal.reason, older.standing.receipt) == ("older_than_held", 2)
    assert "biên nhận 1 đã ghi ngày 02/05/2023" in older.refusal.detail.vi
    assert "biên nhận 2) không ghi ngày lập" in older.refusal.detail.vi


def test_an_older_day_counts_neither_after_the_withdrawal_of_the_sheet_without_a_day(
    store: Store, known: Known
) -> None:
    for content in (sheet(MAY, 8), sheet(None, 2.5), sheet(APRIL, 0)):
        send(store, known, content)
    _, counting = withdraw(store, 2, "sent by mistake")
    assert counting is not None
    assert counting.number == 1
    assert send(store, known, sheet(APRIL, 5)).outcome == "refused"


def test_the_day_of_a_withdrawn_sheet_refuses_nothing(store: Store, known: Known) -> None:
    for content in (sheet(MAY, 8), sheet(None, 2.5)):
        send(store, known, content)
    withdraw(store, 1, "sent by mistake")
    assert send(store, known, sheet(APRIL, 5)).outcome == "accepted"


def test_a_sheet_without_a_day_is_not_warned_of_where_none_stated_one(store: Store, known: Known) -> None:
    send(store, known, sheet(None, 8))
    assert "no_day_of_issue" not in reasons(send(store, known, sheet(None, 2.5)))


def test_a_file_that_was_replaced_and_comes_again_says_so(store: Store, known: Known) -> None:
    first = sheet(MAY, 8)
    for content in (first, sheet(MAY, 2.5)):
        assert "counted_before" not in reasons(send(store, known, content))
    again = send(store, known, first)
    (warning,) = (each for each in again.warnings if each.reason == "counted_before")
    assert (again.outcome, again.receipt, again.supersedes) == ("accepted", 3, 2)
    assert "biên nhận 1) rồi được thay bằng biên nhận 2" in warning.why.vi
