"""What is made once for all workers of a session: the first that asks makes it, the others read what it left."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

T = TypeVar("T")

#: Where it is left; None: there is one worker, and nothing is left for others.
folder: Path | None = None


def once(name: str, make: Callable[[], T]) -> T:
    """What is made under a name, which may be that of a file."""
    if folder is None:
        return make()
    folder.mkdir(exist_ok=True)
    kept = folder / name
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
    return pickle.loads(kept.read_bytes())
