"""The main job without Dagster: land, make every table in this process, write them, publish."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dti_platform import publications, quality, tables
from dti_platform.pipeline import contracts_met
from dti_platform.pipeline.flow import make

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import ModuleType

    import pytest

    from dti_platform.pipeline import Platform
    from dti_platform.pipeline.publish import Publication

YEARS = (2021, 2022)
#: What a short release holds: the figures, and what changed.
SHORT = frozenset({"observations", "index_scores", "revisions"})


def short_releases(patch: pytest.MonkeyPatch, *more: str) -> None:
    """Runs neither make nor check a table that a test doesn't look at: it follows from the same figures.

    Args:
        patch: ends it.
        more: what else a release holds.
    """
    short = SHORT.union(more)
    for kind in ("discover", "chronicles", "catalogues"):
        _leave(patch, publications, kind, short)
    _leave(patch, quality, "suites", short.union(tables.TABLES))


def _leave(patch: pytest.MonkeyPatch, room: ModuleType, kind: str, names: Collection[str]) -> None:
    """Of all that a room finds of a kind, what has one of these names."""
    left = {name: each for name, each in getattr(room, kind)().items() if name in names}
    patch.setattr(room, kind, partial(dict[str, object], left))


def answers_alone(patch: pytest.MonkeyPatch) -> None:
    """Answers neither tell of scores before and after, nor come as a workbook: either costs 0.05 CPU s."""
    patch.setattr("dti_platform.submissions.consequence.Comparison.consequences", lambda _: iter(()))
    patch.setattr("dti_platform.submissions.forms.workbook.make", lambda _: None)


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
