"""Checks in a process beside this one: they may hang, and code that can't be loaded ends it.

Here: starting it, again after a check that ended it, and its answers in time. Not here: the checks
(``orchestration.health``).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dti_platform.operations.health import Answer, Finding, answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parents[2]
CHECKS = "dti_platform.orchestration.health"
#: The check that waits for a database.
DATABASE = "history"
#: The check that stands for all of them, where none can be asked.
NOTHING_ASKED = "Dagster"
#: What to do about a check that ended its process, or did not end.
FIXES = {
    "definitions": "correct what it names: code, a feed, a framework or an entry of expectations/",
    "launcher": "install what dagster.yaml names, or correct it",
    DATABASE: "see whether the database of dagster.yaml can be reached from here",
}
#: What to do about a check that did not end in time, though nothing may be wrong with what it asks.
SLOW = "ask again with --within {seconds}, which waits longer, on a busy machine"
#: Seconds to wait for a database that is not there, of libpq; two is the least that it takes.
PATIENCE = "2"


class Beside:
    """The process; one that does not end in time is killed."""

    def __init__(self, but: Sequence[str] = ()) -> None:
        """Starts it, to ask every check ``but`` some."""
        places = filter(None, [str(HERE), os.environ.get("PYTHONPATH")])
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-W", "ignore", "-P", "-m", CHECKS, *but],
            env={**os.environ, "PGCONNECT_TIMEOUT": PATIENCE, "PYTHONPATH": os.pathsep.join(places)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stderr
        self._but = [*but]
        self._said: list[bytes] = []
        self._errors: list[bytes] = []
        self._readers = [_reader(self._process.stdout, self._said), _reader(self._process.stderr, self._errors)]

    def answers(self, seconds: float) -> Iterator[Answer]:
        """What it answers within so many seconds; a check at which it ended or was given up is broken."""
        begun = time.monotonic()
        in_time = self._ended(seconds)
        asked, left = "", 0
        for line in b"".join(self._said).splitlines():
            said = json.loads(line)
            if isinstance(said, dict):
                asked, left = said["asked"], said["left"]
                self._but.append(asked)
            else:
                asked = ""
                yield Answer(*said)
        if not in_time:
            about = f"its answer did not come within {max(seconds, 0):.0f} seconds"
            found = Finding("warning", about, SLOW.format(seconds=longer(seconds)))
            if asked == DATABASE:
                found = Finding("broken", about, FIXES[asked])
            yield answer(asked or NOTHING_ASKED, found, time.monotonic() - begun)
        elif asked:
            found = Finding(
                "broken", f"can't be carried out: {self._last_words}", FIXES.get(asked, "see what it names")
            )
            yield answer(asked, found, time.monotonic() - begun)
            if left:
                yield from Beside(self._but).answers(seconds - (time.monotonic() - begun))
        elif self._process.returncode:
            about = f"nothing of it can be asked: {self._last_words}"
            yield answer(NOTHING_ASKED, Finding("broken", about, FIXES["definitions"]), time.monotonic() - begun)

    @property
    def _last_words(self) -> str:
        """The last line of a traceback, which is the error."""
        return "".join(b"".join(self._errors).decode(errors="replace").strip().splitlines()[-1:])

    def _ended(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        try:
            self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        finally:
            for reader in self._readers:
                reader.join(1)
        return True


def longer(seconds: float) -> int:
    """At least twice as long, in whole minutes."""
    return 60 * max(1, math.ceil(seconds / 30))


def _reader(stream: IO[bytes], into: list[bytes]) -> threading.Thread:
    """Reads a pipe until it ends, so that it never fills."""

    def read() -> None:
        with stream:
            into.extend(stream)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
