"""The answer in a terminal: plain lines in one language.

Here: lines. Not here: the facts (``answer``) nor colours. What came from a file is shown without control characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from dti_platform.report.answer import Answer, Change, Finding, Refusal
from dti_platform.report.answer_words import ACCOUNTED, BASES, CLASSES, HEADINGS, KINDS, OUTCOMES, moved, standing
from dti_platform.said import Language

__all__ = ["lines", "refusal_lines"]

MARKS = {"accepted": "✓", "unchanged": "=", "accepted_in_part": "!", "refused": "✗"}
#: So many changes and findings of a kind are shown; the rest stands in the page and the workbook.
SHOWN = 12


def lines(answer: Answer, language: Language) -> Iterator[str]:
    """What the sender is told, the most important first."""
    yield f"{MARKS[answer.outcome]} {OUTCOMES[answer.outcome].within(language)}: {_plain(answer.file_name)}"
    if answer.evidence == "illustrative":
        yield f"  {HEADINGS['illustrative'].within(language)}"
    if answer.dry_run:
        yield f"  {HEADINGS['dry_run'].within(language)}"
    yield from (f"  {HEADINGS[name].within(language)}: {_plain(text)}" for name, text in _facts(answer, language))
    if answer.refusal:
        yield from refusal_lines(answer.refusal, language)
        return
    yield "  " + _counts(answer.cells, ACCOUNTED, "cells", language)
    yield "  " + _counts(answer.counted, KINDS, "changes", language)
    yield from _shown([_change(each, language) for each in answer.changes if each.kind != "new"])
    for name, found in (("errors", answer.errors), ("warnings", answer.warnings)):
        if found:
            yield f"  {HEADINGS[name].within(language)} ({len(found)})"
            yield from _shown([_finding(each, language) for each in found])


def refusal_lines(refusal: Refusal, language: Language) -> Iterator[str]:
    """Why nothing of a file counts, and how to mend it."""
    yield f"  {HEADINGS['why_refused'].within(language)}: {refusal.why.within(language)}"
    yield f"    {_plain(refusal.detail.within(language))}"
    yield f"  {HEADINGS['mend'].within(language)}: {refusal.mend.within(language)}"


def _facts(answer: Answer, language: Language) -> Iterator[tuple[str, str]]:
    if answer.receipt is not None:
        yield "receipt", f"{answer.receipt} ({answer.received_at})"
    if answer.sender:
        yield "sender", f"{answer.sender.unit} {answer.sender.name.within(language)}"
    yield "feed", f"{answer.feed} {answer.period}"
    yield "standing", standing(answer).within(language)


def _counts(counted: object, words: object, heading: str, language: Language) -> str:
    assert isinstance(counted, dict), "an answer's counts are a dictionary"
    assert isinstance(words, dict), "words are a dictionary"
    told = ", ".join(f"{number} {words[name].within(language)}" for name, number in counted.items() if number)
    return f"{HEADINGS[heading].within(language)}: {told or HEADINGS['none'].within(language)}"


def _change(change: Change, language: Language) -> str:
    basis = BASES[change.basis].within(language) if change.basis in BASES else change.basis
    return f"{change.node} ({basis}): {moved(change).within(language)}"


def _finding(finding: Finding, language: Language) -> str:
    kind, read = CLASSES[finding.error_class].within(language), _plain(finding.read)
    told = f"{finding.why.within(language)} [{kind}] «{read}»"
    expected = f"{HEADINGS['expected'].within(language)}: {finding.expected.within(language)}"
    return f"{_plain(finding.place.within(language))}: {told}; {expected}. {finding.mend.within(language)}"


def _shown(told: list[str]) -> Iterator[str]:
    yield from (f"    {line}" for line in told[:SHOWN])
    if len(told) > SHOWN:
        yield f"    … +{len(told) - SHOWN}"


def _plain(text: str) -> str:
    """In one line and without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
