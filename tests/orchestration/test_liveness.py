"""A killed run blocks nothing: the next one starts at once, and marks it failed in Dagster and in the ledger."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from dti_platform.orchestration import liveness, ui
from dti_platform.orchestration.liveness import KILLED, PROCESS, Process, alive, end_dead_runs
from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store

if TYPE_CHECKING:
    from tests.conftest import Flow

HALF_A_MINUTE = 30


@pytest.fixture
def store(tmp_path: Path, project: Path) -> Store:
    shutil.copytree(project / "data" / "feeds" / "provincial_report", tmp_path / "data/feeds/provincial_report")
    return Store(tmp_path / "data")


@pytest.fixture
def home(used_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return shutil.copytree(used_home, tmp_path / "home")


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    assert (home / "dagster.yaml").is_file()
    with dg.DagsterInstance.get() as held:
        yield held


def started(instance: dg.DagsterInstance, tags: dict[str, str], run_id: str, status: str = "STARTED") -> str:
    run = dg.DagsterRun(liveness.JOB, run_id=run_id, status=dg.DagsterRunStatus(status), tags=tags)
    return instance.add_run(run).run_id


def status(instance: dg.DagsterInstance, run_id: str) -> str:
    record = instance.get_run_record_by_id(run_id)
    assert record is not None
    return record.dagster_run.status.value


def own(store: Store, run_id: str, **other: str) -> dict[str, str]:
    """The tags of a run of the process at hand, but for what is told otherwise."""
    tags = liveness.tags(run_id, store)
    process = replace(Process(*tags[PROCESS].split()), **other)
    return tags | {PROCESS: str(process)}


@contextmanager
def ended_process() -> Iterator[str]:
    """The number of a process that has ended and was not waited for."""
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.01)
        yield str(process.pid)


@pytest.mark.parametrize(
    ("other", "lives"),
    [
        ({}, True),
        ({"begun": "1"}, False),
        ({"boot": "another-boot"}, False),
        ({"pid": "999999999"}, False),
        ({"host": "another", "boot": "another-boot"}, True),
    ],
    ids=["this process", "its number was given anew", "before the last boot", "no such process", "of another host"],
)
def test_a_run_is_as_alive_as_its_process(
    store: Store, instance: dg.DagsterInstance, other: dict[str, str], lives: bool
) -> None:
    started(instance, own(store, "a", **other), "a")
    assert end_dead_runs(instance, store) == ([] if lives else ["a"])
    assert status(instance, "a") == ("STARTED" if lives else "FAILURE")


def test_a_process_that_has_ended_and_left_its_number_is_gone() -> None:
    with ended_process() as pid:
        assert liveness.begun(pid) is None
    assert liveness.begun(str(os.getpid())) is not None


def test_a_run_that_names_no_process_is_dead_when_nobody_holds_the_lock(
    store: Store, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(instance, {}, "old")
    assert end_dead_runs(instance, store) == []  # it may be starting
    monkeypatch.setattr(liveness, "SECONDS_TO_START", 0)
    with store.lock("run", "old"):
        assert end_dead_runs(instance, store) == []
    assert end_dead_runs(instance, store) == ["old"]


def test_the_tags_of_a_run_that_is_started_again_are_not_its_own(store: Store, instance: dg.DagsterInstance) -> None:
    started(instance, own(store, "first", pid="999999999"), "again", "STARTING")
    assert end_dead_runs(instance, store) == []


def test_the_holder_of_the_lock_lives_whatever_its_process_is_called(
    store: Store, instance: dg.DagsterInstance
) -> None:
    started(instance, own(store, "a", pid="999999999"), "a")
    with store.lock("run", "a"):
        assert end_dead_runs(instance, store) == []


def test_queued_runs_other_jobs_and_runs_that_have_ended_are_left_alone(
    store: Store, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "SECONDS_TO_START", 0)
    dead = own(store, "x", pid="999999999")
    for name in ("SUCCESS", "FAILURE", "CANCELED"):
        started(instance, dead, name, name)
    instance.add_run(dg.DagsterRun("another_job", run_id="other", status=dg.DagsterRunStatus.STARTED))
    assert end_dead_runs(instance, store) == []
    assert dg.DagsterRunStatus.QUEUED not in liveness.ACTIVE  # it has no process yet


def test_the_ledger_says_once_that_a_run_was_killed_and_keeps_what_the_run_said(
    store: Store, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    for run_id in ("silent", "ended"):
        started(instance, own(store, run_id, pid="999999999"), run_id)
    store.ledger.append("run", {"run": "ended", "success": True, "failure": None, "release": None})
    started(instance, own(Store(tmp_path / "other"), "elsewhere", pid="999999999"), "elsewhere")
    assert sorted(end_dead_runs(instance, store)) == ["elsewhere", "ended", "silent"]
    assert end_dead_runs(instance, store) == []
    entries = {entry.body["run"]: entry.body["success"] for entry in store.ledger.entries("run")}
    assert entries == {"ended": True, "silent": False}
    assert "process is gone" in store.ledger.entries("run")[-1].body["failure"]
    assert KILLED in instance.get_run_records(dg.RunsFilter(run_ids=["silent"]))[0].dagster_run.tags


def test_every_run_names_its_process(flow: Flow) -> None:
    with dg.DagsterInstance.from_config(str(flow.home)) as instance:
        record = instance.get_run_record_by_id(flow.outcome.run_id)
    assert record is not None
    process = Process.of(record.dagster_run)
    assert process is not None
    assert process.lives, "it is this test's process, or that of another worker"
    assert alive(record, None)


def test_the_start_of_the_ui_ends_dead_runs(
    store: Store, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DTI_DATA", str(store.root))
    started(instance, own(store, "a", pid="999999999"), "a")
    ui.unblock()
    assert status(instance, "a") == "FAILURE"
    started(instance, own(store, "b", pid="999999999"), "b")
    (store.root / "ledger/000000001.json").write_bytes(b"{")
    ui.unblock()
    assert "000000001.json has sha256" in capsys.readouterr().err


def launch(store: Store, home: Path, project: Path) -> subprocess.Popen[bytes]:
    """``dti run`` as a process of its own; it runs though the one before may have ended before it was killed."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(project),
        "DAGSTER_HOME": str(home),
        "DTI_DATA": str(store.root),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-P", "-m", "dti_platform.cli", "run", "--period", "2022", "--force", "--json"]
    return subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def runs(instance: dg.DagsterInstance) -> dict[str, str]:
    return {each.dagster_run.run_id: each.dagster_run.status.value for each in instance.get_run_records()}


