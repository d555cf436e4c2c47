"""A run's inputs: files that arrive are landed, and landed files are read into tables.

Here: which files of the feeds and the inbox are taken, which receipts count, and the contents of their files. Not here:
how a file is read (``feeds``), received and answered (``submissions``), or stored (``storage``).
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
    """The state of landing after receiving the files of the feeds and the inbox."""

    standing: tuple[Receipt, ...]
    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]

    @property
    def version(self) -> str:
        """Content version: the same files under the same names have the same version."""
        files = (
            f"{receipt.feed} {receipt.period} {receipt.name} {receipt.sha256} {receipt.rule}"
            for receipt in self.standing
        )
        listing = "\n".join(sorted(files))
        return hashlib.sha256(listing.encode()).hexdigest()


@dataclass(frozen=True)
class Arrivals:
    """The files in the folders of the feeds and in the inbox."""

    store: Store
    known: Callable[[], Known]

    def land(self, *, patient: bool = False) -> Landed:
        """Receive every file of the feeds and the inbox; what is not a plain file in its place is listed, not taken.

        What a killed run left unfinished is finished or removed first. After an upgrade some of the refused files are
        read again, and every file without an answer is answered.

        Args:
            patient: check for each file of the inbox whether it still grows; for runs that no person started.
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
        """The arrivals that differ from the last file received under their name and folder, or have no answer yet."""
        known = self.store.landing.known()
        for receipt in unanswered(self.store):
            known.get(receipt.slot, set[str]()).discard(receipt.sha256)
        hashes = ((arrival, _sha256(arrival)) for arrival in arrivals)
        return [arrival for arrival, sha256 in hashes if sha256 and sha256 not in known.get(arrival.slot, ())]

    def has_any(self, feed: str, period: Period) -> bool:
        """Whether a file of a feed for a period, or for a part of it, was received or is in the feed's folders."""
        received = self.store.landing.receipts(feed, period.year)
        arrivals = (arrival for arrival in arrived(self.store) if arrival.feed == feed)
        periods = (Period.find(file.period) for file in (*received, *arrivals))
        return any(other is not None and period.contains(other) for other in periods)


def _sha256(arrival: Arrival) -> str | None:
    """The sha256 of a file in a folder; None where it can't be read any more."""
    try:
        return hashlib.sha256(arrival.read()).hexdigest()
    except Refused:
        return None


@dataclass(frozen=True)
class Reader:
    """Reads landed files into the tables ``observations``, ``quarantine`` and ``submissions``."""

    store: Store
    known: Callable[[], Known]
    journal: Journal
    on_read: Callable[[int, str], None] = lambda _year, _version: None
    """Called with each year that was read, and the version of all that reading it depended on."""

    def read_year(self, year: int) -> Parsed:
        """Every standing file of a year, read by its feed; cached until files, code or reference data change.

        Each file is also cached on its own (``remembered``), so that only a changed file is read again.
        """
        received = [landed(self.store, receipt) for receipt in self.store.landing.standing(year)]
        key = version_of(received)
        cached = [self.store.cache.get(f"{key}-{name}") for name in READ]
        if all(cached):
            observations, quarantine, submissions = (pl.read_parquet(io.BytesIO(content or b"")) for content in cached)
            parsed = feeds.Parsed(observations, quarantine, submissions)
        else:
            parsed = self._combined(remembered.versions(self.store.cache, year, received, self.known(), _file_version))
            for name in READ:
                self.store.cache.put(f"{key}-{name}", remembered.content(getattr(parsed, name)))
        self.journal.read(parsed.submissions)
        self.on_read(year, key)
        return parsed

    def read(self, receipts: Iterable[Receipt]) -> Parsed:
        """The landed files of these receipts, each read by its feed, without the cache."""
        received = [landed(self.store, receipt) for receipt in receipts]
        return self._combined(read_versions(received, self.known()))

    def _combined(self, versions: Iterable[Version]) -> Parsed:
        """The rows that count of all files together."""
        files = with_one_owner(counting(versions, self.known()))
        corrections.must_be_met(files)
        observations, quarantine, submissions = (
            concatenated(name, [getattr(file, name) for file in files]) for name in READ
        )
        return feeds.Parsed(observations, quarantine, submissions)


def version_of(received: Iterable[Received]) -> str:
    """The hash of all that reading files depends on: bytes, names and rules, the code, and the reference data."""
    code = source_version("reading", "feeds", "methodology", *GROUND)
    files = [
        f"{file.feed} {file.period} {file.name} {file.sha256} {file.sender} {file.number} {file.rule}"
        for file in received
    ]
    return hashlib.sha256("\n".join([code, reference_version(), *files]).encode()).hexdigest()


def _file_version(file: Received) -> str:
    """``version_of`` one file."""
    return version_of([file])
