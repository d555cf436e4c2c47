"""Which years stand as they were made: nothing that their tables rest on has changed since.

Here: what a year's tables rest on, one hash of it recorded once all of them were made, and the years where it is
another by now. Not here: whether the tables' bytes are those that were written (``flow.unverified``), and which of
these years a run makes (``Platform``).
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

#: The part of what is derived in which the hash of each year stands.
PART = "years"


class StandingYears:
    """The years of a data root, and what a run makes of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[int, str] = {}
        self._made: dict[int, set[str]] = defaultdict(set)

    def read(self, year: int, version: str) -> None:
        """The files of a year were read; ``version`` is all that this depended on (``inputs.version_of``)."""
        self._read[year] = version

    def made(self, table: str, year: int) -> None:
        """A table of a year was made, and written."""
        self._made[year].add(table)

    def note(self) -> None:
        """Notes every year that was read and made whole, each table of it, to be recorded with what else is derived."""
        for year, version in self._read.items():
            if self._made[year] >= flow.models().keys():
                self._store.derived.add(PART, str(year), self._rests_on(year, version))

    def changed(self, years: Iterable[int]) -> list[int]:
        """Those of these years that were never made whole, or whose tables rest on anything that has changed."""
        return [year for year in years if not self._stands(year)]

    def standing(self) -> list[int]:
        """The years that stand."""
        return [year for year in map(int, self._store.derived.of(PART)) if self._stands(year)]

    def _stands(self, year: int) -> bool:
        recorded = self._store.derived.get(PART, str(year))
        if recorded is None:
            return False
        received = [landed(self._store, each) for each in self._store.landing.standing(year)]
        return files.digest(self._rests_on(year, version_of(received))) == recorded

    def _rests_on(self, year: int, version: str) -> bytes:
        """Code, lock, reference data, the year's files; its tables, and those of the year before that it looks at."""
        hashes = self._store.tables.hashes()
        own = {name: hashes.get(f"{name}/{year}") for name in flow.models()}
        before = {name: hashes.get(f"{name}/{year - 1}") for name in looked_back_at()}
        return json.dumps([code_versions(), version, own, before], sort_keys=True).encode()


def looked_back_at() -> set[str]:
    """The tables of the year before that those of a year are made from."""
    return {name for recipe in flow.recipes() for name in recipe.before}


def coming(store: Store) -> set[int]:
    """The years of the files that the next landing receives or withdraws, as far as that can be told."""
    return {Period.parse(period).year for period in pending_periods(store)}


def with_next(changed: Collection[int], years: Iterable[int]) -> list[int]:
    """Years that have changed, each with the one after it, if that is among these years: its tables look back."""
    return [year for year in years if year in changed or year - 1 in changed]
