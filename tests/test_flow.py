"""The main job over the committed input, as a stranger would judge it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from dti_platform import publications
from dti_platform.orchestration.run import run_main_job
from dti_platform.pipeline import Platform
from dti_platform.pipeline.rebuild import rebuild
from tests.conftest import fingerprint

if TYPE_CHECKING:
    from tests.conftest import Flow


def test_the_run_publishes_every_table_together(flow: Flow) -> None:
    assert flow.outcome.success, flow.outcome.failure
    assert flow.outcome.release_is_new
    files = {*fingerprint((flow.store.root / "published" / "latest").resolve())}
    tables = flow.store.releases.open().tables
    assert {name.rpartition("/")[2] for name in tables} == {*publications.released()}
    assert files == {"datapackage.json", *(f"{name}.parquet" for name in tables)}
    assert files >= {
        "province_ranking.parquet",
        "ministry_ranking.parquet",
        "index_scores.parquet",
        "national_scorecard.parquet",
        "provincial_scorecard.parquet",
        "reconciliation.parquet",
        "coverage.parquet",
        "observations.parquet",
        "revisions.parquet",
        "datapackage.json",
    }


def test_every_blocking_check_passed_and_none_could_not_run(flow: Flow) -> None:
    assert flow.outcome.checks["passed"] > 0
    assert flow.outcome.checks["failed"] == flow.outcome.checks["could not run"] == 0


def test_the_ledger_says_what_was_read_checked_and_released_by_which_run(flow: Flow) -> None:
    kinds = [entry.kind for entry in flow.store.ledger.entries()]
    assert kinds == ["receipt", "reading", "checks", "derived", "release", "run"]
    body = {entry.kind: entry.body for entry in flow.store.ledger.entries()}
    assert len(body["reading"]["files"]) == len(flow.store.landing.receipts())
    assert sum(body["checks"]["outcomes"].values()) >= flow.outcome.checks["passed"]
    assert (body["run"]["success"], body["run"]["release"]) == (True, flow.outcome.release)
    record = body["release"]["record"]
    assert record["receipts"] == [each.number for each in flow.store.landing.receipts()]
    assert {"code", "lock", "reference", "frameworks", "commit", "years", "waivers"} <= record.keys()
    assert {entry["run"] for entry in (body["reading"], body["checks"], record, body["run"])} == {flow.outcome.run_id}


def test_nothing_received_is_lost(flow: Flow) -> None:
    on_disk = sorted(flow.store.feeds.glob("*/*/*"))
    assert [flow.store.landing.read(each.sha256) for each in flow.store.landing.receipts()]
    assert len(flow.store.landing.receipts()) == len(on_disk)
    files = sum(row["files"] for row in flow.outcome.received)
    assert files == len(on_disk)


@pytest.mark.heavy
def test_a_second_run_changes_nothing_and_makes_no_release(flow: Flow, tmp_path: Path) -> None:
    store = flow.copy(tmp_path)
    before = fingerprint(store.releases.folder)
    entries = len([*store.ledger.entries()])
    run_main_job(store)
    added = [entry.kind for entry in store.ledger.entries()][entries:]
    assert added == ["derived", "run"], "answers of checks that compare with the release before"
    head = store.ledger.head()
    outcome = run_main_job(store)
    assert store.ledger.head() == head, "a run that changes nothing adds nothing to the ledger"
    assert outcome.success
    assert not outcome.release_is_new
    assert outcome.release == flow.outcome.release
    assert before == fingerprint(store.releases.folder)


@pytest.mark.heavy
def test_the_release_is_made_again_to_the_byte_without_dagster(flow: Flow) -> None:
    made = rebuild(Platform(flow.store), str(flow.outcome.release))
    files = len(flow.store.releases.recorded(str(flow.outcome.release)).files)
    assert (made.whole, made.files, made.changed) == (True, files, ())


def test_the_top_ten_is_the_published_ranking_of_2022(flow: Flow) -> None:
    ranking = flow.outcome.ranking
    assert ranking is not None
    assert (ranking["period"], ranking["basis"], ranking["evidence"]) == ("2022", "published", "official")
    assert [row["unit_name_vi"] for row in ranking["rows"]][:3] == ["Đà Nẵng", "TP. Hồ Chí Minh", "Quảng Ninh"]


def test_frictionless_validates_the_package_of_the_release(flow: Flow) -> None:
    import frictionless

    descriptor = flow.store.releases.open().descriptor
    assert list(frictionless.Package.metadata_validate(descriptor)) == []
    paths = {each["path"].removesuffix(".parquet") for each in descriptor["resources"]}
    assert paths == set(flow.store.releases.open().tables)
    assert "illustrative" in descriptor["description"]
    assert [each["name"] for each in descriptor["licenses"]] == ["Apache-2.0"]


@pytest.mark.parametrize("reader", ["polars", "duckdb", "pandas", "pyarrow"])
def test_the_release_is_read_by(reader: str, flow: Flow) -> None:
    file = flow.store.root / "published" / "latest" / "province_ranking.parquet"
    assert READERS[reader](file) == [("Thanh Hóa", 15), ("Yên Bái", 15)]


def _polars(file: Path) -> list[tuple[str, int]]:
    table = pl.read_parquet(file).filter(
        (pl.col("period") == "2022") & (pl.col("basis") == "published") & (pl.col("rank") == 15)
    )
    return table.sort("unit_name_vi").select("unit_name_vi", "rank").rows()


def _duckdb(file: Path) -> list[tuple[str, int]]:
    import duckdb

    return duckdb.sql(
        f"select unit_name_vi, rank from '{file}' "
        "where period = '2022' and basis = 'published' and rank = 15 order by unit_name_vi"
    ).fetchall()


def _pandas(file: Path) -> list[tuple[str, int]]:
    import pandas as pd

    table = pd.read_parquet(file).query("period == '2022' and basis == 'published' and rank == 15")
    return [(row.unit_name_vi, int(row.rank)) for row in table.sort_values("unit_name_vi").itertuples()]


def _pyarrow(file: Path) -> list[tuple[str, int]]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(file).filter(
        (pc.field("period") == "2022") & (pc.field("basis") == "published") & (pc.field("rank") == 15)
    )
    return sorted(zip(table["unit_name_vi"].to_pylist(), table["rank"].to_pylist(), strict=True))


READERS = {"polars": _polars, "duckdb": _duckdb, "pandas": _pandas, "pyarrow": _pyarrow}
