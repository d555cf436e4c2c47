"""What is derived and altered, or made by an earlier version, is made again by the next run, and changes no figure."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import rfc8785

from dti_platform.orchestration.run import RunOutcome, run_main_job
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import unverified
from dti_platform.storage import Refused, Store
from dti_platform.storage.files import digest

pytestmark = pytest.mark.usefixtures("figures_alone")
PRINTED = Path("published_results")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """A data root with the printed results of two years, released once."""
    root = tmp_path_factory.mktemp("ran")
    for year in ("2021", "2022"):
        shutil.copytree(project / "data" / "feeds" / PRINTED / year, root / "feeds" / PRINTED / year)
    assert run_of(Store(root)).release_is_new
    return root


@pytest.fixture
def store(ran: Path, tmp_path: Path) -> Store:
    shutil.copytree(ran, tmp_path / "data", symlinks=True)
    return Store(tmp_path / "data")


def run_of(store: Store, *years: str) -> RunOutcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DAGSTER_HOME", raising=False)
        return run_main_job(store, years)


def check_nothing_changed(store: Store, outcome: RunOutcome) -> None:
    assert (outcome.failure, outcome.release_is_new) == (None, False)
    assert unverified(Store(store.root)) == []
    assert Store(store.root).verify() == []


def test_altered_cache_and_tables_and_those_of_other_columns_are_made_again_whatever_year_is_asked_for(
    store: Store,
) -> None:
    before = store.derived.of("tables")
    raise_a_cached_value(store)
    spoilt = store.tables.info("scores", 2021).path, store.tables.info("observations", 2021).path
    spoilt[0].write_bytes(spoilt[0].read_bytes()[:-9])
    spoilt[1].unlink()
    assert unverified(store) == [2021]
    for name, column in (("observations", "source_class"), ("rankings", "rank_best")):
        store.tables.write(name, 2020, store.tables.read(name, 2020).drop(column))
    store.derived.record()
    assert unverified(store) == [2020, 2021]
    with pytest.raises(Refused, match="tables of 2020, 2021 are not as recorded"):
        Platform(store).publisher.publish("a run")
    head = store.ledger.head()
    check_nothing_changed(store, run_of(store, "2022"))
    assert all(path.exists() for path in spoilt)
    assert store.derived.of("tables") == before
    assert Store(store.root).derived.of("tables") == before
    added = store.ledger.entries()[head.sequence :]
    names = {name for each in added if each.kind == "derived" for name in each.body["sha256"]}
    assert {each.kind for each in added} <= {"derived", "run"}
    others = {"tables/observations/2020", "tables/rankings/2020"}
    assert {name for name in names if not name.startswith("cache/")} <= others, "answers of checks, and these"


def raise_a_cached_value(store: Store) -> None:
    """The edit that once made a false release: a whole file, but for one figure."""
    cached = {
        path: pl.read_parquet(io.BytesIO(path.read_bytes())) for path in store.root.glob("cache/*/*-observations")
    }
    with_figures = {path: frame for path, frame in cached.items() if frame.height}
    for path, frame in with_figures.items():
        frame.with_columns(value=pl.col("value") + 0.001).write_parquet(path)
    assert [store.cache.get(path.name) for path in with_figures] == [None, None]


def test_a_data_root_of_an_earlier_version_is_made_again_to_the_byte(store: Store) -> None:
    hashes = forget(store)
    older = Store(store.root)
    assert (unverified(older), older.tables.years("scores")) == ([2020, 2021, 2022], [])
    assert older.verify() == []
    assert older.unrecorded().keys() == {"tables", "cache"}
    check_nothing_changed(older, run_of(older, "2022"))
    assert older.derived.of("tables") == hashes
    Platform(older).arrivals.land()
    assert "tables" not in older.unrecorded(), "what was made again has taken the place of the old files"


def forget(store: Store) -> dict[str, str]:
    """Ledger and tables as earlier versions left them, without any hash; gives those of the tables."""
    hashes = store.derived.of("tables")
    for name, sha256 in hashes.items():
        store.tables.path(name, sha256).rename(store.tables.folder / f"{name}.parquet")
    entries = [json.loads(path.read_bytes()) for path in sorted(store.root.glob("ledger/*.json"))]
    shutil.rmtree(store.root / "ledger")
    (store.root / "ledger").mkdir()
    previous = "0" * 64
    for number, entry in enumerate((each for each in entries if each["kind"] != "derived"), start=1):
        content = rfc8785.dumps(entry | {"sequence": number, "previous": previous})
        (store.root / "ledger" / f"{number:09}.json").write_bytes(content)
        previous = digest(content)
    return hashes


def test_nothing_is_published_beside_a_table_that_is_not_as_recorded(store: Store) -> None:
    store.tables.info("rankings", 2021).path.write_bytes(b"PAR1")
    with pytest.raises(Refused, match="tables of 2021 are not as recorded; `dti run` makes them again"):
        Platform(store).publisher.publish("a run")
