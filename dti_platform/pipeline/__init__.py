"""The steps of a run, without Dagster: land, read, make every table, judge, publish, and rebuild a release.

Here: the order of the flow (``flow``) and one object for each part of a run over one data root. Not here: any rule of
the index, any check's content, any path on disk, and reporting to Dagster (``orchestration``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dti_platform.pipeline import versions

if TYPE_CHECKING:
    from dti_platform import feeds
    from dti_platform.language import Bilingual
    from dti_platform.pipeline.gate import Gate, Judged
    from dti_platform.pipeline.inputs import Arrivals, Reader
    from dti_platform.pipeline.journal import Journal
    from dti_platform.pipeline.publish import Publisher
    from dti_platform.pipeline.standing_years import StandingYears
    from dti_platform.storage import Store

__all__ = ["Platform"]

#: The cache entry of reference tables that meet their contracts.
MET = b"met"


@dataclass
class Platform:
    """The parts of a run over one data root, each made once, and its code imported, when it is first needed.

    Attributes:
        store: the data root.
        on_step: called with one sentence for each step that is done.
        on_judged: called with the results of each step of checks.
        extra_years: further years that a run makes, because their stored tables are invalid or outdated.
        all_years: the years of a run of all years, which makes only the changed ones; empty: a run makes the years it
            was started for.
        running: whether a run is at work, which may write to the cache; otherwise nothing is written.
        repaired: what was done about landed files that are missing or altered, one sentence each.
    """

    store: Store
    on_step: Callable[[Bilingual], None] = lambda _: None
    on_judged: Callable[[Judged], None] = lambda _: None
    extra_years: Sequence[int] = ()
    all_years: Sequence[int] = ()
    running: bool = False
    repaired: Sequence[str] = ()

    def years(self, years: Iterable[int]) -> list[int]:
        """The years that a run of ``years`` makes."""
        return sorted({*years, *self.extra_years})

    def judged_years(self, years: Sequence[int]) -> Sequence[int]:
        """The years whose rows are judged together: in a run of all years, all stored years, as in its release."""
        return self.store.tables.years("observations") if self.all_years else years

    def due_years(self) -> list[int]:
        """The years that a run of all years has to make, as far as this is known before it lands what arrived."""
        from dti_platform.pipeline.standing_years import arriving_years, with_next

        return with_next({*arriving_years(self.store), *self.standing_years.changed(self.all_years)}, self.all_years)

    def repair(self) -> None:
        """Put back landed files that are missing or altered, from their copies in the feeds and the inbox."""
        from dti_platform.storage.repair import repair_landing

        self.repaired = [str(repair) for repair in repair_landing(self.store)]

    def add_changed_years(self) -> None:
        """Add the years that the landed files have changed to a run of all years."""
        from dti_platform.pipeline.standing_years import with_next

        changed = self.standing_years.changed(self.all_years)
        self.extra_years = self.years(with_next(changed, self.all_years))

    @functools.cached_property
    def standing_years(self) -> StandingYears:
        """The years that are up to date."""
        from dti_platform.pipeline.standing_years import StandingYears

        return StandingYears(self.store)

    @functools.cached_property
    def known(self) -> feeds.Known:
        """Every unit and framework; each reference table is validated and each framework checked as a tree.

        Runs cache that the reference tables are valid, until the tables, the code or the lock change.
        """
        from dti_platform import feeds, methodology, units

        cache, key = self.store.cache, versions.reference_check()
        valid = self.running and cache.get(key) == MET
        loaded = units.load(check=not valid)
        if self.running and not valid:
            cache.put(key, MET)
        return feeds.Known(loaded, methodology.load(units=loaded))

    @functools.cached_property
    def arrivals(self) -> Arrivals:
        """The files in the feeds and the inbox, and landing them."""
        from dti_platform.pipeline.inputs import Arrivals

        return Arrivals(self.store, lambda: self.known)

    @functools.cached_property
    def reader(self) -> Reader:
        """Reads landed files into tables."""
        from dti_platform.pipeline.inputs import Reader

        return Reader(self.store, lambda: self.known, self.journal, self.standing_years.read)

    @functools.cached_property
    def gate(self) -> Gate:
        """The content checks."""
        from dti_platform.pipeline.gate import Gate

        return Gate(self.store, lambda: self.known, self.journal)

    @functools.cached_property
    def publisher(self) -> Publisher:
        """Makes a release from stored tables."""
        from dti_platform.pipeline.publish import Publisher

        return Publisher(self.store, lambda: self.known, self.gate, self.journal, self.standing_years.standing)

    @functools.cached_property
    def journal(self) -> Journal:
        """The entries that this run writes to the ledger."""
        from dti_platform.pipeline.journal import Journal

        return Journal(self.store)
