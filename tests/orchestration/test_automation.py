"""Schedules and the inbox sensor: when a run is asked for, and what is said when it is not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from dti_platform.orchestration import liveness
from dti_platform.orchestration.automation import MOST_KILLED, RHYTHMS, SETTLED_SECONDS, inbox, schedules
from dti_platform.orchestration.build import resource
from dti_platform.orchestration.liveness import PROCESS, Process
from dti_platform.orchestration.partitions import years
from dti_platform.periods import Period
from dti_platform.pipeline import Platform
from dti_platform.pipeline.inputs import Arrivals
from dti_platform.storage import Store, not_taken

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(Store(tmp_path))


def arrive(platform: Platform, period: str, name: str, content: bytes) -> Path:
    folder = platform.store.inbox / "provincial_report" / period
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def look(
    platform: Platform, cursor: str | None, instance: dg.DagsterInstance | None = None
) -> tuple[dg.RunRequest | dg.SkipReason, str | None]:
    context = dg.build_sensor_context(instance or dg.DagsterInstance.ephemeral(), cursor=cursor)
    return inbox("dti_main", platform.arrivals, years(2020))(context), context.cursor


def test_an_empty_inbox_is_a_named_skip(platform: Platform) -> None:
    answer, _ = look(platform, None)
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message == "nothing new in the inbox"


def test_while_the_inbox_changes_its_files_are_left_then_all_make_one_run(platform: Platform) -> None:
    growing = arrive(platform, "2022-S1", "a.csv", b"half")
    first, cursor = look(platform, None)
    growing.write_bytes(b"the whole of it")
    second, cursor = look(platform, cursor)
    arrive(platform, "2024", "b.csv", b"another")
    third, cursor = look(platform, cursor)
    fourth, _ = look(platform, cursor)
    for answer in (first, second, third):
        assert isinstance(answer, dg.SkipReason)
        assert answer.skip_message == "a file is still being written"
    assert isinstance(fourth, dg.RunRequest)
    assert fourth.tags["arrivals"] == "2"
    assert fourth.tags["dagster/asset_partition_range_start"] == "2022"
    assert fourth.tags["dagster/asset_partition_range_end"] == "2024"


def test_a_file_that_never_ceases_to_grow_holds_no_other_up_for_long(platform: Platform) -> None:
    still = arrive(platform, "2022-S1", "a.csv", b"whole")
    growing = arrive(platform, "2022-S1", "b.csv", b"half")
    _, cursor = look(platform, None)
    growing.write_bytes(b"half and more")
    long_ago = time.time() - SETTLED_SECONDS
    os.utime(still, (long_ago, long_ago))
    answer, _ = look(platform, cursor)
    assert isinstance(answer, dg.RunRequest)
    assert answer.tags["arrivals"] == "1"


def test_the_cursor_is_one_hash_and_those_of_earlier_versions_are_understood(platform: Platform) -> None:
    files = [arrive(platform, "2022-S1", f"{number}.csv", b"content") for number in range(99)]
    _, cursor = look(platform, None)
    assert cursor
    assert len(cursor) == 64
    marks = {str(path): f"{path.stat().st_size}-{path.stat().st_mtime_ns}" for path in reversed(files)}
    answer, after = look(platform, json.dumps(marks))
    assert isinstance(answer, dg.RunRequest)
    assert after == cursor


def test_a_file_whose_name_is_no_text_asks_for_a_run(platform: Platform) -> None:
    arrive(platform, "2022", "\udc80.csv", b"1")
    _, cursor = look(platform, None)
    request, _ = look(platform, cursor)
    assert isinstance(request, dg.RunRequest)


def test_what_is_landed_asks_for_no_run_again(platform: Platform) -> None:
    arrive(platform, "2022-S1", "a.csv", b"content")
    _, cursor = look(platform, None)
    platform.arrivals.land()
    answer, _ = look(platform, cursor)
    assert isinstance(answer, dg.SkipReason)


def test_a_year_that_the_platform_does_not_hold_asks_for_the_nearest(platform: Platform) -> None:
    for period in ("1990", "2099"):
        arrive(platform, period, "a.csv", b"content")
    _, cursor = look(platform, None)
    answer, _ = look(platform, cursor)
    assert isinstance(answer, dg.RunRequest)
    span = [answer.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end")]
    assert span[0] == "2020"
    assert 2026 <= int(span[1]) < 2099


def test_what_can_not_be_taken_asks_for_no_run(platform: Platform) -> None:
    for period in ("latest", "2022-13", "2022 (1)"):
        arrive(platform, period, "a.csv", b"content")
    arrive(platform, "2022", "~$a.xlsx", b"lock")
    arrive(platform, "2022", "a.csv.part", b"half")
    _, cursor = look(platform, None)
    answer, _ = look(platform, cursor)
    assert isinstance(answer, dg.SkipReason)


def test_what_vanishes_between_two_looks_is_no_error(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    path = arrive(platform, "2022", "a.csv", b"content")
    _, cursor = look(platform, None)
    arrived = platform.arrivals.inbox()
    path.unlink()
    monkeypatch.setattr(Arrivals, "inbox", lambda _: arrived)
    answer, _ = look(platform, cursor)
    assert isinstance(answer, dg.SkipReason)
    assert platform.arrivals.waiting(arrived) == []


def asked(platform: Platform, instance: dg.DagsterInstance, cursor: str | None) -> dg.RunRequest:
    answer, _ = look(platform, cursor, instance)
    assert isinstance(answer, dg.RunRequest), answer
    return answer


def execute(platform: Platform, instance: dg.DagsterInstance, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    """What the daemon does with what a sensor asks for, as far as the resources of a run: without its assets."""

    @dg.job(resource_defs={"platform": resource(platform, 0)})
    def dti_main() -> None:
        dg.op(name="hold", required_resource_keys={"platform"})(lambda _: None)()

    tags = {**request.tags, "dagster/run_key": request.run_key or ""}
    return dti_main.execute_in_process(instance=instance, tags=tags, raise_on_error=False)


def test_while_the_data_is_held_what_arrived_waits_without_using_up_its_key(platform: Platform) -> None:
    arrive(platform, "2022-S1", "a.csv", b"content")
    instance = dg.DagsterInstance.ephemeral()
    _, cursor = look(platform, None, instance)
    with platform.store.lock("run", "0123-the-other-run"):
        answer, cursor = look(platform, cursor, instance)
        assert isinstance(answer, dg.SkipReason)
        assert answer.skip_message == "run 0123-the-other-run holds the data: what arrived waits until it has ended"
    assert asked(platform, instance, cursor).tags["arrivals"] == "1"


def test_a_run_that_met_a_held_lock_is_asked_for_again_and_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dti_platform.storage.locks.LOOK", 0.0)
    arrive(platform, "2022-S1", "a.csv", b"content")
    instance = dg.DagsterInstance.ephemeral()
    _, cursor = look(platform, None, instance)
    keys: list[str | None] = []
    for _ in range(5):
        request = asked(platform, instance, cursor)
        keys.append(request.run_key)
        assert asked(platform, instance, cursor).run_key == request.run_key  # no second run while it waits
        with platform.store.lock("run", "0123-the-other-run"):
            assert not execute(platform, instance, request).success
    request = asked(platform, instance, cursor)
    assert len({*keys, request.run_key}) == 6
    assert execute(platform, instance, request).success
    assert asked(platform, instance, cursor).run_key == request.run_key  # it has had its turn


def test_files_whose_runs_are_killed_are_asked_for_again_a_few_times(platform: Platform) -> None:
    arrive(platform, "2022-S1", "a.csv", b"content")
    instance = dg.DagsterInstance.ephemeral()
    _, cursor = look(platform, None, instance)
    keys: list[str | None] = []
    for number in range(6):
        request = asked(platform, instance, cursor)
        keys.append(request.run_key)
        run_id = f"run-{number}"
        process = Process(run_id, socket.gethostname(), "an-earlier-boot", "1", "1")
        tags = {**request.tags, PROCESS: str(process)}
        instance.add_run(dg.DagsterRun("dti_main", run_id=run_id, status=dg.DagsterRunStatus.STARTED, tags=tags))
    assert len(set(keys)) == MOST_KILLED + 1


def test_files_whose_killed_run_dagster_tries_again_are_not_asked_for_beside_it(platform: Platform) -> None:
    arrive(platform, "2022-S1", "a.csv", b"content")
    instance = dg.DagsterInstance.ephemeral()
    _, cursor = look(platform, None, instance)
    request = asked(platform, instance, cursor)
    first = {**request.tags, liveness.KILLED: "first", "dagster/will_retry": "true"}
    again = {**request.tags, liveness.KILLED: "first", "dagster/retry_number": "1"}  # it takes over that tag
    for run_id, tags in (("first", first), ("again", again)):
        instance.add_run(dg.DagsterRun("dti_main", run_id=run_id, status=dg.DagsterRunStatus.FAILURE, tags=tags))
    assert asked(platform, instance, cursor).run_key == request.run_key


@pytest.mark.parametrize("patient", [True, False])
def test_a_run_leaves_what_still_grows_and_names_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, *, patient: bool
) -> None:
    still = arrive(platform, "2022", "still.csv", b"whole")
    growing = arrive(platform, "2022", "growing.csv", b"half")
    monkeypatch.setattr("time.sleep", lambda _: growing.write_bytes(b"half and more"))
    landed = platform.arrivals.land(patient=patient)
    assert landed.new == 1
    assert [(each.name, each.refusal) for each in landed.refused] == [(growing.name, not_taken("growing"))]
    assert [each.name for each in platform.store.landing.receipts()] == [still.name]
    monkeypatch.undo()
    assert platform.arrivals.land().new == 1


#: By schedule: the day on which it ticks, the period that it asks for, and those of inputs that it runs for.
TICKS = [
    ("monthly_national_report", (2027, 1, 5), "2026-M12", ["2026-M12", "2026-12-22"]),
    ("monthly_national_report", (2027, 3, 5), "2027-M02", ["2027-M02"]),
    ("half_year_provincial_report", (2027, 1, 20), "2026-S2", ["2026-S2", "2026-Q4", "2026-M12"]),
    ("half_year_provincial_report", (2027, 7, 20), "2027-S1", ["2027-S1", "2027-M06", "2027-06-30"]),
    ("yearly_self_assessment", (2027, 3, 1), "2026", ["2026"]),
    ("yearly_published_results", (2027, 8, 1), "2026", ["2026"]),
    ("yearly_published_results", (2027, 12, 1), "2026", ["2026"]),
]


def tick(platform: Platform, name: str, day: tuple[int, int, int]) -> dg.RunRequest | dg.SkipReason:
    """What a schedule asks for at six in the morning in Vietnam."""
    schedule = next(each for each in schedules("dti_main", platform.arrivals) if each.name == name)
    assert schedule.execution_timezone == "Asia/Ho_Chi_Minh"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    at = datetime(*day, 6, tzinfo=ZONE).astimezone(UTC)
    return schedule(dg.build_schedule_context(scheduled_execution_time=at))


def test_every_schedule_has_its_ticks() -> None:
    assert {rhythm.name for rhythm in RHYTHMS} == {name for name, *_ in TICKS}


@pytest.mark.parametrize(("name", "day", "period", "inputs"), TICKS)
def test_a_schedule_asks_for_the_period_just_ended(
    platform: Platform, name: str, day: tuple[int, int, int], period: str, inputs: list[str]
) -> None:
    feed = next(rhythm.feed for rhythm in RHYTHMS if rhythm.name == name)
    for other in (str(day[0]), f"{day[0]}-M{day[1]:02}", str(day[0] - 2)):
        platform.store.landing.receive(b"content", feed=feed, period=other, name="file")
    skipped = tick(platform, name, day)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"no input of {feed} for {period} in the feeds or the inbox"
    platform.store.landing.receive(b"content", feed=feed, period=inputs[-1], name="file")
    asked = tick(platform, name, day)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == period[:4]


@pytest.mark.parametrize(("name", "day", "period", "inputs"), TICKS)
def test_a_schedule_takes_what_is_of_the_period_or_of_a_part_of_it(
    platform: Platform, name: str, day: tuple[int, int, int], period: str, inputs: list[str]
) -> None:
    feed = next(rhythm.feed for rhythm in RHYTHMS if rhythm.name == name)
    for each in inputs:
        assert Period.parse(period).contains(Period.parse(each))
        folder = platform.store.inbox / feed / each
        folder.mkdir(parents=True)
        (folder / "a.csv").write_bytes(b"content")
        assert isinstance(tick(platform, name, day), dg.RunRequest)
        shutil.rmtree(folder)
