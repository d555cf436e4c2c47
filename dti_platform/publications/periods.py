"""Periods as readers compare them: when one ends, how long it is, and which came before.

Here: the SDMX-style texts of ``tables.PERIOD``. Not here: which framework is in force in a period.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["before", "ends", "length"]

_LAST_DAY = {"S1": "06-30", "S2": "12-31", "Q1": "03-31", "Q2": "06-30", "Q3": "09-30", "Q4": "12-31"}
_MONTH_ENDS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def ends(period: str) -> str:
    """The day on which a period ends, so that texts sort as days do: ``2022-S1`` -> ``2022-06-30``.

    February ends on the 29th here, whatever the year: only the order matters.
    """
    year, _, part = period.rpartition("/")[2].partition("-")
    if not part:
        return f"{year}-12-31"
    if part.startswith("M"):
        return f"{year}-{part[1:]}-{_MONTH_ENDS[int(part[1:]) - 1]}"
    return f"{year}-{_LAST_DAY.get(part, part)}"


def length(period: str) -> str:
    """What a period may be compared with: ``years`` (a mean of several), ``year``, or ``part`` of a year.

    Reports within a year (half-year, quarter, month, day) run on from one another, so they compare; a whole year's
    figure and a part's do not: a revenue of three months is not below that of the year before.
    """
    if "/" in period:
        return "years"
    return "part" if "-" in period else "year"


def before(period: str, known: Iterable[str], *, alike: bool = True) -> str | None:
    """The last of the known periods that ends before this one ends; ``alike``: among those of comparable length."""
    earlier = [each for each in known if ends(each) < ends(period) and (not alike or length(each) == length(period))]
    return max(earlier, key=lambda each: (ends(each), each), default=None)
