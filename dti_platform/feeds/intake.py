"""The intake of one received file: collects what it gives, and holds that no cell of it vanishes.

Here: rows of observations and quarantine as plain tuples, and one fate for every cell. Not here:
what a cell means (each feed), nor the words of a reason (``reasons``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import polars as pl

from dti_platform.feeds import Feed, Parsed, Received
from dti_platform.feeds.reasons import REASONS, REFUSALS
from dti_platform.reading import Book, Cell, Unreadable
from dti_platform.tables import Observations, Quarantine, Submissions, Table, polars_schema

__all__ = ["Fate", "Intake", "LostCells", "refused"]

Fate = Literal["accepted", "quarantined", "blank", "header", "note", "total"]
FATES: tuple[Fate, ...] = ("accepted", "quarantined", "blank", "header", "note", "total")

_OBSERVATIONS = polars_schema(Observations)
_QUARANTINE = polars_schema(Quarantine)
_SUBMISSIONS = polars_schema(Submissions)
_OBSERVATION_KEY = tuple(
    list(_OBSERVATIONS).index(n) for n in ("source", "period", "unit", "group", "node", "measure", "basis")
)


class LostCells(AssertionError):
    """A feed left a cell without a fate: a fault of ours, never of the sender."""


class Intake:
    """Rows and fates of one file. Every cell that holds something gets exactly one fate.

    ``observe`` and ``quarantine`` give their cell its fate; ``mark`` gives the others theirs. A
    later ``quarantined`` overrides an earlier ``accepted``, never the other way round.
    """

    def __init__(
        self, feed: Feed, received: Received, book: Book, *, geography: str, framework: str | None = None,
        sender: str | None = None, evidence: str | None = None, source: str | None = None,
    ) -> None:  # fmt: skip
        """The keyword arguments are what holds for the whole file; ``observe`` can override some per cell."""
        self.feed, self.received, self.book = feed, received, book
        self.geography, self.framework, self.sender = geography, framework, sender
        self.evidence = evidence or feed.evidence
        self.source = source or (f"submission {sender}" if sender else received.name)
        self._fates: dict[str, Fate] = {}
        self._observations: list[tuple[object, ...]] = []
        self._quarantine: list[tuple[object, ...]] = []
        self._first: dict[tuple[object, ...], str] = {}

    def observe(
        self, cell: Cell, *, unit: str, node: str, measure: str, basis: str, value: Decimal | float, unit_measure: str,
        source: str | None = None, period: str | None = None, geography: str | None = None,
        framework: str | None | Literal["of the file"] = "of the file", group: str | None = None,
        qualifier: str = "exact", denominator: Decimal | float | None = None, obs_status: str = "A",
        certainty: str = "submitted", evidence: str | None = None, document: str | None = None,
    ) -> None:  # fmt: skip
        """Accepts a cell as one observation; a second one of the same key is quarantined as repeated."""
        row = (
            self.feed.id, source or self.source, period or self.received.period, geography or self.geography,
            self.framework if framework == "of the file" else framework, unit, group, node, measure, basis,
            float(value), qualifier, unit_measure, None if denominator is None else float(denominator), obs_status,
            certainty, evidence or self.evidence, self.received.sha256, self.received.name, cell.locator, cell.raw, document,
        )  # fmt: skip
        key = tuple(row[at] for at in _OBSERVATION_KEY)
        first = self._first.setdefault(key, cell.locator)
        if first != cell.locator:
            self.quarantine(cell, "repeated_value", unit=unit, node=node, first=first)
            return
        self._observations.append(row)
        self._fates.setdefault(cell.locator, "accepted")

    def quarantine(
        self, cell: Cell, reason: str, *, unit: str | None = None, node: str | None = None, **details: object
    ) -> None:
        """Holds a cell back with its reason (a code of ``REASONS``); ``details`` fill the words."""
        words = REASONS[reason]
        filled = [text.format_map(details) for text in words[1:]]
        self._quarantine.append(
            (self.feed.id, self.received.sha256, self.received.name, cell.locator, self.received.period, unit, node,
             cell.raw, words.error_class, reason, *filled)
        )  # fmt: skip
        self._fates[cell.locator] = "quarantined"

    def hold(
        self, cells: Iterable[Cell], *, culprit: Cell, reason: str, unit: str | None = None, node: str | None = None,
        **details: object,
    ) -> None:  # fmt: skip
        """Quarantines a row for one culprit: the culprit with its reason, the others as held with it."""
        self.quarantine(culprit, reason, unit=unit, node=node, **details)
        for cell in cells:
            if cell.locator != culprit.locator and not cell.blank:
                self.quarantine(cell, "held_with_row", unit=unit, node=node)

    def mark(self, fate: Fate, cells: Iterable[Cell]) -> None:
        """Gives cells a fate, where they have none yet. A blank is counted only when it is declared here as blank."""
        for cell in cells:
            if fate == "blank" or not cell.blank:
                self._fates.setdefault(cell.locator, fate)

    def parsed(self) -> Parsed:
        """The three frames.

        Raises LostCells where a cell that holds something has no fate.
        """
        lost = [cell.locator for cell in self.book.cells() if cell.locator not in self._fates]
        if lost:
            raise LostCells(
                f"{self.received.name}: {len(lost)} cells have no fate, the first is {lost[0]}; mark them in {self.feed.id}"
            )
        counts = Counter(self._fates.values())
        status = "accepted_in_part" if counts["quarantined"] else "accepted"
        submission = _submission(
            self.feed, self.received, self.sender, self.framework, self.evidence, status, None, counts
        )
        return Parsed(
            _frame(self._observations, _OBSERVATIONS, Observations),
            _frame(self._quarantine, _QUARANTINE, Quarantine).unique(
                ["feed", "file", "locator", "reason"], maintain_order=True
            ),
            _frame([submission], _SUBMISSIONS, Submissions),
        )


def refused(feed: Feed, received: Received, refusal: Unreadable) -> Parsed:
    """A file of which nothing can be used: kept, and its reason said in both languages."""
    words = REFUSALS[refusal.reason]
    reason = f"{refusal.reason}: {words.vi} / {words.en}: {refusal.detail}"
    submission = _submission(feed, received, None, None, feed.evidence, "refused", reason, Counter())
    return Parsed(
        _frame([], _OBSERVATIONS, Observations),
        _frame([], _QUARANTINE, Quarantine),
        _frame([submission], _SUBMISSIONS, Submissions),
    )


def _submission(
    feed: Feed, received: Received, sender: str | None, framework: str | None, evidence: str, status: str,
    reason: str | None, counts: Counter[Fate],
) -> tuple[object, ...]:  # fmt: skip
    return (
        feed.id, received.sha256, received.name, sender, received.period, framework, evidence, status, reason,
        counts.total(), *(counts[fate] for fate in FATES),
    )  # fmt: skip


def _frame(rows: Sequence[tuple[object, ...]], schema: Mapping[str, pl.DataType], model: type[Table]) -> pl.DataFrame:
    """Rows turned into columns, at once."""
    columns = zip(*rows) if rows else [()] * len(schema)
    return pl.DataFrame([pl.Series(name, column, dtype=kind) for (name, kind), column in zip(schema.items(), columns)])
