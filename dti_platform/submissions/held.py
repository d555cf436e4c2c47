"""What is held of a sender: the version that counts, and what was last accepted before a period.

Here: finding and reading it. Not here: the rule of which version counts (``feeds.supersession``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from dti_platform import feeds
from dti_platform.feeds.corrections import CorrectionError
from dti_platform.feeds.supersession import Version, newest
from dti_platform.reading import Request, read_batch

if TYPE_CHECKING:
    from dti_platform.storage import Receipt, Store

__all__ = ["Accepted", "comparable", "held_by_name", "held_by_sender", "last_accepted", "opened_apart", "read_version"]

#: The surest basis first: what a score last stood at.
SUREST = ("final", "verified", "self")


def held_by_sender(store: Store, known: feeds.Known, feed: str, period: str, unit: str) -> Version | None:
    """The version that counts for a unit, period and feed; None where there is none."""
    standing = [each for each in store.landing.standing() if (each.feed, each.period) == (feed, period)]
    senders = {**_remembered(store, feed, period), **_senders(store, {each.year for each in standing})}
    likely = [each for each in standing if (each.sender or senders.get(each.sha256, unit)) == unit]
    versions = _read(store, known, likely)
    if found := {each.received.sha256: each.sender or "" for each in versions if each.received.sha256 not in senders}:
        store.cache.put(_key(feed, period), json.dumps({**senders, **found}).encode())
    return newest(each for each in versions if each.sender == unit)


def held_by_name(store: Store, known: feeds.Known, feed: str, period: str, name: str) -> Version | None:
    """The file that stands under a name, for feeds without senders."""
    standing = [each for each in store.landing.standing() if each.place == (feed, period, name)]
    return newest(_read(store, known, standing))


def _senders(store: Store, years: Iterable[int]) -> Mapping[str, str]:
    """The unit of each file that a run has read, so that not every file need be read again."""
    read = [store.tables.read("submissions", year) for year in years if store.tables.has("submissions", year)]
    rows = (row for frame in read for row in frame.select("file", "sender").iter_rows())
    return {file: sender or "" for file, sender in rows}


def _remembered(store: Store, feed: str, period: str) -> Mapping[str, str]:
    """The unit of each file that was read here before, where no run has read it yet."""
    kept = store.cache.get(_key(feed, period))
    return json.loads(kept) if kept else {}


def _key(feed: str, period: str) -> str:
    return hashlib.sha256(f"senders of {feed} {period}".encode()).hexdigest()


def _read(store: Store, known: feeds.Known, receipts: Iterable[Receipt]) -> list[Version]:
    """Files of the committed feeds are our own; all others are opened in a child process."""
    own, strange = list[feeds.Received](), list[feeds.Received]()
    for each in receipts:
        named = (each.feed, each.period, each.name, each.sha256, store.landing.read(each.sha256))
        ours = each.channel == store.feeds.name
        received = feeds.Received(*named, sender=each.sender, number=each.number, ours=ours)
        (own if ours else strange).append(received)
    return [read_version(each, known)[0] for each in (*own, *opened_apart(strange, known))]


def opened_apart(batch: Sequence[feeds.Received], known: feeds.Known) -> list[feeds.Received]:
    """The same files, opened in one child process within its bounds."""
    forms = {each.feed: feeds.form_of(feeds.discover()[each.feed].FEED, known) for each in batch}
    books = read_batch([Request(each.content, each.name, forms[each.feed]) for each in batch])
    return [replace(received, opened=book) for received, book in zip(batch, books, strict=True)]


def read_version(received: feeds.Received, known: feeds.Known) -> tuple[Version, str | None]:
    """What a file gives; and which declared correction its source has outlived, if any: it is not applied then."""
    try:
        return Version(received, feeds.read(received, known)), None
    except CorrectionError as error:
        return Version(received, feeds.read(received, known, as_received=True)), str(error)


class Accepted(NamedTuple):
    """What was last accepted at a node, and what it rests on."""

    value: float
    evidence: str
    document: str | None
    period: str
    basis: str


def last_accepted(
    store: Store, feed: str, unit: str, period: str, *, frameworks: Iterable[str], before: bool
) -> Mapping[str, Accepted]:
    """By node: the surest of the newest accepted values of a unit under comparable frameworks, as runs read them.

    ``before``: only of periods that end before this one; else of this one as well. Periods later than it never count.
    """
    last = int(period.rpartition("/")[2][:4])
    for year in sorted((year for year in store.tables.years("observations") if year <= last - before), reverse=True):
        rows = store.tables.read("observations", year).filter(
            pl.col("feed") == feed, pl.col("unit") == unit, pl.col("framework").is_in(list(frameworks))
        )
        if not rows.is_empty():
            newest_period = rows.filter(pl.col("period") == pl.col("period").max())
            return {node: _surest(found) for (node,), found in newest_period.group_by("node")}
    return {}


def comparable(known: feeds.Known, framework: Any) -> set[str]:
    """The versions whose figures mean the same as those of a framework: its family."""
    return {each.version for each in known.frameworks.all if each.family == framework.family}


def _surest(rows: pl.DataFrame) -> Accepted:
    row = min(rows.to_dicts(), key=lambda row: SUREST.index(row["basis"]))
    return Accepted(row["value"], row["evidence"], row["document"], row["period"], row["basis"])
