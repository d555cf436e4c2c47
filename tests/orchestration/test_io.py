"""What the UI is told of a table: received text is shown, never obeyed."""

from __future__ import annotations

import polars as pl
import pytest

from dti_platform import publications
from dti_platform.orchestration.io import column_schema, describe, escape, markdown, version_of
from tests.publications.flow import published


@pytest.mark.parametrize(
    "received",
    ["<script>alert(1)</script>", "[a](http://evil.example)", "a | b", "# title", "![x](y)", "`code`", "two\nlines"],
)
def test_received_text_formats_nothing(received: str) -> None:
    shown = markdown(pl.DataFrame({"raw": [received]})).splitlines()
    assert len(shown) == 3
    assert not set("<>[]()#!`*_") & set(shown[2].replace("&#", "").strip("| "))
    assert shown[2].count("|") == 2


def test_a_blank_is_shown_as_one() -> None:
    assert escape(None) == ""


def test_a_table_is_described_by_rows_columns_and_a_preview() -> None:
    model = publications.discover()["province_ranking"].MODEL
    assert describe(model, {2021: publications.empty("province_ranking")})["dagster/row_count"] == 0
    columns = column_schema("province_ranking", model).columns
    assert all(column.description for column in columns)
    assert [column.name for column in columns if "key" in column.constraints.other][:2] == ["period", "framework"]


def test_a_table_is_described_by_the_evidence_of_its_rows() -> None:
    model = publications.discover()["province_ranking"].MODEL
    frames = {year: published("province_ranking", year) for year in (2021, 2022)}
    counted = pl.concat(frames.values())["evidence"].value_counts().sort("evidence").rows()
    assert describe(model, frames)["evidence"].data == dict(counted)
    assert [evidence for evidence, _ in counted] == ["illustrative", "official"]


def test_the_data_version_is_that_of_the_content() -> None:
    assert version_of("ab") == version_of("ab")
    assert version_of("ab") != version_of("ba")
