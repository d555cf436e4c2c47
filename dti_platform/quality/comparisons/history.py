"""History: this release against the one before.

Here: what went missing and what changed. Not here: the list of changes that readers get (``publications``).
``last_release`` is the same table as last released; a frame of no rows where there is none yet.
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import present

COVERED = ("period", "geography", "framework", "feed", "basis", "measure", "source")
NAMED = (*COVERED, "unit", "group", "node", "indicator", "metric", "concept")


def coverage_of_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """One row per period, geography, framework, feed, basis (those that the table has): rows ``before`` and ``now``."""
    by = [name for name in present(table, COVERED) if name in last_release.columns and name != "source"]
    before = last_release.group_by(by).len("before")
    now = table.group_by(by).len("now")
    return before.join(now, on=by, how="left", nulls_equal=True).with_columns(pl.col("now").fill_null(0)).sort(by)


def printed_figures_of_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """Every published row of the last release: ``still_there`` says whether this one has it too."""
    by = [name for name in present(table, NAMED) if name in last_release.columns]
    printed = last_release.filter(pl.col("basis") == "published").select(by).unique()
    now = table.select(by).unique().with_columns(pl.lit(value=True).alias("still_there"))
    return (
        printed.join(now, on=by, how="left", nulls_equal=True)
        .with_columns(pl.col("still_there").fill_null(value=False))
        .sort(by)
    )
