"""Values: single observations against what they can be at most.

Here: one row per observed value, beside its bound. Not here: sums of several (``sums``).
"""

from __future__ import annotations

import polars as pl


def observed_scores(table: pl.DataFrame) -> pl.DataFrame:
    """Observations that are scores (shares of the maximum)."""
    return table.filter(pl.col("measure") == "score")


def observed_points(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Observations that are points, beside their node's ``max_points`` where it is known."""
    known = nodes.select("framework", "geography", "node", "max_points").drop_nulls()
    return table.filter(pl.col("measure") == "points").join(known, on=["framework", "geography", "node"])


def observed_ranks(table: pl.DataFrame, geographies: pl.DataFrame) -> pl.DataFrame:
    """Observations that are ranks, beside the ``units`` of their geography; ``fraction`` is beyond a whole number."""
    ranks = table.filter(pl.col("measure") == "rank").join(geographies, on="geography")
    return ranks.with_columns((pl.col("value") % 1).alias("fraction"))


def counted_parts(table: pl.DataFrame) -> pl.DataFrame:
    """Counts that are printed with the whole of which they are a part."""
    return table.filter(pl.col("unit_measure") == "count").drop_nulls("denominator")
