"""What is expected of a feed: every input of the index, but for rankings whose inputs were never all published.

Here: ``never_published.toml``, read strictly, and what follows for the inputs of a row. Not here: counting what came
(``coverage``), nor what can't be computed from it (``shortfall``).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import polars as pl

FILE = Path(__file__).with_name("never_published.toml")
RANKING = ["feed", "geography", "period"]
_FIELDS = {"feed", "geography", "periods", "why_vi", "why_en"}


def with_expected(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds ``expected`` and ``missing``, in inputs of the index; null where a row has no ``inputs``.

    Of a ranking that was never published in full, what is there is all that is expected. ``rows`` has ``inputs``, of
    which it lacks ``lacking``.
    """
    never = pl.struct(RANKING).is_in(never_published().select(pl.struct(RANKING)).to_series().implode())
    return rows.with_columns(
        expected=pl.when(never).then(pl.col("inputs") - pl.col("lacking")).otherwise("inputs"),
        missing=pl.when(never & pl.col("lacking").is_not_null()).then(0).otherwise("lacking").cast(pl.Int32),
    )


@cache
def never_published(file: Path = FILE) -> pl.DataFrame:
    """The rankings declared: feed, geography, period, why_vi, why_en.

    Raises:
        ValueError: an entry lacks a field, has one that is not known, or repeats a ranking.
    """
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["ranking"]
    for number, entry in enumerate(entries, start=1):
        if entry.keys() != _FIELDS or not all(entry.values()):
            raise ValueError(f"{file.name}: ranking {number} must have {', '.join(sorted(_FIELDS))}, none empty")
    declared = pl.DataFrame(entries).explode("periods").rename({"periods": "period"})
    if twice := declared.filter(declared.select(RANKING).is_duplicated()).select(RANKING).unique().rows():
        raise ValueError(f"{file.name}: declared twice: {twice}; strike one")
    return declared
