"""Which of a sender's submissions counts: the newest, for each unit, period and feed.

Here: the one rule, for files however they came. Not here: landing, where every earlier one stays. By the version or
day that two sheets state, the older of them never takes the newer's place, whenever it comes; sheets that state none
count in the order in which they came. A refused or empty file takes nobody's place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dti_platform.feeds import Parsed, Received, Stated

__all__ = ["Version", "counting", "is_older", "newest"]


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


def is_older(stated: Stated, held: Stated) -> bool:
    """Whether a sheet says that it is older than one that is held."""
    if stated.version is not None and held.version is not None and stated.version != held.version:
        return stated.version < held.version
    return stated.on is not None and held.on is not None and stated.on < held.on


def newest(versions: Iterable[Version]) -> Version | None:
    """The version of one sender that counts; None where none gives anything."""
    found: Version | None = None
    for each in sorted(versions, key=lambda version: version.received.number):
        if each.counts and (found is None or not is_older(each.parsed.stated, found.parsed.stated)):
            found = each
    return found


def counting(versions: Iterable[Version]) -> list[Parsed]:
    """What counts of files that stand together, in their order; what another has taken the place of is left out."""
    held = list(versions)
    by_sender: dict[tuple[str, str, str], list[Version]] = {}
    for each in held:
        if each.sender is not None and each.counts:
            by_sender.setdefault((each.received.feed, each.received.period, each.sender), []).append(each)
    superseded = {id(each) for group in by_sender.values() for each in group if each is not newest(group)}
    return [each.parsed for each in held if id(each) not in superseded]
