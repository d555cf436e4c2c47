"""When the platform runs by itself: cron, zone and partition of each rhythm. A missing input is a named skip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform.orchestration.partitions import ZONE

if TYPE_CHECKING:
    from dti_platform.pipeline.platform import Platform


@dataclass(frozen=True)
class Rhythm:
    """One regular look at a feed."""

    name: str
    cron: str
    feed: str
    years_back: int
    why: str


RHYTHMS = (
    Rhythm("monthly_national_report", "0 6 5 * *", "national_report", 0, "Monthly reports since 2023"),
    Rhythm("half_year_provincial_report", "0 6 20 1,7 *", "provincial_report", 0, "The Committee's half-year session"),
    Rhythm("yearly_self_assessment", "0 6 1 3 *", "self_assessment", 1, "Self-assessment of the year before"),
    Rhythm(
        "yearly_published_results", "0 6 1 8,12 *", "published_results", 1, "Published 7 to 14 months after the year"
    ),
)


def schedule(rhythm: Rhythm, job: str, platform: Platform) -> dg.ScheduleDefinition:
    """A schedule that asks for one year's partition, or says what is missing."""
    partition = "the year before that of the tick" if rhythm.years_back else "the year of the tick"

    @dg.schedule(
        name=rhythm.name,
        cron_schedule=rhythm.cron,
        execution_timezone=ZONE,
        job_name=job,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{rhythm.why}: looks for {rhythm.feed} and runs the partition of {partition}.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        at = context.scheduled_execution_time
        year = at.year - rhythm.years_back
        if not platform.has_input(rhythm.feed, year):
            return dg.SkipReason(f"no input of {rhythm.feed} for {year} in the feeds or the inbox")
        return dg.RunRequest(partition_key=str(year), run_key=f"{rhythm.name} {at:%Y-%m-%d}")

    return tick


def build(job: str, platform: Platform) -> list[dg.ScheduleDefinition]:
    """Every rhythm as a schedule."""
    return [schedule(rhythm, job, platform) for rhythm in RHYTHMS]
