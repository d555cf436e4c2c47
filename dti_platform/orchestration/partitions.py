"""Calendar years: every period belongs to the year in which it ends (2022-S1 to 2022, 2021/2025 to 2025)."""

import datetime as dt
import functools
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import dagster as dg
from dagster import TimeWindowPartitionsDefinition

ZONE = "Asia/Ho_Chi_Minh"
#: Tags of a run over a range of consecutive years.
RANGE: tuple[str, str] = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
#: Tag of a run that the inbox sensor requested: how many files arrived.
ARRIVALS = "arrivals"
ONE_RUN = dg.BackfillPolicy.single_run()
#: A year's table may use a table of the previous year (previous rank, previous value).
WITH_YEAR_BEFORE = dg.TimeWindowPartitionMapping(start_offset=-1, allow_nonexistent_upstream_partitions=True)
#: A run calls this method some 200 times; cached, because Dagster computes a year's start from its cron schedule.
START = "start_time_for_partition_key"
setattr(TimeWindowPartitionsDefinition, START, functools.lru_cache(getattr(TimeWindowPartitionsDefinition, START)))


def current_year() -> int:
    """The current year in Vietnam."""
    return dt.datetime.now(ZoneInfo(ZONE)).year


def years(first: int, last: int = 0) -> dg.TimeWindowPartitionsDefinition:
    """Partitions from ``first`` to the current, unfinished year, at least to ``last``; a new year adds one by itself.

    A clock that is behind removes no year; a clock that is ahead adds years without input, which no run computes.
    """
    missing = max(first, last) - current_year()
    return dg.TimeWindowPartitionsDefinition(
        cron_schedule="0 0 1 1 *", fmt="%Y", start=str(first), end_offset=max(missing, 0) + 1, timezone=ZONE
    )


def as_years(keys: Iterable[str]) -> list[int]:
    """Partition keys as years, in order."""
    return sorted(int(key) for key in keys)
