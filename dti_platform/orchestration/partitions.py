"""Calendar years: every period belongs to the year in which it ends (2022-S1 to 2022, 2021/2025 to 2025)."""

import datetime as dt
import functools
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import dagster as dg
from dagster import TimeWindowPartitionsDefinition

ZONE = "Asia/Ho_Chi_Minh"
#: Tags of a run over an unbroken stretch of years.
RANGE: tuple[str, str] = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
#: Tag of a run that the inbox asked for: how many files arrived.
ARRIVALS = "arrivals"
ONE_RUN = dg.BackfillPolicy.single_run()
#: A year's table may look at the same table of the year before (previous rank, previous value).
WITH_YEAR_BEFORE = dg.TimeWindowPartitionMapping(start_offset=-1, allow_nonexistent_upstream_partitions=True)
#: Dagster works out when a year begins, by its schedule, each of the 200 times that a run asks.
START = "start_time_for_partition_key"
setattr(TimeWindowPartitionsDefinition, START, functools.lru_cache(getattr(TimeWindowPartitionsDefinition, START)))


def current_year() -> int:
    """The year in Vietnam, as the clock says."""
    return dt.datetime.now(ZoneInfo(ZONE)).year


def years(first: int, last: int = 0) -> dg.TimeWindowPartitionsDefinition:
    """Partitions ``first`` to the current year, which is unfinished, at least to ``last``; they extend by themselves.

    A clock that is behind takes no year away; one that is ahead adds years without input, which no run computes.
    """
    behind = max(first, last) - current_year()
    return dg.TimeWindowPartitionsDefinition(
        cron_schedule="0 0 1 1 *", fmt="%Y", start=str(first), end_offset=max(behind, 0) + 1, timezone=ZONE
    )


def as_years(keys: Iterable[str]) -> list[int]:
    """Partition keys as years, in order."""
    return sorted(int(key) for key in keys)
