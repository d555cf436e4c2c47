"""What merged units get from what they were made of: the unweighted mean of their predecessors' main indices.

Here: the mean, exact and rounded once, and everything above it by the framework's tree. Not here: which unit became
which (``units``), nor that a framework has such a rule at all: its file says so, with the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dti_platform.methodology.exact import as_decimal, half_up, scaled
from dti_platform.methodology.framework import Framework, Merging
from dti_platform.methodology.scoring import NO_SOURCE, SHEET, SUBMITTED, as_scores, computed, no_scores

if TYPE_CHECKING:
    from dti_platform.units import Units

#: The key of a mean: figures of two printed sources are never mixed, those of senders go together.
MEAN = ("period", "unit", "peer_group", "basis", "voice", "node")
#: The source of a mean: the former provinces that it is of, before the printed source, if it is of one.
_OF = r"^(?:mean of|as) ([A-Z0-9 -]+)"


def predecessors(units: Units, rule: Merging) -> pl.DataFrame:
    """Who became whom: unit (before), successor (after), size (how many became one)."""
    before = set(units.geographies[rule.before])
    kin = [
        (successor, [unit for unit in units.predecessors(successor) if unit in before])
        for successor in units.geographies[rule.after]
    ]
    rows = [(unit, successor, len(merged_units)) for successor, merged_units in kin for unit in merged_units]
    return pl.DataFrame(rows, schema={"unit": pl.String, "successor": pl.String, "size": pl.Int64}, orient="row")


def merged(scores: pl.DataFrame, framework: Framework, units: Units) -> pl.DataFrame:
    """Scores of the merged units under a framework (Scores of the geography before -> Scores of the one after).

    Printed parts give ``recomputed``; parts of submissions keep their basis. A main index of which one predecessor has
    no value has none. A total is a sum of main indices, so the mean of printed totals is the total of the means: it
    stands where the main indices were not printed. ``source`` names the predecessors. No rows where the framework has
    no rule of merging.
    """
    rule = framework.merging
    if rule is None:
        return no_scores()
    nodes = [node.code for node in framework.nodes.values() if node.kind == rule.kind and node.scored]
    above = [node.code for level in framework.levels for node in level if node.code not in nodes]
    parts = scores.filter(
        pl.col("framework") == framework.version,
        pl.col("geography") == rule.before,
        pl.col("node").is_in(nodes) | (pl.col("node").is_in(above) & (pl.col("basis") == "published")),
        pl.col("source") != NO_SOURCE,
        pl.col("basis") != "derived",
    )
    means = _means(parts, predecessors(units, rule), framework)
    if means.is_empty():
        return no_scores()
    counted = pl.col("points").is_not_null()
    rows = computed(means.filter(counted), framework, units.geographies[rule.after], own=nodes)
    return as_scores(pl.concat([rows, _unsized(means.filter(~counted)).select(rows.columns)]), framework, rule.after)


def former_units() -> pl.Expr:
    """The former provinces that a score of a merged one is made of, by spaces; null for any other score."""
    return pl.col("source").str.extract(_OF)


def means_of_totals(scores: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """The keys of the scores of merged units that are means of totals, since not all parts have a mean.

    Columns: SHEET, geography, framework, node.
    """
    key = [*SHEET, "geography", "framework"]
    of_means = scores.filter(pl.col("framework") == framework.version, former_units().is_not_null())
    means = of_means.filter(pl.any_horizontal(pl.col("points", "score").is_not_null()))
    edges = [
        (node.code, part.code)
        for level in framework.levels
        for node in level
        if framework.merging is not None and node.kind != framework.merging.kind
        for part in framework.parts(node.code)
    ]
    parts = pl.DataFrame(edges, schema={"node": pl.String, "part": pl.String}, orient="row")
    whole = means.filter(pl.col("missing") == 0).select(*key, "node").join(parts, on="node")
    lacking = whole.join(means.select(*key, part="node"), on=[*key, "part"], how="anti", nulls_equal=True)
    return lacking.select(*key, "node").unique()


def _means(parts: pl.DataFrame, family: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """The mean of every main index whose parts are all there: as ``computed`` takes figures, with the mean score."""
    submitted = pl.col("basis").is_in(SUBMITTED)
    scale = 10**framework.settings.decimals
    by_predecessor = (
        parts.sort("basis")
        .with_columns(
            basis=pl.when(submitted).then("basis").otherwise(pl.lit("recomputed")),
            voice=pl.when(~submitted).then(pl.concat_str(pl.lit(": "), "source")).otherwise(pl.lit("")),
        )
        .unique(MEAN, keep="first", maintain_order=True)
        .join(family, on="unit")
        .sort("unit")
    )
    means = by_predecessor.group_by("period", "successor", "basis", "voice", "node", maintain_order=True).agg(
        pl.col("points").count().alias("with_points"),
        pl.col("score").count().alias("with_score"),
        pl.col("size").first(),
        *(
            half_up(scaled(pl.col(name)).sum(), pl.col("size").first()).alias(short)
            for name, short in (("points", "points"), ("points_low", "low"), ("points_high", "high"))
        ),
        as_decimal(
            half_up((pl.col("score") * scale).round(0).cast(pl.Int64).sum(), pl.col("size").first()), scale
        ).alias("printed"),
        (pl.col("evidence") == "illustrative").any().alias("illustrative"),
        pl.col("unit").str.join(" ").alias("of"),
    )
    return _complete(means)


def _complete(means: pl.DataFrame) -> pl.DataFrame:
    """Means of all predecessors only; the points where all have points, else the score alone."""
    size = pl.col("size")
    mean_of = pl.when(size > 1).then(pl.lit("mean of ")).otherwise(pl.lit("as "))
    return means.filter((pl.col("with_points") == size) | (pl.col("with_score") == size)).select(
        "period",
        pl.col("successor").alias("unit"),
        pl.lit(None, pl.String).alias("peer_group"),
        "basis",
        pl.concat_str(mean_of, "of", "voice").alias("source"),
        "node",
        pl.lit("A").alias("obs_status"),
        *(pl.when(pl.col("with_points") == size).then(name).alias(name) for name in ("points", "low", "high")),
        "printed",
        "illustrative",
    )


def _unsized(means: pl.DataFrame) -> pl.DataFrame:
    """Main indices whose maximum is not known: the mean score stands, and nothing can be made of it."""
    return means.with_columns(score=pl.col("printed"), max=pl.lit(None, pl.Int64), missing=pl.lit(0, pl.Int32))
