"""Rows in the order of a key, with no second copy of what is large.

Here: sorting one frame or several. Not here: which columns are a table's key (``tables``), whose models cost an import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence


def by_key(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows in the order of these columns, nulls first; rows that stand so already are not copied."""
    if not columns:
        return frame
    places = frame.select(pl.arg_sort_by(columns, nulls_last=False)).to_series()
    return frame if places.is_sorted() else frame[places]


def gathered(frames: Sequence[pl.DataFrame], columns: Sequence[str]) -> pl.DataFrame:
    """The rows of several frames in the order of these columns, in one piece.

    One column after the other is taken from the frames: where nobody else holds them, one alone is there twice.
    """
    keys = pl.concat(frame.select(columns) for frame in frames)
    places = keys.select(pl.arg_sort_by(columns, nulls_last=False)).to_series()
    taken = [frame.clone() for frame in frames]
    del frames, keys
    return pl.DataFrame([pl.concat(frame.drop_in_place(name) for frame in taken)[places] for name in taken[0].columns])
