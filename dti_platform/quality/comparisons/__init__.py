"""Comparison frames: the frames that expectations need besides their table.

Here: pure Polars functions, found by name; one module per subject. The first argument of a frame is the table that
is checked; every further argument is a frame that the caller hands in under that name. Not here: what is expected
of them (``expectations/``). A frame has one row for each judged item, and the columns that show why.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import polars as pl

from dti_platform.quality.comparisons import agreement, bounds, copies, figures, history, places, provenance

Frame = Callable[..., pl.DataFrame]


class NotHandedIn(LookupError):
    """The caller did not hand in a frame that a comparison needs."""


def table(table: pl.DataFrame) -> pl.DataFrame:
    """The table itself."""
    return table


#: Every public function of these modules is a frame: to add a frame, write a function.
FRAMES: dict[str, Frame] = {"table": table} | {
    name: function
    for module in (agreement, bounds, copies, figures, history, places, provenance)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if not name.startswith("_") and function.__module__ == module.__name__
}

#: The frames that combine rows of several years; any other frame can be made year by year and concatenated.
ACROSS_YEARS = frozenset({"hosts_of_sources", "parts_of_two_years", "ranks_before", "values_before"})


def inputs(name: str) -> tuple[str, ...]:
    """The frames that the caller must hand in for this comparison."""
    return tuple(inspect.signature(FRAMES[name]).parameters)[1:]


def build(name: str, table: pl.DataFrame, others: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The comparison frame of that name.

    Raises:
        NotHandedIn: the caller handed in no frame under a name that the comparison needs.
    """
    required = inputs(name)
    missing = [other for other in required if other not in others]
    if missing:
        raise NotHandedIn(f"{', '.join(missing)} was not handed in")
    return FRAMES[name](table, *(others[other] for other in required))
