"""The answer to one file, put together from what was read, judged, compared and found.

Here: which facts go where. Not here: any rule (``verdict``, ``changes``, ``findings``, ``warnings``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dti_platform import feeds
from dti_platform.language import Bilingual
from dti_platform.reading import Book, Cell
from dti_platform.submissions import changes, findings, warnings
from dti_platform.submissions.answer import Answer, Finding, Sender, Standing
from dti_platform.submissions.held import Accepted, comparable, last_accepted
from dti_platform.submissions.verdict import Verdict

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.storage import Receipt, Store

__all__ = ["Composer"]

_COUNTS = ("cells", "accepted", "quarantined", "blank", "header", "note", "total")


@dataclass(frozen=True)
class Composer:
    """One file, judged; ``receipt`` is None in a dry run."""

    store: Store
    known: feeds.Known
    judged: Verdict
    receipt: Receipt | None

    def answer(self) -> Answer:
        """Everything that its sender is told."""
        judged, received = self.judged, self.judged.version.received
        feed = feeds.discover()[received.feed].FEED
        said = judged.version.parsed.submissions.row(0, named=True)
        counted, changed = self._changes()
        return Answer(
            receipt=self.receipt.number if self.receipt else None,
            received_at=self.receipt.received_at if self.receipt else None,
            feed=feed.id,
            feed_title=Bilingual(feed.title_vi, feed.title_en),
            file_name=received.name,
            sha256=received.sha256,
            sender=self._sender(),
            period=received.period,
            framework=said["framework"],
            evidence="illustrative" if "illustrative" in {said["evidence"], *self._new["evidence"]} else "official",
            outcome=judged.outcome,
            dry_run=self.receipt is None,
            refusal=judged.refusal,
            cells={name: said[name] for name in _COUNTS},
            counted=counted,
            changes=changed,
            findings=tuple(self._findings()),
            standing=self._standing(),
            supersedes=judged.held.received.number if judged.held and self._takes_place else None,
        )

    @property
    def _takes_place(self) -> bool:
        return self.judged.outcome in ("accepted", "accepted_in_part")

    @cached_property
    def book(self) -> Book | None:
        """What the file holds; None where it could not be opened."""
        opened = self.judged.version.received.opened
        return opened if isinstance(opened, Book) else None

    def _changes(self) -> tuple[Mapping[str, int], tuple[changes.Change, ...]]:
        """Against what is held; a refused file changes nothing."""
        held = self.judged.held.parsed.observations if self.judged.held else None
        if self.judged.refusal:
            return changes.compared(held, held if held is not None else self._new.clear(), {})
        nodes = self._framework.nodes.values() if self._framework else ()
        return changes.compared(held, self._new, {node.code: Bilingual(node.name_vi, node.name_en) for node in nodes})

    @property
    def _new(self) -> Any:
        return self.judged.version.parsed.observations

    def _findings(self) -> list[Finding]:
        version = self.judged.version
        if self.judged.status == "refused":
            return []
        maxima = {node.code: node.max_points for node in self._framework.nodes.values()} if self._framework else {}
        place = findings.Place(self.book, maxima)
        context = warnings.Context(version, place, self._framework, self._sheet, self._last(), self._came_on())
        return [*findings.errors(version, place), *warnings.warnings(context)]

    @cached_property
    def _sheet(self) -> Mapping[str, Mapping[str, Cell]]:
        """The cells of each row of a framework's sheet, by code and column; none where the file is no such sheet."""
        coded_rows = getattr(feeds.discover()[self.judged.version.received.feed], "coded_rows", None)
        if coded_rows is None or self.judged.version.sender is None or self.book is None:
            return {}
        return coded_rows(self.book)

    @cached_property
    def _framework(self) -> Framework | None:
        """The framework of a unit's sheet, of its group; with its overlay where that alone knows some of the rows.

        None where the file is no framework's sheet.
        """
        version = self.judged.version
        if not self._sheet or version.sender is None:
            return None
        unit, period = self.known.units.all[version.sender], version.received.period
        framework = self.known.frameworks.for_period(period, unit.geography)
        if framework is None:
            return None
        overlaid = self.known.frameworks.overlaid(framework)
        laid_over = any(code in overlaid.nodes and code not in framework.nodes for code in self._sheet)
        group = overlaid.group_of(unit.id, period, self.known.units)
        return (overlaid if laid_over else framework).of_group(group)

    def _came_on(self) -> dt.date | None:
        return dt.date.fromisoformat(self.receipt.received_at[:10]) if self.receipt else None

    def _last(self) -> Mapping[str, Accepted]:
        version = self.judged.version
        if version.sender is None or self._framework is None:
            return {}
        asked = (version.received.feed, version.sender, version.received.period)
        return last_accepted(self.store, *asked, frameworks=comparable(self.known, self._framework), before=True)

    def _sender(self) -> Sender | None:
        version = self.judged.version
        unit = self.known.units.all.get(version.sender or version.received.sender or "")
        return Sender(unit.id, Bilingual(unit.name_vi, unit.name_en)) if unit else None

    def _standing(self) -> Standing:
        """This one; but what is held where this one is refused, says the same, or was only tried."""
        if self.receipt and self._takes_place:
            return Standing(self.receipt.number, self.receipt.name, self.receipt.received_at, this_one=True)
        held = self.judged.held.received.number if self.judged.held else None
        found = next((each for each in self.store.landing.receipts() if each.number == held), None)
        if found is None:
            return Standing(None, None, None, this_one=False)
        return Standing(found.number, found.name, found.received_at, this_one=self.judged.unchanged)
