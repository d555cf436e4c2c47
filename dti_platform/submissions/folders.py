"""What lies in the committed feeds and in the inbox becomes receipts, before anything that comes after it.

Here: which files are taken, and which of them are gone. Not here: keeping bytes (``storage``), nor reading them
(``feeds``).
"""

from __future__ import annotations

from dataclasses import dataclass

from dti_platform import feeds
from dti_platform.storage import Arrival, Received, Store

__all__ = ["VANISHED", "Taken", "take_folders"]

#: Why a committed file that is gone from its folder no longer counts.
VANISHED = "no longer among the committed feeds"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look at the folders brought."""

    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]


def take_folders(store: Store) -> Taken:
    """Keeps every byte of the feeds and the inbox; what is no plain file in its place is named, not taken.

    A committed file that is gone from its folder no longer counts; a folder that is not there says nothing.
    """
    arrived = list(store.landing.arrivals())
    taken = [each for each in arrived if each.refusal is None and each.feed in feeds.discover()]
    before = len(store.landing.receipts())
    store.landing.receive_all(
        [Received(each.read(), each.feed, each.period, each.name, channel=each.channel) for each in taken]
    )
    new = len(store.landing.receipts()) - before
    withdrawn = _withdraw_vanished(store, {each.slot for each in arrived})
    return Taken(new, withdrawn, tuple(each for each in arrived if each not in taken))


def _withdraw_vanished(store: Store, lying: set[tuple[str, str, str, str]]) -> int:
    if not store.feeds.is_dir():
        return 0
    committed = [each for each in store.landing.standing() if each.channel == store.feeds.name]
    gone = [each for each in committed if each.slot not in lying]
    store.landing.withdraw(gone, VANISHED, channel=store.feeds.name)
    return len(gone)
