"""Pages for people that a run leaves behind: written whole, pruned to the newest.

Here: keeping them. Not here: what they show (``quality``), nor anything that readers of data rely on.
"""

from __future__ import annotations

from pathlib import Path

from dti_platform.storage import files
from dti_platform.storage.ledger import Clock

__all__ = ["Pages"]

#: How many pages are kept.
KEPT = 30


class Pages:
    """HTML pages, named by the second in which they were begun and by their run."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock

    def begin(self, run_id: str) -> Path:
        """Where the page of a run will lie."""
        return self.folder / f"{self._clock():%Y%m%dT%H%M%SZ}-{run_id[:8]}.html"

    def write(self, path: Path, html: str) -> None:
        """Writes a page, and lets the oldest go.

        Raises:
            WriteFailed: the page before still stands.
        """
        files.replace(path, html.encode())
        for old in sorted(self.folder.glob("*.html"))[:-KEPT]:
            files.remove(old)
