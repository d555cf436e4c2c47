"""The answer in a terminal: plain lines in one language.

Here: lines. Not here: the facts (``answer``) nor colours. What came from a file is shown without control characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dti_platform.report.answer import Answer, Change, Finding, Said
from dti_platform.report.answer_words import ACCOUNTED, BASES, CLASSES, HEADINGS, KINDS, OUTCOMES, standing

__all__ = ["lines"]

Language = Literal["vi", "en"]
MARKS = {"accepted": "✓", "unchanged": "=", "accepted_in_part": "!", "refused": "✗"}
#: So many changes and findings of a kind are shown; the rest stands in the page and the workbook.
SHOWN = 12


def lines(answer: Answer, language: Language) -> Iterator[str]:
    """What the sender is told, the most important first."""
    yield f"{MARKS[answer.outcome]} {_say(OUTCOMES[answer.outcome], language)}: {_plain(answer.file_name)}"
    if answer.evidence == "illustrative":
        yield f"  {_say(HEADINGS['illustrative'], language)}"
    if answer.dry_run:
        yield f"  {_say(HEADINGS['dry_run'], language)}"
    yield from (f"  {_say(HEADINGS[name], language)}: {_plain(text)}" for name, text in _facts(answer, language))
    if answer.refusal:
        why = f"{_say(answer.refusal.why, language)} ({_plain(answer.refusal.detail)})"
        yield f"  {_say(HEADINGS['why_refused'], language)}: {why}"
        return
    yield "  " + _counts(answer.cells, ACCOUNTED, "cells", language)
    yield "  " + _counts(answer.counted, KINDS, "changes", language)
    yield from _shown([_change(each, language) for each in answer.changes if each.kind != "new"])
    for name, found in (("errors", answer.errors), ("warnings", answer.warnings)):
        if found:
            yield f"  {_say(HEADINGS[name], language)} ({len(found)})"
            yield from _shown([_finding(each, language) for each in found])


def _facts(answer: Answer, language: Language) -> Iterator[tuple[str, str]]:
    if answer.receipt is not None:
        yield "receipt", f"{answer.receipt} ({answer.received_at})"
    if answer.sender:
        yield "sender", f"{answer.sender.unit} {_say(answer.sender.name, language)}"
    yield "feed", f"{answer.feed} {answer.period}"
    yield "standing", _say(standing(answer), language)


def _counts(counted: object, words: object, heading: str, language: Language) -> str:
    assert isinstance(counted, dict), "an answer's counts are a dictionary"
    assert isinstance(words, dict), "words are a dictionary"
    told = ", ".join(f"{number} {_say(words[name], language)}" for name, number in counted.items() if number)
    return f"{_say(HEADINGS[heading], language)}: {told or _say(HEADINGS['none'], language)}"


def _change(change: Change, language: Language) -> str:
    values = f"{_number(change.before, language)} → {_number(change.after, language)}"
    basis = _say(BASES[change.basis], language) if change.basis in BASES else change.basis
    return f"{change.node} ({basis}): {values}"


def _finding(finding: Finding, language: Language) -> str:
    kind, read = _say(CLASSES[finding.error_class], language), _plain(finding.read)
    told = f"{_say(finding.why, language)} [{kind}] «{read}»"
    expected = f"{_say(HEADINGS['expected'], language)}: {_say(finding.expected, language)}"
    return f"{_plain(finding.locator or '-')}: {told}; {expected}. {_say(finding.mend, language)}"


def _shown(told: list[str]) -> Iterator[str]:
    yield from (f"    {line}" for line in told[:SHOWN])
    if len(told) > SHOWN:
        yield f"    … +{len(told) - SHOWN}"


def _number(value: float | None, language: Language) -> str:
    told = "–" if value is None else f"{value:g}"
    return told.replace(".", ",") if language == "vi" else told


def _say(said: Said, language: Language) -> str:
    return said.vi if language == "vi" else said.en


def _plain(text: str) -> str:
    """In one line and without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
