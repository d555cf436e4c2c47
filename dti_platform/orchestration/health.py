"""Is Dagster's side well? The checks that need Dagster, in a process of their own: ``python -m`` this module.

They may hang (a database that doesn't answer), or end the process (code that can't be loaded), and cost seconds: so
``dti doctor`` starts them beside its own checks, and gives up in time. Here: these checks, found as those of
``operations.checks`` are, and saying their answers, one a line. Not here: what a check is (``operations.health``), and
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

#: Dagster itself takes a daemon for alive for half an hour after its last heartbeat.
STALE = timedelta(seconds=STALE_SECONDS)
#: A run that waits for longer in the queue than any run takes.
LONGEST_QUEUED = timedelta(hours=2)
KILLED = "`./dti run` once: it marks them failed, as `./dti ui` and the sensor of the inbox do, and does their work"


class Asked:
    """The history of runs, opened by the first check that needs it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.opened: dg.DagsterInstance | None = None


def history(asked: Asked) -> Finding:
    """DAGSTER_HOME and its dagster.yaml are in order, its storage opens, and its tables are of this version."""
    home = asked.place.home
    if home is None:
        return not_asked("DAGSTER_HOME is not set: runs leave no history")
    if not (home / "dagster.yaml").is_file():
        fix = "any command, such as `./dti releases`, puts it there; see DAGSTER_HOME"
        if os.environ.get(liveness.DATABASE):
            fix = "put it there from deploy/dagster.production.yaml, or from a backup (settings/dagster.yaml)"
        return Finding("broken", f"{home}: there is no dagster.yaml", fix)
    try:
        opened = liveness.instance()
    except liveness.NoHistory as error:
        fix = "correct dagster.yaml, or move a damaged file away"
        if os.environ.get(liveness.DATABASE):
            fix = f"start PostgreSQL ({liveness.START_DATABASE}), or correct {liveness.DATABASE} or dagster.yaml"
        return Finding("broken", str(error), fix)
    for storage in (opened.run_storage, opened.event_log_storage, opened.schedule_storage):
        known = storage.alembic_version() if storage else None
        if known and known[0] != known[1]:
            about = f"{home}: the tables of the history are of {known[0]}, this version needs {known[1]}"
            return Finding("broken", about, "back up, stop UI and daemon, then `.venv/bin/dagster instance migrate`")
    asked.opened = opened
    return ok(f"the history of runs in {home} opens, its tables are of this version")


def runs(asked: Asked) -> Finding:
    """No run is called started whose process is gone, and none waits in the queue for too long."""
    if asked.opened is None:
        return not_asked("there is no history of runs")
    place, holder = asked.place, asked.place.store.holder("run")
    active = asked.opened.get_run_records(dg.RunsFilter(statuses=liveness.ACTIVE))
    ours = [each for each in active if each.dagster_run.job_name in liveness.JOBS]
    if dead := [each.dagster_run.run_id[:8] for each in ours if not liveness.alive(each, holder)]:
        return Finding("broken", f"runs {', '.join(dead)} are called at work, but their processes are gone", KILLED)
    queued = asked.opened.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    if old := [
        each.dagster_run.run_id[:8] for each in queued if place.now - _utc(each.create_timestamp) > LONGEST_QUEUED
    ]:
        fix = "see whether the daemon lives and what the run at work waits for (`./dti ui`, Runs)"
        return Finding("broken", f"runs {', '.join(old)} wait in the queue for more than two hours", fix)
    return ok(f"{len(ours)} runs are at work, {len(queued)} wait")


def recent_run(asked: Asked) -> Finding:
    """A run ended well not too long ago, where an age is set; the ledger has none of those that added nothing."""
    hours = asked.place.settings.run_within_hours
    if asked.opened is None or not hours:
        return not_asked("any age of the last run is well (DTI_RUN_WITHIN_HOURS)")
    well = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    ended = [_utc(each.update_timestamp) for each in asked.opened.get_run_records(well, limit=1)]
    if ended and asked.place.now - ended[0] <= timedelta(hours=hours):
        return ok(f"a run ended well at {ended[0]:%Y-%m-%dT%H:%M:%SZ}")
    about = f"no run has ended well for more than {hours:g} hours in {asked.place.home}"
    return Finding("broken", about, "see whether its timer or the daemon lives, then `./dti run`")


def daemon(asked: Asked) -> Finding:
    """The daemon lives, where one is expected: it starts schedules, sensors and queued runs."""
    expected = asked.place.settings.daemon
    if asked.opened is None or expected == "none":
        return not_asked("no daemon is expected (DTI_DAEMON)" if expected == "none" else "there is no history of runs")
    beats = asked.opened.get_daemon_heartbeats()
    if not beats and expected == "auto":
        return not_asked("no daemon ever lived here (DTI_DAEMON)")
    fix = "start it (`systemctl start dti-code dti-daemon`, or `./dti ui`); where none should live: DTI_DAEMON=none"
    last = {kind: datetime.fromtimestamp(beat.timestamp, UTC) for kind, beat in beats.items()}
    dead = [
        kind
        for kind in asked.opened.get_required_daemon_types()
        if kind not in last or asked.place.now - last[kind] > STALE
    ]
    if dead:
        since = f"since {max(last.values()):%Y-%m-%dT%H:%M:%SZ}" if last else "and never did"
        return Finding("broken", f"the daemon does not live, {since}: {', '.join(dead)}", fix)
    if errors := [f"{kind}: {beat.errors[0].message.strip()}" for kind, beat in beats.items() if beat.errors]:
        return Finding("warning", f"the daemon lives, but says {errors[0]}", "read its log; it tries again")
    return ok(f"the daemon lives ({len(last)} parts)")


def launcher(asked: Asked) -> Finding:
    """What dagster.yaml names for launching and queueing runs is installed; one that isn't ends this process."""
    if asked.opened is None:
        return not_asked("there is no history of runs")
    used = [type(each).__name__ for each in (asked.opened.run_coordinator, asked.opened.run_launcher)]
    return ok(f"runs go by {' and '.join(used)}")


def definitions(asked: Asked) -> Finding:
    """The code location loads: feeds, frameworks, suites and assets are in order."""
    from dti_platform.orchestration.build import build

    built = build(asked.place.store)
    dg.Definitions.validate_loadable(built)
    return ok("assets, checks, schedules and sensors load")


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def main() -> None:
    """Ask each check but those of the arguments; say on standard output which, how many are left, and its answer."""
    asked = Asked(Place.of(Store.from_environment(), os.environ.get("DAGSTER_HOME")))
    left_out = (main.__name__, *sys.argv[1:])
    checks = {name: each for name, each in public_functions(sys.modules[__name__]).items() if name not in left_out}
    for left, (name, check) in zip(reversed(range(len(checks))), checks.items(), strict=True):
        sys.stdout.write(f"{json.dumps({'asked': name, 'left': left})}\n")
        sys.stdout.flush()
        for answer in ask({name: check}, asked):
            sys.stdout.write(f"{json.dumps(answer)}\n")
    if asked.opened:
        asked.opened.dispose()


if __name__ == "__main__":
    main()
