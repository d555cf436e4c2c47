"""The gate: content checks of a table, with what they compare against; an answer is kept as long as nothing changed.

Here: handing frames to ``quality`` and remembering its answers. Not here: any rule, nor when the gate is asked.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import io
import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dti_platform import publications, quality
from dti_platform.pipeline.versions import source_version
from dti_platform.quality import trees

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import polars as pl

    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.quality import CheckResult, Suite
    from dti_platform.storage import Store
    from dti_platform.units import Units

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Gate:
    """Asks the suites of a data root's tables."""

    def __init__(self, store: Store, units: Callable[[], Units], frameworks: Callable[[], Frameworks]) -> None:
        """Units and frameworks are asked for only where a comparison needs them."""
        self.store = store
        self._units, self._frameworks = units, frameworks

    def check(
        self, table: str, frame: pl.DataFrame, years: Collection[int] | None = None, *, today: dt.date | None = None
    ) -> list[CheckResult]:
        """The answers of a table's suite over these rows, waivers in force laid over them.

        Where the rows are those of some years, so is everything that they are compared with. A table without a suite
        has no answers. Answers of the same rows, comparisons, suite and code are remembered, so that an unchanged
        run need not load Great Expectations.
        """
        suite = self.suites.get(table)
        if suite is None:
            return []
        others = {name: self.comparison(name, table, years) for name in sorted(quality.needs(suite))}
        key = fingerprint(suite, frame, others)
        kept = self.store.cache.get(key)
        if kept is None:
            found = quality.check(table, frame, others, suite=suite)
            self.store.cache.put(key, json.dumps([each.to_dict() for each in found]).encode())
        else:
            found = [quality.CheckResult.from_dict(each) for each in json.loads(kept)]
        return quality.waive(found, self.waivers, today or self.today())

    @staticmethod
    def today() -> dt.date:
        """The day in Vietnam, by which a waiver is in force or has expired."""
        return dt.datetime.now(VIETNAM).date()

    @functools.cached_property
    def suites(self) -> Mapping[str, Suite]:
        """Every suite of ``expectations/``."""
        return quality.suites()

    @functools.cached_property
    def waivers(self) -> tuple[quality.Waiver, ...]:
        """Every waiver, each naming a check that exists."""
        known = [f"{suite.table}.{entry.name}" for suite in self.suites.values() for entry in suite.entries]
        return quality.waivers(known=known)

    def comparison(self, name: str, table: str, years: Collection[int] | None) -> pl.DataFrame:
        """The frame of that name, for the checks of a table; any other name is a stored table."""
        makers: dict[str, Callable[[], pl.DataFrame]] = {
            "nodes": lambda: trees.nodes(self._in_force),
            "parts": lambda: trees.parts(self._in_force),
            "geographies": lambda: trees.geographies(self._units().geographies),
            "last_release": lambda: of_years(self._released(table), years),
        }
        return makers[name]() if name in makers else self._stored(name, years)

    @functools.cached_property
    def _in_force(self) -> list[Framework]:
        frameworks = self._frameworks()
        return [frameworks.overlaid(each) for each in frameworks.all if each.overlay is None]

    def _stored(self, table: str, years: Collection[int] | None) -> pl.DataFrame:
        import polars as pl

        held = [year for year in self.store.tables.years(table) if years is None or year in years]
        found = [self.store.tables.read(table, year) for year in held]
        return pl.concat(found) if found else publications.empty(table)

    def _released(self, table: str) -> pl.DataFrame:
        """The table as last released; no rows where it never was, or where its columns are no longer the same."""
        latest = self.store.releases.latest()
        if latest is None or f"{table}.parquet" not in latest.files:
            return publications.empty(table)
        return self.store.releases.open(latest.name).table(table)


def of_years(frame: pl.DataFrame, years: Collection[int] | None) -> pl.DataFrame:
    """The rows whose period ends in one of these years (2021/2025 ends in 2025)."""
    import polars as pl

    if years is None:
        return frame
    period = pl.col("period")
    ends = pl.when(period.str.contains("/")).then(period.str.slice(-4)).otherwise(period.str.slice(0, 4))
    return frame.filter(ends.is_in([str(year) for year in years]))


def fingerprint(suite: Suite, frame: pl.DataFrame, others: Mapping[str, pl.DataFrame]) -> str:
    """What an answer depends on: rows, comparisons, suite, and the code that asks."""
    digest = hashlib.sha256(f"{suite.table} {suite.sha256} {source_version('quality')}".encode())
    for name, each in {"table": frame, **others}.items():
        digest.update(name.encode())
        sink = io.BytesIO()
        each.write_ipc(sink)
        digest.update(sink.getbuffer())
    return digest.hexdigest()
