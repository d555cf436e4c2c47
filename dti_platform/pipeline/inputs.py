"""A run's inputs: files that arrive are landed, and landed files are read into tables.

Here: which files of the feeds and the inbox are taken, which receipts count, and what their files say. Not here: how a
file is read (``feeds``), received and answered (``submissions``), or kept (``storage``).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import feeds
from dti_platform.feeds import corrections
from dti_platform.periods import Period
from dti_platform.pipeline import remembered
from dti_platform.pipeline.flow import READ, concatenated
from dti_platform.pipeline.versions import GROUND, reference_version, source_version
from dti_platform.storage import Refused
from dti_platform.submissions import (
    Reception,
    arrived,
    counting,
    landed,
    list_answers,
    may_be_taken,
    read_versions,
    unanswered,
    with_one_owner,
)

if TYPE_CHECKING:
    from dti_platform.feeds import Known, Parsed, Received
    from dti_platform.pipeline.journal import Journal
    from dti_platform.storage import Arrival, Receipt, Store
    from dti_platform.submissions.versions import Version


@dataclass(frozen=True)
class Landed:
    """What stands in landing after a look at the feeds and the inbox."""

    standing: tuple[Receipt, ...]
    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]

    @property
    def version(self) -> str:
        """Content version: the same files under the same names give the same version."""
        files = (f"{each.feed} {each.period} {each.name} {each.sha256} {each.rule}" for each in self.standing)
        text = "\n".join(sorted(files))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Arrivals:
    """The files in the folders of the feeds and in the inbox."""

    store: Store
    known: Callable[[], Known]

    def land(self, *, patient: bool = False) -> Landed:
        """Receive every file of the feeds and the inbox; what is no plain file in its place is named, not taken.

        What a killed run left unfinished is finished or removed first. After an upgrade some of the refused files are
        read again; and whatever came without an answer is answered.

        Args:
            patient: look at every file of the inbox whether it grows; a run that nobody started does.
        """
        self.store.sweep()
        reception = Reception(self.store, self.known())
        taken = reception.take(patient=patient)
        reception.retry()
        reception.answer_rest()
        list_answers(self.store)
        return Landed(tuple(self.store.landing.standing()), taken.new, taken.withdrawn, taken.refused)

    def inbox(self) -> list[Arrival]:
        """The files in the inbox that may be taken."""
        return list(may_be_taken(self.store))

    def waiting(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Those arrivals that are not what came last under their name in their folder, or have no answer yet."""
        known = self.store.landing.known()
        for receipt in unanswered(self.store):
            known.get(receipt.slot, set[str]()).discard(receipt.sha256)
        return [each for each in arrivals if (sha256 := _sha256(each)) and sha256 not in known.get(each.slot, ())]

    def has_any(self, feed: str, period: Period) -> bool:
        """Whether anything of a feed for a period, or for a part of it, was received or lies in its folders."""
        received = self.store.landing.receipts(feed, period.year)
        lying = (each for each in arrived(self.store) if each.feed == feed)
        told = (Period.find(each.period) for each in (*received, *lying))
        return any(each is not None and period.contains(each) for each in told)


def _sha256(arrival: Arrival) -> str | None:
    """The sha256 of a file in a folder; None where it can't be read any more."""
    try:
        return hashlib.sha256(arrival.read()).hexdigest()
    except Refused:
        return None


@dataclass(frozen=True)
class Reader:
    """Landed files to the tables ``observations``, ``quarantine`` and ``submissions``."""

    store: Store
    known: Callable[[], Known]
    journal: Journal
    on_read: Callable[[int, str], None] = lambda _year, _version: None
    """Is told of each year that was read, and what that depended on."""

    def read_year(self, year: int) -> Parsed:
        """Every standing file of a year, read by its feed; remembered as long as files, code and reference stand.

        What each file gave is remembered besides (``remembered``), so that a changed one alone is read again.
        """
        received = [landed(self.store, each) for each in self.store.landing.standing(year)]
        key = version_of(received)
        kept = [self.store.cache.get(f"{key}-{name}") for name in READ]
        if all(kept):
            observations, quarantine, submissions = (pl.read_parquet(io.BytesIO(content or b"")) for content in kept)
            parsed = feeds.Parsed(observations, quarantine, submissions)
        else:
            parsed = self._counted(remembered.versions(self.store.cache, year, received, self.known(), _version))
            for name in READ:
                self.store.cache.put(f"{key}-{name}", remembered.content(getattr(parsed, name)))
        self.journal.read(parsed.submissions)
        self.on_read(year, key)
        return parsed

    def read(self, receipts: Iterable[Receipt]) -> Parsed:
        """The landed files of these receipts, each read by its feed; nothing remembered is used."""
        received = [landed(self.store, each) for each in receipts]
        return self._counted(read_versions(received, self.known()))

    def _counted(self, versions: Iterable[Version]) -> Parsed:
        """What counts of files that stand together."""
        parsed = with_one_owner(counting(versions, self.known()))
        corrections.must_be_met(parsed)
        observations, quarantine, submissions = (
            concatenated(name, [getattr(each, name) for each in parsed]) for name in READ
        )
        return feeds.Parsed(observations, quarantine, submissions)


def version_of(received: Iterable[Received]) -> str:
    """What reading these files depends on: bytes, names and rules, the code that reads, and the names it knows."""
    code = source_version("reading", "feeds", "methodology", *GROUND)
    files = [
        f"{each.feed} {each.period} {each.name} {each.sha256} {each.sender} {each.number} {each.rule}"
        for each in received
    ]
    return hashlib.sha256("\n".join([code, reference_version(), *files]).encode()).hexdigest()


def _version(received: Received) -> str:
    """The same of one file."""
    return version_of([received])
