"""What a run does, without Dagster: land, read, make every table, judge, publish, and rebuild a release.

Here: the order of the flow (``flow``) and one object for each part of a run over one data root. Not here: any rule of
the index, any check's content, any path on disk, and how it is reported to Dagster (``orchestration``).
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

#: What is kept of reference tables that meet their contracts.
MET = b"met"


@dataclass
class Platform:
    """The parts of a run over one data root, each made once, and its code loaded, only where it is needed.

    Attributes:
        store: the data root.
        on_step: is told what is done, one sentence a step, as it is done.
        on_judged: is told what each step of checks answered.
        again: years that a run makes besides its own, for their stored tables are not to be believed.
        whole: the years of a run that was asked for all, which makes those of them that have changed; none: a run makes
            the years that it was asked for.
        running: a run is at work, which may remember what it found; who only looks writes nothing.
    """

    store: Store
    on_step: Callable[[Bilingual], None] = lambda _: None
    on_judged: Callable[[Judged], None] = lambda _: None
    again: Sequence[int] = ()
    whole: Sequence[int] = ()
    running: bool = False

    def years(self, asked: Iterable[int]) -> list[int]:
        """The years that a run makes."""
        return sorted({*asked, *self.again})

    def judged(self, made: Sequence[int]) -> Sequence[int]:
        """The years whose rows are judged together: in a run of all years all that stand, as in its release."""
        return self.store.tables.years("observations") if self.whole else made

    def foreseen(self) -> list[int]:
        """The years that a run of all years will have to make, as far as can be told before it lands what arrived."""
        from dti_platform.pipeline.standing_years import coming, with_next

        return with_next({*coming(self.store), *self.standing_years.changed(self.whole)}, self.whole)

    def take_up(self) -> None:
        """Makes besides, in a run of all years, what the files that were landed have changed and was not foreseen."""
        from dti_platform.pipeline.standing_years import with_next

        changed = self.standing_years.changed(self.whole)
        self.again = self.years(with_next(changed, self.whole))

    @functools.cached_property
    def standing_years(self) -> StandingYears:
        """Which years stand as they were made."""
        from dti_platform.pipeline.standing_years import StandingYears

        return StandingYears(self.store)

    @functools.cached_property
    def known(self) -> feeds.Known:
        """Every unit and framework, each reference table held to its contract and each framework checked as a tree.

        That the reference tables meet theirs is remembered by runs as long as they, the code and the lock stand.
        """
        from dti_platform import feeds, methodology, units

        cache, key = self.store.cache, versions.reference_check()
        met = self.running and cache.get(key) == MET
        loaded = units.load(check=not met)
        if self.running and not met:
            cache.put(key, MET)
        return feeds.Known(loaded, methodology.load(units=loaded))

    @functools.cached_property
    def arrivals(self) -> Arrivals:
        """The files in the feeds and the inbox, and landing them."""
        from dti_platform.pipeline.inputs import Arrivals

        return Arrivals(self.store, lambda: self.known)

    @functools.cached_property
    def reader(self) -> Reader:
        """Landed files to tables."""
        from dti_platform.pipeline.inputs import Reader

        return Reader(self.store, lambda: self.known, self.journal, self.standing_years.read)

    @functools.cached_property
    def gate(self) -> Gate:
        """The content checks."""
        from dti_platform.pipeline.gate import Gate

        return Gate(self.store, lambda: self.known, self.journal)

    @functools.cached_property
    def publisher(self) -> Publisher:
        """Stored tables to a release."""
        from dti_platform.pipeline.publish import Publisher

        return Publisher(self.store, lambda: self.known, self.gate, self.journal, self.standing_years.standing)

    @functools.cached_property
    def journal(self) -> Journal:
        """What this run leaves in the ledger."""
        from dti_platform.pipeline.journal import Journal

        return Journal(self.store)
