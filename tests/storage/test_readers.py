"""Releases are read by readers that aren't ours, and old ones are read for ever.

``golden/`` holds one release of every format that was ever published. A change that can't read one of
them is wrong; a change of format adds a folder and removes none.
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from dti_platform.storage import CorruptRelease, Missing, OpenRelease, Store, TableDescription

GOLDEN = sorted((Path(__file__).parent / "golden").iterdir())
FRAME = pl.DataFrame(
    {
        "unit": ["VN63-02", "VN63-19", "VN63-48"],
        "name": ["Hà Giang", "Thái Nguyên", "Đà Nẵng"],
        "score": [0.47899, None, 0.8],
        "points": pl.Series([Decimal("478.99"), None, Decimal("800.00")], dtype=pl.Decimal(8, 2)),
        "rank": pl.Series([58, None, 1], dtype=pl.Int32),
        "published_on": [date(2023, 7, 12), None, date(2023, 7, 12)],
        "headline": [True, False, None],
    }
)
DESCRIPTION = TableDescription(
    title="Bảng xếp hạng / ranking",
    description="One row says where one unit stands.",
    columns=[(name, "any", f"the {name}") for name in FRAME.columns],
    key=["unit"],
)


def publish(root: Path) -> Path:
    """How the golden releases were made: the newest must come out like this."""
    release = Store(root).releases.publish({"ranking": FRAME}, {"ranking": DESCRIPTION}, record={})
    assert release is not None
    return release.path


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_every_golden_release_is_still_read(folder: Path) -> None:
    opened = OpenRelease.at(folder)
    assert opened.name == folder.name
    assert opened.tables == ("ranking",)
    assert opened.table("ranking").equals(FRAME)
    assert opened.table("ranking").schema == FRAME.schema


def test_what_is_published_now_reads_like_the_newest_golden_release(tmp_path: Path) -> None:
    """A description, type or name that changed is a new format: keep the golden release, add another."""
    manifests = [json.loads((folder / "datapackage.json").read_bytes()) for folder in (publish(tmp_path), GOLDEN[-1])]
    for manifest in manifests:
        for resource in manifest["resources"]:  # the footer names the version of the library that wrote it
            assert resource.pop("hash").startswith("sha256:")
            assert resource.pop("bytes") > 0
    assert manifests[0] == manifests[1]


def test_other_readers_read_the_same(tmp_path: Path) -> None:
    import duckdb
    import pandas as pd
    import pyarrow.parquet as pq

    path = publish(tmp_path) / "ranking.parquet"
    expected = FRAME.rows()
    assert pl.read_parquet(path).rows() == expected
    assert duckdb.connect().execute("select * from read_parquet(?)", [str(path)]).fetchall() == expected
    assert [tuple(row.values()) for row in pq.read_table(path).to_pylist()] == expected
    frame = pd.read_parquet(path, dtype_backend="pyarrow")
    assert frame["name"].to_list() == FRAME["name"].to_list()
    assert frame["rank"].sum() == 59
    assert str(pq.read_schema(path).field("name").type) == "string"


def test_a_copied_release_is_checked_against_its_manifest(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(GOLDEN[-1], copy)
    content = bytearray((copy / "ranking.parquet").read_bytes())
    content[40] ^= 4
    (copy / "ranking.parquet").write_bytes(content)
    with pytest.raises(CorruptRelease, match="ranking"):
        OpenRelease.at(copy).table("ranking")
    (copy / "datapackage.json").write_text("{}")
    with pytest.raises(CorruptRelease, match="datapackage"):
        OpenRelease.at(copy)
    with pytest.raises(Missing):
        OpenRelease.at(tmp_path)
    with pytest.raises(Missing, match="has no"):
        OpenRelease.at(GOLDEN[-1]).table("unknown")
