"""The columns by which figures are grouped and matched in comparison frames.

Here: the columns, and which of them a table has. Not here: any comparison.
"""

from __future__ import annotations

import polars as pl

from dti_platform.codes import QUOTED

#: The key of one figure, whatever its source.
FIGURE = ("period", "framework", "geography", "unit", "peer_group", "node")
#: The key of one ranking; a printed ranking also has a single source.
RANKING = ("period", "framework", "geography", "peer_group", "node", "basis")
#: Bases of figures that the platform computes; the others are printed or reported.
COMPUTED = ("recomputed", "self", "verified", "final")
#: Bases that come from submissions.
SUBMITTED = ("self", "verified", "final")
#: Submitted bases that somebody other than the sender has confirmed.
VERIFIED = ("verified", "final")


def present(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """The given columns that the frame has, in their order."""
    return [name for name in columns if name in frame.columns]


def without(columns: list[str], *excluded: str) -> list[str]:
    """The columns without the excluded ones."""
    return [name for name in columns if name not in excluded]


def printed_ranking(frame: pl.DataFrame) -> list[str]:
    """The key of one printed ranking: with the source, unless the table shows one source for each figure."""
    source = () if {"rank_source", "score_source"} & set(frame.columns) else ("source",)
    return present(frame, (*RANKING, *source))


def sheet(frame: pl.DataFrame) -> list[str]:
    """The key of figures of one unit that may be added up; figures of two sources are never added."""
    return present(frame, (*RANKING, "source", "unit"))


def computed() -> pl.Expr:
    """Rows that the platform computes."""
    return pl.col("basis").is_in(COMPUTED)


def published() -> pl.Expr:
    """Rows as a publisher prints them."""
    return pl.col("basis") == "published"


def quoted() -> pl.Expr:
    """Rows of figures on public pages, either printed there or derived from printed figures."""
    return pl.col("basis").is_in(QUOTED)
