"""How far a printed figure may be from the one that was rounded: half a unit of its last decimal, either way.

Here: the decimals of a printed value, and the least and most points that it stands for. Not here: what follows for the
nodes above (``aggregation``) and for ranks (``bounds``).
"""

from __future__ import annotations

import polars as pl

from dti_platform.methodology.exact import SCALE

#: The most decimals that a figure holds.
MOST_DECIMALS = 9


def decimals() -> pl.Expr:
    """How many decimals a figure has, from its ``value`` and its text ``raw``.

    The text counts where its digits are those of the value (``0,4960`` has four), else the value alone (of a text in
    per cent, or one that groups thousands): that may be too few, which makes bounds wider, never too narrow.
    """
    number = pl.col("raw").str.extract(r"(\d+[.,]\d+)")
    written = number.str.extract(r"[.,](\d+)").str.len_chars().cast(pl.Int64)
    digits = number.str.replace(r"[.,]", "").cast(pl.Int64, strict=False)
    shifted = pl.col("value") * pl.lit(10.0).pow(written)
    told = (written <= MOST_DECIMALS) & ((shifted - digits).abs() < pl.lit(1e-3))
    text = pl.col("value").cast(pl.String)
    own = text.str.extract(r"\.(\d*[1-9])").str.len_chars().fill_null(0).cast(pl.Int64)
    own = pl.when(text.str.contains("e-", literal=True)).then(MOST_DECIMALS).otherwise(own)
    return pl.when(told).then(written).otherwise(own).clip(0, MOST_DECIMALS)


def half_unit(most: pl.Expr) -> pl.Expr:
    """Half a unit of the last decimal in billionths of a point, rounded up; ``most``: points of a value of 1.

    Both ends count as possible, since how a publisher rounds halves is not known.
    """
    units = pl.lit(10.0).pow(decimals())
    return (most * SCALE / 2 / units).ceil().cast(pl.Int64)
