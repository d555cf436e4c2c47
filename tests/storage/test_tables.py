"""Stored tables: whole, the same bytes for the same rows, refused when altered."""

from __future__ import annotations

import json

import polars as pl
import pytest

from dti_platform.storage import CorruptTable, Missing, Store
from tests.storage.samples import ranking


def test_a_table_is_read_back_as_it_was_written(store: Store) -> None:
    info = store.tables.write("scores", 2022, ranking())
    assert store.tables.read("scores", 2022).equals(ranking())
    assert store.tables.info("scores", 2022) == info
    assert info.rows == 63
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
    assert info.path.stat() == before
    assert store.tables.write("scores", 2022, ranking(1)).sha256 != info.sha256
    assert store.tables.read("scores", 2022).equals(ranking(1))


def test_an_altered_table_is_refused_and_mended_by_writing_it_again(store: Store) -> None:
    info = store.tables.write("scores", 2022, ranking())
    content = info.path.read_bytes()
    info.path.write_bytes(content[:-9] + b"x" + content[-8:])
    with pytest.raises(CorruptTable, match=r"2022\.parquet"):
        store.tables.read("scores", 2022)
    store.tables.write("scores", 2022, ranking())
    assert store.tables.read("scores", 2022).equals(ranking())
    info.path.with_suffix(".json").write_text("[]")
    with pytest.raises(CorruptTable):
        store.tables.read("scores", 2022)


def test_killed_between_record_and_table_the_one_before_is_read(store: Store) -> None:
    first = store.tables.write("scores", 2022, ranking())
    content = first.path.read_bytes()
    store.tables.write("scores", 2022, ranking(1))
    first.path.write_bytes(content)
    assert store.tables.read("scores", 2022).equals(ranking())
    record = json.loads(first.path.with_suffix(".json").read_bytes())
    assert record["before"] == first.sha256


def test_large_tables_have_even_row_groups(store: Store) -> None:
    import pyarrow.parquet as pq

    frame = pl.DataFrame({"n": range(300_000)})
    metadata = pq.read_metadata(store.tables.write("big", 2022, frame).path)
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [
        131_072,
        131_072,
        37_856,
    ]
