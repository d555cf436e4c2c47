"""Bounds: the range of a pillar's points that follows from the total and the other pillars.

Here: one row per quoted figure of a pillar, beside the least and the most points that it can have. Not here: how far
outside is too far (``expectations/``), nor bounds of ranks (``methodology.bounds``). ``nodes`` is the framework's tree,
as ``trees`` makes it.

Pillars share the common group or nothing. With F its points and a, b, c the further points of the pillars, the total is
F + a + b + c and the pillars are F + a, F + b, F + c (Decision 922: 1000 T = 700 G + 650 E + 650 S - 2 F; Decision
1726: F = 0). Each of the four lies between 0 and its maximum.
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import quoted

TOTAL, COMMON = "overall", "common"
PILLARS = ("digital_government", "digital_economy", "digital_society")
_UNIT = ["period", "framework", "geography", "unit"]


def pillars_and_bounds(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Quoted points of pillars with a quoted total: ``lowest``, ``highest``, and how far ``outside`` of them they are.

    Total and other pillars may come from any source, each with the rounding of print (``points_low`` to
    ``points_high``); where sources print different values, the range covers all of them.
    """
    known = table.filter(quoted()).join(_tree(nodes), on=["framework", "geography", "node"]).drop_nulls("points_low")
    ranges = known.group_by(*_UNIT, *_MAXIMA).agg(
        *(pl.col("points_low").filter(pl.col("concept") == name).min().alias(f"{name}_low") for name in _QUOTED),
        *(pl.col("points_high").filter(pl.col("concept") == name).max().alias(f"{name}_high") for name in _QUOTED),
    )
    with_total = ranges.drop_nulls(f"{TOTAL}_low")
    bounds = [with_total.select(*_UNIT, concept=pl.lit(pillar), **_bounds(pillar)) for pillar in PILLARS]
    shown = ["node", "basis", "source", "points_low", "points_high"]
    rows = known.select(*_UNIT, "concept", *shown).join(pl.concat(bounds), on=[*_UNIT, "concept"])
    beyond = pl.max_horizontal(
        pl.col("lowest") - pl.col("points_high"), pl.col("points_low") - pl.col("highest"), pl.lit(0.0)
    )
    return rows.with_columns(outside=beyond).sort(*_UNIT, "node", "source")


_QUOTED = (TOTAL, *PILLARS)
_MAXIMA = [f"most_{name}" for name in (*_QUOTED, COMMON)]


def _tree(nodes: pl.DataFrame) -> pl.DataFrame:
    """The total and pillars of frameworks whose total is the common group plus the pillars' further points."""
    tree = nodes.filter(pl.col("concept").is_in((*_QUOTED, COMMON)))
    by = ["framework", "geography"]
    maxima = tree.group_by(by).agg(
        pl.col("max_points").filter(pl.col("concept") == name).first().alias(f"most_{name}")
        for name in (*_QUOTED, COMMON)
    )
    shared = pl.col(f"most_{COMMON}").fill_null(0.0)
    further = pl.sum_horizontal(pl.col(f"most_{pillar}") - shared for pillar in PILLARS)
    complete = maxima.drop_nulls([f"most_{name}" for name in _QUOTED]).with_columns(shared.alias(f"most_{COMMON}"))
    additive = complete.filter(shared + further == pl.col(f"most_{TOTAL}"))
    return tree.select(*by, "node", "concept").join(additive, on=by)


def _bounds(pillar: str) -> dict[str, pl.Expr]:
    """The least and the most points of a pillar, from the total and the quoted ones of the other pillars."""
    others = [other for other in PILLARS if other != pillar]
    known = {other: pl.col(f"{other}_low").is_not_null() for other in others}
    count = pl.sum_horizontal(known.values())
    low, high = (
        pl.sum_horizontal(pl.col(f"{other}_{end}").fill_null(0.0) for other in others) for end in ("low", "high")
    )
    unknown = pl.sum_horizontal(pl.when(~known[other]).then(_further(other)).otherwise(0.0) for other in others)
    total_low, total_high, further = pl.col(f"{TOTAL}_low"), pl.col(f"{TOTAL}_high"), _further(pillar)
    common_low = pl.max_horizontal(
        pl.lit(0.0),
        *(pl.col(f"{other}_low") - _further(other) for other in others),
        pl.when(count == 0).then(total_low - unknown - further).when(count == 2).then(low - total_high),  # noqa: PLR2004
    )
    common_high = pl.min_horizontal(
        pl.col(f"most_{COMMON}"),
        *(pl.col(f"{other}_high") for other in others),
        pl.when(count == 0).then(total_high).when(count == 2).then(high - total_low + further),  # noqa: PLR2004
    )
    return {
        "lowest": pl.max_horizontal(common_low, total_low - high + count * common_low - unknown),
        "highest": pl.min_horizontal(common_high + further, total_high - low + count * common_high),
    }


def _further(pillar: str) -> pl.Expr:
    """The maximum of a pillar's further points: those outside the common group."""
    return pl.col(f"most_{pillar}") - pl.col(f"most_{COMMON}")
