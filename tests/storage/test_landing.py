"""Landing: every byte kept, every arrival in the ledger, nothing trusted that lies in the inbox."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dti_platform.storage import (
    Confirmation,
    CorruptLanding,
    HeadMoved,
    Missing,
    Receipt,
    Received,
    Refused,
    Store,
    Withdrawal,
    account,
)
from dti_platform.storage.arrivals import MOST_BYTES
from tests.languages import english


def received(name: str, content: bytes, period: str = "2022") -> Received:
    return Received(content, feed="self_assessment", period=period, name=name)


def test_500_files_are_kept_to_the_byte_with_all_their_names(store: Store, tell: Callable[[str], None]) -> None:
    blobs = [os.urandom(number * 3 % 997 + 1) for number in range(450)]
    blobs += blobs[:50]  # the same content under another name
    names = [f"báo cáo {number % 7}.xlsx" for number in range(500)]
    receipts = store.landing.receive_all(
        [received(name, blob, "2021/2025") for name, blob in zip(names, blobs, strict=True)]
    )
    assert [store.landing.read(receipt.sha256) for receipt in receipts] == blobs
    assert [receipt.name for receipt in receipts] == names
    assert {receipt.year for receipt in receipts} == {2025}
    assert [receipt.number for receipt in receipts] == list(range(1, 501))
    assert store.landing.receipts() == receipts
    assert store.ledger.head().sequence == 1
    kept = sum(path.is_file() for path in store.landing.folder.rglob("*"))
    assert kept == len(set(blobs)) == 450
    tell(f"P4: 500 arrivals under {len(set(names))} names, {len(receipts)} receipts, {kept} distinct contents kept")


def test_a_second_arrival_is_recorded_only_if_asked(store: Store) -> None:
    first = store.landing.receive(b"x", feed="f", period="2022", name="a.csv", sender="VN63-19")
    assert store.landing.receive(b"x", feed="f", period="2022", name="a.csv", sender="VN63-19") == first
    other = store.landing.receive(b"x", feed="f", period="2022", name="b.csv")
    assert (first.number, other.number) == (1, 2)
    third = store.landing.receive_all([Received(b"x", "f", "2022", "a.csv")] * 2, again=True)
    assert [receipt.number for receipt in third] == [3, 4]
    assert [receipt.number for receipt in store.landing.receipts("f", 2022)] == [1, 2, 3, 4]
    assert store.landing.receive_all([]) == []
    assert store.ledger.head().sequence == 3


def test_an_inbox_that_changes_back_brings_something_new_and_a_committed_file_never_does(store: Store) -> None:
    def arrive(content: bytes, channel: str) -> int:
        return store.landing.receive(content, feed="f", period="2022", name="a.csv", channel=channel).number

    assert [arrive(each, "inbox") for each in (b"A", b"A", b"B", b"A")] == [1, 1, 2, 3]
    assert [arrive(each, "feeds") for each in (b"A", b"B", b"A", b"C", b"B", b"A")] == [4, 5, 4, 6, 5, 4]
    assert arrive(b"C", "submit") == 7
    assert arrive(b"A", "inbox") == 3, "what lies in the folder since before does not take the place of what was sent"
    assert arrive(b"C", "submit") == 7


def test_a_name_is_never_a_path(store: Store) -> None:
    before = set(store.root.parent.rglob("*"))
    names = ["../../x", "real[1].csv", "a\nb\u202egpj.exe", os.fsdecode(b"\xff.csv"), "/etc/passwd", ""]
    receipts = [store.landing.receive(b"1", feed="f", period="2022", name=name) for name in names]
    assert [receipt.name for receipt in receipts] == [
        *["../../x", "real[1].csv", "a\\nb\\u202egpj.exe", "\\xff.csv", "/etc/passwd", ""]
    ]
    assert {path.name for path in set(store.root.parent.rglob("*")) - before if path.is_file()} == {
        receipts[0].sha256,
        *[f"{number:09}.json" for number in range(1, 7)],
        ".head",
    }


def test_altered_bytes_are_refused_and_mended_when_they_come_again(store: Store) -> None:
    receipt = store.landing.receive(b"abc", feed="f", period="2022", name="a")
    path = store.landing.path(receipt.sha256)
    path.write_bytes(b"abd")
    with pytest.raises(CorruptLanding):
        store.landing.read(receipt.sha256)
    assert len(store.verify()) == 1
    assert store.landing.receive(b"abc", feed="f", period="2022", name="a") == receipt
    assert store.landing.read(receipt.sha256) == b"abc"
    path.unlink()
    with pytest.raises(Missing):
        store.landing.read(receipt.sha256)


def test_a_period_without_a_year_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="period"):
        store.landing.receive(b"abc", feed="f", period="latest", name="a")


def test_what_is_no_plain_file_is_refused_with_the_reason(store: Store, tmp_path: Path) -> None:
    period = store.inbox / "self_assessment" / "2022"
    (period / "folder").mkdir(parents=True)
    (period / "real[1].csv").write_bytes(b"1")
    (period / ".hidden").write_bytes(b"1")
    (tmp_path / "secret").write_bytes(b"1")
    (period / "link.csv").symlink_to(tmp_path / "secret")
    (store.inbox / "linked").symlink_to(tmp_path)
    (store.inbox / "README.md").write_text("x")
    (store.inbox / "self_assessment" / "loose.csv").write_bytes(b"1")
    os.mkfifo(period / "pipe.csv")
    arrivals = list(store.landing.arrivals())
    told = {arrival.name: arrival.refusal for arrival in arrivals}
    assert list(told) == ["linked", "folder", "link.csv", "pipe.csv", "real[1].csv", "loose.csv"]
    assert (told["real[1].csv"], told["loose.csv"], arrivals[5].period) == (None, None, "")
    assert {arrival.channel for arrival in arrivals} == {"inbox"}
    assert arrivals[4].read() == b"1"
    for arrival in arrivals[:4]:
        with pytest.raises(Refused, match=r"send|move"):
            arrival.read()


def test_a_file_that_is_too_large_is_refused_unread(store: Store) -> None:
    """200 GB of nothing: its size is asked of the disk, not found by reading it."""
    period = store.inbox / "self_assessment" / "2022"
    period.mkdir(parents=True)
    for name, size in {"as_large_as_allowed.xlsx": MOST_BYTES, "sparse.xlsx": 200 * 10**9}.items():
        (period / name).touch()
        os.truncate(period / name, size)
    allowed, sparse = store.landing.arrivals()
    assert (allowed.refusal, english(sparse.refusal)) == (None, "larger than 64 MiB")
    os.truncate(period / allowed.name, MOST_BYTES + 1)
    with pytest.raises(Refused, match="larger than 64 MiB"):
        allowed.read()


def test_what_programs_leave_beside_a_file_is_not_sent_and_a_transfer_is_waited_for(store: Store) -> None:
    period = store.inbox / "self_assessment" / "2022"
    period.mkdir(parents=True)
    names = ["~$phieu.xlsx", ".~lock.phieu.xlsx#", "Thumbs.db", "desktop.ini", ".DS_Store", "phieu.xlsx", "phieu.tmp"]
    for name in [*names, "real[1].csv", "phieu.xlsx.crdownload", "~phieu.xlsx", "empty.csv"]:
        (period / name).write_bytes(b"" if name == "empty.csv" else b"1")
    told = {arrival.name: arrival.refusal for arrival in store.landing.arrivals()}
    assert {name for name, refusal in told.items() if refusal is None} == {
        *["phieu.xlsx", "real[1].csv", "~phieu.xlsx", "empty.csv"]
    }
    assert {name for name, refusal in told.items() if refusal} == {"phieu.tmp", "phieu.xlsx.crdownload"}


def test_a_file_that_is_gone_since_it_was_seen_is_refused_and_has_no_mark(store: Store) -> None:
    path = store.inbox / "f" / "2022" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1")
    (arrival,) = store.landing.arrivals()
    assert arrival.mark()
    path.unlink()
    assert arrival.mark() == ""
    with pytest.raises(Refused, match=r"a\.csv: .*can't be opened"):
        arrival.read()


def test_a_file_that_is_written_to_while_it_is_read_is_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.inbox / "self_assessment" / "2022" / "growing.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    (arrival,) = store.landing.arrivals()
    whole, seen = b"half and more", os.fstat

    def growing(descriptor: int) -> os.stat_result:
        """As another program goes on writing once the file is open."""
        known = seen(descriptor)
        path.write_bytes(whole)
        os.utime(path, ns=(0, known.st_mtime_ns + 1))
        return known

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(Refused, match="is still being written"):
        arrival.read()
    monkeypatch.undo()
    assert arrival.read() == whole


def test_a_file_that_becomes_a_link_is_not_followed(store: Store, tmp_path: Path) -> None:
    path = store.inbox / "f" / "2022" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1")
    (arrival,) = store.landing.arrivals()
    path.unlink()
    path.symlink_to(tmp_path)
    with pytest.raises(Refused):
        arrival.read()


def sent(store: Store, content: bytes, name: str = "a.csv", channel: str = "inbox") -> None:
    store.landing.receive(content, feed="f", period="2022", name=name, channel=channel)


def counting(store: Store) -> dict[str, bytes]:
    return {each.name: store.landing.read(each.sha256) for each in store.landing.standing(2022)}


def test_the_last_word_counts_by_whatever_way_it_came(store: Store) -> None:
    sent(store, b"1")
    sent(store, b"2", channel="feeds")
    assert counting(store) == {"a.csv": b"2"}
    store.landing.withdraw(store.landing.standing(), "sent by mistake")
    assert counting(store) == {}
    sent(store, b"1")
    assert counting(store) == {}, "what lies in the inbox since before is no new word"
    sent(store, b"3")
    assert counting(store) == {"a.csv": b"3"}
    assert [store.landing.read(each.sha256) for each in store.landing.receipts()] == [b"1", b"2", b"3"]
    assert store.landing.standing(2021) == []


def test_a_file_that_left_its_folder_counts_again_when_it_lies_there_again(store: Store) -> None:
    sent(store, b"1", channel="feeds")
    store.landing.withdraw(store.landing.standing(), "no longer there", channel="feeds")
    assert counting(store) == {}
    sent(store, b"1", channel="feeds")
    assert counting(store) == {"a.csv": b"1"}
    assert len(store.landing.receipts()) == 2


def test_what_lay_in_a_folder_may_count_under_its_name_until_it_is_withdrawn_for_nobody_has_read_it(
    store: Store,
) -> None:
    for content in (b"good", b"bad", b"good"):
        sent(store, content)
    sent(store, b"good", "b.csv")
    assert [(each.name, each.number) for each in store.landing.standing()] == [
        *[("a.csv", 1), ("a.csv", 2), ("a.csv", 3), ("b.csv", 4)]
    ]
    assert [each.number for each in store.landing.standing(before=3)] == [1, 2]
    store.landing.withdraw_one(2, "it can't be read")
    assert [each.number for each in store.landing.standing()] == [1, 3, 4]
    assert [each.number for each in store.landing.standing(before=4)] == [1, 2, 3]


def test_a_ledger_of_old_withdraws_all_that_came_under_a_name(store: Store) -> None:
    for content in (b"1", b"2"):
        sent(store, content)
    fact = {"feed": "f", "period": "2022", "name": "a.csv", "reason": "gone", "channel": "inbox"}
    store.ledger.append("withdrawal", {"withdrawals": [fact]})
    assert store.landing.standing() == []


def test_a_withdrawal_needs_a_reason_and_something_that_counts(store: Store) -> None:
    sent(store, b"1")
    (receipt,) = store.landing.standing()
    with pytest.raises(Refused, match="reason"):
        store.landing.withdraw([receipt], " ")
    store.landing.withdraw([receipt], "a mistake")
    with pytest.raises(Refused, match="does not count"):
        store.landing.withdraw([receipt], "a mistake")
    store.landing.withdraw([], "nothing")
    (withdrawal,) = [each for each in store.landing.history() if isinstance(each, Withdrawal)]
    assert (withdrawal.place, withdrawal.reason) == (receipt.place, "a mistake")
    assert store.ledger.head().sequence == 2


def test_a_sender_s_last_word_counts_whatever_name_it_bears(store: Store) -> None:
    """Many units send a file of the same name; one unit's two names are one place."""
    for unit, name in (("VN63-01", "phieu.xlsx"), ("VN63-19", "phieu.xlsx"), ("VN63-19", "phieu v2.xlsx")):
        store.landing.receive(f"{unit} {name}".encode(), feed="f", period="2022", name=name, sender=unit)
    assert [each.number for each in store.landing.standing()] == [1, 3]


