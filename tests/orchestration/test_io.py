"""What the UI is told of a table: received text is shown, never obeyed."""

from __future__ import annotations

from typing import Any

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


def test_a_column_is_described_by_its_meaning_and_whether_it_is_of_the_key() -> None:
    columns = column_schema("province_ranking", publications.discover()["province_ranking"].MODEL).columns
    assert all(column.description for column in columns)
    assert [column.name for column in columns if "key" in column.constraints.other][:2] == ["period", "framework"]


@pytest.mark.parametrize("year", [2021, 2022])
def test_a_year_of_a_table_is_described_by_its_own_rows_and_scores(year: int) -> None:
    frame = published("province_ranking", year)
    shown: dict[str, Any] = dict(describe(frame, {"DTI"}))
    scored = frame.filter("headline", pl.col("score").is_not_null())
    assert shown["dagster/row_count"] == frame.height
    assert shown["evidence"].data == dict(frame["evidence"].value_counts().rows())
    assert shown["scored_units"] == scored["unit"].n_unique() > 0
    assert shown["mean_score"] == scored["score"].mean()
    assert str(frame["unit_name_vi"][0]) in shown["preview"].value


def test_only_scores_of_a_whole_index_are_averaged_and_none_where_there_is_none() -> None:
    frame = pl.DataFrame({"unit": ["a", "a", "b"], "node": ["DTI", "1", "DTI"], "score": [0.5, 1.0, None]})
    shown: dict[str, Any] = dict(describe(frame, {"DTI"}))
    assert (shown["scored_units"], shown["mean_score"]) == (1, 0.5)
    assert describe(frame.clear(), {"DTI"}) == {"dagster/row_count": 0, "scored_units": 0}


def test_the_cells_of_what_was_read_are_counted() -> None:
    shown: dict[str, Any] = dict(
        describe(pl.DataFrame({"cells": [5, 7], "accepted": [4, 5], "quarantined": [1, 2]}), set())
    )
    assert (shown["accepted_cells"], shown["quarantined_cells"]) == (9, 3)


def test_the_data_version_is_that_of_the_content() -> None:
    assert version_of("ab") == version_of("ab")
    assert version_of("ab") != version_of("ba")
