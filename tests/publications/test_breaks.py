"""Breaks in the series of rankings: read off the frameworks in force and their sets of units."""

from __future__ import annotations

import polars as pl
import pytest

from dti_platform import methodology, publications, units
from dti_platform.publications import Declared, breaks
from tests.publications.flow import published


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    declared = Declared(units.load(check=False), methodology.load(), {})
    return publications.catalogues()["breaks"].listed(declared)


def test_every_break_of_the_provinces_is_there_and_no_other(table: pl.DataFrame) -> None:
    provinces = table.filter(level="provincial").select("period", "geography", "break_kind", "comparable")
    assert provinces.rows() == [
        ("2021", "VN63", "framework_family", False),
        ("2023", "VN63", "framework_version", True),
        ("2024", "VN34", "framework_family", False),
        ("2024", "VN34", "geography", False),
        ("2024", "VN63", "framework_family", False),
    ]


def test_a_break_says_what_changed_in_both_languages_and_where_it_was_read(table: pl.DataFrame) -> None:
    (merged,) = table.filter(level="provincial", break_kind="geography").rows(named=True)
    assert merged["what_vi"] == "từ 63 tỉnh, thành phố sang 34 tỉnh, thành phố"
    assert merged["what_en"] == "from 63 provinces to 34 provinces"
    assert merged["source"].startswith("https://ngaynay.vn/")
    assert breaks.MODEL.validate(table).equals(table)


def test_no_change_of_rank_is_shown_over_a_break_and_some_where_there_is_none(table: pl.DataFrame) -> None:
    apart = table.filter(~pl.col("comparable")).select("period", "geography").unique()
    for year in range(2020, 2025):
        ranks = published("province_ranking", year).filter(pl.col("rank").is_not_null())
        assert (
            ranks.join(apart, on=["period", "geography"])["rank_change"].null_count()
            == ranks.join(apart, on=["period", "geography"]).height
        )
    assert published("province_ranking", 2022)["rank_change"].count()
