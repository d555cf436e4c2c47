"""Whether a run still lives: a killed process can't say that its run has ended, so the next one does.

Here: the tag by which a run names its process, ``alive``, and ending the runs whose process is gone, in Dagster and in
the ledger. Not here: the lock that a killed holder frees (``storage.locks``), and runs that take too long (the
``max_runtime_seconds`` of ``dagster.yaml``).
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError
from yaml import YAMLError

from dti_platform.pipeline.journal import GONE, Journal

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from dti_platform.storage import Store

JOB = "dti_main"
#: The jobs whose runs are ours: the main job, and what the UI materialises by asset.
JOBS = (JOB, "__ASSET_JOB")
#: Tags of a run: the process that computes it, and its data root.
PROCESS, DATA = "dti/process", "dti/data"
#: Tag of a run whose process was gone: its id, as a run that is tried again takes over the tags of the first.
KILLED = "dti/killed"
#: Tag of a run that Dagster does not try again (``run_retries`` of ``dagster.yaml``): it would end as it has.
NOT_AGAIN = {"dagster/max_retries": "0"}
#: Runs in these states may be at work; a queued one has no process yet.
ACTIVE = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
#: How long a process that the UI started may take until it tags its run.
SECONDS_TO_START = 60
PROC = Path("/proc")
#: Names the database of PostgreSQL, where one holds the history.
DATABASE = "DAGSTER_POSTGRES_URL"
START_DATABASE = "`systemctl start postgresql`"
#: What is raised where DAGSTER_HOME is out of order: its settings, its SQLite files, its folders.
OUT_OF_ORDER = (dg.DagsterError, SQLAlchemyError, YAMLError, UnicodeError, OSError)


@dataclass(frozen=True)
class Process:
    """The process that computes a run.

    Attributes:
        run: id of the run; a run that is started again takes over the tags of the first, which are not its own.
        host: name of the machine.
        boot: id of the machine's start.
        pid: number of the process.
        begun: when it started, in clock ticks since the boot; with it a number that was given anew is another process.
    """

    run: str
    host: str
    boot: str
    pid: str
    begun: str

    @property
    def lives(self) -> bool:
        """Whether it is at work; of another machine nothing is known, so it is taken to be."""
        if self.host != socket.gethostname():
            return True
        return self.boot == boot() and self.begun == begun(self.pid)

    def __str__(self) -> str:
        """As the tag holds it; ``of`` reads it."""
        return " ".join(astuple(self))

    @classmethod
    def of(cls, run: dg.DagsterRun) -> Process | None:
        """The process that a run names; None: it names none."""
        fields = run.tags.get(PROCESS, "").split()
        return cls(*fields) if len(fields) == len(cls.__annotations__) and fields[0] == run.run_id else None


class NoHistory(Exception):
    """The history of runs in DAGSTER_HOME can't be opened."""


def instance() -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME, shared with the UI; without one, a run leaves no history.

    Raises:
        NoHistory: it is damaged.
    """
    if not (home := os.environ.get("DAGSTER_HOME")):
        return without_history()
    try:
        opened = dg.DagsterInstance.get()
        opened.get_run_records(limit=1)  # a damaged file is known once it is read
        opened.get_latest_materialization_event(dg.AssetKey("release"))
    except OUT_OF_ORDER as error:
        why = str(error).strip().partition("\n")[0]
        remedy = f"start it ({START_DATABASE})" if os.environ.get(DATABASE) else "restore it, or move it away"
        raise NoHistory(f"{home}: the history of runs can't be opened ({why}); {remedy}") from error
    return opened


@contextmanager
def history(remarks: list[str]) -> Generator[dg.DagsterInstance]:
    """The instance, for as long as a run needs it; a run goes on without where it is damaged, and a remark says so."""
    try:
        opened = instance()
    except NoHistory as error:
        remarks.append(f"{error}; this run leaves none")
        opened = without_history()
    with opened:
        yield opened


def without_history() -> dg.DagsterInstance:
    """An instance of which nothing stays: its failures alone are kept meanwhile; all events cost a third of a run."""
    opened = dg.DagsterInstance.ephemeral()
    log = opened.event_log_storage
    keep = log.store_event

    def keep_failures(event: dg.EventLogEntry) -> None:
        if event.dagster_event and event.dagster_event.is_failure:
            keep(event)

    log.store_event = keep_failures
    return opened


def boot() -> str | None:
    """The id of this machine's start; None if the system has none."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


def begun(pid: str) -> str | None:
    """When a process started; None: there is none of this number, or it has ended and only its number is left."""
    try:
        state, *fields = (PROC / pid / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else fields[18]  # proc(5): field 22 of all


def tags(run_id: str, store: Store) -> dict[str, str]:
    """What a run says of the process at hand; without /proc only of its data root."""
    root, booted, since = {DATA: str(store.root)}, boot(), begun(str(os.getpid()))
    if booted is None or since is None:
        return root
    return root | {PROCESS: str(Process(run_id, socket.gethostname(), booted, str(os.getpid()), since))}


def tag(instance: dg.DagsterInstance, run_id: str, added: Mapping[str, str]) -> None:
    """Add tags to a run that is at work."""
    instance.add_run_tags(run_id, added)


def alive(record: dg.RunRecord, holder: str | None) -> bool:
    """Whether a run that has not ended is still at work.

    One that names its process is as alive as that; one that names none is while somebody holds the lock ``run``, or
    while it may still be starting.

    Args:
        record: the run.
        holder: the id of the run that holds the lock ``run``; None: it is free.
    """
    run = record.dagster_run
    if process := Process.of(run):
        return process.lives or run.run_id == holder
    return holder is not None or time.time() - record.update_timestamp.timestamp() < SECONDS_TO_START


def was_killed(run: dg.DagsterRun) -> bool:
    """Whether the process of this very run was found gone."""
    return run.tags.get(KILLED) == run.run_id


def end_dead_runs(instance: dg.DagsterInstance, store: Store, *, restored: bool = False) -> list[str]:
    """Mark the runs failed whose process is gone, in the ledger and in Dagster, whose queue they would block.

    Args:
        instance: has the runs.
        store: the data root that they work on.
        restored: whether the history was just restored from a backup: no run of it lives, on whatever host it was.

    Returns:
        Their ids.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=ACTIVE))
    ours = [record for record in records if record.dagster_run.job_name in JOBS]
    holder = store.holder("run") if ours else None
    dead = [record.dagster_run for record in ours if restored or not alive(record, holder)]
    for run in dead:
        if run.tags.get(DATA, str(store.root)) == str(store.root):
            latest = store.releases.latest()
            Journal(store).killed(run.run_id, latest.name if latest else None, GONE)
        tag(instance, run.run_id, {KILLED: run.run_id})
        instance.report_run_failed(run, f"The run failed: {GONE}.")
    return [run.run_id for run in dead]
