"""Which years are up to date: nothing that their tables depend on has changed since they were made.

Here: all that a year's tables depend on, as one hash, recorded when all of them were made, and the years whose hash has
changed. Not here: whether the tables' bytes are those that were written (``flow.unverified``), and which of these years
a run makes (``Platform``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from dti_platform.periods import Period
from dti_platform.pipeline import flow
from dti_platform.pipeline.inputs import version_of
from dti_platform.pipeline.versions import code_versions
from dti_platform.storage import files
from dti_platform.submissions import landed, pending_periods

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dti_platform.storage import Store

#: The part of the derived entries with the hash of each year.
PART = "years"


class StandingYears:
    """The years of a data root that are up to date, and those that a run has made."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[int, str] = {}
        self._made: dict[int, set[str]] = defaultdict(set)

    def read(self, year: int, version: str) -> None:
        """Note that the files of a year were read; ``version`` is what this depended on (``inputs.version_of``)."""
        self._read[year] = version

    def made(self, table: str, year: int) -> None:
        """Note that a table of a year was made and written."""
        self._made[year].add(table)

    def note(self) -> None:
        """Add the hash of every year that was read and of which all tables were made to the derived entries."""
        for year, version in self._read.items():
            if self._made[year] >= flow.models().keys():
                self._store.derived.add(PART, str(year), self._dependencies(year, version))

    def changed(self, years: Iterable[int]) -> list[int]:
        """Those of these years that were never completely made, or whose dependencies have changed."""
        return [year for year in years if not self._is_current(year)]

    def standing(self) -> list[int]:
        """The years that are up to date."""
        return [year for year in map(int, self._store.derived.of(PART)) if self._is_current(year)]

    def _is_current(self, year: int) -> bool:
        recorded = self._store.derived.get(PART, str(year))
        if recorded is None:
            return False
        received = [landed(self._store, receipt) for receipt in self._store.landing.standing(year)]
        return files.digest(self._dependencies(year, version_of(received))) == recorded

    def _dependencies(self, year: int, version: str) -> bytes:
        """Code, lock, reference data, the year's files and tables, and the tables of the previous year that it uses."""
        hashes = self._store.tables.hashes()
        year_tables = {name: hashes.get(f"{name}/{year}") for name in flow.models()}
        previous_tables = {name: hashes.get(f"{name}/{year - 1}") for name in lookback_tables()}
        return json.dumps([code_versions(), version, year_tables, previous_tables], sort_keys=True).encode()


def lookback_tables() -> set[str]:
    """The tables of the previous year that those of a year are made from."""
    return {name for recipe in flow.recipes() for name in recipe.before}


def arriving_years(store: Store) -> set[int]:
    """The years of the files that the next landing will receive or withdraw, as far as this is known before it."""
    return {Period.parse(period).year for period in pending_periods(store)}


def with_next(changed: Collection[int], years: Iterable[int]) -> list[int]:
    """The changed years and the year after each, whose tables use it, as far as they are among ``years``."""
    return [year for year in years if year in changed or year - 1 in changed]
