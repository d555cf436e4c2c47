"""Runs of long ago go, with all that they left, and the pages of the assets show what they showed before."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.events import (
    AssetMaterializationPlannedData,
    AssetObservationData,
    DagsterEvent,
    DagsterEventType,
    EventSpecificData,
    StepMaterializationData,
)
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.runs.schema import RunsTable
from sqlalchemy import select

from dti_platform.orchestration.liveness import JOB
from dti_platform.orchestration.retention import MOST_AT_ONCE, forget_plans, prune

DAYS = 400
YEARS = [str(year) for year in range(2020, 2026)]
ASSETS = [dg.AssetKey("scores"), dg.AssetKey("release"), dg.AssetKey(["feeds", "national_report"])]
CHECK = dg.AssetCheckKey(ASSETS[0], "ranks_are_whole")
TYPES = DagsterEventType


@pytest.fixture
def instance(used_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    shutil.copytree(used_home, tmp_path, dirs_exist_ok=True)
    with dg.DagsterInstance.from_config(str(tmp_path)) as opened:
        yield opened


class History:
    """Runs as if they had begun long ago, without their steps: one is told of by the events that pages show."""

    def __init__(self, instance: dg.DagsterInstance, seed: int) -> None:
        self.instance, self.draw = instance, random.Random(seed)
        self.newest: dict[object, str] = {}

    def run(self, days: float, *, status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS, job: str = JOB) -> str:
        """A run that begins so many days ago, makes a year, and at times all the rest."""
        run = dg.DagsterRun(job, status=status)
        self.instance.add_run(run)
        began = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)
        storage = self.instance.run_storage
        assert isinstance(storage, SqliteRunStorage)
        with storage.connect() as connection:
            changed = RunsTable.update().where(RunsTable.c.run_id == run.run_id)
            connection.execute(changed.values(create_timestamp=began))
        if status == dg.DagsterRunStatus.SUCCESS:
            self.succeed(run)
        return run.run_id

    def succeed(self, run: dg.DagsterRun) -> None:
        """A year made and checked; at times the release and a feed, and at times the release only looked at."""
        year, metadata = self.draw.choice(YEARS), {"rows": dg.IntMetadataValue(self.draw.randrange(1000))}
        planned = AssetCheckEvaluationPlanned(asset_key=ASSETS[0], check_name=CHECK.name)
        self.say(run, TYPES.ASSET_MATERIALIZATION_PLANNED, AssetMaterializationPlannedData(ASSETS[0], partition=year))
        self.say(run, TYPES.ASSET_CHECK_EVALUATION_PLANNED, planned)
        others: list[tuple[dg.AssetKey, str | None]] = [(each, None) for each in ASSETS[1:]]
        for key, partition in [(ASSETS[0], year), *(others if self.draw.random() < 0.3 else [])]:
            made = dg.AssetMaterialization(key, metadata=metadata, partition=partition, tags={"dti": "1"})
            self.say(run, TYPES.ASSET_MATERIALIZATION, StepMaterializationData(made))
            self.newest[key, partition] = run.run_id
        for partition in (None, year):
            passed = dg.AssetCheckEvaluation(
                asset_key=ASSETS[0], check_name=CHECK.name, passed=True, metadata=metadata, partition=partition
            )
            self.say(run, TYPES.ASSET_CHECK_EVALUATION, passed)
            self.newest[CHECK, partition] = run.run_id
        if self.draw.random() < 0.1:
            seen = dg.AssetObservation(ASSETS[1], metadata=metadata)
            self.say(run, TYPES.ASSET_OBSERVATION, AssetObservationData(seen))
            self.newest["seen"] = run.run_id

    def say(self, run: dg.DagsterRun, kind: DagsterEventType, data: EventSpecificData) -> None:
        self.instance.report_dagster_event(DagsterEvent(kind.value, run.job_name, event_specific_data=data), run.run_id)


def pages(instance: dg.DagsterInstance) -> dict[str, object]:
    """What stands on the pages of the assets: the newest of each asset, partition and check, with its metadata."""
    storage = instance.event_log_storage
    newest: dict[str, object] = {}
    for key in ASSETS:
        for partition in [None, *YEARS]:
            wanted = dg.AssetRecordsFilter(key, asset_partitions=[partition] if partition else None)
            for kind, fetch in (("made", instance.fetch_materializations), ("seen", instance.fetch_observations)):
                newest[f"{key} {partition} {kind}"] = fetch(wanted, limit=1).records
        newest[f"{key} partitions"] = instance.get_materialized_partitions(key)
    newest["assets"] = instance.get_asset_records(ASSETS)
    for partition in [None, *YEARS]:
        wanted_of = PartitionKeyFilter(key=partition)
        newest[f"check {partition}"] = storage.get_latest_asset_check_execution_by_key([CHECK], wanted_of)
    return newest


def left(instance: dg.DagsterInstance) -> dict[str, set[str]]:
    """The runs of which anything is left, by place."""
    storage = instance.event_log_storage
    assert isinstance(storage, SqliteEventLogStorage)
    found: dict[str, set[str]] = {}
    for table in (SqlEventLogStorageTable, AssetCheckExecutionsTable):
        with storage.index_connection() as connection:
            found[table.name] = {run_id for (run_id,) in connection.execute(select(table.c.run_id))}
    files = Path(storage.path_for_shard("any")).parent.glob("*.db*")
    return found | {"files": {path.name.partition(".")[0] for path in files} - {"index", ""}}


def prune_all(instance: dg.DagsterInstance) -> list[str]:
    gone: list[str] = []
    while some := prune(instance, DAYS):
        assert len(some) <= MOST_AT_ONCE
        gone += some
    return gone


@pytest.mark.parametrize("number", [12, pytest.param(500, marks=pytest.mark.heavy)])
def test_runs_are_pruned_to_the_declared_age_and_the_pages_of_assets_stand(
    number: int, instance: dg.DagsterInstance
) -> None:
    history = History(instance, number)
    ages = [2 * DAYS * (number - each - 0.5) / number for each in range(number)]
    runs = {history.run(age): age for age in ages}
    before = pages(instance)
    gone = prune_all(instance)
    assert pages(instance) == before
    old = {each for each, age in runs.items() if age > DAYS}
    assert {*gone} == old - {*history.newest.values()}
    assert len(gone) > number / 4
    assert {each.dagster_run.run_id for each in instance.get_run_records()} == {*runs} - {*gone}
    assert all(found.isdisjoint(gone) for found in left(instance).values())


def test_what_holds_the_newest_of_anything_is_at_work_or_is_not_ours_stays(instance: dg.DagsterInstance) -> None:
    history = History(instance, 1)
    held = history.run(2 * DAYS)
    at_work = history.run(2 * DAYS, status=dg.DagsterRunStatus.STARTED)
    strange = history.run(2 * DAYS, status=dg.DagsterRunStatus.FAILURE, job="another")
    failed = history.run(2 * DAYS, status=dg.DagsterRunStatus.FAILURE)
    assert prune_all(instance) == [failed]
    assert {each.dagster_run.run_id for each in instance.get_run_records()} == {held, at_work, strange}


def test_a_check_that_a_failing_run_did_not_come_to_keeps_its_last_outcome(instance: dg.DagsterInstance) -> None:
    passes = [True]

    @dg.asset(check_specs=[dg.AssetCheckSpec("counted", asset="first", blocking=True)])
    def first() -> Iterator[Any]:
        yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="counted", passed=passes[0])])

    @dg.asset(deps=[first], check_specs=[dg.AssetCheckSpec("summed", asset="second")])
    def second() -> Iterator[Any]:
        if len(passes) > 1:
            raise ValueError(passes)
        yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="summed", passed=True)])

    def outcomes() -> list[str]:
        keys = [
            dg.AssetCheckKey(dg.AssetKey(name), check) for name, check in (("first", "counted"), ("second", "summed"))
        ]
        run = dg.materialize([first, second], instance=instance, raise_on_error=False)
        if not run.success:
            forget_plans(instance, run.run_id)
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
        return [latest[key].status.value for key in keys]

    assert outcomes() == ["SUCCEEDED", "SUCCEEDED"]
    passes[0] = False
    assert outcomes() == ["FAILED", "SUCCEEDED"]
    passes[:] = [True, True]
    assert outcomes() == ["SUCCEEDED", "PLANNED"], "the step was begun, and broke off"
