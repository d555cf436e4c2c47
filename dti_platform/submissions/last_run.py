"""What the last run left of a year, as far as the code at hand can read it.

Here: the one way to stored tables outside a run. A table of other columns than its model has today was written by other
code: as with one that is gone, nothing is said from it until a run has made it again. Not here: what follows from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.storage import Store


def observations(store: Store, year: int) -> pl.DataFrame | None:
    """The figures of a year; None where no run left any that can be read."""
    from dti_platform import tables  # imports Pandera

    return store.tables.find("observations", year, tables.polars_schema(tables.Observations))


def submissions(store: Store, year: int) -> pl.DataFrame | None:
    """The files of a year and what was read of each; None where no run left any that can be read."""
    from dti_platform import tables  # imports Pandera

    return store.tables.find("submissions", year, tables.polars_schema(tables.Submissions))
