"""The league table of the committed feeds: what a reader is shown, by whom, and which of two rankings of a year."""

from __future__ import annotations

import polars as pl
import pytest

from tests.publications.flow import build, published, shared

YEARS = (2020, 2021, 2022, 2023, 2024)


def league(**values: str) -> pl.DataFrame:
    """The rows of all years that have these values."""
    table = pl.concat(published("league_table", year) for year in YEARS)
    return table.filter(*(pl.col(name) == value for name, value in values.items())).sort("period", "rank", "unit")


def test_it_has_every_row_that_leads_in_the_rankings_once() -> None:
    for year in YEARS:
        rankings = [published(name, year) for name in ("province_ranking", "ministry_ranking")]
        leading = pl.concat((each.filter("headline") for each in rankings), how="diagonal")
        shown = published("league_table", year)
        same = ["period", "geography", "unit", "rank", "previous_rank", "rank_change", "comparison", "basis"]
        assert shown.select(same).sort(same).equals(leading.select(same).sort(same))


def test_a_year_that_was_ranked_for_two_sets_of_units_shows_the_newer() -> None:
    first = league(period="2024", level="provincial").filter(pl.col("rank") == 1)
    assert sorted(first.select("geography", "unit_name_vi", "headline").rows()) == [
        ("VN34", "Hà Nội", True),
        ("VN63", "TP. Hồ Chí Minh", False),
    ]
    earlier = league(level="provincial").filter(pl.col("period") < "2024")
    assert earlier["headline"].all()


def test_a_set_of_units_of_which_no_rank_was_published_is_not_shown_before_one_that_has() -> None:
    """The 34 provinces of 2024, of which nothing but totals were known, would not hide the ranking of the 63."""
    observed = shared(2024)["observations"]
    ranks_of_34 = (pl.col("measure") == "rank") & (pl.col("geography") == "VN34") & (pl.col("node") != "7")
    without = {**shared(2024), "rankings": shared(2024)["rankings"].filter(pl.col("geography") != "VN34")}
    table = build("league_table", 2024, {**without, "observations": observed.filter(~ranks_of_34)}, shared(2023))
    assert table.filter("headline")["geography"].unique().to_list() == ["VN63"]


@pytest.mark.parametrize(
    ("period", "unit", "column", "shown"),
    [
        ("2021", "VN63-19", "digital_economy", (0.5364, 5, "published")),
        ("2022", "VN63-22", "digital_economy", (0.7187, 9, "published")),
        ("2022", "VN63-48", "digital_economy", (0.847262, None, "recomputed")),
        ("2022", "VN63-15", "digital_economy", (None, 7, "published")),
        ("2022", "VN63-19", "digital_economy", (None, None, None)),
    ],
)
def test_a_pillar_is_shown_as_published_else_ours_with_who_says_it(
    period: str, unit: str, column: str, shown: tuple[object, ...]
) -> None:
    row = league(period=period, unit=unit).row(0, named=True)
    assert (row[f"score_{column}"], row[f"rank_{column}"], row[f"basis_{column}"]) == shown
    assert (row[f"source_{column}"] is None) == (shown[2] is None)


def test_nothing_synthetic_stands_in_for_a_figure_that_was_not_published() -> None:
    """Of 2022 a verified score of every province is there, from synthetic workbooks: none of them is shown."""
    table = league(period="2022", level="provincial")
    assert table["evidence"].unique().to_list() == ["official"]
    bases = [name for name in table.columns if name.startswith("basis_") or name == "score_basis"]
    assert {basis for name in bases for basis in table[name].unique()} == {"published", "recomputed", None}
    assert table.filter(pl.col("score").is_not_null()).height < 10


def test_a_ranking_of_ours_alone_is_shown_on_its_own_basis_and_stays_illustrative() -> None:
    """Where nothing was published, the ranking that leads is ours, with pillars of the same basis."""
    unpublished = {
        name: shared(2022)[name].filter(~pl.col("basis").is_in(("published", "recomputed", "derived")))
        for name in ("observations", "scores", "rankings")
    }
    table = build("league_table", 2022, {**shared(2022), **unpublished}, shared(2021))
    assert table.height == 63
    assert table.select("basis", "score_basis", "basis_digital_society", "evidence").unique().rows() == [
        ("verified", "verified", "verified", "illustrative")
    ]


def test_a_total_that_is_only_recomputed_is_shown_and_is_not_missing() -> None:
    row = league(period="2020", unit_name_vi="Sóc Trăng").row(0, named=True)
    assert (row["rank"], row["score_basis"], row["obs_status"]) == (57, "recomputed", "A")
