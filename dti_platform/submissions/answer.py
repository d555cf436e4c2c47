"""The answer to a sender: what was received, what of it counts, what is wrong and how to fix it.

Here: the one object that is shown as JSON, as a page, as a workbook and in the terminal. Not here: how it comes about
(``compose``), nor any of its forms (``forms``: ``html``, ``workbook``, ``text``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.reading import place

if TYPE_CHECKING:
    from dti_platform.codes import ErrorClass, FindingSeverity
    from dti_platform.feeds.sheet.page import Pages
    from dti_platform.reading import Book

Outcome = Literal["accepted", "accepted_in_part", "refused", "unchanged", "waiting"]
#: What ``submit`` exits with: accepted whole, in part, refused, waiting for confirmation.
EXIT: Mapping[Outcome, int] = {"accepted": 0, "unchanged": 0, "accepted_in_part": 1, "refused": 3, "waiting": 4}
#: Why a cell is held back with which nothing else is wrong than its row.
HELD_WITH_ROW = "held_with_row"


@dataclass(frozen=True, slots=True)
class Sender:
    """The unit that a file is of."""

    unit: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a cell (``error``: it does not count), or to be looked at (``warning``: it does)."""

    severity: FindingSeverity
    error_class: ErrorClass
    reason: str
    """A stable code, such as ``out_of_range``."""
    locator: str | None
    """Sheet and cell, line and column, or JSON pointer; None: it concerns no one cell."""
    sheet: str | None
    row: int | None
    column: int | None
    node: str | None
    name: Bilingual | None
    """Of the node."""
    unit: Sender | None
    """Whose the cell is, in a file of several units."""
    read: str
    why: Bilingual
    expected: Bilingual
    mend: Bilingual

    @property
    def place(self) -> Bilingual:
        """Where it stands, in words; a dash where it concerns no one cell."""
        return place(self.locator) if self.locator else Bilingual.same("–")


