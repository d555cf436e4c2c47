"""Illustrative rows lie apart: what of a release may be quoted holds none, and nothing is lost between the two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import dti_platform
from dti_platform import publications, tables
from dti_platform.cli import main
from dti_platform.pipeline.flow import stored
from dti_platform.pipeline.publish import descriptions
from dti_platform.publications.halves import MARK, halves_of
from dti_platform.storage import Refused
from dti_platform.storage.package import Draft, encode
from tests.publications.flow import published

if TYPE_CHECKING:
    from tests.conftest import Flow

TABLES = [name for name, each in publications.released().items() if "evidence" in each.MODEL.to_schema().columns]


@pytest.mark.parametrize("name", TABLES)
def test_no_table_to_quote_holds_an_illustrative_row_and_the_other_holds_no_other(name: str, flow: Flow) -> None:
    opened = flow.store.releases.open()
    main, illustrative = (opened.table(half) for half in halves_of(name))
    assert "illustrative" not in main["evidence"]
    assert set(illustrative["evidence"]) <= {"illustrative"}
    assert main.schema == illustrative.schema


def test_illustrative_rows_are_there(flow: Flow) -> None:
    """Of what comes in from synthetic workbooks."""
    opened = flow.store.releases.open()
    filled = {name for name in TABLES if opened.table(halves_of(name)[1]).height}
    assert filled >= {"coverage", "index_scores", "observations", "province_ranking", "reconciliation"}


@pytest.mark.parametrize("name", sorted(publications.discover()))
def test_both_halves_together_are_the_stored_tables(name: str, flow: Flow) -> None:
    whole = publications.of_release(flow.store.releases.open(), name)
    assert whole.equals(stored(flow.store, name).sort(tables.key(publications.model_of(name))))


@pytest.mark.parametrize("name", TABLES)
def test_file_and_manifest_count_the_rows_by_evidence(name: str, flow: Flow) -> None:
    opened = flow.store.releases.open()
    for half in halves_of(name):
        counted = dict(opened.table(half).group_by("evidence").len().iter_rows())
        assert json.loads(pq.read_metadata(opened.path / f"{half}.parquet").metadata[b"dti:evidence"]) == counted
        assert opened.described(half)["dti:evidence"] == counted


@pytest.mark.parametrize("name", TABLES)
def test_the_descriptor_says_first_that_a_table_is_illustrative(name: str, flow: Flow) -> None:
    opened = flow.store.releases.open()
    main, illustrative = (opened.described(half) for half in halves_of(name))
    assert (main["name"], illustrative["name"]) == (name, f"illustrative-{name}")
    assert (main["path"], illustrative["path"]) == (f"{name}.parquet", f"illustrative/{name}.parquet")
    assert illustrative["title"] == f"{MARK}: {main['title']}"
    assert illustrative["description"].startswith("MINH HỌA")
    assert f"illustrative/{name}.parquet" in main["description"]
    evidence = [
        field for each in (main, illustrative) for field in each["schema"]["fields"] if field["name"] == "evidence"
    ]
    assert [each["constraints"]["enum"] for each in evidence] == [["official"], ["illustrative"]]


def test_what_readers_open_is_what_may_be_quoted(flow: Flow) -> None:
    opened = dti_platform.open_release(flow.store.root)
    assert set(opened.table("index_scores")["evidence"]) == {"official"}
    assert set(opened.table("illustrative/index_scores")["evidence"]) == {"illustrative"}


def test_the_command_exports_either_half(flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name, data = flow.outcome.release, ["--data", str(flow.store.root)]
    for asked in (["coverage"], ["coverage", "--illustrative"], ["illustrative/coverage", "--format", "xlsx"]):
        assert CliRunner().invoke(main, ["export", *asked, *data]).exit_code == 0
    assert "No row is ILLUSTRATIVE" in (tmp_path / f"coverage-{name}.csv").read_text("utf-8").partition("\n")[0]
    first, _, rows = (tmp_path / f"illustrative-coverage-{name}.csv").read_text("utf-8").partition("\n")
    assert f"table: illustrative/coverage: {MARK}" in first
    assert rows.count(",illustrative") == flow.store.releases.open().table("illustrative/coverage").height
    book = openpyxl.load_workbook(tmp_path / f"illustrative-coverage-{name}.xlsx")
    assert book.sheetnames[1] == "MINH HỌA coverage"


@pytest.mark.parametrize("planted", ["illustrative", "official"])
def test_a_row_in_the_wrong_half_is_refused(planted: str) -> None:
    whole = published("province_ranking", 2022)
    halves = publications.apart({"province_ranking": whole})
    main, illustrative = halves_of("province_ranking")
    wrong = main if planted == "illustrative" else illustrative
    row = whole.filter(pl.col("evidence") == planted).head(1)
    assert Draft(encode(halves, descriptions()), {}).contents.keys() == {main, illustrative}
    halves[wrong] = pl.concat([halves[wrong], row])
    with pytest.raises(Refused, match=f"table {wrong}: evidence may only be .*{row['unit'][0]}"):
        Draft(encode(halves, descriptions()), {})
