"""One figure for each unit, node and basis: the score and the rank of the source that leads.

Here: scores and rankings put beside each other. Which printed source leads is ``methodology.lead_source``'s to say; of
ours, a ranking names the source that it counted. Not here: names, and which basis leads (``standings``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.methodology import NO_SOURCE, headline
from dti_platform.publications.leading import FIGURE

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks

#: What one figure is, once its source is chosen.
KEY = [*FIGURE, "basis"]
_SCORED = ["points", "max_points", "score", "missing", "missing_rule", "obs_status"]
_PLACED = ["rank_score", "rank", "rank_best", "rank_worst", "rank_status", "ranked", "peers"]


def figures(inputs: Mapping[str, pl.DataFrame], frameworks: Frameworks) -> pl.DataFrame:
    """Scores and ranks by ``KEY``, from the tables ``scores``, ``rankings`` and ``observations`` of a year.

    Columns: the key, points, max_points, score, missing, missing_rule, obs_status, score_source, rank_score, rank,
    rank_best, rank_worst, rank_status, ranked, peers, rank_source, score_certainty and rank_certainty (of quoted ones),
    evidence (illustrative where either is). A rank that was printed without a score has no score columns, and the
    other way round. A unit of which no source speaks has a row of ours without source.
    """
    scores, rankings = inputs["scores"], inputs["rankings"]
    quoted = leads(inputs["observations"], frameworks)
    ours = rankings.filter(~pl.col("basis").is_in(QUOTED)).select(*KEY, "source")
    scored = _chosen(scores, pl.concat([_of(quoted, "score", "points"), ours])).select(
        *KEY, *_SCORED, score_source="source", synthetic=_synthetic()
    )
    placed = _chosen(rankings, pl.concat([_of(quoted, "rank"), ours])).select(
        *KEY, *_PLACED, rank_source="source", made_up=_synthetic()
    )
    ranks = _first(quoted, "rank").select(*KEY, rank_obs_status="obs_status", rank_certainty="certainty")
    values = _first(quoted, "score", "points").select(*KEY, score_certainty="certainty")
    both = scored.join(placed, on=KEY, how="full", coalesce=True, nulls_equal=True)
    for said in (ranks, values):
        both = both.join(said, on=KEY, how="left", nulls_equal=True)
    illustrative = pl.any_horizontal(pl.col("synthetic", "made_up").fill_null(value=False))
    return both.with_columns(
        score_source=pl.col("score_source").replace(NO_SOURCE, None),
        rank_source=pl.when(pl.col("rank").is_not_null()).then("rank_source"),
        obs_status=pl.coalesce("obs_status", "rank_obs_status", pl.lit("A")),
        evidence=pl.when(illustrative).then(pl.lit("illustrative")).otherwise(pl.lit("official")),
    ).drop("synthetic", "made_up", "rank_obs_status")


def leads(observations: pl.DataFrame, frameworks: Frameworks) -> pl.DataFrame:
    """The observation that leads for every figure of every framework, as printed and as derived (Observations)."""
    quoted = observations.filter(pl.col("basis").is_in(QUOTED))
    leading = [observations.clear()]
    for rows in quoted.partition_by("framework", "geography"):
        framework = frameworks.of_version(rows["framework"][0], rows["period"][0], rows["geography"][0])
        if framework is not None:
            leading.append(headline(rows, framework.publisher))
    return pl.concat(leading)


def _of(quoted: pl.DataFrame, *measures: str) -> pl.DataFrame:
    """The leading source of each figure of some measures, the first measure before the others."""
    return _first(quoted, *measures).select(*KEY, "source")


def _first(quoted: pl.DataFrame, *measures: str) -> pl.DataFrame:
    """The leading observation of each figure of some measures, the first measure before the others."""
    order = {measure: place for place, measure in enumerate(measures)}
    wanted = quoted.filter(pl.col("measure").is_in(measures))
    ordered = wanted.sort(pl.col("measure").replace_strict(order, return_dtype=pl.Int32, default=None))
    return ordered.unique(KEY, keep="first")


def _chosen(frame: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    return frame.join(sources, on=[*KEY, "source"], how="semi", nulls_equal=True)


def _synthetic() -> pl.Expr:
    return pl.col("evidence") == "illustrative"
