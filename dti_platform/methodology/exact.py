"""Exact arithmetic on scaled integers: a figure is an Int64 count of billionths.

Here: the only places where a decimal becomes an integer, a ratio is rounded, and an integer becomes a decimal again.
Not here: what the figures mean. Sums of integers don't depend on order or thread count; floats' do.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

#: Billionths: nine decimals of a point.
SCALE = 10**9


def scaled(value: pl.Expr) -> pl.Expr:
    """A Float64 that holds a decimal of at most nine places, as billionths (half away from zero beyond them)."""
    return (value * SCALE).round(0).cast(pl.Int64)


def scaled_wide(value: pl.Expr) -> pl.Expr:
    """The same for figures of any size, as Int128: the whole part stays exact however large it is."""
    floor = value.floor()
    return floor.cast(pl.Int128) * SCALE + ((value - floor) * SCALE).round(0).cast(pl.Int128)


def scaled_value(value: Decimal) -> int:
    """The same for one exact decimal."""
    return int((value * SCALE).to_integral_value(ROUND_HALF_UP))


def half_up(numerator: pl.Expr, denominator: pl.Expr, *, wide: bool = False) -> pl.Expr:
    """Numerator / denominator to the nearest integer, halves upwards; ``wide`` where the product passes 63 bits."""
    kind = pl.Int128 if wide else pl.Int64
    return ((numerator.cast(kind) * 2 + denominator.cast(kind)) // (denominator.cast(kind) * 2)).cast(pl.Int64)


def least_half_up(rounded: int, scale: int, denominator: int) -> int:
    """The least numerator of which ``half_up(numerator * scale, denominator)`` is ``rounded`` or more.

    >>> least_half_up(6924, 10**4, 1000)  # 692.35 of 1000 is 0.69235, and counts as 0.6924
    693
    """
    return -(-denominator * (2 * rounded - 1) // (2 * scale))


def as_decimal(value: pl.Expr, scale: int = SCALE) -> pl.Expr:
    """Billionths (or another scale) as the Float64 nearest to the exact decimal.

    Polars turns a division by a constant into a product with its inverse, which is off by one unit in the last place
    (0.1 + 0.2 would come out as 0.30000000000000004); so the divisor is made a column.
    """
    column = value.cast(pl.Float64)
    return column / (column * 0 + scale)
