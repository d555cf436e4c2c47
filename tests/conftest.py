"""What tests of several rooms share: the project's folders, and one whole run over the committed input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dti_platform.storage import Store

if TYPE_CHECKING:
    from dti_platform.orchestration.run import RunOutcome

PROJECT = Path(__file__).parents[1]
SHARED = PROJECT.parent / "shared"


@dataclass(frozen=True)
class Flow:
    """A finished run of the main job and the store that it filled."""

    store: Store
    outcome: RunOutcome


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Facts and files that stand beside the project, never in it."""
    if not SHARED.is_dir():
        pytest.skip("the folder `shared` does not stand beside the project")
    return SHARED


@pytest.fixture(scope="session")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    """The main job, once, over every committed file, into an empty data root. Tests read it and change nothing."""
    from dti_platform.orchestration.run import run_main_job

    home = tmp_path_factory.mktemp("dagster")
    store = Store(tmp_path_factory.mktemp("data"), feeds=PROJECT / "data" / "feeds")
    with pytest.MonkeyPatch.context() as patch:
        (home / "dagster.yaml").write_bytes((PROJECT / "dagster.yaml").read_bytes())
        patch.setenv("DAGSTER_HOME", str(home))
        return Flow(store, run_main_job(store))
