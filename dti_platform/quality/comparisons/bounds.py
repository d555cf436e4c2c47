"""Bounds: what a total, and the other pillars, leave for a pillar.

Here: one row per quoted figure of a pillar, beside the least and the most points that it can have. Not here: how far
outside is too far (``expectations/``), nor bounds of ranks (``methodology.bounds``). ``nodes`` is the framework's tree,
as ``trees`` makes it.

Pillars share the common group, or nothing: with F its points and a, b, c what each pillar has beside it, the total is
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

    Total and other pillars are those of any source, each with the rounding of print (``points_low`` to
    ``points_high``); one that sources print differently may be any of them.
    """
    known = table.filter(quoted()).join(_tree(nodes), on=["framework", "geography", "node"]).drop_nulls("points_low")
    ranges = known.group_by(*_UNIT, *_MAXIMA).agg(
        *(pl.col("points_low").filter(pl.col("concept") == each).min().alias(f"{each}_low") for each in _QUOTED),
        *(pl.col("points_high").filter(pl.col("concept") == each).max().alias(f"{each}_high") for each in _QUOTED),
    )
    with_total = ranges.drop_nulls(f"{TOTAL}_low")
    bounds = [with_total.select(*_UNIT, concept=pl.lit(each), **_bounds(each)) for each in PILLARS]
    shown = ["node", "basis", "source", "points_low", "points_high"]
    rows = known.select(*_UNIT, "concept", *shown).join(pl.concat(bounds), on=[*_UNIT, "concept"])
    beyond = pl.max_horizontal(
        pl.col("lowest") - pl.col("points_high"), pl.col("points_low") - pl.col("highest"), pl.lit(0.0)
    )
    return rows.with_columns(outside=beyond).sort(*_UNIT, "node", "source")


_QUOTED = (TOTAL, *PILLARS)
_MAXIMA = [f"most_{each}" for each in (*_QUOTED, COMMON)]


def _tree(nodes: pl.DataFrame) -> pl.DataFrame:
    """The total and pillars of frameworks whose total is the sum of what the pillars share and what each has beside."""
    tree = nodes.filter(pl.col("concept").is_in((*_QUOTED, COMMON)))
    of = ["framework", "geography"]
    maxima = tree.group_by(of).agg(
        pl.col("max_points").filter(pl.col("concept") == each).first().alias(f"most_{each}")
        for each in (*_QUOTED, COMMON)
    )
    shared = pl.col(f"most_{COMMON}").fill_null(0.0)
    beside = pl.sum_horizontal(pl.col(f"most_{each}") - shared for each in PILLARS)
    fitting = maxima.drop_nulls([f"most_{each}" for each in _QUOTED]).with_columns(shared.alias(f"most_{COMMON}"))
    summed = fitting.filter(shared + beside == pl.col(f"most_{TOTAL}"))
    return tree.select(*of, "node", "concept").join(summed, on=of)


def _bounds(pillar: str) -> dict[str, pl.Expr]:
    """The least and the most points of a pillar, from the total and those of the other pillars that are quoted."""
    others = [each for each in PILLARS if each != pillar]
    known = {each: pl.col(f"{each}_low").is_not_null() for each in others}
    count = pl.sum_horizontal(known.values())
    low, high = (
        pl.sum_horizontal(pl.col(f"{each}_{end}").fill_null(0.0) for each in others) for end in ("low", "high")
    )
    unknown = pl.sum_horizontal(pl.when(~known[each]).then(_beside(each)).otherwise(0.0) for each in others)
    total_low, total_high, own = pl.col(f"{TOTAL}_low"), pl.col(f"{TOTAL}_high"), _beside(pillar)
    common_low = pl.max_horizontal(
        pl.lit(0.0),
        *(pl.col(f"{each}_low") - _beside(each) for each in others),
        pl.when(count == 0).then(total_low - unknown - own).when(count == 2).then(low - total_high),  # noqa: PLR2004
    )
    common_high = pl.min_horizontal(
        pl.col(f"most_{COMMON}"),
        *(pl.col(f"{each}_high") for each in others),
        pl.when(count == 0).then(total_high).when(count == 2).then(high - total_low + own),  # noqa: PLR2004
    )
    return {
        "lowest": pl.max_horizontal(common_low, total_low - high + count * common_low - unknown),
        "highest": pl.min_horizontal(common_high + own, total_high - low + count * common_high),
    }


def _beside(pillar: str) -> pl.Expr:
    """The maximum of what a pillar has beside the common group."""
    return pl.col(f"most_{pillar}") - pl.col(f"most_{COMMON}")
