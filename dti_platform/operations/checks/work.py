"""Checks of the work: who holds the data, what waits for a run or a person, and how old the last of each thing is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dti_platform.operations.health import Finding, not_asked, ok
from dti_platform.storage import printable

if TYPE_CHECKING:
    from dti_platform.operations.health import Place

#: A run that holds the data for longer does not end by itself.
LONGEST_RUN = timedelta(hours=2)
#: In the data root: what the script that makes backups leaves: {"at": ..., "success": true, "target": ..., "why": ""}.
LAST_BACKUP = "last_backup"
#: The units of an age, and their seconds.
UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60}


def lock(place: Place) -> Finding:
    """Nobody holds the data for longer than any run takes; a holder that was killed frees the lock by itself."""
    locks = place.store.root / "locks"
    for name in ("run", "publish"):
        if holder := place.store.holder(name):
            since = _age(place, datetime.fromtimestamp((locks / f"{name}.holder").stat().st_mtime, UTC))
            if since > LONGEST_RUN:
                fix = f"see what it waits for, else end its process (`fuser {locks / f'{name}.lock'}`)"
                return Finding(
                    "broken",
                    f"{printable(holder)} has held the lock `{name}` of {place.store.root} for {_told(since)}",
                    fix,
                )
            return ok(f"{printable(holder)} is at work since {_told(since)}")
    return ok("nobody holds the data")


def inbox(place: Place) -> Finding:
    """No file has lain in the inbox for long that no run has taken."""
    from dti_platform.submissions.folders import may_be_taken, new_arrivals

    long_ago = (place.now - timedelta(hours=place.settings.answer_within_hours)).timestamp()
    old = [each for each in may_be_taken(place.store) if each.path.lstat().st_mtime < long_ago]
    left = new_arrivals(place.store, old)[0] if old else []
    if not left:
        return ok("every file of the inbox is answered, or is new")
    hours, first = f"{place.settings.answer_within_hours:g}", printable(str(left[0].path))
    about = f"{len(left)} files lie in the inbox unanswered for more than {hours} hours, first {first}"
    return Finding("broken", about, "`./dti run` answers them; see why neither the daemon nor a timer did")


def committed_files(place: Place) -> Finding:
    """No committed file lies in its folder with older bytes than those that count."""
    from dti_platform.submissions import Register

    found = Register(place.store).outdated()
    if not found:
        return ok("no committed file is older than what counts in its place")
    first = found[0].line
    name = printable(f"{first.receipt.feed}/{first.receipt.period}/{first.receipt.name}")
    about = f"{len(found)} committed files are older than what counts, first {name}: receipt {first.counting} counts"
    later = ", ".join(map(str, found[0].later))
    fix = f"put the newer file back into the folder, or, to let the older one count, `./dti withdraw` receipts {later}"
    return Finding("warning", about, fix)


def candidate(place: Place) -> Finding:
    """Nothing waits to be published."""
    waiting = place.store.candidates.standing()
    if waiting is None:
        return ok("nothing waits to be published")
    about = f"candidate {waiting.name} waits since {waiting.entry.at} to be published"
    return Finding("warning", about, f"look at it (`./dti releases`), then `./dti release {waiting.name}`")


def last_run(place: Place) -> Finding:
    """The last run ended well, and not too long ago where an age is set."""
    from dti_platform.pipeline.journal import GONE

    runs = place.store.ledger.entries("run")
    if not runs:
        return not_asked("the ledger has no run yet")
    if not runs[-1].body["success"]:
        about = f"run {str(runs[-1].body['run'])[:8]} of {runs[-1].at} failed: {runs[-1].body['failure']}"
        killed = runs[-1].body["failure"] == GONE
        fix = "nothing needs correcting: `./dti run` once" if killed else "correct what it names, then `./dti run`"
        return Finding("broken", about, fix)
    return ok(f"the last run that changed anything, of {runs[-1].at}, ended well")


def last_release(place: Place) -> Finding:
    """The newest release is not too old, where an age is set."""
    days = place.settings.release_within_days
    latest = place.store.releases.newest()
    if not days:
        return not_asked("any age of the last release is well (DTI_RELEASE_WITHIN_DAYS)")
    if latest is None:
        return Finding("broken", f"{place.store.root}: nothing has been released yet", "`./dti run`")
    since = _age(place, datetime.fromisoformat(latest.published_at))
    if since > timedelta(days=days):
        fix = "see what came (`./dti receipts`) and what waits (`./dti releases`)"
        return Finding("broken", f"release {latest.name} is {_told(since)} old, more than {days:g} days", fix)
    return ok(f"release {latest.name} is {_told(since)} old")


def last_backup(place: Place) -> Finding:
    """The last backup succeeded, and is not too old where an age is set."""
    path, hours = place.store.root / LAST_BACKUP, place.settings.backup_within_hours
    fix = "make one by hand (`systemctl start dti-backup`) and read what it says (docs/operations.md, Backup)"
    if not path.is_file():
        if hours:
            return Finding("broken", f"{path}: no backup was ever made, or it did not say so there", fix)
        return not_asked("no backup says when it was made (DTI_BACKUP_WITHIN_HOURS)")
    said = json.loads(path.read_text(encoding="utf-8"))
    if not said["success"]:
        return Finding("broken", f"the backup of {said['at']} failed: {said.get('why', '')}", fix)
    since = _age(place, datetime.fromisoformat(said["at"]))
    if hours and since > timedelta(hours=hours):
        return Finding("broken", f"the last backup is {_told(since)} old, more than {hours:g} hours", fix)
    return ok(f"the last backup is {_told(since)} old")


def _age(place: Place, at: datetime) -> timedelta:
    return place.now - (at if at.tzinfo else at.replace(tzinfo=UTC))


def _told(age: timedelta) -> str:
    """An age in the largest unit of which there are two."""
    seconds = max(age.total_seconds(), 0)
    unit, of = next((each for each in UNITS.items() if seconds >= 2 * each[1]), ("minutes", 60))
    return f"{seconds // of:.0f} {unit}"
