"""Points of indicators, worked out from what a unit reports: a and b, a value, a named share.

Here: every rule that turns raw figures into points, in integers. Not here: adding up (``aggregation``), nor words
into shares, which a feed does with the rule itself (``Rule.share``). What can't be is no figure: a part above its
whole, a whole of nothing, a negative value leave the indicator without points, and it counts as missing.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import polars as pl

from dti_platform.methodology.exact import SCALE, half_up, scaled, scaled_value, scaled_wide
from dti_platform.methodology.framework import Framework, Node

__all__ = ["LARGEST", "RAW", "misplaced", "worked_out"]

#: The measures that rules take in.
RAW = ("numerator", "denominator", "value", "share")
#: The largest raw figure: a product with it still fits exact sums.
LARGEST = 10**15
_RULES = {
    "node": pl.String, "kind": pl.String, "max": pl.Int64, "target": pl.Int64, "falling": pl.Boolean,
    "made_up": pl.Boolean,
}  # fmt: skip


def misplaced(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Raw rows that the rule of their node can't use: another measure, a share that it can't give, too large a figure.

    Of a node that is not scored anything may be said.
    """
    scored = [node for node in framework.nodes.values() if node.scored]
    raw = rows.filter(pl.col("measure").is_in(RAW), pl.col("node").is_in([node.code for node in scored]))
    small = raw.filter(pl.col("value").abs() <= LARGEST)
    of_shares = small.filter(pl.col("measure") == "share").with_columns(share=scaled(pl.col("value")))
    fitting = pl.concat(
        [
            small.filter(pl.col("measure") != "share").join(_taken(framework), on=["node", "measure"], how="semi"),
            of_shares.join(_possible(framework), on=["node", "share"], how="semi").drop("share"),
        ]
    )
    return raw.join(fitting, on=raw.columns, how="anti", nulls_equal=True)


@lru_cache(maxsize=64)
def _taken(framework: Framework) -> pl.DataFrame:
    """Node and measure that its rule takes in."""
    pairs = [(node.code, measure) for node in framework.nodes.values() for measure in node.rule.takes]
    return pl.DataFrame(pairs, schema={"node": pl.String, "measure": pl.String}, orient="row")


@lru_cache(maxsize=64)
def _possible(framework: Framework) -> pl.DataFrame:
    """Node and share (billionths) that its rule can give."""
    pairs = [(node.code, scaled_value(share)) for node in framework.nodes.values() for share in node.rule.possible]
    return pl.DataFrame(pairs, schema={"node": pl.String, "share": pl.Int64}, orient="row")


def worked_out(rows: pl.DataFrame, framework: Framework, sheet: tuple[str, ...]) -> pl.DataFrame:
    """One row a sheet and node that all raw figures are there for: sheet, node, obs_status, points, illustrative.

    ``points`` are billionths; rows without are left out. ``sheet`` are the columns that tell one set of figures from
    another.
    """
    raw = rows.filter(pl.col("measure").is_in(RAW))
    wide = raw.group_by(*sheet, "node", maintain_order=True).agg(
        pl.col("obs_status").max(),
        (pl.col("evidence") == "illustrative").any().alias("illustrative"),
        *(scaled_wide(pl.col("value").filter(pl.col("measure") == name)).first().alias(name) for name in RAW),
    )
    ruled = wide.join(_rules(framework), on="node").with_row_index("at")
    stepped = ruled.join(_reached(ruled, framework), on="at", how="left")
    worth = stepped.with_columns(points=_points(), illustrative=pl.col("illustrative") | pl.col("made_up"))
    return worth.filter(pl.col("points").is_not_null()).select(*sheet, "node", "obs_status", "points", "illustrative")


def _points() -> pl.Expr:
    """Points by the node's kind of rule; null where its figures are not there, or can't be."""
    a, b, value, share = (pl.col(name) for name in RAW)
    most, target = pl.col("max").cast(pl.Int128), pl.col("target").cast(pl.Int128)
    ratio = pl.when((a >= 0) & (a <= b)).then(half_up(a * most, b, wide=True))  # 0 of 0 is null
    reached = pl.when(value >= target).then("max").otherwise(half_up(value * most, target, wide=True))
    kept = pl.when(value <= target).then("max").otherwise(half_up(target * most, value, wide=True))
    by_kind = {
        "ratio": ratio,
        "steps": pl.when(value.is_not_null()).then(pl.col("step").fill_null(0)),
        "category": half_up(share * most, pl.lit(SCALE), wide=True),
        "criteria": half_up(share * most, pl.lit(SCALE), wide=True),
        "target": pl.when(value >= 0).then(reached),
        "inverse": pl.when(value >= 0).then(kept),
    }
    return pl.coalesce(pl.when(pl.col("kind") == kind).then(points) for kind, points in by_kind.items())


def _reached(ruled: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """For every row of a step table, the best step that its value reaches: ``at``, ``step`` (points in billionths)."""
    both = ruled.select("at", "node", "value", "falling").join(_steps(framework), on="node")
    reaches = pl.when("falling").then(pl.col("value") <= pl.col("bound")).otherwise(pl.col("value") >= pl.col("bound"))
    return both.filter(reaches).group_by("at").agg(pl.col("step").max())


@lru_cache(maxsize=64)
def _rules(framework: Framework) -> pl.DataFrame:
    """Node, kind of rule, max and target (billionths), ``falling`` (lower is better), made_up."""
    rows = [
        (
            node.code, node.rule.kind, scaled_value(node.max_points), _or_none(node.rule.target),
            node.direction == "lower_is_better", node.evidence == "illustrative",
        )
        for node in framework.nodes.values()
        if node.scored and node.rule.takes and node.max_points is not None
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_RULES, orient="row")


def _or_none(value: Decimal | None) -> int | None:
    return None if value is None else scaled_value(value)


@lru_cache(maxsize=64)
def _steps(framework: Framework) -> pl.DataFrame:
    """Every step of every table: node, bound and step (points that it gives), in billionths."""
    rows = [
        (node.code, scaled_value(bound), scaled_value(share * most))
        for node, most in _stepped(framework)
        for bound, share in node.rule.steps
    ]
    return pl.DataFrame(rows, schema={"node": pl.String, "bound": pl.Int128, "step": pl.Int64}, orient="row")


def _stepped(framework: Framework) -> list[tuple[Node, Decimal]]:
    nodes = framework.nodes.values()
    return [(node, node.max_points) for node in nodes if node.rule.kind == "steps" and node.max_points is not None]
