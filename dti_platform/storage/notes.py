"""Notes: small documents of JSON about a data root, which may be removed at any time.

Here: keeping and reading them. Not here: what they say (``operations``). No figure rests on one, so no entry of the
ledger records them. What a full disk does not take is remembered by the process, so that it says nothing twice.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dti_platform.storage.errors import Missing, Unreadable
from dti_platform.storage.objects import LocalObjects, Objects

#: The folder of the data root.
PART = "notes"


class Notes:
    """The notes of a data root, by name."""

    def __init__(self, folder: Path) -> None:
        self._objects: Objects = LocalObjects(folder)
        self._not_taken: dict[str, dict[str, Any]] = {}

    def read(self, name: str) -> dict[str, Any]:
        """A note; nothing where there is none, or none that can be read."""
        if name in self._not_taken:
            return self._not_taken[name]
        try:
            said = json.loads(self._objects.get(f"{name}.json"))
        except (Missing, Unreadable, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def keep(self, name: str, said: dict[str, Any]) -> None:
        """Puts a note in the place of the one before.

        Raises:
            WriteFailed: it is remembered, and the one before still stands.
        """
        self._not_taken[name] = said
        self._objects.put({f"{name}.json": (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()})
        del self._not_taken[name]
