"""The main job without Dagster: land, make every table in this process, write them, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dti_platform.pipeline.rebuild import tables_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dti_platform.pipeline.platform import Made, Platform

YEARS = (2020, 2021, 2022)


def run(
    platform: Platform,
    run_id: str,
    kind: str = "scheduled",
    reason: str | None = None,
    *,
    years: Sequence[int] = YEARS,
    judged: bool = False,
) -> Made:
    """One run of the main job; content checks only where they are the subject (``judged``): they cost seconds."""
    if not judged:
        platform.gate.__dict__["suites"] = {}
    platform.land()
    for name, frame in tables_from(platform, platform.standing(), years).items():
        for year in years:
            ends = pl.col("period").str.extract(r"^(?:\d{4}/)?(\d{4})")
            platform.store.tables.write(name, year, frame.filter(ends == str(year)))
    return platform.publish(run_id, kind, reason)
