"""Places: whether ranks are complete, competition-style (1, 2, 2, 4) and covered as they claim.

Here: rankings, as printed and as ours. Not here: whether they agree with one another (``agreement``).
``geographies`` (geography, units) says how many units a geography has.
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import COMPUTED, SET, present

NINE_TENTHS = 9


def computed_places(table: pl.DataFrame) -> pl.DataFrame:
    """Our ranks: ``place`` is 1 + the number of peers with a higher score."""
    by = present(table, SET)
    ours = table.filter(pl.col("basis").is_in(COMPUTED)).drop_nulls(["rank", "score"])
    return ours.with_columns(_place(pl.col("score"), descending=True).over(by).alias("place"))


def printed_places(table: pl.DataFrame) -> pl.DataFrame:
    """Printed ranks where every peer has one: ``place`` is 1 + the number of peers with a smaller rank."""
    by = present(table, SET)
    printed = table.filter(pl.col("basis") == "published").drop_nulls("rank")
    whole = printed.filter(pl.len().over(by) == pl.col("peers"))
    return whole.with_columns(_place(pl.col("rank"), descending=False).over(by).alias("place"))


def printed_order(table: pl.DataFrame) -> pl.DataFrame:
    """Printed ranks beside printed scores: ``best_below`` is the best rank of any peer with a lower score."""
    by = present(table, SET)
    both = (
        table.filter(pl.col("basis") == "published").drop_nulls(["rank", "score"]).select(*by, "unit", "score", "rank")
    )
    below = both.select(*by, pl.col("score").alias("lower"), pl.col("rank").alias("best_below"))
    pairs = both.join(below, on=by, nulls_equal=True).filter(pl.col("lower") < pl.col("score"))
    best = pairs.group_by(*by, "unit").agg(pl.col("best_below").min())
    return both.join(best, on=[*by, "unit"], nulls_equal=True).sort(*by, "unit")


def rank_counts(table: pl.DataFrame) -> pl.DataFrame:
    """One row per ranking: ``seen`` ranks or scores beside ``ranked`` and ``peers`` as the table says them.

    ``earned`` is the status that the share of scored peers earns.
    """
    by = present(table, SET)
    ours = table.filter(pl.col("basis").is_in(COMPUTED))
    counted = ours.group_by(by).agg(
        pl.col("score").count().cast(pl.Int32).alias("seen"),
        pl.col("ranked").first(),
        pl.col("peers").first(),
        pl.col("rank_status").first(),
    )
    share = pl.col("seen") * 10 >= pl.col("peers") * NINE_TENTHS
    earned = pl.when(pl.col("seen") == pl.col("peers")).then(pl.lit("complete"))
    earned = earned.when(share).then(pl.lit("provisional")).otherwise(pl.lit("withheld"))
    return counted.with_columns(earned.alias("earned")).sort(by)


def peers_of_geography(table: pl.DataFrame, geographies: pl.DataFrame) -> pl.DataFrame:
    """One row per ranking of a whole geography (no group): ``peers`` beside the ``units`` that the geography has."""
    by = present(table, SET)
    whole = table.filter(pl.col("group").is_null()) if "group" in table.columns else table
    rankings = whole.group_by(by).agg(pl.col("peers").first())
    return rankings.join(geographies, on="geography").with_columns(pl.col("units").cast(pl.Int32)).sort(by)


def _place(value: pl.Expr, *, descending: bool) -> pl.Expr:
    return value.rank("min", descending=descending).cast(pl.Int32)
