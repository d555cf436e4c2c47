"""The UI killed while its run is at work: the next run starts at once, and every arrival is answered."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg
import pytest

from dti_platform.storage import Store
from dti_platform.submissions import unanswered

HALF_A_MINUTE = 30
FEED = Path("provincial_report")


class Place:
    """A data root, a DAGSTER_HOME, and the processes that were given them."""

    def __init__(self, root: Path, project: Path) -> None:
        self.project, self.root, self.home = project, root / "data", root / "home"
        shutil.copytree(project / "data/feeds" / FEED / "2022-S1", self.root / "feeds" / FEED / "2022-S1")
        self.home.mkdir()
        settings = (project / "dagster.yaml").read_text(encoding="utf-8")
        named = settings.replace("env: DAGSTER_HOME", json.dumps(str(self.home)))  # this process reads it, too
        (self.home / "dagster.yaml").write_text(named, encoding="utf-8")
        self.log = root / "log"

    @property
    def store(self) -> Store:
        return Store(self.root)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        own = {"DTI_DATA": str(self.root), "DAGSTER_HOME": str(self.home), "PYTHONPATH": str(self.project)}
        command = [sys.executable, "-P", "-m", "dti_platform.cli", *arguments]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONWARNINGS": "ignore", **own}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=environment, cwd=self.project, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )

    def processes(self) -> list[int]:
        """Those that were given this data root, as /proc tells."""
        mark = f"DTI_DATA={self.root}".encode()
        found: list[int] = []
        for each in Path("/proc").iterdir():
            with suppress(OSError):
                if each.name.isdigit() and mark in (each / "environ").read_bytes().split(b"\0"):
                    found.append(int(each.name))
        return found

    def kill(self) -> None:
        """All at one instant, as when a machine loses power."""
        while found := self.processes():
            for each in found:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            time.sleep(0.1)

    def statuses(self) -> dict[str, str]:
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            return {each.dagster_run.run_id: each.dagster_run.status.value for each in instance.get_run_records()}


def arrive(place: Place, number: int) -> None:
    """A file that is no report: it is refused, and answered all the same."""
    folder = place.root / "inbox" / FEED / "2022-S1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.csv").write_bytes(b"%d: no table at all" % number)


def wait_until_a_run_is_at_work(place: Place, known: set[str]) -> None:
    end = time.monotonic() + 180
    while not any(state == "STARTED" for run_id, state in place.statuses().items() if run_id not in known):
        assert time.monotonic() < end, place.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        time.sleep(0.3)


@pytest.mark.heavy
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="what is to be killed is read from /proc")
@pytest.mark.parametrize("kills", [10])
def test_p26_after_each_kill_of_the_ui_the_next_run_starts_and_all_that_came_is_answered(
    tmp_path: Path, project: Path, kills: int
) -> None:
    place, chance = Place(tmp_path, project), random.Random(26)
    for number in range(kills):
        known = set(place.statuses())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        started = place.start("ui", "--port", str(port))
        arrive(place, number)
        try:
            wait_until_a_run_is_at_work(place, known)
            time.sleep(chance.uniform(0, 4))
        finally:
            place.kill()
            started.communicate()
        begun = time.time()
        output, _ = (run := place.start("run", "--publish", "auto", "--json")).communicate(timeout=300)
        assert run.returncode == 0, output[-3000:]
        outcome = json.loads(output)
        with dg.DagsterInstance.from_config(str(place.home)) as instance:
            (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[outcome["run_id"]]))
        assert record.start_time is not None
        assert record.start_time - begun < HALF_A_MINUTE
        assert unanswered(place.store) == []
        assert place.store.verify() == []
    assert set(place.statuses().values()) <= {"SUCCESS", "FAILURE", "QUEUED"}, "a queued run waits for the next UI"
