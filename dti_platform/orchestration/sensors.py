"""The inbox: arrivals are batched into one run; a file that is still being written is left until it is still."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform.orchestration.partitions import ARRIVALS, RANGE, as_years
from dti_platform.storage import year_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dti_platform.pipeline.platform import Platform
    from dti_platform.storage import Arrival

EVERY_SECONDS = 10


def inbox(job: str, platform: Platform, partitions: dg.PartitionsDefinition) -> dg.SensorDefinition:
    """One run for everything that has arrived and stands still."""

    @dg.sensor(
        name="inbox",
        job_name=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Watches data/inbox/<feed>/ and its folders by period: what is new since the last look and no "
        "longer grows is landed and computed in one run.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        arrived = {str(each.path): each for each in platform.inbox()}
        marks = {path: each.mark() for path, each in arrived.items()}
        before: dict[str, str] = json.loads(context.cursor or "{}")
        context.update_cursor(json.dumps(marks))
        waiting = platform.waiting(each for path, each in arrived.items() if before.get(path) == marks[path])
        if not waiting:
            return dg.SkipReason("nothing new in the inbox" if marks == before else "a file is still being written")
        return request(waiting, as_years(partitions.get_partition_keys()))

    return inbox


def request(waiting: Iterable[Arrival], known: Sequence[int]) -> dg.RunRequest:
    """One run over the years of all arrivals; its key is what arrived, so that a second look asks nothing twice.

    A file of a year that the platform does not hold is landed and answered by a run of the nearest that it does.
    """
    arrivals = list(waiting)
    years = [min(max(year_of(each.period), known[0]), known[-1]) for each in arrivals]
    key = hashlib.sha256("\n".join(sorted(f"{each.path} {each.mark()}" for each in arrivals)).encode()).hexdigest()
    span = dict(zip(RANGE, (str(min(years)), str(max(years))), strict=True))
    return dg.RunRequest(run_key=key, tags=span | {ARRIVALS: str(len(arrivals))})
