"""The sender's workbook sent back, coloured and commented: it can be corrected and sent again.

Here: the colours, the comments, and a sheet that lists them. Not here: the content (``answer``), nor how submitted
cells are put into a template or copied (``feeds.sheet.page``).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.feeds.sheet.declaration import ANSWER, is_answer
from dti_platform.feeds.sheet.page import LONGEST, At, Mark, Page, Pages, Style, on_paper
from dti_platform.glossary import CLASSES, OUTCOMES, SEVERITIES
from dti_platform.language import Bilingual, Language
from dti_platform.periods import moment
from dti_platform.submissions.answer import Answer, Finding, Group, Refusal, grouped
from dti_platform.submissions.forms import Form
from dti_platform.submissions.forms.words import (
    HEADINGS,
    and_more,
    cell_text,
    expected,
    locations,
    missing_indicators,
    save_as,
    score_change,
    standing,
)

if TYPE_CHECKING:
    from dti_platform.reading import Book
    from dti_platform.submissions.answer import AnsweredFile, Template

FORM = Form(
    "answer.xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Bilingual("Bảng tính có đánh dấu ô lỗi", "Workbook with its cells marked"),
)

#: A workbook must have a time of creation; the real one would make the bytes differ each time.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
COLOURS = {"error": "#FFC7CE", "warning": "#FFEB9C"}
#: The columns of the list of findings, and their widths in characters.
_LISTED = {"severity": 24, "class": 14, "place": 34, "read": 24, "why": 44, "expected": 28, "mend": 44}
_WIDTH, _LINE = sum(_LISTED.values()) - _LISTED["severity"], 15
_TEXT: Style = {"text_wrap": True, "valign": "top", "num_format": "@"}


def make(answered: AnsweredFile) -> bytes | None:
    """The marked copy of a file; None where the file could not be opened."""
    return workbook(answered.answer, answered.book, answered.template) if answered.book else None


def workbook(answer: Answer, book: Book, template: Template | None = None) -> bytes:
    """The submitted content, in its template or sheet by sheet, with findings at their cells; and a sheet of findings.

    A sheet with the findings of an earlier answer is left out.
    """
    import xlsxwriter

    content = io.BytesIO()
    sent = tuple(sheet for sheet in book.sheets if not is_answer(sheet))
    with xlsxwriter.Workbook(content, {"in_memory": True}) as document:
        document.set_properties({"title": f"{HEADINGS['title'].vi}: {answer.file_name}"[:255], "created": CREATED})
        pages = Pages(document, sent, _marks(answer))
        if template:
            template.write(pages)
        pages.copy_rest()
        _list_all(pages.add(ANSWER), answer)
    return content.getvalue()


def _marks(answer: Answer) -> Mapping[At, Mark]:
    """The comment on each cell, in the colour of its most severe finding."""
    findings: dict[At, list[Finding]] = {}
    for finding in answer.findings:
        if finding.row is not None and finding.column is not None:
            findings.setdefault((finding.sheet, finding.row, finding.column), []).append(finding)
    return {cell: _mark(listed) for cell, listed in findings.items()}


def _mark(findings: Sequence[Finding]) -> Mark:
    worst = "error" if any(finding.severity == "error" for finding in findings) else "warning"
    return Mark(COLOURS[worst], _comment(findings), 60 + 70 * len(findings))


def _list_all(page: Page, answer: Answer) -> None:
    """Writes the answer as text, in both languages."""
    on_paper(page.sheet)
    for column, width in enumerate(_LISTED.values()):
        page.sheet.set_column(column, column, width)
    head = list(_head(answer))
    for row, (name, text) in enumerate(head):
        page.put(row, 0, _bilingual(HEADINGS[name]), _TEXT)
        page.sheet.set_row(row, _LINE * _height(text))
        page.merge(row, 1, len(_LISTED) - 1, text, _TEXT)
    if answer.refusal or answer.outcome == "waiting":
        page.sheet.activate()
    for column, name in enumerate(_LISTED if answer.findings else ()):
        page.put(len(head) + 1, column, _bilingual(HEADINGS[name]), _TEXT)
    groups = grouped(answer.findings)
    for row, group in enumerate(groups, len(head) + 2):
        for column, text in enumerate(_row(group)):
            page.put(row, column, text, {**_TEXT, "bg_color": COLOURS[group.first.severity]})
    if unlisted := sum(answer.unlisted.values()):
        page.put(len(head) + 2 + len(groups), 0, _bilingual(and_more(unlisted)), _TEXT)


def _head(answer: Answer) -> Iterator[tuple[str, str]]:
    """Headings and texts above the list: first whether the file counts, and how it changes the score."""
    yield "outcome", _bilingual(OUTCOMES[answer.outcome])
    yield "effect", _bilingual(answer.effect)
    for consequence in answer.consequences:
        yield "consequence", _bilingual(score_change(consequence))
        if lacking := missing_indicators(consequence):
            yield "missing", _bilingual(lacking)
    yield from _refused(answer.refusal).items()
    receipt = Bilingual.same("{number}, {at}").format(number=answer.receipt or "–", at=moment(answer.received_at))
    yield "receipt", _bilingual(receipt)
    if answer.confirmed_at:
        yield "confirmed_at", _bilingual(moment(answer.confirmed_at))
    yield "file", answer.file_name
    yield "standing", _bilingual(standing(answer))
    if name := save_as(answer):
        yield "save_as", _bilingual(name)


def _refused(refusal: Refusal | None) -> Mapping[str, str]:
    """Why nothing counts, and how to fix it; empty where the file is not refused."""
    if refusal is None:
        return {}
    why = Bilingual(f"{refusal.why.vi}: {refusal.detail.vi}", f"{refusal.why.en}: {refusal.detail.en}")
    return {"why_refused": _bilingual(why), "mend": _bilingual(refusal.mend)}


def _row(group: Group) -> tuple[str, ...]:
    first = group.first
    words = (SEVERITIES[first.severity], CLASSES[first.error_class], locations(group))
    severity, kind, location = map(_bilingual, words)
    why, expectation, mend = map(_bilingual, (first.why, expected(group), first.mend))
    return severity, kind, location, cell_text(group), why, expectation, mend


def _height(text: str) -> int:
    """The number of lines of a text, at least the two of its heading; a merged cell does not grow by itself."""
    return max(2, sum(1 + len(line) // _WIDTH for line in text.split("\n")))


def _bilingual(text: Bilingual) -> str:
    """Vietnamese, and English in a line below it; once where both are the same."""
    return text.vi if text.vi == text.en else f"{text.vi}\n{text.en}"


def _comment(findings: Sequence[Finding]) -> str:
    """What is wrong with one cell, first in Vietnamese, then in English."""
    blocks = [_comment_text(finding, language) for finding in findings for language in ("vi", "en")]
    return "\n\n".join(blocks)[:LONGEST]


def _comment_text(finding: Finding, language: Language) -> str:
    severity, why, heading, expected, mend = (
        getattr(text, language)
        for text in (SEVERITIES[finding.severity], finding.why, HEADINGS["expected"], finding.expected, finding.mend)
    )
    return f"{severity}: {why}\n{heading}: {expected}\n→ {mend}"
