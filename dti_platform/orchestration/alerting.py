"""Alerts from Dagster: the sensor that checks twice a minute, and failed runs that only Dagster knows of.

Here: the sensor, and the same check at the end of a run of the command line. Not here: the causes, which of them were
already sent, and sending (``operations``).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform.operations import stopped
from dti_platform.operations.channels import configured
from dti_platform.operations.health import Place
from dti_platform.operations.telling import kinds, standing, tell
from dti_platform.orchestration.liveness import JOBS
from dti_platform.orchestration.retention import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dti_platform.operations.alert import Alert
    from dti_platform.storage import Store

#: How often the sensor checks.
EVERY_SECONDS = 30
#: The error of a run that found another run at work: nobody needs an alert about it.
MET_ANOTHER = "Locked"


def sensor(store: Store) -> dg.SensorDefinition:
    """The sensor that sends alerts, once for each cause."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells by mail and webhook, once a cause: a run that failed, a check that stops it, a candidate "
        "that waits, a file that was refused, a feed that is late, a disk that is full. Off until DTI_ALERT_* names a "
        "mail server or an address.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """Send what is due; never request a run."""
        place = Place.of(store, os.environ.get("DAGSTER_HOME"))
        if not configured(place.settings):
            return dg.SkipReason("no alerts are configured (DTI_ALERT_*)")
        causes, failed = look(place, context.instance)
        return dg.SkipReason("; ".join(failed) or f"{len(causes)} causes stand, all alerts were sent")

    return alerts


def look(place: Place, instance: dg.DagsterInstance | None) -> tuple[list[Alert], list[str]]:
    """The causes that stand now, and the errors of the channels that failed to send them."""
    causes = [*standing(place), *(unrecorded(place, instance) if instance else ())]
    return causes, tell(place, causes, kinds())


def after_run(store: Store, instance: dg.DagsterInstance) -> list[str]:
    """Send alerts at the end of a run of the command line, where they are configured; give the errors of sending."""
    place = Place.of(store, os.environ.get("DAGSTER_HOME"))
    return look(place, instance)[1] if configured(place.settings) else []


def unrecorded(place: Place, instance: dg.DagsterInstance) -> Iterator[Alert]:
    """The alert of the last run to end, where it failed before it held the lock, so that the ledger has no entry."""
    ended = [instance.get_run_records(dg.RunsFilter(job_name=job, statuses=ENDED), limit=1) for job in JOBS]
    newest = max(
        (record for records in ended for record in records), key=lambda record: record.storage_id, default=None
    )
    if newest is None or newest.dagster_run.status != dg.DagsterRunStatus.FAILURE:
        return
    run_id = newest.dagster_run.run_id
    if any(entry.body["run"] == run_id for entry in place.store.ledger.entries("run")):
        return
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE):
        data = entry.dagster_event.job_failure_data if entry.dagster_event else None
        error = data.error and (data.error.cause or data.error) if data else None
        if error is None or error.cls_name != MET_ANOTHER:
            reason = error.message.strip().splitlines()[0] if error else entry.user_message or entry.message
            latest = place.store.releases.newest()
            yield stopped.alert(place, run_id, reason, latest.name if latest else None)
        return
