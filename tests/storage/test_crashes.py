"""Stopped before, amid and after each operation on the disk: nothing half, nothing lost, and the next run works."""

from __future__ import annotations

import errno
import itertools
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform.storage import Receipt, Received, Store, WriteFailed
from tests.storage.disks import Died, Disk, Failing, Killed, PowerCut, using
from tests.storage.samples import DESCRIPTIONS, ranking, tables

Tell = Callable[[str], None]
OLD, NEW = 1, 2


def work(store: Store, version: int) -> list[Receipt]:
    """A small run: files come, tables are written, a release is published. Says what it was told is done."""
    store.sweep()
    batch = [Received(f"{version}-{number}".encode(), "f", "2022", f"{number}.csv") for number in range(3)]
    receipts = store.landing.receive_all(batch)
    store.tables.write("scores", 2022, ranking(version, rows=3))
    store.tables.write("scores", 2020 + version, ranking(version, rows=3))
    store.derived.record(str(version))
    store.releases.publish(tables(version, rows=3), DESCRIPTIONS, record={"version": version})
    return receipts


def operations(base: Path, place: Path) -> list[str]:
    """The operations on the disk that the run takes, in order."""
    with using(disk := Disk()):
        work(copy(base, place), NEW)
    return disk.done


def instants(done: list[str]) -> list[tuple[int, str]]:
    """Every instant at which the disk can be found: before each operation, amid those with a middle, after the last."""
    whole = [(number, "before") for number in range(1, len(done) + 1)] + [(len(done), "after")]
    return whole + [(number, "amid") for number, name in enumerate(done, start=1) if name in ("write", "rmtree")]


