"""What lies in the committed feeds and in the inbox becomes receipts, before anything that comes after it.

Here: which files are taken, and which of them are gone. Not here: keeping bytes (``storage``), nor reading them
(``feeds``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dti_platform import feeds
from dti_platform.periods import Period
from dti_platform.reading import Form, Request, Unreadable, read_batch
from dti_platform.storage import Arrival, Received, Refused, Store

#: Why a committed file that is gone from its folder no longer counts.
VANISHED = "no longer among the committed feeds"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look at the folders brought."""

    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]


def arrived(store: Store) -> list[Arrival]:
    """What lies in the folders, each file in its place, or refused with the reason.

    A file in the inbox that lies in its feed's own folder is filed under the period that it says itself.
    """
    return [_in_its_place(_filed(store, each)) for each in store.landing.arrivals()]


def may_be_taken(store: Store) -> Iterator[Arrival]:
    """What lies in the inbox as a plain file, for a feed and a period that there can be."""
    return (each for each in arrived(store) if each.refusal is None and each.channel == store.inbox.name)


def take_folders(store: Store, leave: Collection[Path] = ()) -> Taken:
    """Keeps every byte of the feeds and the inbox; what is no plain file in its place is named, not taken.

    A committed file that is gone from its folder no longer counts; a folder that is not there says nothing. Files to
    ``leave`` wait for the next look.
    """
    lying = [each for each in arrived(store) if each.path not in leave]
    taken, refused = list[Received](), list[Arrival]()
    for each in lying:
        try:
            came = Received(each.read(), each.feed, each.period, each.name, channel=each.channel, rule=feeds.RULE)
            taken.append(came)
        except Refused as refusal:
            refused.append(replace(each, refusal=each.refusal or str(refusal)))
    before = len(store.landing.receipts())
    store.landing.receive_all(taken)
    new = len(store.landing.receipts()) - before
    return Taken(new, _withdraw_vanished(store, {each.slot for each in lying}), tuple(refused))


def _in_its_place(arrival: Arrival) -> Arrival:
    """An arrival, refused where its folders name no feed or no period."""
    wrong = None
    if arrival.feed not in feeds.discover():
        wrong = f"no feed is called {arrival.feed}; move it into the folder of one of {', '.join(feeds.discover())}"
    elif not arrival.period:
        wrong = "says no period itself; move it into a folder named by its period, such as 2022"
    elif Period.find(arrival.period) is None:
        wrong = f"the folder {arrival.period} is no period such as 2022 or 2022-S1; move it into one"
    return replace(arrival, refusal=arrival.refusal or wrong)


def _filed(store: Store, arrival: Arrival) -> Arrival:
    """A file that lies in no period's folder, under the period that it says; opened once, in a child process."""
    loose = arrival.channel == store.inbox.name and not arrival.period and arrival.refusal is None
    if not loose or arrival.feed not in feeds.discover():
        return arrival
    try:
        content = arrival.read()
    except Refused as refusal:
        return replace(arrival, refusal=str(refusal))
    received = feeds.Received(arrival.feed, "", arrival.name, hashlib.sha256(content).hexdigest(), content)
    key = hashlib.sha256(f"period said by {received.sha256} to {arrival.feed}".encode()).hexdigest()
    period = store.cache.get(key)
    if period is None:
        period = _period_of(received).encode()
        store.cache.put(key, period)
    return replace(arrival, period=period.decode())


def _period_of(received: feeds.Received) -> str:
    """The period that a file says; nothing where it says none, or can't be read."""
    feed = feeds.discover()[received.feed].FEED
    asked = Request(received.content, received.name, Form(feed.delimiter, feed.encoding))
    try:
        return feeds.period_said(replace(received, opened=next(iter(read_batch([asked]))))) or ""
    except Unreadable:
        return ""


def _withdraw_vanished(store: Store, lying: set[tuple[str, str, str, str]]) -> int:
    if not store.feeds.is_dir():
        return 0
    committed = [each for each in store.landing.standing() if each.channel == store.feeds.name]
    gone = [each for each in committed if each.slot not in lying]
    store.landing.withdraw(gone, VANISHED, channel=store.feeds.name)
    return len(gone)
