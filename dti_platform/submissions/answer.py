"""The answer to a sender: what was received, what of it counts, what is wrong and how to fix it.

Here: the one object that is shown as JSON, as a page, as a workbook and in the terminal. Not here: how it is composed
(``compose``), nor any of its forms (``forms``: ``html``, ``workbook``, ``text``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from dti_platform.glossary import CHANGES, terms
from dti_platform.language import Bilingual
from dti_platform.reading import place

if TYPE_CHECKING:
    from dti_platform.codes import ErrorClass, FindingSeverity
    from dti_platform.feeds.sheet.page import Pages
    from dti_platform.reading import Book

Outcome = Literal["accepted", "accepted_in_part", "refused", "unchanged", "waiting"]
#: The exit code of ``submit``: accepted as a whole or in part, refused, waiting for confirmation.
EXIT: Mapping[Outcome, int] = {"accepted": 0, "unchanged": 0, "accepted_in_part": 1, "refused": 3, "waiting": 4}
#: The reason of a cell that is held back only because another cell of its row is.
HELD_WITH_ROW = "held_with_row"


@dataclass(frozen=True, slots=True)
class Sender:
    """The unit that a file belongs to."""

    unit: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a cell (``error``: the cell does not count), or something to check (``warning``: it counts)."""

    severity: FindingSeverity
    error_class: ErrorClass
    reason: str
    """A stable code, such as ``out_of_range``."""
    locator: str | None
    """Sheet and cell, line and column, or JSON pointer; None where it concerns no single cell."""
    sheet: str | None
    row: int | None
    column: int | None
    node: str | None
    name: Bilingual | None
    """The name of the node."""
    unit: Sender | None
    """The unit that the cell belongs to, in a file of several units."""
    read: str
    why: Bilingual
    expected: Bilingual
    mend: Bilingual

    @property
    def place(self) -> Bilingual:
        """The location in words; a dash where it concerns no single cell."""
        return place(self.locator) if self.locator else Bilingual.same("–")


