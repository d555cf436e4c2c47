"""The verdict on a file: accepted, accepted in part or refused; its errors cell by cell; each with how to fix it.

Here: refusing a file for what counts already or because it has no figure, and findings made at cells. Not here: why a
file can't be read or placed, or a cell is quarantined (``feeds``), which warnings there are (``warnings``), nor the
words (``problems``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.language import Bilingual, format_number, shortened
from dti_platform.problems import catalogue
from dti_platform.submissions.answer import HELD_WITH_ROW, Finding, Outcome, Refusal, Sender
from dti_platform.submissions.points import complete_shares
from dti_platform.submissions.versions import Version, after, why_older

if TYPE_CHECKING:
    from decimal import Decimal

    from dti_platform.reading import Book, Cell
    from dti_platform.tables import Row

#: How many characters of a cell's text an answer repeats.
LONGEST_READ = 300
_NUMBER_REASONS = (
    "not_a_number",
    "percent_cell",
    "ambiguous_number",
    "out_of_range",
    "formula_error",
    "formula_not_calculated",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A file as read, the version that counts so far, and why nothing of the file counts, if so."""

    version: Version
    current: Version | None
    refusal: Refusal | None
    waiting: bool = False
    """It lacks accepted figures, or needs an operator, and counts only once it is confirmed."""
    by_operator: bool = False
    """Sending it again does not confirm it."""
    withdrawn_before: int | None = None
    """The receipt of the same bytes that was withdrawn."""

    @property
    def unchanged(self) -> bool:
        """Whether the same bytes count already."""
        return self.current is not None and self.current.received.sha256 == self.version.received.sha256

    @property
    def status(self) -> str:
        """The status of the reading only: accepted, accepted_in_part, refused."""
        return self.version.parsed.submissions["status"][0]

    @property
    def outcome(self) -> Outcome:
        """The outcome for the file."""
        if self.refusal:
            return "refused"
        if self.unchanged:
            return "unchanged"
        if self.waiting:
            return "waiting"
        return "accepted" if self.status == "accepted" else "accepted_in_part"


def judge(version: Version, current: Version | None, given_by_others: Collection[str] = ()) -> Verdict:
    """Refuses a file that can't be placed, has no figure, or is older than the version that counts.

    A file that lacks figures of that version waits, unless they are on bases ``given_by_others``; a file from outside
    with published figures waits, too.
    """
    unreadable = version.parsed.refusal
    if unreadable is None and version.counts:
        unreadable = why_older(version, current)
    refused = refusal(unreadable.reason, unreadable.detail) if unreadable else refusal_without_figures(version)
    verdict = Verdict(version, current, refused)
    if refused or verdict.unchanged:
        return verdict
    by_operator, lacking = gives_published_figures(version), lacks_figures(version, current, given_by_others)
    verdict = replace(verdict, version=after(version, current))
    return replace(verdict, waiting=by_operator or lacking, by_operator=by_operator)


def lacks_figures(version: Version, current: Version | None, given_by_others: Collection[str]) -> bool:
    """Whether a version lacks figures of the one that counts; a committed file may, under the same name."""
    if current is None:
        return False
    committed = version.received.ours and current.received.ours and version.name_key == current.name_key
    lacking = figure_keys(current) - figure_keys(version)
    return not committed and any(basis not in given_by_others for *_, basis in lacking)


def gives_published_figures(version: Version) -> bool:
    """Whether a file from outside gives published figures: a person compares it with its source."""
    return not version.received.ours and version.parsed.observations["basis"].is_in(QUOTED).any()


def figure_keys(version: Version) -> set[tuple[str, ...]]:
    """The keys of the figures of a version, whatever value and source; both figures of a share give its points."""
    observations = version.parsed.observations
    shares = complete_shares(observations).iter_rows()
    given = observations.select("period", "unit", "node", "measure", "basis").iter_rows()
    return {*given, *((*share, "points", "self") for share in shares)}


