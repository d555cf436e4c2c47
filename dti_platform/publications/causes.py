"""Causes: the cells of received files that differ between two releases, and the figures that rest on them.

Here: which observations appeared, vanished or changed value, and following ``parts`` upwards from them. Not here:
which figures changed (``revisions``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dti_platform.publications.figures import KEY

if TYPE_CHECKING:
    from dti_platform.publications import Frames

#: Cells that are named; the others are counted.
SHOWN = 5

_SCOPE = ["period", "framework", "geography", "basis"]
_RANKING = [*_SCOPE, "peer_group", "node"]
_OBSERVED = ["feed", "source", "period", "framework", "geography", "unit", "peer_group", "node", "measure", "basis"]
_SOURCES = ["old_source", "old_rank_source", "new_source", "new_rank_source"]
#: The columns of observations that tell one from another, and what it says.
CELLS = (*_OBSERVED, "file_name", "locator", "value")
#: Measures of which a score is made; the others stand for themselves.
_SCORED = ("points", "score", "share")


def with_causes(figures: pl.DataFrame, before: Frames, now: Frames) -> pl.DataFrame:
    """The changed figures with ``cause``, ``changed_cells`` and ``cells``.

    Args:
        figures: key, old_ and new_ score, rank, source and rank_source.
        before: ``index_scores`` and ``observations`` of the release before.
        now: the same of this one.
    """
    of_these = pl.col("period").is_in(figures["period"].unique().to_list())
    scores = pl.concat(
        [each["index_scores"].select(*_SCOPE, "node", "parts").filter(of_these) for each in (before, now)]
    )
    cells = changed_cells(*(each["observations"].filter(of_these) for each in (before, now)))
    reached = _figures_above(cells, ancestors(scores))
    own = figures.select(*KEY, *_SOURCES).join(reached, on=KEY, nulls_equal=True)
    own = own.filter(pl.any_horizontal(pl.col(name).eq_missing(pl.col("cell_source")) for name in _SOURCES))
    explained = figures.join(_summary(own, KEY), on=KEY, how="left", nulls_equal=True).join(
        _summary(own, _RANKING).rename({"cells": "peer_cells", "count": "peer_count"}),
        on=_RANKING,
        how="left",
        nulls_equal=True,
    )
    return _with_cause(explained)


def changed_cells(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Observations of an index that appeared, vanished or changed value: their key, and ``cell``, its text."""
    old, new = (frame.drop_nulls("framework").select(CELLS) for frame in (before, now))
    both = old.join(new, on=_OBSERVED, how="full", coalesce=True, nulls_equal=True, suffix="_now")
    place = pl.concat_str(
        pl.coalesce("file_name_now", "file_name"), pl.coalesce("locator_now", "locator"), separator=", "
    )
    values = pl.concat_str(_number("value"), _number("value_now"), separator=" → ")
    return both.filter(pl.col("value").ne_missing(pl.col("value_now"))).select(
        *_OBSERVED, cell=pl.concat_str(place, values, separator=": ")
    )


def ancestors(scores: pl.DataFrame) -> pl.DataFrame:
    """Every node with every node above it, by period, framework, geography and basis: ``node``, ``ancestor``."""
    made_of = scores.drop_nulls("parts").unique()
    edges = (
        made_of.select(*_SCOPE, pl.col("parts").str.split(" ").alias("node"), ancestor="node").explode("node").unique()
    )
    closure = edges
    while True:
        above = edges.rename({"node": "ancestor", "ancestor": "higher"})
        further = closure.join(above, on=[*_SCOPE, "ancestor"]).select(*_SCOPE, "node", ancestor="higher")
        grown = pl.concat([closure, further]).unique()
        if grown.height == closure.height:
            return closure
        closure = grown


def _figures_above(cells: pl.DataFrame, above: pl.DataFrame) -> pl.DataFrame:
    """Each changed cell at its own node, and at each node above it on the bases that are summed: key, source, cell."""
    summed = cells.filter(pl.col("measure").is_in(_SCORED), pl.col("basis") != "derived").with_columns(
        pl.col("basis").replace("published", "recomputed")
    )
    higher = summed.join(above, on=[*_SCOPE, "node"]).with_columns(node="ancestor")
    columns = [*KEY, pl.col("source").alias("cell_source"), "cell"]
    return pl.concat([cells.select(columns), higher.select(columns)]).unique()


def _summary(cells: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The cells by figure or by ranking: how many, and the first of them in words."""
    distinct = cells.select(*by, "cell").unique().sort(*by, "cell")
    named = distinct.group_by(by, maintain_order=True).agg(
        count=pl.len(), cells=pl.col("cell").head(SHOWN).str.join("; ")
    )
    more = pl.format("; +{}", pl.col("count") - SHOWN)
    return named.with_columns(cells=pl.col("cells") + pl.when(pl.col("count") > SHOWN).then(more).otherwise(pl.lit("")))


def _with_cause(figures: pl.DataFrame) -> pl.DataFrame:
    """The first cause that holds; a rank alone may move by what its peers' cells say."""
    same_score = pl.col("old_score").eq_missing(pl.col("new_score"))
    moved_source = pl.any_horizontal(
        pl.col(f"old_{name}").ne_missing(pl.col(f"new_{name}")) for name in ("source", "rank_source")
    )
    own, peers = pl.col("cells").is_not_null(), same_score & pl.col("peer_cells").is_not_null()
    cause = (
        pl.when(own).then(pl.lit("cells")).when(peers).then(pl.lit("peers")).when(moved_source).then(pl.lit("source"))
    )
    by_peers = pl.col("cause") == "peers"
    return figures.with_columns(cause=cause.otherwise(pl.lit("rules"))).with_columns(
        cells=pl.when(by_peers).then("peer_cells").otherwise("cells"),
        changed_cells=pl.when(by_peers).then("peer_count").otherwise("count").fill_null(0),
    )


def _number(name: str) -> pl.Expr:
    """A value as text; ∅ if there is none."""
    return pl.col(name).cast(pl.String).str.replace(r"\.0$", "").fill_null("∅")
