"""What an installation holds: declared libraries, the three locks of one resolution, and the wheel with its data."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import venv
import zipfile
from importlib import import_module
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dti_platform
from dti_platform import quality
from dti_platform.orchestration.build import JOB
from tests.test_private_apis import listed, warned_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MB = 2**20
OWN = {"dti_platform", "tests", "tools"}
#: Each holds all of the one before it.
LOCKS = ("requirements.lock", "requirements-production.lock", "requirements-dev.lock")
#: One statement names one library, as ruff has it; a sentence that begins so names none that is installed.
IMPORTED = re.compile(r"^\s*(?:import|from) (\w+)", re.MULTILINE)
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def pins(lock: Path) -> set[tuple[str, str, str]]:
    """Name, version and marker of every package; one that differs between machines has several."""
    return set(PIN.findall(lock.read_text(encoding="utf-8")))


def declared(requirements: Iterable[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=~! ;]", requirement)[0]) for requirement in requirements}


def imported(*folders: Path) -> set[str]:
    """The distributions of every library that some module in these folders names, or a program in a text there."""
    modules = (module for folder in folders for module in folder.rglob("*.py"))
    names = {name for module in modules for name in IMPORTED.findall(module.read_text(encoding="utf-8"))}
    owners = packages_distributions()
    return {normal(owners[name][0]) for name in names - sys.stdlib_module_names - OWN if name in owners}


@pytest.fixture(scope="module")
def pyproject(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_library_of_the_platform_is_declared_and_locked(project: Path, pyproject: dict[str, Any]) -> None:
    libraries = imported(project / "dti_platform")
    in_production = {"dagster-postgres"} & libraries  # loaded only where a database is named
    assert len(libraries) > 10
    assert not libraries - in_production - declared(pyproject["project"]["dependencies"])
    assert not libraries - in_production - {name for name, *_ in pins(project / "requirements.lock")}
    assert in_production <= {name for name, *_ in pins(project / "requirements-production.lock")}


def test_every_library_of_the_tests_is_declared_and_locked(project: Path, pyproject: dict[str, Any]) -> None:
    libraries = imported(project / "tests", project / "benchmarks", project / "tools")
    every = pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["dev"]
    assert not libraries - declared(every)
    assert not libraries - {name for name, *_ in pins(project / "requirements-dev.lock")}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_hashed_universal_and_names_no_registry(project: Path, name: str) -> None:
    lock = (project / name).read_text(encoding="utf-8")
    lines = [line for line in lock.splitlines() if line and not line.startswith((" ", "#", "-"))]
    assert len(lines) > 100
    assert len(pins(project / name)) == len(lines)
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", lock))
    assert "://" not in lock
    assert "python_full_version" in lock


def test_the_locks_are_one_resolution(project: Path) -> None:
    run_time, production, dev = (pins(project / name) for name in LOCKS)
    assert run_time < production < dev


def test_a_library_of_production_is_the_release_made_for_the_orchestrator(project: Path) -> None:
    """A resolver that finds none goes back years to one that asks for nothing, and says nothing of it."""
    locked = {name: pinned for name, pinned, _ in pins(project / "requirements-production.lock")}
    assert version("dagster-postgres") == locked["dagster-postgres"]
    asked = [each for each in requires("dagster-postgres") or () if re.match(r"dagster[=<>]", each)]
    assert asked == [f"dagster=={locked['dagster']}"]
    import_module("dagster_postgres.storage")


def test_tools_of_development_are_not_in_the_run_time_lock(project: Path) -> None:
    assert not {"pytest", "ruff", "pyright", "duckdb", "hypothesis"} & {
        name for name, *_ in pins(project / "requirements.lock")
    }


#: Loads Dagster's definitions as ``dagster dev`` does, with the filters of the platform left out, then what lies beside
#: the code; prints what Dagster warns of, whether the library of the checks is loaded with them, and what was found.
LOADS = """
import json, sys, warnings
import dagster
messages = set()
warnings.simplefilter("always")
warnings.filterwarnings = warnings.simplefilter = lambda *_, **__: None
warnings.showwarning = lambda message, category, *_: messages.add(str(message))
from dti_platform.definitions import defs
defs.get_repository_def()
told = {"warned": sorted(messages), "with_checks": "great_expectations" in sys.modules}
import dti_platform, dti_platform.quality, dti_platform.units
suites, units = sorted(dti_platform.quality.suites()), len(dti_platform.units.load().all)
print(json.dumps({**told, "package": dti_platform.__file__, "suites": suites, "units": units}))
"""


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made offline, and unpacked as an installer does."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (file,) = place.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(place / "site")
    return place / "site"


def test_the_wheel_holds_every_file_of_the_package(project: Path, wheel: Path) -> None:
    package = project / "dti_platform"
    files = {
        file.relative_to(project) for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    }
    assert not {file for file in files if not (wheel / file).is_file()}
    for source, place in (("expectations", "expectations"), ("data/reference", "_data/reference")):
        names = {file.name for file in (project / source).iterdir()}
        assert names == {file.name for file in (wheel / "dti_platform" / place).iterdir()}


def installed(wheel: Path, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the wheel, in another folder."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(place), "PYTHONPATH": str(wheel), "PYTHONUTF8": "1"}
    command = [sys.executable, "-P", *arguments]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def loaded(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process says that loads the definitions from the wheel."""
    done = installed(wheel, tmp_path_factory.mktemp("loaded"), "-c", LOADS)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_wheel_finds_its_data_and_loads_in_dagster(loaded: dict[str, Any], wheel: Path, project: Path) -> None:
    assert Path(loaded["package"]).is_relative_to(wheel)
    assert loaded["suites"] == sorted(quality.suites(project / "expectations"))
    assert loaded["units"] > 63


