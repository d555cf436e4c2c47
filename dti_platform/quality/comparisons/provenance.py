"""Provenance: what was received, against the observations, the units and the last release; and evidence by origin.

Here: frames of the table ``coverage``, and of rows whose origin decides their ``evidence``: a figure computed from
illustrative parts is illustrative, and never replaces a published figure. Not here: the counting itself
(``publications``), nor which values a flag may have (contracts).
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import SUBMITTED, computed, published, sheet, without
from dti_platform.sources import host, known

COUNTED = ["period", "geography", "framework", "unit", "feed"]


def accepted_and_observed(table: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    """One row per unit and feed: values ``accepted`` beside those ``observed`` in the observations."""
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


def printed_figures(table: pl.DataFrame) -> pl.DataFrame:
    """Rows that claim to be printed by a publisher."""
    return table.filter(published())


def hosts_of_sources(table: pl.DataFrame, domains: pl.DataFrame) -> pl.DataFrame:
    """One row per host of an address: ``classed`` says whether the table of domains (domain, source_class) knows it."""
    classes = dict(domains.select("domain", "source_class").iter_rows())
    sources = table.filter(~pl.col("basis").is_in(SUBMITTED)).unique("source").sort("source")
    hosts = sources.with_columns(host=pl.col("source").map_elements(host, pl.String)).drop_nulls("host")
    known_class = pl.col("host").map_elements(lambda name: known(name, classes), pl.String)
    return hosts.unique("host", maintain_order=True).with_columns(classed=known_class.is_not_null())


def figures_of_made_up_nodes(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Rows of a node that the framework itself marks as illustrative."""
    illustrative = nodes.filter(pl.col("evidence") == "illustrative").select("framework", "geography", "node")
    return table.join(illustrative, on=["framework", "geography", "node"], how="semi")


def parents_of_illustrative(table: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Computed rows that have an illustrative part; if the row has a figure, one such part must have one too."""
    by = sheet(table)
    ours = table.filter(computed()).with_columns(figure=pl.any_horizontal(pl.col("points", "score").is_not_null()))
    tainted = (
        ours.filter(pl.col("evidence") == "illustrative").select(*by, has_figure="figure").rename({"node": "part"})
    )
    parents = tainted.join(parts, on=["framework", "geography", "part"])
    tainted_parents = parents.group_by(*without(by, "node"), "node").agg(pl.col("has_figure").any())
    both = ours.join(tainted_parents, on=by, nulls_equal=True, maintain_order="left")
    return both.filter(pl.col("has_figure") | ~pl.col("figure")).drop("figure", "has_figure")


def figures_of_submissions(table: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Rows read from files that declare themselves synthetic."""
    synthetic = submissions.filter(pl.col("evidence") == "illustrative").select("file")
    return table.filter(pl.col("basis").is_in(SUBMITTED)).join(synthetic, on="file", how="semi")


def evidence_of_scores(table: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Ranks beside the ``score_evidence`` of the score that decides them."""
    by = sheet(table)
    evidence = scores.select(*by, pl.col("evidence").alias("score_evidence"))
    return table.join(evidence, on=by, nulls_equal=True)
