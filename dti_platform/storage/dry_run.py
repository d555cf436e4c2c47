"""A store for a dry run: a data root is read as it lies there, and what is written to it is held in memory alone.

Here: the parts by which a submission is received: ledger, landing, cache. Not here: tables and releases, which a
dry run does not touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.storage.errors import Missing
from dti_platform.storage.landing import Landing
from dti_platform.storage.ledger import Ledger
from dti_platform.storage.objects import LocalObjects, Objects
from dti_platform.storage.pruned import Cache
from dti_platform.storage.store import Store

if TYPE_CHECKING:
    from dti_platform.storage.derived import Derived


class DryRunStore(Store):
    """A data root that need not exist, and is left to the byte as it is."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.root, store.feeds, clock=store.clock)
        self.ledger = Ledger(Overlay(LocalObjects(self.root / "ledger")), store.clock)
        landed = Overlay(LocalObjects(self.root / "landing"))
        self.landing = Landing(self.root / "landing", self.ledger, [self.feeds, self.inbox], landed)
        self.cache = _DryRunCache(self.root / "cache", self.derived)


class Overlay:
    """The objects of the moment, and those that were added since; what others add meanwhile is not seen."""

    def __init__(self, below: Objects) -> None:
        self._below, self._keys = below, {*below.list()}
        self._added: dict[str, bytes] = {}

    def create(self, key: str, content: bytes) -> bool:
        """Holds the content under a key that is not taken; False if it is taken."""
        if key in self._keys or key in self._added:
            return False
        self._added[key] = content
        return True

    def put(self, contents: Mapping[str, bytes]) -> None:
        """Holds each content under its key."""
        self._added |= contents

    def get(self, key: str) -> bytes:
        """The content under a key."""
        if key in self._added:
            return self._added[key]
        if key not in self._keys:
            raise Missing(f"{key}: not there")
        return self._below.get(key)

    def list(self, prefix: str = "") -> list[str]:
        """The keys that begin with a prefix, sorted."""
        return sorted(key for key in {*self._keys, *self._added} if key.startswith(prefix))

    def delete(self, keys: Iterable[str]) -> None:
        """Lets go what is under these keys; what lies below stays there."""
        for gone in keys:
            for key in self.list(gone) if gone.endswith("/") else [gone]:
                self._added.pop(key, None)
                self._keys.discard(key)


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
