"""Comparison frames: the frames that an expectation needs beyond its table.

Here: pure Polars functions, found by name; one module per subject. The first argument of a frame is the table that
is checked; every further argument is a frame that the caller hands in under that name. Not here: what is expected
of them (``expectations/``). A frame has one row per thing that is judged, and the columns that show why.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import polars as pl

from dti_platform.quality.comparisons import agreement, bounds, copies, figures, history, places, provenance

Frame = Callable[..., pl.DataFrame]


class NotHandedIn(LookupError):
    """A frame that a comparison needs was not given by the caller."""


def table(table: pl.DataFrame) -> pl.DataFrame:
    """The table itself."""
    return table


#: Every public function of the modules is a frame: adding one is writing it.
FRAMES: dict[str, Frame] = {"table": table} | {
    name: function
    for module in (agreement, bounds, copies, figures, history, places, provenance)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if not name.startswith("_") and function.__module__ == module.__name__
}

#: The frames in which rows of several years meet; each other one of several years is those of each of them.
ACROSS_YEARS = frozenset({"hosts_of_sources", "parts_of_two_years", "ranks_before", "values_before"})


def inputs(name: str) -> tuple[str, ...]:
    """The frames that the caller must hand in for this comparison."""
    return tuple(inspect.signature(FRAMES[name]).parameters)[1:]


def build(name: str, table: pl.DataFrame, others: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The comparison frame of that name.

    Raises:
        NotHandedIn: the caller gave no frame of a name that it needs.
    """
    wanted = inputs(name)
    missing = [one for one in wanted if one not in others]
    if missing:
        raise NotHandedIn(f"{', '.join(missing)} was not handed in")
    return FRAMES[name](table, *(others[one] for one in wanted))
