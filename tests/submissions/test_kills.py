"""A submission killed at any instant blocks nothing: what has a receipt gets its answer from the next run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.pipeline import Platform
from dti_platform.storage import Store
from dti_platform.submissions import unanswered
from tests.storage.disks import Died, Disk, Killed, using

REPORT = Path("data/feeds/provincial_report/2022-S1/indicators.csv")
FEED, PERIOD = "provincial_report", "2022-S1"


def empty(root: Path) -> Store:
    """A data root with no feeds of its own or of the project."""
    (root / "feeds").mkdir(parents=True)
    return Store(root)


def arguments(store: Store, file: Path) -> list[str]:
    return ["submit", str(file), "--feed", FEED, "--period", PERIOD, "--data", str(store.root), "--json"]


def submit(store: Store, file: Path) -> None:
    done = CliRunner().invoke(main, arguments(store, file))
    assert done.exit_code in (0, 1, 3, 4), done.output


def check_answered(store: Store) -> None:
    """The next run answers what has a receipt, and records it."""
    later = Store(store.root)
    Platform(later).arrivals.land()
    later.derived.record("the next run")
    assert unanswered(later) == []
    assert {str(receipt.number) for receipt in later.landing.receipts()} <= later.answers().places().keys()
    assert later.verify() == []
    assert not list(later.root.rglob(".temporary-*"))


#: Of all operations on the disk every seventh; all of them are heavy.
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.heavy)])
def test_p26_a_submission_killed_at_an_operation_is_answered_by_the_next_run(
    tmp_path: Path, project: Path, every: int
) -> None:
    with using(disk := Disk()):
        submit(empty(tmp_path / "count"), project / REPORT)
    seen = {0: 0, 1: 0}
    for number in range(1, len(disk.done) + 1, every):
        store = empty(tmp_path / str(number))
        killed = Killed(number, "before")
        try:
            with using(killed), pytest.raises(Died):
                submit(store, project / REPORT)
        finally:
            killed.bury()
        check_answered(store)
        seen[len(store.landing.receipts())] += 1
    assert all(seen.values()), "before the receipt there is nothing to answer"


@pytest.mark.heavy
def test_p26_ten_submissions_killed_at_any_instant(tmp_path: Path, project: Path) -> None:
    store, chance = empty(tmp_path / "data"), random.Random(26)
    for number in range(10):
        file = tmp_path / f"{number}.csv"
        file.write_bytes((project / REPORT).read_bytes() + b"\n" * number)
        own = {
            "PYTHONPATH": str(project),
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-P", "-m", "dti_platform.cli", *arguments(store, file)]
        head = store.ledger.head()
        with subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while number % 2 and store.ledger.head() == head and process.poll() is None:
                time.sleep(0.01)  # every other one is killed once its receipt is there
            time.sleep(chance.uniform(0, 0.2 if number % 2 else 3))
            process.send_signal(signal.SIGKILL)
    check_answered(store)
    assert len(store.landing.receipts()) >= 5
