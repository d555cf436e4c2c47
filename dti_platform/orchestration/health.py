"""The health checks that need Dagster, in a process of their own: ``python -m`` this module.

They may hang (a database that doesn't answer), end the process (code that can't be loaded), and take seconds. So
``dti doctor`` starts them beside its own checks, with a time limit. Here: these checks, discovered like those of
``operations.checks``, and printing their answers, one per line. Not here: what a check is (``operations.health``), and
reading the answers (``operations.beside``).
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta

import dagster as dg

from dti_platform.operations.checks.web import STALE_SECONDS
from dti_platform.operations.health import Finding, Place, ask, not_asked, ok, public_functions
from dti_platform.orchestration import liveness
from dti_platform.storage import Store

#: Dagster itself considers a daemon alive for half an hour after its last heartbeat.
STALE = timedelta(seconds=STALE_SECONDS)
#: The longest time in the queue: no run takes so long that another must wait for longer.
LONGEST_QUEUED = timedelta(hours=2)
KILLED = "`./dti run` once: it marks them as failed, like `./dti ui` and the sensor of the inbox, and does their work"


class Context:
    """What the checks share: the place, and the history of runs, which the first check opens."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.opened: dg.DagsterInstance | None = None


def history(context: Context) -> Finding:
    """DAGSTER_HOME and its dagster.yaml are valid, its storage opens, and its tables are of this version."""
    home = context.place.home
    if home is None:
        return not_asked("DAGSTER_HOME is not set: runs leave no history")
    if not (home / "dagster.yaml").is_file():
        fix = "any command, such as `./dti releases`, creates it; see DAGSTER_HOME"
        if os.environ.get(liveness.DATABASE):
            fix = "copy it from deploy/dagster.production.yaml, or from a backup (settings/dagster.yaml)"
        return Finding("broken", f"{home}: there is no dagster.yaml", fix)
    try:
        opened = liveness.instance()
    except liveness.NoHistory as error:
        fix = "correct dagster.yaml, or move a damaged file away"
        if error.__cause__ and liveness.is_disk_full(error.__cause__, str(home)):
            return Finding("broken", str(error), f"free space on the disk of {home}; nothing in it is damaged")
        if os.environ.get(liveness.DATABASE):
            fix = f"start PostgreSQL ({liveness.START_DATABASE}), or correct {liveness.DATABASE} or dagster.yaml"
        return Finding("broken", str(error), fix)
    for storage in (opened.run_storage, opened.event_log_storage, opened.schedule_storage):
        known = storage.alembic_version() if storage else None
        if known and known[0] != known[1]:
            fault = f"{home}: the tables of the history are of {known[0]}, this version needs {known[1]}"
            fix = "back up, stop UI and daemon, then `.venv/bin/dagster instance migrate` (docs/operations.md, Upgrade)"
            return Finding("broken", fault, fix)
    context.opened = opened
    return ok(f"the history of runs in {home} opens, its tables are of this version")


def runs(context: Context) -> Finding:
    """No run is marked as started whose process is gone, and no run waits in the queue for too long."""
    if context.opened is None:
        return not_asked("there is no history of runs")
    place, holder = context.place, context.place.store.holder("run")
    active = context.opened.get_run_records(dg.RunsFilter(statuses=liveness.ACTIVE))
    ours = [record for record in active if record.dagster_run.job_name in liveness.JOBS]
    if dead := [record.dagster_run.run_id[:8] for record in ours if not liveness.alive(record, holder)]:
        return Finding("broken", f"runs {', '.join(dead)} are marked as running, but their processes are gone", KILLED)
    queued = context.opened.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    if overdue := [
        record.dagster_run.run_id[:8] for record in queued if place.now - _utc(record.create_timestamp) > LONGEST_QUEUED
    ]:
        fix = "see whether the daemon is alive and what the current run waits for (`./dti ui`, Runs)"
        return Finding("broken", f"runs {', '.join(overdue)} wait in the queue for more than two hours", fix)
    return ok(f"{len(ours)} runs are at work, {len(queued)} wait")


def recent_run(context: Context) -> Finding:
    """A run succeeded within the configured hours; the ledger has no entry of runs that added nothing."""
    hours = context.place.settings.run_within_hours
    if context.opened is None or not hours:
        return not_asked("no age of the last run is required (DTI_RUN_WITHIN_HOURS)")
    succeeded = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    ended = [_utc(record.update_timestamp) for record in context.opened.get_run_records(succeeded, limit=1)]
    if ended and context.place.now - ended[0] <= timedelta(hours=hours):
        return ok(f"a run succeeded at {ended[0]:%Y-%m-%dT%H:%M:%SZ}")
    fault = f"no run has succeeded for more than {hours:g} hours in {context.place.home}"
    return Finding("broken", fault, "see whether its timer or the daemon is alive, then `./dti run`")


def daemon(context: Context) -> Finding:
    """The daemon is alive, where one is expected: it starts schedules, sensors and queued runs."""
    expected = context.place.settings.daemon
    if context.opened is None or expected == "none":
        return not_asked("no daemon is expected (DTI_DAEMON)" if expected == "none" else "there is no history of runs")
    beats = context.opened.get_daemon_heartbeats()
    if not beats and expected == "auto":
        return not_asked("no daemon has run here (DTI_DAEMON)")
    fix = "start it (`systemctl start dti-code dti-daemon`, or `./dti ui`); where none is wanted: DTI_DAEMON=none"
    last_beats = {kind: datetime.fromtimestamp(beat.timestamp, UTC) for kind, beat in beats.items()}
    dead = [
        kind
        for kind in context.opened.get_required_daemon_types()
        if kind not in last_beats or context.place.now - last_beats[kind] > STALE
    ]
    if dead:
        since = f"since {max(last_beats.values()):%Y-%m-%dT%H:%M:%SZ}" if last_beats else "and never was"
        return Finding("broken", f"the daemon is not alive, {since}: {', '.join(dead)}", fix)
    if errors := [f"{kind}: {beat.errors[0].message.strip()}" for kind, beat in beats.items() if beat.errors]:
        return Finding("warning", f"the daemon is alive, but reports {errors[0]}", "read its log; it tries again")
    return ok(f"the daemon is alive ({len(last_beats)} parts)")


def launcher(context: Context) -> Finding:
    """The run launcher and run coordinator of dagster.yaml are installed; one that isn't ends this process."""
    if context.opened is None:
        return not_asked("there is no history of runs")
    names = [type(component).__name__ for component in (context.opened.run_coordinator, context.opened.run_launcher)]
    return ok(f"runs use {' and '.join(names)}")


def definitions(context: Context) -> Finding:
    """The code location loads: feeds, frameworks, suites and assets are valid."""
    from dti_platform.orchestration.build import build

    all_definitions = build(context.place.store)
    dg.Definitions.validate_loadable(all_definitions)
    return ok("assets, checks, schedules and sensors load")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def main() -> None:
    """Run each check but those of the arguments; print its name, how many checks remain, and its answer."""
    context = Context(Place.of(Store.from_environment(), os.environ.get("DAGSTER_HOME")))
    excluded = (main.__name__, *sys.argv[1:])
    checks = {name: check for name, check in public_functions(sys.modules[__name__]).items() if name not in excluded}
    for remaining, (name, check) in zip(reversed(range(len(checks))), checks.items(), strict=True):
        sys.stdout.write(f"{json.dumps({'asked': name, 'left': remaining})}\n")
        sys.stdout.flush()
        for answer in ask({name: check}, context):
            sys.stdout.write(f"{json.dumps(answer)}\n")
    if context.opened:
        context.opened.dispose()


if __name__ == "__main__":
    main()
