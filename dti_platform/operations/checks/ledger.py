"""Checks of what is kept: the ledger's chain, the newest release, and the clock."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.operations.health import Finding, not_asked, ok
from dti_platform.storage import ClockBehind, LedgerBehind
from dti_platform.storage.release import faults_of, to_remake

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


def ledger_continues_the_backup(place: Place) -> Finding:
    """The ledger has the last entry of the newest backup, as no emptied data root has, and none of an older copy."""
    if not (folder := place.settings.backup_folder):
        return not_asked("no folder of backups is named (DTI_BACKUP_FOLDER)")
    backups = sorted(Path(folder).glob("20*Z/head"), reverse=True)
    heads = ((path.parent.name, path.read_text(encoding="utf-8").strip()) for path in backups)
    name, head = next((each for each in heads if each[1]), ("", ""))
    if not head:
        return not_asked(f"{folder}: there is no backup of a ledger, or its disk is not mounted")
    number, _, sha256 = head.partition(":")
    entry = place.store.root / "ledger" / f"{int(number):09}.json"
    if entry.is_file() and hashlib.sha256(entry.read_bytes()).hexdigest() == sha256:
        return ok(f"the ledger continues the backup {name}, which ends at entry {number}")
    about = f"{entry.parent} does not have the last entry, {number}, of the backup {Path(folder, name)}"
    return Finding("broken", about, "restore that backup (docs/operations.md, Restore); until then none is made")


def newest_release(place: Place) -> Finding:
    """Every byte of the newest release is as it was published; ``verify`` asks it of all."""
    newest = place.store.releases.newest()
    if newest is None:
        return not_asked("nothing has been released yet")
    if faults := faults_of(newest.path, newest.files):
        return Finding("broken", f"release {newest.name}: {_first(faults)}", to_remake(newest.name))
    return ok(f"release {newest.name} is as it was published")


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
