"""``./dti``: the two commands of a stranger, and what it says when the machine is not fit."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COPIED = ("dti", "dagster.yaml", "requirements.lock")


@pytest.fixture
def checkout(tmp_path: Path, project: Path) -> Path:
    """A checkout in a folder with a space, whose environment is the one at hand."""
    place = tmp_path / "a folder with a space"
    place.mkdir()
    for name in COPIED:
        shutil.copy2(project / name, place / name)
    (place / "dti_platform").symlink_to(project / "dti_platform")
    (place / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (place / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    digest = hashlib.sha256((place / "requirements.lock").read_bytes()).hexdigest()
    (place / ".venv" / ".lock.sha256").write_text(digest + "\n", encoding="utf-8")
    return place


def call(script: Path, *arguments: str, home: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path or os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(script), *arguments], env=environment, cwd=home, capture_output=True, text=True, check=False
    )


def test_it_runs_from_any_folder_with_a_space_in_the_path_and_an_empty_home(checkout: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = call(checkout / "dti", "--version", home=home)
    assert (done.returncode, done.stdout) == (0, "dti, version 0.1.0\n"), done.stderr
    assert (checkout / ".dagster" / "dagster.yaml").read_bytes() == (checkout / "dagster.yaml").read_bytes()
    assert not any(home.iterdir())


def test_a_python_that_is_too_old_is_named_with_the_fix(checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "mkdir", "cmp", "cp", "rm"):
        (tools / name).symlink_to(shutil.which(name))
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = call(checkout / "dti", "run", home=tmp_path, path=str(tools))
    assert done.returncode == 2
    assert "needs Python 3.11, 3.12, 3.13 or 3.14; found: Python 3.9.2" in done.stderr
    assert "DTI_PYTHON=" in done.stderr


def test_the_lock_is_hashed_universal_and_names_no_registry(project: Path) -> None:
    lock = (project / "requirements.lock").read_text(encoding="utf-8")
    pins = [line for line in lock.splitlines() if line and not line.startswith((" ", "#", "-"))]
    assert len(pins) > 100
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
    assert "://" not in lock
    assert "python_full_version" in lock


def test_wrong_usage_exits_2(project: Path, tmp_path: Path) -> None:
    assert call(project / "dti", "run", "--no-such-option", home=tmp_path).returncode == 2
    assert call(project / "dti", "no-such-command", home=tmp_path).returncode == 2


@pytest.mark.parametrize("arguments", [(), ("--type", "correction"), ("--type", "revision", "--reason", " ")])
def test_a_release_outside_the_schedule_needs_its_type_and_its_reason(
    project: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = call(project / "dti", "release", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert "--type" in done.stderr or "reason" in done.stderr
