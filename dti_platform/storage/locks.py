"""Locks between runs: one computes, the others wait or learn who holds it.

Here: a named lock whose holder's run id can be read, and that the system frees when the holder is
killed. Not here: who must lock what (``orchestration`` and ``releases`` decide).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from dti_platform.storage import files
from dti_platform.storage.errors import Locked

#: Seconds that even those who do not wait take, so that a look at the lock (``holder``) refuses nobody.
LOOK = 0.15


@contextmanager
def lock(folder: Path, name: str, holder: str, *, wait: float = 0) -> Generator[None]:
    """Holds the lock ``name`` while the block runs.

    Args:
        folder: where the locks lie.
        name: what is locked: letters, digits, ``-`` and ``_``.
        holder: the run id that others see.
        wait: seconds to wait for another holder; negative waits without end.

    Raises:
        Locked: another holder still has it.
        WriteFailed: the disk takes no lock.
    """
    from filelock import FileLock, Timeout

    files.make_folder(folder)
    holder_file = folder / f"{name}.holder"
    guard = FileLock(folder / f"{name}.lock", timeout=wait if wait < 0 else max(wait, LOOK), thread_local=False)
    with files.reported(folder / f"{name}.lock"):
        try:
            guard.acquire()
        except Timeout:
            raise Locked(name, _holder(holder_file)) from None
    try:
        with files.reported(holder_file):
            holder_file.write_text(holder, encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            holder_file.unlink()
        guard.release()


def holder(folder: Path, name: str) -> str | None:
    """The run id of the one who holds a lock ("unknown" in the instant before it is written); None: it is free."""
    try:
        descriptor = os.open(folder / f"{name}.lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(folder / f"{name}.holder")
    finally:
        os.close(descriptor)
    return None


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "unknown"
    except FileNotFoundError:
        return "unknown"
