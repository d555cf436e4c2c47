"""The columns by which figures are grouped and matched in comparison frames.

Here: which of them a table has. Not here: any comparison.
"""

from __future__ import annotations

import polars as pl

#: What one set of comparable figures shares: a ranking is one such set.
SET = ("period", "framework", "geography", "group", "node", "basis", "source")
#: What one figure is known by, whoever printed it.
FIGURE = ("period", "framework", "geography", "unit", "group", "node")
#: Bases that are computed here; the others are printed or reported.
COMPUTED = ("recomputed", "self", "verified", "final")
#: Bases that come from submissions.
SUBMITTED = ("self", "verified", "final")


def present(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Those of the columns that the frame has."""
    return [name for name in columns if name in frame.columns]


def without(columns: list[str], *left_out: str) -> list[str]:
    """The columns but for some."""
    return [name for name in columns if name not in left_out]
