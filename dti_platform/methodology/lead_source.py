"""Which published source leads where several print the same figure; the others stay visible beside it.

Here: the one order of trust. Not here: judging whether they agree (``reconciliation``). Figures are never averaged.
"""

from __future__ import annotations

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.methodology.framework import Framework

#: What makes two values of public pages the same figure.
FIGURE = ("period", "framework", "geography", "unit", "peer_group", "node", "measure", "basis")
MEASURES = ("score", "points", "rank")


def headline(rows: pl.DataFrame, publisher: str) -> pl.DataFrame:
    """Of the Observations of public pages, the one row that leads for every figure (same columns, sorted by figure).

    A figure as printed and one that its quoter worked out (basis derived) are two. In this order: quoted verbatim;
    printed by the official ``publisher`` (part of the address); from the source that prints most figures of that
    period and geography; alphabetical.
    """
    quoted = rows.filter(pl.col("basis").is_in(QUOTED) & pl.col("measure").is_in(MEASURES))
    ordered = quoted.join(_sources(quoted, publisher), on=["period", "source"], how="left").sort(
        *FIGURE, pl.col("certainty") != "verbatim", "trust", "feed"
    )
    return ordered.unique(FIGURE, keep="first", maintain_order=True).select(rows.columns)


def by_trust(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Period, source and ``trust`` (0 leads): the same order for whole sources, where a set of parts is chosen."""
    published = rows.filter((pl.col("basis") == "published") & pl.col("measure").is_in(MEASURES))
    return _sources(published, framework.publisher)


def _sources(printed: pl.DataFrame, publisher: str) -> pl.DataFrame:
    counted = printed.group_by("period", "source").agg(figures=pl.len())
    ordered = counted.sort(
        "period", ~_official(publisher), pl.col("figures"), "source", descending=[False, False, True, False]
    )
    return ordered.select("period", "source", trust=pl.int_range(pl.len()).over("period"))


def _official(publisher: str) -> pl.Expr:
    return pl.col("source").str.contains(publisher, literal=True)
