"""The main job without Dagster: land, make every table in this process, write them, publish."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dti_platform import publications
from dti_platform.pipeline import contracts_met
from dti_platform.pipeline.flow import make

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from dti_platform.pipeline import Platform
    from dti_platform.pipeline.publish import Publication

YEARS = (2021, 2022)
#: What a short release holds: the figures, the fate of every file, and what changed.
SHORT = frozenset({"observations", "index_scores", "coverage", "revisions"})


def short_releases(patch: pytest.MonkeyPatch, *more: str) -> None:
    """Runs make no table that a test doesn't look at: what else a release holds follows from the same figures.

    Args:
        patch: ends it.
        more: what else a release holds.
    """
    for kind in ("discover", "chronicles", "catalogues"):
        short = {name: module for name, module in getattr(publications, kind)().items() if name in SHORT.union(more)}
        patch.setattr(publications, kind, partial(dict[str, object], short))


def run(
    platform: Platform,
    run_id: str,
    kind: str = "scheduled",
    reason: str | None = None,
    *,
    years: Sequence[int] = YEARS,
    judged: bool = False,
) -> Publication:
    """One run of the main job; content checks only where they are the subject (``judged``): they cost seconds."""
    compute(platform, years, judged=judged)
    return platform.publisher.publish(run_id, kind, reason)


def compute(platform: Platform, years: Sequence[int] = YEARS, *, judged: bool = False) -> None:
    """Everything up to the release."""
    contracts_met.recall(platform.store.cache)
    if not judged:
        platform.gate.__dict__["suites"] = {}
    platform.arrivals.land()
    parsed = {year: platform.reader.read(platform.store.landing.standing(year)) for year in years}
    for name, by_year in make(parsed, platform.known).items():
        for year, frame in by_year.items():
            platform.store.tables.write(name, year, frame)
    platform.store.derived.record()
