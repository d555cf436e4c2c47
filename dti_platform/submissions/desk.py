"""The desk: takes files in, one after the other, and answers each.

Here: the order of steps. Not here: reading (``feeds``), what becomes of a file (``verdict``), the answer
(``compose``) and its forms (``forms``), keeping (``storage``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dti_platform import feeds
from dti_platform.feeds.boundary import contained
from dti_platform.periods import Period, PeriodError
from dti_platform.reading import Unreadable
from dti_platform.storage import DryRunStore, Received, StorageError
from dti_platform.submissions.answer import AnsweredFile
from dti_platform.submissions.compose import Composer
from dti_platform.submissions.folders import take_folders
from dti_platform.submissions.verdict import Verdict, judge
from dti_platform.submissions.versions import Version, broken, held_by_name, held_by_sender, landed, read_version

if TYPE_CHECKING:
    from dti_platform.storage import Receipt, Store

#: The way by which a submitted file comes.
CHANNEL = "submit"


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
        take_folders(self.store)
        asked = list(offers)
        for each in asked:
            if each.feed not in feeds.discover():
                raise UsageError(f"no feed is called {each.feed!r}; known: {', '.join(feeds.discover())}")
        unplaced = [feeds.Received(o.feed, "", o.name, _sha256(o.content), o.content) for o in asked]
        for offer, received in zip(asked, list(feeds.opened_all(unplaced, self.known)), strict=True):
            yield self._serve(self._placed(offer, received))

    def withdraw(self, number: int, reason: str) -> tuple[Receipt, Receipt | None]:
        """Withdraws one receipt; gives it, and the one that counts now in its place.

        Raises:
            Missing: there is no such receipt.
            Refused: there is no reason, or it does not count.
        """
        gone = self.store.landing.withdraw_one(number, reason)
        (received,) = feeds.opened_all([landed(self.store, gone)], self.known)
        held = self._held(read_version(received, self.known))
        counting = held.received.number if held else None
        return gone, next((each for each in self.store.landing.receipts() if each.number == counting), None)

    def answer(self, receipts: Sequence[Receipt]) -> Iterator[AnsweredFile]:
        """Answers files that came by a folder, each beside what was held when it came."""
        came = [landed(self.store, each) for each in receipts]
        for receipt, received in zip(receipts, feeds.opened_all(came, self.known), strict=True):
            version = read_version(received, self.known)
            came_on = dt.date.fromisoformat(receipt.received_at[:10])
            composer, answered = self._composed(version, self._held(version, receipt.number), came_on)
            yield composer.kept(answered, receipt)

    def _placed(self, offer: Offer, received: feeds.Received) -> feeds.Received:
        """The file with its period and sender, as the sender or else the file says them."""
        period = offer.period or self._period_said(received)
        if period is None:
            raise UsageError(f"{offer.name} doesn't say its period: name it with --period")
        if offer.period:
            self._known_period(offer.period)
        sender = self._unit(offer.sender, period) if offer.sender else None
        return replace(received, period=period, sender=sender)

    def _period_said(self, received: feeds.Received) -> str | None:
        """What the file itself says; one that can't be read is filed under the year in which it came."""
        try:
            return feeds.period_said(received)
        except Unreadable:
            return str(max(self.store.clock().year, self.known.frameworks.first_year))

    def _known_period(self, period: str) -> None:
        """Raises UsageError where there is no such period, or no run would ever read it."""
        try:
            year = Period.parse(period).year
        except PeriodError as error:
            raise UsageError(str(error)) from error
        first, newest = self.known.frameworks.first_year, self.known.frameworks.last_year
        last = max(newest, self.store.newest_year(), self.store.clock().year)
        if not first <= year <= last:
            raise UsageError(f"the platform holds {first} to {last}, not {period}: name another period")

    def _unit(self, name: str, period: str) -> str:
        """The id of a unit that is named by id, or by a name that means one unit of the period."""
        units, frameworks = self.known.units, self.known.frameworks
        if name in units.all:
            return name
        asked = [each for each in units.geographies if frameworks.for_period(period, each)]
        matches = {match.unit_id for geography in asked if (match := units.find(name, geography)).unit_id}
        if len(matches) != 1:
            raise UsageError(
                f"the sender {name!r} means {len(matches)} units in {period}; give the code, such as VN63-19"
            )
        return matches.pop()

    def _serve(self, received: feeds.Received) -> AnsweredFile:
        version = read_version(received, self.known)
        composer, answered = self._composed(version, self._held(version), None if self.tried else today())
        receipt = self._keep(composer.verdict)
        return answered if self.tried else composer.kept(answered, receipt)

    def _composed(
        self, version: Version, held: Version | None, came_on: dt.date | None
    ) -> tuple[Composer, AnsweredFile]:
        """The answer to a file, before it is kept: one that breaks what compares or answers it is refused."""
        composer = Composer(self.store, self.known, judge(version, held), came_on)
        answered = contained(version.received.name, composer.answered, (StorageError,))
        if isinstance(answered, Unreadable):
            composer = replace(composer, verdict=judge(broken(version, answered), held))
            answered = composer.answered()
        return composer, answered

    def _held(self, version: Version, before: int | None = None) -> Version | None:
        """What counts in its place, ``before`` a receipt came; of a folder's file that is refused, under its name."""
        received = version.received
        asked = (self.store, self.known, received.feed, received.period)
        by_name = feeds.discover()[received.feed].FEED.sender == "none"
        if not by_name and (sender := version.sender or received.sender):
            return held_by_sender(*asked, sender, before=before)
        return held_by_name(*asked, received.name, before=before) if by_name or received.number else None

    def _keep(self, judged: Verdict) -> Receipt:
        """The receipt of the file; that of the version that counts, where it is the very same."""
        received = judged.version.received
        if judged.unchanged and judged.held:
            return next(each for each in self.store.landing.receipts() if each.number == judged.held.received.number)
        reason = judged.refusal.reason if judged.refusal else ""
        sender = judged.version.sender or received.sender
        for each in self.store.landing.receipts(received.feed):
            if reason and (each.sha256, each.period, each.sender, each.refusal) == (
                received.sha256, received.period, sender, reason,
            ):  # fmt: skip
                return each
        kept = Received(
            received.content, received.feed, received.period, received.name, sender, CHANNEL, reason, rule=received.rule
        )
        return self.store.landing.receive_all([kept], again=True)[0]


def today() -> dt.date:
    """The day on which a file comes."""
    return dt.datetime.now(dt.UTC).date()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