def test_the_list_of_private_apis_names_all_that_dagster_warns_of(loaded: dict[str, Any], project: Path) -> None:
    warned = {warned_of(message) for message in loaded["warned"]}
    assert warned == {name for name, file in listed(project) if file == "orchestration"}


def test_loading_the_definitions_loads_no_checks(loaded: dict[str, Any]) -> None:
    """Beside what ``test_architecture`` holds of other modules."""
    assert not loaded["with_checks"]


def test_a_command_of_the_wheel_takes_its_data_from_the_working_folder(wheel: Path, tmp_path: Path) -> None:
    settings = installed(wheel, tmp_path, "-m", "dti_platform.cli", "config")
    assert f"DTI_DATA={tmp_path / 'data'}\n" in settings.stdout, settings.stderr
    assert installed(wheel, tmp_path, "-m", "dti_platform.cli", "test").returncode == 2


def test_what_is_committed_stays_small(project: Path) -> None:
    if not (project / ".git").exists():
        pytest.skip("not a checkout of git")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=True).stdout
    sizes = {name: (project / name).stat().st_size for name in names.split("\0") if (project / name).is_file()}
    assert not {name: size for name, size in sizes.items() if size > 2 * MB}
    assert sum(sizes.values()) < 12 * MB
    assert "uv.lock" not in sizes, "uv's own lock takes the newest packages: the locks are requirements*.lock"


def test_the_version_stands_in_one_place(wheel: Path, pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["dynamic"] == ["version"]
    (metadata,) = wheel.glob("*.dist-info/METADATA")
    assert f"\nVersion: {dti_platform.__version__}\n" in metadata.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(url: str, seconds: float) -> str:
    """What a server answers once it is up."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


JOBS = "/graphql?query=%7BrepositoriesOrError%7B...on%20RepositoryConnection%7Bnodes%7Bjobs%7Bname%7D%7D%7D%7D%7D"


@pytest.mark.heavy
def test_a_clean_clone_works_with_pip_dagster_and_pytest_alone(project: Path, tmp_path: Path) -> None:
    """The commands of CONTRIBUTING, without ``./dti``; needs a package index."""
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", project, clone], check=True)
    venv.create(clone / ".venv", with_pip=True)
    tools = clone / ".venv" / "bin"
    environment = {**os.environ, "HOME": str(home), "DAGSTER_HOME": str(home), "PATH": f"{tools}:/usr/bin:/bin"}
    environment.pop("PYTHONPATH", None)

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    call("pip", "install", "--quiet", "--upgrade", "pip>=25.1")
    call("pip", "install", "--quiet", "-e", ".", "--group", "dev")
    call("dti", "--version")
    call("dagster", "definitions", "validate", "-w", "workspace.yaml")
    call("pytest", "tests/test_units.py", "tests/test_architecture.py")
    port = free_port()
    with subprocess.Popen([tools / "dagster", "dev", "-p", str(port)], cwd=clone, env=environment) as server:
        try:
            jobs = json.loads(answer(f"http://127.0.0.1:{port}{JOBS}", 120))
        finally:
            server.terminate()
    assert {"name": JOB} in jobs["data"]["repositoriesOrError"]["nodes"][0]["jobs"]
