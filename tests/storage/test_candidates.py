"""The candidate: whole beside what is published, named by the ledger, and gone once a release follows it."""

from __future__ import annotations

import pytest

from dti_platform.storage import Candidate, CorruptRelease, Missing, Store
from dti_platform.storage.package import Draft, encode
from tests.storage.samples import DESCRIPTIONS, NAMES, tables


def draft(version: int = 1) -> Draft:
    return Draft(encode(tables(version), DESCRIPTIONS), {})


def leave(store: Store, version: int = 1, number: int = 1, run: str = "a", beside: bytes = b"checks") -> Candidate:
    made = draft(version)
    begun = store.candidates.begin(number, made)
    return store.candidates.leave(begun, made.content, {"checks.json": beside}, {"run": run})


def publish(store: Store, version: int = 1) -> None:
    assert store.releases.publish(tables(version), DESCRIPTIONS, record={})


def test_it_can_be_read_and_is_not_published(store: Store) -> None:
    candidate = leave(store)
    assert candidate == store.candidates.standing()
    opened = store.open_release("candidate")
    assert (opened.name, opened.tables) == (candidate.name, NAMES)
    assert opened.table("province_ranking").equals(tables(1)["province_ranking"])
    assert opened.read("checks.json") == b"checks"
    assert (store.releases.list(), store.verify(), candidate.faults()) == ([], [], [])


def test_published_on_schedule_it_is_the_same_to_the_byte(store: Store) -> None:
    candidate = leave(store)
    publish(store)
    (release,) = store.releases.list()
    assert (release.name, release.content) == (candidate.name, candidate.content)
    assert release.files.items() <= candidate.files.items()


def test_the_same_one_again_adds_no_entry_and_another_takes_its_place(store: Store) -> None:
    first = leave(store)
    assert leave(store, run="b") == first
    second = leave(store, version=2, run="c")
    assert [path.name for path in store.candidates.folder.iterdir()] == [second.name]
    assert store.candidates.standing() == second
    assert leave(store, version=2, run="d", beside=b"other checks").entry.sequence == second.entry.sequence + 1
    assert [entry.kind for entry in store.ledger.entries()] == ["candidate"] * 3


def test_a_release_or_its_removal_ends_it(store: Store) -> None:
    leave(store)
    publish(store, 2)
    assert store.candidates.standing() is None
    leave(store, version=3, number=2)
    store.candidates.clear()
    assert store.candidates.standing() is None
    with pytest.raises(Missing, match="nothing waits to be published"):
        store.open_release("candidate")
    assert leave(store, version=3, number=2) == store.candidates.standing()


def test_killed_before_the_ledger_names_it_the_one_before_still_stands(store: Store) -> None:
    first = leave(store)
    store.candidates.begin(1, draft(2))
    assert store.candidates.standing() == first
    assert first.faults() == []
    leave(store, version=2)
    assert len(list(store.candidates.folder.iterdir())) == 1


def test_an_altered_file_is_found_and_not_read(store: Store) -> None:
    candidate = leave(store)
    (candidate.path / "checks.json").write_bytes(b"all passed")
    (fault,) = candidate.faults()
    assert "checks.json" in fault
    with pytest.raises(CorruptRelease, match=r"checks\.json"):
        store.open_release("candidate").read("checks.json")


def test_the_ledger_says_who_published_and_who_decided(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_USER", "lan")
    publish(store, 1)
    store.releases.publish(tables(2), DESCRIPTIONS, record={}, on_behalf="Phòng Tổng hợp")
    first, second = store.releases.list()
    assert [(each.by, each.on_behalf) for each in (first, second)] == [("lan", None), ("lan", "Phòng Tổng hợp")]
    assert "for" not in first.entry.body
