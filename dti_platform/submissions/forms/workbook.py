"""The sender's workbook sent back, coloured and commented: it can be corrected and sent again.

Here: the colours, the comments, and a sheet that lists them. Not here: what is said (``answer``), nor how sent cells
are put into a template or copied (``feeds.sheet.page``).
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
    consequence,
    expected,
    missing,
    places,
    read,
    save_as,
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

#: A workbook must carry a time of creation; no real one would leave the bytes the same.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
COLOURS = {"error": "#FFC7CE", "warning": "#FFEB9C"}
#: The columns of the list of findings, and how wide each is, in characters.
_LISTED = {"severity": 24, "class": 14, "place": 34, "read": 24, "why": 44, "expected": 28, "mend": 44}
_WIDTH, _LINE = sum(_LISTED.values()) - _LISTED["severity"], 15
_TEXT: Style = {"text_wrap": True, "valign": "top", "num_format": "@"}


def make(answered: AnsweredFile) -> bytes | None:
    """The copy of a file that could be opened; None of one that could not."""
    return workbook(answered.answer, answered.book, answered.template) if answered.book else None


def workbook(answer: Answer, book: Book, template: Template | None = None) -> bytes:
    """What was sent, in its template or sheet by sheet, every finding at its cell; at the end a sheet of all of them.

    The list of an earlier answer that was sent back is left out.
    """
    import xlsxwriter

    content = io.BytesIO()
    sent = tuple(sheet for sheet in book.sheets if not is_answer(sheet))
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        made.set_properties({"title": f"{HEADINGS['title'].vi}: {answer.file_name}"[:255], "created": CREATED})
        pages = Pages(made, sent, _marks(answer))
        if template:
            template.write(pages)
        pages.copy_rest()
        _list_all(pages.add(ANSWER), answer)
    return content.getvalue()


def _marks(answer: Answer) -> Mapping[At, Mark]:
    """What is said of each cell, in the colour of the worst."""
    findings: dict[At, list[Finding]] = {}
    for each in answer.findings:
        if each.row is not None and each.column is not None:
            findings.setdefault((each.sheet, each.row, each.column), []).append(each)
    return {at: _mark(found) for at, found in findings.items()}


def _mark(findings: Sequence[Finding]) -> Mark:
    worst = "error" if any(each.severity == "error" for each in findings) else "warning"
    return Mark(COLOURS[worst], _comment(findings), 60 + 70 * len(findings))


def _list_all(page: Page, answer: Answer) -> None:
    """What the answer says, in both languages, as text."""
    on_paper(page.sheet)
    for column, width in enumerate(_LISTED.values()):
        page.sheet.set_column(column, column, width)
    head = list(_head(answer))
    for row, (name, text) in enumerate(head):
        page.put(row, 0, _lines(HEADINGS[name]), _TEXT)
        page.sheet.set_row(row, _LINE * _height(text))
        page.merge(row, 1, len(_LISTED) - 1, text, _TEXT)
    if answer.refusal or answer.outcome == "waiting":
        page.sheet.activate()
    for column, name in enumerate(_LISTED if answer.findings else ()):
        page.put(len(head) + 1, column, _lines(HEADINGS[name]), _TEXT)
    groups = grouped(answer.findings)
    for row, group in enumerate(groups, len(head) + 2):
        for column, text in enumerate(_line(group)):
            page.put(row, column, text, {**_TEXT, "bg_color": COLOURS[group.first.severity]})
    if unlisted := sum(answer.unlisted.values()):
        page.put(len(head) + 2 + len(groups), 0, _lines(and_more(unlisted)), _TEXT)


def _head(answer: Answer) -> Iterator[tuple[str, str]]:
    """Headings and texts above the list: first whether the file counts, and what it does to the score."""
    yield "outcome", _lines(OUTCOMES[answer.outcome])
    yield "effect", _lines(answer.effect)
    for each in answer.consequences:
        yield "consequence", _lines(consequence(each))
        if lacking := missing(each):
            yield "missing", _lines(lacking)
    yield from _refused(answer.refusal).items()
    receipt = Bilingual.same("{number}, {at}").format(number=answer.receipt or "–", at=moment(answer.received_at))
    yield "receipt", _lines(receipt)
    if answer.confirmed_at:
        yield "confirmed_at", _lines(moment(answer.confirmed_at))
    yield "file", answer.file_name
    yield "standing", _lines(standing(answer))
    if name := save_as(answer):
        yield "save_as", _lines(name)


def _refused(refusal: Refusal | None) -> Mapping[str, str]:
    """Why nothing counts, and how to fix it; nothing where something does."""
    if refusal is None:
        return {}
    why = Bilingual(f"{refusal.why.vi}: {refusal.detail.vi}", f"{refusal.why.en}: {refusal.detail.en}")
    return {"why_refused": _lines(why), "mend": _lines(refusal.mend)}


def _line(group: Group) -> tuple[str, ...]:
    first = group.first
    words = (SEVERITIES[first.severity], CLASSES[first.error_class], places(group))
    severity, kind, place = map(_lines, words)
    why, wanted, mend = map(_lines, (first.why, expected(group), first.mend))
    return severity, kind, place, read(group), why, wanted, mend


def _height(text: str) -> int:
    """How many lines a text takes beside its heading, which has two; a merged cell does not grow by itself."""
    return max(2, sum(1 + len(line) // _WIDTH for line in text.split("\n")))


def _lines(text: Bilingual) -> str:
    """Vietnamese, and English in a line below it; what both share stands once."""
    return text.vi if text.vi == text.en else f"{text.vi}\n{text.en}"


def _comment(findings: Sequence[Finding]) -> str:
    """What is wrong with one cell, first in Vietnamese, then in English."""
    blocks = [_in_language(each, language) for each in findings for language in ("vi", "en")]
    return "\n\n".join(blocks)[:LONGEST]


def _in_language(each: Finding, language: Language) -> str:
    severity, why, expected, wanted, mend = (
        getattr(text, language)
        for text in (SEVERITIES[each.severity], each.why, HEADINGS["expected"], each.expected, each.mend)
    )
    return f"{severity}: {why}\n{expected}: {wanted}\n→ {mend}"
