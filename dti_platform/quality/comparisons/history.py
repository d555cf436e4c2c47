"""History: this table against the last release, and a rank against the one that it says came before.

Here: what went missing, and whether "before" is what stood there. Not here: the list of changes that readers get
(``publications``). ``last_release`` is the same table as last released; a frame of no rows where there is none yet.
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import present, published

COVERED = ("period", "geography", "framework", "feed", "basis")
NAMED = (*COVERED, "unit", "group", "node", "measure", "indicator", "metric")


def coverage_of_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """One row per period, geography, framework, feed, basis (those there are): figures ``before`` and ``now``."""
    by = [name for name in present(table, COVERED) if name in last_release.columns]
    before = _figures(last_release).group_by(by).len("before")
    now = _figures(table).group_by(by).len("now")
    return before.join(now, on=by, how="left", nulls_equal=True).with_columns(pl.col("now").fill_null(0)).sort(by)


def printed_figures_of_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """Every published figure of the last release: ``still_there`` says whether this one has it too."""
    by = [name for name in present(table, NAMED) if name in last_release.columns]
    printed = _figures(last_release).filter(published()).select(by).unique()
    now = _figures(table).select(by).unique().with_columns(pl.lit(value=True).alias("still_there"))
    both = printed.join(now, on=by, how="left", nulls_equal=True)
    return both.with_columns(pl.col("still_there").fill_null(value=False)).sort(by)


def ranks_before(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Ranks with a previous rank, beside what stood in that period on the same basis.

    ``stood_there`` says whether the previous rank did, ``same_family`` whether both frameworks are of one family, so
    that the two compare. Only periods that the table holds can be looked up.
    """
    families = nodes.select("framework", "family").unique()
    known = table.join(families, on="framework")
    by = [*present(table, ("geography", "group", "basis")), "unit"]
    then = known.select(
        *by,
        pl.col("period").alias("previous_period"),
        pl.col("rank").alias("rank_then"),
        pl.col("family").alias("family_then"),
    )
    shown = known.drop_nulls("previous_rank").filter(
        pl.col("previous_period").is_in(then["previous_period"].unique().to_list())
    )
    both = shown.join(then, on=[*by, "previous_period"], how="left", nulls_equal=True)
    return both.with_columns(
        pl.col("previous_rank").eq_missing(pl.col("rank_then")).alias("stood_there"),
        pl.col("family").eq_missing(pl.col("family_then")).alias("same_family"),
    )


def values_before(table: pl.DataFrame) -> pl.DataFrame:
    """Operational figures with a previous value: ``was_printed`` says whether that value stands in that period."""
    by = [*present(table, ("indicator", "unit"))]
    then = table.select(
        *by, pl.col("period").alias("previous_period"), pl.col("value").alias("previous_value"), was_printed=True
    ).unique()
    shown = table.drop_nulls("previous_value").filter(
        pl.col("previous_period").is_in(table["period"].unique().to_list())
    )
    both = shown.join(then, on=[*by, "previous_period", "previous_value"], how="left")
    return both.with_columns(pl.col("was_printed").fill_null(value=False))


def _figures(table: pl.DataFrame) -> pl.DataFrame:
    """Rows that hold a figure: a unit listed as missing is none."""
    return table.filter(~pl.col("obs_status").is_in(("M", "O"))) if "obs_status" in table.columns else table
