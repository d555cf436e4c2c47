"""Codes of schema version 1 are read as those of today."""

from __future__ import annotations

import polars as pl
import pytest

from dti_platform import codes
from dti_platform.publications.schema_changes import CHANGES

VERSION_1 = CHANGES["1"]


def recoded(table: str, column: str, **given: str) -> str:
    """What a column of a row becomes."""
    change = VERSION_1[table].recoded[column]
    code = change if isinstance(change, pl.Expr) else pl.col(column).replace(dict(change))
    return pl.DataFrame(given).select(code).item()


@pytest.mark.parametrize("table", ["index_scores", "province_ranking", "ministry_ranking"])
@pytest.mark.parametrize(
    ("then", "basis", "now"),
    [
        ("M", "published", "L"),
        ("M", "recomputed", "O"),
        ("M", "self", "O"),
        ("A", "published", "A"),
        ("E", "self", "E"),
    ],
)
def test_a_figure_that_was_missing_is_not_published_or_not_computed(
    table: str, then: str, basis: str, now: str
) -> None:
    assert recoded(table, "obs_status", obs_status=then, basis=basis) == now


@pytest.mark.parametrize("table", ["national_scorecard", "provincial_scorecard"])
def test_a_plan_without_a_figure_tells_that_none_was_published(table: str) -> None:
    assert recoded(table, "obs_status", obs_status="M") == "L"


@pytest.mark.parametrize("table", ["observations", "national_scorecard", "provincial_scorecard"])
@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("billion USD", "billion_usd"),
        ("Mbps", "mbps"),
        ("per 100", "per_100"),
        ("teams (75 commune + 525 hamlet)", "teams"),
        ("percent", "percent"),
    ],
)
def test_a_unit_of_measure_is_read_as_its_code(table: str, then: str, now: str) -> None:
    assert recoded(table, "unit_measure", unit_measure=then) == now
    assert now in codes.LISTS["unit_measure"].values
