"""A copy of the parts that docs/backup.md names: what an older ledger beside them, or a part that is missing, does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.pipeline import Platform
from dti_platform.storage import LedgerBehind, Store
from tests.pipeline.in_process import run, short_releases

COMMITTED = ("published_results/2021", "provincial_report/2022")


def parts_to_copy(project: Path) -> list[str]:
    """The parts of the data root that the page says to copy, but for what a store of the checkout lacks."""
    page = (project / "docs" / "backup.md").read_text(encoding="utf-8")
    return [
        part
        for part in re.findall(r"^\| `(\w+)/` \| \*\*yes\*\*", page, re.MULTILINE)
        if part not in ("inbox", "feeds")
    ]


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """Releases of a few tables."""
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch)
        yield


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Store:
    """A data root with two releases, and its feeds beside it."""
    root = tmp_path_factory.mktemp("released")
    for each in COMMITTED:
        shutil.copytree(project / "data" / "feeds" / each, root / "feeds" / each)
    store = Store(root / "data", feeds=root / "feeds")
    run(Platform(store), "1")
    path = store.feeds / "published_results" / "2021" / "provinces.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",0.496,", ",0.497,"), encoding="utf-8")
    run(Platform(store), "2", "correction", "a digit was misread")
    return store


@pytest.fixture
def lost(released: Store, tmp_path: Path, project: Path) -> tuple[Store, str]:
    """What was restored after the machine was lost, and the head that was noted."""
    shutil.copytree(released.feeds, tmp_path / "feeds")
    for part in parts_to_copy(project):
        shutil.copytree(released.root / part, tmp_path / "restored" / part, symlinks=True)
    return Store(tmp_path / "restored", feeds=tmp_path / "feeds"), str(released.ledger.head().sha256)


def test_nothing_is_added_to_a_ledger_older_than_the_releases_beside_it(lost: tuple[Store, str]) -> None:
    restored, _ = lost
    second, latest = restored.releases.find("2"), restored.releases.folder / "latest"
    entries = sorted((restored.root / "ledger").glob("*.json"))
    for entry in entries[second.entry.sequence - 1 :]:
        entry.unlink()
    before = sorted(path.name for path in restored.root.rglob("*"))
    report = restored.feeds / "provincial_report" / "2022" / "indicators.csv"
    for command in (
        ["run"],
        ["run", "--accept-clock", "right"],
        ["submit", str(report), "--feed", "provincial_report"],
    ):
        stopped = CliRunner().invoke(main, [*command, "--data", str(restored.root)])
        assert (stopped.exit_code, second.name in stopped.output) == (1, True), stopped.output
    assert sorted(path.name for path in restored.root.rglob("*")) == before
    with pytest.raises(LedgerBehind, match="newer than release 1"):
        restored.sweep()
    assert latest.readlink().name == second.name
    shutil.move(second.path, restored.root.parent)
    with pytest.raises(LedgerBehind, match=second.name):
        restored.releases.check_known()
    latest.unlink()
    assert run(Platform(restored), "after", "correction", "a digit was misread").release.number == 2


def test_what_the_copy_lacks_is_named(lost: tuple[Store, str]) -> None:
    restored, head = lost
    (gone, *_) = restored.landing.receipts()
    restored.landing.path(gone.sha256).unlink()
    (entry, *_) = sorted((restored.root / "ledger").glob("*.json"), reverse=True)
    entry.unlink()
    verified = CliRunner().invoke(main, ["verify", "--head", head, "--data", str(restored.root)])
    assert verified.exit_code == 1
    assert "the known head" in verified.output
    faults = restored.verify()
    assert [fault for fault in faults if gone.sha256 in fault]
