"""Revised: whether the history of changes holds together, and whether what changed was announced.

Here: the table ``revisions`` against itself. Not here: what changed and why (``publications``).
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import FIGURE, published

_FIGURE = [*FIGURE, "basis"]
_NUMBER = pl.col("release").cast(pl.Int64)


def revisions_after_others(table: pl.DataFrame) -> pl.DataFrame:
    """Every change of a figure that changed before: ``follows`` says whether it starts where that one ended."""
    then = [pl.col(f"new_{name}").shift().over(_FIGURE).alias(f"{name}_then") for name in ("score", "rank")]
    ordered = table.sort(*_FIGURE, _NUMBER).with_columns(*then, first=pl.int_range(pl.len()).over(_FIGURE) == 0)
    starts = [pl.col(f"old_{name}").eq_missing(pl.col(f"{name}_then")) for name in ("score", "rank")]
    return ordered.filter(~pl.col("first")).with_columns(follows=pl.all_horizontal(starts)).drop("first")


def newest_changes_of_printed_figures(table: pl.DataFrame) -> pl.DataFrame:
    """Printed figures that the newest of these releases replaced or took away, with ``announced``."""
    replaced = pl.any_horizontal(pl.col("old_score", "old_rank").is_not_null())
    return _newest(table).filter(published() & replaced)


def newest_changes_without_a_cell(table: pl.DataFrame) -> pl.DataFrame:
    """Figures that changed though no cell of theirs or of a peer did, with ``announced``."""
    return _newest(table).filter(pl.col("changed_cells") == 0)


def _newest(table: pl.DataFrame) -> pl.DataFrame:
    """The changes of the newest release that changed anything; ``announced``: it says why."""
    return table.filter(_NUMBER.max() == _NUMBER).with_columns(announced=pl.col("reason").is_not_null())
