"""The answer to one file, composed of the verdict, the changes against the version that counts, errors and warnings.

Here: which facts go where, and comparing two readings figure by figure. Not here: which version counts (``versions``),
what is refused or an error (``verdict``), nor any warning (``warnings``). Composing an answer and its forms happens
outside the child that reads: the cost grows with the cells, whose number and length ``reading.limits`` bounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import feeds
from dti_platform.amounts import amount_of
from dti_platform.feeds.blank import sent_template
from dti_platform.feeds.sheet.declaration import BASES, RAW
from dti_platform.language import Bilingual, format_number
from dti_platform.problems import catalogue
from dti_platform.reading import Book, Cell, normalise
from dti_platform.submissions import warnings
from dti_platform.submissions.answer import Answer, AnsweredFile, Change, Finding, Refusal, Sender, Standing
from dti_platform.submissions.consequence import with_file
from dti_platform.submissions.points import with_computed_points
from dti_platform.submissions.standing_scores import standing_scores
from dti_platform.submissions.verdict import Cells, Verdict, errors
from dti_platform.submissions.versions import Accepted, comparable, last_accepted

if TYPE_CHECKING:
    import datetime as dt

    from dti_platform.methodology import Framework, Node
    from dti_platform.storage import Receipt, Store
    from dti_platform.tables import Row
    from dti_platform.units import Unit

#: The key of a figure, and the columns that are equal in two readings of an unchanged figure, beside its document.
_KEY = ("source", "period", "unit", "peer_group", "node", "measure", "basis")
_CONTENT = ("value", "qualifier", "unit_measure", "denominator", "obs_status")
#: How many findings, changes and consequences an answer lists, and how many findings it counts at most.
MOST_LISTED, MOST_FOUND = 500, 20_000
#: The extensions of workbooks.
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
Names = Mapping[str, Bilingual]
_COUNTS = ("cells", "accepted", "quarantined", "blank", "header", "note", "total")


@dataclass(frozen=True)
class Composer:
    """Composes the answer to one file from its verdict; ``received_on`` is None in a dry run."""

    store: Store
    known: feeds.Known
    verdict: Verdict
    received_on: dt.date | None

    def answered_file(self) -> AnsweredFile:
        """The answer with its file; a file on which the reader failed is not examined again."""
        module, refusal = feeds.discover()[self.verdict.version.received.feed], self.verdict.refusal
        reader_failed = refusal is not None and refusal.reason == "broken_reader"
        template = sent_template(self.book, module, self.known) if self.book and not reader_failed else None
        return AnsweredFile(self.answer(), self.book, template)

    def answer(self) -> Answer:
        """The answer as in a dry run, before the file is kept."""
        verdict, received = self.verdict, self.verdict.version.received
        feed = feeds.discover()[received.feed].FEED
        record = verdict.version.parsed.submissions.row(0, named=True)
        counted, changes = self._changes()
        findings = list(islice(self._findings(), MOST_FOUND))
        comparison = with_file(self.store, self.known, verdict.version, verdict.current, counts=self._would_count)
        return Answer(
            outcome=verdict.outcome,
            consequences=tuple(islice(comparison.consequences(), MOST_LISTED)),
            receipt=None,
            received_at=None,
            feed=feed.id,
            feed_title=Bilingual(feed.title_vi, feed.title_en),
            file_name=received.name,
            sha256=received.sha256,
            sender=self._sender(),
            period=received.period,
            framework=record["framework"],
            evidence=record["evidence"],
            dry_run=True,
            refusal=self._refusal(),
            cells={name: record[name] for name in _COUNTS},
            counted=counted,
            changes=changes[:MOST_LISTED],
            findings=tuple(findings[:MOST_LISTED]),
            standing=self._standing(),
            supersedes=verdict.current.received.number if verdict.current and self._is_accepted else None,
            withdrawn_before=verdict.withdrawn_before,
            by_operator=verdict.by_operator and verdict.outcome == "waiting",
            unlisted=dict(Counter(finding.severity for finding in findings[MOST_LISTED:])),
        )

    def with_receipt(self, answered: AnsweredFile, receipt: Receipt) -> AnsweredFile:
        """The answer once the file has a receipt; the same bytes under another name count by the first receipt."""
        answer, number, received_at = answered.answer, receipt.number, receipt.received_at
        first = self.store.landing.receipt(receipt.repeats) if receipt.repeats else receipt
        current = Standing(first.number, first.name, first.received_at, this_one=True)
        standing = current if self._is_accepted else answer.standing
        answer = replace(answer, receipt=number, received_at=received_at, dry_run=False, standing=standing)
        held = self.store.landing.held()
        confirms = receipt.repeats if held.confirmed_by.get(receipt.repeats) == number else None
        confirmation = held.confirmed.get(number)
        confirmed_at = confirmation.confirmed_at if confirmation else None
        return replace(answered, answer=replace(answer, confirms=confirms, confirmed_at=confirmed_at))

    def _refusal(self) -> Refusal | None:
        """Why the file is refused; for a text file with a workbook's extension also that it is text."""
        refusal, name = self.verdict.refusal, self.verdict.version.received.name
        is_text = self.book is not None and all(sheet.name is None for sheet in self.book.sheets)
        if refusal is None or not is_text or not name.lower().endswith(WORKBOOKS):
            return refusal
        not_a_workbook = catalogue("file")["not_a_workbook"].detail["text"].format(file=name)
        return replace(refusal, detail=Bilingual(*map("; ".join, zip(not_a_workbook, refusal.detail, strict=True))))

    @property
    def _is_accepted(self) -> bool:
        return self.verdict.outcome in ("accepted", "accepted_in_part")

    @property
    def _would_count(self) -> bool:
        """Whether the file counts, or would once it is confirmed."""
        return self._is_accepted or self.verdict.outcome == "waiting"

    @cached_property
    def book(self) -> Book | None:
        """The content of the file; None where it could not be opened."""
        opened = self.verdict.version.received.opened
        return opened if isinstance(opened, Book) else None

    def _changes(self) -> tuple[Mapping[str, int], tuple[Change, ...]]:
        """The changes against the version that counts; a refused file changes nothing."""
        current = self.verdict.current.parsed.observations if self.verdict.current else self._observations.clear()
        if self.verdict.refusal:
            return compare(current, current, {})
        before, after = (with_computed_points(rows, self._framework) for rows in (current, self._observations))
        counted, changes = compare(before, after, self._names)
        held = {*self.verdict.version.parsed.quarantine["node"]}
        lost = (change.kind == "withdrawn" and change.node in held for change in changes)
        return counted, tuple(replace(change, held=flag) for change, flag in zip(changes, lost, strict=True))

    @property
    def _observations(self) -> pl.DataFrame:
        return self.verdict.version.parsed.observations

    def _findings(self) -> Iterator[Finding]:
        version = self.verdict.version
        if self.verdict.status == "refused":
            return
        maxima = {node.code: node.max_points for node in self._nodes.values()}
        raw = {row[name].locator for row in self._sheet.values() for name in RAW if name in row}
        cells = Cells(self.book, maxima, self._names, self._units(), raw)
        context = warnings.Context(
            version, cells, self._nodes, self._framework, self._sheet, self._last_accepted(), self._standing_scores(),
            self.received_on,
        )  # fmt: skip
        yield from errors(version, cells)
        yield from warnings.warnings(context)

    def _units(self) -> Mapping[str, Sender]:
        """The unit of each cell that was read for a unit, by locator; empty for a file of one unit."""
        parsed = self.verdict.version.parsed
        if self.verdict.version.sender:
            return {}
        frames = (frame.select("locator", "unit").iter_rows() for frame in (parsed.quarantine, parsed.observations))
        units = {locator: self.known.units.all.get(unit or "") for rows in frames for locator, unit in rows}
        return {locator: _as_sender(unit) for locator, unit in units.items() if unit}

    @cached_property
    def _names(self) -> Names:
        """The names of the nodes of its frameworks, and of operational indicators."""
        return names_of(self.known, self.verdict.version.received.period, self._observations, self._nodes)

    @cached_property
    def _sheet(self) -> Mapping[str, Mapping[str, Cell]]:
        """The cells of each row of a framework's sheet, by code and column; empty where the file is no such sheet."""
        coded_rows = getattr(feeds.discover()[self.verdict.version.received.feed], "coded_rows", None)
        if coded_rows is None or self.verdict.version.sender is None or self.book is None:
            return {}
        return coded_rows(self.book)

    @property
    def _index(self) -> str:
        return feeds.discover()[self.verdict.version.received.feed].FEED.index

    @cached_property
    def _framework(self) -> Framework | None:
        """The framework of a unit's sheet, for its group; with its overlay where only that knows some of the rows.

        None where the file is not the sheet of a framework.
        """
        version = self.verdict.version
        if not self._sheet or version.sender is None:
            return None
        unit, period = self.known.units.all[version.sender], version.received.period
        framework = self.known.frameworks.for_period(period, unit.geography, self._index)
        if framework is None:
            return None
        overlaid = self.known.frameworks.overlaid(framework)
        uses_overlay = any(code in overlaid.nodes and code not in framework.nodes for code in self._sheet)
        group = overlaid.group_of(unit.id, period, self.known.units)
        return (overlaid if uses_overlay else framework).of_group(group)

    @cached_property
    def _nodes(self) -> Mapping[str, Node]:
        """The nodes of the framework of the scores; with its overlay where the file is no unit's sheet."""
        if self._framework:
            return self._framework.nodes
        scored = self._observations.filter(pl.col("basis").is_in(BASES))
        return next(_nodes_of(self.known, self.verdict.version.received.period, scored), {})

    def _standing_scores(self) -> Mapping[tuple[str, str, str], float]:
        """The standing scores of the units for which the file gives verified or final scores, or quotes scores."""
        scored = self._observations.filter(pl.col("basis").is_in(("verified", "final")))["unit"].unique().to_list()
        units = {*scored, *(quotation.unit for quotation in self.verdict.version.parsed.quotations)}
        versions = [version for version, index in self.known.frameworks.indexes.items() if index == self._index]
        return standing_scores(self.store, self.verdict.version.received.period, versions, units) if units else {}

    def _last_accepted(self) -> Mapping[str, Accepted]:
        version = self.verdict.version
        if version.sender is None or self._framework is None:
            return {}
        key = (version.received.feed, version.sender, version.received.period)
        return last_accepted(self.store, *key, frameworks=comparable(self.known, self._framework))

    def _sender(self) -> Sender | None:
        version = self.verdict.version
        unit = self.known.units.all.get(version.sender or version.received.sender or "")
        return _as_sender(unit) if unit else None

    def _standing(self) -> Standing:
        """The version that counted before; this one where its bytes are the same."""
        number = self.verdict.current.received.number if self.verdict.current else None
        receipt = next((receipt for receipt in self.store.landing.receipts() if receipt.number == number), None)
        if receipt is None:
            return Standing(None, None, None, this_one=False)
        return Standing(receipt.number, receipt.name, receipt.received_at, this_one=self.verdict.unchanged)


