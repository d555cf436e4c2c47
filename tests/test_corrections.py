"""A correction through the whole flow: one cell of one file, and everything that moved with it, with the reason."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.pipeline import Platform
from dti_platform.publications import of_release
from dti_platform.storage import Store
from tests.pipeline.in_process import run, short_releases

#: What is committed before: printed results, and the verified scores of every province.
STANDING = ("published_results/2022", "verification/2022")
REASON = "the department had counted a meeting twice"


def lower(path: Path, unit: str, code: str) -> str:
    """Half the verified score of an indicator; the place of the cell."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    ((line, row),) = [(line, row) for line, row in enumerate(rows, 1) if (row[0], row[2]) == (unit, code)]
    row[rows[0].index("verified")] = str(float(row[rows[0].index("verified")]) / 2)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return f"line {line}, column verified"


def test_a_correction_lists_every_figure_that_it_moved(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_releases(monkeypatch)
    store = Store(tmp_path / "data", feeds=tmp_path / "feeds")
    for each in STANDING:
        shutil.copytree(project / "data" / "feeds" / each, store.feeds / each)
    assert run(Platform(store), "first", years=(2022,)).is_new
    place = lower(store.feeds / "verification" / "2022" / "922-provincial.csv", "VN63-19", "7.1")
    platform = Platform(store)
    assert run(platform, "corrected", "correction", REASON, years=(2022,)).is_new
    latest = store.releases.latest()
    assert latest is not None
    assert (latest.number, latest.kind, latest.reason) == (2, "correction", REASON)
    table = of_release(store.releases.open(), "revisions")
    assert set(table["release"]) == {"0002"}
    assert set(table["type"]) == {"correction"}
    assert set(table["reason"]) == {REASON}
    assert set(table["basis"]) == {"verified"}, "no published figure moved"
    own = table.filter(pl.col("cause") == "cells")
    assert set(own["unit"]) == {"VN63-19"}
    assert {"PDTI", "CQS", "7", "7.1"} <= set(own["node"])
    assert all(place in cells for cells in table["cells"])
    head = store.ledger.head()
    assert not platform.publisher.publish("again").is_new
    assert store.ledger.head() == head
    told = CliRunner().invoke(main, ["diff", "1", "2", "--json", "--data", str(store.root)])
    index = [each for each in json.loads(told.output)["changes"] if each["unit"] == "VN63-19" and each["is_index"]]
    assert [(each["why"][0]["type"], each["why"][0]["reason"]) for each in index] == [("correction", REASON)]
