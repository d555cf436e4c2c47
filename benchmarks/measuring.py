"""What the benchmarks share: a process measured with its children, and the line that a figure is printed on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]


class Used(NamedTuple):
    """What a process used: CPU seconds of it and of its children, MiB at its peak or theirs, and what it printed."""

    cpu: float
    peak: float
    told: str


def measured(command: Sequence[str | Path], cwd: Path = PROJECT, **environment: str | Path) -> Used:
    """Run a command to its end, in this environment with these variables beside it.

    What is compiled is kept, as it is wherever the platform is installed: else each process compiles the project anew.

    Raises:
        SystemExit: it failed; what it said is shown.
    """
    variables = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(command, cwd=cwd, env=variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    told = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)  # of this child alone, with the children that it waited for
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed with {process.returncode}: {told}")
    return Used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, told)


def figure(name: str, ours: float, peer: float | None, goal: float | None, **more: object) -> None:
    """Print one JSON line; the goal is the highest ratio to the peer, or without a peer the highest figure."""
    ratio = None if peer is None else ours / peer
    held = ours if ratio is None else ratio
    line = {
        "name": name, "ours": round(ours, 3), "peer": peer and round(peer, 3), "ratio": ratio and round(ratio, 3),
        "goal": goal, "met": None if goal is None else held <= goal, **more,
    }  # fmt: skip
    print(json.dumps(line), flush=True)