def test_a_file_refused_when_it_came_is_kept_and_never_counts(store: Store) -> None:
    held = store.landing.receive(b"good", feed="f", period="2022", name="a.csv", sender="VN63-19")
    refused = Received(b"bad", "f", "2022", "a.csv", "VN63-19", refusal="wrong_period")
    (receipt,) = store.landing.receive_all([refused], again=True)
    assert (receipt.number, receipt.refusal) == (2, "wrong_period")
    assert store.landing.read(receipt.sha256) == b"bad"
    assert store.landing.standing() == [held]
    assert store.landing.receive(b"bad", feed="f", period="2022", name="a.csv").refusal, "it is not new where it lies"
    (again,) = store.landing.receive_all([Received(b"bad", "f", "2022", "a.csv", "VN63-19")], again=True)
    assert again.number == 3, "what was refused once may count later"
    assert store.landing.standing() == [again]


def test_withdrawing_one_receipt_lets_the_one_before_it_count_again(store: Store) -> None:
    first, second = (store.landing.receive(each, feed="f", period="2022", name="a.csv") for each in (b"1", b"2"))
    assert store.landing.withdraw_one(second.number, "sent by mistake") == second
    assert store.landing.standing() == [first]
    with pytest.raises(Refused, match="does not count"):
        store.landing.withdraw_one(second.number, "once more")
    with pytest.raises(Refused, match="needs a reason"):
        store.landing.withdraw_one(first.number, "  ")
    with pytest.raises(Missing, match="no receipt 9"):
        store.landing.withdraw_one(9, "why not")
    store.landing.withdraw_one(first.number, "that one, too")
    assert store.landing.standing() == []