@dataclass(frozen=True, slots=True)
class Change:
    """One figure against what was held: ``unchanged`` ones are counted, not listed."""

    kind: Literal["new", "changed", "withdrawn"]
    unit: str
    node: str
    name: Bilingual
    basis: str
    measure: str
    before: float | None
    after: float | None
    locator: str | None
    """Of the new figure; None where it is withdrawn."""
    document_changed: bool = False
    """The evidence named is another."""
    before_text: Bilingual | None = None
    """The figure before as people write it, with its wording and unit; None where there was none."""
    after_text: Bilingual | None = None


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
class Worth:
    """What a unit stands at: points, score from 0 to 1, and how many indicators are missing."""

    points: float | None
    score: float | None
    """None: too much is missing, or the maximum is not known."""
    missing: int
    rank: int | None
    """Of printed figures alone."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """A score before and after the file, as if nothing else arrived before the next run."""

    unit: Sender
    period: str
    framework: str
    index: Indicator
    basis: str
    group: str | None
    """The ranked group that it is a score of, where units are ranked in groups."""
    before: Worth | None
    """None: nothing was known of the unit."""
    after: Worth | None
    maximum: float | None
    decimals: int
    """With which the publisher prints a score."""
    inputs: int
    """How many indicators the score rests on."""
    missing: tuple[Indicator, ...]
    """The indicators that have no figure after it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Which version counts now: a receipt, or none."""

    receipt: int | None
    file_name: str | None
    received_at: str | None
    this_one: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer to a sender about one file: first whether it counts, and what it does to the score."""

    outcome: Outcome
    consequences: tuple[Consequence, ...]
    """Of each unit and basis that the file has points of; of several units, those whose score moves."""
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
    """The weakest of its values."""
    dry_run: bool
    refusal: Refusal | None
    cells: Mapping[str, int]
    """Cell accounting: read, accepted, quarantined, blank, header, note, total."""
    counted: Mapping[str, int]
    """Figures new, changed, unchanged and withdrawn against what was held."""
    changes: tuple[Change, ...]
    """The first of them, what is withdrawn before the rest: ``counted`` has them all."""
    findings: tuple[Finding, ...]
    """The first of them, errors before warnings."""
    standing: Standing
    supersedes: int | None = None
    """The receipt whose place this one takes."""
    confirms: int | None = None
    """The receipt of the same bytes that waited, and counts because they came once more."""
    confirmed_at: str | None = None
    """Since when a file counts that waited: the answer is as of then, and replaces the one given as it came."""
    withdrawn_before: int | None = None
    """The receipt of the same bytes that was withdrawn."""
    by_operator: bool = False
    """Only an operator can confirm it, where it waits."""
    unlisted: Mapping[FindingSeverity, int] = field(default_factory=dict)
    """How many findings there are beyond those that are listed."""

    @property
    def owner(self) -> str:
        """In whose folder it is kept: that of the unit that it is of, else of the feed."""
        return self.sender.unit if self.sender else self.feed

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What does not count."""
        return tuple(each for each in self.findings if each.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What counts, and is to be looked at."""
        return tuple(each for each in self.findings if each.severity == "warning")

    @property
    def effect(self) -> Bilingual:
        """Whether the file counts, in a sentence; of one that waits also how to confirm it."""
        sentence = terms("answer_effects")[self._effect]
        gone, receipt = self.counted["withdrawn"], self.receipt or "…"
        sentence = sentence.format(count=gone, receipt=receipt, withdrawn=self.withdrawn_before)
        if self.outcome.startswith("accepted") and gone:
            sentence = terms("answer_effects")["takes_away"].format(effect=sentence, count=gone)
        if self.confirms:
            number, confirmed = self.receipt, self.confirms
            sentence = terms("answer_effects")["confirms"].format(effect=sentence, receipt=number, confirmed=confirmed)
        return terms("answer_effects")["if_sent"].format(effect=sentence) if self.dry_run else sentence

    @property
    def _effect(self) -> str:
        """What the sentence about a file is called."""
        if self.outcome == "waiting" and self.withdrawn_before:
            return "withdrawn_before"
        if self.outcome == "waiting" and (self.by_operator or not self.counted["withdrawn"]):
            return "waiting_for_operator"
        return self.outcome

    def number(self, severity: FindingSeverity) -> int:
        """How many findings of a severity there are, listed or not."""
        return sum(each.severity == severity for each in self.findings) + self.unlisted.get(severity, 0)

    def to_dict(self) -> dict[str, object]:
        """For JSON: texts in two languages as objects with ``vi`` and ``en``."""
        fields = asdict(self, dict_factory=_spelt)
        counts = {"errors": self.number("error"), "warnings": self.number("warning")}
        return {"outcome": self.outcome, "effect": _plain(self.effect), **fields, **counts}


class Group(NamedTuple):
    """Findings that say the same of several cells; most often of one."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """What stands for all of them."""
        return self.findings[0]


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Warnings that say the same are one group, and so are errors of cells that read the same; in their order.

    Cells that only another of their row holds back are one group, whatever they read.
    """
    groups: dict[object, list[Finding]] = {}
    for each in findings:
        read = each.read if each.severity == "error" and each.reason != HELD_WITH_ROW else None
        groups.setdefault((each.severity, each.reason, each.why, each.mend, read), []).append(each)
    return [Group(tuple(group)) for group in groups.values()]


class Template(Protocol):
    """A workbook of ours that can be written with what was sent in its cells."""

    def write(self, pages: Pages) -> None:
        """Its sheets."""
        ...


@dataclass(frozen=True, slots=True)
class AnsweredFile:
    """An answer, with its book, to be sent back coloured; None where the file can't be opened."""

    answer: Answer
    book: Book | None
    template: Template | None = None
    """The template of ours that the book was filled in from; None where it is of another layout."""


def _spelt(members: list[tuple[str, object]]) -> dict[str, object]:
    return {name: _plain(value) for name, value in members}


def _plain(value: object) -> object:
    return value._asdict() if isinstance(value, Bilingual) else value
