"""Answers that can be made again at any time, kept under the hash of everything that they depend on.

Here: keeping and giving back; nothing breaks if all of it is removed. Not here: what an answer is.
"""

from __future__ import annotations

from pathlib import Path

from dti_platform.storage import files

__all__ = ["Cache"]

#: How many answers are kept: those of a few dozen runs.
KEPT = 500


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
        old = kept[:-KEPT]
        for path in old:
            files.remove(path)
        return old

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key
