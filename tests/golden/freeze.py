"""Freezes what readers rely on: ``python -m tests.golden.freeze RELEASE_FOLDER`` after a schema version was raised.

Writes the columns and types of every released table under its schema version (those of older versions stay), and a
small release of real rows for each new set of versions.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from dti_platform import publications
from dti_platform.storage import OpenRelease, Store

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas.json"
ROWS = 40


def columns(publication: publications.Released) -> dict[str, str]:
    """Name and type of every column."""
    return {name: kind for name, kind, _ in publications.describe(publication)["columns"]}


def freeze_schemas() -> None:
    """Adds the versions that are not frozen yet."""
    frozen = json.loads(SCHEMAS.read_text(encoding="utf-8")) if SCHEMAS.exists() else {}
    for name, publication in publications.released().items():
        frozen.setdefault(name, {})[publications.SCHEMA_VERSION] = columns(publication)
    SCHEMAS.write_text(json.dumps(frozen, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def freeze_release(folder: Path) -> None:
    """A few rows of every table of a real release, as a release of its own."""
    whole = OpenRelease.at(folder)
    few = {name: some(whole.table(name)) for name in whole.tables}
    described = {name: publications.describe(publication) for name, publication in publications.released().items()}
    descriptions = publications.described_apart(described)
    with tempfile.TemporaryDirectory() as place:
        made = Store(place).releases.publish(few, descriptions, record={}, properties={"title": "Golden release"})
        assert made is not None
        shutil.move(made.path, HERE / made.name)


def some(table: pl.DataFrame) -> pl.DataFrame:
    """Thái Nguyên in 2022 and 2021, and the first rows of the rest."""
    if "unit" not in table.columns:
        return table.head(ROWS)
    known = table.filter(pl.col("unit") == "VN63-19", pl.col("period").is_in(["2021", "2022"])).head(ROWS)
    return pl.concat([known, table.join(known, on=table.columns, how="anti", nulls_equal=True).head(5)])


if __name__ == "__main__":
    freeze_schemas()
    freeze_release(Path(sys.argv[1]).resolve())
