"""What is held of a sender: the version that counts, and what was last accepted before a period.

Here: finding and reading it. Not here: the rule of which version counts (``submissions.versions``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from dti_platform import feeds
from dti_platform.periods import Period
from dti_platform.reading import Unreadable, read_top
from dti_platform.submissions.versions import Version, newest, plain, read_versions

if TYPE_CHECKING:
    from dti_platform.storage import Receipt, Store

__all__ = ["Accepted", "comparable", "held_by_name", "held_by_sender", "landed", "last_accepted"]

#: The rows of a sheet that a glance takes: its title, as in the template.
_TOP = 8
#: The surest basis first: what a score last stood at.
SUREST = ("final", "verified", "self")


def held_by_sender(
    store: Store, known: feeds.Known, feed: str, period: str, unit: str, *, before: int | None = None
) -> Version | None:
    """The version that counts for a unit, period and feed (``before`` a receipt came); None where there is none."""
    standing = _standing(store, feed, period, before)
    senders = {**_senders(store, {each.year for each in standing}), **_remembered(store, feed, period)}
    found = dict(_glanced(store, known, [each for each in standing if each.sha256 not in senders]))
    senders |= found
    likely = [each for each in standing if (each.sender or senders.get(each.sha256, unit)) == unit]
    own: list[Version] = []
    for each in _read(store, known, likely):
        if each.sender and each.received.sha256 not in senders:
            found[each.received.sha256] = each.sender
        if each.sender == unit:
            own.append(each)
    if found:
        store.cache.put(_key(feed, period), json.dumps({**senders, **found}).encode())
    return newest(own)


def held_by_name(
    store: Store, known: feeds.Known, feed: str, period: str, name: str, *, before: int | None = None
) -> Version | None:
    """The file that counts under a name (``before`` a receipt came): for feeds without senders."""
    standing = _standing(store, feed, period, before)
    return newest(_read(store, known, [each for each in standing if plain(each.name) == plain(name)]))


def _standing(store: Store, feed: str, period: str, before: int | None) -> list[Receipt]:
    return [each for each in store.landing.standing(before=before) if (each.feed, each.period) == (feed, period)]


def _glanced(store: Store, known: feeds.Known, receipts: Iterable[Receipt]) -> Iterator[tuple[str, str]]:
    """The only unit that a file of our own can be of, where its first rows settle that: most need not be read whole."""
    for each in receipts:
        asked = getattr(feeds.discover()[each.feed], "code_said", None)
        if asked and each.channel == store.feeds.name:
            with suppress(Unreadable):
                code = asked(read_top(store.landing.read(each.sha256), each.name, _TOP))
                if code in known.units.all:
                    yield each.sha256, code


def _senders(store: Store, years: Iterable[int]) -> Mapping[str, str]:
    """The unit of each file that a run has read, so that not every file need be read again."""
    read = [store.tables.read("submissions", year) for year in years if store.tables.has("submissions", year)]
    rows = (row for frame in read for row in frame.select("file", "sender").iter_rows())
    return {file: sender for file, sender in rows if sender}


def _remembered(store: Store, feed: str, period: str) -> Mapping[str, str]:
    """The unit of each file that was read here before, where no run has read it yet."""
    kept = store.cache.get(_key(feed, period))
    return json.loads(kept) if kept else {}


def _key(feed: str, period: str) -> str:
    return hashlib.sha256(f"senders of {feed} {period}".encode()).hexdigest()


def _read(store: Store, known: feeds.Known, receipts: Iterable[Receipt]) -> Iterator[Version]:
    """What was received, one after the other: few of many are of use."""
    return read_versions([landed(store, each) for each in receipts], known)


def landed(store: Store, receipt: Receipt) -> feeds.Received:
    """A received file with its bytes; a file of the committed feeds is our own."""
    named = (receipt.feed, receipt.period, receipt.name, receipt.sha256)
    ours = receipt.channel == store.feeds.name
    content = store.landing.read(receipt.sha256)
    return feeds.Received(*named, content, sender=receipt.sender, number=receipt.number, ours=ours)


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
    last = Period.parse(period).year
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
