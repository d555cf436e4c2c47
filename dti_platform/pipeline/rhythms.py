"""When files of a feed are due: the regular checks of feeds, which schedules run and alerts are based on.

Here: cron, zone and period of each rhythm. Not here: the schedules (``orchestration.automation``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dti_platform.codes import Frequency


@dataclass(frozen=True)
class Rhythm:
    """One regular check of a feed."""

    name: str
    cron: str
    """Minute, hour, day, months and any weekday, in Vietnam's time zone."""
    feed: str
    frequency: Frequency
    """The frequency of the requested period, which has just ended."""
    why: str

    def looked_on(self, today: dt.date) -> dt.date:
        """The last date up to today on which the feed was checked."""
        _, _, day, months, _ = self.cron.split()
        month_numbers = range(1, 13) if months == "*" else [int(month) for month in months.split(",")]
        dates = (
            dt.date(year, month, int(day))
            for year in (today.year, today.year - 1)
            for month in sorted(month_numbers, reverse=True)
        )
        return next(date for date in dates if date <= today)


RHYTHMS = (
    Rhythm("monthly_national_report", "0 6 5 * *", "national_report", "month", "Monthly reports since 2023"),
    Rhythm(
        "half_year_provincial_report", "0 6 20 1,7 *", "provincial_report", "half", "The Committee's half-year session"
    ),
    Rhythm("yearly_self_assessment", "0 6 1 3 *", "self_assessment", "year", "Self-assessment of the year before"),
    Rhythm(
        "yearly_published_results", "0 6 1 8,12 *", "published_results", "year",
        "Published 7 to 14 months after the year",
    ),
)  # fmt: skip
