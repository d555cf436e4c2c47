"""Parts into totals: points going up the tree, level by level, in integers.

Here: the two methods (sum, weighted) and the three missing rules (withhold, zero, rescale). Not here: what a part is
worth, nor the rounding of scores. ``sheet`` is any number that identifies a set of figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import polars as pl

from dti_platform.methodology.exact import half_up, scaled_value
from dti_platform.methodology.framework import Framework, Node


@lru_cache(maxsize=64)
def node_frame(framework: Framework) -> pl.DataFrame:
    """The scored nodes: node, max (billionths, null where unknown), inputs (how many it rests on), parts, made_up."""
    nodes = [node for node in framework.nodes.values() if node.scored]
    return pl.DataFrame(
        {
            "node": [node.code for node in nodes],
            "max": [None if node.max_points is None else scaled_value(node.max_points) for node in nodes],
            "inputs": [_inputs_below(framework, node) for node in nodes],
            "parts": [len(framework.parts(node.code)) for node in nodes],
            "made_up": [node.evidence == "illustrative" for node in nodes],
        },
        schema={"node": pl.String, "max": pl.Int64, "inputs": pl.Int32, "parts": pl.Int32, "made_up": pl.Boolean},
    )


def _inputs_below(framework: Framework, node: Node) -> int:
    return sum(_inputs_below(framework, part) for part in framework.parts(node.code)) or 1


def add_up(figures: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Points of every node that anything is known of.

    Gives sheet, node, points, low, high, known_inputs, illustrative, as_given.
    ``figures`` hold points in billionths, of inputs or of any node, with the least and the most that they may stand
    for (``low``, ``high``). A node is made of its parts where all are known; else it is as given, where the sheet
    gives the node itself; else what the missing rule makes of it. Whatever the rule, a missing part may be worth
    anything from 0 to its maximum: ``low`` and ``high`` say so (``high`` null: there is no known end).
    """
    nodes = node_frame(framework)
    known = figures.join(nodes, on="node")
    worth = known.select(
        "sheet", "node", "points", "low", "high", pl.col("inputs").alias("known_inputs"), "illustrative", as_given=True
    )
    for height, level in enumerate(framework.levels):
        here = pl.col("node").is_in([node.code for node in level])
        given, rest = worth.filter(here), worth.filter(~here)
        sums = _sums(rest, _shares(framework, height))
        worth = pl.concat([rest, _made(_with_given(sums, given).join(nodes, on="node"), framework)])
    return worth


def _sums(worth: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """The known parts of every node of a level, added up; ``full`` is what they could have been worth."""
    rows = worth.join(shares, on="node")
    if not (shares["times"].eq(1).all() and shares["by"].eq(1).all()):
        rows = rows.with_columns(
            half_up(pl.col(name).cast(pl.Int128) * pl.col("times"), pl.col("by"), wide=True)
            for name in ("points", "low", "high")
        )
    return rows.group_by("sheet", "total").agg(
        pl.col("points", "low").sum(),
        pl.when(pl.col("high").is_not_null().all()).then(pl.col("high").sum()).alias("high"),
        pl.len().alias("seen"),
        pl.col("points").count().alias("known"),
        pl.col("known_inputs").sum(),
        pl.col("full").sum(),
        pl.col("illustrative").any(),
    )


@lru_cache(maxsize=256)
def _shares(framework: Framework, height: int) -> pl.DataFrame:
    """Part and total; the fraction (times / by) that turns points of the part into points of the total; its most."""
    pairs = [
        (total, part, share(total, part)) for total in framework.levels[height] for part in framework.parts(total.code)
    ]
    most = [None if part.max_points is None else fraction * Fraction(part.max_points) for _, part, fraction in pairs]
    return pl.DataFrame(
        {
            "node": [part.code for _, part, _ in pairs],
            "total": [total.code for total, _, _ in pairs],
            "times": [fraction.numerator for *_, fraction in pairs],
            "by": [fraction.denominator for *_, fraction in pairs],
            "full": [
                None if full is None else scaled_value(Decimal(full.numerator) / full.denominator) for full in most
            ],
        },
        schema={"node": pl.String, "total": pl.String, "times": pl.Int64, "by": pl.Int64, "full": pl.Int64},
    )


def share(total: Node, part: Node) -> Fraction:
    """1 in a sum; in a weighted mean, the part's weight of the total's maximum over the part's own maximum."""
    if total.method == "sum":
        return Fraction(1)
    return Fraction(total.max_points or 0) * Fraction(part.weight or 0) / Fraction(part.max_points or 1)


def worths(framework: Framework, total: str) -> Mapping[str, Fraction]:
    """What a point of each node below is worth in points of ``total``, along every way there, where none is missing."""
    found = {total: Fraction(1)}
    for level in reversed(framework.levels):
        for node in level:
            if node.code in found:
                for part in framework.parts(node.code):
                    worth = found[node.code] * share(node, part)
                    found[part.code] = found.get(part.code, Fraction(0)) + worth
    return found


def _with_given(sums: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Sums beside the points that sheets give for the same node (``given``); a node may have either alone."""
    as_given = given.select(
        "sheet", "node", given="points", given_low="low", given_high="high", given_made_up="illustrative"
    )
    both = sums.rename({"total": "node"}).join(
        as_given, on=["sheet", "node"], how="full", coalesce=True, nulls_equal=True
    )
    return both.with_columns(
        pl.col("points", "low", "known", "seen", "known_inputs", "full").fill_null(0),
        illustrative=pl.any_horizontal(pl.col("illustrative", "given_made_up").fill_null(value=False)),
    )


def _made(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    complete = pl.col("known") == pl.col("parts")
    as_given = ~complete & pl.col("given").is_not_null()
    points = pl.when(complete).then("points").when(as_given).then("given").otherwise(_by_rule(framework))
    known_inputs = pl.when(as_given).then("inputs").otherwise("known_inputs").cast(pl.Int32)
    made_up = pl.col("illustrative") | pl.col("made_up")
    return rows.select(
        "sheet",
        "node",
        points=points,
        low=pl.when(as_given).then("given_low").otherwise("low"),
        high=pl.when(as_given).then("given_high").otherwise(_most()),
        known_inputs=known_inputs,
        illustrative=made_up,
        as_given=as_given,
    )


def _most() -> pl.Expr:
    """The most that a node can be worth: of its parts that are seen what they can be, and of the others all."""
    unseen = pl.when(pl.col("seen") == pl.col("parts")).then(0).otherwise(pl.col("max") - pl.col("full"))
    return pl.min_horizontal(pl.col("high") + unseen, "max")


def _by_rule(framework: Framework) -> pl.Expr:
    """What a node is worth of which a part is missing: nothing is known, the rest alone, or the rest stretched."""
    match framework.settings.missing:
        case "zero":
            return pl.col("points")
        case "rescale":
            stretched = half_up(pl.col("points").cast(pl.Int128) * pl.col("max"), pl.col("full"), wide=True)
            return pl.when(pl.col("full") > 0).then(stretched)
        case _:
            return pl.lit(None, pl.Int64)
