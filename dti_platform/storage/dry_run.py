"""A store for a dry run: a data root is read as it lies there, and what is written to it is held in memory alone.

Here: the parts that a submission is received by: ledger, landing, cache. Not here: tables and releases, which a
dry run does not touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.storage import files
from dti_platform.storage.landing import Landing, facts
from dti_platform.storage.ledger import Blobs, Ledger, LocalBlobs
from dti_platform.storage.pruned import Cache
from dti_platform.storage.store import Store

if TYPE_CHECKING:
    from dti_platform.storage.derived import Derived
    from dti_platform.storage.landing import Facts
    from dti_platform.storage.receipts import Received


class DryRunStore(Store):
    """A data root that need not exist, and is left to the byte as it is."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.root, store.feeds, clock=store.clock)
        self.ledger = Ledger(_DryRunBlobs(LocalBlobs(self.root / "ledger")), store.clock)
        self.landing = _DryRunLanding(self.root / "landing", self.ledger, [self.feeds, self.inbox])
        self.cache = _DryRunCache(self.root / "cache", self.derived)


class _DryRunBlobs:
    """The blobs of the moment, and those that were added since; what others add meanwhile is not seen."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs, self._names = blobs, {*blobs.list()}
        self._added: dict[str, bytes] = {}

    def put_if_absent(self, name: str, content: bytes) -> bool:
        """Holds the content under a name that is not taken; False if it is taken."""
        return name not in self._names and self._added.setdefault(name, content) is content

    def get(self, name: str) -> bytes:
        """The content under a name."""
        return self._added[name] if name in self._added else self._blobs.get(name)

    def has(self, name: str) -> bool:
        """Whether a name is taken."""
        return name in self._added or name in self._names

    def list(self) -> list[str]:
        """All names, sorted."""
        return sorted([*self._names, *self._added])


class _DryRunLanding(Landing):
    """Landing whose new files are held in memory."""

    def __init__(self, folder: Path, ledger: Ledger, sources: Sequence[Path]) -> None:
        super().__init__(folder, ledger, sources)
        self._unwritten: dict[str, bytes] = {}

    def read(self, sha256: str) -> bytes:
        """The bytes of a landed file, or of one that was received in the dry run."""
        return self._unwritten[sha256] if sha256 in self._unwritten else super().read(sha256)

    def _keep(self, received: Received) -> tuple[Facts, bool]:
        self._unwritten[files.digest(received.content)] = received.content
        return facts(received), False

    def _settle(self, folders: Iterable[Path]) -> None:
        """Nothing was written, so nothing is to be made durable."""


class _DryRunCache(Cache):
    """A cache whose new answers are held in memory."""

    def __init__(self, folder: Path, derived: Derived) -> None:
        super().__init__(folder, derived)
        self._unwritten: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """What is kept under a key, or None."""
        return self._unwritten.get(key) or super().get(key)

    def put(self, key: str, content: bytes) -> None:
        """Holds an answer as long as the dry run lasts."""
        self._unwritten[key] = content
