"""One release, as the ledger records it.

Here: what is known of a release without opening its files. Not here: publishing and finding releases
(``releases``), nor reading them (``opened``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from dti_platform.storage.ledger import Entry

__all__ = ["Release"]

#: A day is a day in Vietnam (UTC+7, no summer time).
VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Release:
    """A published release, as the ledger records it.

    Attributes:
        number: its place among all releases, from 1.
        name: number and short hash of content.
        content: sha256 of all that it says.
        kind: scheduled, revision or correction.
        reason: why, for the last two.
        published_at: UTC, as the clock said.
        files: sha256 of each of its files.
        record: what it was made from (receipts, frameworks, code, lock), as the publisher gave it.
        path: where it lies.
        entry: the ledger's entry that records it.
    """

    number: int
    name: str
    content: str
    kind: str
    reason: str | None
    published_at: str
    files: Mapping[str, str]
    record: Mapping[str, Any]
    path: Path
    entry: Entry

    @property
    def names(self) -> tuple[str, str, str]:
        """By what it may be asked for: its name, its number, and its number as its name and ``revisions`` write it."""
        return self.name, str(self.number), f"{self.number:04}"

    @property
    def published_on(self) -> date:
        """The day in Vietnam on which it was published."""
        return datetime.fromisoformat(self.published_at).astimezone(VIETNAM).date()

    @classmethod
    def recorded(cls, number: int, entry: Entry, folder: Path) -> Release:
        """The release that an entry of the ledger records, the ``number``-th of its kind."""
        body = entry.body
        return cls(
            number=number,
            name=body["release"],
            content=body["content"],
            kind=body["type"],
            reason=body["reason"],
            published_at=entry.at,
            files=body["files"],
            record=body["record"],
            path=folder / body["release"],
            entry=entry,
        )
