"""The ledger: one chain, whoever writes; no alteration unseen."""

from __future__ import annotations

import json

import pytest

from dti_platform.storage import CorruptLedger, Head, HeadMoved, Store
from dti_platform.storage.objects import LocalObjects


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


def test_a_root_that_was_restored_under_a_living_process_goes_on_from_what_lies_there(store: Store) -> None:
    for number in range(3):
        store.ledger.append("run", {"number": number})
    living, other = Store(store.root), Store(store.root)
    living.ledger.entries()
    for name in ("000000002.json", "000000003.json"):  # the backup held one entry
        (store.root / "ledger" / name).unlink()
    other.ledger.append("run", {"number": "other"})
    assert living.ledger.append("run", {"number": "living"}).sequence == 3
    assert [each.body["number"] for each in living.ledger.entries()] == [0, "other", "living"]
    assert living.ledger.head() == Store(store.root).ledger.head()
    assert store.ledger.verify() == []


def test_a_restored_root_that_has_grown_past_what_was_remembered_is_read_afresh(store: Store) -> None:
    for number in range(2):
        store.ledger.append("run", {"number": number})
    living = Store(store.root)
    living.ledger.entries()
    (store.root / "ledger/000000002.json").unlink()
    other = Store(store.root)
    for number in range(2):
        other.ledger.append("run", {"number": f"other {number}"})
    assert [each.body["number"] for each in living.ledger.entries()] == [0, "other 0", "other 1"]


def test_a_head_is_judged_by_any_unambiguous_beginning(store: Store) -> None:
    heads = [store.ledger.append("run", {"number": number}).head for number in range(40)]
    for head in heads:
        for known in (head, head.sha256, str(head), head.sha256[:12], head.sha256[:12].upper()):
            assert store.ledger.verify(known) == []
    shared = next(each.sha256[0] for each in heads if sum(each.sha256[0] == other.sha256[0] for other in heads) > 1)
    assert "give more digits" in store.ledger.verify(shared)[0]
    for known in ("WRONG", "", f"1:{heads[1].sha256}", heads[0].sha256[:-1] + "g", "f" * 63):
        assert len(store.ledger.verify(known)) == 1


def test_what_was_read_is_not_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        store.landing.receive(b"%d" % number, feed="f", period="2022", name=f"{number}.csv")
    asked: list[str] = []
    living = Store(store.root)
    assert {each.number for each in living.landing.standing()} == {*range(1, 21)}
    for name in ("get", "list"):
        plain = getattr(LocalObjects, name)
        monkeypatch.setattr(
            LocalObjects, name, lambda *given, plain=plain: (asked.append(str(given[1:])), plain(*given))[1]
        )
    assert (len(living.landing.history()), living.landing.receipt(20).name) == (20, "19.csv")
    last = {"('000000020.json',)", "('000000021.json',)"}
    assert {*asked} == last, "the last entry and the one that may follow it, whatever lies before"
    store.landing.receive(b"new", feed="f", period="2022", name="new.csv")
    assert living.landing.receipts()[-1].name == "new.csv"
    assert {each for each in asked if ".json" in each} == last | {"('000000022.json',)"}


def flip_last_entry(store: Store, number: int = 0) -> None:
    path = max((store.root / "ledger").glob("*.json"))
    content = bytearray(path.read_bytes())
    content[content.index(b"number") + 8 + number] ^= 1
    path.write_bytes(content)


def test_a_changed_byte_in_the_last_entry_is_found(store: Store) -> None:
    for number in range(3):
        store.ledger.append("run", {"number": number})
    living = Store(store.root)
    living.ledger.entries()
    flip_last_entry(store)
    (fault,) = Store(store.root).ledger.verify()
    assert "000000003.json" in fault
    assert "its bytes were altered; restore it from the backup" in fault
    for each in (living, Store(store.root)):
        with pytest.raises(CorruptLedger, match=r"000000003\.json has sha256"):
            each.ledger.entries()
        with pytest.raises(CorruptLedger, match=r"000000003\.json has sha256"):
            each.ledger.append("run", {})
    assert len([*(store.root / "ledger").glob("*.json")]) == 3


def test_a_ledger_without_a_note_or_with_one_of_an_earlier_entry_is_whole(store: Store) -> None:
    note = store.root / "ledger/.head"
    notes = [b""]
    for number in range(3):
        store.ledger.append("run", {"number": number})
        notes.append(note.read_bytes())
    for content in (None, *notes[1:]):
        note.unlink(missing_ok=True)
        if content:
            note.write_bytes(content)
        fresh = Store(store.root)
        assert fresh.ledger.verify() == []
        assert len(fresh.ledger.entries()) == 3
        fresh.sweep()
        assert note.read_bytes() == notes[3]


@pytest.mark.parametrize("content", [b"", b"3", b"3:" + b"0" * 64, b"\xff", b"flip"])
def test_a_damaged_note_is_a_fault_of_its_own_and_stops_nothing(store: Store, content: bytes) -> None:
    for number in range(3):
        store.ledger.append("run", {"number": number})
    note = store.root / "ledger/.head"
    whole = note.read_bytes()
    note.write_bytes(content if content != b"flip" else whole.replace(whole[9:10], b"x"))
    (fault,) = Store(store.root).ledger.verify()
    assert "ledger/.head: damaged" in fault
    Store(store.root).sweep()
    assert note.read_bytes() == whole
    assert Store(store.root).ledger.verify() == []


def test_a_note_of_an_entry_that_is_gone_is_a_fault_until_the_ledger_goes_on(store: Store) -> None:
    for number in range(3):
        store.ledger.append("run", {"number": number})
    (store.root / "ledger/000000003.json").unlink()
    (fault,) = Store(store.root).ledger.verify()
    assert "ledger/.head names entry 3, but the last is 2: restore the ledger from its backup" in fault
    Store(store.root).ledger.append("run", {"number": "other"})
    assert Store(store.root).ledger.verify() == []
    assert len(Store(store.root).ledger.entries()) == 3
