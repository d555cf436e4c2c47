"""Versions of a submission: the newest acceptable one counts, for each unit, period and feed.

Here: the one rule, for files however they came; finding the version that counts in a store; and what was last accepted
before it. Not here: landing, where every earlier version stays. Of two sheets that state a version or day, the older
never replaces the newer, whenever it comes; sheets that state none count in the order in which they came. A file that
can't be read or placed, or that has no figure, replaces nothing, not even a file of the same name. Where a feed has no
senders, a file's name stands for its sender.
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

Place = tuple[str, str, str]
#: The rows of a sheet that a glance takes: its title, as in the template.
_TOP = 8


class Version(NamedTuple):
    """A received file and what it gave."""

    received: Received
    parsed: Parsed

    @property
    def sender(self) -> str | None:
        """The unit that it is of; None where its feed has no senders, or where it was refused."""
        return self.parsed.submissions["sender"][0]

    @property
    def counts(self) -> bool:
        """Whether it gives anything at all."""
        return self.parsed.observations.height > 0

    @property
    def name(self) -> Place:
        """Feed, period and the name that it came with, as people compare names."""
        return self.received.feed, self.received.period, plain(self.received.name)

    @property
    def place(self) -> Place:
        """Feed, period and unit, or name where no unit is known: who speaks, so that one version of it counts."""
        return (*self.name[:2], self.sender) if self.sender else self.name

    @property
    def content(self) -> Place:
        """Feed, period and bytes."""
        return *self.name[:2], self.received.sha256

    def remarked(self, remarks: Iterable[Remark]) -> Version:
        """The same with further remarks."""
        return self._replace(parsed=replace(self.parsed, remarks=(*self.parsed.remarks, *remarks)))


def has_senders(feed: str) -> bool:
    """Whether each file of a feed is of a unit; else its name stands for its sender."""
    return feeds.discover()[feed].FEED.sender != "none"


def plain(name: str) -> str:
    """A file's name as people compare it: capitals, and the way in which marks are stored, make no difference."""
    return unicodedata.normalize("NFC", name).casefold()


def read_version(received: Received, known: Known) -> Version:
    """What a file gives."""
    return Version(received, read(received, known))


def read_versions(batch: Sequence[Received], known: Known) -> Iterator[Version]:
    """What files give; those that are not ours are read in one child, within its bounds."""
    return map(Version, batch, read_all(read_apart(batch, known), known))


def broken(version: Version, unreadable: Unreadable) -> Version:
    """The version, refused for what went wrong with it after it was read."""
    from dti_platform.feeds.framed import refused

    return version._replace(parsed=refused(discover()[version.received.feed].FEED, version.received, unreadable))


def is_older(stated: Stated, current: Stated) -> bool:
    """Whether a sheet says that it is older than one that is held."""
    if stated.version is not None and current.version is not None and stated.version != current.version:
        return stated.version < current.version
    return stated.on is not None and current.on is not None and stated.on < current.on


def newest(versions: Iterable[Version]) -> Version | None:
    """The version of one sender that counts; None where none gives anything."""
    best: Version | None = None
    for each in sorted(versions, key=_number):
        if each.counts and (best is None or _supersedes(each, best)):
            best = each
    return best


def _supersedes(version: Version, current: Version) -> bool:
    """The same bytes once more are no later version."""
    return version.content != current.content and not is_older(version.parsed.stated, current.parsed.stated)


def _number(version: Version) -> int:
    return version.received.number


def _place(version: Version) -> Place:
    return version.place


def _name(version: Version) -> Place:
    return version.name


def older(version: Version, current: Version | None) -> Unreadable | None:
    """Why a sheet that is older than what is held is refused; None where it isn't."""
    if current is None or not is_older(version.parsed.stated, current.parsed.stated):
        return None
    name, number = version.received.name, current.received.number
    new, old = (_stated_text(each.parsed.stated) for each in (version, current))
    return Unreadable("older_than_held", "earlier_version", file=name, stated=new, receipt=number, counting=old)


def _stated_text(stated: Stated) -> Bilingual:
    """Version and day, as far as a sheet states them."""
    vi = (f"phiên bản {stated.version}" if stated.version else "", f"ngày {stated.on:%d/%m/%Y}" if stated.on else "")
    en = (f"version {stated.version}" if stated.version else "", f"day {stated.on}" if stated.on else "")
    return Bilingual(*(", ".join(filter(None, parts)) for parts in (vi, en)))


def counting(versions: Iterable[Version], known: Known) -> list[Parsed]:
    """What counts of files that stand together, in their order; and what came last under a name, but doesn't count.

    What another has taken the place of is left out; the same bytes under two names count under the first, and so does
    a figure that two files give (``feeds.door``).

    Raises CorrectionError: the source of one of them has outlived a declared correction.
    """
    listed = list(versions)
    given = by_receipt(listed, known)
    return [given[number] for number in map(_number, listed) if number in given]


class Beside(NamedTuple):
    """A new version, and the one that counts in its place, each as it counts beside others; and what of them counts."""

    new: Version
    held: Version | None
    standing: Mapping[int, Parsed]
    """By number of its receipt what counts of each file so far."""


