"""Checks of the disk: room, and who may read and write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.operations.health import Finding, ok
from dti_platform.storage import owner, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dti_platform.operations.health import Place

#: In the data root: where ``deploy/restore`` is at work, or failed.
RESTORING = ".restoring"
#: A file system with fewer inodes left, of those that count them, takes no new files before long.
FEWEST_INODES = 10_000


def disk(place: Place) -> Finding:
    """There is room for another year of runs where the data and the history of runs lie, in bytes and in files."""
    least = place.settings.disk_free_mb
    for folder in _folders(place):
        known = os.statvfs(folder)
        free = known.f_bavail * known.f_frsize // 10**6
        fix = f"free space on the disk of {folder}, or enlarge it (docs/operations.md, Disk, says what may go)"
        if free < least:
            return Finding("broken", f"{folder}: {free} MB are free, fewer than DTI_DISK_FREE_MB={least}", fix)
        if known.f_files and known.f_favail < FEWEST_INODES:
            return Finding("broken", f"{folder}: room for {known.f_favail} more files only (inodes)", fix)
    return ok(f"at least {least} MB are free at {' and '.join(map(str, _folders(place)))}")


def data_root(place: Place) -> Finding:
    """The data root is there, and this account may write in all of it."""
    root = place.store.root
    try:
        there = root.is_dir()
    except PermissionError:
        fix = f"let {rights_of()} enter the folders above it (`chmod o+x`), or run as the account that owns the data"
        return Finding("broken", f"{root}: {rights_of()} may not look into the folders above it", fix)
    if not there:
        fix = "mount its disk, or name another (DTI_DATA); a new one is made by `./dti run`"
        return Finding("broken", f"{root}: there is no data root", fix)
    closed = next((each for each in _kept(root) if not os.access(each, os.R_OK | os.W_OK | os.X_OK)), None)
    if closed:
        about = f"{closed} belongs to {owner(closed)}: {rights_of()} may not write in it"
        recursive = "" if closed == root else "-R "
        return Finding(
            "broken", about, f"run as the account that owns the data, or `chown {recursive}{rights_of()} {closed}`"
        )
    if (root / RESTORING).exists():
        fix = "`deploy/restore` once more, with the same backup or an older one (docs/operations.md, Restore)"
        return Finding("broken", f"{root}: a backup is being put back, or was not put back whole", fix)
    return ok(f"{rights_of()} may write in {root}")


def inbox_folder(place: Place) -> Finding:
    """This account may read what senders put into the inbox."""
    inbox = place.store.inbox
    closed = next(
        (path for path in _below(inbox) if not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0))), None
    )
    if closed is None:
        return ok(f"{rights_of()} may read all of {inbox}")
    about = f"{closed} belongs to {owner(closed)}: {rights_of()} may not read it, so nothing in it is answered"
    # The owner of a file is who sent it, and the mode of a folder keeps others out: neither is changed for all of them.
    fix = f"`chown {rights_of()} {closed}`" if closed.is_dir() else f"`chmod o+r {closed}`"
    return Finding("broken", about, f"{fix}, and let the drop set a umask of 022")


def _folders(place: Place) -> list[Path]:
    """Where bytes are written, as far as it is there."""
    return [each for each in (place.store.root, place.home) if each and each.is_dir()]


def _kept(root: Path) -> Iterator[Path]:
    """The folders in which a run writes; what arrives or is committed is only read."""
    yield root
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and folder.name not in ("feeds", "inbox", "reference"):
            yield folder
            if os.access(folder, os.R_OK | os.X_OK):
                yield from (each for each in sorted(folder.iterdir()) if each.is_dir() and not each.is_symlink())


def _below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    yield folder
    for place, folders, names in os.walk(folder):
        yield from (Path(place, name) for name in (*folders, *names) if not Path(place, name).is_symlink())
