"""What runs may keep and anybody may remove: cached answers and the HTML reports of checks, pruned to the newest.

Here: keeping them; nothing breaks if all of it is removed. Not here: what an answer is, nor what a report shows
(``quality``).
"""

from __future__ import annotations

from pathlib import Path

from dti_platform.storage import files
from dti_platform.storage.ledger import Clock

#: How many answers are kept: those of a few dozen runs.
MOST_ANSWERS = 500
#: How many reports are kept.
MOST_REPORTS = 30


class Cache:
    """Content under keys that are hashes, so that an answer is never out of date."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> bytes | None:
        """What is kept under a key, or None."""
        path = self._path(key)
        return path.read_bytes() if path.is_file() else None

    def put(self, key: str, content: bytes) -> None:
        """Keeps an answer.

        Raises:
            WriteFailed: it is not kept; nothing else is lost.
        """
        files.replace(self._path(key), content)

    def sweep(self) -> list[Path]:
        """Lets the oldest answers go; says which. By the time of their writing: an answer too few costs only time."""
        kept = sorted(self.folder.glob("??/*"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        old = kept[:-MOST_ANSWERS]
        for path in old:
            files.remove(path)
        return old

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


class CheckReports:
    """HTML pages, named by the second in which they were begun and by their run."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock

    def begin(self, run_id: str) -> Path:
        """The path of a run's report."""
        return self.folder / f"{self._clock():%Y%m%dT%H%M%SZ}-{run_id[:8]}.html"

    def write(self, path: Path, html: str) -> None:
        """Writes a report, and removes the oldest.

        Raises:
            WriteFailed: the report before still stands.
        """
        files.replace(path, html.encode())
        for old in sorted(self.folder.glob("*.html"))[:-MOST_REPORTS]:
            files.remove(old)
