"""Evidence: what is made of made-up parts is illustrative, and never stands in for a published figure.

Here: frames of rows whose ``evidence`` is bound by where they come from. Not here: which values the flag may
have (contracts).
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import SUBMITTED, computed, published, sheet, without


def printed_figures(table: pl.DataFrame) -> pl.DataFrame:
    """Rows that claim to be printed by a publisher."""
    return table.filter(published())


def figures_of_made_up_nodes(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Rows at a node that the framework itself calls illustrative."""
    made_up = nodes.filter(pl.col("evidence") == "illustrative").select("framework", "geography", "node")
    return table.join(made_up, on=["framework", "geography", "node"], how="semi")


def parents_of_illustrative(table: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Computed rows at least one of whose parts is illustrative."""
    by = sheet(table)
    ours = table.filter(computed())
    tainted = ours.filter(pl.col("evidence") == "illustrative").select(by).rename({"node": "part"})
    above = tainted.join(parts, on=["framework", "geography", "part"]).select(*without(by, "node"), "node").unique()
    return ours.join(above, on=by, how="semi", nulls_equal=True)


def figures_of_submissions(table: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Rows read from files that declare themselves synthetic."""
    synthetic = submissions.filter(pl.col("evidence") == "illustrative").select("file")
    return table.filter(pl.col("basis").is_in(SUBMITTED)).join(synthetic, on="file", how="semi")


def evidence_of_scores(table: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Ranks beside the ``score_evidence`` of the score that they rest on."""
    by = sheet(table)
    rests_on = scores.select(*by, pl.col("evidence").alias("score_evidence"))
    return table.join(rests_on, on=by, nulls_equal=True)
