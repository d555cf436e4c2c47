"""The baseline: rows of the committed feeds that are known to fail a check that only warns.

Here: reading ``expectations/baseline.toml`` strictly, and splitting failing rows into known and new ones. Not here: the
checks (``checks``), nor waivers, which let a release go on although a check that stops it fails (``results``).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.language import Bilingual
from dti_platform.quality.errors import SuiteError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "baseline.toml"
FIELDS = ("check", "since", "why_vi", "why_en", "rows")
#: The columns that are added to a known row.
DECLARED = {"known_since": pl.Date, "known_vi": pl.String, "known_en": pl.String}


@dataclass(frozen=True, slots=True)
class Known:
    """One row that is known to fail a check.

    Attributes:
        check: ``<table>.<name>``.
        row: values of columns that identify the row, including its figures, so that a changed figure is new.
        since: the day on which it was declared.
        why: why it fails and is not corrected.
    """

    check: str
    row: Mapping[str, object]
    since: dt.date
    why: Bilingual

    def index_in(self, rows: pl.DataFrame) -> pl.Series:
        """The index of this row in ``rows``, at most one: where several rows match, the first; the others are new.

        Raises:
            SuiteError: ``rows`` lacks a column of this row, or has it with another type.
        """
        conditions = [pl.col(name) == pl.lit(value) for name, value in self.row.items()]
        try:
            return rows.select(pl.arg_where(pl.all_horizontal(conditions)).head(1)).to_series()
        except pl.exceptions.PolarsError as error:
            raise SuiteError(f"{FILE}: {self.check}: its rows don't fit {dict(self.row)}: {error}") from error


def baseline(folder: Path) -> tuple[Known, ...]:
    """Every row that the folder's ``baseline.toml`` declares, in its order; empty without the file.

    Raises:
        SuiteError: an entry lacks a field or has an unknown one; a row is empty or is declared twice.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{FILE} is not TOML: {error}") from error
    if body.keys() - {"known"}:
        raise SuiteError(f"{FILE} must hold nothing but entries [[known]]")
    rows = [row for number, entry in enumerate(body.get("known", []), start=1) for row in _rows(number, entry)]
    for number, known in enumerate(rows):
        if any(known.check == other.check and known.row == other.row for other in rows[:number]):
            raise SuiteError(f"{FILE}: {known.check}: {dict(known.row)} stands twice; remove one")
    return tuple(rows)


def split(known: tuple[Known, ...], failing: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The new failing rows, and those that the baseline knows, with the columns DECLARED added."""
    numbered = failing.with_row_index("row_index")
    rows = [(index, entry.since, entry.why.vi, entry.why.en) for entry in known for index in entry.index_in(failing)]
    schema = {"row_index": pl.UInt32, **DECLARED}
    declared = pl.DataFrame(rows, schema=schema, orient="row").unique("row_index", keep="first")
    new = numbered.join(declared, on="row_index", how="anti", maintain_order="left")
    return new.drop("row_index"), numbered.join(declared, on="row_index", maintain_order="left").drop("row_index")


def _rows(number: int, entry: Mapping[str, object]) -> Iterator[Known]:
    where = f"{FILE}: entry {number}"
    if {*entry} != {*FIELDS}:
        raise SuiteError(f"{where} must have exactly {', '.join(FIELDS)}; it has {', '.join(sorted(entry))}")
    check, since, why_vi, why_en, rows = (entry[name] for name in FIELDS)
    if not isinstance(since, dt.date) or isinstance(since, dt.datetime):
        raise SuiteError(f"{where}: since must be a date such as 2026-11-26, not {since!r}")
    if not (isinstance(check, str) and isinstance(why_vi, str) and isinstance(why_en, str) and why_vi and why_en):
        raise SuiteError(f"{where}: check, why_vi and why_en must be texts that say something")
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) and row for row in rows)):
        raise SuiteError(f'{where}: rows must list what each row is known by, such as {{ period = "2022" }}')
    yield from (Known(check, row, since, Bilingual(why_vi, why_en)) for row in rows)
