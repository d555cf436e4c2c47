"""The baseline: rows of the committed feeds that are known to fail a check that warns, each by its identity.

Here: ``expectations/baseline.toml``, read strictly, and which of a check's failing rows it knows. Not here: the checks
themselves (``checks``), nor waivers, which let publications go on although a check that stops them fails (``results``).
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
#: What is put beside a known row.
TOLD = {"known_since": pl.Date, "known_vi": pl.String, "known_en": pl.String}


@dataclass(frozen=True, slots=True)
class Known:
    """One row that is known to fail.

    Attributes:
        check: ``<table>.<name>``.
        row: the columns by which it is that row and no other, the figures that were seen among them.
        since: the day from which it is declared.
        why: why it fails and stays.
    """

    check: str
    row: Mapping[str, object]
    since: dt.date
    why: Bilingual

    def found(self, rows: pl.DataFrame) -> pl.Series:
        """The index of the row among these; of several that agree the first, for the others are new.

        Raises:
            SuiteError: the rows have no such column, or one of another type.
        """
        same = [pl.col(name) == pl.lit(value) for name, value in self.row.items()]
        try:
            return rows.select(pl.arg_where(pl.all_horizontal(same)).head(1)).to_series()
        except pl.exceptions.PolarsError as error:
            raise SuiteError(f"{FILE}: {self.check}: its rows don't fit {dict(self.row)}: {error}") from error


def baseline(folder: Path) -> tuple[Known, ...]:
    """Every row that the folder's file declares, in its order; none without the file.

    Raises:
        SuiteError: an entry lacks a field or has one that is not known; a row is empty or stands twice.
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
    for number, each in enumerate(rows):
        if any(each.check == other.check and each.row == other.row for other in rows[:number]):
            raise SuiteError(f"{FILE}: {each.check}: {dict(each.row)} stands twice; strike one")
    return tuple(rows)


def split(known: tuple[Known, ...], failing: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Failing rows that nobody declared, and those that are known, with TOLD beside them."""
    numbered = failing.with_row_index("at")
    found = [(at, each.since, each.why.vi, each.why.en) for each in known for at in each.found(failing)]
    told = pl.DataFrame(found, schema={"at": pl.UInt32, **TOLD}, orient="row").unique("at", keep="first")
    new = numbered.join(told, on="at", how="anti", maintain_order="left")
    return new.drop("at"), numbered.join(told, on="at", maintain_order="left").drop("at")


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
