"""Versions of a submission: the newest acceptable one counts, for each unit, period and feed.

Here: the one rule, for files from every channel; finding the version that counts in a store, and the values accepted
before it. Not here: landing, where every earlier version stays. A sheet that states a version or day never replaces a
newer one, whenever it comes, even if a sheet that states none came between; a sheet that states none counts in order
of receipt. A file that can't be read or placed, or that has no figure, replaces nothing, not even a file of the same
name. Where a feed has no senders, a file's name stands for its sender.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform import feeds
from dti_platform.feeds import Known, Parsed, Received, Remark, Stated, discover, read, read_all, read_apart
from dti_platform.feeds.corrections import CorrectionError
from dti_platform.feeds.sheet.declaration import RAW
from dti_platform.language import Bilingual
from dti_platform.periods import Period, previous
from dti_platform.reading import Unreadable, read_top
from dti_platform.submissions import last_run

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.storage import Receipt, Store

Key = tuple[str, str, str]
#: The first rows of a sheet, which hold its title in the template.
_TITLE_ROWS = 8


class Latest(NamedTuple):
    """The newest version and day that the accepted sheets of a sender state, and the last receipt that states one."""

    stated: Stated
    receipt: int


class Version(NamedTuple):
    """A received file and what was read from it."""

    received: Received
    parsed: Parsed
    earlier: Latest | None = None
    """What the versions that it replaces state; None where none of them states a version or day."""

    @property
    def latest(self) -> Latest | None:
        """What its sender stated last: in this version, else in one that it replaces."""
        stated = self.parsed.stated
        if stated == Stated():
            return self.earlier
        before = self.earlier.stated if self.earlier else Stated()
        version = before.version if stated.version is None else stated.version
        return Latest(Stated(version, stated.on or before.on), self.received.number)

    @property
    def sender(self) -> str | None:
        """The unit of the file; None where its feed has no senders, or where it was refused."""
        return self.parsed.submissions["sender"][0]

    @property
    def counts(self) -> bool:
        """Whether it gives any figure."""
        return self.parsed.observations.height > 0

    @property
    def name_key(self) -> Key:
        """Feed, period and file name, with the name as people compare names."""
        return self.received.feed, self.received.period, folded_name(self.received.name)

    @property
    def sender_key(self) -> Key:
        """Feed, period and unit, or file name where no unit is known: one version of each counts."""
        return (*self.name_key[:2], self.sender) if self.sender else self.name_key

    @property
    def content_key(self) -> Key:
        """Feed, period and bytes."""
        return *self.name_key[:2], self.received.sha256

    def remarked(self, remarks: Iterable[Remark]) -> Version:
        """The version with further remarks."""
        return self._replace(parsed=replace(self.parsed, remarks=(*self.parsed.remarks, *remarks)))


def has_senders(feed: str) -> bool:
    """Whether each file of a feed belongs to a unit; else its name stands for its sender."""
    return feeds.discover()[feed].FEED.sender != "none"


def folded_name(name: str) -> str:
    """A file's name as people compare it: without regard to case and to the encoding of diacritics."""
    return unicodedata.normalize("NFC", name).casefold()


def read_version(received: Received, known: Known) -> Version:
    """Reads a file."""
    return Version(received, read(received, known))


def read_versions(batch: Sequence[Received], known: Known) -> Iterator[Version]:
    """Reads files; those from outside are read in one child process, within its bounds."""
    return map(Version, batch, read_all(read_apart(batch, known), known))


def broken(version: Version, unreadable: Unreadable) -> Version:
    """The version, refused for an error after it was read."""
    from dti_platform.feeds.framed import refused

    return version._replace(parsed=refused(discover()[version.received.feed].FEED, version.received, unreadable))


def is_older(stated: Stated, current: Stated) -> bool:
    """Whether a sheet states that it is older than the current one."""
    if stated.version is not None and current.version is not None and stated.version != current.version:
        return stated.version < current.version
    return stated.on is not None and current.on is not None and stated.on < current.on


