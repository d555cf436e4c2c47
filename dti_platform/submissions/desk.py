"""The desk: receives the files that are handed in, one after the other, and answers each.

Here: submitting and confirming files by hand. Not here: reading (``feeds``), what becomes of a file
(``reception``), the answer (``compose``) and its forms (``forms``), keeping (``storage``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from dti_platform import feeds
from dti_platform.glossary import terms
from dti_platform.periods import Period, PeriodError
from dti_platform.problems import catalogue
from dti_platform.reading import one_child
from dti_platform.storage import DryRunStore
from dti_platform.submissions.answer import AnsweredFile
from dti_platform.submissions.folders import default_period, sha256_of
from dti_platform.submissions.reception import SUBMIT, Origin, Reception

if TYPE_CHECKING:
    from dti_platform.storage import Store


_ERRORS = terms("desk_errors")


class UsageError(ValueError):
    """An invalid request; the message names the fault and the fix."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A submitted file; ``sender`` and ``period`` where the sender states them."""

    content: bytes
    name: str
    feed: str
    sender: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A store, and what names are looked up in."""

    store: Store
    known: feeds.Known
    dry_run: bool = False
    """Whether nothing is kept."""

    def serve(self, offers: Iterable[Offer], *, dry_run: bool = False) -> Iterator[AnsweredFile]:
        """Answers every file, in order: a later file is compared with the earlier ones.

        A dry run does the same without writing anything.

        Raises:
            UsageError: no such feed or sender, or a period that neither the sender nor a file that can be read states.
        """
        if dry_run and not self.dry_run:
            yield from Desk(DryRunStore(self.store), self.known, dry_run=True).serve(offers)
            return
        self._reception.take()
        confirmable = self._reception.confirmable()
        files = list(offers)
        for offer in files:
            if offer.feed not in feeds.discover():
                raise UsageError(_ERRORS["no_feed"].format(feed=offer.feed, feeds=", ".join(feeds.discover())).both)
        with one_child():
            for received in feeds.read_apart(self._with_periods(files), self.known):
                if answered := self._reception.receive(received, Origin(SUBMIT), confirmable):
                    yield answered

    def confirm(self, number: int, reason: str) -> AnsweredFile:
        """Confirms a receipt that waits, and returns its answer.

        Raises:
            Missing: there is no such receipt.
            Refused: it doesn't wait, a later file of its sender counts, or no figure of it would count.
        """
        return self._reception.confirm(self.store.landing.receipt(number), reason)

    @property
    def _reception(self) -> Reception:
        return Reception(self.store, self.known, self.dry_run)

    def _with_periods(self, offers: Sequence[Offer]) -> list[feeds.Received]:
        """The files with their periods and senders, as stated by the offers, else by the files."""
        sent = [
            feeds.Received(offer.feed, offer.period or "", offer.name, sha256_of(offer.content), offer.content)
            for offer in offers
        ]
        for offer in offers:
            if offer.period:
                self._check_period(offer.period)
        default = partial(default_period, self.store)
        dated = list(feeds.read_apart(sent, self.known, default)) if not all(offer.period for offer in offers) else sent
        return [self._with_sender(offer, received) for offer, received in zip(offers, dated, strict=True)]

    def _with_sender(self, offer: Offer, received: feeds.Received) -> feeds.Received:
        """A file with its sender; one that was read without it must be read again."""
        if not received.period:
            raise UsageError(_ERRORS["no_period"].format(file=offer.name).both)
        if not offer.sender:
            return received
        return replace(received, sender=self._unit_id(offer.sender, received.period), opened=None, extract=None)

    def _check_period(self, period: str) -> None:
        """Raises UsageError where there is no such period, or no run would ever read it."""
        try:
            year = Period.parse(period).year
        except PeriodError as error:
            raise UsageError(str(error)) from error
        years = self._reception.years()
        if year not in years:
            text = catalogue("file")["year_not_held"].detail["asked"]
            raise UsageError(text.format(first=years[0], last=years[-1], period=period).both)

    def _unit_id(self, name: str, period: str) -> str:
        """The id of a unit, given by id or by a name that matches exactly one unit of the period."""
        units, frameworks = self.known.units, self.known.frameworks
        if name in units.all:
            return name
        geographies = [geography for geography in units.geographies if frameworks.in_force(period, geography)]
        matches = {match.unit_id for geography in geographies if (match := units.find(name, geography)).unit_id}
        if len(matches) != 1:
            raise UsageError(
                f"the sender {name!r} means {len(matches)} units in {period}; give the code, such as VN63-19"
            )
        return matches.pop()
