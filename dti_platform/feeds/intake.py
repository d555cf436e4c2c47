"""The intake of one received file: collects what it gives, and holds that no cell of it vanishes.

Here: rows of observations and quarantine, and one fate for every cell. Not here: what a cell means (``fields``, each
feed), the words of a reason (``problems``), nor frames (``framed``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Literal

from dti_platform.feeds.documents import read_document
from dti_platform.feeds.extract import Account, Extract, HeldCell, Observation, Quotation, Remark
from dti_platform.feeds.feed import Feed, Received
from dti_platform.feeds.fields import Held, bounds, is_figure, number, unqualified
from dti_platform.language import Bilingual, format_number
from dti_platform.problems import catalogue
from dti_platform.reading import (
    Book,
    Cell,
    Column,
    Convention,
    Number,
    Sheet,
    Unreadable,
    find_table,
    normalise,
    parse,
    place,
    tables_of,
)

Fate = Literal["accepted", "quarantined", "blank", "header", "note", "total"]
FATES: tuple[Fate, ...] = ("accepted", "quarantined", "blank", "header", "note", "total")

#: A file with more cells in quarantine is of another form than its feed's, and is refused.
MOST_QUARANTINED = 10_000
#: So many remarks are kept; of more the number is.
MOST_REMARKS = 500
_OF_THE_FILE = "of the file"


class LostCellsError(AssertionError):
    """A feed left a cell without a fate: a fault of ours, never of the sender."""


class Intake:
    """Rows and fates of one file. Every cell that holds something gets exactly one fate.

    ``observe`` and ``quarantine`` give their cell its fate; ``mark`` gives the others theirs. A
    ``quarantined`` overrides whatever a cell had before; otherwise the first fate stands.
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
        self._remarks = [Remark(text, None, "read_as_found") for text in book.remarks]
        self._remarked = len(self._remarks)
        self._quotations: list[Quotation] = []
        self._fates: dict[str, Fate] = {}
        self._observations: list[Observation] = []
        self._quarantine: dict[tuple[str, str], HeldCell] = {}
        self._first: dict[tuple[object, ...], str] = {}

    def observe(
        self, cell: Cell, *, unit: str, node: str, measure: str, basis: str, value: Decimal | float, unit_measure: str,
        source: str | None = None, period: str | None = None, geography: str | None = None,
        framework: str | None = _OF_THE_FILE, group: str | None = None, qualifier: str = "exact",
        denominator: Decimal | float | None = None, obs_status: str = "A", certainty: str = "submitted",
        evidence: str | None = None, document: str | None = None, plan_period: str | None = None,
    ) -> None:  # fmt: skip
        """Accepts a cell as one observation; a second one of the same key is quarantined as repeated."""
        row = Observation(
            self.feed.id, source or self.source, period or self.received.period, geography or self.geography,
            self.framework if framework == _OF_THE_FILE else framework, unit, group, node, measure, basis,
            float(value), qualifier, unit_measure, None if denominator is None else float(denominator), obs_status,
            certainty, evidence or self.evidence, self.received.sha256, self.received.name, cell.locator, cell.raw,
            document, *_number_and_day(document), plan_period,
        )  # fmt: skip
        first = self._first.setdefault(row.key, cell.locator)
        if first != cell.locator:
            self.quarantine(cell, "repeated_value", unit=unit, node=node, first=place(first))
            return
        self._observations.append(row)
        self._fates.setdefault(cell.locator, "accepted")

    def number(self, cell: Cell, convention: Convention) -> Number:
        """A number as ``fields.number`` reads it; of an ambiguous one the reading that its range admits, with a remark.

        Raises Held: no number, or one that the range does not decide.
        """
        read = parse(cell, convention)
        if isinstance(read, Number) or read.admitted is None:
            return number(cell, convention)
        value = format_number(read.admitted.value)
        self.remark(
            "read_by_range", "number", cell, place=cell.place, raw=cell.raw, value=value, range=bounds(convention)
        )
        return read.admitted

    def exact(self, cell: Cell, convention: Convention) -> Decimal:
        """Likewise, a number that nothing qualifies."""
        return unqualified(cell, self.number(cell, convention))

    def quarantine(
        self, cell: Cell, reason: str, *, unit: str | None = None, node: str | None = None, **details: object
    ) -> None:
        """Holds a cell back with its reason, a code of the catalogue of problems whose texts ``details`` fill.

        A ``detail`` among them names a sentence of the reason that says more of the cell than its ``why``.

        Raises Unreadable where more are held back than a file of this feed could have.
        """
        problem = catalogue("cell")[reason]
        why = problem.detail[str(details["detail"])] if "detail" in details else problem.why
        row = HeldCell(
            self.feed.id, self.received.sha256, self.received.name, cell.locator, self.received.period, unit, node,
            cell.raw, problem.error_class, reason, *why.format(**details), *problem.fix.format(**details),
        )  # fmt: skip
        self._quarantine.setdefault((cell.locator, reason), row)
        if len(self._quarantine) > MOST_QUARANTINED:
            raise Unreadable("too_many_errors", "cells", file=self.received.name, most=MOST_QUARANTINED)
        self._fates[cell.locator] = "quarantined"

    def quote(self, cell: Cell, *, unit: str, node: str, basis: str, value: Decimal | None) -> None:
        """Keeps a score that is not its sender's to give: an answer says where it differs from the one that stands."""
        self._quotations.append(Quotation(unit, node, basis, None if value is None else float(value), cell.locator))

    def held_for(self, reason: str) -> set[str]:
        """Locators of the cells that are held back for a reason."""
        return {locator for locator, cause in self._quarantine if cause == reason}

    def remark(self, reason: str, detail: str | Bilingual, cell: Cell | None = None, **values: object) -> None:
        """Notes something about the file, or about one cell, that holds nothing back: a printed total that differs.

        ``reason`` is the warning that it becomes in an answer; ``detail`` names one of its sentences, which ``values``
        fill, or is the text.
        """
        if isinstance(detail, str):
            detail = catalogue("warning")[reason].detail[detail].format(**values)
        self._remarked += 1
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(Remark(detail, cell.locator if cell else None, reason))

    def mark(self, fate: Fate, cells: Iterable[Cell]) -> None:
        """Gives cells a fate where they have none yet; a blank cell is always ``blank``, and counts once marked."""
        for cell in cells:
            self._fates.setdefault(cell.locator, "blank" if cell.blank else fate)

    def loose(self, cells: Iterable[Cell]) -> None:
        """Remarks on each figure among cells: it is outside the table and is not taken."""
        for cell in cells:
            if is_figure(cell):
                self.remark("loose_figure", "outside", cell, place=cell.place, raw=cell.raw)

    @contextmanager
    def row(self, cells: Iterable[Cell], *, unit: str | None = None, node: str | None = None) -> Generator[None]:
        """Takes a row whole or holds it back whole.

        Where the block raises ``Held``, the culprit is quarantined with its reason and the rest as held with it; where
        a value is repeated, so are the other figures of the row; else every cell that has no fate yet is accepted.
        """
        cells, begun = list(cells), len(self._observations)
        try:
            yield
        except Held as error:
            self._forget(begun)
            self.quarantine(error.cell, error.reason, unit=unit, node=node, **error.details)
            for cell in cells:
                if cell.locator != error.cell.locator and not cell.blank:
                    self.quarantine(cell, "held_with_row", unit=unit, node=node)
            self.mark("blank", [cell for cell in cells if cell.blank])
        else:
            if self._quarantine and any((cell.locator, "repeated_value") in self._quarantine for cell in cells):
                observed = self._forget(begun)
                for cell in cells:
                    if cell.locator in observed:
                        self.quarantine(cell, "held_with_row", unit=unit, node=node)
            self.mark("accepted", cells)

    def _forget(self, begun: int) -> set[str]:
        """Takes back what was observed of a row that is held back; says of which cells that was."""
        observed = self._observations[begun:]
        del self._observations[begun:]
        for each in observed:
            self._first.pop(each.key, None)
        return {each.locator for each in observed}

    def declared_rows(self) -> Iterator[dict[str, Cell]]:
        """Every row of the one table that the feed declares, wherever it stands.

        Raises Unreadable: no sheet holds it, or several do.
        """
        columns = self.feed.columns
        return self.rows(self.only_sheet(columns), columns)

    def only_sheet(self, columns: tuple[Column, ...]) -> Sheet:
        """The one sheet that holds the declared table; what other sheets hold is note.

        Raises Unreadable: none does, or several.
        """
        holders = [table.sheet for table in tables_of(self.book, columns)]
        if len(holders) != 1:
            raise _not_one(self.received.name, holders)
        for sheet in self.book.sheets:
            if sheet is not holders[0]:
                self.mark("note", sheet.cells())
        return holders[0]

    def rows(
        self, sheet: Sheet, columns: tuple[Column, ...], *, others_are_notes: bool = False
    ) -> Iterator[dict[str, Cell]]:
        """Every row of the declared table, by our column names; each is to be taken inside ``with intake.row(...)``.

        What is above the header is note. The header of an undeclared column is quarantined, or remarked on where other
        columns are notes; its cells are notes.
        """
        table = find_table(sheet, columns)
        self.mark("note", table.before)
        known = set(table.columns.values())
        for cell in table.header:
            if cell.column not in known:
                self._undeclared(cell, is_note=others_are_notes)
        self.mark("header", table.header)
        for cells in table.ragged():
            for cell in cells:
                if not cell.blank:
                    self.quarantine(cell, "ragged_row")
        titled = {cell.column for cell in table.header}
        for cells in sheet.rows[table.header_row :]:
            strays = [cell for cell in cells if cell.column not in known and not cell.blank]
            self.loose([cell for cell in strays if cell.column not in titled and cell.locator not in self._fates])
            self.mark("note", strays)
        yield from table.rows()

    def _undeclared(self, header: Cell, *, is_note: bool) -> None:
        """The header of a column that is not declared."""
        if not is_note:
            self.quarantine(header, "unknown_column")
        elif not header.blank:
            self.remark("unknown_column", "not_read", header, title=normalise(header.raw))

    def extract(self) -> Extract:
        """What was taken, held back, quoted and remarked on.

        Raises LostCellsError where a cell that holds something has no fate.
        """
        lost = [cell.locator for cell in self.book.cells() if cell.locator not in self._fates]
        if lost:
            raise LostCellsError(
                f"{self.received.name}: {len(lost)} cells have no fate, the first is {lost[0]}: "
                f"mark them in the feed {self.feed.id}"
            )
        counts = Counter(self._fates.values())
        status = "accepted_in_part" if counts["quarantined"] else "accepted"
        evidence = {self.evidence, *(row.evidence for row in self._observations)}
        weakest = "illustrative" if "illustrative" in evidence else self.evidence
        account = Account(
            self.feed.id, self.received.sha256, self.received.name, self.sender, self.received.period, self.framework,
            weakest, status, _summary(self._remarks, self._remarked), counts.total(),
            *(counts[fate] for fate in FATES),
        )  # fmt: skip
        quarantine = list(self._quarantine.values())
        remarks, quotations = tuple(self._remarks), tuple(self._quotations)
        return Extract(self._observations, quarantine, account, remarks=remarks, quotations=quotations)


def _summary(remarks: Sequence[Remark], number: int, most: int = 3) -> str | None:
    """The first of a number of remarks in both languages, and how many more there are."""
    texts = [remark.text.both for remark in remarks[:most]]
    if (more := number - most) > 0:
        texts.append(f"và {more} ô khác / and {more} more cells")
    return "; ".join(texts) or None


def _number_and_day(document: str | None) -> tuple[str | None, str | None]:
    """Number and ISO date of a document, where its text has them."""
    read = read_document(document)
    return read.number, read.date.isoformat() if read.date else None


def _not_one(file: str, holders: Sequence[Sheet]) -> Unreadable:
    if not holders:
        return Unreadable("header_missing", "in_no_sheet", file=file)
    names = ", ".join(str(sheet.name) for sheet in holders)
    return Unreadable("several_tables", "in_sheets", file=file, sheets=names)
