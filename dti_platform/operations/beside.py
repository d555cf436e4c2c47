"""Checks in a process beside this one: they may hang, and code that can't be loaded ends it.

Here: starting it, and its answers in time. Not here: the checks (``orchestration.health``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dti_platform.operations.health import Answer, Finding, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[2]
CHECKS = "dti_platform.orchestration.health"
#: What a check of Dagster's side that ended its process, or did not end, is about, and what to do.
FIXES = {
    "definitions": "correct what it names: code, a feed, a framework or an entry of expectations/",
    "launcher": "install what dagster.yaml names, or correct it",
    "history": "see whether the database of dagster.yaml can be reached from here",
}
#: Seconds to wait for a database that is not there, of libpq; two is the least that it takes.
PATIENCE = "2"


class Beside:
    """The process; one that does not end in time is killed."""

    def __init__(self) -> None:
        places = filter(None, [str(HERE), os.environ.get("PYTHONPATH")])
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-W", "ignore", "-P", "-m", CHECKS],
            env={**os.environ, "PGCONNECT_TIMEOUT": PATIENCE, "PYTHONPATH": os.pathsep.join(places)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stderr
        self._said: list[bytes] = []
        self._errors: list[bytes] = []
        self._readers = [_reader(self._process.stdout, self._said), _reader(self._process.stderr, self._errors)]

    def answers(self, seconds: float) -> Iterator[Answer]:
        """What it answers within so many seconds; the check at which it ended or was given up is broken."""
        try:
            self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            why = "did not end in time"
        else:
            why = "can't be carried out"
        for reader in self._readers:
            reader.join(1)
        asked = "the checks of Dagster's side"
        for line in b"".join(self._said).splitlines():
            said = json.loads(line)
            if isinstance(said, str):
                asked = said
            else:
                asked = ""
                yield Answer(*said)
        if asked:
            last = b"".join(self._errors).decode(errors="replace").strip().splitlines()[-1:] or [why]
            yield answer(asked, Finding("broken", f"{why}: {last[0]}", FIXES.get(asked, "see what it names")), seconds)


def _reader(stream: IO[bytes], into: list[bytes]) -> threading.Thread:
    """Reads a pipe until it ends, so that it never fills."""
    thread = threading.Thread(target=lambda: into.extend(stream), daemon=True)
    thread.start()
    return thread
