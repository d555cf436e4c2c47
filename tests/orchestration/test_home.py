"""A DAGSTER_HOME, a cache or a folder of reports out of order costs a run its history or time, nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from dti_platform.orchestration import ui
from dti_platform.orchestration.liveness import history, instance
from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store
from tests.pipeline.in_process import short_releases

Break = Callable[[Path], object]


@pytest.fixture
def home(used_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return shutil.copytree(used_home, tmp_path / "home")


def garbage(name: str) -> Break:
    def write(home: Path) -> None:
        (path,) = home.rglob(name)
        path.write_bytes(b"garbage" * 1000)

    return write


def settings(content: bytes) -> Break:
    return lambda home: (home / "dagster.yaml").write_bytes(content)


def file_instead(name: str) -> Break:
    def write(home: Path) -> None:
        shutil.rmtree(home / name)
        (home / name).write_bytes(b"")

    return write


BROKEN: dict[str, Break] = {
    "runs.db is garbage": garbage("runs.db"),
    "index.db is garbage": garbage("index.db"),
    "schedules.db is garbage": garbage("schedules.db"),
    "settings are no YAML": settings(b"a: [b"),
    "settings are unknown": settings(b"nosuch: 1"),
    "settings are no text": settings(b"\xff\xfe\x00"),
    "history is a file": file_instead("history"),
    "home is a file": file_instead("."),
    "home is gone": shutil.rmtree,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_run_goes_on_without_its_history_and_says_so(home: Path, name: str) -> None:
    BROKEN[name](home.resolve())
    remarks: list[str] = []
    with history(remarks) as opened:
        assert opened.is_ephemeral
    (remark,) = remarks
    assert remark.startswith(f"{home}: the history of runs can't be opened (")
    assert remark.endswith("); restore it, or move it away; this run leaves none")
    assert "\n" not in remark


def test_a_home_in_order_needs_no_remark(home: Path) -> None:
    assert (home / "history/runs.db").is_file()
    remarks: list[str] = []
    with history(remarks) as opened:
        assert isinstance(opened, dg.DagsterInstance)
        assert not opened.is_ephemeral
    assert remarks == []


def test_without_a_home_no_event_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with instance() as opened:
        opened.report_runless_asset_event(dg.AssetMaterialization("release"))
        assert opened.get_latest_materialization_event(dg.AssetKey("release")) is None


def test_the_ui_needs_its_history_and_ends_in_a_sentence(home: Path) -> None:
    BROKEN["runs.db is garbage"](home)
    with pytest.raises(SystemExit, match="the history of runs can't be opened"):
        ui.unblock()


@pytest.mark.usefixtures("release_alone")
def test_a_run_publishes_though_history_cache_and_reports_are_out_of_order(
    home: Path, tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_releases(monkeypatch, "province_ranking", "ministry_ranking", "league_table")
    feed = Path("feeds/published_results/2022")
    store = Store(tmp_path / "data")
    shutil.copytree(project / "data" / feed, store.root / feed)
    for part in ("cache", "docs"):
        (store.root / part).write_bytes(b"a file where a folder is expected")
    BROKEN["runs.db is garbage"](home)
    outcome = run_main_job(store)
    assert outcome.success, outcome.failure
    assert (outcome.release_is_new, outcome.docs) == (True, None)
    beginnings = (str(home), str(store.root / "cache"), str(store.root / "docs"))
    assert all(each.startswith(begins) for each, begins in zip(outcome.remarks, beginnings, strict=True))
