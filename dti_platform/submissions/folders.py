"""What lies in the committed feeds and in the inbox, and which committed files are retired.

Here: each file in its place, and which of them are new. Not here: keeping and judging them (``reception``), nor reading
them (``feeds``). The inbox is ``<feed>/<file>``, ``<feed>/<period>/<file>``, ``<feed>/<unit>/<file>`` or
``<feed>/<unit>/<period>/<file>``: a folder of a unit says who sends.
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
#: How many bytes of new files are held at once.
MOST_AT_ONCE = 64 * 2**20
_COLUMNS = ["feed", "period", "name", "sha256", "reason"]


def arrived(store: Store) -> list[Arrival]:
    """What lies in the folders, each file in its place, or refused with the reason.

    A file in the inbox that lies in the folder of its feed or sender is filed under the period that it says itself.
    """
    lying = (each for each in store.landing.arrivals() if each.path != store.feeds / RETIRED)
    placed = _Placing(store)
    return list(_once(map(placed.in_its_place, placed.filed(list(map(placed.with_sender, lying))))))


def may_be_taken(store: Store) -> Iterator[Arrival]:
    """What lies in the inbox as a plain file, for a feed and a period that there can be."""
    return (each for each in arrived(store) if each.refusal is None and each.channel == store.inbox.name)


def new_arrivals(store: Store, lying: Collection[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
    """Those that are not what came before in their place; and those that can't be taken, with the reason."""
    known = store.landing.known()
    new, refused = list[Arrival](), list[Arrival]()
    for each in lying:
        try:
            if sha256_of(each.read()) not in known.get(each.slot, ()):
                new.append(each)
        except Refused as refusal:
            refused.append(replace(each, refusal=each.refusal or str(refusal)))
    return new, refused


def on_their_way(store: Store) -> set[str]:
    """The periods of what is new in the folders, and of what is retired and was not withdrawn."""
    new, _ = new_arrivals(store, arrived(store))
    gone = (each for row in retired(store) if not isinstance(row, str) for each in row[0])
    return {each.period for each in (*new, *gone)}


def sha256_of(content: bytes) -> str:
    """The hash that names a file in landing."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class _Placing:
    """Says of what lies in the folders of a store whose it is, and of which period."""

    store: Store

    @cached_property
    def _units(self) -> Collection[str]:
        return units.load(check=False).all.keys()

    def with_sender(self, arrival: Arrival) -> Arrival:
        """A file in the folder of a unit, which names no period."""
        if arrival.folder or not arrival.period or Period.find(arrival.period) or arrival.period not in self._units:
            return arrival
        return replace(arrival, folder=arrival.period, period="")

    def filed(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """The arrivals; those that lie in no period's folder under the periods that they say, or refused."""
        loose = [each for each in arrivals if self._is_loose(each)]
        filed = {each.path: each for batch in batches(loose) for each in self._filed(batch)}
        return [filed.get(each.path, each) for each in arrivals]

    def _is_loose(self, arrival: Arrival) -> bool:
        inbox = arrival.channel == self.store.inbox.name
        return inbox and not arrival.period and arrival.refusal is None and arrival.feed in feeds.discover()

    def _filed(self, arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
        """Each under the period that it says; content that was not asked before is opened, in one child process."""
        asked = list[tuple[Arrival, feeds.Received, str]]()
        for each in arrivals:
            try:
                content = each.read()
            except Refused as refusal:
                yield replace(each, refusal=str(refusal))
                continue
            received = feeds.Received(each.feed, "", each.name, sha256_of(content), content)
            reader = feeds.reader_version(each.feed)
            key = sha256_of(f"period said by {received.sha256} to {each.feed} {reader}".encode())
            if (period := self.store.cache.get(key)) is None:
                asked.append((each, received, key))
            else:
                yield replace(each, period=period.decode())
        otherwise = partial(default_period, self.store)
        dated = feeds.read_apart([received for _, received, _ in asked], None, otherwise)
        for (arrival, _, key), received in zip(asked, dated, strict=True):
            self.store.cache.put(key, received.period.encode())
            yield replace(arrival, period=received.period)

    def in_its_place(self, arrival: Arrival) -> Arrival:
        """An arrival, refused where its folders name no feed, no sender or no period."""
        return replace(arrival, refusal=arrival.refusal or self._wrong(arrival))

    def _wrong(self, arrival: Arrival) -> str | None:
        if arrival.feed not in feeds.discover():
            return not_taken("no_feed", feed=arrival.feed, feeds=", ".join(feeds.discover()))
        if arrival.folder and (wrong := self._no_sender(arrival)):
            return wrong
        if not arrival.period:
            return not_taken("no_period_said")
        if Period.find(arrival.period) is None:
            if arrival.period.partition("-")[0] in {unit.partition("-")[0] for unit in self._units}:
                return not_taken("no_unit", unit=arrival.period)
            return not_taken("no_period", folder=arrival.period)
        return None

    def _no_sender(self, arrival: Arrival) -> str | None:
        """Why nobody sends by the folder above the period's."""
        if arrival.channel != self.store.inbox.name or arrival.folder not in self._units:
            return not_taken("no_sender", folder=arrival.folder)
        if feeds.discover()[arrival.feed].FEED.sender == "none":
            return not_taken("without_senders", feed=arrival.feed)
        return None


def default_period(store: Store, received: feeds.Received) -> str:
    """The period of a file that can't be read: the one under which it came before, else the newest that its feed has.

    Of a feed that has none it is the year in which the file comes.
    """
    receipts = store.landing.receipts(received.feed)
    same = [each.period for each in receipts if (each.name, each.sha256) == (received.name, received.sha256)]
    counted = filter(None, (Period.find(each.period) for each in receipts if not each.refusal))
    newest = max(counted, key=lambda each: each.sort_key, default=None)
    return same[-1] if same else newest.text if newest else str(store.clock().year)


def batches(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Files in their order, as many at a time as fit into memory."""
    batch, size = list[Arrival](), 0
    for each in arrivals:
        size += each.size
        if batch and size > MOST_AT_ONCE:
            yield batch
            batch, size = [], each.size
        batch.append(each)
    if batch:
        yield batch


def _once(arrivals: Iterator[Arrival]) -> Iterator[Arrival]:
    """Two files of one name for one period, one in its folder, one above it: the second would replace the first."""
    seen = set[object]()
    for each in arrivals:
        twice = each.refusal is None and each.slot in seen
        seen.add(each.slot)
        yield replace(each, refusal=not_taken("same_name")) if twice else each


def retired(store: Store) -> Iterator[tuple[list[Receipt], str] | str]:
    """By each row of ``retired.csv`` the receipts that it withdraws, and why; or what is wrong with the row.

    It withdraws the content that it names and what came before it under that name, once: what was withdrawn before is
    left out. Content that never came, or a later one, is not concerned.
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
        whole = len(row) == len(_COLUMNS) and all(value.strip() for value in row)
        yield _retired(store, *row) if whole else f"line {number} needs a value for each of {', '.join(_COLUMNS)}"


def _retired(store: Store, feed: str, period: str, name: str, sha256: str, reason: str) -> tuple[list[Receipt], str]:
    gone = store.landing.held().withdrawn
    same = [
        each
        for each in store.landing.receipts(feed)
        if (each.channel, each.period, each.name) == (store.feeds.name, period, name)
    ]
    last = max((each.number for each in same if each.sha256 == sha256), default=0)
    return [each for each in same if each.number <= last and each.number not in gone and not each.refusal], reason
