"""Every printed figure matched with ours: what ``reconciliation`` judges.

Here: finding, for a figure and a basis, the figure of ours that answers it. Not here: verdicts (``verdicts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.methodology import NO_SOURCE
from dti_platform.methodology.exact import as_decimal, half_up, scaled
from dti_platform.methodology.precision import decimals
from dti_platform.publications.figures import KEY, figures
from dti_platform.publications.verdicts import COARSEST_TOLERANCE, PRINTED_DECIMALS, SCORE_TOLERANCE

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units

#: What of ours a printed figure is held against. A self score is the unit's own claim: it need not agree.
HELD_AGAINST = ("recomputed", "final", "verified")
FIGURE = ["period", "framework", "geography", "unit", "peer_group", "node"]
_CONTEST = ["period", "framework", "geography"]
_LISTS = ("top", "bottom")
_NODES = {
    "framework": pl.String,
    "geography": pl.String,
    "node": pl.String,
    "concept": pl.String,
    "has_parts": pl.Boolean,
    "computable": pl.Boolean,
    "most": pl.Float64,
}


def pairs(inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """One row for a printed figure and a basis of ours: both values, their difference, tolerance and circumstances.

    Columns: FIGURE, metric, measure, source, as_published, certainty, sources_differ, basis, ours, our_source,
    illustrative, difference, tolerance, within, other_agrees, and the reasons why ours may be missing: has_parts,
    computable, missing, parts_derived, scored, rank_status, ranked, peers, found, of.
    """
    printed = _printed(inputs["observations"], frameworks)
    asked = printed.join(_bases(inputs["scores"], printed), on=_CONTEST)
    scored = asked.filter(~_ranks()).join(
        _scores(inputs, units, frameworks), on=[*FIGURE, "basis"], how="left", nulls_equal=True
    )
    placed = asked.filter(_ranks()).join(
        _ranks_of_ours(inputs["rankings"]), on=[*FIGURE, "basis"], how="left", nulls_equal=True
    )
    both = pl.concat([_best(scored), placed], how="diagonal")
    derived = _derived_parts(inputs["observations"], frameworks)
    marked = both.join(derived, on=FIGURE, how="left", nulls_equal=True, maintain_order="left")
    return _compared(_members(marked.with_columns(pl.col("parts_derived").fill_null(value=False)), units))


def _ranks() -> pl.Expr:
    return pl.col("measure").is_in(("rank", *_LISTS))


def _printed(observations: pl.DataFrame, frameworks: Frameworks) -> pl.DataFrame:
    """The printed figures with the words for what they say, and whether their sources agree."""
    rows = observations.filter(pl.col("basis") == "published").unique(
        [*FIGURE, "measure", "source"], keep="first", maintain_order=True
    )
    nodes = pl.DataFrame(list(_nodes(rows, frameworks)), schema=_NODES, orient="row")
    number = pl.when(pl.col("measure").is_in(_LISTS)).then(pl.col("value").cast(pl.Int64).cast(pl.String))
    what = pl.concat_str("measure", number.fill_null(""))
    named = rows.join(nodes, on=["framework", "geography", "node"], how="left").with_columns(
        metric=pl.concat_str(what, pl.lit("_"), pl.coalesce("concept", pl.col("node").str.to_lowercase()))
    )
    differ = pl.col("value").n_unique().over([*FIGURE, "metric"]) > 1
    kept = [*FIGURE, "metric", "measure", "source", "certainty", "has_parts", "computable", "most"]
    written = pl.col("raw").str.extract(r"[.,](\d+)").str.len_chars().cast(pl.Int64).fill_null(0)
    percent = pl.col("raw").str.contains("%", literal=True).cast(pl.Int64) * 2
    given = pl.max_horizontal(decimals(), written + percent)
    return named.select(*kept, as_published="value", sources_differ=differ, decimals=given)


def _nodes(rows: pl.DataFrame, frameworks: Frameworks) -> Iterator[tuple[object, ...]]:
    """What is known of each node of the frameworks, as decided (without overlay)."""
    for period, geography in rows.select("period", "geography").unique().rows():
        for framework in frameworks.in_force(period, geography):
            for node in framework.nodes.values():
                most = None if node.max_points is None else float(node.max_points)
                known = bool(framework.parts(node.code)), framework.computable(node.code)
                yield framework.version, geography, node.code, node.concept, *known, most


def _derived_parts(observations: pl.DataFrame, frameworks: Frameworks) -> pl.DataFrame:
    """The nodes of units of which a quoter worked out a part: FIGURE, parts_derived."""
    derived = observations.filter(pl.col("basis") == "derived", pl.col("measure").is_in(("score", "points")))
    edges = {
        (framework.version, geography, node.code, part.code)
        for period, geography in derived.select("period", "geography").unique().rows()
        for framework in frameworks.in_force(period, geography)
        for node in framework.nodes.values()
        for part in framework.parts(node.code)
    }
    schema = {"framework": pl.String, "geography": pl.String, "above": pl.String, "node": pl.String}
    above = pl.DataFrame(sorted(edges), schema=schema, orient="row")
    nodes = derived.join(above, on=["framework", "geography", "node"]).with_columns(node="above")
    return nodes.select(FIGURE).unique().with_columns(parts_derived=True)


def _bases(scores: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """The bases to hold the printed figures of a contest against; recomputed always is one."""
    there = scores.filter(pl.col("basis").is_in(HELD_AGAINST)).select(*_CONTEST, "basis")
    always = printed.select(*_CONTEST, basis=pl.lit("recomputed"))
    return pl.concat([there, always]).unique()


def _scores(inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Our scores, source by source, and the means of the whole geographies."""
    counted = inputs["rankings"].select(*KEY, "source", counted=pl.lit(value=True))
    own = inputs["scores"].filter(pl.col("basis").is_in(HELD_AGAINST), pl.col("source") != NO_SOURCE)
    scores = own.join(counted, on=[*KEY, "source"], how="left", nulls_equal=True).select(
        *KEY,
        "missing",
        our_score="score",
        our_points="points",
        our_source="source",
        counted=pl.col("counted").fill_null(value=False),
        illustrative=pl.col("evidence") == "illustrative",
    )
    return pl.concat([scores, _means(inputs, units, frameworks)], how="diagonal")


