"""The committed feeds against every public figure: read, scored and ranked, year by year."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl
import pytest

from dti_platform import tables
from tests.publications.flow import shared

WITHIN = 1e-4  # printed inputs have four decimals: the sums differ by at most 5.5e-5


class Year:
    """Observations, scores and rankings of one year of the committed feeds."""

    def __init__(self, year: int) -> None:
        made = shared(year)
        self.observations, self.scores, self.rankings = (made[name] for name in ("observations", "scores", "rankings"))


@pytest.fixture(scope="module")
def year() -> Callable[[int], Year]:
    """A year of the committed feeds."""
    return cache(Year)


def where(frame: pl.DataFrame, **conditions: Any) -> pl.DataFrame:
    return frame.filter(*(pl.col(name) == value for name, value in conditions.items()))


def beside(of: Year, node: str) -> pl.DataFrame:
    """Scores of ours next to what the same source prints of the same unit."""
    ours = where(of.scores, node=node, basis="recomputed").filter(pl.col("score").is_not_null())
    theirs = where(of.scores, node=node, basis="published").select("unit", "source", printed="score")
    return ours.join(theirs, on=["unit", "source"]).with_columns(apart=(pl.col("score") - pl.col("printed")).abs())


def test_2022_all_63_ranks_are_carried_from_the_publisher_with_the_tie_at_15(year: Callable[[int], Year]) -> None:
    ranks = where(year(2022).rankings, node="PDTI", basis="published", geography="VN63")
    published = ranks.filter(pl.col("source").str.contains("dti.gov.vn"))
    assert sorted(published["rank"].to_list()) == [*range(1, 16), 15, *range(17, 64)]
    place = dict(published.select("unit", "rank").iter_rows())
    assert {unit: place[unit] for unit in ("VN63-38", "VN63-15", "VN63-93")} == {
        "VN63-38": 15, "VN63-15": 15, "VN63-93": 17,
    }  # fmt: skip
    assert set(published["rank_status"]) == {"published"}
    assert set(ranks["peers"]) == {63}


def test_2022_totals_of_the_five_complete_provinces_are_met(year: Callable[[int], Year]) -> None:
    met = beside(year(2022), "PDTI")
    assert sorted(met["unit"].to_list()) == ["VN63-22", "VN63-46", "VN63-48", "VN63-79", "VN63-92"]
    assert met["apart"].max() <= 5.6e-5


@pytest.mark.parametrize(("pillar", "printed"), [("CQS", 0.7804), ("KTS", 0.7187), ("XHS", 0.6864)])
def test_2022_pillars_of_quang_ninh_are_met(year: Callable[[int], Year], pillar: str, printed: float) -> None:
    ours = where(year(2022).scores, unit="VN63-22", node=pillar, basis="recomputed")
    assert [round(value, 4) for value in ours["score"].drop_nulls()] == [printed]
    assert printed in where(year(2022).scores, unit="VN63-22", node=pillar, basis="published")["score"].to_list()


def test_2022_ours_are_too_few_to_be_ranked(year: Callable[[int], Year]) -> None:
    ours = where(year(2022).rankings, node="PDTI", basis="recomputed")
    assert ours.select("ranked", "peers", "rank_status", "rank").unique().rows() == [(5, 63, "withheld", None)]


def test_2020_totals_of_the_ten_provinces_with_both_are_met(year: Callable[[int], Year]) -> None:
    met = beside(year(2020), "PDTI")
    assert met["unit"].n_unique() == 10
    assert met["apart"].max() <= 5.1e-5


def test_2020_eleven_of_63_are_not_ranked(year: Callable[[int], Year]) -> None:
    ours = where(year(2020).rankings, node="PDTI", basis="recomputed")
    assert ours.select("ranked", "peers", "rank_status", "rank").unique().rows() == [(11, 63, "withheld", None)]
    scored = where(year(2020).scores, node="PDTI", basis="recomputed").filter(pl.col("score").is_not_null())
    published = where(year(2020).scores, node="PDTI", basis="published").filter(pl.col("unit") != "VN63")
    assert set(scored["unit"]) - set(published["unit"]) == {"VN63-94"}, "Sóc Trăng: pillars without a total"
    assert set(published["unit"]) - set(scored["unit"]) == {"VN63-30"}, "Hải Dương: a total without pillars"


def test_2020_the_two_pillar_sets_of_quang_ninh_stay_apart(year: Callable[[int], Year]) -> None:
    of_unit = where(year(2020).scores, unit="VN63-22", node="CQS")
    told = {row["basis"]: row["score"] for row in of_unit.filter(pl.col("basis") != "recomputed").to_dicts()}
    assert told == {"published": 0.4513, "derived": 0.5293}
    ours = where(year(2020).scores, unit="VN63-22", node="PDTI", basis="recomputed").drop_nulls("score")
    assert ours["score"].to_list() == [0.38974]


def test_2021_thai_nguyen_stands_as_printed(year: Callable[[int], Year]) -> None:
    scores = where(year(2021).scores, unit="VN63-19", node="PDTI", basis="published")
    assert 0.496 in scores["score"].to_list()
    rankings = where(year(2021).rankings, unit="VN63-19")
    assert 8 in where(rankings, node="PDTI")["rank"].to_list()
    assert 5 in where(rankings, node="KTS")["rank"].to_list()


def test_2021_has_no_printed_parts_to_recompute_from(year: Callable[[int], Year]) -> None:
    assert where(year(2021).scores, basis="recomputed").is_empty()


def test_2024_da_nang_is_2nd_of_63_and_17th_of_34(year: Callable[[int], Year]) -> None:
    rankings = where(year(2024).rankings, node="PDTI", basis="published")
    found = {
        (unit, peers): rank
        for unit, peers, rank in rankings.select("unit", "peers", "rank").iter_rows()
        if unit in ("VN63-48", "VN34-48")
    }
    assert found == {("VN63-48", 63): 2, ("VN34-48", 34): 17}


@pytest.mark.parametrize(
    ("number", "geography", "mean"),
    [(2020, "VN63", 0.3026), (2021, "VN63", 0.4014), (2022, "VN63", 0.5791), (2022, "VN63", 0.5763),
     (2023, "VN63", 0.6783)],
)  # fmt: skip
def test_printed_means_are_carried_and_conflicts_kept(
    year: Callable[[int], Year], number: int, geography: str, mean: float
) -> None:
    scores = where(year(number).scores, unit=geography, basis="published").filter(pl.col("node").is_in(["PDTI"]))
    assert mean in scores["score"].to_list()


def test_ministries_2021_are_ranked_in_two_groups(year: Callable[[int], Year]) -> None:
    rankings = where(year(2021).rankings, geography="MIN22", node="MDTI")
    assert where(rankings, peer_group="with_public_services")["peers"].unique().to_list() == [17]
    assert where(rankings, peer_group="without_public_services")["peers"].unique().to_list() == [9]
    assert where(rankings, unit="MIN22-BTC")["rank"].to_list() == [1]


@pytest.mark.parametrize("number", [2020, 2021, 2022, 2023, 2024])
def test_every_year_meets_its_contracts(year: Callable[[int], Year], number: int) -> None:
    tables.Scores.validate(year(number).scores)
    tables.Rankings.validate(year(number).rankings)
    official = year(number).rankings.filter(pl.col("evidence") == "official")
    assert set(official["basis"]) <= {"published", "derived", "recomputed"}
    assert official.filter(pl.col("basis") == "recomputed", pl.col("rank").is_not_null()).is_empty()


def test_2022_the_synthetic_workbooks_rank_as_published_and_are_never_official(year: Callable[[int], Year]) -> None:
    of = year(2022)
    assert where(of.observations, basis="verified").height == 63 * 98
    ours = where(of.rankings, node="PDTI", basis="verified")
    assert set(ours["rank_status"]) == {"complete"}
    assert set(where(of.scores, basis="verified")["evidence"]) == {"illustrative"}
    published = where(of.rankings, node="PDTI", basis="published").filter(pl.col("source").str.contains("dti.gov.vn"))
    both = ours.join(published.select("unit", printed="rank"), on="unit")
    assert (both["rank"] == both["printed"]).all()
    assert both.height == 63
