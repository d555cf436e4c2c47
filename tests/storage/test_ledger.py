"""The ledger: one chain, whoever writes; no alteration unseen."""

from __future__ import annotations

import json

import pytest

from dti_platform.storage import CorruptLedger, Head, HeadMoved, Store


def test_entries_are_chained_in_canonical_form(store: Store) -> None:
    first = store.ledger.append("run", {"b": 1, "a": "Thái Nguyên"})
    second = store.ledger.append("run", {"b": 1.5})
    assert [entry.sequence for entry in store.ledger.entries()] == [1, 2]
    assert second.previous == first.sha256
    assert store.ledger.head() == second.head
    assert Head.parse(str(second.head)) == second.head
    assert (store.root / "ledger/000000001.json").read_bytes() == (
        '{"at":"2022-08-08T09:00:00Z","body":{"a":"Thái Nguyên","b":1},"kind":"run",'
        f'"previous":"{"0" * 64}","sequence":1}}'
    ).encode()
    assert store.ledger.entries("receipt") == []
    assert store.ledger.verify(second.head) == []


def test_an_entry_decided_on_an_old_head_is_refused(store: Store) -> None:
    head = store.ledger.head()
    store.ledger.append("run", {}, after=head)
    with pytest.raises(HeadMoved):
        store.ledger.append("run", {}, after=head)
    assert store.ledger.head().sequence == 1


def test_an_altered_entry_breaks_the_chain(store: Store) -> None:
    for number in range(3):
        head = store.ledger.append("run", {"number": number}).head
    path = store.root / "ledger/000000002.json"
    entry = json.loads(path.read_bytes())
    path.write_text(json.dumps(entry | {"body": {"number": 9}}))
    fresh = Store(store.root)
    assert len(fresh.ledger.verify()) == 2  # not canonical, and not what the third entry names
    with pytest.raises(CorruptLedger):
        fresh.ledger.entries()
    path.unlink()
    assert fresh.ledger.verify(head)
    with pytest.raises(CorruptLedger):
        Store(store.root).ledger.append("run", {})


@pytest.mark.parametrize("text", ["", "12", "x:" + "0" * 64, "1:" + "g" * 64])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="head"):
        Head.parse(text)
