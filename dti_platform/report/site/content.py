"""What a site is made from: one release, its entry of the ledger, the release before, and the names of units.

Here: reading each table once, of illustrative rows no more than pages show. Not here: anything that happened after the
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
#: What tells apart the places of units in rankings.
PLACE = ("period", "framework", "geography", "peer_group", "basis", "unit")


class Interval(NamedTuple):
    """Where a unit stands in 90 % of the draws of an audit, and whether it is told apart from the next one."""

    low: int
    high: int
    told_apart: bool


@dataclass(frozen=True, slots=True)
class Content:
    """One release to make pages from.

    Attributes:
        release: its files.
        record: its entry of the ledger: number, type, reason, day.
        before: the files of the release before; None: it is the first.
        units: names, regions, predecessors.
        frameworks: the frameworks in force.
        intervals: of units in rankings that are audited, by the columns ``PLACE``; on official figures alone.
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
        """Of a unit's row in a league table."""
        return self.intervals.get(tuple(row[name] for name in PLACE))

    def table(self, name: str) -> pl.DataFrame:
        """The official rows of a table, in the columns of today's schema; none where the release has no such table."""
        if name not in self._official:
            whole = self.whole(name)
            parted = "evidence" in whole.collect_schema()
            rows = whole.filter(pl.col("evidence") != ILLUSTRATIVE) if parted else whole
            self._official[name] = rows.collect()
        return self._official[name]

    def illustrative(self, name: str) -> pl.LazyFrame:
        """The illustrative rows of a table, which may be many: for pages that are marked, and for no other."""
        return self.whole(name).filter(evidence=ILLUSTRATIVE)

    def whole(self, name: str) -> pl.LazyFrame:
        """All rows of a table: for files that tell the evidence of each, and for no page."""
        if name not in self._tables:
            self._tables[name] = scanned(self.release, name)
        return self._tables[name]
