"""How long Dagster keeps a run: old runs are deleted, except those that the pages of assets show.

Here: which runs may be deleted, deleting a few of them when a run begins, and deleting the planned checks that a failed
run did not reach. Not here: ticks of schedules and sensors (``retention`` of ``dagster.yaml``), and the ledger, which
keeps everything.
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

#: How many runs are deleted at once, so that the run that deletes them is hardly delayed.
MOST_AT_ONCE = 20
#: States of a run that has ended.
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune(instance: dg.DagsterInstance, days: int) -> list[str]:
    """Delete the oldest runs with all their events; give their ids.

    A run is kept if it began within the days, is at work, or has the newest event of an asset, a partition or a check.
    """
    storage = instance.event_log_storage
    cutoff = datetime.now(UTC) - timedelta(days=days)
    expired = instance.get_run_records(dg.RunsFilter(created_before=cutoff, statuses=ENDED), limit=1)
    if not (expired and isinstance(storage, SqlEventLogStorage)):
        return []
    holding = holders(storage)
    limit = MOST_AT_ONCE + len(holding)
    filters = [dg.RunsFilter(job_name=job, created_before=cutoff, statuses=ENDED) for job in JOBS]
    oldest = [
        record for run_filter in filters for record in instance.get_run_records(run_filter, limit=limit, ascending=True)
    ]
    deleted = [run_id for record in oldest if (run_id := record.dagster_run.run_id) not in holding][:MOST_AT_ONCE]
    delete(instance, storage, deleted)
    return deleted


def holders(storage: SqlEventLogStorage) -> set[str]:
    """The runs that have the newest event of each type of an asset and partition, or the newest outcome of a check."""
    events, checks = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c
    newest = (
        select(func.max(events.id))
        .where(events.asset_key.is_not(None))
        .group_by(events.asset_key, events.dagster_event_type, events.partition)
    )
    outcomes = select(func.max(checks.id)).group_by(
        checks.asset_key, checks.check_name, checks.partition, checks.execution_status
    )
    queries = (select(events.run_id).where(events.id.in_(newest)), select(checks.run_id).where(checks.id.in_(outcomes)))
    with storage.index_connection() as connection:
        return {run_id for query in queries for (run_id,) in connection.execute(query)}


def delete(instance: dg.DagsterInstance, storage: SqlEventLogStorage, runs: Sequence[str]) -> None:
    """Delete runs with the outcomes of their checks, events and logs; the run last, so that none is half deleted.

    Dagster's ``delete_run`` leaves checks and logs, and opens the file of each run's events to empty it.
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


def forget_plans(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete the planned checks of steps that a failed run did not start, which Dagster shows as failed checks.

    Their last outcomes remain. The plans of a step that started and broke off are kept: its checks did fail to run.
    """
    storage, checks = instance.event_log_storage, AssetCheckExecutionsTable
    if not isinstance(storage, SqlEventLogStorage):
        return
    kinds = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
    events = [entry.dagster_event for entry in instance.all_logs(run_id, of_type=kinds) if entry.dagster_event]
    started = {event.step_key for event in events if event.is_step_start}
    plans = [
        event.asset_check_planned_data for event in events if not event.is_step_start and event.step_key not in started
    ]
    planned = checks.c.execution_status == AssetCheckExecutionRecordStatus.PLANNED.value
    with storage.index_connection() as connection:
        for plan in plans:
            same_check = checks.c.asset_key == plan.asset_key.to_string(), checks.c.check_name == plan.check_name
            connection.execute(checks.delete().where(checks.c.run_id == run_id, planned, *same_check))
