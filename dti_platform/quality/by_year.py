"""Answers by year: what the one answer about all years of a run says of each of them.

A check is asked once for all years, for one year costs as much as all. Its failing rows are counted by period, and a
period belongs to the year in which it ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection

    from dti_platform.quality.results import CheckResult


def of_year(result: CheckResult, year: int, years: Collection[int]) -> CheckResult:
    """The answer for one of the years that were asked together.

    A failure that can be laid to none of them, as of a check that could not run, is the answer of each.
    """
    known = _rows(result.known, result.known, year)
    if result.outcome == "passed":
        return replace(result, known=known)
    failing = failing_by_year(result)
    if failing.keys().isdisjoint(years):
        return result
    if year not in failing:
        return replace(result, outcome="passed", failing=0, detail="", rows=pl.DataFrame(), known=known, places=_NONE)
    rows, places = (_rows(each, result.rows, year) for each in (result.rows, result.places))
    return replace(result, failing=failing[year], rows=rows, places=places, known=known)


def failing_by_year(result: CheckResult) -> Counter[int]:
    """How many failing rows there are of each year, as far as they name their period."""
    counted = Counter[int]()
    for period, rows in result.periods.items():
        counted[Period.parse(period).year] += rows
    return counted


_NONE = pl.DataFrame()


def _rows(frame: pl.DataFrame, named: pl.DataFrame, year: int) -> pl.DataFrame:
    """The rows of a year; ``named`` says, row by row, their periods."""
    if not frame.width or "period" not in named.columns:
        return frame
    of_this = [text for text in named["period"].drop_nulls().unique() if Period.parse(text).year == year]
    return frame.filter(named["period"].is_in(of_this))
