"""Coverage: what was received, against the evidence, the units and the last release.

Here: frames of the table ``coverage``. Not here: the counting itself (``publications``).
"""

from __future__ import annotations

import polars as pl

COUNTED = ["period", "geography", "framework", "unit", "feed"]


def accepted_and_observed(table: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    """One row per unit and feed: values ``accepted`` beside the ``observed`` ones that the evidence holds."""
    observed = observations.group_by(COUNTED).agg(pl.len().cast(pl.Int32).alias("observed"))
    both = table.select(*COUNTED, "accepted").join(observed, on=COUNTED, how="full", coalesce=True, nulls_equal=True)
    return both.with_columns(pl.col("accepted", "observed").fill_null(0)).sort(COUNTED)


def units_covered(table: pl.DataFrame, geographies: pl.DataFrame) -> pl.DataFrame:
    """One row per feed of an index: ``rows`` of single units beside the ``units`` that the geography has."""
    single = table.filter(pl.col("framework").is_not_null() & (pl.col("unit") != pl.col("geography")))
    counted = single.group_by("period", "geography", "framework", "feed").agg(pl.len().cast(pl.Int64).alias("rows"))
    return counted.join(geographies, on="geography").sort("period", "geography", "framework", "feed")


def accepted_in_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """Every unit and feed of the last release: values accepted ``before`` and ``now``."""
    before = last_release.select(*COUNTED, pl.col("accepted").alias("before"))
    now = table.select(*COUNTED, pl.col("accepted").alias("now"))
    both = before.join(now, on=COUNTED, how="left", nulls_equal=True)
    return both.with_columns(pl.col("now").fill_null(0)).sort(COUNTED)
