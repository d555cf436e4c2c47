"""A run speaks to nobody: no socket of a process that runs the main job goes anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Every connection but one inside the machine ends the process.
GUARD = """
import socket, sys
from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store

seen = []

def refuse(event, given):
    if event == "socket.connect" and given[0].family in (socket.AF_INET, socket.AF_INET6):
        seen.append(given[1])
    if event == "socket.getaddrinfo":
        seen.append(given[0])

sys.addaudithook(refuse)
outcome = run_main_job(Store(sys.argv[1], feeds=sys.argv[2]), ["2021"])
print(outcome.success, seen)
"""


def test_a_run_opens_no_outside_socket(tmp_path: Path, project: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((project / "dagster.yaml").read_bytes())
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_DISABLE_TELEMETRY"}
    of_2021 = Path("published_results") / "2021"
    shutil.copytree(project / "data" / "feeds" / of_2021, tmp_path / "feeds" / of_2021)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GUARD, str(tmp_path / "data"), str(tmp_path / "feeds")],
        env=environment | {"DAGSTER_HOME": str(home), "HOME": str(home), "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True", "[]"], done.stderr[-3000:]