def newest(versions: Iterable[Version]) -> Version | None:
    """The version of one sender that counts; None where none gives a figure."""
    current: Version | None = None
    for version in sorted(versions, key=_number):
        if version.counts and (current is None or _supersedes(version, current)):
            current = after(version, current)
    return current


def after(version: Version, current: Version | None) -> Version:
    """A version that replaces the current one, with what that one and those before it state."""
    return version._replace(earlier=current.latest) if current and current.latest else version


def _supersedes(version: Version, current: Version) -> bool:
    """Whether a later version replaces the current one; the same bytes sent again don't."""
    return version.content_key != current.content_key and not _is_outdated(version, current)


def _is_outdated(version: Version, current: Version) -> bool:
    """Whether a sheet is older than one that its sender stated, even if the current one states nothing."""
    return current.latest is not None and is_older(version.parsed.stated, current.latest.stated)


def _number(version: Version) -> int:
    return version.received.number


def _sender_key(version: Version) -> Key:
    return version.sender_key


def _name_key(version: Version) -> Key:
    return version.name_key


def why_older(version: Version, current: Version | None) -> Unreadable | None:
    """Why a sheet that is older than the one that counts is refused; None where it isn't older."""
    if current is None or current.latest is None or not _is_outdated(version, current):
        return None
    stated, latest, number = version.parsed.stated, current.latest, current.received.number
    details = {"stated": stated_text(stated), "receipt": latest.receipt, "counting": stated_text(latest.stated)}
    if latest.receipt == number:
        return Unreadable("older_than_held", "earlier_version", file=version.received.name, **details)
    return Unreadable("older_than_held", "earlier_than_stated", file=version.received.name, number=number, **details)


def stated_text(stated: Stated) -> Bilingual:
    """The version and day that a sheet states, if any."""
    vi = (f"phiên bản {stated.version}" if stated.version else "", f"ngày {stated.on:%d/%m/%Y}" if stated.on else "")
    en = (f"version {stated.version}" if stated.version else "", f"day {stated.on}" if stated.on else "")
    return Bilingual(*(", ".join(filter(None, parts)) for parts in (vi, en)))


def counting(versions: Iterable[Version], known: Known) -> list[Parsed]:
    """The counting content of files that stand together, in their order, and the last file of each name if refused.

    Replaced files are left out. The same bytes under two names count under the first, and so does a figure that two
    files give (``feeds.door``).

    Raises CorrectionError: the source of a file no longer has the error of a declared correction.
    """
    together = list(versions)
    by_receipt = counting_by_receipt(together, known)
    return [by_receipt[number] for number in map(_number, together) if number in by_receipt]


class WithOthers(NamedTuple):
    """A new version and the current one, each reduced to what counts beside other files; and what of those counts."""

    new: Version
    current: Version | None
    standing: Mapping[int, Parsed]
    """The counting content of each file so far, by receipt number."""


def with_others(version: Version, current: Version | None, others: Sequence[Version], known: Known) -> WithOthers:
    """Reconciles a version with standing files; a new one, which has no number yet, comes last."""
    standing = [other for other in others if not other.parsed.outlived]
    number = _number(version) or 1 + max(map(_number, standing), default=0)
    numbered = version._replace(received=replace(version.received, number=number))
    after, before = counting_by_receipt([*standing, numbered], known), counting_by_receipt(standing, known)
    same = next((_number(other) for other in standing if other.content_key == numbered.content_key), number)
    new = version._replace(parsed=after.get(number) or after.get(same, version.parsed))
    counts = current and current._replace(parsed=before.get(_number(current), current.parsed))
    return WithOthers(new, counts, before)


def counting_by_receipt(together: Sequence[Version], known: Known) -> dict[int, Parsed]:
    """The counting content of each file that stands with others, by receipt number; see ``counting``."""
    from dti_platform.feeds.door import reconciled

    winners = {winner.sender_key: winner for group in _group(together, _sender_key) if (winner := newest(group))}
    latest = (max(group, key=_number) for group in _group(together, _name_key))
    rejected = [version for last in latest if (version := _rejected(last, winners))]
    by_content: dict[Key, Version] = {}
    for version in sorted([*winners.values(), *rejected], key=_number):
        by_content.setdefault(version.content_key, version)
    seniors = _by_seniority(by_content.values(), together)
    return dict(zip(map(_number, seniors), reconciled(list(map(_checked, seniors)), known), strict=True))


