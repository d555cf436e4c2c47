"""Answers by year: the one answer of a check about all years of a run, split into an answer for each year.

A check is asked once for all years, because one year costs as much as all. Its failing rows are counted by period, and
a period belongs to the year in which it ends.
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

    A failure that names none of the years, such as that of a check that could not run, is the answer for each year.
    """
    known = _rows(result.known, result.known, year)
    if result.outcome == "passed":
        return replace(result, known=known)
    failing = failing_by_year(result)
    if failing.keys().isdisjoint(years):
        return result
    if year not in failing:
        return replace(result, outcome="passed", failing=0, detail="", rows=pl.DataFrame(), known=known, places=_NONE)
    rows, places = (_rows(frame, result.rows, year) for frame in (result.rows, result.places))
    return replace(result, failing=failing[year], rows=rows, places=places, known=known)


def failing_by_year(result: CheckResult) -> Counter[int]:
    """The number of failing rows of each year, as far as the rows have a period."""
    counts = Counter[int]()
    for period, rows in result.periods.items():
        counts[Period.parse(period).year] += rows
    return counts


_NONE = pl.DataFrame()


def _rows(frame: pl.DataFrame, dated: pl.DataFrame, year: int) -> pl.DataFrame:
    """The rows of a year; ``dated`` has the same rows, with their periods."""
    if not frame.width or "period" not in dated.columns:
        return frame
    periods = [text for text in dated["period"].drop_nulls().unique() if Period.parse(text).year == year]
    return frame.filter(dated["period"].is_in(periods))