def test_what_a_receipt_says_further_stands_in_the_ledger_only_where_it_says_something(store: Store) -> None:
    store.landing.receive(b"1", feed="f", period="2022", name="a.csv")
    told = Received(b"2", "f", "2022", "b.csv", refusal="damaged", by="lan", waiting=True, rule="owners", reader="v1")
    store.landing.receive_all([told])
    first, second = (entry.body["receipts"][0] for entry in store.ledger.entries("receipt"))
    assert {"by", "waiting", "rule", "reader", "refusal"} & first.keys() == {"by"}
    assert first["by"] == account()
    assert [second[name] for name in ("by", "waiting", "rule", "reader")] == ["lan", True, "owners", "v1"]
    assert store.landing.receipts()[1].by == "lan"


def test_a_ledger_of_old_is_read_as_it_is(store: Store) -> None:
    fact = {"feed": "f", "period": "2022", "name": "a.csv", "sha256": "0" * 64, "size": 1, "sender": None}
    store.ledger.append("receipt", {"receipts": [fact | {"channel": "inbox"}]})
    (receipt,) = store.landing.standing()
    assert (receipt.by, receipt.waiting, receipt.rule, receipt.reader) == ("", False, "", "")


def test_what_waits_counts_once_it_is_confirmed(store: Store) -> None:
    held = store.landing.receive(b"all", feed="f", period="2022", name="a.csv", sender="VN63-19")
    part = Received(b"part", "f", "2022", "a.csv", "VN63-19", waiting=True)
    (waiting,) = store.landing.receive_all([part])
    assert (store.landing.standing(), store.landing.held().waiting()) == ([held], [waiting])
    store.landing.confirm(2, "the rest was a mistake")
    assert store.landing.standing() == [waiting]
    (confirmation,) = (each for each in store.landing.history() if isinstance(each, Confirmation))
    assert (confirmation.receipts, confirmation.reason, confirmation.by) == ([2], "the rest was a mistake", account())
    for number, error in ((1, Refused), (2, Refused), (9, Missing)):
        with pytest.raises(error):
            store.landing.confirm(number, "again")
    store.landing.withdraw_one(2, "no, it was right")
    assert store.landing.standing() == [held]


