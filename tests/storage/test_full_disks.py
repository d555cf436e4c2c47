"""A real disk that is full or read-only: a clear error, the old release intact, nothing left, the next run works."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dti_platform.storage import Received, Store, WriteFailed
from tests.storage.samples import DESCRIPTIONS, tables

SIZE = 10 << 20
NEEDED = 130_000  # what a run takes, a little more


def work(store: Store, version: int) -> None:
    store.sweep()
    store.landing.receive_all([Received(os.urandom(9000), "f", "2022", f"{version}.bin")])
    store.tables.write("scores", 2022, tables(version, 2000)["index_scores"])
    store.derived.record()
    store.releases.publish(tables(version, 2000), DESCRIPTIONS, record={})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a tmpfs can't be mounted here (needs root); errors by shim are in test_crashes")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(place: Path, free: int) -> None:
    """Leaves so many bytes free."""
    status = os.statvfs(place)
    (place / "filler").write_bytes(b"\0" * (status.f_bavail * status.f_frsize - free))


def check_intact(store: Store, version: int) -> None:
    assert {value for name in DESCRIPTIONS for value in store.releases.open().table(name)["version"]} == {version}
    assert store.verify() == []
    assert not list(store.root.rglob(".temporary-*")) + list(store.root.rglob("begun/*"))


@pytest.mark.parametrize("sizes", [10, pytest.param(50, marks=pytest.mark.heavy)])
def test_p14_full_disks(disk: Path, tell: Callable[[str], None], sizes: int) -> None:
    store = Store(disk / "data")
    version, refused = 1, 0
    work(store, version)
    for number in range(sizes):
        fill(disk, NEEDED * number // sizes // 4096 * 4096)
        try:
            work(Store(store.root), version + 1)
            version += 1
        except WriteFailed as error:
            refused += "No space left" in str(error) and "free space" in str(error)
        check_intact(Store(store.root), version)
        (disk / "filler").unlink()
        version += 1
        work(Store(store.root), version + 1)
        version += 1
        check_intact(Store(store.root), version)
    assert 0 < refused < sizes
    tell(f"P14: {sizes} free sizes on a tmpfs of {SIZE} bytes: {refused} clear errors, {sizes - refused} fitted")


def test_p14_a_read_only_disk(disk: Path) -> None:
    store = Store(disk / "data")
    work(store, 1)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(WriteFailed, match=r"Read-only file system.*run again"):
        work(Store(store.root), 2)
    check_intact(Store(store.root), 1)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    work(Store(store.root), 2)
    check_intact(Store(store.root), 2)
