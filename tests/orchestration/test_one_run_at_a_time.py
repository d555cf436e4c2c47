"""Two runs of one data root: one computes, the other is refused with the holder's run id, whoever started them."""

from __future__ import annotations

import shutil
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store
from dti_platform.storage.locks import LOOK

pytestmark = pytest.mark.usefixtures("figures_alone")


@pytest.fixture
def store(tmp_path: Path, project: Path) -> Store:
    shutil.copytree(project / "data" / "feeds" / "provincial_report", tmp_path / "feeds" / "provincial_report")
    return Store(tmp_path)


def test_a_run_is_refused_with_the_holders_id_while_another_holds_the_data(store: Store) -> None:
    with store.lock("run", "0123-the-other-run"):
        outcome = run_main_job(store, ["2022"])
    assert not outcome.success
    assert "0123-the-other-run" in str(outcome.failure)
    assert outcome.failure_kind == "locked"
    assert store.releases.list() == []


def test_it_waits_as_long_as_it_is_told_and_runs_once_the_holder_has_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DTI_LOCK_WAIT_SECONDS", "30")
    held, asked, ended = threading.Event(), threading.Event(), threading.Event()
    lock = Store.lock

    def hold() -> None:
        with lock(store, "run", "0123-the-other-run"):
            held.set()
            asked.wait(30)
            ended.wait(4 * LOOK)  # longer than one looks who does not wait

    def ask(*arguments: Any, **named: Any) -> AbstractContextManager[None]:
        asked.set()
        return lock(*arguments, **named)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    monkeypatch.setattr(Store, "lock", ask)
    outcome = run_main_job(store, ["2022"])
    ended.set()
    holder.join()
    assert outcome.success, outcome.failure
