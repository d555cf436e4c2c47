"""What runs may keep and anybody may remove: cached answers and the HTML reports of checks, the old ones pruned.

Here: keeping them; nothing breaks if all of it is removed, or if it can't be written or read. Not here: what an answer
is, what a report shows (``quality``), nor where the hashes of answers stand (``derived``).
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.storage import files
from dti_platform.storage.errors import WriteFailed

if TYPE_CHECKING:
    from dti_platform.storage.derived import Derived
    from dti_platform.storage.ledger import Clock

#: The cache's folder of the data root.
PART = "cache"
#: What a file takes at least on a disk.
BLOCK = 4096
#: How many reports are kept.
MOST_REPORTS = 30
#: When a report was begun, at the beginning of its name.
STAMP = "%Y%m%dT%H%M%SZ"


class Cache:
    """Content under keys that are hashes, so that an answer is never out of date; believed by its own hash alone.

    Attributes:
        fault: why something could not be kept, if so: it costs time, and nothing else is lost.
    """

    def __init__(self, folder: Path, derived: Derived) -> None:
        self.folder = folder
        self.fault: str | None = None
        self._derived = derived
        self._used: set[Path] = set()

    def get(self, key: str) -> bytes | None:
        """What is kept under a key; None where there is nothing, or not what was kept."""
        path = self.folder / place(key)
        try:
            content = files.read(path)
        except OSError:
            return None
        if files.digest(content) != self._derived.get(PART, place(key)):
            return None
        self._used.add(path)
        with suppress(OSError):  # of a disk that is only read
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keeps an answer, if the disk takes it."""
        path = self.folder / place(key)
        try:
            files.replace(path, content)
        except WriteFailed as error:
            self.fault = self.fault or str(error)
        else:
            self._used.add(path)
            self._derived.add(PART, place(key), content)

    def sweep(self, most: int) -> list[Path]:
        """Lets answers go that are damaged, then others until so many bytes are left; says which.

        Of the others those first that were not used for longest, and never what this process used: at the end of a run
        the next one finds all that it asks for if nothing changes.
        """
        with suppress(OSError, WriteFailed):
            gone = [path for path in sorted(self.folder.glob("??/*")) if self._is_damaged(path)]
            for path in gone:
                files.remove(path)
            found = [(path, path.stat()) for path in self.folder.glob("??/*")]
            over = sum(map(_taken, found)) - most
            for path, status in sorted(found, key=lambda each: (each[1].st_mtime_ns, each[0].name)):
                if over <= 0:
                    break
                if path not in self._used:
                    files.remove(path)
                    gone.append(path)
                    over -= _taken((path, status))
            return gone
        return []

    def _is_damaged(self, path: Path) -> bool:
        """Whether the bytes differ from those recorded; what this process used was compared already."""
        recorded = None if path in self._used else self._derived.get(PART, f"{path.parent.name}/{path.name}")
        return recorded is not None and path.is_file() and files.digest(files.read(path)) != recorded


def _taken(found: tuple[Path, os.stat_result]) -> int:
    """The bytes that a file takes on a disk, in whole blocks."""
    return -(-found[1].st_size // BLOCK) * BLOCK


def place(key: str) -> str:
    """Where an answer lies below the folder of the cache."""
    return f"{key[:2]}/{key}"


def begun(name: str) -> str | None:
    """When the report of this name was begun, UTC; None where its name does not say."""
    try:
        return f"{datetime.strptime(name.partition('-')[0], STAMP).replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
    except ValueError:
        return None


class CheckReports:
    """HTML pages, named by the second in which they were begun and by their run.

    Attributes:
        fault: why one could not be written, if so.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.fault: str | None = None
        self._clock = clock

    def begin(self, run_id: str) -> Path:
        """The path of a run's report."""
        return self.folder / f"{self._clock():{STAMP}}-{run_id[:8]}.html"

    def names(self) -> list[str]:
        """The names of all reports, the newest first."""
        return sorted((path.name for path in self.folder.glob("*.html")), reverse=True)

    def read(self, name: str) -> bytes | None:
        """A report by its name; None where there is none, or not any more."""
        try:
            return files.read_below(self.folder, name)
        except OSError:
            return None

    def write(self, path: Path, html: str) -> None:
        """Writes a report, if the disk takes it, and removes the oldest."""
        try:
            files.replace(path, html.encode())
            for old in sorted(self.folder.glob("*.html"))[:-MOST_REPORTS]:
                files.remove(old)
        except (OSError, WriteFailed) as error:
            self.fault = self.fault or str(error)
