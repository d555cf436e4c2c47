"""Of every pair of what counts and what is sent, no figure is withdrawn unless it is confirmed, however it comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer, Reception, counting, forms, keep_answer, landed, read_versions
from tests.feeds.drafts import HOME, Draft
from tests.submissions.in_process import in_this_process

pytestmark = pytest.mark.usefixtures("answer_alone")

FEED, SELF = "self_assessment", "Tự đánh giá"
FIRST = ("1.1", "1.2", "1.3", "1.4", "1.5")


def draft(change: Callable[[Draft], object] = lambda _: None) -> Draft:
    made = Draft.of(HOME.read_bytes())
    change(made)
    return made


def without(*codes: str) -> Draft:
    return draft(lambda made: [made.put(code, SELF, None) for code in codes])


def with_words(*codes: str) -> Draft:
    return draft(lambda made: [made.put(code, SELF, "tốt") for code in codes])


def only(*codes: str) -> Draft:
    made = draft()
    made.rows = [row for row in made.rows if row[0] in codes]
    return made


def said(label: str, value: str | dt.date) -> Draft:
    return draft(lambda made: made.say(label, value))


def _doubled(made: Draft) -> None:
    made.rows.append(list(made.rows[made.row("1.3")]))


#: What may be sent, by what is particular about it.
SHAPES: Mapping[str, Callable[[], bytes]] = {
    "whole": lambda: draft().csv(),
    "other values": lambda: draft(lambda made: made.put("1.2", SELF, 1.25)).csv(),
    "a workbook": lambda: draft(lambda made: made.put("1.3", SELF, 0)).xlsx(),
    "JSON": lambda: draft(lambda made: made.put("1.4", SELF, 0)).json(),
    "without one": lambda: without("1.2").csv(),
    "without another": lambda: without("1.3").csv(),
    "without five": lambda: without(*FIRST).csv(),
    "one unreadable": lambda: with_words("1.2").csv(),
    "five unreadable": lambda: with_words(*FIRST).csv(),
    "only five": lambda: only(*FIRST).csv(),
    "only two": lambda: only("1.2", "1.3").csv(),
    "only another": lambda: only("1.4").csv(),
    "a row twice": lambda: draft(_doubled).csv(),
    "a strange code": lambda: draft(lambda made: made.put("1.2", "Mã", "1.99")).csv(),
    "above the maximum": lambda: draft(lambda made: made.put("1.3", SELF, 9999)).csv(),
    "older": lambda: said("Ngày lập", dt.date(2022, 1, 5)).csv(),
    "of another unit": lambda: said("Mã đơn vị", "VN63-01").csv(),
    "of another period": lambda: said("Kỳ", "2021").csv(),
    "blank": lambda: without(*(str(row[0]) for row in draft().rows if "." in str(row[0]))).csv(),
    "no file at all": lambda: b"PK\x03\x04",
}


@cache
def content_of(shape: str) -> bytes:
    return SHAPES[shape]()


@pytest.fixture(autouse=True)
def opened_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are opened in this process, and answers kept as JSON alone: what is tested is what counts."""
    in_this_process(monkeypatch)
    monkeypatch.setattr(forms, "discover", dict)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return empty(tmp_path)


def empty(root: Path) -> Store:
    (root / "feeds").mkdir(parents=True)
    return Store(root / "data", feeds=root / "feeds")


def by_hand(store: Store, known: Known, content: bytes, name: str) -> None:
    for served in Desk(store, known).serve([Offer(content, name, FEED, period="2022")]):
        keep_answer(store, served)


def by_inbox(store: Store, known: Known, content: bytes, name: str) -> None:
    _put(store.inbox, content, name)
    Reception(store, known).take()


def by_commit(store: Store, known: Known, content: bytes, name: str) -> None:
    """A committed file is nobody's word, however often it is committed: a person confirms it."""
    _put(store.feeds, content, name)
    Reception(store, known).take()
    for each in store.landing.held().waiting() if name == "again" else ():
        Desk(store, known).confirm(each.number, "it is right")


def _put(folder: Path, content: bytes, name: str) -> None:
    place = folder / FEED / "2022"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)


def figures(store: Store, known: Known) -> set[tuple[str, ...]]:
    """Which figures count."""
    read = counting(read_versions([landed(store, each) for each in store.landing.standing()], known), known)
    rows = (each.observations.select("period", "unit", "node", "measure", "basis").rows() for each in read)
    return {row for file in rows for row in file}


Way = Callable[[Store, Known, bytes, str], None]
WAYS: tuple[Way, ...] = (by_hand, by_inbox, by_commit)
#: Each shape once, as what counts or as what is sent, and each way.
SHARE = [
    (held, sent, WAYS[at % len(WAYS)])
    for at, (held, sent) in enumerate(zip([*SHAPES][::2], [*SHAPES][7::2] + [*SHAPES][1:7:2], strict=True))
]


@pytest.mark.parametrize(("held", "sent", "way"), SHARE)
def test_nothing_is_withdrawn_without_confirmation(store: Store, known: Known, held: str, sent: str, way: Way) -> None:
    check(store, known, held, sent, way)


@pytest.mark.heavy
@pytest.mark.parametrize("held", SHAPES)
def test_nothing_is_withdrawn_of_any_pair_by_any_way(tmp_path: Path, known: Known, held: str) -> None:
    for at, (sent, way) in enumerate(product(SHAPES, WAYS)):
        check(empty(tmp_path / str(at)), known, held, sent, way)


def check(store: Store, known: Known, held: str, sent: str, way: Way) -> None:
    by_hand(store, known, content_of(held), "held")
    before, case = figures(store, known), f"{held}, then {sent}, {way.__name__}"
    way(store, known, content_of(sent), "sent")
    after = figures(store, known)
    assert before <= after, f"{case}: {len(before - after)} figures are withdrawn"
    waits = bool(store.landing.held().waiting())
    way(store, known, content_of(sent), "again")
    assert len(store.ledger.entries("confirmation")) == waits, case
    assert bool(before - figures(store, known)) == waits, f"{case}: only what was confirmed takes figures away"
