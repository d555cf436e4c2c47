"""A file beside what is held: whether it counts, in whose place, and why not.

Here: what is refused for the sake of what is held, or because it gives nothing. Not here: what is refused because it
can't be read or placed (``feeds``), nor single cells (``findings``).
"""

from __future__ import annotations

from dataclasses import dataclass

from dti_platform.feeds.reasons import REFUSALS
from dti_platform.feeds.supersession import Version, is_older
from dti_platform.report.answer import Outcome, Refusal, Said

__all__ = ["Judged", "judge"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A file as read, beside what is held, and why nothing of it counts, if so."""

    version: Version
    held: Version | None
    refusal: Refusal | None
    outlived: str | None
    """A declared correction that the source has outlived."""

    @property
    def unchanged(self) -> bool:
        """The very bytes that count already."""
        return self.held is not None and self.held.received.sha256 == self.version.received.sha256

    @property
    def status(self) -> str:
        """As the file by itself was read: accepted, accepted_in_part, refused."""
        return self.version.parsed.submissions["status"][0]

    @property
    def outcome(self) -> Outcome:
        """What becomes of it."""
        if self.refusal:
            return "refused"
        if self.unchanged:
            return "unchanged"
        return "accepted" if self.status == "accepted" else "accepted_in_part"


def judge(version: Version, held: Version | None, outlived: str | None) -> Judged:
    """Whether a file counts: it is refused where it can't be placed, gives nothing, or is older than what is held."""
    return Judged(version, held, _unreadable(version) or _empty(version) or _older(version, held), outlived)


def _unreadable(version: Version) -> Refusal | None:
    submission = version.parsed.submissions.row(0, named=True)
    if submission["status"] != "refused":
        return None
    reason, _, told = str(submission["reason"]).partition(": ")
    return _refused(reason, told.rpartition(f"{REFUSALS[reason].en}: ")[2])


def _empty(version: Version) -> Refusal | None:
    if version.counts:
        return None
    return _refused("nothing_given", f"{version.received.name} gives no figure that can be taken")


def _older(version: Version, held: Version | None) -> Refusal | None:
    if held is None or not is_older(version.parsed.stated, held.parsed.stated):
        return None
    new, old = (" ".join(str(part) for part in each.parsed.stated if part) for each in (version, held))
    return _refused("older_than_held", f"{version.received.name} states {new}; receipt {held.received.number}: {old}")


def _refused(reason: str, detail: str) -> Refusal:
    words = REFUSALS[reason]
    return Refusal(reason, Said(words.vi, words.en), detail)