def beside(version: Version, current: Version | None, others: Sequence[Version], known: Known) -> Beside:
    """A version beside others that stand; a new one, which has no number yet, comes last."""
    standing = [each for each in others if not each.parsed.outlived]
    number = _number(version) or 1 + max(map(_number, standing), default=0)
    came = version._replace(received=replace(version.received, number=number))
    after, before = by_receipt([*standing, came], known), by_receipt(standing, known)
    same = next((_number(each) for each in standing if each.content == came.content), number)
    new = version._replace(parsed=after.get(number) or after.get(same, version.parsed))
    held = current and current._replace(parsed=before.get(_number(current), current.parsed))
    return Beside(new, held, before)


def by_receipt(listed: Sequence[Version], known: Known) -> dict[int, Parsed]:
    """By number of its receipt what counts of each file that stands with others; see ``counting``."""
    from dti_platform.feeds.door import reconciled

    winners = {each.place: each for group in _grouped(listed, _place) if (each := newest(group))}
    late = [each for group in _grouped(listed, _name) if (each := _in_vain(max(group, key=_number), winners))]
    once: dict[Place, Version] = {}
    for each in sorted([*winners.values(), *late], key=_number):
        once.setdefault(each.content, each)
    seniors = _by_seniority(once.values(), listed)
    return dict(zip(map(_number, seniors), reconciled(list(map(_met, seniors)), known), strict=True))


def _by_seniority(chosen: Iterable[Version], listed: Iterable[Version]) -> list[Version]:
    """Versions in the order in which the first of their places came: a later version of a file keeps its figures."""
    since: dict[Place, int] = {}
    for each in sorted((each for each in listed if each.counts), key=_number):
        since.setdefault(each.place, each.received.number)
    return sorted(chosen, key=lambda each: (since.get(each.place, each.received.number), each.received.number))


def _in_vain(version: Version, winners: Mapping[Place, Version]) -> Version | None:
    """A version that came after what counts in its place and takes nothing away, with its reason; None: another."""
    winner = winners.get(version.place)
    if not version.counts:
        return version
    unreadable = older(version, winner) if winner and winner.received.number < version.received.number else None
    return broken(version, unreadable) if unreadable else None


def _grouped(versions: Iterable[Version], by: Callable[[Version], Place]) -> list[list[Version]]:
    groups: defaultdict[Place, list[Version]] = defaultdict(list)
    for each in versions:
        groups[by(each)].append(each)
    return list(groups.values())


def _met(version: Version) -> Parsed:
    if version.parsed.outlived:
        raise CorrectionError(version.parsed.outlived.en, version.parsed.outlived.vi)
    return version.parsed


def held_by_sender(
    store: Store, known: feeds.Known, feed: str, period: str, unit: str, *, before: int | None = None
) -> Version | None:
    """The version that counts for a unit, period and feed (``before`` a receipt came); None where there is none."""
    standing = _standing(store, feed, period, before)
    senders = {**senders_of_runs(store, {each.year for each in standing}), **remembered_senders(store, feed, period)}
    glanced = dict(_glanced(store, known, [each for each in standing if each.sha256 not in senders]))
    senders |= glanced
    likely = [each for each in standing if (each.sender or senders.get(each.sha256, unit)) == unit]
    own: list[Version] = []
    for each in _read(store, known, likely):
        if each.sender and each.received.sha256 not in senders:
            glanced[each.received.sha256] = each.sender
        if each.sender == unit:
            own.append(each)
    if glanced:
        store.cache.put(_key(feed, period), json.dumps({**senders, **glanced}).encode())
    return newest(own)


def held_by_name(
    store: Store, known: feeds.Known, feed: str, period: str, name: str, *, before: int | None = None
) -> Version | None:
    """The file that counts under a name (``before`` a receipt came): for feeds without senders."""
    standing = _standing(store, feed, period, before)
    return newest(_read(store, known, [each for each in standing if plain(each.name) == plain(name)]))


def held_by_content(
    store: Store, known: feeds.Known, feed: str, period: str, sha256: str, *, before: int | None = None
) -> Version | None:
    """The file of these bytes that counts, whatever its name (``before`` a receipt came): for feeds without senders."""
    names = {each.name for each in _standing(store, feed, period, before) if each.sha256 == sha256}
    held = (held_by_name(store, known, feed, period, name, before=before) for name in sorted(names))
    return next((each for each in held if each and each.received.sha256 == sha256), None)


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


def senders_of_runs(store: Store, years: Iterable[int]) -> Mapping[str, str]:
    """The unit of each file that a run has read, so that not every file need be read again."""
    read = [last_run.submissions(store, year) for year in years]
    rows = (row for frame in read if frame is not None for row in frame.select("file", "sender").iter_rows())
    return {file: sender for file, sender in rows if sender}


def remembered_senders(store: Store, feed: str, period: str) -> Mapping[str, str]:
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
    number, rule = receipt.number, receipt.rule
    return feeds.Received(*named, content, sender=receipt.sender, number=number, ours=ours, rule=rule)


class Accepted(NamedTuple):
    """What was last accepted at a node, and what it rests on."""

    value: float
    evidence: str
    document: str | None
    period: str


def last_accepted(
    store: Store, feed: str, unit: str, period: str, *, frameworks: Iterable[str]
) -> Mapping[str, Accepted]:
    """By node: the accepted values that a unit itself gave in the last comparable period before, as runs read them.

    Only those under comparable frameworks; a year compares with a year, a half-year with a half-year.
    """
    this = Period.parse(period).year
    for year in sorted((year for year in store.tables.years("observations") if year <= this), reverse=True):
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
    """The versions whose figures mean the same as those of a framework: its family in its index."""
    alike = framework.index, framework.family
    return {each.version for each in known.frameworks.all if (each.index, each.family) == alike}
