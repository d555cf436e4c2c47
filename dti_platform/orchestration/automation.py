"""When the platform runs by itself: the schedules of the feeds' rhythms, and the sensor of the inbox.

Here: requesting the period of each rhythm, and batching arrivals into one run. A missing input gives a skip with its
reason, and a file that is still being written is left for later. Not here: the rhythms (``pipeline.rhythms``), and
which files may be taken (``pipeline.inputs``).
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform.orchestration import liveness
from dti_platform.orchestration.partitions import ARRIVALS, RANGE, ZONE, as_years
from dti_platform.periods import VIETNAM, just_ended
from dti_platform.pipeline.rhythms import RHYTHMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dti_platform.pipeline.inputs import Arrivals
    from dti_platform.pipeline.rhythms import Rhythm
    from dti_platform.storage import Arrival

#: How often the sensor checks the inbox.
EVERY_SECONDS = 10
#: A file that was not written to for so long is taken even if other files in the inbox still grow.
SETTLED_SECONDS = 60
#: Tags of a run of the sensor: the key of what arrived; and that another run held the lock.
KEY, MET_LOCK = "dti/arrivals", "dti/met_lock"
#: Dagster's tag of a failed run: whether it is retried.
WILL_RETRY = "dagster/will_retry"
#: How many killed runs for the same files let the sensor request another.
MOST_KILLED = 3


def schedule(rhythm: Rhythm, job: str, arrivals: Arrivals) -> dg.ScheduleDefinition:
    """A schedule that requests the partition of the period just ended, or skips because its input is missing."""

    @dg.schedule(
        name=rhythm.name,
        cron_schedule=rhythm.cron,
        execution_timezone=ZONE,
        job_name=job,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{rhythm.why}: looks for {rhythm.feed} of the {rhythm.frequency} just ended and runs the "
        "partition of its year.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """A run of the partition, or the reason to skip."""
        scheduled = context.scheduled_execution_time
        period = just_ended(scheduled.astimezone(VIETNAM).date(), rhythm.frequency)
        if not arrivals.has_any(rhythm.feed, period):
            return dg.SkipReason(f"no input of {rhythm.feed} for {period.text} in the feeds or the inbox")
        return dg.RunRequest(partition_key=str(period.year), run_key=f"{rhythm.name} {scheduled:%Y-%m-%d}")

    return tick


def schedules(job: str, arrivals: Arrivals) -> list[dg.ScheduleDefinition]:
    """Every rhythm as a schedule."""
    return [schedule(rhythm, job, arrivals) for rhythm in RHYTHMS]


def inbox(job: str, arrivals: Arrivals, partitions: dg.PartitionsDefinition) -> dg.SensorDefinition:
    """The sensor of the inbox: one run for all files that have arrived and no longer grow."""

    @dg.sensor(
        name="inbox",
        job_name=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Watches data/inbox/<feed>/ and its folders by period: once nothing changes in it between "
        "two looks, all that is new is landed and computed in one run, which leaves a candidate.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """A run for the files that no longer grow, or the reason to skip."""
        present = arrivals.inbox()
        fingerprint = fingerprint_of({str(arrival.path): arrival.mark() for arrival in present})
        unchanged = fingerprint == previous_fingerprint(context.cursor)
        context.update_cursor(fingerprint)
        liveness.end_dead_runs(context.instance, arrivals.store)
        settled = (arrival for arrival in present if unchanged or not arrival.written_within(SETTLED_SECONDS))
        waiting = arrivals.waiting(settled)
        if not waiting:
            return dg.SkipReason("nothing new in the inbox" if unchanged else "a file is still being written")
        if holder := arrivals.store.holder("run"):
            return dg.SkipReason(f"run {holder} holds the data: what arrived waits until it has ended")
        key = arrivals_key(waiting)
        return request(waiting, as_years(partitions.get_partition_keys()), key, lost_runs(context.instance, key))

    return inbox


def fingerprint_of(marks: Mapping[str, str]) -> str:
    """One hash over the files in the inbox, small because Dagster stores it with every tick."""
    return hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()


def previous_fingerprint(cursor: str | None) -> str:
    """The hash of the previous tick, or of an empty inbox; earlier versions stored every file as JSON."""
    return cursor if cursor and not cursor.startswith("{") else fingerprint_of(json.loads(cursor or "{}"))


def arrivals_key(waiting: Iterable[Arrival]) -> str:
    """The key of what arrived: the same files give the same key."""
    files = sorted(f"{arrival.path} {arrival.mark()}" for arrival in waiting)
    return hashlib.sha256(os.fsencode("\n".join(files))).hexdigest()


def lost_runs(instance: dg.DagsterInstance, key: str) -> int:
    """How many runs for these files ended without a result for another reason: the lock was held, or they were killed.

    Of the killed runs at most MOST_KILLED count: files that kill every run that takes them are left to a person. A run
    that Dagster retries (``run_retries`` of ``dagster.yaml``) does not count: its files have a run.
    """
    runs = [record.dagster_run for record in instance.get_run_records(dg.RunsFilter(tags={KEY: key}))]
    met_lock = sum(MET_LOCK in run.tags for run in runs)
    killed = sum(liveness.was_killed(run) and run.tags.get(WILL_RETRY) != "true" for run in runs)
    return met_lock + min(killed, MOST_KILLED)


def request(arrivals: Sequence[Arrival], known: Sequence[int], key: str, lost_before: int) -> dg.RunRequest:
    """One run over the years of all arrivals; its run key names what arrived, so that no tick requests it twice.

    A file of a year without a partition is landed and answered by a run of the nearest year that has one.

    Args:
        arrivals: the files.
        known: the years that have a partition.
        key: the key of what arrived.
        lost_before: the count of ``lost_runs``; each lets the files be requested again.
    """
    years = [min(max(arrival.year or 0, known[0]), known[-1]) for arrival in arrivals]
    span = dict(zip(RANGE, (str(min(years)), str(max(years))), strict=True))
    run_key = f"{key} {lost_before}" if lost_before else key
    return dg.RunRequest(run_key=run_key, tags=span | {ARRIVALS: str(len(arrivals)), KEY: key})
