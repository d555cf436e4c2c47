"""The one boundary around a file: whatever goes wrong with it refuses that file, and nothing else.

Here: the only broad ``except`` of the platform. Not here: what a refusal says (``problems``), nor what becomes of it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dti_platform.reading import Unreadable

Result = TypeVar("Result")
PACKAGE = Path(__file__).parents[1]


def contained(file: str, act: Callable[[], Result], passing: tuple[type[Exception], ...] = ()) -> Result | Unreadable:
    """What ``act`` gives for a file, or why the file is refused where it raises anything but ``passing``."""
    try:
        return act()
    except Unreadable as refusal:
        return refusal
    except passing:
        raise
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - the one boundary
        return Unreadable("broken_reader", "raised", file=file, error=type(fault).__name__, place=_place(fault))


def _place(fault: BaseException) -> str:
    """The innermost line of the platform's own code at which it was raised; never its message, which the file wrote."""
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if PACKAGE in Path(frame.filename).parents]
    innermost = frames[-1] if frames else None
    return f"{Path(innermost.filename).relative_to(PACKAGE).as_posix()}:{innermost.lineno}" if innermost else "?"
