"""When the platform runs by itself: the schedules of the feeds' rhythms, and the sensor of the inbox.

Here: asking for the period of each rhythm, and batching arrivals into one run. A missing input is a named skip, and
a file that is still being written is left until it is still. Not here: the rhythms (``pipeline.rhythms``), and which
files may be taken (``pipeline.inputs``).
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

#: How often the sensor looks at the inbox.
EVERY_SECONDS = 10
#: A file that nobody wrote to for so long is taken though others beside it still grow.
SETTLED_SECONDS = 60
#: Tags of a run of the sensor: what arrived, as a key; and that another run held the data.
KEY, MET_LOCK = "dti/arrivals", "dti/met_lock"
#: Dagster's tag of a run that failed: whether it is tried again.
WILL_RETRY = "dagster/will_retry"
#: How many killed runs for the same files let them be asked for again.
MOST_KILLED = 3


def schedule(rhythm: Rhythm, job: str, arrivals: Arrivals) -> dg.ScheduleDefinition:
    """A schedule that asks for the period just ended, by the partition of its year, or says that it is missing."""

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
        """A run of the partition, or why there is none."""
        at = context.scheduled_execution_time
        period = just_ended(at.astimezone(VIETNAM).date(), rhythm.frequency)
        if not arrivals.has_any(rhythm.feed, period):
            return dg.SkipReason(f"no input of {rhythm.feed} for {period.text} in the feeds or the inbox")
        return dg.RunRequest(partition_key=str(period.year), run_key=f"{rhythm.name} {at:%Y-%m-%d}")

    return tick


def schedules(job: str, arrivals: Arrivals) -> list[dg.ScheduleDefinition]:
    """Every rhythm as a schedule."""
    return [schedule(rhythm, job, arrivals) for rhythm in RHYTHMS]


def inbox(job: str, arrivals: Arrivals, partitions: dg.PartitionsDefinition) -> dg.SensorDefinition:
    """One run for everything that has arrived and stands still."""

    @dg.sensor(
        name="inbox",
        job_name=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Watches data/inbox/<feed>/ and its folders by period: once nothing changes in it between "
        "two looks, all that is new is landed and computed in one run, which leaves a candidate.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """A run for the files that no longer grow, or why there is none."""
        present = arrivals.inbox()
        look = look_of({str(each.path): each.mark() for each in present})
        same = look == look_before(context.cursor)
        context.update_cursor(look)
        liveness.end_dead_runs(context.instance, arrivals.store)
        waiting = arrivals.waiting(each for each in present if same or not each.written_within(SETTLED_SECONDS))
        if not waiting:
            return dg.SkipReason("nothing new in the inbox" if same else "a file is still being written")
        if holder := arrivals.store.holder("run"):
            return dg.SkipReason(f"run {holder} holds the data: what arrived waits until it has ended")
        key = key_of(waiting)
        return request(waiting, as_years(partitions.get_partition_keys()), key, lost(context.instance, key))

    return inbox


def look_of(marks: Mapping[str, str]) -> str:
    """What one look at the inbox saw, as one hash: Dagster stores it with every tick."""
    return hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()


def look_before(cursor: str | None) -> str:
    """What the look before saw; earlier versions kept every file of it, and none saw an empty inbox."""
    return cursor if cursor and not cursor.startswith("{") else look_of(json.loads(cursor or "{}"))


def key_of(waiting: Iterable[Arrival]) -> str:
    """What arrived, as a key: the same files give the same one."""
    return hashlib.sha256(os.fsencode("\n".join(sorted(f"{each.path} {each.mark()}" for each in waiting)))).hexdigest()


def lost(instance: dg.DagsterInstance, key: str) -> int:
    """How many runs for these files came to nothing by no fault of theirs: the lock was held, or they were killed.

    Of the killed a few count: files that kill every run that takes them are left to a person. One that Dagster tries
    again (``run_retries`` of ``dagster.yaml``) does not: its files have a run.
    """
    runs = [each.dagster_run for each in instance.get_run_records(dg.RunsFilter(tags={KEY: key}))]
    met = sum(MET_LOCK in run.tags for run in runs)
    killed = sum(liveness.was_killed(run) and run.tags.get(WILL_RETRY) != "true" for run in runs)
    return met + min(killed, MOST_KILLED)


def request(arrivals: Sequence[Arrival], known: Sequence[int], key: str, lost_before: int) -> dg.RunRequest:
    """One run over the years of all arrivals; its key is what arrived, so that a second look asks nothing twice.

    A file of a year that the platform does not hold is landed and answered by a run of the nearest that it does.

    Args:
        arrivals: the files.
        known: the years that the platform holds.
        key: what arrived, as a key.
        lost_before: how many runs for them came to nothing by no fault of theirs; each lets them be asked for again.
    """
    years = [min(max(each.year or 0, known[0]), known[-1]) for each in arrivals]
    span = dict(zip(RANGE, (str(min(years)), str(max(years))), strict=True))
    run_key = f"{key} {lost_before}" if lost_before else key
    return dg.RunRequest(run_key=run_key, tags=span | {ARRIVALS: str(len(arrivals)), KEY: key})
