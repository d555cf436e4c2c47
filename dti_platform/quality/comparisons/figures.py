"""Figures: single ones against their bounds and the previous report; sums against parents, maxima, scores and totals.

Here: one row per value or sum, beside its bound; differences in points or as shares. Not here: the tolerances
(``expectations/``). ``parts`` (framework, geography, node, part, share) and ``nodes`` (framework, geography,
node, concept, ...) are the framework's tree, as ``trees`` makes them.
"""

from __future__ import annotations

import polars as pl

from dti_platform import codes
from dti_platform.quality.comparisons.keys import computed, published, sheet, without

OVERLAP = ("overall", "digital_government", "digital_economy", "digital_society", "common")


def bounded_observations(table: pl.DataFrame, nodes: pl.DataFrame, geographies: pl.DataFrame) -> pl.DataFrame:
    """Observed scores, points and ranks: how far ``outside`` of the ``least`` and the ``most`` that each can be.

    The most is 1 for a score, the maximum of the node for points, and the units of the geography for a rank, if known.
    """
    known = nodes.select("framework", "geography", "node", "max_points")
    both = (
        table.filter(pl.col("measure").is_in(("score", "points", "rank")))
        .join(known, on=["framework", "geography", "node"], how="left", maintain_order="left")
        .join(geographies, on="geography", how="left", maintain_order="left")
    )
    measure = pl.col("measure")
    bounded = both.with_columns(
        least=pl.when(measure == "rank").then(1.0).otherwise(0.0),
        most=pl.when(measure == "score").then(1.0).when(measure == "points").then("max_points").otherwise("units"),
    )
    outside = pl.max_horizontal(pl.col("least") - pl.col("value"), pl.col("value") - pl.col("most"), 0.0)
    return bounded.with_columns(outside=outside).drop("max_points", "units")


def observed_ranks(table: pl.DataFrame) -> pl.DataFrame:
    """Observations that are ranks: ``fraction`` is the part after the decimal point."""
    return table.filter(pl.col("measure") == "rank").with_columns((pl.col("value") % 1).alias("fraction"))


def counts(table: pl.DataFrame) -> pl.DataFrame:
    """Figures that count things (teams, villages): ``fraction`` is the part after the decimal point."""
    counted = table.filter(pl.col("unit_measure").is_in(codes.COUNTED)).drop_nulls("value")
    return counted.with_columns((pl.col("value") % 1).alias("fraction"))


def counted_parts(table: pl.DataFrame) -> pl.DataFrame:
    """Counts that are printed together with their denominator."""
    return counts(table).drop_nulls("denominator")


def percentages(table: pl.DataFrame) -> pl.DataFrame:
    """Figures in percent."""
    return table.filter(pl.col("unit_measure") == "percent")


def steps(table: pl.DataFrame) -> pl.DataFrame:
    """Figures with an earlier value: ``times`` is the ratio to it (2.255 read as 2255 would be 1000 times).

    The earlier value is the one that the report compares with; for a stock without one, the value of the previous
    report, because a state continues from one report to the next, whatever their length.
    """
    reported = pl.when(pl.col("indicator_kind") == "stock").then("report_before_value")
    before = pl.coalesce("previous_value", reported)
    both = table.filter((pl.col("value") > 0) & (before > 0))
    return both.with_columns((pl.col("value") / before).alias("times"))


def score_and_points(table: pl.DataFrame) -> pl.DataFrame:
    """Rows that have a score, points and a maximum: ``difference`` of the score from points / maximum."""
    complete = table.drop_nulls(["score", "points", "max_points"])
    return complete.with_columns((pl.col("score") - pl.col("points") / pl.col("max_points")).alias("difference"))


def parts_and_parents(table: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Computed parents whose parts all have points: ``difference`` of their points from the sum of the parts."""
    return _difference(_parents(table.filter(computed()), parts))


def printed_parts_and_parents(table: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """The same for printed figures, each source by itself; a score printed without points is converted to points."""
    printed = table.filter(published()).with_columns(_points())
    return _difference(_parents(printed, parts))


def pillars_and_total(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Overlapping pillars as computed: ``difference`` of 1000 T from 700 G + 650 E + 650 S - 2 F, in points.

    One row per unit, basis and source that has all five figures, if the framework's pillars share the common group.
    """
    return _identity(table.filter(computed()), nodes)


def printed_pillars_and_total(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """The same for printed figures, each source by itself; rounding makes them differ."""
    return _identity(table.filter(published()), nodes)


def _identity(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    by = without(sheet(table), "node")
    tree = nodes.filter(pl.col("concept").is_in(OVERLAP)).select("framework", "geography", "node", "concept")
    known = table.with_columns(_points()).drop_nulls("points").join(tree, on=["framework", "geography", "node"])
    wide = known.group_by(by).agg(
        pl.col("points").filter(pl.col("concept") == concept).first().alias(concept) for concept in OVERLAP
    )
    total, government, economy, society, common = (pl.col(concept) for concept in OVERLAP)
    return (
        wide.drop_nulls(OVERLAP)
        .with_columns((total - (government + economy + society - 2 * common)).alias("difference"))
        .sort(by)
    )


def withheld_scores(table: pl.DataFrame) -> pl.DataFrame:
    """Nodes that lack a part under the rule "withhold": ``shows_score`` says whether they show a figure."""
    withheld = table.filter((pl.col("missing") > 0) & (pl.col("missing_rule") == "withhold") & computed())
    return withheld.with_columns((pl.col("score").is_not_null() | pl.col("points").is_not_null()).alias("shows_score"))


def _points() -> pl.Expr:
    """Points; where there is only a score, the score times the maximum."""
    return pl.coalesce("points", pl.col("score") * pl.col("max_points")).alias("points")


def _parents(table: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Every parent with points, beside the sum of its parts, if every part has points."""
    by = sheet(table)
    known = table.select(*by, "points").drop_nulls("points")
    unit, points = without(by, "node"), pl.col("part_points") * pl.col("share")
    below = known.rename({"node": "part", "points": "part_points"})
    summed = (
        known.join(parts, on=["framework", "geography", "node"])
        .join(below, on=[*unit, "part"], how="left", nulls_equal=True)
        .group_by(by)
        .agg(sum_of_parts=points.sum(), absent=points.null_count())
        .filter(pl.col("absent") == 0)
    )
    return known.join(summed.drop("absent"), on=by, nulls_equal=True).sort(by)


def _difference(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns((pl.col("points") - pl.col("sum_of_parts")).alias("difference"))
