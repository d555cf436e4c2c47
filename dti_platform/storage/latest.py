"""``latest``: the symbolic link by which a reader on this machine finds the newest release without the ledger.

Here: the link, and finishing what an earlier version left: it wrote a release into a folder ``.staging-<name>``, which
got its own name after the ledger had it. Not here: which release is the newest, which the ledger alone says
(``releases``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dti_platform.storage import files
from dti_platform.storage.errors import CorruptRelease
from dti_platform.storage.release import RELEASES, Release, faults_of

LATEST, STAGING = "latest", ".staging-"


class Latest:
    """The link of a folder of releases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / LATEST

    def name(self) -> str | None:
        """The release that it points to; None where it is not there."""
        return self.path.readlink().name if self.path.is_symlink() else None

    def is_at(self, name: str) -> bool:
        """Whether it points to this release."""
        return self.path.is_symlink() and self.path.readlink() == Path(RELEASES, name)

    def is_staged(self, name: str) -> bool:
        """Whether an earlier version left this release in staging, which ``finish_staging`` finishes."""
        return (self.folder / f"{STAGING}{name}").is_dir()

    def set(self, name: str) -> None:
        """Lets it point to a release, in one step."""
        files.point(self.path, f"{RELEASES}/{name}")


def finish_staging(folder: Path, recorded: Mapping[str, Release]) -> list[str]:
    """Gives staging that the ledger knows its place, and removes the rest; says what it did.

    Raises:
        CorruptRelease: a release is not to the byte what the ledger says.
    """
    done: list[str] = []
    for staging in sorted(folder.glob(f"{STAGING}*")):
        release = recorded.get(staging.name.removeprefix(STAGING))
        if release and not release.path.exists():
            if faults := faults_of(staging, release.files):
                raise CorruptRelease(
                    f"release {release.name} can't be finished: {faults[0]}; restore it from the backup"
                )
            files.move(staging, release.path)
            done.append(f"finished release {release.name}")
        else:
            files.remove_tree(staging)
            done.append(f"removed {staging.name}")
    return done
