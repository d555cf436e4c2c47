"""What tests of several rooms share: the project's folders, and one whole run over the committed input."""

from __future__ import annotations

import atexit
import gc
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from dti_platform.reading import one_child
from dti_platform.storage import Store
from tests import committed, once

if TYPE_CHECKING:
    from dti_platform.orchestration.run import RunOutcome
    from tests.extended import Extended

PROJECT = Path(__file__).parents[1]

# Compiled modules are kept even where the environment forbids it: else every worker and process compiles them all.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Runs of tests have no place in the history of the project's own runs: a test that needs a history makes a home.
os.environ.pop("DAGSTER_HOME", None)

# Small frames: the workers have every core already. Some tests name other numbers, to show that none changes a byte.
os.environ["POLARS_MAX_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command line has it

# Rankings on official figures are audited by as many draws as others: 100,000 prove no more, and cost half a second.
os.environ["DTI_AUDIT_DRAWS"] = "2000"

# Folders of tests lie in memory where there is room: what a release makes durable waits for the disk 900 times.
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None

# Dagster and Great Expectations make many objects that live on: looking for garbage less often saves a tenth.
gc.set_threshold(100_000, 20, 50)

#: The files whose tests take longest, about in the order of their length: workers begin with them, so that none ends
#: alone. The first makes the run that others read; the two after it need none, so that no worker waits for it.
LONGEST = (
    "test_archive", "test_scenarios", "test_web_guard", "test_failures", "test_another_index", "test_unverified",
    "test_accepted", "test_edges", "test_rebuild", "test_recipes", "test_explain", "test_reception",
    "test_defects", "test_shared_folder", "test_doctor", "test_same_bytes", "test_consequence", "test_returned",
    "test_standing_years", "test_commands", "test_corrections", "test_candidate", "test_every_feed", "test_desk",
    "test_flow", "test_backup", "test_private_apis", "test_one_run_at_a_time", "test_processes", "test_crashes",
)  # fmt: skip


#: The ids of all tests that were collected, those that are not asked for too.
COLLECTED = pytest.StashKey[frozenset[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first."""
    config.stash[COLLECTED] = frozenset(item.nodeid for item in items)
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported lives on: nobody looks for garbage among it."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Pytest has looked for errors in garbage, and does so again at once, which costs 1.5 CPU s: of what lives on."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # else DuckDB tells at the end of types that were never let go


@dataclass(frozen=True)
class Flow:
    """A finished run of the main job, the store that it filled, and Dagster's home."""

    store: Store
    outcome: RunOutcome
    home: Path

    def copy(self, folder: Path) -> Store:
        """The data root and its feeds, copied into a folder: for a test that writes."""
        shutil.copytree(self.store.root, folder / "data", symlinks=True)
        shutil.copytree(self.store.feeds, folder / "feeds")
        return Store(folder / "data", feeds=folder / "feeds")


@pytest.fixture(scope="session", autouse=True)
def without_waiting() -> Iterator[None]:
    """Whether a file of the inbox still grows is looked at without waiting: tests write whole files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dti_platform.submissions.reception.LOOK_SECONDS", 0.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def migrations_read_once() -> Iterator[None]:
    """Dagster's migrations are read once, not for each database of each new home: 60 modules, 0.2 CPU s a home."""
    directory = import_module("alembic.script").ScriptDirectory  # a library of Dagster, none that we declare
    known: dict[str | None, object] = {}
    read = directory.from_config

    def from_config(config: Any) -> object:
        place = config.get_main_option("script_location")
        return known.get(place) or known.setdefault(place, read(config))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "from_config", from_config)
        yield


@pytest.fixture(scope="session", autouse=True)
def made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is made ``once`` lies where all workers find it, if there are several; and so does the session's run."""
    committed.run = of_all_workers(tmp_path_factory) / "flow"
    if "PYTEST_XDIST_WORKER" in os.environ:
        once.folder = of_all_workers(tmp_path_factory) / "once"


@pytest.fixture(scope="module")
def one_child_for_all() -> Iterator[None]:
    """The files of a module's tests are read in one child, as those of one reception are: a start costs 0.2 CPU s."""
    with one_child():
        yield


@pytest.fixture(scope="module")
def release_alone() -> Iterator[None]:
    """Runs of a module make nothing beside the release: an empty site, an audit of nothing. Either costs a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dti_platform.pipeline.site.pages", lambda *_: iter(()))
        patch.setattr("dti_platform.pipeline.robustness.contents", lambda *_: iter(()))
        yield


@pytest.fixture(scope="module")
def figures_alone(release_alone: None) -> Iterator[None]:  # noqa: ARG001 - in force with it
    """Nor do they make more than a short release, or ask a check of it: where a run is looked at, not what it makes."""
    from tests.pipeline.in_process import short_releases

    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch, "province_ranking", "ministry_ranking", "league_table")  # the last is told of a run
        patch.setattr("dti_platform.quality.suites", dict[str, object])
        yield


@pytest.fixture
def whole_answers() -> None:
    """For a test that looks at them, in a module with ``answer_alone``."""


@pytest.fixture
def answer_alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of a test are short, unless it takes ``whole_answers``."""
    from tests.pipeline.in_process import answers_alone

    if "whole_answers" not in request.fixturenames:
        answers_alone(monkeypatch)


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root."""
    return PROJECT


@pytest.fixture(scope="session")
def used_home(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """A DAGSTER_HOME with its files, and without a run, to be copied: making them costs 0.2 CPU s."""
    from dti_platform.orchestration.liveness import instance

    folder = tmp_path_factory.mktemp("used_home")
    shutil.copy2(project / "dagster.yaml", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder))
        with instance() as opened:
            assert not opened.is_ephemeral
    return folder


@pytest.fixture(scope="session")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    """The main job, once for all workers, over every committed file, into an empty data root.

    Tests read it and change nothing, which is checked at the end; those that write take a `copy`.
    """
    from dti_platform.orchestration.run import RunOutcome

    place = of_all_workers(tmp_path_factory) / "flow"
    finished = place / "outcome.json"
    with FileLock(f"{place}.lock"):
        if not finished.exists():
            run_once(place, finished)
    store = Store(place / "data", feeds=PROJECT / "data" / "feeds")
    before = fingerprint(store.root)
    yield Flow(store, RunOutcome(**json.loads(finished.read_bytes())), place / "dagster")
    assert fingerprint(store.root) == before, "a test has written into the data root that all tests read"


@pytest.fixture(scope="session")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    """A copy of the project with all recipes, after its commands, once for all workers; tests change nothing in it."""
    from tests.extended import extended

    return once.once("extended", lambda: extended(of_all_workers(tmp_path_factory) / "extended"))


def of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the whole session: a worker has one of its own inside it."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def run_once(place: Path, finished: Path) -> None:
    from dti_platform.orchestration.run import run_main_job

    home = place / "dagster"
    home.mkdir(parents=True)
    settings = (PROJECT / "dagster.yaml").read_text(encoding="utf-8")
    (home / "dagster.yaml").write_text(settings.replace("env: DAGSTER_HOME", json.dumps(str(home))), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        outcome = run_main_job(Store(place / "data", feeds=PROJECT / "data" / "feeds"))
    finished.write_text(json.dumps(outcome.to_dict()), encoding="utf-8")


def fingerprint(root: Path) -> dict[str, str]:
    """Every file of a data root and the sha256 of its content; where a link points."""
    return {
        path.relative_to(root).as_posix(): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }
