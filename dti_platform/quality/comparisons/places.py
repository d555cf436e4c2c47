"""Places: whether ranks are complete, in competition style (1, 2, 2, 4), and have the coverage that they state.

Here: printed and computed rankings. Not here: whether they agree with one another (``agreement``) or with the
previous ranking (``history``). ``geographies`` (geography, units) says how many units a geography has.
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import RANKING, computed, present, printed_ranking, published, quoted


def computed_places(table: pl.DataFrame) -> pl.DataFrame:
    """Computed ranks: ``place`` is 1 + the number of peers with a higher score, rounded as for ties."""
    ours = table.filter(computed()).drop_nulls(["rank", "rank_score"])
    place = pl.col("rank_score").rank("min", descending=True).over(present(table, RANKING))
    return ours.with_columns(place.cast(pl.Int32).alias("place"))


def printed_places(table: pl.DataFrame) -> pl.DataFrame:
    """Printed ranks if every peer has one: ``place`` is 1 + the number of peers with a smaller rank."""
    by = printed_ranking(table)
    complete = table.filter(published()).drop_nulls("rank").filter(pl.len().over(by) == pl.col("peers"))
    return complete.with_columns(pl.col("rank").rank("min").over(by).cast(pl.Int32).alias("place"))


def printed_order(table: pl.DataFrame) -> pl.DataFrame:
    """Printed ranks beside printed scores: ``best_below`` is the best rank of any peer with a lower score."""
    by = printed_ranking(table)
    both = table.filter(published()).drop_nulls(["rank", "score"]).select(*by, "unit", "score", "rank")
    below = both.select(*by, pl.col("score").alias("lower"), pl.col("rank").alias("best_below"))
    pairs = both.join(below, on=by, nulls_equal=True).filter(pl.col("lower") < pl.col("score"))
    best = pairs.group_by(*by, "unit").agg(pl.col("best_below").min())
    return both.join(best, on=[*by, "unit"], nulls_equal=True).sort(*by, "unit")


def shared_ranks(table: pl.DataFrame) -> pl.DataFrame:
    """Quoted ranks that several units share in one ranking: ``tied`` says whether one score is quoted for all of them.

    A row is a rank, whatever its sources; ``units`` lists the units that have it, each with its quoted scores.
    """
    by = present(table, ("period", "framework", "geography", "peer_group", "node"))
    ranks, scores = (
        table.filter(quoted() & (pl.col("measure") == measure)).select(*by, "unit", pl.col("value").alias(measure))
        for measure in ("rank", "score")
    )
    holders = ranks.unique().filter(pl.col("unit").n_unique().over(*by, "rank") > 1)
    pairs = holders.join(scores.unique(), on=[*by, "unit"], how="left", nulls_equal=True)
    sharing = pl.when(pl.col("score").is_not_null()).then(pl.col("unit").n_unique().over(*by, "rank", "score"))
    labels = pl.concat_str("unit", "score", separator=" ", ignore_nulls=True)
    shared = pairs.group_by(*by, "rank").agg(
        units=labels.sort().str.join(" | "), tied=sharing.max().fill_null(0) == pl.col("unit").n_unique()
    )
    return shared.sort(*by, "rank")


def rank_counts(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """One row per computed ranking: the number of figures ``seen`` beside ``ranked`` in the table.

    ``earned`` is the status for the share of peers with a figure: provisional from ``enough`` out of ``out_of``.
    """
    by = present(table, RANKING)
    figure = pl.any_horizontal(pl.col("score", "rank").is_not_null())
    counted = (
        table.filter(computed())
        .drop_nulls("rank_status")
        .group_by(by)
        .agg(figure.sum().cast(pl.Int32).alias("seen"), pl.col("ranked", "peers", "rank_status").first())
        .join(nodes.select("framework", "geography", "enough", "out_of").unique(), on=["framework", "geography"])
    )
    complete = pl.col("seen") == pl.col("peers")
    enough = pl.col("seen") * pl.col("out_of") >= pl.col("peers") * pl.col("enough")
    earned = pl.when(complete).then(pl.lit("complete")).when(enough).then(pl.lit("provisional"))
    return counted.with_columns(earned.otherwise(pl.lit("withheld")).alias("earned")).sort(by)


def expected_rankings(table: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``coverage`` of rankings that expect every input of every unit: only those can be complete."""
    all_expected = (pl.col("expected") == pl.col("inputs")).all().over("period", "geography", "framework", "feed")
    return table.filter(all_expected & pl.col("rank_status").is_not_null())


def peers_of_geography(table: pl.DataFrame, geographies: pl.DataFrame) -> pl.DataFrame:
    """One row per ranking of a whole geography (no group): ``peers`` beside the ``units`` that the geography has."""
    by = present(table, RANKING)
    ungrouped = table.filter(pl.col("peer_group").is_null()) if "peer_group" in table.columns else table
    rankings = ungrouped.drop_nulls("peers").group_by(by).agg(pl.col("peers").unique()).explode("peers")
    return rankings.join(geographies, on="geography").with_columns(pl.col("units").cast(pl.Int32)).sort(by)


def rows_of_geography(table: pl.DataFrame, geographies: pl.DataFrame) -> pl.DataFrame:
    """One row per ranking: its ``rows`` beside the ``units`` of its geography, without derived figures."""
    by = present(table, RANKING)
    counted = (
        table.filter(pl.col("basis") != "derived")
        .group_by(by)
        .agg(pl.col("unit").n_unique().cast(pl.Int64).alias("rows"))
    )
    return counted.join(geographies, on="geography").sort(by)
