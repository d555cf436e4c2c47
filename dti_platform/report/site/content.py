"""The input of a site: one release, its ledger entry, the previous release, and the units.

Here: reading each table once; illustrative rows only as far as pages show them. Not here: anything that happened after
release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.explain.lookup import scanned

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.storage import OpenRelease, Release
    from dti_platform.tables import Row
    from dti_platform.units import Units

ILLUSTRATIVE = "illustrative"
#: The columns that identify a unit in a ranking.
PLACE = ("period", "framework", "geography", "peer_group", "basis", "unit")


class Interval(NamedTuple):
    """The ranks of a unit in 90 % of the draws of an audit, and whether it is distinguishable from the next unit."""

    low: int
    high: int
    told_apart: bool


@dataclass(frozen=True, slots=True)
class Content:
    """The release that pages are made from.

    Attributes:
        release: its files.
        record: its ledger entry: number, type, reason, day.
        before: the files of the previous release; None for the first one.
        units: names, regions, predecessors.
        frameworks: the frameworks in force.
        intervals: for audited rankings, by the columns ``PLACE``; based on official figures only.
    """

    release: OpenRelease
    record: Release
    before: OpenRelease | None
    units: Units
    frameworks: Frameworks
    intervals: Mapping[tuple[str | None, ...], Interval] = field(
        default_factory=dict[tuple[str | None, ...], Interval], repr=False
    )
    _tables: dict[str, pl.LazyFrame] = field(default_factory=dict[str, pl.LazyFrame], repr=False)
    _official: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame], repr=False)

    def interval(self, row: Row) -> Interval | None:
        """The interval for a row of a league table."""
        return self.intervals.get(tuple(row[name] for name in PLACE))

    def table(self, name: str) -> pl.DataFrame:
        """The official rows of a table in the columns of the current schema; no rows if the release lacks the table."""
        if name not in self._official:
            all_rows = self.scan(name)
            has_evidence = "evidence" in all_rows.collect_schema()
            official = all_rows.filter(pl.col("evidence") != ILLUSTRATIVE) if has_evidence else all_rows
            self._official[name] = official.collect()
        return self._official[name]

    def illustrative(self, name: str) -> pl.LazyFrame:
        """The illustrative rows of a table, which may be many; only for pages that are marked."""
        return self.scan(name).filter(evidence=ILLUSTRATIVE)

    def scan(self, name: str) -> pl.LazyFrame:
        """All rows of a table; for files, which hold the evidence of each row, but not for pages."""
        if name not in self._tables:
            self._tables[name] = scanned(self.release, name)
        return self._tables[name]
