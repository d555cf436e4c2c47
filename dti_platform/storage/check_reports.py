"""The HTML reports of runs' checks: written whole, pruned to the newest.

Here: keeping them. Not here: what they show (``quality``), nor anything that readers of data rely on.
"""

from __future__ import annotations

from pathlib import Path

from dti_platform.storage import files
from dti_platform.storage.ledger import Clock

__all__ = ["CheckReports"]

#: How many reports are kept.
KEPT = 30


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
        for old in sorted(self.folder.glob("*.html"))[:-KEPT]:
            files.remove(old)
