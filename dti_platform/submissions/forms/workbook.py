"""The sender's workbook sent back: a copy of what was read, cell by cell, coloured and commented.

Here: the copy, the colours, the comments, and a sheet that lists them. Not here: what is said (``answer``). Text stays
text: nothing that came in becomes a formula or a link. The copy can be corrected and sent again.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.glossary import CLASSES, OUTCOMES, SEVERITIES
from dti_platform.language import Bilingual, Language
from dti_platform.submissions.answer import Answer, Finding, Refusal
from dti_platform.submissions.forms import Form
from dti_platform.submissions.forms.words import HEADINGS, standing

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from dti_platform.reading import Book, Cell, Sheet
    from dti_platform.submissions.answer import AnsweredFile

FORM = Form(
    "answer.xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Bilingual("Bảng tính có đánh dấu ô lỗi", "Workbook with its cells marked"),
)

#: A workbook must carry a time of creation; no real one would leave the bytes the same.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
COLOURS = {"error": "#FFC7CE", "warning": "#FFEB9C"}
#: What a spreadsheet holds in one cell, and of what a name of a sheet may not consist.
LONGEST, FORBIDDEN = 32_767, re.compile(r"[\[\]:*?/\\]|^'|'$")
DAY = "dd/mm/yyyy"
_AUTHOR = "DTI"
_A4 = 9
#: The columns of the list of findings, and how wide each is, in characters.
_LISTED = {"severity": 24, "class": 14, "place": 20, "read": 24, "why": 44, "expected": 28, "mend": 44}
_WIDTH, _LINE = sum(_LISTED.values()) - _LISTED["severity"], 15


def make(answered: AnsweredFile) -> bytes | None:
    """The copy of a file that could be opened; None of one that could not."""
    return workbook(answered.answer, answered.book) if answered.book else None


def workbook(answer: Answer, book: Book) -> bytes:
    """The copy, with every finding at its cell and a sheet of all of them at the end."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        made.set_properties({"title": f"{HEADINGS['title'].vi}: {answer.file_name}"[:255], "created": CREATED})
        copy = _Copy(made, answer)
        for name, sheet in zip(_names(book.sheets), book.sheets, strict=True):
            copy.add(name, sheet)
        copy.list_all()
    return content.getvalue()


def _names(sheets: Sequence[Sheet]) -> Iterator[str]:
    """Names that a spreadsheet allows, each once."""
    taken = set[str]()
    for number, sheet in enumerate(sheets, 1):
        name = FORBIDDEN.sub("_", sheet.name or "Phiếu")[:31].strip() or f"{number}"
        if name.casefold() in taken:
            name = f"{name[:26]} ({number})"
        taken.add(name.casefold())
        yield name


class _Copy:
    """A workbook being written: its formats, by colour and number format."""

    def __init__(self, made: Workbook, answer: Answer) -> None:
        self.made, self.answer = made, answer
        self.formats: dict[tuple[str | None, str | None], Format] = {}
        self.findings: dict[tuple[str | None, int, int], list[Finding]] = {}
        for each in answer.findings:
            if each.row is not None and each.column is not None:
                self.findings.setdefault((each.sheet, each.row, each.column), []).append(each)

    def add(self, name: str, sheet: Sheet) -> None:
        """One sheet, as it was read."""
        page = self._page(name)
        page.set_column(0, 0, 14)
        page.set_column(1, 40, 24)
        if sheet.hidden and sheet.name is not None and self.made.worksheets()[0] is not page:
            page.hide()
        for row in sheet.rows:
            for cell in row:
                self._put(page, cell, self.findings.get((sheet.name, cell.row, cell.column), ()))

    def _put(self, page: Worksheet, cell: Cell, findings: Sequence[Finding]) -> None:
        severity = "error" if any(each.severity == "error" for each in findings) else "warning" if findings else None
        row, column = cell.row - 1, cell.column - 1
        if cell.kind == "blank" and severity is None:
            return
        self._write(page, row, column, cell, severity)
        if findings:
            options = {"author": _AUTHOR, "width": 320, "height": 60 + 70 * len(findings)}
            page.write_comment(row, column, _comment(findings), options)

    def _write(self, page: Worksheet, row: int, column: int, cell: Cell, severity: str | None) -> None:
        """By the type of its value; whatever has no type of its own is text."""
        value = cell.value
        if isinstance(value, bool):
            page.write_boolean(row, column, value, self._format(severity, None))
        elif isinstance(value, int | float):
            page.write_number(row, column, value, self._format(severity, cell.number_format))
        elif isinstance(value, dt.datetime | dt.date | dt.time):
            moment = value.replace(tzinfo=None) if isinstance(value, dt.datetime | dt.time) else value
            page.write(row, column, moment, self._format(severity, cell.number_format or DAY))
        elif cell.raw:
            page.write_string(row, column, cell.raw[:LONGEST], self._format(severity, "@"))
        else:
            page.write_blank(row, column, None, self._format(severity, None))

    def _format(self, severity: str | None, number_format: str | None) -> Format:
        key = severity, number_format
        if key not in self.formats:
            colour = {"bg_color": COLOURS[severity]} if severity else {}
            shown = {"num_format": number_format} if number_format else {}
            self.formats[key] = self.made.add_format({**colour, **shown, "text_wrap": True, "valign": "top"})
        return self.formats[key]

    def _page(self, name: str) -> Worksheet:
        """A sheet that is as wide as the paper."""
        page = self.made.add_worksheet(name)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        return page

    def list_all(self) -> None:
        """What the answer says, in both languages, as text."""
        page = self._page("Phản hồi – Answer")
        for column, width in enumerate(_LISTED.values()):
            page.set_column(column, column, width, self._format(None, "@"))
        answer = self.answer
        head: Mapping[str, str] = {
            "receipt": str(answer.receipt or "–"),
            "file": answer.file_name,
            "outcome": _lines(OUTCOMES[answer.outcome]),
            "standing": _lines(standing(answer)),
            **_refused(answer.refusal),
        }
        for row, (name, text) in enumerate(head.items()):
            page.write_string(row, 0, _lines(HEADINGS[name]), self._format(None, "@"))
            page.set_row(row, _LINE * _height(text))
            page.merge_range(row, 1, row, len(_LISTED) - 1, text[:LONGEST], self._format(None, "@"))
        if answer.refusal:
            page.activate()
        for column, name in enumerate(_LISTED if answer.findings else ()):
            page.write_string(len(head) + 1, column, _lines(HEADINGS[name]), self._format(None, "@"))
        for row, each in enumerate(answer.findings, len(head) + 2):
            for column, text in enumerate(_line(each)):
                page.write_string(row, column, text[:LONGEST], self._format(each.severity, "@"))


def _refused(refusal: Refusal | None) -> Mapping[str, str]:
    """Why nothing counts, and how to fix it; nothing where something does."""
    if refusal is None:
        return {}
    why = Bilingual(f"{refusal.why.vi}: {refusal.detail.vi}", f"{refusal.why.en}: {refusal.detail.en}")
    return {"why_refused": _lines(why), "mend": _lines(refusal.mend)}


def _line(each: Finding) -> tuple[str, ...]:
    words = (SEVERITIES[each.severity], CLASSES[each.error_class], each.place, each.why, each.expected, each.mend)
    severity, kind, place, why, expected, mend = map(_lines, words)
    return severity, kind, place, each.read, why, expected, mend


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
