"""What lies in the committed feeds and in the inbox becomes receipts, before anything that comes after it.

Here: which files are taken, and which of them are gone. Not here: keeping bytes (``storage``), nor reading them
(``feeds``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dti_platform import feeds
from dti_platform.storage import Arrival, Received, Refused, Store

__all__ = ["VANISHED", "Taken", "take_folders"]

#: Why a committed file that is gone from its folder no longer counts.
VANISHED = "no longer among the committed feeds"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look at the folders brought."""

    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]


def take_folders(store: Store, leave: Collection[Path] = ()) -> Taken:
    """Keeps every byte of the feeds and the inbox; what is no plain file in its place is named, not taken.

    A committed file that is gone from its folder no longer counts; a folder that is not there says nothing. Files to
    ``leave`` wait for the next look.
    """
    arrived = [_in_its_place(each) for each in store.landing.arrivals() if each.path not in leave]
    taken, refused = list[Received](), list[Arrival]()
    for each in arrived:
        try:
            taken.append(Received(each.read(), each.feed, each.period, each.name, channel=each.channel))
        except Refused as refusal:
            refused.append(replace(each, refusal=each.refusal or str(refusal)))
    before = len(store.landing.receipts())
    store.landing.receive_all(taken)
    new = len(store.landing.receipts()) - before
    return Taken(new, _withdraw_vanished(store, {each.slot for each in arrived}), tuple(refused))


def may_be_taken(store: Store) -> Iterator[Arrival]:
    """What lies in the inbox as a plain file, for a feed and a period that there can be."""
    arrived = map(_in_its_place, store.landing.arrivals())
    return (each for each in arrived if each.refusal is None and each.channel == store.inbox.name)


def _in_its_place(arrival: Arrival) -> Arrival:
    """An arrival, refused where its folders name no feed or no period."""
    from dti_platform.tables import PERIOD

    wrong = None
    if arrival.feed not in feeds.discover():
        wrong = f"no feed is called {arrival.feed}; move it into the folder of one of {', '.join(feeds.discover())}"
    elif arrival.period and not re.match(PERIOD, arrival.period):
        wrong = f"the folder {arrival.period} is no period such as 2022 or 2022-S1; move it into one"
    return replace(arrival, refusal=arrival.refusal or wrong)


def _withdraw_vanished(store: Store, lying: set[tuple[str, str, str, str]]) -> int:
    if not store.feeds.is_dir():
        return 0
    committed = [each for each in store.landing.standing() if each.channel == store.feeds.name]
    gone = [each for each in committed if each.slot not in lying]
    store.landing.withdraw(gone, VANISHED, channel=store.feeds.name)
    return len(gone)
