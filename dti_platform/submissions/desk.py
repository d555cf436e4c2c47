"""The desk: takes in what is handed in, one file after the other, and answers each.

Here: what is handed in and confirmed by hand. Not here: reading (``feeds``), what becomes of a file
(``reception``), the answer (``compose``) and its forms (``forms``), keeping (``storage``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dti_platform import feeds
from dti_platform.periods import Period, PeriodError
from dti_platform.problems import catalogue
from dti_platform.reading import Unreadable, one_child
from dti_platform.storage import DryRunStore
from dti_platform.submissions.answer import AnsweredFile
from dti_platform.submissions.folders import sha256_of
from dti_platform.submissions.reception import SUBMIT, Reception, Way

if TYPE_CHECKING:
    from dti_platform.storage import Store


class UsageError(ValueError):
    """Something was asked that can't be: names it, and the fix."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that somebody hands in; ``sender`` and ``period`` where they say so themselves."""

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
    tried: bool = False
    """Nothing is kept: a dry run."""

    def serve(self, offers: Iterable[Offer], *, dry_run: bool = False) -> Iterator[AnsweredFile]:
        """Answers every file, in order: a later one finds the earlier one held.

        A dry run finds held what would be, and writes nothing anywhere.

        Raises:
            UsageError: no such feed or sender, or a period that neither the file nor the sender says.
        """
        if dry_run and not self.tried:
            yield from Desk(DryRunStore(self.store), self.known, tried=True).serve(offers)
            return
        self._reception.take()
        told = self._reception.told()
        asked = list(offers)
        for each in asked:
            if each.feed not in feeds.discover():
                raise UsageError(f"no feed is called {each.feed!r}; known: {', '.join(feeds.discover())}")
        with one_child():
            for received in feeds.read_apart(self._placed(asked), self.known):
                if answered := self._reception.receive(received, Way(SUBMIT), told):
                    yield answered

    def confirm(self, number: int, reason: str) -> AnsweredFile:
        """Lets a receipt count that waits; gives its answer.

        Raises:
            Missing: there is no such receipt.
            Refused: it doesn't wait, a later one of its place counts, or no figure of it would count.
        """
        return self._reception.confirm(self.store.landing.receipt(number), reason)

    @property
    def _reception(self) -> Reception:
        return Reception(self.store, self.known, self.tried)

    def _placed(self, offers: Sequence[Offer]) -> list[feeds.Received]:
        """The files with their periods and senders, as the senders or else the files say them."""
        sent = [feeds.Received(o.feed, o.period or "", o.name, sha256_of(o.content), o.content) for o in offers]
        for offer in offers:
            if offer.period:
                self._known_period(offer.period)
        dated = list(feeds.read_apart(sent, self.known)) if not all(o.period for o in offers) else sent
        return [self._from_sender(offer, received) for offer, received in zip(offers, dated, strict=True)]

    def _from_sender(self, offer: Offer, received: feeds.Received) -> feeds.Received:
        """A file with its sender; one that was read without him is to be read again."""
        if not received.period:
            why = f" ({received.opened.detail.en})" if isinstance(received.opened, Unreadable) else ""
            raise UsageError(f"{offer.name} doesn't say its period{why}: name it with --period")
        if not offer.sender:
            return received
        return replace(received, sender=self._unit(offer.sender, received.period), opened=None, extract=None)

    def _known_period(self, period: str) -> None:
        """Raises UsageError where there is no such period, or no run would ever read it."""
        try:
            year = Period.parse(period).year
        except PeriodError as error:
            raise UsageError(str(error)) from error
        years = self._reception.years()
        if year not in years:
            text = catalogue("file")["year_not_held"].detail["asked"]
            raise UsageError(text.format(first=years[0], last=years[-1], period=period).both)

    def _unit(self, name: str, period: str) -> str:
        """The id of a unit that is named by id, or by a name that means one unit of the period."""
        units, frameworks = self.known.units, self.known.frameworks
        if name in units.all:
            return name
        asked = [each for each in units.geographies if frameworks.in_force(period, each)]
        matches = {match.unit_id for geography in asked if (match := units.find(name, geography)).unit_id}
        if len(matches) != 1:
            raise UsageError(
                f"the sender {name!r} means {len(matches)} units in {period}; give the code, such as VN63-19"
            )
        return matches.pop()
