"""Whether a run is still alive: a killed process can't report that its run has ended, so the next run does.

Here: the tag by which a run names its process, ``alive``, and marking the runs whose process is gone as failed, in
Dagster and in the ledger. Not here: the lock that a killed holder frees (``storage.locks``), and runs that take too
long (``max_runtime_seconds`` of ``dagster.yaml``).
"""

from __future__ import annotations

import errno
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
#: The jobs whose runs are the platform's: the main job, and Dagster's job of assets materialised in the UI.
JOBS = (JOB, "__ASSET_JOB")
#: Tags of a run: the process that computes it, and its data root.
PROCESS, DATA = "dti/process", "dti/data"
#: Tag of a run whose process was gone; its value is the run's id, because a retried run inherits the tags of the first.
KILLED = "dti/killed"
#: Tag of a run that Dagster does not retry (``run_retries`` of ``dagster.yaml``): it would fail again.
NOT_AGAIN = {"dagster/max_retries": "0"}
#: States of a run that may be at work; a queued run has no process yet.
ACTIVE = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
#: How long a process started by the UI may take until it tags its run.
SECONDS_TO_START = 60
PROC = Path("/proc")
#: Environment variable with the address of the PostgreSQL database, where it stores the history.
DATABASE = "DAGSTER_POSTGRES_URL"
START_DATABASE = "`systemctl start postgresql`"
#: A disk with fewer bytes free takes no page of SQLite's shared memory and journal.
FULL = 2**20
#: Errors raised where DAGSTER_HOME is damaged: its settings, its SQLite files, its folders.
OUT_OF_ORDER = (dg.DagsterError, SQLAlchemyError, YAMLError, UnicodeError, OSError)


@dataclass(frozen=True)
class Process:
    """The process that computes a run.

    Attributes:
        run: id of the run; a retried run inherits the tags of the first run, whose id shows that they are not its own.
        host: name of the machine.
        boot: id of the machine's boot.
        pid: number of the process.
        begun: when it started, in clock ticks since the boot; it tells apart processes that reuse a number.
    """

    run: str
    host: str
    boot: str
    pid: str
    begun: str

    @property
    def lives(self) -> bool:
        """Whether it is at work; a process of another machine can't be checked and is taken to be alive."""
        if self.host != socket.gethostname():
            return True
        return self.boot == boot() and self.begun == begun(self.pid)

    def __str__(self) -> str:
        """The value of the tag; ``of`` parses it."""
        return " ".join(astuple(self))

    @classmethod
    def of(cls, run: dg.DagsterRun) -> Process | None:
        """The process that a run's tag names; None: it has no such tag."""
        fields = run.tags.get(PROCESS, "").split()
        return cls(*fields) if len(fields) == len(cls.__annotations__) and fields[0] == run.run_id else None


class NoHistory(Exception):
    """The history of runs in DAGSTER_HOME can't be opened."""