def refusal_without_figures(version: Version) -> Refusal | None:
    """The refusal of a file without a figure that counts; None where it has one, or another file gives the same."""
    if version.counts or version.parsed.repeated:
        return None
    details, file = catalogue("file")["nothing_given"].detail, version.received.name
    causes = version.parsed.quarantine.filter(pl.col("reason") != HELD_WITH_ROW)
    if causes.is_empty():
        return refusal("nothing_given", details["no_figure"].format(file=file))
    counted = causes.group_by("reason_vi", "reason_en", maintain_order=True).len().sort("len", descending=True)
    reason_vi, reason_en, count = counted.row(0)
    why = Bilingual(reason_vi, reason_en)
    return refusal("nothing_given", details["for_errors"].format(file=file, count=count, why=why))


def refusal(reason: str, detail: Bilingual) -> Refusal:
    """The refusal of a file, with how to fix it; ``reason`` is a code of the catalogue of problems."""
    problem = catalogue("file")[reason]
    return Refusal(reason, problem.why, detail, problem.fix)


@dataclass(frozen=True)
class Cells:
    """The cells of a file by locator, and findings made at them."""

    book: Book | None
    maxima: Mapping[str, Decimal | None]
    """The maximum points of each node, as far as they are known."""
    names: Mapping[str, Bilingual]
    """The names of nodes and of operational indicators."""
    units: Mapping[str, Sender]
    """The unit of each cell by locator, in a file of several units."""
    raw: Collection[str] = frozenset()
    """The locators of raw figures, which have no maximum."""

    @cached_property
    def by_locator(self) -> Mapping[str, Cell]:
        """Every cell, including blank ones."""
        sheets = self.book.sheets if self.book else ()
        return {cell.locator: cell for sheet in sheets for row in sheet.rows for cell in row}

    def error(self, row: Row) -> Finding:
        """A quarantined cell as a finding."""
        cell = self.by_locator.get(row["locator"])
        node = row["node"] or (self._node_of_row(cell) if cell else None)
        return Finding(
            severity="error", error_class=row["error_class"], reason=row["reason"], locator=row["locator"],
            sheet=cell.sheet if cell else None, row=cell.row if cell else None, column=cell.column if cell else None,
            node=node, name=self.names.get(node or ""), unit=self.units.get(row["locator"]),
            read=shortened(row["raw"], LONGEST_READ),
            why=Bilingual(row["reason_vi"], row["reason_en"]), expected=self._expected(row),
            mend=Bilingual(row["mend_vi"], row["mend_en"]),
        )  # fmt: skip

    def _node_of_row(self, cell: Cell) -> str | None:
        """The operational indicator named in the row of a cell; a number is no code."""
        return self._codes.get((cell.sheet, cell.row))

    @cached_property
    def _codes(self) -> Mapping[tuple[str | None, int], str]:
        texts = (cell for cell in self.by_locator.values() if cell.kind == "text" and not cell.raw[:1].isdigit())
        return {(cell.sheet, cell.row): cell.raw for cell in texts if cell.raw in self.names}

    def warning(self, reason: str, locator: str | None, node: str | None, **details: Bilingual) -> Finding:
        """A warning at a cell, or at none; ``details`` fill in its text."""
        problem, cell = catalogue("warning")[reason], self.by_locator.get(locator or "")
        return Finding(
            severity="warning", error_class=problem.error_class, reason=reason, locator=locator,
            sheet=cell.sheet if cell else None, row=cell.row if cell else None, column=cell.column if cell else None,
            node=node, name=self.names.get(node or ""), unit=self.units.get(locator or ""),
            read=shortened(cell.raw, LONGEST_READ) if cell else "",
            why=problem.why.format(**details), expected=(problem.expected or problem.fix).format(**details),
            mend=problem.fix.format(**details),
        )  # fmt: skip

    def _expected(self, row: Row) -> Bilingual:
        maximum = self.maxima.get(row["node"])
        is_score = row["reason"] in _NUMBER_REASONS and maximum is not None and row["locator"] not in self.raw
        problem = catalogue("warning")["missing_score"] if is_score else catalogue("cell")[row["reason"]]
        assert problem.expected, "problems.toml gives it"
        return problem.expected.format(maximum=format_number(maximum)) if maximum is not None else problem.expected


def errors(version: Version, cells: Cells) -> Iterator[Finding]:
    """Every quarantined cell in the order of the file; those held back only because of another cell come last."""
    quarantine = version.parsed.quarantine
    causes_first = quarantine.sort(quarantine["reason"] == HELD_WITH_ROW, maintain_order=True)
    return map(cells.error, causes_first.iter_rows(named=True))
