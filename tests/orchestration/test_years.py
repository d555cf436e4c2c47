"""Which years there are follows from what was received: a clock that is wrong takes none and computes no more."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from dti_platform import methodology
from dti_platform.orchestration import partitions
from dti_platform.orchestration.build import build
from dti_platform.orchestration.liveness import JOB
from dti_platform.orchestration.partitions import ZONE, as_years, years
from dti_platform.orchestration.run import range_of_all, run_main_job
from dti_platform.pipeline import Platform
from dti_platform.pipeline.standing_years import StandingYears
from dti_platform.storage import Ledger, Store
from dti_platform.storage.objects import LocalObjects
from tests.storage.samples import DESCRIPTIONS, tables

FIRST, NEWEST = 2020, 2024
CLOCKS = [1970, 2000, *range(2015, 2031), 2038, 2100]


@pytest.mark.parametrize("year", CLOCKS)
def test_twenty_clocks_hold_every_year_that_was_received(year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    day = dt.datetime(year, 6, 1, tzinfo=ZoneInfo(ZONE))
    monkeypatch.setattr(partitions, "current_year", lambda: year)
    known = as_years(years(FIRST, NEWEST).get_partition_keys(current_time=day))
    assert known == list(range(FIRST, max(year, NEWEST) + 1))


@pytest.mark.parametrize("year", ["2020", "2024"])
def test_the_beginning_of_a_year_is_remembered_as_dagster_works_it_out(year: str) -> None:
    remembered = getattr(dg.TimeWindowPartitionsDefinition, partitions.START)
    begins = remembered.__wrapped__(years(FIRST), year)
    assert (
        begins == years(FIRST).start_time_for_partition_key(year) == dt.datetime(int(year), 1, 1, tzinfo=ZoneInfo(ZONE))
    )


def test_the_committed_feeds_and_the_stored_tables_say_the_newest_year_and_the_inbox_does_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.newest_year() == 0
    for place in ("feeds/provincial_report/2022-S1", "inbox/provincial_report/2099"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.csv").write_bytes(b"content")
    assert store.newest_year() == 2022


def test_the_years_reach_the_last_in_which_a_framework_is_in_force_and_those_that_were_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last(store: Store) -> int:
        partitions_def = build(store).resolve_job_def(JOB).partitions_def
        assert partitions_def is not None
        return as_years(partitions_def.get_partition_keys(current_time=dt.datetime(2000, 6, 1, tzinfo=ZoneInfo(ZONE))))[
            -1
        ]

    monkeypatch.setattr(partitions, "current_year", lambda: 2000)
    store, newest = Store(tmp_path), methodology.load().last_year
    assert last(store) == newest >= NEWEST
    store.releases.publish(tables(), DESCRIPTIONS, record={"years": [newest, newest + 1]})
    assert last(store) == newest + 1


def test_a_run_that_could_not_be_written_down_does_not_begin(tmp_path: Path) -> None:
    store = Store(tmp_path)
    Ledger(LocalObjects(tmp_path / "ledger"), lambda: dt.datetime(2999, 1, 1, tzinfo=dt.UTC)).append("run", {})
    outcome = run_main_job(store)
    assert not outcome.success
    assert "set the clock right, or say why it is right with `dti run --accept-clock" in str(outcome.failure)
    assert len(store.ledger.entries()) == 1


def test_a_new_history_is_told_of_every_year_and_a_run_has_one_at_least(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform(Store(tmp_path / "data"), all_years=(2020, 2021, 2022))
    monkeypatch.setattr(StandingYears, "changed", lambda *_: [])
    assert range_of_all(platform, dg.DagsterInstance.ephemeral()) == (2022, 2022)
    with dg.instance_for_test() as history:
        assert range_of_all(platform, history) == (2020, 2022)
        for year in ("2020", "2022"):
            history.report_runless_asset_event(dg.AssetMaterialization("rankings", partition=year))
        assert range_of_all(platform, history) == (2021, 2021)


@pytest.mark.heavy
@pytest.mark.parametrize("year", [2000, 2021, 2100])
def test_a_run_under_a_wrong_clock_releases_what_one_under_the_right_clock_does(
    year: int, tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Path("feeds", "published_results")
    stores = [Store(tmp_path / name) for name in ("right", "wrong")]
    for store in stores:
        shutil.copytree(project / "data" / feed / "2022", store.root / feed / "2022")
    right = run_main_job(stores[0])
    now = dt.datetime(year, 6, 1, tzinfo=ZoneInfo(ZONE))
    monkeypatch.setattr(partitions, "current_year", lambda: year)
    with freeze_time(now):
        wrong = run_main_job(stores[1])
    assert right.success, right.failure
    assert wrong.success, wrong.failure
    assert (wrong.years, wrong.release) == (right.years, right.release)
