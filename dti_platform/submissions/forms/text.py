"""The answer in a terminal: plain lines in one language.

Here: lines. Not here: the facts (``answer``) nor colours. Text from a file is shown without control characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dti_platform.glossary import BASES, CHANGES, OUTCOMES, terms
from dti_platform.language import Bilingual, Language
from dti_platform.periods import moment
from dti_platform.submissions.answer import Answer, Change, Consequence, Group, Indicator, Refusal, grouped
from dti_platform.submissions.forms.words import (
    ACCOUNTED,
    HEADINGS,
    before_and_after,
    cell_text,
    expected,
    indicator_text,
    locations,
    missing_indicators,
    save_as,
    score_change,
    standing,
)

MARKS = {"accepted": "✓", "unchanged": "=", "accepted_in_part": "!", "refused": "✗", "waiting": "?"}
RECEIPTS, FIGURES = terms("receipt_words"), terms("receipt_figures")
#: How many changes and findings of a kind are shown; the rest is in the page and the workbook.
SHOWN = 12


def lines(answer: Answer, language: Language) -> Iterator[str]:
    """The answer as text, the most important first."""
    yield f"{MARKS[answer.outcome]} {OUTCOMES[answer.outcome].text(language)}: {_plain(answer.file_name)}"
    yield f"  {answer.effect.text(language)}"
    yield from _consequences(answer, language)
    if answer.evidence == "illustrative":
        yield f"  {HEADINGS['illustrative'].text(language)}"
    if answer.dry_run:
        yield f"  {HEADINGS['dry_run'].text(language)}"
    yield from (f"  {HEADINGS[name].text(language)}: {_plain(text)}" for name, text in _facts(answer, language))
    if answer.refusal:
        yield from refusal_lines(answer.refusal, language)
    else:
        yield "  " + _counts(answer.cells, ACCOUNTED, HEADINGS["cells"], language)
        yield "  " + _counts(answer.counted, CHANGES, HEADINGS["changes"], language)
        yield from _shown([_change(change, language) for change in answer.changes if change.kind != "new"])
    for name, findings, unlisted in (
        ("errors", answer.errors, answer.unlisted.get("error", 0)),
        ("warnings", answer.warnings, answer.unlisted.get("warning", 0)),
    ):
        if findings or unlisted:
            groups = grouped(findings)
            more = unlisted + sum(len(group.findings) for group in groups[SHOWN:])
            yield f"  {HEADINGS[name].text(language)} ({len(findings) + unlisted})"
            yield from _shown([_finding(group, language) for group in groups[:SHOWN]], more)


def _consequences(answer: Answer, language: Language) -> Iterator[str]:
    """Each score before and after; the missing indicators only for a unit's own file."""
    if answer.consequences:
        yield f"  {HEADINGS['consequence'].text(language)}:"
    yield from _shown([score_change(consequence).text(language) for consequence in answer.consequences])
    for consequence in answer.consequences if answer.sender else ():
        if lacking := missing_indicators(consequence):
            yield f"    {BASES[consequence.basis].text(language)}: {lacking.text(language)}"


def refusal_lines(refusal: Refusal, language: Language) -> Iterator[str]:
    """Why nothing of a file counts, and how to fix it."""
    yield f"  {HEADINGS['why_refused'].text(language)}: {refusal.why.text(language)}"
    yield f"    {_plain(refusal.detail.text(language))}"
    yield f"  {HEADINGS['mend'].text(language)}: {refusal.mend.text(language)}"


def moves(
    counted: Mapping[str, int], changes: Sequence[Change], consequences: Sequence[Consequence], language: Language
) -> Iterator[str]:
    """The number of figures of each kind of change, each change of a figure, and each score before and after."""
    if consequences:
        yield f"  {RECEIPTS['scores'].text(language)}:"
        yield from _shown([score_change(consequence).text(language) for consequence in consequences])
    numbers = {name: number for name, number in counted.items() if name in FIGURES}
    yield "  " + _counts(numbers, FIGURES, RECEIPTS["figures"], language)
    yield from _shown([f"{change.unit} · {_change(change, language)}" for change in changes])


def _facts(answer: Answer, language: Language) -> Iterator[tuple[str, str]]:
    if answer.receipt is not None:
        yield "receipt", f"{answer.receipt}, {moment(answer.received_at).text(language)}"
    if answer.confirmed_at:
        yield "confirmed_at", moment(answer.confirmed_at).text(language)
    if answer.sender:
        yield "sender", f"{answer.sender.unit} {answer.sender.name.text(language)}"
    yield "feed", f"{answer.feed_title.text(language)} ({answer.feed}), {answer.period}"
    yield "standing", standing(answer).text(language)
    if name := save_as(answer):
        yield "save_as", name.text(language)


def _counts(counted: Mapping[str, int], words: Mapping[str, Bilingual], heading: Bilingual, language: Language) -> str:
    parts = ", ".join(f"{number} {words[name].text(language)}" for name, number in counted.items() if number)
    return f"{heading.text(language)}: {parts or HEADINGS['none'].text(language)}"


def _change(change: Change, language: Language) -> str:
    basis = BASES[change.basis].text(language) if change.basis in BASES else change.basis
    indicator = indicator_text(Indicator(change.node, change.name)).text(language)
    return f"{change.label.text(language)}: {indicator} ({basis}): {before_and_after(change).text(language)}"


def _finding(group: Group, language: Language) -> str:
    first, text = group.first, _plain(cell_text(group))
    where = f"{locations(group).text(language)}: " if first.locator or first.node else ""
    problem = first.why.text(language) + (f" «{text}»" if text else "")
    expectation = f"{HEADINGS['expected'].text(language)}: {expected(group).text(language)}"
    return f"{_plain(where + problem)}; {expectation}. {first.mend.text(language)}"


def _shown(entries: list[str], unlisted: int = 0) -> Iterator[str]:
    yield from (f"    {line}" for line in entries[:SHOWN])
    if more := len(entries[SHOWN:]) + unlisted:
        yield f"    … +{more}"


def _plain(text: str) -> str:
    """The text in one line, without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
