"""A run that ends outside its steps has an outcome as any other: JSON, an entry of the ledger, and the fix."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.methodology import loading
from dti_platform.operations.checks.work import last_run
from dti_platform.operations.health import Place
from dti_platform.orchestration import health, liveness
from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store
from tests.storage.samples import DESCRIPTIONS, Clock, tables


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A data root with an empty folder of feeds and two releases."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    store = Store(tmp_path / "data")
    store.feeds.mkdir(parents=True)
    for version in (1, 2):
        store.releases.publish(tables(version), DESCRIPTIONS, record={})
    return store


def as_json(store: Store, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["run", "--json", *arguments, "--data", str(store.root)])
    assert done.exit_code == 1
    return json.loads(done.stdout)


def test_a_release_without_its_folder_is_named_in_json_in_the_ledger_and_by_doctor(store: Store) -> None:
    newest = store.releases.find("2")
    shutil.rmtree(newest.path)
    says = f"the folder of release {newest.name} is gone; `./dti rebuild {newest.name}` makes it again"
    told = as_json(store)
    assert (told["success"], told["failure_kind"], told["ranking"]) == (False, "storage", None)
    assert says in told["failure"]
    entry = store.ledger.entries("run")[-1]
    assert (entry.body["run"], entry.body["success"], entry.body["release"]) == (told["run_id"], False, newest.name)
    assert told["ledger_head"] == entry.sha256
    finding = last_run(Place.of(store, None))
    assert (finding.state, says in finding.what) == ("broken", True)
    for language, word in (("vi", "Bản công bố gần nhất"), ("en", "The last release stands")):
        done = CliRunner().invoke(main, ["run", "--lang", language, "--data", str(store.root)])
        assert (done.exit_code, newest.name in done.output, word in done.output) == (1, True, True), done.output


def test_a_framework_that_cannot_be_read_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(loading.FOLDER, tmp_path / "frameworks")
    (tmp_path / "frameworks" / "922-provincial.toml").write_text("x = [", encoding="utf-8")
    monkeypatch.setattr(loading, "FOLDER", tmp_path / "frameworks")
    told = as_json(store)
    assert told["failure_kind"] == "other"
    assert told["failure"].startswith("922-provincial.toml: not readable as TOML")
    assert not store.ledger.entries("run")[-1].body["success"]


def test_what_can_not_be_recorded_has_an_outcome_and_no_entry(store: Store) -> None:
    ahead = Store(store.root, clock=Clock(datetime(2999, 1, 1, tzinfo=UTC)))
    head = ahead.ledger.append("note", {"number": 1}).head
    told = as_json(store)
    assert "the last entry of the ledger is of 2999" in told["failure"]
    assert store.ledger.head() == head
    path = max((store.root / "ledger").glob("*.json"))
    path.write_bytes(path.read_bytes().replace(b'"number":1', b'"number":2'))
    told = as_json(store)
    assert f"ledger entry {path.name} has sha256" in told["failure"]
    assert (told["failure_kind"], told["ledger_head"]) == ("storage", "")


@pytest.fixture
def full_home(tmp_path: Path, used_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of Dagster on a disk of its own that is full: what it has can be read."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a tmpfs can't be mounted here (needs root)")
    home = shutil.copytree(used_home, place / "home")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with liveness.instance():
        status = os.statvfs(place)
        (place / "filler").write_bytes(b"\0" * (status.f_bavail * status.f_frsize))
        yield home
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_of_the_history_is_named_in_a_line(store: Store, full_home: Path) -> None:
    outcome = run_main_job(store)
    assert (
        outcome.failure == f"no space left on {full_home}, where the history of runs lies: free space, then run again"
    )
    assert outcome.failure_kind == "storage"
    assert not store.ledger.entries("run")[-1].body["success"]


def test_a_history_that_lacks_space_alone_is_not_called_damaged(full_home: Path, tmp_path: Path) -> None:
    error = OSError(28, "No space left on device")
    assert liveness.is_disk_full(error)
    assert not liveness.is_disk_full(sqlite3.OperationalError("disk I/O error"), str(tmp_path))
    assert liveness.is_disk_full(sqlite3.OperationalError("disk I/O error"), str(full_home))
    context = health.Context(Place.of(Store(tmp_path / "data"), str(full_home)))
    finding = health.history(context)
    assert finding.state == "ok" or "free space on the disk" in finding.fix
