"""Which basis leads where a figure has several: what was published, then ours, the best founded first.

Here: the rule, once for rankings and for every node. Not here: which of several printed sources leads
(``methodology.lead_source``).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

#: Bases in the order in which they lead; what a quoter worked out stands last, and never leads.
LEADING_BASES = ("published", "recomputed", "final", "verified", "self", "derived")
DERIVED = pl.col("basis") == "derived"
#: What the rows of one figure share, whatever their basis.
FIGURE = ["period", "framework", "geography", "unit", "peer_group", "node"]
ILLUSTRATIVE = pl.col("evidence") == "illustrative"


def place() -> pl.Expr:
    """The place of the basis of a row: 0 leads."""
    return pl.col("basis").replace_strict(LEADING_BASES, range(len(LEADING_BASES)), return_dtype=pl.Int32)


def leads(figure: Iterable[str], *, illustrative: pl.Expr) -> pl.Expr:
    """Whether a row is of the basis that leads among the rows of one figure; a derived one never is.

    Args:
        figure: the columns that the rows of one figure share.
        illustrative: the rows that lead only where there is no official one.
    """
    its_place = place() + pl.when(illustrative).then(len(LEADING_BASES)).otherwise(0)
    asked = pl.when(~DERIVED).then(its_place)
    return (asked == asked.min().over(*figure)).fill_null(value=False)