def test_what_waits_or_was_refused_can_be_withdrawn(store: Store) -> None:
    part = Received(b"part", "f", "2022", "a.csv", "VN63-19", waiting=True)
    spoilt = Received(b"spoilt", "f", "2022", "a.csv", "VN63-19", refusal="damaged")
    for receipt in store.landing.receive_all([part, spoilt]):
        store.landing.withdraw_one(receipt.number, "sent by mistake")
    assert (store.landing.standing(), store.landing.held().waiting()) == ([], [])
    assert store.landing.held().withdrawn.keys() == {1, 2}
    with pytest.raises(Refused, match="doesn't wait"):
        store.landing.confirm(1, "it was right")
    (withdrawal, *_) = (each for each in store.landing.history() if isinstance(each, Withdrawal))
    assert withdrawal.by == account()


def test_the_same_bytes_once_more_share_the_fate_of_what_they_repeat_and_outlive_its_withdrawal(store: Store) -> None:
    def come(name: str, content: bytes = b"all", **facts: Any) -> Receipt:
        return store.landing.receive_all([Received(content, "f", "2022", name, "VN63-19", "inbox", **facts)])[0]

    first, again = come("a.csv"), come("b.csv", repeats=1)
    assert store.landing.standing() == [first]
    part, twice = come("c.csv", b"part", waiting=True), come("d.csv", b"part", waiting=True, repeats=3)
    assert store.landing.held().waiting() == [part]
    with pytest.raises(Refused, match="repeats another"):
        store.landing.confirm(twice.number, "it repeats another")
    store.landing.confirm(part.number, "right")
    assert (store.landing.standing(), store.landing.held().waiting()) == ([part], [])
    for number in (3, 4, 1):
        store.landing.withdraw_one(number, "a mistake")
    assert store.landing.standing() == [again], "it came by itself, so it counts once the first is withdrawn"


