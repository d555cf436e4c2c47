"""The wrong figures of Quảng Ninh 2021, planted again: which of the checks sees them.

Quoters had worked them out; the pillar ranks were those of 2020. They stand in the file that a data root released.
"""

from collections.abc import Callable
from functools import cache

import polars as pl
import pytest

from dti_platform import methodology, quality
from dti_platform.feeds import Received, read
from dti_platform.quality import trees
from tests.committed import known
from tests.publications.flow import shared
from tests.test_first_correction import released_then

QUANG_NINH = "VN63-22"
CHECKS = {
    "observations": ["quoted_ranks_stand_once_but_for_ties", "years_are_not_copied"],
    "scores": ["quoted_pillars_lie_within_their_total"],
}


@cache
def then() -> pl.DataFrame:
    """What the file of that day said of 2021."""
    content = released_then()
    received = Received("published_results", "2021", "provinces.csv", "a" * 64, content)
    return read(received, known()).observations


@cache
def planted() -> pl.DataFrame:
    """The observations of 2021 of today, and the nine of that day that were taken back."""
    today = shared(2021)["observations"]
    figure = ["unit", "node", "measure", "value", "source"]
    return pl.concat([today, then().filter(unit=QUANG_NINH).join(today, on=figure, how="anti")])


def seen(observations: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows that a check warns of, where these are the observations of 2021 beside those of 2020."""
    (table,) = (table for table, names in CHECKS.items() if name in names)
    held = known()
    frames = {
        "observations": pl.concat([observations, shared(2020)["observations"]]),
        "scores": methodology.score_year(2021, observations, held.units, held.frameworks),
    }
    suite = quality.suites()[table]
    nodes = trees.nodes(held.frameworks.overlaid(each) for each in held.frameworks.all if each.overlay is None)
    others = {name: nodes if name == "nodes" else frames[table].clear() for name in quality.needs(suite)}
    (result,) = [each for each in quality.check(table, frames[table], others) if each.name == name]
    return result.rows


def test_nine_figures_are_planted() -> None:
    assert planted().height == shared(2021)["observations"].height + 9


def test_their_ranks_stand_twice_beside_the_page_of_the_publisher() -> None:
    rows = seen(planted(), "quoted_ranks_stand_once_but_for_ties").filter(pl.col("units").str.contains(QUANG_NINH))
    assert rows.select("node", "rank").sort("node").rows() == [("CQS", 5.0), ("KTS", 14.0), ("XHS", 3.0)]


@pytest.mark.parametrize("observations", [planted, then], ids=["beside the page", "as received then"])
def test_their_ranks_are_those_of_2020(observations: Callable[[], pl.DataFrame]) -> None:
    (row,) = seen(observations(), "years_are_not_copied").iter_rows(named=True)
    assert (row["unit"], row["measure"], row["period"], row["copied_from"]) == (QUANG_NINH, "rank", "2021", "2020")
    assert row["values"] == "digital_economy 14.0 | digital_government 5.0 | digital_society 3.0"


def test_their_scores_agree_with_the_total_so_bounds_do_not_see_them() -> None:
    assert seen(then(), "quoted_pillars_lie_within_their_total").is_empty()


def test_a_pillar_that_its_total_forbids_is_seen() -> None:
    """0.5596 printed as 0.7596 is 531.7 points; the total and the other two leave 209.3 to 485.1: one is wrong."""
    slip = (pl.col("unit") == QUANG_NINH) & (pl.col("node") == "CQS") & (pl.col("measure") == "score")
    wrong = shared(2021)["observations"].with_columns(value=pl.when(slip).then(0.7596).otherwise("value"))
    rows = seen(wrong, "quoted_pillars_lie_within_their_total")
    assert set(rows.select("unit", "node").rows()) == {(QUANG_NINH, node) for node in ("CQS", "KTS", "XHS")}
    (pillar,) = rows.filter(node="CQS").select("lowest", "highest", "outside").rows()
    assert pillar == pytest.approx((209.305, 485.095, 46.59))


@pytest.mark.parametrize("name", [name for names in CHECKS.values() for name in names])
def test_today_none_of_2021_is_seen(name: str) -> None:
    assert seen(shared(2021)["observations"], name).is_empty()