def _as_sender(unit: Unit) -> Sender:
    return Sender(unit.id, Bilingual(unit.name_vi, unit.name_en))


def names_of(known: feeds.Known, period: str, figures: pl.DataFrame, nodes: Mapping[str, Node]) -> Names:
    """The names of operational indicators, of the nodes of the figures' frameworks, and of further nodes."""
    by_framework = _nodes_of(known, period, figures)
    records = {**known.units.indicators, **dict(pair for by_code in by_framework for pair in by_code.items()), **nodes}
    return {code: Bilingual(record.name_vi, record.name_en or record.name_vi) for code, record in records.items()}


def _nodes_of(known: feeds.Known, period: str, figures: pl.DataFrame) -> Iterator[Mapping[str, Node]]:
    """The nodes of each framework in the figures, with its overlay."""
    frameworks = figures.select("framework", "geography").drop_nulls().unique(maintain_order=True).rows()
    for version, geography in frameworks:
        if framework := known.frameworks.of_version(version, period, geography):
            yield known.frameworks.overlaid(framework).nodes


def compare(
    current: pl.DataFrame | None, new: pl.DataFrame, names: Names
) -> tuple[Mapping[str, int], tuple[Change, ...]]:
    """The number of figures of each kind of change, and every change, withdrawn figures first.

    ``names`` are the names of nodes.
    """
    before, after = _by_key(current), _by_key(new)
    counted = Counter({"new": 0, "changed": 0, "unchanged": 0, "withdrawn": 0})
    changes: list[Change] = []
    for key in [*(key for key in before if key not in after), *after]:
        change = _change(before.get(key), after.get(key), names)
        counted[change.kind if change else "unchanged"] += 1
        changes += [change] if change else []
    return dict(counted), tuple(changes)