def copy(base: Path, place: Path) -> Store:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(base, place, symlinks=True)
    return Store(place)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A store in which one run was made before."""
    work(Store(tmp_path / "base"), OLD)
    return tmp_path / "base"


def check_readable(store: Store, *, recovered: bool = True) -> int:
    """One whole release, one whole table, a whole ledger; returns the version that readers get."""
    assert store.ledger.verify() == []
    for receipt in store.landing.receipts():
        store.landing.read(receipt.sha256)
    assert store.tables.read("scores", 2022)["version"].unique().to_list() in ([OLD], [NEW])
    opened = store.releases.open()
    versions = {value for name in opened.tables for value in opened.table(name)["version"]}
    assert len(versions) == 1
    if recovered:
        assert store.verify() == []
        assert (store.root / "published/latest").resolve().name == opened.name
        assert not list(store.root.rglob(".temporary-*")) + list(store.root.rglob("begun/*"))
    return versions.pop()


def check_next_run(store: Store) -> None:
    """The same run again comes to the end that it would have come to."""
    work(store, NEW)
    assert check_readable(store) == NEW
    assert [release.number for release in store.releases.list()] == [1, 2]
    assert len(store.landing.receipts()) == 6
    assert store.tables.years("scores") == [2021, 2022]


def die(store: Store, disk: Killed) -> bool:
    """Runs until the disk says stop; whether the publication had been reported as done."""
    try:
        with using(disk):
            work(store, NEW)
    except Died:
        return False
    finally:
        disk.bury()
    return True


def losing(store: Store, disk: PowerCut, run: Callable[[], object]) -> None:
    """Runs until the power fails, then loses what was not synced."""
    before = {path.lstat().st_ino for path in store.root.rglob("*")}
    run()
    disk.bury()
    disk.lose_contents(store.root, before)


def recover(store: Store, seen: dict[int, int]) -> None:
    """What the next start does, and the run after it."""
    Store(store.root).sweep()
    seen[check_readable(Store(store.root))] += 1
    check_next_run(Store(store.root))


#: Of all instants the third part, so that each kind of operation is met; all of them are heavy.
sweeps = pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.heavy)])


@sweeps
def test_p2_killed_at_every_operation(base: Path, tmp_path: Path, tell: Tell, every: int) -> None:
    """After one operation is before the next: nothing but these changes the disk."""
    done = operations(base, tmp_path / "count")
    seen = {OLD: 0, NEW: 0}
    for number, moment in instants(done)[::every]:
        store = copy(base, tmp_path / "data")
        assert not die(store, Killed(number, moment))
        check_readable(Store(store.root), recovered=False)
        recover(store, seen)
    share = f"{sum(seen.values())} of {len(instants(done))} instants of {len(done)} operations"
    tell(f"P2: killed at {share}: {seen[OLD]} old, {seen[NEW]} new")


@sweeps
def test_p2_power_cut_at_every_operation(base: Path, tmp_path: Path, tell: Tell, every: int) -> None:
    done = operations(base, tmp_path / "count")
    (tmp_path / "vault").mkdir()
    seen = {OLD: 0, NEW: 0}
    for number, moment in instants(done)[::every]:
        store = copy(base, tmp_path / "data")
        disk = PowerCut(number, moment, tmp_path / "vault")
        losing(store, disk, lambda store=store, disk=disk: die(store, disk))
        recover(store, seen)
    share = f"{sum(seen.values())} of {len(instants(done))} instants"
    tell(f"P2: power cut at {share}: {seen[OLD]} old, {seen[NEW]} new, 0 mixed")


@pytest.mark.heavy
def test_p2_power_cut_that_loses_a_part(base: Path, tmp_path: Path, tell: Tell) -> None:
    """Of what was not synced, any part may have reached the disk, in any order of folders."""
    done = operations(base, tmp_path / "count")
    (tmp_path / "vault").mkdir()
    seen = {OLD: 0, NEW: 0}
    for seed in range(5):
        for number, moment in instants(done):
            store = copy(base, tmp_path / "data")
            disk = PowerCut(number, moment, tmp_path / "vault", chance=random.Random(seed * 1000 + number))
            losing(store, disk, lambda store=store, disk=disk: die(store, disk))
            recover(store, seen)
    tell(f"P2: {sum(seen.values())} power cuts losing a part: {seen[OLD]} old, {seen[NEW]} new, 0 mixed")


def test_what_was_reported_as_done_survives_a_power_cut(base: Path, tmp_path: Path) -> None:
    store = copy(base, tmp_path / "data")
    (tmp_path / "vault").mkdir()
    receipts: list[Receipt] = []
    with using(disk := PowerCut(0, "after", tmp_path / "vault")):
        losing(store, disk, lambda: receipts.extend(work(store, NEW)))
    assert check_readable(Store(store.root), recovered=False) == NEW
    assert (store.root / "published/latest").resolve().name.startswith("0002-")
    assert Store(store.root).landing.receipts()[3:] == receipts


@pytest.mark.parametrize("runs", [10, pytest.param(400, marks=pytest.mark.heavy)])
def test_p2_killed_again_during_recovery(base: Path, tmp_path: Path, tell: Tell, runs: int) -> None:
    places = instants(operations(base, tmp_path / "count"))
    chance = random.Random(20220808)
    for _ in range(runs):
        store = copy(base, tmp_path / "data")
        die(store, Killed(*chance.choice(places)))
        for _ in range(3):
            die(Store(store.root), Killed(*chance.choice(places[:12])))
        check_next_run(Store(store.root))
    tell(f"P2: {runs} runs killed up to four times each, recovered")


def unpublished(store: Store) -> list[str]:
    """Releases in the making that the ledger does not have."""
    recorded = {entry.body["release"] for entry in store.ledger.entries("release")}
    return [path.name for path in (store.root / "published/releases").iterdir() if path.name not in recorded]


def failures(every: int) -> list[tuple[int, bool, int, int]]:
    """An error, whether it stays, and the operations: from which on, each so many. Together they meet every other."""
    kinds = itertools.product((errno.EIO, errno.EROFS, errno.ENOSPC), (False, True))
    return [(*kind, 1 + 2 * at % every, every) for at, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("code", "forever", "first", "every"),
    [*failures(12), *[pytest.param(*failure, marks=pytest.mark.heavy) for failure in failures(1)]],
)
def test_p14_an_error_of_the_device(
    base: Path, tmp_path: Path, tell: Tell, code: int, forever: bool, first: int, every: int
) -> None:
    done = operations(base, tmp_path / "count")
    seen, told = {OLD: 0, NEW: 0}, []
    for number in range(first, len(done) + 1, every):
        store = copy(base, tmp_path / "data")
        try:
            with using(Failing(number, code, forever=forever)):
                work(store, NEW)
        except WriteFailed as error:
            told.append(str(error))
        check_readable(Store(store.root), recovered=False)
        assert forever or unpublished(Store(store.root)) == []
        recover(store, seen)
    assert all(str(tmp_path) in text and "run again" in text for text in told)
    where = f"{'from' if forever else 'at'} {sum(seen.values())} of {len(done)} operations"
    tell(f"P14: {errno.errorcode[code]} {where}: {len(told)} clear errors, {seen[OLD]} old, {seen[NEW]} new")
