"""What a site is made from: one release, its entry of the ledger, the release before, and the names of units.

Here: reading each table once. Not here: anything that happened after the release.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.lookup import released

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.storage import OpenRelease, Release
    from dti_platform.units import Units

ILLUSTRATIVE = "illustrative"


@dataclass(frozen=True, slots=True)
class Content:
    """One release to make pages from.

    Attributes:
        release: its files.
        record: its entry of the ledger: number, type, reason, day.
        before: the files of the release before; None: it is the first.
        units: names, regions, predecessors.
        frameworks: the frameworks in force.
    """

    release: OpenRelease
    record: Release
    before: OpenRelease | None
    units: Units
    frameworks: Frameworks
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame], repr=False)

    def table(self, name: str) -> pl.DataFrame:
        """The official rows of a table, in the columns of today's schema; none where the release has no such table."""
        whole = self.whole(name)
        return whole.filter(pl.col("evidence") != ILLUSTRATIVE) if "evidence" in whole.columns else whole

    def illustrative(self, name: str) -> pl.DataFrame:
        """The illustrative rows of a table: for pages that are marked, and for no other."""
        return self.whole(name).filter(evidence=ILLUSTRATIVE)

    def whole(self, name: str) -> pl.DataFrame:
        """All rows of a table: for files that tell the evidence of each, and for no page."""
        if name not in self._tables:
            self._tables[name] = released(self.release, name)
        return self._tables[name]
