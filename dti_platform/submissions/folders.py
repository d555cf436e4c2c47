"""The files in the committed feeds and in the inbox, and the committed files that are retired.

Here: the feed, sender and period of each file, and which files are new. Not here: keeping and judging them
(``reception``), nor reading them (``feeds``). The inbox is ``<feed>/<file>``, ``<feed>/<period>/<file>``,
``<feed>/<unit>/<file>`` or ``<feed>/<unit>/<period>/<file>``: the folder of a unit names the sender.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from dti_platform import feeds, units
from dti_platform.periods import Period
from dti_platform.storage import Arrival, Refused, Store, not_taken

if TYPE_CHECKING:
    from dti_platform.storage import Receipt

#: The list of committed files that no longer count, beside the folders of their feeds.
RETIRED = "retired.csv"
#: How many bytes of new files are in memory at once.
MOST_AT_ONCE = 64 * 2**20
_COLUMNS = ["feed", "period", "name", "sha256", "reason"]


def arrived(store: Store) -> list[Arrival]:
    """The files in the folders, each with its feed, sender and period, or refused with the reason.

    A file directly in the inbox folder of its feed or sender gets the period that it states itself.
    """
    arrivals = (arrival for arrival in store.landing.arrivals() if arrival.path != store.feeds / RETIRED)
    placement = _Placement(store)
    placed = placement.with_periods(list(map(placement.with_sender, arrivals)))
    return list(_refuse_duplicates(map(placement.checked, placed)))


def may_be_taken(store: Store) -> Iterator[Arrival]:
    """The plain files of the inbox with a valid feed and period."""
    return (arrival for arrival in arrived(store) if arrival.refusal is None and arrival.channel == store.inbox.name)


def new_arrivals(store: Store, arrivals: Collection[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
    """The arrivals with content that is new in their slot; and those that can't be read, with the reason."""
    known = store.landing.known()
    new, refused = list[Arrival](), list[Arrival]()
    for arrival in arrivals:
        try:
            if sha256_of(arrival.read()) not in known.get(arrival.slot, ()):
                new.append(arrival)
        except Refused as refusal:
            refused.append(replace(arrival, refusal=arrival.refusal or str(refusal)))
    return new, refused


def pending_periods(store: Store) -> set[str]:
    """The periods of new files in the folders, and of retired files that are not withdrawn yet."""
    new, _ = new_arrivals(store, arrived(store))
    retiring = (receipt for row in retired(store) if not isinstance(row, str) for receipt in row[0])
    return {file.period for file in (*new, *retiring)}