@dataclass(frozen=True, slots=True)
class Change:
    """One figure compared with the version that counted; unchanged figures are counted, not listed."""

    kind: Literal["new", "changed", "withdrawn"]
    unit: str
    node: str
    name: Bilingual
    basis: str
    measure: str
    before: float | None
    after: float | None
    locator: str | None
    """The locator of the new figure; None where it is withdrawn."""
    document_changed: bool = False
    """It names other evidence than before."""
    before_text: Bilingual | None = None
    """The earlier figure as people write it, with its wording and unit; None where there was none."""
    after_text: Bilingual | None = None
    held: bool = False
    """It is withdrawn because a cell of its row is held back for an error."""

    @property
    def label(self) -> Bilingual:
        """The kind of change in words."""
        return CHANGES["withdrawn_with_error" if self.held else self.kind]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of the file counts, and how to fix it."""

    reason: str
    """A stable code, such as ``encrypted``."""
    why: Bilingual
    detail: Bilingual
    """What was found, and where."""
    mend: Bilingual


class Indicator(NamedTuple):
    """A node of a framework."""

    code: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class UnitScore:
    """The result of a unit: points, score from 0 to 1, and how many indicators are missing."""

    points: float | None
    score: float | None
    """None where too much is missing, or the maximum is not known."""
    missing: int
    rank: int | None
    """Only for printed figures."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """A score before and after the file, as if nothing else arrives before the next run."""

    unit: Sender
    period: str
    framework: str
    index: Indicator
    basis: str
    group: str | None
    """The ranked group of the unit, where units are ranked in groups."""
    before: UnitScore | None
    """None where nothing was known of the unit."""
    after: UnitScore | None
    maximum: float | None
    decimals: int
    """The number of decimals with which the publisher prints a score."""
    inputs: int
    """How many indicators the score is computed from."""
    missing: tuple[Indicator, ...]
    """The indicators without a figure after the file."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The version that counts now, by its receipt, if any."""

    receipt: int | None
    file_name: str | None
    received_at: str | None
    this_one: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The complete answer to a sender about one file: first whether it counts, and how it changes the score."""

    outcome: Outcome
    consequences: tuple[Consequence, ...]
    """One for each unit and basis for which the file has points; with several units, only where the score changes."""
    receipt: int | None
    """None in a dry run."""
    received_at: str | None
    feed: str
    feed_title: Bilingual
    file_name: str
    sha256: str
    sender: Sender | None
    period: str
    framework: str | None
    evidence: str
    """The weakest evidence of its values."""
    dry_run: bool
    refusal: Refusal | None
    cells: Mapping[str, int]
    """Cell accounting: read, accepted, quarantined, blank, header, note, total."""
    counted: Mapping[str, int]
    """The number of new, changed, unchanged and withdrawn figures, compared with the version that counted."""
    changes: tuple[Change, ...]
    """The first changes, withdrawn figures before the rest; ``counted`` covers all of them."""
    findings: tuple[Finding, ...]
    """The first findings, errors before warnings."""
    standing: Standing
    supersedes: int | None = None
    """The receipt that this one replaces."""
    confirms: int | None = None
    """The receipt of the same bytes that waited, and now counts because they came again."""
    confirmed_at: str | None = None
    """When a file that waited began to count: the answer is as of then, and replaces the one given on arrival."""
    withdrawn_before: int | None = None
    """The receipt of the same bytes that was withdrawn."""
    by_operator: bool = False
    """Where the file waits, only an operator can confirm it."""
    unlisted: Mapping[FindingSeverity, int] = field(default_factory=dict)
    """How many findings are not listed, by severity."""

    @property
    def owner(self) -> str:
        """The owner of the folder in which it is kept: the unit of the file, else the feed."""
        return self.sender.unit if self.sender else self.feed

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings at cells that do not count."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings at cells that count, but should be checked."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def effect(self) -> Bilingual:
        """A sentence on whether the file counts; for a file that waits also how to confirm it."""
        sentence = terms("answer_effects")[self._effect_key]
        withdrawn, receipt = self.counted["withdrawn"], self.receipt or "…"
        held = sum(change.held for change in self.changes)
        sentence = sentence.format(count=withdrawn, held=held, receipt=receipt, withdrawn=self.withdrawn_before)
        if self.outcome.startswith("accepted") and withdrawn:
            sentence = terms("answer_effects")["takes_away"].format(effect=sentence, count=withdrawn)
        if self.outcome in ("accepted", "accepted_in_part", "waiting") and any(map(_loses_score, self.consequences)):
            sentence = terms("answer_effects")["loses_score"].format(effect=sentence)
        if self.confirms:
            number, confirmed = self.receipt, self.confirms
            sentence = terms("answer_effects")["confirms"].format(effect=sentence, receipt=number, confirmed=confirmed)
        return terms("answer_effects")["if_sent"].format(effect=sentence) if self.dry_run else sentence

    @property
    def _effect_key(self) -> str:
        """The key of the sentence in the glossary."""
        if self.outcome == "waiting" and self.withdrawn_before:
            return "withdrawn_before"
        if self.outcome == "waiting" and (self.by_operator or not self.counted["withdrawn"]):
            return "waiting_for_operator"
        if self.outcome == "waiting" and any(change.held for change in self.changes):
            return "waiting_with_errors"
        return self.outcome

    def number(self, severity: FindingSeverity) -> int:
        """How many findings of a severity there are, listed or not."""
        return sum(finding.severity == severity for finding in self.findings) + self.unlisted.get(severity, 0)

    def to_dict(self) -> dict[str, object]:
        """The answer for JSON; texts in two languages are objects with ``vi`` and ``en``."""
        fields = asdict(self, dict_factory=_json_object)
        counts = {"errors": self.number("error"), "warnings": self.number("warning")}
        return {"outcome": self.outcome, "effect": _json_value(self.effect), **fields, **counts}


def _loses_score(consequence: Consequence) -> bool:
    """Whether a unit that has a score has none with the file."""
    before, after = consequence.before, consequence.after
    return before is not None and before.score is not None and (after is None or after.score is None)


class Group(NamedTuple):
    """Findings with the same text, of one cell or of several."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that represents the group."""
        return self.findings[0]


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Groups warnings with the same text, and errors with the same text and cell content; keeps their order.

    Cells that are held back only because of another cell of their row form one group, whatever their content.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        read = finding.read if finding.severity == "error" and finding.reason != HELD_WITH_ROW else None
        groups.setdefault((finding.severity, finding.reason, finding.why, finding.mend, read), []).append(finding)
    return [Group(tuple(group)) for group in groups.values()]


class Template(Protocol):
    """A workbook of the platform that can be written again with the submitted content in its cells."""

    def write(self, pages: Pages) -> None:
        """Writes its sheets."""
        ...


@dataclass(frozen=True, slots=True)
class AnsweredFile:
    """An answer, and the book to be sent back with coloured cells; None where the file can't be opened."""

    answer: Answer
    book: Book | None
    template: Template | None = None
    """The platform's template that the book is based on; None where it has another layout."""


def _json_object(members: list[tuple[str, object]]) -> dict[str, object]:
    return {name: _json_value(value) for name, value in members}


def _json_value(value: object) -> object:
    return value._asdict() if isinstance(value, Bilingual) else value
