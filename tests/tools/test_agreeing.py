"""The search for points that agree with published figures: which figures it keeps, gives up and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dti_platform.feeds import Known, Parsed
from dti_platform.synthetic import agreeing
from tools.agreeing.figures import gather

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from tools.agreeing.agreement import Agreement

UNMET = resources.files("dti_platform.synthetic").joinpath("agreeing", "922-provincial-2022-VN63.unmet.csv")


def agree(published: pl.DataFrame, framework: Framework, units: Sequence[str], seed: int) -> Agreement:
    """The solver is imported only where it is needed: every worker collects this module."""
    from tools.agreeing.agreement import agree

    return agree(published, framework, units, seed)


@pytest.fixture(scope="module")
def published(committed: Mapping[tuple[str, str, str], Parsed]) -> pl.DataFrame:
    rows = committed["published_results", "2022", "provinces.csv"].observations
    return rows.filter(pl.col("geography") == "VN63")


def test_of_two_contradicting_sources_the_better_one_is_kept_and_the_other_said(published: pl.DataFrame) -> None:
    figures, unmet = gather(published)
    means = [figure for figure in figures if figure.unit == "VN63"]
    assert [str(figure.value) for figure in means] == ["0.5791"]
    assert [str(each.figure.value) for each in unmet] == ["0.5763"]
    assert "prints 0.5791 for the same figure" in unmet[0].reason


def test_figures_that_no_points_can_meet_together_are_named(known: Known, published: pl.DataFrame) -> None:
    units = known.units.geographies["VN63"][:6]
    ranks = published.filter(pl.col("measure") == "rank", pl.col("node") == "PDTI").unique("unit", keep="first")
    rank, score = ranks.row(0, named=True), published.filter(pl.col("measure") == "score").row(0, named=True)
    told = [
        {**rank, "unit": units[0], "value": 1.0, "raw": "1"},
        {**rank, "unit": units[1], "value": 2.0, "raw": "2"},
        {**score, "unit": units[0], "node": "PDTI", "value": 0.5, "raw": "0.5000"},
        {**score, "unit": units[1], "node": "PDTI", "value": 0.6, "raw": "0.6000"},
    ]
    framework = known.frameworks.get("922", "provincial")
    found = agree(pl.DataFrame(told, schema=published.schema), framework, units, seed=1)
    assert {(each.figure.unit, each.figure.measure) for each in found.unmet} & {
        (units[0], "rank"), (units[0], "score"), (units[1], "rank"), (units[1], "score"),
    }  # fmt: skip
    assert all("together with all other figures" in each.reason for each in found.unmet)
    assert len(found.points) == 6 * 8


def test_points_are_not_constructed_where_a_framework_does_not_sum_them(known: Known, published: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="merely summed"):
        agree(published, known.frameworks.get("1726", "provincial"), known.units.geographies["VN63"], seed=1)


@pytest.mark.heavy
def test_the_points_can_be_found_again(known: Known, published: pl.DataFrame) -> None:
    """Another version of the solver may find other points; it must meet the same figures."""
    framework = known.frameworks.get("922", "provincial")
    found = agree(published, framework, known.units.geographies["VN63"], seed=2022)
    assert found.unmet_csv() == UNMET.read_text(encoding="utf-8")
    assert found.points.keys() == agreeing(framework, "2022", "VN63").keys()


def test_the_command_finds_the_figures_of_a_period_and_geography(known: Known, published: pl.DataFrame) -> None:
    from tools.agreeing.__main__ import published as of_period

    assert_frame_equal(of_period("2022", "VN63", known), published, check_row_order=False)