def sha256_of(content: bytes) -> str:
    """The hash that names a file in landing."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class _Placement:
    """Determines the sender and the period of files in the folders of a store."""

    store: Store

    @cached_property
    def _units(self) -> Collection[str]:
        return units.load(check=False).all.keys()

    def with_sender(self, arrival: Arrival) -> Arrival:
        """The arrival, with its sender where it is in the folder of a unit without a period."""
        if arrival.folder or not arrival.period or Period.find(arrival.period) or arrival.period not in self._units:
            return arrival
        return replace(arrival, folder=arrival.period, period="")

    def with_periods(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """The arrivals; those in no period's folder with the periods that they state, or refused."""
        undated = [arrival for arrival in arrivals if self._is_undated(arrival)]
        by_path = {arrival.path: arrival for batch in batches(undated) for arrival in self._dated(batch)}
        return [by_path.get(arrival.path, arrival) for arrival in arrivals]

    def _is_undated(self, arrival: Arrival) -> bool:
        inbox = arrival.channel == self.store.inbox.name
        return inbox and not arrival.period and arrival.refusal is None and arrival.feed in feeds.discover()

    def _dated(self, arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
        """The arrivals with the periods that they state; content not read before is opened, in one child process."""
        unknown = list[tuple[Arrival, feeds.Received, str]]()
        for arrival in arrivals:
            try:
                content = arrival.read()
            except Refused as refusal:
                yield replace(arrival, refusal=str(refusal))
                continue
            received = feeds.Received(arrival.feed, "", arrival.name, sha256_of(content), content)
            reader = feeds.reader_version(arrival.feed)
            key = sha256_of(f"period said by {received.sha256} to {arrival.feed} {reader}".encode())
            if (period := self.store.cache.get(key)) is None:
                unknown.append((arrival, received, key))
            else:
                yield replace(arrival, period=period.decode())
        default = partial(default_period, self.store)
        dated = feeds.read_apart([received for _, received, _ in unknown], None, default)
        for (arrival, _, key), received in zip(unknown, dated, strict=True):
            self.store.cache.put(key, received.period.encode())
            yield replace(arrival, period=received.period)

    def checked(self, arrival: Arrival) -> Arrival:
        """The arrival, refused where its folders name no feed, no sender or no period."""
        return replace(arrival, refusal=arrival.refusal or self._refusal(arrival))

    def _refusal(self, arrival: Arrival) -> str | None:
        if arrival.feed not in feeds.discover():
            return not_taken("no_feed", feed=arrival.feed, feeds=", ".join(feeds.discover()))
        if arrival.folder and (refusal := self._sender_refusal(arrival)):
            return refusal
        if not arrival.period:
            return not_taken("no_period_said")
        if Period.find(arrival.period) is None:
            if arrival.period.partition("-")[0] in {unit.partition("-")[0] for unit in self._units}:
                return not_taken("no_unit", unit=arrival.period)
            return not_taken("no_period", folder=arrival.period)
        return None

    def _sender_refusal(self, arrival: Arrival) -> str | None:
        """Why the folder above the period's is not that of a sender."""
        if arrival.channel != self.store.inbox.name or arrival.folder not in self._units:
            return not_taken("no_sender", folder=arrival.folder)
        if feeds.discover()[arrival.feed].FEED.sender == "none":
            return not_taken("without_senders", feed=arrival.feed)
        return None


def default_period(store: Store, received: feeds.Received) -> str:
    """The period of a file that can't be read: that of its earlier receipt, else the newest period of its feed.

    Without either it is the year in which the file arrives.
    """
    receipts, file = store.landing.receipts(received.feed), (received.name, received.sha256)
    earlier = [receipt.period for receipt in receipts if (receipt.name, receipt.sha256) == file]
    periods = filter(None, (Period.find(receipt.period) for receipt in receipts if not receipt.refusal))
    newest = max(periods, key=lambda period: period.sort_key, default=None)
    return earlier[-1] if earlier else newest.text if newest else str(store.clock().year)


def batches(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Files in their order, in batches of at most ``MOST_AT_ONCE`` bytes."""
    batch, size = list[Arrival](), 0
    for arrival in arrivals:
        size += arrival.size
        if batch and size > MOST_AT_ONCE:
            yield batch
            batch, size = [], arrival.size
        batch.append(arrival)
    if batch:
        yield batch


def _refuse_duplicates(arrivals: Iterator[Arrival]) -> Iterator[Arrival]:
    """Refuses a second file of the same name and period, in the folder above: it would replace the first."""
    slots = set[object]()
    for arrival in arrivals:
        duplicate = arrival.refusal is None and arrival.slot in slots
        slots.add(arrival.slot)
        yield replace(arrival, refusal=not_taken("same_name")) if duplicate else arrival


def retired(store: Store) -> Iterator[tuple[list[Receipt], str] | str]:
    """For each row of ``retired.csv`` the receipts that it withdraws, and why; or what is wrong with the row.

    A row withdraws the content that it names and what came before it under that name, unless it was withdrawn before.
    It does not concern content that never came, nor later content.
    """
    path = store.feeds / RETIRED
    try:
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), strict=True)) if path.is_file() else [_COLUMNS]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        yield f"can't be read ({error}); retire files in UTF-8, one a line"
        return
    if rows[:1] != [_COLUMNS]:
        yield f"its first line must be {','.join(_COLUMNS)}"
        return
    for number, row in enumerate(rows[1:], start=2):
        complete = len(row) == len(_COLUMNS) and all(value.strip() for value in row)
        yield _retired(store, *row) if complete else f"line {number} needs a value for each of {', '.join(_COLUMNS)}"


def _retired(store: Store, feed: str, period: str, name: str, sha256: str, reason: str) -> tuple[list[Receipt], str]:
    withdrawn = store.landing.held().withdrawn
    same_name = [
        receipt
        for receipt in store.landing.receipts(feed)
        if (receipt.channel, receipt.period, receipt.name) == (store.feeds.name, period, name)
    ]
    last = max((receipt.number for receipt in same_name if receipt.sha256 == sha256), default=0)
    standing = [receipt for receipt in same_name if receipt.number not in withdrawn and not receipt.refusal]
    return [receipt for receipt in standing if receipt.number <= last], reason
