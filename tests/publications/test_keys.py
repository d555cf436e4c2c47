"""What a release states of its keys holds: none of the values of a primary key is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import publications, tables
from dti_platform.pipeline.publish import descriptions
from dti_platform.publications import key_of
from dti_platform.storage.package import TableDescription, TableFile

if TYPE_CHECKING:
    from tests.conftest import Flow


def schema_of(name: str) -> dict[str, object]:
    rows = tables.empty(publications.released()[name].MODEL) if name in publications.released() else None
    assert rows is not None
    schema = TableFile(name, [rows], TableDescription(**descriptions()[name])).resource()["schema"]
    return json.loads(json.dumps(schema))


def test_a_key_whose_columns_may_hold_no_value_is_unique_and_not_primary() -> None:
    for name, module in publications.released().items():
        schema, key = schema_of(name), tables.key(module.MODEL)
        columns = module.MODEL.to_schema().columns
        primary = not any(columns[each].nullable for each in key)
        assert (schema.get("primaryKey"), schema.get("uniqueKeys")) == ((key, None) if primary else (None, [key])), name
        assert list(key_of(schema)) == key


def test_no_primary_key_of_a_release_holds_a_null(flow: Flow) -> None:
    opened = flow.store.releases.open()
    for resource in opened.descriptor["resources"]:
        rows = pl.read_parquet(opened.path / resource["path"])
        primary = resource["schema"].get("primaryKey", [])
        assert not any(rows[each].null_count() for each in primary), resource["path"]
        assert rows.select(key_of(resource["schema"])).is_duplicated().sum() == 0, resource["path"]
