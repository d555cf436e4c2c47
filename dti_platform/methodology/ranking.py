"""Who stands where: printed ranks carried, and ours by the framework's tie rule, at every node.

Here: competition ranking (1, 2, 2, 4) on the rounded score, among the peers of a geography or of a ministry group,
and whether enough of them have a score for a rank to be given. Not here: the scores themselves, nor which figure a
reader is shown first (``lead_source``).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.methodology.framework import Framework
from dti_platform.methodology.lead_source import by_trust
from dti_platform.methodology.scoring import SUBMITTED

if TYPE_CHECKING:
    from dti_platform.units import Units

#: A rank among those that have a score is given, as provisional, from nine peers in ten.
COMPLETE_FROM = (9, 10)
#: Who competes with whom: units of one period, geography and group, at one node, on one basis.
PLACE = ("period", "geography", "peer_group", "node", "basis")
PEERS = ("period", "geography", "peer_group")


def rank(scores: pl.DataFrame, observations: pl.DataFrame, framework: Framework, units: Units) -> pl.DataFrame:
    """The place of every unit at every node, as printed and as computed (Scores, Observations -> Rankings, by key).

    One row a unit, node and source for printed ranks; one row a unit and node for each basis of ours: of several
    sources that could be computed from, the leading one counts. Fewer than nine peers in ten with a score: no rank.
    """
    rows = observations.filter(pl.col("framework") == framework.version)
    counts = _counts(rows, framework, units)
    ranks = rows.filter((pl.col("measure") == "rank") & (pl.col("basis") == "published"))
    ours = _ours(scores, rows, framework, units, counts)
    both = ours if ranks.is_empty() else pl.concat([_with_peers(_printed(ranks, scores), units, counts), ours])
    empty = no_rankings()
    rankings = both.with_columns(framework=pl.lit(framework.version))
    return rankings.select(empty.columns).cast(empty.schema).sort(_key())


def _counts(rows: pl.DataFrame, framework: Framework, units: Units) -> pl.DataFrame:
    """How many units a ministry group has: as a source has ``printed``, and as the framework's file ``assumed``."""
    printed = (
        rows.filter(pl.col("measure") == "units")
        .group_by(PEERS)
        .agg(pl.col("value").max().cast(pl.Int32).alias("printed"))
    )
    members = framework.membership.items()
    sizes = Counter((period, units.all[unit].geography, group) for (period, unit), group in members)
    schema: dict[str, type[pl.DataType]] = {**dict.fromkeys(PEERS, pl.String), "assumed": pl.Int32}
    assumed = pl.DataFrame([(*place, count) for place, count in sizes.items()], schema=schema, orient="row")
    return printed.join(assumed, on=PEERS, how="full", coalesce=True, nulls_equal=True)


def _with_peers(frame: pl.DataFrame, units: Units, counts: pl.DataFrame) -> pl.DataFrame:
    """Adds ``peers``: how many units a ranking is meant to cover.

    The members of the geography; of a ministry group, whose members are not all public, as many as a source says it
    has, else null: unknown. For what we compute from submissions, as many as the framework's file puts there, if any.
    """
    members = {name: len(members) for name, members in units.geographies.items()}
    of_geography = pl.col("geography").replace_strict(members, default=None, return_dtype=pl.Int32)
    if counts.is_empty():
        return frame.with_columns(peers=pl.when(pl.col("peer_group").is_null()).then(of_geography))
    both = frame.join(counts, on=PEERS, how="left", nulls_equal=True, maintain_order="left")
    of_group = pl.coalesce(pl.when(pl.col("basis").is_in(SUBMITTED)).then("assumed"), "printed")
    peers = pl.when(pl.col("peer_group").is_null()).then(of_geography).otherwise(of_group)
    return both.with_columns(peers=peers).drop("printed", "assumed")


def _printed(ranks: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Ranks as printed, each beside the score that the same source prints; ``ranked`` counts units over all sources."""
    first = ranks.sort("feed").unique([*PLACE, "unit", "source"], keep="first", maintain_order=True)
    printed = scores.select(*PLACE, "unit", "source", "score")
    return first.join(printed, on=[*PLACE, "unit", "source"], how="left", nulls_equal=True).select(
        *PLACE,
        "unit",
        "source",
        "score",
        rank=pl.col("value").cast(pl.Int32),
        rank_status=pl.lit("published"),
        ranked=pl.col("unit").n_unique().over(PLACE).cast(pl.Int32),
        evidence="evidence",
    )


def _ours(
    scores: pl.DataFrame, rows: pl.DataFrame, framework: Framework, units: Units, counts: pl.DataFrame
) -> pl.DataFrame:
    """Computed scores of the leading source, ranked among the peers that have one, if those are enough."""
    competing = _one_source_each(scores, rows, framework)
    worth = pl.col("worth")
    placed = competing.with_columns(
        ranked=worth.count().over(PLACE).cast(pl.Int32), place=worth.rank("min", descending=True).over(PLACE)
    )
    return (
        _with_peers(placed, units, counts)
        .with_columns(rank_status=_status())
        .with_columns(rank=pl.when(pl.col("rank_status") != "withheld").then("place").cast(pl.Int32), ranked=_shown())
        .select(*PLACE, "unit", "source", "score", "rank", "rank_status", "ranked", "evidence", "peers")
    )


def _shown() -> pl.Expr:
    """The peers that have a rank; of a withheld ranking those that have a score, which points alone are not."""
    scored = pl.col("score").count().over(PLACE).cast(pl.Int32)
    return pl.when(pl.col("rank_status") == "withheld").then(scored).otherwise("ranked")


def _status() -> pl.Expr:
    """Whether all peers have a score, enough of them, or too few; of an unknown number, nothing is complete."""
    enough, out_of = COMPLETE_FROM
    ranked, peers = pl.col("ranked"), pl.col("peers")
    return (
        pl.when(peers.is_null())
        .then(pl.lit("provisional"))
        .when(ranked == peers)
        .then(pl.lit("complete"))
        .when(ranked * out_of >= peers * enough)
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("withheld"))
    )


def _one_source_each(scores: pl.DataFrame, rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """One computed row a unit: of several sources, one that gives a score; of those, the most trusted.

    ``worth`` is what is compared: the rounded score as an integer; points where the maximum is not known.
    """
    scale = 10**framework.settings.decimals
    worth = (pl.coalesce("score", "points") * scale).round(0).cast(pl.Int64)
    ours = scores.filter(pl.col("basis").is_in(("recomputed", *SUBMITTED))).with_columns(worth=worth)
    several = pl.struct(*PLACE, "unit").is_duplicated()
    if not ours.select(several.any()).item():
        return ours
    ordered = ours.with_row_index().join(by_trust(rows, framework), on=["period", "source"], how="left")
    best = ordered.sort(pl.col("worth").is_null(), "trust", "source", nulls_last=True)
    return best.unique([*PLACE, "unit"], keep="first").sort("index")


def no_rankings() -> pl.DataFrame:
    """The table Rankings without rows."""
    from dti_platform import tables

    return tables.empty(tables.Rankings)


def _key() -> list[str]:
    from dti_platform import tables

    return tables.key(tables.Rankings)
