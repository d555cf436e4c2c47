"""Tables that show scores and ranks are held against where those were made, value by value."""

from typing import Any

import polars as pl
import pytest

from dti_platform.quality.comparisons.copies import figures_as_made
from tests.quality.miniature import case

VERIFIED = (pl.col("unit") == "VN63-01") & (pl.col("basis") == "verified")
MADE_UP, OFFICIAL = (VERIFIED & (pl.col("node") == node) for node in ("7", "9"))


def differing(table: str, where: pl.Expr, *, unranked: str = "none", **values: Any) -> list[str]:
    """What differs where a row shows other values, and a node was never ranked."""
    shown, others = case(table)
    changed = shown.with_columns(
        pl.when(where).then(pl.lit(value, shown.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )
    rankings = others["rankings"].filter(pl.col("node") != unranked)
    judged = figures_as_made(changed, others["nodes"], others["scores"], rankings)
    assert judged.height == shown.height
    return judged.filter(pl.col("differs") != "")["differs"].to_list()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rank": 3}, "rank"),
        ({"rank": None}, "rank"),
        ({"rank_score": 0.1}, "rank"),
        ({"rank_worst": 4}, "rank"),
        ({"score": 0.1}, "score"),
        ({"score": None}, "score"),
        ({"missing": 1}, "score"),
        ({"peers": 5}, "peers"),
        ({"rank_status": "provisional", "ranked": 3}, "rank_status ranked"),
        ({"evidence": "official"}, "evidence"),
        ({"unit": "VN63-02"}, "rank score"),
        ({"unit": "VN63-99"}, "rank score"),
    ],
)
def test_what_differs_is_named(change: dict[str, Any], named: str) -> None:
    assert differing("index_scores", MADE_UP, **change) == [named]


def test_a_score_without_a_rank_is_as_official_as_it_was_made() -> None:
    unranked: dict[str, Any] = dict.fromkeys(("rank", "rank_score", "rank_best", "rank_worst", "rank_status"))
    others = ((pl.col("node") == "9") & ~OFFICIAL, OFFICIAL)
    assert differing("index_scores", others[0] | others[1], unranked="9", **unranked) == []
    shown = differing("index_scores", OFFICIAL, unranked="9", evidence="illustrative", **unranked)
    assert shown.count("evidence") == 1
    assert shown.count("rank") == len(shown) - 1


def test_a_league_table_shows_a_score_on_a_basis_of_its_own() -> None:
    first = pl.col("unit") == "VN63-01"
    assert differing("league_table", first, score_basis="verified") == []
    assert differing("league_table", first, score_basis="final") == ["score", "score"]