def _by_key(frame: pl.DataFrame | None) -> dict[tuple[str, ...], Row]:
    rows = [] if frame is None else frame.to_dicts()
    return {tuple(row[name] for name in _KEY): row for row in rows}


def _change(before: Row | None, after: Row | None, names: Names) -> Change | None:
    """The change of one figure; None where nothing about it differs."""
    row = after or before or {}
    same_document = bool(before and after and _same_text(before["document"], after["document"]))
    if before and after and same_document and all(before[name] == after[name] for name in _CONTENT):
        return None
    return Change(
        kind="new" if before is None else "changed" if after else "withdrawn",
        unit=row["unit"],
        node=row["node"],
        name=names.get(row["node"], Bilingual.same(row["node"])),
        basis=row["basis"],
        measure=row["measure"],
        before=before["value"] if before else None,
        after=after["value"] if after else None,
        locator=after["locator"] if after else None,
        document_changed=bool(before and after and not same_document),
        before_text=_text(before),
        after_text=_text(after),
    )


def _same_text(before: str | None, after: str | None) -> bool:
    """Whether two texts are the same, however their diacritics and blanks are stored."""
    return normalise(before or "") == normalise(after or "")


def _text(figure: Row | None) -> Bilingual | None:
    """A reported figure with its wording and unit; for a score only the number, since its index is named beside it."""
    if figure is None:
        return None
    return amount_of(figure) if figure["basis"] == "reported" else format_number(figure["value"])
