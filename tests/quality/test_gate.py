"""Faults injected before the write, through the main job: what is stopped where, and that nothing is published."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dti_platform import publications
from dti_platform.language import Bilingual
from dti_platform.orchestration.run import run_main_job
from dti_platform.pipeline.gate import without
from dti_platform.storage import Store

PRINTED = Path("published_results") / "2022"
Inject = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture
def store(tmp_path: Path, project: Path) -> Store:
    """A data root with the printed results of one year to read."""
    shutil.copytree(project / "data" / "feeds" / PRINTED, tmp_path / "feeds" / PRINTED)
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def lay(inject: Inject, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault into a table as it is built."""
    module = publications.discover()[table]
    sound = module.build
    monkeypatch.setattr(module, "build", lambda *args, **kwargs: inject(sound(*args, **kwargs)))


def last(column: str, value: float, kind: type[pl.DataType]) -> Inject:
    """Another value for the province that is printed as 63rd."""
    changed = pl.when(pl.col("rank") == 63).then(pl.lit(value, kind)).otherwise(column)
    return lambda frame: frame.with_columns(changed.alias(column))


def test_a_broken_contract_is_not_written_and_what_fails_a_critical_check_is_not_published(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tables of one run, each with a fault."""
    steps: list[Bilingual] = []
    lay(last("score", 1.5, pl.Float64), "index_scores", monkeypatch)
    lay(last("rank", 61, pl.Int32), "province_ranking", monkeypatch)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    outcome = run_main_job(store, ["2022"], steps.append)
    told = [each.en for each in steps]
    assert told[0] == "Received: 3 files count, 3 of them new"
    assert [each.partition(":")[0] for each in told if each[0] in "RS"] == ["Received", "Read 2022", "Scored", "Ranked"]
    (stopped,) = (each for each in told if each.endswith(" stop the release"))
    assert stopped.startswith("Checked table province_ranking: 1 of ")
    assert not outcome.success
    assert "figures_are_as_made" in str(outcome.to_dict())
    assert store.tables.has("province_ranking", 2022)
    assert "index_scores 2022 breaks its contract: column score" in (outcome.failure or "")
    assert not store.tables.has("index_scores", 2022)
    assert store.tables.has("scores", 2022)
    assert store.releases.latest() is None


def test_only_printed_figures_go_with_their_withdrawn_file() -> None:
    """In tables that name no file those of the units that it spoke of; nothing else is looked away from."""
    withdrawn = pl.DataFrame({"file": ["a"], "period": ["2022"], "geography": ["VN63"], "unit": ["VN63-19"]})
    rows = pl.DataFrame({
        "period": ["2022"] * 4, "geography": ["VN63"] * 4, "unit": ["VN63-19", "VN63-19", "VN63-01", "VN63-19"],
        "basis": ["published", "self", "published", "published"], "file": ["a", "a", "a", "b"],
    })  # fmt: skip
    assert without(rows, withdrawn).rows() == [rows.row(1), rows.row(3)]
    unnamed = rows.drop("file")
    assert without(unnamed, withdrawn).rows() == [unnamed.row(1), unnamed.row(2)]
    assert without(unnamed.drop("basis"), withdrawn).height == 4
    assert without(rows, withdrawn.clear()).height == 4
