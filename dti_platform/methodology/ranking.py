"""Who stands where: printed ranks carried, and ours by the framework's tie rule, at every node.

Here: competition ranking (1, 2, 2, 4) among the peers of a geography or of a ministry group, on the score rounded as
the framework judges ties, and whether enough peers have one for a rank to be given. Not here: the scores themselves,
nor which figure a reader is shown first (``lead_source``).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.methodology.bounds import ENDLESS, with_bounds
from dti_platform.methodology.exact import SCALE, as_decimal, half_up, scaled
from dti_platform.methodology.framework import Framework
from dti_platform.methodology.lead_source import by_trust
from dti_platform.methodology.scoring import SUBMITTED

if TYPE_CHECKING:
    from dti_platform.units import Units

#: Who competes with whom: units of one period, geography and group, at one node, on one basis.
PLACE = ("period", "geography", "peer_group", "node", "basis")
PEERS = ("period", "geography", "peer_group")
_SHOWN = ("score", "rank_score", "rank", "rank_best", "rank_worst", "rank_status", "ranked", "evidence")


def rank(scores: pl.DataFrame, observations: pl.DataFrame, framework: Framework, units: Units) -> pl.DataFrame:
    """The place of every unit at every node, as printed and as computed (Scores, Observations -> Rankings, by key).

    One row a unit, node and source for printed ranks, and for those that their quoter worked out; one row a unit and
    node for each basis of ours: of several sources that could be computed from, the leading one counts. No rank of ours
    where fewer peers have a score than the framework asks for (``provisional_from``).
    """
    rows = observations.filter(pl.col("framework") == framework.version)
    counts = _counts(rows, framework, units)
    ranks = rows.filter((pl.col("measure") == "rank") & pl.col("basis").is_in(QUOTED))
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
    """Ranks as a page has them, each beside its score on that basis; ``ranked`` counts units over all sources."""
    first = ranks.sort("feed").unique([*PLACE, "unit", "source"], keep="first", maintain_order=True)
    printed = scores.select(*PLACE, "unit", "source", "score")
    return first.join(printed, on=[*PLACE, "unit", "source"], how="left", nulls_equal=True).select(
        *PLACE,
        "unit",
        "source",
        "score",
        rank_score=pl.lit(None, pl.Float64),
        rank=pl.col("value").cast(pl.Int32),
        rank_best=pl.lit(None, pl.Int32),
        rank_worst=pl.lit(None, pl.Int32),
        rank_status="basis",
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
        .with_columns(rank_status=_status(framework))
        .with_columns(rank=pl.when(pl.col("rank_status") != "withheld").then("place").cast(pl.Int32), ranked=_shown())
        .pipe(with_bounds, PLACE)
        .with_columns(evidence=_evidence())
        .select(*PLACE, "unit", "source", *_SHOWN, "peers")
    )


def _shown() -> pl.Expr:
    """The peers that have a rank; of a withheld ranking those that have a score, which points alone are not."""
    scored = pl.col("score").count().over(PLACE).cast(pl.Int32)
    return pl.when(pl.col("rank_status") == "withheld").then(scored).otherwise("ranked")


def _illustrative() -> pl.Expr:
    return pl.col("evidence") == "illustrative"


def _evidence() -> pl.Expr:
    """A rank rests on the figures of all peers: one illustrative figure among them makes every rank illustrative."""
    illustrative = (_illustrative() & pl.col("worth").is_not_null()).any().over(PLACE)
    ranked = pl.any_horizontal(pl.col("rank", "rank_best", "rank_worst").is_not_null())
    return pl.when(illustrative & ranked).then(pl.lit("illustrative")).otherwise("evidence")


def _status(framework: Framework) -> pl.Expr:
    """Whether all peers have a score, enough of them, or too few; of an unknown number, nothing is complete."""
    enough, out_of = framework.settings.provisional_from.as_integer_ratio()
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
    """One computed row a unit: of several sources, an official one, then one that gives a score, then the most trusted.

    ``worth`` is what is compared, as an integer: the score rounded to ``tie_decimals``, once, from the exact points (a
    second rounding, of the rounded score, could part what is equal); points where the maximum is not known.
    """
    scale = 10**framework.settings.tie_decimals
    points, low, high, most = (scaled(pl.col(name)) for name in ("points", "points_low", "points_high", "max_points"))
    rounded = pl.coalesce(half_up(points * scale, most), half_up(scaled(pl.col("score")) * scale, pl.lit(SCALE)))
    sized = pl.col("max_points").is_not_null()
    ours = scores.filter(pl.col("basis").is_in(("recomputed", *SUBMITTED))).with_columns(
        worth=pl.when(pl.col("score").is_null()).then(points).otherwise(rounded),
        rank_score=pl.when(pl.col("score").is_not_null()).then(as_decimal(rounded, scale)),
        least=pl.when(sized).then(half_up(low * scale, most)).otherwise(low),
        most=pl.when(sized).then(half_up(high * scale, most)).otherwise(high),
        top=pl.when(sized).then(scale).otherwise(ENDLESS),
    )
    several = pl.struct(*PLACE, "unit").is_duplicated()
    if not ours.select(several.any()).item():
        return ours
    ordered = ours.with_row_index().join(by_trust(rows, framework), on=["period", "source"], how="left")
    best = ordered.sort(_illustrative(), pl.col("worth").is_null(), "trust", "source", nulls_last=True)
    return best.unique([*PLACE, "unit"], keep="first").sort("index")


def no_rankings() -> pl.DataFrame:
    """The table Rankings without rows."""
    from dti_platform import tables

    return tables.empty(tables.Rankings)


def _key() -> list[str]:
    from dti_platform import tables

    return tables.key(tables.Rankings)
