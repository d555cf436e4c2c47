"""``deploy/try``: plays what is deployed and says what holds; exits 1 where a thing doesn't, 3 where it can't play."""

from __future__ import annotations

import argparse
import datetime as dt
import secrets
import shutil
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.trial.host import Host, NotInstalled
from deploy.trial.rendered import Place
from deploy.trial.scenes import BACKUP, KILLED, Failed, Trial
from deploy.trial.year import YEAR, Clock, Year, told

if TYPE_CHECKING:
    from collections.abc import Generator


def main() -> int:
    """Play all scenes."""
    parser = argparse.ArgumentParser(prog="deploy/try")
    parser.add_argument("--times", type=int, default=1, help="how often all of it is played, each time anew (1)")
    parser.add_argument(
        "--only", action="append", choices=(BACKUP, *KILLED), help="what is made or killed in mid-run, instead of all"
    )
    parser.add_argument("--year", action="store_true", help="a year of the host, instead, under a clock that is moved")
    parser.add_argument("--keep", action="store_true", help="keep the folder, to look at")
    asked = parser.parse_args()
    # Ignored by what a shell starts in the background, and by all that this starts: yet the code server ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.monotonic()
    try:
        for _ in range(asked.times):
            play_year(keep=asked.keep) if asked.year else play(asked.only, keep=asked.keep)
    except NotInstalled as error:
        print(error, file=sys.stderr)
        return 3
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    print(f"all of it holds; {time.monotonic() - begun:.0f} s")
    return 0


def play(only: list[str] | None, *, keep: bool) -> None:
    """One host from its first start to its end.

    Args:
        only: what happens in mid-run, one after the other; None: everything, after an undisturbed cycle.
        keep: whether its folder stays.
    """
    with folder(keep=keep) as root, Host(Place.at(root, secrets.token_urlsafe(24))) as host:
        trial = Trial(host, say)
        trial.begins()
        trial.logs_in()
        if not only:
            trial.cycle()
        for each in only or (BACKUP, *KILLED):
            trial.cycle(each)


def play_year(*, keep: bool) -> None:
    """A year of one host, from its first start."""
    with folder(keep=keep) as root, told() as sink:
        clock = Clock(root / "clock")
        clock.set(dt.datetime(YEAR, 1, 1, tzinfo=dt.UTC))
        with Host(Place.at(root, secrets.token_urlsafe(24)), clock.settings() | sink.settings) as host:
            trial = Trial(host, say)
            trial.begins()
            Year(trial, clock, sink).plays()


@contextmanager
def folder(*, keep: bool) -> Generator[Path]:
    """A folder for a host; short, as sockets lie in it."""
    root = Path(tempfile.mkdtemp(prefix="dti-try-", dir="/tmp"))
    try:
        yield root
    finally:
        if keep:
            print(f"kept: {root}")
        else:
            shutil.rmtree(root)


def say(what: str) -> None:
    """At once, for somebody waits."""
    print(what, flush=True)


sys.exit(main())