def _by_seniority(chosen: Iterable[Version], together: Iterable[Version]) -> list[Version]:
    """Versions in the order in which their senders' first versions came: a later version keeps its precedence."""
    first: dict[Key, int] = {}
    for version in sorted((version for version in together if version.counts), key=_number):
        first.setdefault(version.sender_key, _number(version))
    return sorted(chosen, key=lambda version: (first.get(version.sender_key, _number(version)), _number(version)))


def _rejected(version: Version, winners: Mapping[Key, Version]) -> Version | None:
    """A version that is refused or gives no figure, with the reason; None for any other version."""
    winner = winners.get(version.sender_key)
    if not version.counts:
        return version
    unreadable = why_older(version, winner) if winner and winner.received.number < version.received.number else None
    return broken(version, unreadable) if unreadable else None


def _group(versions: Iterable[Version], key: Callable[[Version], Key]) -> list[list[Version]]:
    groups: defaultdict[Key, list[Version]] = defaultdict(list)
    for version in versions:
        groups[key(version)].append(version)
    return list(groups.values())


def _checked(version: Version) -> Parsed:
    if version.parsed.outlived:
        raise CorrectionError(version.parsed.outlived.en, version.parsed.outlived.vi)
    return version.parsed


def current_of_sender(
    store: Store, known: feeds.Known, feed: str, period: str, unit: str, *, before: int | None = None
) -> Version | None:
    """The version that counts for a unit, period and feed (``before`` a receipt came); None where there is none."""
    standing = _standing(store, feed, period, before)
    years = {receipt.year for receipt in standing}
    senders = {**senders_of_runs(store, years), **remembered_senders(store, feed, period)}
    unread = [receipt for receipt in standing if receipt.sha256 not in senders]
    learnt = dict(_senders_from_titles(store, known, unread))
    senders |= learnt
    candidates = [receipt for receipt in standing if (receipt.sender or senders.get(receipt.sha256, unit)) == unit]
    versions: list[Version] = []
    for version in _read_receipts(store, known, candidates):
        if version.sender and version.received.sha256 not in senders:
            learnt[version.received.sha256] = version.sender
        if version.sender == unit:
            versions.append(version)
    if learnt:
        store.cache.put(_cache_key(feed, period), json.dumps({**senders, **learnt}).encode())
    current = newest(versions)
    return current and _with_earlier_day(store, known, current, before)


def _with_earlier_day(store: Store, known: feeds.Known, current: Version, before: int | None) -> Version:
    """The current version of a sender, with what earlier accepted ones state where no day is known of it."""
    if current.latest and current.latest.stated.on:
        return current
    accepted, number = store.landing.held(before=before).accepted.values(), current.received.number
    same = next((receipts for receipts in accepted if number in {receipt.number for receipt in receipts}), [])
    for receipt in sorted(same, key=lambda receipt: receipt.number, reverse=True):
        if receipt.number < number and not receipt.repeats:
            (earlier,) = _read_receipts(store, known, [receipt])
            if earlier.parsed.stated.on:
                return after(current, earlier)
    return current


def current_by_name(
    store: Store, known: feeds.Known, feed: str, period: str, name: str, *, before: int | None = None
) -> Version | None:
    """The file that counts under a name (``before`` a receipt came): for feeds without senders."""
    standing = _standing(store, feed, period, before)
    same_name = [receipt for receipt in standing if folded_name(receipt.name) == folded_name(name)]
    return newest(_read_receipts(store, known, same_name))


