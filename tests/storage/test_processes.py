"""Many processes at once, and processes that are killed: one chain, whole releases, one holder."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from dti_platform.storage import Locked, Store
from tests.storage import processes
from tests.storage.processes import START, started

Tell = Callable[[str], None]


def heavy(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.heavy)


@pytest.mark.parametrize("kills", [40, heavy(2000)])
def test_p1_killed_at_random_instants_of_publish(store: Store, tell: Tell, kills: int) -> None:
    """The next publisher starts on what the killed one left, without any repair between."""
    chance = random.Random(kills)
    processes.publish(store, 0)
    seen, standing = Counter[str](), 0
    for kill in range(kills):
        at, done = kill_a_publisher(store.root, 1000 * kill + 1, chance.uniform(0, 0.03), standing)
        (read,) = processes.versions_seen((store.root / "published/latest").resolve(strict=True))
        opened = Store(store.root).releases.open()
        (ours,) = {value for name in opened.tables for value in opened.table(name)["version"]}
        assert done <= read <= ours <= at
        seen["old" if ours == done else "new"] += 1
        standing = max(done, read)
    store.sweep()
    assert Store(store.root).verify() == []
    assert not list(store.root.rglob(".temporary-*")) + list(store.root.rglob("begun/*"))
    tell(f"P1: {kills} kills of publish: {seen['old']} old, {seen['new']} new, 0 mixed, 0 unreadable")


def kill_a_publisher(root: Path, version: int, after: float, standing: int = 0) -> tuple[int, int]:
    """Lets it publish, kills it; returns the version it was at, and the last that was reported as done."""
    ours, theirs = START.Pipe()
    publisher = started(processes.publish_for_ever, root, version, theirs)
    assert ours.poll(30)
    at, done = version, standing
    time.sleep(after)
    publisher.kill()
    publisher.join()
    while ours.poll():
        said, at = ours.recv()
        done = at if said == "done" else done
    return at, done


@pytest.mark.parametrize("count", [25, heavy(100)])
def test_p3_two_readers_against_many_publishes(store: Store, tell: Tell, count: int) -> None:
    processes.publish(store, 0)
    stop, lines = START.Event(), [START.Pipe() for _ in range(2)]
    readers = [started(processes.read_until, store.root, stop, theirs) for _, theirs in lines]
    publisher = started(processes.publish_many, store.root, count)
    publisher.join(120)
    stop.set()
    found = list(processes.told([ours for ours, _ in lines]))
    for reader in readers:
        reader.join(30)
    assert publisher.exitcode == 0
    assert [wrong for _, _, wrong in found] == [[], []]
    assert len(Store(store.root).releases.list()) == count + 1
    reads, versions = sum(reads for reads, _, _ in found), max(versions for _, versions, _ in found)
    tell(f"P3: {reads} reads of up to {versions} versions during {count} publishes: 0 mixed, 0 errors")


@pytest.mark.parametrize(("writers", "commits"), [(8, 10), heavy(8, 50)])
def test_p12_eight_writers_make_one_chain(store: Store, tell: Tell, writers: int, commits: int) -> None:
    barrier = START.Barrier(writers)
    for process in [started(processes.append_many, store.root, writer, commits, barrier) for writer in range(writers)]:
        process.join(120)
        assert process.exitcode == 0
    entries = store.ledger.entries("commit")
    assert Counter(entry.body["writer"] for entry in entries) == dict.fromkeys(range(writers), commits)
    for writer in range(writers):
        assert [entry.body["number"] for entry in entries if entry.body["writer"] == writer] == list(range(commits))
    assert store.ledger.verify(entries[-1].head) == []
    assert store.sweep() == []
    tell(f"P12: {writers} writers x {commits} commits: {len(entries)} entries, one chain, none lost")


def test_the_same_files_received_by_several_at_once_have_one_receipt_each(store: Store) -> None:
    barrier = START.Barrier(4)
    for process in [started(processes.receive_many, store.root, 15, barrier) for _ in range(4)]:
        process.join(60)
        assert process.exitcode == 0
    assert [receipt.name for receipt in store.landing.receipts()] == [f"{number}.csv" for number in range(15)]


@pytest.mark.parametrize(("groups", "size", "wait"), [(5, 2, 0.0), (3, 3, 30.0), heavy(20, 2, 0.0), heavy(10, 3, 30.0)])
def test_p13_one_computes_the_others_wait_or_are_refused(
    store: Store, tell: Tell, groups: int, size: int, wait: float
) -> None:
    counted = Counter[str]()
    for _ in range(groups):
        barrier, lines = START.Barrier(size), [START.Pipe() for _ in range(size)]
        for number, (_, theirs) in enumerate(lines):
            started(processes.compute, store.root, f"run-{number}", wait, barrier, theirs)
        answers = list(processes.told([ours for ours, _ in lines]))
        spans = sorted((begun, ended) for said, _, begun, ended in answers if said == "computed")
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        holders = {run for said, run, _, _ in answers if said == "computed"}
        assert {run for said, run, _, _ in answers if said == "refused"} <= holders | {"unknown"}
        counted.update(said for said, *_ in answers)
    assert counted["computed"] == (groups if wait == 0 else groups * size)
    tell(f"P13: {groups} groups of {size}, wait {wait:.0f} s: {dict(counted)}, never two at a time")


def test_a_killed_publisher_frees_its_lock(store: Store) -> None:
    processes.publish(store, 0)
    kill_a_publisher(store.root, 1, 0.05)
    with store.lock("publish", "next"), pytest.raises(Locked, match="next"):
        store.sweep(wait=0)
    store.sweep(wait=0)
