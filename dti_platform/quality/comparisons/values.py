"""Values: single figures against what they can be at most, and against the report before.

Here: one row per value, beside its bound. Not here: sums of several (``sums``).
"""

from __future__ import annotations

import polars as pl

#: Units of measure that are no counts of whole things.
MEASURED = r"percent|ratio|score|points|per \d|bps|million|billion"


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


def counts(table: pl.DataFrame) -> pl.DataFrame:
    """Figures that count things (teams, villages): ``fraction`` is beyond a whole number."""
    counted = table.filter(~pl.col("unit_measure").str.contains(MEASURED)).drop_nulls("value")
    return counted.with_columns((pl.col("value") % 1).alias("fraction"))


def counted_parts(table: pl.DataFrame) -> pl.DataFrame:
    """Counts that are printed with the whole of which they are a part."""
    return counts(table).drop_nulls("denominator")


def percentages(table: pl.DataFrame) -> pl.DataFrame:
    """Figures in percent."""
    return table.filter(pl.col("unit_measure") == "percent")


def steps(table: pl.DataFrame) -> pl.DataFrame:
    """Figures beside the value before: ``times`` it has grown (2.255 read as 2255 would be 1000 times)."""
    both = table.drop_nulls(["value", "previous_value"]).filter((pl.col("value") > 0) & (pl.col("previous_value") > 0))
    return both.with_columns((pl.col("value") / pl.col("previous_value")).alias("times"))
