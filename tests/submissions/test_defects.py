"""A thousand planted defects of fifty kinds: all are found, each at its cell, and nothing else is said."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dti_platform.feeds import Known, Received
from dti_platform.feeds.supersession import read_version
from dti_platform.report.answer import Answer
from dti_platform.storage import Store
from dti_platform.submissions.answering import Answering
from dti_platform.submissions.judging import judge
from tests.submissions.defects import DEFECTS, Planted, clean, plant

#: Of each kind: in CI, and in the whole proof.
FEW, ALL = 1, 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("data"))


def answer(content: bytes, store: Store, known: Known) -> Answer:
    """What the desk says, without a child process for each of a thousand files of our own."""
    from dti_platform.reading import read_file

    name = "phieu.xlsx"
    received = Received(
        "self_assessment", "2022", name, hashlib.sha256(content).hexdigest(), content, opened=read_file(content, name)
    )
    return Answering(store, known, judge(read_version(received, known), None), None).answer()


def said(found: Answer) -> set[tuple[str, str | None]]:
    """Every reason with its cell; what a held row takes with it is no finding of its own."""
    if found.refusal:
        return {(found.refusal.reason, None)}
    return {(each.reason, each.locator) for each in found.findings if each.reason != "held_with_row"}


def expected(draft: object, planted: Planted) -> str | None:
    from dti_platform.reading import read_workbook
    from tests.feeds.drafts import Draft

    assert isinstance(draft, Draft)
    if planted.place is None:
        return None
    code, header = planted.place
    column = draft.column(header)
    if code == "Mã":
        row = len(draft.title)
    elif code.startswith("#"):
        row = len(draft.title) + 1 + int(code[1:])
    else:
        rows = [str(each[0] if each[0] is not None else "") for each in draft.rows]
        row = len(draft.title) + 1 + (len(rows) - 1 if code == "" else rows.index(code))
    return read_workbook(draft.xlsx(), "own").sheets[0].rows[row][column].locator


def check(kind: str, number: int, store: Store, known: Known) -> None:
    draft, planted = plant(kind, number)
    found = said(answer(draft.xlsx(), store, known))
    place = expected(draft, planted)
    places = {where for reason, where in found if reason == planted.reason}
    assert places, f"{kind} {number}: {planted} was not found, but {found}"
    assert place is None or place in places, f"{kind} {number}: {planted} was found at {places}, not at {place}"
    others = {reason for reason, _ in found} - {planted.reason} - FOLLOW.get(planted.reason, set())
    assert not others, f"{kind} {number}: a false alarm, {others}"


#: What follows from a defect by itself: a row that is held back leaves its score missing.
FOLLOW = {
    "unknown_node": {"missing_score"},
    "code_as_number": {"missing_score"},
    "missing_value": {"missing_score"},
    "not_a_number": {"sum_differs"},
}


def test_nothing_is_said_of_the_clean_twin(store: Store, known: Known) -> None:
    found = answer(clean().xlsx(), store, known)
    assert (found.outcome, found.findings) == ("accepted", ())
    assert found.counted["new"] == 196


@pytest.mark.parametrize("kind", DEFECTS)
def test_every_kind_of_defect_is_found_where_it_is(kind: str, store: Store, known: Known) -> None:
    assert len(DEFECTS) >= 40
    for number in range(FEW):
        check(kind, number, store, known)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", DEFECTS)
def test_a_thousand_defects_are_found_where_they_are(kind: str, store: Store, known: Known) -> None:
    assert len(DEFECTS) * ALL >= 1000
    for number in range(FEW, ALL):
        check(kind, number, store, known)


def test_the_path_of_the_test_is_that_of_the_desk(tmp_path: Path, known: Known) -> None:
    from dti_platform.submissions import Desk, Offer

    draft, _ = plant("a word for a number", 1)
    served = next(
        Desk(Store(tmp_path), known).serve([Offer(draft.xlsx(), "phieu.xlsx", "self_assessment")], dry_run=True)
    )
    ours = answer(draft.xlsx(), Store(tmp_path), known)
    assert [each.reason for each in served.answer.findings] == [each.reason for each in ours.findings]