def _means(inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Mean (unweighted) and least of our scores over all units of a geography; null unless every one has a score."""
    members = {name: len(ids) for name, ids in units.geographies.items()}
    own = figures(inputs, frameworks).filter(pl.col("basis").is_in(HELD_AGAINST), pl.col("unit") != pl.col("geography"))
    by = ["period", "framework", "geography", "peer_group", "node", "basis"]
    summed = own.group_by(by).agg(
        found=pl.col("score").count().cast(pl.Int32),
        total=scaled(pl.col("score")).sum(),
        our_minimum=pl.col("score").min(),
        illustrative=(pl.col("evidence") == "illustrative").any(),
    )
    complete = pl.col("found") == pl.col("geography").replace_strict(members, default=0, return_dtype=pl.Int32)
    mean = as_decimal(half_up(pl.col("total"), pl.col("found").cast(pl.Int64)))
    named = pl.concat_str("found", pl.lit(" units"))
    return summed.select(
        *by,
        "found",
        "illustrative",
        unit="geography",
        our_score=pl.when(complete).then(mean),
        our_minimum=pl.when(complete).then("our_minimum"),
        our_source=pl.when(complete).then(named),
    )


def _ranks_of_ours(rankings: pl.DataFrame) -> pl.DataFrame:
    ours = rankings.filter(pl.col("basis").is_in(HELD_AGAINST))
    return ours.select(
        *KEY,
        "rank_status",
        "ranked",
        "peers",
        scored=pl.col("score").is_not_null(),
        ours=pl.col("rank").cast(pl.Float64),
        our_source=pl.when(pl.col("rank").is_not_null()).then("source"),
        illustrative=pl.col("evidence") == "illustrative",
    )


def _best(scored: pl.DataFrame) -> pl.DataFrame:
    """Of our figures from several sources: one that is there, from the same source, else the one that is ranked."""
    ours = pl.coalesce(
        pl.when(pl.col("measure") == name).then(f"our_{name}") for name in ("points", "score", "minimum")
    )
    figure = [*FIGURE, "metric", "source", "basis"]
    ordered = scored.with_columns(ours=ours).sort(
        *figure, pl.col("ours").is_null(), pl.col("our_source") != pl.col("source"), ~pl.col("counted"), "our_source",
        nulls_last=True,
    )  # fmt: skip
    chosen = ordered.unique(figure, keep="first", maintain_order=True).drop("^our_(score|points|minimum)$", "counted")
    return chosen.with_columns(our_source=pl.when(pl.col("ours").is_not_null()).then("our_source"))


def _members(both: pl.DataFrame, units: Units) -> pl.DataFrame:
    """``of``: how many units a printed mean is of; null for a unit's own figure."""
    aggregates = {unit.id for unit in units.all.values() if unit.kind == "aggregate"}
    members = {name: len(ids) for name, ids in units.geographies.items() if name in aggregates}
    return both.with_columns(
        pl.col("found").fill_null(0), of=pl.col("unit").replace_strict(members, default=None, return_dtype=pl.Int32)
    )


def _compared(both: pl.DataFrame) -> pl.DataFrame:
    measure, ours, printed = pl.col("measure"), pl.col("ours"), pl.col("as_published")
    most = pl.when(measure == "points").then(pl.col("most").fill_null(1.0)).otherwise(1.0)
    half_unit = (pl.lit(10.0).pow(-pl.col("decimals")) / 2).clip(upper_bound=COARSEST_TOLERANCE)
    coarse = (measure != "points") & (pl.col("decimals") < PRINTED_DECIMALS)
    share = pl.when(coarse).then(half_unit).otherwise(SCORE_TOLERANCE)
    tolerance = pl.when(measure.is_in(("score", "points", "minimum"))).then(most * share).otherwise(0.0)
    listed = (
        pl.when(measure == "top").then(ours <= printed).when(measure == "bottom").then(ours > pl.col("peers") - printed)
    )
    gap = scaled(ours) - scaled(printed)
    near = gap.abs() <= scaled(tolerance)
    compared = both.with_columns(
        tolerance=tolerance.round(9),
        difference=pl.when(~measure.is_in(_LISTS)).then(as_decimal(gap)),
        within=pl.when(measure.is_in(_LISTS)).then(listed).otherwise(near),
        illustrative=pl.col("illustrative").fill_null(value=False) & ours.is_not_null(),
    )
    agrees = pl.col("within").fill_null(value=False).any().over([*FIGURE, "metric", "basis"])
    return compared.with_columns(other_agrees=agrees & ~pl.col("within").fill_null(value=True))