def test_a_decision_made_on_an_older_ledger_records_nothing(store: Store) -> None:
    head = store.ledger.head()
    store.landing.receive(b"1", feed="f", period="2022", name="a.csv")
    with pytest.raises(HeadMoved):
        store.landing.receive_all([Received(b"2", "f", "2022", "a.csv")], again=True, after=head)
    assert len(store.landing.receipts()) == 1


def test_a_sender_s_folder_is_a_place_of_its_own(store: Store) -> None:
    for place in ("VN63-19/a.csv", "VN63-19/2022/a.csv", "2022/a.csv", "a.csv", "VN63-01/a.csv", "2022/more/a.csv"):
        path = store.inbox / "f" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(place.encode())
    told = [(each.folder, each.period, each.name, bool(each.refusal)) for each in store.landing.arrivals()]
    assert told == [
        ("", "2022", "a.csv", False),
        ("", "2022", "more", True),
        ("", "VN63-01", "a.csv", False),
        ("VN63-19", "2022", "a.csv", False),
        ("", "VN63-19", "a.csv", False),
        ("", "", "a.csv", False),
    ]
    for folder in ("VN63-01", "VN63-19"):
        sent = Received(folder.encode(), "f", "2022", "a.csv", channel="inbox", folder=folder)
        assert [receipt.folder for receipt in store.landing.receive_all([sent] * 2)] == [folder] * 2
    assert [each.number for each in store.landing.receipts()] == [1, 2]


def test_a_folder_that_may_not_be_looked_into_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for unit in ("VN63-01", "VN63-19"):
        (store.inbox / "f" / unit).mkdir(parents=True)
        (store.inbox / "f" / unit / "a.csv").write_bytes(b"1")
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "VN63-01")
    told = [(each.name, english(each.refusal)) for each in store.landing.arrivals()]
    assert told == [("VN63-01", "a folder that this account may not look into"), ("a.csv", "")]