def instance() -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME, shared with the UI; without DAGSTER_HOME, a run leaves no history.

    Raises:
        NoHistory: it is damaged.
    """
    if not (home := os.environ.get("DAGSTER_HOME")):
        return without_history()
    try:
        dagster = dg.DagsterInstance.get()
        dagster.get_run_records(limit=1)  # a damaged file shows only when it is read
        dagster.get_latest_materialization_event(dg.AssetKey("release"))
    except (*OUT_OF_ORDER, *_of_postgres()) as error:
        reason = str(error).strip().partition("\n")[0]
        remedy = f"start it ({START_DATABASE})" if os.environ.get(DATABASE) else "restore it, or move it away"
        if is_disk_full(error, home):
            remedy = "it is not damaged: free space"
        raise NoHistory(f"{home}: the history of runs can't be opened ({reason}); {remedy}") from error
    return dagster


def _of_postgres() -> tuple[type[Exception], ...]:
    """What the library of PostgreSQL raises where the database does not answer; it is loaded where one is named."""
    if not os.environ.get(DATABASE):
        return ()
    from dagster_postgres.utils import DagsterPostgresException

    return (DagsterPostgresException,)


def is_disk_full(error: BaseException, folder: str = "") -> bool:
    """Whether the system, SQLite or PostgreSQL found no space left on a disk.

    SQLite may call it a "disk I/O error": then the disk of the folder, where one is named, decides.
    """
    text = str(error)
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return True
    if "disk is full" in text or os.strerror(errno.ENOSPC) in text:
        return True
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return "disk I/O error" in text and disk.f_bavail * disk.f_frsize < FULL


@contextmanager
def history(remarks: list[str]) -> Generator[dg.DagsterInstance]:
    """The instance for the time of a run; where it is damaged, the run goes on without it and adds a remark."""
    try:
        dagster = instance()
    except NoHistory as error:
        remarks.append(f"{error}; this run leaves none")
        dagster = without_history()
    with dagster:
        yield dagster


def without_history() -> dg.DagsterInstance:
    """An instance in memory that stores only failures: storing all events takes a third of a run's time."""
    dagster = dg.DagsterInstance.ephemeral()
    event_log = dagster.event_log_storage
    store_event = event_log.store_event

    def store_failures(event: dg.EventLogEntry) -> None:
        if event.dagster_event and event.dagster_event.is_failure:
            store_event(event)

    event_log.store_event = store_failures
    return dagster


def boot() -> str | None:
    """The id of this machine's boot; None if the system has none."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


def begun(pid: str) -> str | None:
    """When a process started, in clock ticks since the boot; None: it does not exist, or is a zombie or dead."""
    try:
        state, *fields = (PROC / pid / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else fields[18]  # proc(5): field 22 of all


def tags(run_id: str, store: Store) -> dict[str, str]:
    """The tags that name the current process and the data root of a run; without /proc only the data root."""
    root, boot_id, started = {DATA: str(store.root)}, boot(), begun(str(os.getpid()))
    if boot_id is None or started is None:
        return root
    return root | {PROCESS: str(Process(run_id, socket.gethostname(), boot_id, str(os.getpid()), started))}


def tag(instance: dg.DagsterInstance, run_id: str, new_tags: Mapping[str, str]) -> None:
    """Add tags to a run."""
    instance.add_run_tags(run_id, new_tags)


def alive(record: dg.RunRecord, holder: str | None) -> bool:
    """Whether a run that has not ended is still at work.

    A run that names its process is alive while its process is. Any other run is taken to be alive while the lock
    ``run`` is held, or while it may still be starting.

    Args:
        record: the run.
        holder: the id of the run that holds the lock ``run``; None: it is free.
    """
    run = record.dagster_run
    if process := Process.of(run):
        return process.lives or run.run_id == holder
    return holder is not None or time.time() - record.update_timestamp.timestamp() < SECONDS_TO_START


def was_killed(run: dg.DagsterRun) -> bool:
    """Whether this run, not one that it retries, was marked as killed."""
    return run.tags.get(KILLED) == run.run_id


def end_dead_runs(instance: dg.DagsterInstance, store: Store, *, restored: bool = False) -> list[str]:
    """Mark runs whose process is gone as failed, in the ledger and in Dagster, whose queue they would block.

    Args:
        instance: has the runs.
        store: the data root that they work on.
        restored: whether the history was just restored from a backup: none of its runs is alive, on any host.

    Returns:
        The ids of these runs.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=ACTIVE))
    ours = [record for record in records if record.dagster_run.job_name in JOBS]
    holder = store.holder("run") if ours else None
    dead = [record.dagster_run for record in ours if restored or not alive(record, holder)]
    for run in dead:
        if run.tags.get(DATA, str(store.root)) == str(store.root):
            latest = store.releases.newest()
            Journal(store).killed(run.run_id, latest.name if latest else None, GONE)
        tag(instance, run.run_id, {KILLED: run.run_id})
        instance.report_run_failed(run, f"The run failed: {GONE}.")
    return [run.run_id for run in dead]
