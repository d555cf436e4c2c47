"""``./dti``: the two commands of a stranger, and what it says when the machine is not fit."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dti_platform

COPIED = ("dti", "dagster.yaml", "requirements.lock", "requirements-dev.lock")


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


#: An interpreter that makes environments of itself and, for the rest, writes down the lock or command it was given.
RECORDER = """#!/bin/sh
case "$*" in
*" venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >> "$LOG" ;;
*" pip install "*) for lock; do :; done; echo "${lock##*/}" >> "$LOG"; exit "${PIP_EXIT:-0}" ;;
*dti_platform.cli*) echo "run $4" >> "$LOG" ;;
*hashlib*) exec REAL "$@" ;;
esac
"""


@pytest.fixture
def fresh(tmp_path: Path, project: Path) -> Path:
    """A checkout without an environment, beside ``python3``, the recorder."""
    place = tmp_path / "fresh clone"
    place.mkdir()
    for name in COPIED:
        shutil.copy2(project / name, place / name)
    recorder = place / "python3"
    recorder.write_text(RECORDER.replace("REAL", sys.executable), encoding="utf-8")
    recorder.chmod(0o755)
    return place


def steps(clone: Path, *arguments: str, **environment: str) -> list[str]:
    """What one call of ``./dti`` did, in its order."""
    log = clone / "log"
    log.unlink(missing_ok=True)
    own = {"PATH": f"{clone}:{os.environ['PATH']}", "HOME": str(clone), "LOG": str(log), **environment}
    subprocess.run([clone / "dti", *arguments], env=own, check=False, capture_output=True)
    return log.read_text(encoding="utf-8").splitlines()


def change(lock: Path) -> None:
    lock.write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    os.utime(lock, (2**32, 2**32))  # newer than any stamp


def call(script: Path, *arguments: str, home: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path or os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(script), *arguments], env=environment, cwd=home, capture_output=True, text=True, check=False
    )


def test_it_runs_from_any_folder_with_a_space_in_the_path_and_an_empty_home(checkout: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = call(checkout / "dti", "--version", home=home)
    assert (done.returncode, done.stdout) == (0, f"dti, version {dti_platform.__version__}\n"), done.stderr
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


def test_a_run_installs_the_run_time_lock_alone_and_a_test_the_other_one_too(fresh: Path) -> None:
    assert steps(fresh, "run") == ["venv", "requirements.lock", "run run"]
    assert steps(fresh, "run") == ["run run"]
    assert steps(fresh, "test") == ["requirements-dev.lock", "run test"]
    assert steps(fresh, "test") == steps(fresh, "test", "-x") == ["run test"]


def test_the_first_test_installs_both(fresh: Path) -> None:
    assert steps(fresh, "test") == ["venv", "requirements.lock", "requirements-dev.lock", "run test"]


def test_a_changed_lock_makes_the_environment_anew(fresh: Path) -> None:
    steps(fresh, "test")
    change(fresh / "requirements.lock")
    assert steps(fresh, "run") == ["venv", "requirements.lock", "run run"]
    assert steps(fresh, "test") == ["requirements-dev.lock", "run test"]


def test_a_changed_lock_of_the_tests_concerns_the_tests_alone(fresh: Path) -> None:
    steps(fresh, "test")
    change(fresh / "requirements-dev.lock")
    assert steps(fresh, "run") == ["run run"]
    assert steps(fresh, "test") == ["venv", "requirements.lock", "requirements-dev.lock", "run test"]


def test_a_lock_that_is_only_touched_changes_nothing(fresh: Path) -> None:
    steps(fresh, "test")
    for name in ("requirements.lock", "requirements-dev.lock"):
        os.utime(fresh / name, (2**32, 2**32))
    assert steps(fresh, "test") == ["run test"]


@pytest.mark.parametrize("command", ["run", "test"])
def test_an_environment_that_could_not_be_finished_is_made_anew(fresh: Path, command: str) -> None:
    assert steps(fresh, command, PIP_EXIT="1") == ["venv", "requirements.lock"]
    assert steps(fresh, "run") == ["venv", "requirements.lock", "run run"]


def test_an_environment_of_other_tools_is_used_as_it_is(fresh: Path) -> None:
    (fresh / ".venv" / "bin").mkdir(parents=True)
    shutil.copy2(fresh / "python3", fresh / ".venv" / "bin" / "python")
    assert steps(fresh, "run") == ["run run"]
    assert steps(fresh, "test") == ["run test"]


def test_a_configuration_of_dagster_is_replaced_only_if_it_is_ours_to_the_byte(checkout: Path, tmp_path: Path) -> None:
    config = checkout / ".dagster" / "dagster.yaml"
    config.parent.mkdir()
    before = (checkout / "dagster.yaml").read_text(encoding="utf-8")
    ours = before + "# a later version\n"
    (checkout / "dagster.yaml").write_text(ours, encoding="utf-8")
    for lying, after in ((before, ours), ("storage: {}\n", "storage: {}\n"), (before + "x: 1\n", before + "x: 1\n")):
        config.write_text(lying, encoding="utf-8")
        assert call(checkout / "dti", "--version", home=tmp_path).returncode == 0
        assert config.read_text(encoding="utf-8") == after


def test_where_a_database_holds_the_history_no_configuration_of_ours_takes_its_place(
    checkout: Path, tmp_path: Path
) -> None:
    begun = call(Path("/usr/bin/env"), "DAGSTER_POSTGRES_URL=x", str(checkout / "dti"), "--version", home=tmp_path)
    assert begun.returncode == 0
    assert not (checkout / ".dagster" / "dagster.yaml").exists()


def test_the_version_of_our_configuration_is_listed(project: Path) -> None:
    sha256 = hashlib.sha256((project / "dagster.yaml").read_bytes()).hexdigest()
    assert sha256 in (project / "dti").read_text(encoding="utf-8"), f"add {sha256} to the versions in ./dti"


def test_wrong_usage_exits_2(project: Path, tmp_path: Path) -> None:
    assert call(project / "dti", "run", "--no-such-option", home=tmp_path).returncode == 2
    assert call(project / "dti", "no-such-command", home=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "arguments", [("--type", "correction"), ("--type", "revision", "--reason", " "), ("--reason", "x")]
)
def test_a_release_outside_the_schedule_needs_its_type_and_its_reason(
    project: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = call(project / "dti", "release", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert "--type" in done.stderr or "reason" in done.stderr
