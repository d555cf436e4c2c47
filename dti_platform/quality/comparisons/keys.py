"""The columns by which figures are grouped and matched in comparison frames.

Here: which of them a table has. Not here: any comparison.
"""

from __future__ import annotations

import polars as pl

from dti_platform.codes import QUOTED

#: The key of one figure, whatever its source.
FIGURE = ("period", "framework", "geography", "unit", "peer_group", "node")
#: What the units of one ranking share; a printed ranking is also that of one source.
RANKING = ("period", "framework", "geography", "peer_group", "node", "basis")
#: Bases that are computed here; the others are printed or reported.
COMPUTED = ("recomputed", "self", "verified", "final")
#: Bases that come from submissions.
SUBMITTED = ("self", "verified", "final")
#: Those of them that somebody else than the sender stands behind.
VERIFIED = ("verified", "final")


def present(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Those of the columns that the frame has."""
    return [name for name in columns if name in frame.columns]


def without(columns: list[str], *left_out: str) -> list[str]:
    """The columns but for some."""
    return [name for name in columns if name not in left_out]


def printed_ranking(frame: pl.DataFrame) -> list[str]:
    """What one printed ranking shares: also its source, unless the table shows one source for each figure."""
    by_source = () if {"rank_source", "score_source"} & set(frame.columns) else ("source",)
    return present(frame, (*RANKING, *by_source))


def sheet(frame: pl.DataFrame) -> list[str]:
    """What the figures of one unit share that may be added up: those of two sources never are."""
    return present(frame, (*RANKING, "source", "unit"))


def computed() -> pl.Expr:
    """Rows of ours."""
    return pl.col("basis").is_in(COMPUTED)


def published() -> pl.Expr:
    """Rows as printed."""
    return pl.col("basis") == "published"


def quoted() -> pl.Expr:
    """Rows of figures that stand on public pages, be they printed there or worked out there from what is printed."""
    return pl.col("basis").is_in(QUOTED)
