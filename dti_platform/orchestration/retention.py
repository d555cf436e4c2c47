"""How long Dagster remembers a run: old ones go, but none that anything on the pages of assets rests on.

Here: which runs may go, and deleting a few of them where a run begins; and forgetting what a run that fails did not
come to ask. Not here: ticks of schedules and sensors
(``retention`` of ``dagster.yaml``), and the ledger, which forgets nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from sqlalchemy import func, select

from dti_platform.orchestration.liveness import JOBS
from dti_platform.storage import files

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many runs go at once, so that the run that deletes them takes no longer for it than a moment.
MOST_AT_ONCE = 20
#: A run in one of these states is at work no more.
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune(instance: dg.DagsterInstance, days: int) -> list[str]:
    """Delete the oldest runs with all their events; says which.

    A run stays that began within the days, is at work, or holds what is newest of an asset, a partition or a check.
    """
    storage = instance.event_log_storage
    before = datetime.now(UTC) - timedelta(days=days)
    any_old = instance.get_run_records(dg.RunsFilter(created_before=before, statuses=ENDED), limit=1)
    if not (any_old and isinstance(storage, SqlEventLogStorage)):
        return []
    held = holders(storage)
    limit = MOST_AT_ONCE + len(held)
    ours = [dg.RunsFilter(job_name=job, created_before=before, statuses=ENDED) for job in JOBS]
    oldest = [record for each in ours for record in instance.get_run_records(each, limit=limit, ascending=True)]
    gone = [run_id for record in oldest if (run_id := record.dagster_run.run_id) not in held][:MOST_AT_ONCE]
    delete(instance, storage, gone)
    return gone


def holders(storage: SqlEventLogStorage) -> set[str]:
    """The runs that hold the newest event of a kind of any asset and partition, or the newest outcome of any check."""
    events, checks = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c
    newest = (
        select(func.max(events.id))
        .where(events.asset_key.is_not(None))
        .group_by(events.asset_key, events.dagster_event_type, events.partition)
    )
    outcomes = select(func.max(checks.id)).group_by(
        checks.asset_key, checks.check_name, checks.partition, checks.execution_status
    )
    wanted = (select(events.run_id).where(events.id.in_(newest)), select(checks.run_id).where(checks.id.in_(outcomes)))
    with storage.index_connection() as connection:
        return {run_id for each in wanted for (run_id,) in connection.execute(each)}


def delete(instance: dg.DagsterInstance, storage: SqlEventLogStorage, runs: Sequence[str]) -> None:
    """Delete runs with the outcomes of their checks, their events and logs; the run last, so that none is half gone.

    Not ``delete_run`` of Dagster: it leaves checks and logs, and opens the file of each run's events to empty it.
    """
    checks = AssetCheckExecutionsTable
    with storage.index_connection() as connection:
        connection.execute(checks.delete().where(checks.c.run_id.in_(runs)))
        for run_id in runs:
            storage.delete_events_for_run(connection, run_id)
    for run_id in runs:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        if isinstance(storage, SqliteEventLogStorage):
            for suffix in ("", "-wal", "-shm"):
                files.remove(Path(f"{storage.path_for_shard(run_id)}{suffix}"))
        instance.run_storage.delete_run(run_id)


def forget_unasked(instance: dg.DagsterInstance, run_id: str) -> None:
    """Forget the plans of checks whose steps a run that fails did not begin, which Dagster shows as checks that failed.

    Their last outcomes stand. A step that was begun and broke off stays as it is: its checks did fail to run.
    """
    storage, checks = instance.event_log_storage, AssetCheckExecutionsTable
    if not isinstance(storage, SqlEventLogStorage):
        return
    kinds = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
    events = [each.dagster_event for each in instance.all_logs(run_id, of_type=kinds) if each.dagster_event]
    begun = {each.step_key for each in events if each.is_step_start}
    plans = [each.asset_check_planned_data for each in events if not each.is_step_start and each.step_key not in begun]
    planned = checks.c.execution_status == AssetCheckExecutionRecordStatus.PLANNED.value
    with storage.index_connection() as connection:
        for plan in plans:
            of_check = checks.c.asset_key == plan.asset_key.to_string(), checks.c.check_name == plan.check_name
            connection.execute(checks.delete().where(checks.c.run_id == run_id, planned, *of_check))
