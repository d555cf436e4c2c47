"""``deploy/try``: plays what is deployed and says what holds; exits 1 where a thing doesn't, 3 where it can't play."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from deploy.trial.host import Host, NotInstalled
from deploy.trial.rendered import Place
from deploy.trial.scenes import BACKUP, KILLED, Failed, Trial


def main() -> int:
    """Play all scenes."""
    parser = argparse.ArgumentParser(prog="deploy/try")
    parser.add_argument("--times", type=int, default=1, help="how often all of it is played, each time anew (1)")
    parser.add_argument(
        "--only", action="append", choices=(BACKUP, *KILLED), help="what is made or killed in mid-run, instead of all"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder, to look at")
    asked = parser.parse_args()
    begun = time.monotonic()
    try:
        for _ in range(asked.times):
            play(asked.only, keep=asked.keep)
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
    root = Path(tempfile.mkdtemp(prefix="dti-try-", dir="/tmp"))
    try:
        with Host(Place.at(root, secrets.token_urlsafe(24))) as host:
            trial = Trial(host, lambda said: print(said, flush=True))
            trial.begins()
            trial.logs_in()
            if not only:
                trial.cycle()
            for each in only or (BACKUP, *KILLED):
                trial.cycle(each)
    finally:
        if keep:
            print(f"kept: {root}")
        else:
            shutil.rmtree(root)


sys.exit(main())
