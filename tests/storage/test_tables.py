"""Stored tables: whole, the same bytes for the same rows, refused when altered."""

from __future__ import annotations

import polars as pl
import pytest

from dti_platform.storage import CorruptTable, Missing, Store
from tests.storage.samples import ranking


def test_a_table_is_read_back_as_it_was_written(store: Store) -> None:
    info = store.tables.write("scores", 2022, ranking())
    assert store.tables.read("scores", 2022).equals(ranking())
    assert store.tables.info("scores", 2022) == info
    assert store.tables.has("scores", 2022)
    assert not store.tables.has("scores", 2021)
    store.tables.write("scores", 2020, ranking().clear())
    assert store.tables.years("scores") == [2020, 2022]
    assert store.tables.years("rankings") == []
    assert store.tables.read("scores", 2020).schema == ranking().schema
    with pytest.raises(Missing):
        store.tables.read("scores", 2021)
    with pytest.raises(Missing):
        store.tables.info("scores", 2021)


def test_the_same_rows_are_not_written_again(store: Store) -> None:
    info = store.tables.write("scores", 2022, ranking())
    before = info.path.stat()
    assert store.tables.write("scores", 2022, ranking()) == info
    after = info.path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert store.tables.write("scores", 2022, ranking(1)).sha256 != info.sha256
    assert store.tables.read("scores", 2022).equals(ranking(1))


def test_an_altered_table_is_refused_and_mended_by_writing_it_again(store: Store) -> None:
    info = store.tables.write("scores", 2022, ranking())
    assert store.tables.read("scores", 2022).equals(ranking())  # what was decoded before is not believed either
    content = info.path.read_bytes()
    info.path.write_bytes(content[:-9] + b"x" + content[-8:])
    with pytest.raises(CorruptTable, match=info.path.name):
        store.tables.read("scores", 2022)
    assert store.tables.find("scores", 2022, ranking().schema) is None
    assert not store.tables.is_whole("scores", 2022, ranking().schema)
    store.tables.write("scores", 2022, ranking())
    assert store.tables.read("scores", 2022).equals(ranking())
    info.path.unlink()
    with pytest.raises(CorruptTable, match="is gone"):
        store.tables.read("scores", 2022)


def test_a_table_of_other_columns_is_there_and_not_found_by_code_that_writes_another(store: Store) -> None:
    store.tables.write("scores", 2022, ranking())
    now = dict(ranking().schema)
    backwards = dict(reversed(now.items()))
    (first, kind), *others = now.items()
    assert kind != pl.Binary()
    for columns in (now | {"came_since": pl.String()}, dict(others), dict(others) | {first: pl.Binary()}, backwards):
        assert store.tables.find("scores", 2022, columns) is None
        assert not store.tables.is_whole("scores", 2022, columns)
    assert store.tables.has("scores", 2022)
    found = store.tables.find("scores", 2022, now)
    assert found is not None
    assert found.equals(ranking())
    assert store.tables.is_whole("scores", 2022, now)


def test_others_read_the_table_before_until_the_new_one_is_recorded(store: Store) -> None:
    other = Store(store.root)
    first = store.tables.write("scores", 2022, ranking())
    with pytest.raises(Missing, match="none of 2022 is recorded"):
        other.tables.read("scores", 2022)
    store.derived.record("a run")
    second = store.tables.write("scores", 2022, ranking(1))
    assert store.tables.read("scores", 2022).equals(ranking(1))
    assert other.tables.read("scores", 2022).equals(ranking())
    store.derived.record("a run")
    assert other.tables.read("scores", 2022).equals(ranking(1))
    assert (first.path.exists(), store.tables.sweep()) == (True, [first.path])
    assert second.path.exists()


def test_a_table_of_an_earlier_version_is_not_believed_and_goes_once_it_was_made_again(store: Store) -> None:
    for name in ("2022.parquet", "2022.json"):
        path = store.root / "tables/scores" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"of an earlier version")
    assert (store.tables.years("scores"), store.tables.sweep()) == ([], [])
    assert store.verify() == []
    assert [path.name for path in store.unrecorded()["tables"]] == ["2022.json", "2022.parquet"]
    store.tables.write("scores", 2022, ranking())
    assert [path.name for path in store.tables.sweep()] == ["2022.json", "2022.parquet"]


def test_large_tables_have_even_row_groups(store: Store) -> None:
    import pyarrow.parquet as pq

    frame = pl.DataFrame({"n": range(300_000)})
    metadata = pq.read_metadata(store.tables.write("big", 2022, frame).path)
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [
        131_072,
        131_072,
        37_856,
    ]
