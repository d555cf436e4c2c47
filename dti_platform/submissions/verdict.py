"""A file beside what is held: whether it counts, in whose place, and why not.

Here: what is refused for the sake of what is held, or because it gives nothing. Not here: what is refused because it
can't be read or placed (``feeds``), nor single cells (``findings``).
"""

from __future__ import annotations

from dataclasses import dataclass

from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.submissions.answer import Outcome, Refusal
from dti_platform.submissions.versions import Version, older

__all__ = ["Verdict", "judge", "refusal"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A file as read, beside what is held, and why nothing of it counts, if so."""

    version: Version
    held: Version | None
    refusal: Refusal | None

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


def judge(version: Version, held: Version | None) -> Verdict:
    """Whether a file counts: it is refused where it can't be placed, gives nothing, or is older than what is held."""
    unreadable = version.parsed.refusal
    if unreadable is None and version.counts:
        unreadable = older(version, held)
    return Verdict(version, held, refusal(unreadable.reason, unreadable.detail) if unreadable else _empty(version))


def _empty(version: Version) -> Refusal | None:
    if version.counts:
        return None
    detail = catalogue("file")["nothing_given"].detail["no_figure"]
    return refusal("nothing_given", detail.format(file=version.received.name))


def refusal(reason: str, detail: Bilingual) -> Refusal:
    """Why nothing of a file counts, with how to mend it: ``reason`` is a code of the catalogue of problems."""
    problem = catalogue("file")[reason]
    return Refusal(reason, problem.why, detail, problem.fix)
