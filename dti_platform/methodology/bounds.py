"""Between which ranks a unit stands, whatever the figures were before they were rounded, and whatever is missing.

Every score lies between the least and the most that its figures allow (``Scores.points_low``, ``points_high``): a
printed part within half a unit of its last decimal, a missing part anywhere from 0 to its maximum; a peer of which
nothing is known may have any score. Points go up the tree by sums and weights that never fall, so the least of a node
is made of the least of all its parts, and its most of the most. Ties are judged on scores rounded to ``tie_decimals``,
and rounding never changes an order, so both ends are rounded alike.

- best: 1 + the peers that stand above for certain, their least above the unit's most. It is reached where the unit has
  its most and every peer its least.
- worst: 1 + the peers that may stand above, their most above the unit's least. It is reached the other way round.

In a complete ranking of exact points both ends are the score, and best and worst are the rank. Units are taken to vary
by themselves: no bound is too narrow, and none too wide as long as no two units share a figure.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

#: Above every score in points, of nodes whose maximum is not known.
ENDLESS = 2**62


def with_bounds(frame: pl.DataFrame, place: Sequence[str]) -> pl.DataFrame:
    """Adds ``rank_best`` and ``rank_worst`` (Int32), null where nothing is known of a unit.

    Args:
        frame: one row a unit and ``place``: ``least`` and ``most`` (Int64, as ties are judged; ``least`` null: nothing
            is known, ``most`` null: no end is known), ``top`` (the highest that a score can be), ``peers`` (null: not
            known, and then nobody can say how low a unit may stand).
        place: what the peers of one ranking share.
    """
    most = pl.col("most").fill_null(pl.col("top"))
    rows = frame.with_row_index("row").with_columns(most=most)
    known = rows.filter(pl.col("least").is_not_null())
    unseen = (pl.col("peers") - pl.len().over(place)).clip(0)
    bounds = (
        known.join(_above(known, place, "least", "most"), on="row")
        .join(_above(known, place, "most", "least"), on="row", suffix="_worst")
        .select(
            "row",
            rank_best=(1 + pl.col("above")).cast(pl.Int32),
            rank_worst=(
                1
                + pl.col("above_worst")
                - (pl.col("most") > pl.col("least")).cast(pl.Int64)
                + unseen * (pl.col("top") > pl.col("least"))
            ).cast(pl.Int32),
        )
    )
    return frame.with_row_index("row").join(bounds, on="row", how="left", maintain_order="left").drop("row")


def _above(rows: pl.DataFrame, place: Sequence[str], value: str, own: str) -> pl.DataFrame:
    """``above``: how many rows of its place, itself among them, have a ``value`` above a row's ``own``."""
    asked = rows.select(*place, "row", at=own, counts=pl.lit(0))
    given = rows.select(*place, "row", at=value, counts=pl.lit(1))
    ordered = pl.concat([asked, given]).sort("at", "counts", descending=[True, False])  # equal is not above
    counted = ordered.with_columns(above=pl.col("counts").cum_sum().over(place).cast(pl.Int64))
    return counted.filter(pl.col("counts") == 0).select("row", "above")
