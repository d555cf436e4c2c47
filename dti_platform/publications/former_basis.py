"""Tables of schema version 1, in which what a quoter had worked out was called published.

Here: each of these tables as if such figures had been derived then. Not here: which version changed what
(``schema_changes``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dti_platform.publications.schema_changes import Beside

_PUBLISHED = pl.col("basis") == "published"
_DERIVED = pl.lit("derived")
_FIGURE = ["period", "framework", "geography", "unit", "peer_group", "node"]
_PLACE = [name for name in _FIGURE if name != "unit"]
_SCORE = ["score", "points"]
_SCORED = [*_SCORE, "max_points", "missing", "missing_rule"]
_RANK = ["rank", "rank_status", "ranked", "peers", "rank_source"]


def observations(rows: pl.DataFrame, _: Beside) -> pl.DataFrame:
    """The ``certainty`` of a figure tells whether it was derived."""
    from dti_platform import tables  # loads Pandera, which only a release of an earlier version needs

    derived = tables.worked_out() & _PUBLISHED
    return rows.with_columns(basis=pl.when(derived).then(_DERIVED).otherwise("basis"))


def reconciliation(rows: pl.DataFrame, _: Beside) -> pl.DataFrame:
    """Derived figures, which are reconciled no more, are left out."""
    return rows.filter(pl.col("certainty") != "computed")


def index_scores(scores: pl.DataFrame, beside: Beside) -> pl.DataFrame:
    """Published figures as far as they were printed, and a row of the derived ones, shown then or not, beside them."""
    derived = beside("observations").filter(pl.col("basis") == "derived")
    worked_out = {
        "score": derived.filter(pl.col("measure").is_in(("score", "points"))),
        "rank": derived.filter(pl.col("measure") == "rank"),
    }
    named = scores.filter(_PUBLISHED)
    printed = _said(_without(_without(named, worked_out["score"], "source"), worked_out["rank"], "rank_source"))
    return pl.concat([scores.filter(~_PUBLISHED), printed, _beside(named, worked_out).select(scores.columns)])


def _without(scores: pl.DataFrame, worked_out: pl.DataFrame, source: str) -> pl.DataFrame:
    """Without the scores, or the ranks, of which the source worked the figure out."""
    gone = _SCORED if source == "source" else _RANK
    its = worked_out.select(*_FIGURE, pl.col("source").alias(source), worked_out=True).unique()
    marked = scores.join(its, on=[*_FIGURE, source], how="left", nulls_equal=True)
    left = marked.with_columns(pl.when(pl.col("worked_out").is_null()).then(name).alias(name) for name in gone)
    if source == "source":
        other = pl.when(pl.col("worked_out")).then
        left = left.with_columns(
            source=other("rank_source").otherwise("source"), obs_status=other(pl.lit("A")).otherwise("obs_status")
        )
    return left.drop("worked_out")


def _said(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.filter(pl.any_horizontal(pl.col(*_SCORE, "rank").is_not_null()))


def _beside(named: pl.DataFrame, worked_out: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The derived figures, with the names of the published rows in which they stood, or behind which."""
    most = pl.col("max_points")
    values = worked_out["score"].select(*_FIGURE, "source", "value", pl.col("measure") == "points").unique(_FIGURE)
    scored = named.select(pl.exclude(*_SCORE, "source")).join(values, on=_FIGURE, how="left", nulls_equal=True)
    ranks = worked_out["rank"].select(*_FIGURE, rank_source="source", rank=pl.col("value").cast(pl.Int32))
    ranked = scored.drop("rank", "rank_source").join(ranks.unique(_FIGURE), on=_FIGURE, how="left", nulls_equal=True)
    of_points, value = pl.col("measure"), pl.col("value")
    status, scored_here = pl.when(pl.col("rank").is_not_null()), pl.when(value.is_not_null())
    return _said(
        ranked.with_columns(
            *(scored_here.then(name).alias(name) for name in ("max_points", "missing", "missing_rule")),
            points=pl.when(of_points).then(value).otherwise((value * most).round(9)),
            score=pl.when(of_points).then((value / most).round(6)).otherwise(value),
            rank_status=status.then(_DERIVED),
            ranked=status.then(pl.col("rank").count().over(_PLACE).cast(pl.Int32)),
            peers=status.then("peers"),
            basis=_DERIVED,
            obs_status=pl.lit("E"),
            source=pl.coalesce("source", "rank_source"),
        )
    )


def standings(places: pl.DataFrame, beside: Beside) -> pl.DataFrame:
    """The figures of a published ranking as far as they were printed. A derived row, of no ranking, is left out."""
    printed = beside("index_scores").filter(_PUBLISHED)
    places = _without_derived_changes(_as_printed(places, printed), printed)
    unranked, unscored = (_PUBLISHED & pl.col(name).is_null() for name in ("rank", "score"))
    changes = [
        name for name in ("previous_rank", "rank_change", "rank_in_region", "rank_among_cities") if name in places
    ]
    emptied = places.with_columns(
        *(pl.when(~unranked).then(name).alias(name) for name in changes),
        source=pl.when(unranked).then("score_source").otherwise("source"),
        score_source=pl.when(~unscored).then("score_source"),
        comparison=pl.when(unranked).then(pl.lit("not_ranked")).otherwise("comparison"),
        obs_status=pl.when(unranked & unscored).then(pl.lit("L")).otherwise("obs_status"),
    ).with_columns(source=pl.when(~(unranked & unscored)).then("source"))
    of_group = pl.col("peer_group").is_not_null() if "peer_group" in places else pl.lit(value=False)
    return emptied.filter(~(unranked & unscored & of_group))


def _without_derived_changes(places: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """Without the changes since a rank that was derived."""
    key = [name for name in ("geography", "unit", "peer_group") if name in places]
    ranks = printed.filter(pl.col("parent").is_null(), pl.col("rank").is_not_null())
    stood = ranks.select(*key, previous_period="period", stood=True).unique()
    joined = places.join(stood, on=[*key, "previous_period"], how="left", nulls_equal=True)
    lost = _PUBLISHED & pl.col("rank_change").is_not_null() & pl.col("stood").is_null()
    return joined.with_columns(
        *(pl.when(~lost).then(name).alias(name) for name in ("previous_rank", "rank_change")),
        comparison=pl.when(lost).then(pl.lit("not_ranked_before")).otherwise("comparison"),
    ).drop("stood")


def _as_printed(places: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """The published scores and ranks of the index and of its pillars as other rows have them, and its status."""
    key = [name for name in _FIGURE[:-1] if name in places]
    stood = printed.filter(pl.col("parent").is_null()).select(*key, status_left="obs_status")
    said = pl.when(_PUBLISHED).then(pl.coalesce("status_left", "obs_status")).otherwise("obs_status")
    places = places.join(stood, on=key, how="left", nulls_equal=True).with_columns(obs_status=said).drop("status_left")
    for pillar in ("", *(name.removeprefix("score") for name in places.columns if name.startswith("score_digital"))):
        here = pl.col("concept") == pillar[1:] if pillar else pl.col("parent").is_null()
        left = printed.filter(here).select(*key, pl.col("score", "rank").name.suffix("_left"))
        kept = [pl.when(_PUBLISHED).then(f"{name}_left").otherwise(f"{name}{pillar}") for name in ("score", "rank")]
        joined = places.join(left, on=key, how="left", nulls_equal=True)
        places = joined.with_columns(kept[0].alias(f"score{pillar}"), kept[1].alias(f"rank{pillar}")).drop(
            "score_left", "rank_left"
        )
    return places
