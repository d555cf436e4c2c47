"""What is derived is believed by its hash alone: stored tables, cached answers, answers to senders.

Here: the sha256 that the ledger records of each, and those that this process made since. Not here: the files
(``tables``, ``pruned``, ``answers``). What no entry names, such as a file of an earlier version or of a killed run,
counts as missing where a figure rests on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dti_platform.storage import files

if TYPE_CHECKING:
    from dti_platform.storage.ledger import Head, Ledger

KIND = "derived"


class Derived:
    """The hashes of all derived files, each under its part of the data root and its name there."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._made: dict[str, str] = {}
        self._recorded: dict[str, str] = {}
        self._since: float = math.inf
        self._read_at: Head | None = None

    @property
    def since(self) -> float:
        """The number of the first entry that records any hash; infinite where there is none yet."""
        self._of_ledger()
        return self._since

    def add(self, part: str, name: str, content: bytes) -> str:
        """Remembers what this process made until it is recorded; gives its sha256."""
        sha256 = self._made[f"{part}/{name}"] = files.digest(content)
        return sha256

    def get(self, part: str, name: str) -> str | None:
        """The sha256 of what was made last under a name; None where none is known."""
        key = f"{part}/{name}"
        return self._made.get(key) or self._of_ledger().get(key)

    def of(self, part: str) -> dict[str, str]:
        """The names in a part of the data root, and their hashes."""
        known = {**self._of_ledger(), **self._made}
        return {key.removeprefix(f"{part}/"): sha256 for key, sha256 in known.items() if key.startswith(f"{part}/")}

    def record(self, run: str | None = None) -> None:
        """Writes down in one entry what this process made, as far as it is new.

        Args:
            run: the run that made it; None: no run did.

        Raises:
            WriteFailed: it is remembered still.
        """
        recorded = self._of_ledger()
        if new := {key: sha256 for key, sha256 in sorted(self._made.items()) if recorded.get(key) != sha256}:
            self._ledger.append(KIND, {"sha256": new} | ({"run": run} if run else {}))
        self._made.clear()

    def _of_ledger(self) -> Mapping[str, str]:
        """What the entries record, read again when the ledger has grown."""
        head = self._ledger.head()
        if head != self._read_at:
            entries = self._ledger.entries(KIND)
            self._recorded = {key: sha256 for entry in entries for key, sha256 in entry.body["sha256"].items()}
            self._since = entries[0].sequence if entries else math.inf
            self._read_at = head
        return self._recorded
