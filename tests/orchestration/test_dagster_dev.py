"""Dagster's own way in, from a clone without settings: ``dagster dev -w workspace.yaml`` loads the location."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

LOCATIONS = """{ workspaceOrError { ... on Workspace {
  locationEntries { name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } } }"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture
def port(tmp_path: Path, project: Path) -> Iterator[int]:
    """The port of a ``dagster dev`` with an empty DAGSTER_HOME, in a session of its own, which ends with the test."""
    chosen = free_port()
    (tmp_path / "home").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DAGSTER_HOME": str(tmp_path / "home"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DTI_DATA": str(tmp_path / "data"),
        "PYTHONWARNINGS": "ignore",
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(chosen)],
            cwd=project, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    yield chosen
    process.send_signal(signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(port: int) -> list[dict[str, object]]:
    """The code locations of the workspace, as the webserver gives them; none before it answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": LOCATIONS}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)["data"]["workspaceOrError"]["locationEntries"]
    except OSError:
        return []


@pytest.mark.heavy
def test_dagster_dev_loads_the_location(port: int, tmp_path: Path) -> None:
    end = time.monotonic() + 180
    while not (entries := ask(port)) or entries[0]["loadStatus"] != "LOADED":
        assert time.monotonic() < end, (tmp_path / "log").read_text(encoding="utf-8")[-3000:]
        time.sleep(1)
    (entry,) = entries
    assert entry["name"] == "dti_platform"
    assert entry["locationOrLoadError"] == {"__typename": "RepositoryLocation"}
