"""Which days can stand in a sheet of a period: its day of issue, and the day of a document that it names.

Here: the bounds, told by the period alone, without a clock. Not here: reading a day (``title``, ``feeds.documents``).
"""

from __future__ import annotations

import datetime as dt

from dti_platform.periods import Period

__all__ = ["can_be_evidence", "can_be_issued"]

#: A sheet is issued in its period or within so many years after it.
ISSUED_WITHIN = 3
#: A document that is evidence is of the period, or of at most so many years after it.
EVIDENCE_WITHIN = 2
#: No document that is evidence of a digital transformation is older.
EARLIEST = 1990


def can_be_issued(day: dt.date, period: str) -> bool:
    """Whether a sheet of a period can have been issued on a day.

    >>> [can_be_issued(dt.date(year, 2, 1), "2022") for year in (2021, 2022, 2025, 2203)]
    [False, True, True, False]
    """
    measured = Period.parse(period)
    return measured.first_year <= day.year <= measured.year + ISSUED_WITHIN


def can_be_evidence(day: dt.date, period: str, issued: dt.date | None) -> bool:
    """Whether a document of a day can be evidence in a sheet of a period, issued on a day that may not be known.

    >>> [can_be_evidence(dt.date(year, 2, 1), "2022", None) for year in (1022, 1990, 2024, 2032)]
    [False, True, True, False]
    """
    return EARLIEST <= day.year <= Period.parse(period).year + EVIDENCE_WITHIN and (issued is None or day <= issued)
