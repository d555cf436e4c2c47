"""The register: what became of each file, looked up without opening any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dti_platform.feeds import Known
from dti_platform.pipeline import Platform
from dti_platform.storage import Received, Store
from dti_platform.submissions import Reception, Register, withdraw
from tests.feeds.drafts import HOME, Draft
from tests.pipeline.in_process import run, short_releases

pytestmark = pytest.mark.usefixtures("answer_alone")

PLACE = Path("self_assessment", "2022")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "feeds").mkdir()
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def put(folder: Path, name: str, content: bytes) -> None:
    (folder / PLACE).mkdir(parents=True, exist_ok=True)
    (folder / PLACE / name).write_bytes(content)


def test_every_receipt_has_its_state(store: Store, known: Known, draft: Draft) -> None:
    """A committed workbook that nobody judged, and what came after it by the inbox."""
    put(store.feeds, "VN63-19.xlsx", HOME.read_bytes())
    reception = Reception(store, known)
    reception.take()
    put(store.inbox, "a.xlsx", HOME.read_bytes())
    reception.take()
    draft.put("1.2", "Tự đánh giá", 8.5)
    put(store.inbox, "b.xlsx", draft.xlsx())
    reception.take()
    draft.put("1.3", "Tự đánh giá", None)
    put(store.inbox, "c.xlsx", draft.xlsx())
    put(store.inbox, "d.xlsx", b"PK")
    put(store.inbox, "e.xlsx", b"PK5")
    reception.take()
    withdraw(store, 6, "sent by mistake")
    found = [(each.receipt.name, each.unit, each.state, each.reason) for each in Register(store).lines()]
    assert found == [
        ("VN63-19.xlsx", "VN63-19", "superseded", ""),
        ("a.xlsx", "VN63-19", "unchanged", ""),
        ("b.xlsx", "VN63-19", "counts", ""),
        ("c.xlsx", "VN63-19", "waiting", ""),
        ("d.xlsx", None, "refused", "header_missing"),
        ("e.xlsx", None, "withdrawn", "sent by mistake"),
    ]
    looked_at = Register(store).to_look_at()
    new = [each.to_dict() for each in Register(store).replacements(after=1)]
    assert [[each.receipt.name for each in lines] for lines in looked_at] == [["d.xlsx"], ["c.xlsx"], ["e.xlsx"]]
    assert [(each["receipt"], each["replaces"], each["confirms"]) for each in new] == [(3, 1, None)]
    (store.inbox / PLACE / "d.xlsx").unlink()
    assert Register(store).to_look_at().refused == []
    assert [each.receipt.number for each in Register(store).lines(units=["VN63-19"], period="2022")] == [1, 2, 3, 4]
    draft.put("1.3", "Tự đánh giá", 5)
    put(store.inbox, "f.xlsx", draft.xlsx())
    reception.take()
    passed = [(each.state, each.counting) for each in Register(store).lines(units=["VN63-19"])]
    assert passed == [
        ("superseded", 7), ("unchanged", None), ("superseded", 7), ("left_behind", 7), ("counts", None),
    ], "what only waited was never replaced"  # fmt: skip


def test_files_that_an_earlier_version_did_not_judge_are_known_once_a_run_has_read_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_releases(monkeypatch)
    came = [
        Received(HOME.read_bytes(), "self_assessment", "2022", "a.xlsx", channel="inbox"),
        Received(HOME.read_bytes()[:5000], "self_assessment", "2022", "a.xlsx", channel="inbox"),
    ]
    store.landing.receive_all(came)
    run(Platform(store), "1", years=(2022,))
    found = [(each.unit, each.state, each.reason) for each in Register(store).lines()]
    assert found == [("VN63-19", "counts", ""), (None, "refused", "damaged")]
    first, second = store.landing.receipts()
    assert Register(store).counting_without(second) == first
    assert Register(store).counting_without(first) == second, "the only one that is left, whatever it is worth"


def test_of_the_same_bytes_the_first_receipt_is_the_one_to_confirm(store: Store) -> None:
    part = Received(b"part", "f", "2022", "a.csv", "VN63-19", waiting=True)
    first, again = store.landing.receive_all([part, replace(part, name="b.csv", repeats=1)], again=True)
    register = Register(store)
    assert register.why_not_confirmed(first.number) is None
    why = register.why_not_confirmed(again.number)
    assert why
    assert (why.vi, "receipt 1" in why.en) == ("Biên nhận 2 trùng biên nhận 1: hãy xác nhận biên nhận 1", True)


def test_a_committed_file_that_was_put_back_is_named_with_all_that_came_after_it(
    store: Store, known: Known, draft: Draft
) -> None:
    reception = Reception(store, known)
    images = [HOME.read_bytes()]
    for points in (8.5, 8.25):
        draft.put("1.2", "Tự đánh giá", points)
        images.append(draft.xlsx())
    for image in images:
        put(store.feeds, "VN63-19.xlsx", image)
        reception.take()
    assert Register(store).outdated() == []
    put(store.feeds, "VN63-19.xlsx", images[0])
    assert reception.take().new == 0
    (found,) = Register(store).outdated()
    assert (found.line.receipt.number, found.line.counting, found.later) == (1, 3, [3, 2])
    withdraw(store, 3, "misprint")  # what counts now is neither the newest nor what lies there
    (found,) = Register(store).outdated()
    assert (found.line.receipt.number, found.line.counting, found.later) == (1, 2, [2])
    withdraw(store, 2, "misprint")
    assert Register(store).outdated() == []
    assert Register(store).line(store.landing.receipt(1)).state == "counts"
