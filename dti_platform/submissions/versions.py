"""Which of a sender's submissions counts: the newest that is acceptable, for each unit, period and feed.

Here: the one rule, for files however they came. Not here: landing, where every earlier one stays. By the version or
day that two sheets state, the older of them never takes the newer's place, whenever it comes; sheets that state none
count in the order in which they came. A file that can't be read or placed, or that gives nothing, takes nobody's place,
not even under the name of another. Where a feed has no senders, a file's name stands for its sender.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dti_platform.feeds import Known, Parsed, Received, Stated, discover, opened_all, read
from dti_platform.feeds.corrections import CorrectionError
from dti_platform.language import Bilingual
from dti_platform.reading import Unreadable

__all__ = ["Version", "counting", "is_older", "newest", "older", "plain", "read_version", "read_versions"]

Place = tuple[str, str, str]


class Version(NamedTuple):
    """A received file and what it gave."""

    received: Received
    parsed: Parsed
    outlived: CorrectionError | None = None
    """A declared correction that the source has outlived: it is not applied then."""

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


def plain(name: str) -> str:
    """A file's name as people compare it: capitals, and the way in which marks are stored, make no difference."""
    return unicodedata.normalize("NFC", name).casefold()


def read_version(received: Received, known: Known) -> Version:
    """What a file gives."""
    try:
        return Version(received, read(received, known))
    except CorrectionError as error:
        return Version(received, read(received, known, as_received=True), error)


def read_versions(batch: Sequence[Received], known: Known) -> Iterator[Version]:
    """What files give; those that are not ours are opened in one child, within its bounds."""
    for received, opened in zip(batch, opened_all(batch, known), strict=True):
        yield read_version(opened, known)._replace(received=received)


def is_older(stated: Stated, held: Stated) -> bool:
    """Whether a sheet says that it is older than one that is held."""
    if stated.version is not None and held.version is not None and stated.version != held.version:
        return stated.version < held.version
    return stated.on is not None and held.on is not None and stated.on < held.on


def newest(versions: Iterable[Version]) -> Version | None:
    """The version of one sender that counts; None where none gives anything."""
    found: Version | None = None
    for each in sorted(versions, key=_number):
        if each.counts and (found is None or _supersedes(each, found)):
            found = each
    return found


def _supersedes(version: Version, held: Version) -> bool:
    """The same bytes once more are no later version."""
    return version.content != held.content and not is_older(version.parsed.stated, held.parsed.stated)


def _number(version: Version) -> int:
    return version.received.number


def _place(version: Version) -> Place:
    return version.place


def _name(version: Version) -> Place:
    return version.name


def older(version: Version, held: Version | None) -> Unreadable | None:
    """Why a sheet that is older than what is held is refused; None where it isn't."""
    if held is None or not is_older(version.parsed.stated, held.parsed.stated):
        return None
    name, number = version.received.name, held.received.number
    new, old = (_told(each.parsed.stated) for each in (version, held))
    return Unreadable("older_than_held", "earlier_version", file=name, stated=new, receipt=number, counting=old)


def _told(stated: Stated) -> Bilingual:
    """Version and day, as far as a sheet states them."""
    vi = (f"phiên bản {stated.version}" if stated.version else "", f"ngày {stated.on:%d/%m/%Y}" if stated.on else "")
    en = (f"version {stated.version}" if stated.version else "", f"day {stated.on}" if stated.on else "")
    return Bilingual(*(", ".join(filter(None, told)) for told in (vi, en)))


def counting(versions: Iterable[Version]) -> list[Parsed]:
    """What counts of files that stand together, in their order; and what came last under a name, but doesn't count.

    What another has taken the place of is left out; the same bytes under two names count under the first.

    Raises CorrectionError: the source of one of them has outlived a declared correction.
    """
    held = list(versions)
    winners = {each.place: each for group in _grouped(held, _place) if (each := newest(group))}
    late = [each for group in _grouped(held, _name) if (each := _in_vain(max(group, key=_number), winners))]
    once: dict[Place, Version] = {}
    for each in sorted([*winners.values(), *late], key=_number):
        once.setdefault(each.content, each)
    chosen = {each.received.number: each for each in once.values()}
    return [_met(chosen[number]) for number in map(_number, held) if number in chosen]


def _in_vain(version: Version, winners: Mapping[Place, Version]) -> Version | None:
    """A version that came after what counts in its place and takes nothing away, with its reason; None: another."""
    from dti_platform.feeds.intake import refused

    winner = winners.get(version.place)
    if not version.counts:
        return version
    unreadable = older(version, winner) if winner and winner.received.number < version.received.number else None
    if unreadable is None:
        return None
    return version._replace(parsed=refused(discover()[version.received.feed].FEED, version.received, unreadable))


def _grouped(versions: Iterable[Version], by: Callable[[Version], Place]) -> list[list[Version]]:
    groups: defaultdict[Place, list[Version]] = defaultdict(list)
    for each in versions:
        groups[by(each)].append(each)
    return list(groups.values())


def _met(version: Version) -> Parsed:
    if version.outlived:
        raise version.outlived
    return version.parsed