def current_by_content(
    store: Store, known: feeds.Known, feed: str, period: str, sha256: str, *, before: int | None = None
) -> Version | None:
    """The file of these bytes that counts, whatever its name (``before`` a receipt came): for feeds without senders."""
    names = {receipt.name for receipt in _standing(store, feed, period, before) if receipt.sha256 == sha256}
    candidates = (current_by_name(store, known, feed, period, name, before=before) for name in sorted(names))
    return next((version for version in candidates if version and version.received.sha256 == sha256), None)


def _standing(store: Store, feed: str, period: str, before: int | None) -> list[Receipt]:
    standing = store.landing.standing(before=before)
    return [receipt for receipt in standing if (receipt.feed, receipt.period) == (feed, period)]


def _senders_from_titles(store: Store, known: feeds.Known, receipts: Iterable[Receipt]) -> Iterator[tuple[str, str]]:
    """The unit of each committed file whose title states it, by hash: most files need not be read entirely."""
    for receipt in receipts:
        find_code = getattr(feeds.discover()[receipt.feed], "code_said", None)
        if find_code and receipt.channel == store.feeds.name:
            with suppress(Unreadable):
                code = find_code(read_top(store.landing.read(receipt.sha256), receipt.name, _TITLE_ROWS))
                if code in known.units.all:
                    yield receipt.sha256, code


def senders_of_runs(store: Store, years: Iterable[int]) -> Mapping[str, str]:
    """The unit of each file that a run has read, by hash: such files need not be read again."""
    tables = [last_run.submissions(store, year) for year in years]
    rows = (row for table in tables if table is not None for row in table.select("file", "sender").iter_rows())
    return {file: sender for file, sender in rows if sender}


def remembered_senders(store: Store, feed: str, period: str) -> Mapping[str, str]:
    """The unit of each file that was read by ``current_of_sender`` before any run, by hash."""
    cached = store.cache.get(_cache_key(feed, period))
    return json.loads(cached) if cached else {}


def _cache_key(feed: str, period: str) -> str:
    return hashlib.sha256(f"senders of {feed} {period}".encode()).hexdigest()


def _read_receipts(store: Store, known: feeds.Known, receipts: Iterable[Receipt]) -> Iterator[Version]:
    """Reads received files, one after the other."""
    return read_versions([landed(store, receipt) for receipt in receipts], known)


def landed(store: Store, receipt: Receipt) -> feeds.Received:
    """A received file with its bytes; ``ours`` where it is from the committed feeds."""
    identity = (receipt.feed, receipt.period, receipt.name, receipt.sha256)
    ours = receipt.channel == store.feeds.name
    content = store.landing.read(receipt.sha256)
    number, rule = receipt.number, receipt.rule
    return feeds.Received(*identity, content, sender=receipt.sender, number=number, ours=ours, rule=rule)


class Accepted(NamedTuple):
    """The value accepted last at a node, and its evidence."""

    value: float
    evidence: str
    document: str | None
    period: str


def last_accepted(
    store: Store, feed: str, unit: str, period: str, *, frameworks: Iterable[str]
) -> Mapping[str, Accepted]:
    """The accepted values that a unit itself gave in the last comparable period before, by node, as runs read them.

    Only those under comparable frameworks; a year compares with a year, a half-year with a half-year.
    """
    latest = Period.parse(period).year
    for year in sorted((year for year in store.tables.years("observations") if year <= latest), reverse=True):
        if (table := last_run.observations(store, year)) is None:
            continue
        of_unit = pl.col("feed") == feed, pl.col("unit") == unit, pl.col("framework").is_in(list(frameworks))
        rows = table.filter(*of_unit, pl.col("basis") == "self", ~pl.col("measure").is_in(RAW))
        if last := previous(period, rows["period"].unique()):
            of_last = rows.filter(pl.col("period") == last)
            accepted = map(Accepted._make, of_last.select(Accepted._fields).rows())
            return dict(zip(of_last["node"], accepted, strict=True))
    return {}


def comparable(known: feeds.Known, framework: Framework) -> set[str]:
    """The framework versions whose figures are comparable with those of a framework: its family in its index."""
    family = framework.index, framework.family
    return {other.version for other in known.frameworks.all if (other.index, other.family) == family}
