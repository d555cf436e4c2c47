"""The tables of a year from the last run, as far as the present code can read them.

Here: the one way to stored tables outside a run. A table whose columns differ from those of its model was written by
other code: it is treated as missing until a run has made it again. Not here: what follows from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.storage import Store


def observations(store: Store, year: int) -> pl.DataFrame | None:
    """The figures of a year; None where no run left a readable table."""
    from dti_platform import tables  # imports Pandera

    return store.tables.find("observations", year, tables.polars_schema(tables.Observations))


def submissions(store: Store, year: int) -> pl.DataFrame | None:
    """The files of a year and the result of reading each; None where no run left a readable table."""
    from dti_platform import tables  # imports Pandera

    return store.tables.find("submissions", year, tables.polars_schema(tables.Submissions))
