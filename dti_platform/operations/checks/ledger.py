"""Checks of what is kept: the ledger's chain, the newest release, and the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform.operations.health import Finding, not_asked, ok
from dti_platform.storage import ClockBehind, LedgerBehind

if TYPE_CHECKING:
    from dti_platform.operations.health import Place

RESTORE = "`./dti verify` names every fault; restore the data root from a backup (docs/operations.md, Restore)"


def ledger(place: Place) -> Finding:
    """Each entry of the ledger follows the one before it, and none was rewritten."""
    if faults := place.store.ledger.verify():
        return Finding("broken", f"{place.store.root / 'ledger'}: {_first(faults)}", RESTORE)
    return ok(f"{place.store.ledger.head().sequence} entries follow one another")


def ledger_knows_the_releases(place: Place) -> Finding:
    """No release lies there that is newer than the ledger, as after a restore of an old copy."""
    try:
        place.store.releases.check_known()
    except LedgerBehind as error:
        return Finding(
            "broken",
            str(error),
            "restore the newer ledger from the backup (docs/backup.md, What is found after a restore)",
        )
    return ok("the ledger knows every release that lies there")


def newest_release(place: Place) -> Finding:
    """Every byte of the newest release is as it was published; ``verify`` asks it of all."""
    latest = place.store.releases.latest()
    if latest is None:
        return not_asked("nothing has been released yet")
    if faults := place.store.releases.verify(latest.name):
        return Finding("broken", f"release {latest.name}: {_first(faults)}", RESTORE)
    return ok(f"release {latest.name} is as it was published")


def clock(place: Place) -> Finding:
    """The clock is not behind the last entry of the ledger."""
    try:
        place.store.ledger.check_clock()
    except ClockBehind as error:
        return Finding("broken", str(error), "set the clock right (`timedatectl set-ntp true`)")
    return ok("the clock is not behind the ledger")


def _first(faults: list[str]) -> str:
    further = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
    return f"{faults[0]}{further}"