def wait_for_a_run(instance: dg.DagsterInstance, known: set[str], process: subprocess.Popen[bytes]) -> None:
    """Until a run that is not known has started."""
    end = time.monotonic() + HALF_A_MINUTE
    while not any(state in {"STARTED", "SUCCESS"} for run_id, state in runs(instance).items() if run_id not in known):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "the run did not start"
        time.sleep(0.05)


@pytest.mark.usefixtures("figures_alone")
@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.heavy)])
def test_after_a_kill_at_any_instant_the_next_run_starts_and_none_is_left_started(
    store: Store, instance: dg.DagsterInstance, home: Path, project: Path, kills: int
) -> None:
    chance = random.Random(kills)
    killed: list[set[str]] = []
    for _ in range(kills):
        known = set(runs(instance))
        with launch(store, home, project) as process:
            wait_for_a_run(instance, known, process)
            time.sleep(chance.uniform(0, 4))
            process.send_signal(signal.SIGKILL)
        killed.append(set(runs(instance)) - known)
    begun = time.time()
    outcome = run_main_job(store, ["2022"])
    assert outcome.success, outcome.failure
    ended = runs(instance)
    assert ended[outcome.run_id] == "SUCCESS"
    assert set(ended.values()) <= {"SUCCESS", "FAILURE"}, ended  # SUCCESS: it had ended when it was killed
    (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[outcome.run_id]))
    assert record.start_time is not None
    assert record.start_time - begun < HALF_A_MINUTE
    failed = {run_id for run_id in set().union(*killed) if ended[run_id] == "FAILURE"}
    assert failed <= {entry.body["run"] for entry in store.ledger.entries("run")}
    assert store.ledger.entries("run")[-1].body["success"]
    assert store.verify() == []
