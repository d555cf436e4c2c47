"""The inbox: arrivals are batched into one run; a file that is still being written is left until it is still."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform.orchestration.partitions import RANGE
from dti_platform.storage import year_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dti_platform.orchestration.platform import Platform
    from dti_platform.storage import Arrival

EVERY_SECONDS = 30


def inbox(job: str, platform: Platform) -> dg.SensorDefinition:
    """One run for everything that has arrived and stands still."""

    @dg.sensor(
        name="inbox",
        job_name=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Watches data/inbox/<feed>/<period>/: what is new since the last look and no longer grows is "
        "landed and computed in one run.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        arrived = {str(each.path): each for each in platform.inbox()}
        marks = {path: each.mark() for path, each in arrived.items()}
        before: dict[str, str] = json.loads(context.cursor or "{}")
        context.update_cursor(json.dumps(marks))
        waiting = platform.waiting(each for path, each in arrived.items() if before.get(path) == marks[path])
        if not waiting:
            return dg.SkipReason("nothing new in the inbox" if marks == before else "a file is still being written")
        return request(waiting)

    return inbox


def request(waiting: Iterable[Arrival]) -> dg.RunRequest:
    """One run over the years of all arrivals; its key is what arrived, so that a second look asks nothing twice."""
    arrivals = list(waiting)
    years = [year_of(each.period) for each in arrivals]
    key = hashlib.sha256("\n".join(sorted(f"{each.path} {each.mark()}" for each in arrivals)).encode()).hexdigest()
    span = dict(zip(RANGE, (str(min(years)), str(max(years))), strict=True))
    return dg.RunRequest(run_key=key, tags=span | {"arrivals": str(len(arrivals))})
