"""A self-assessment form as the bytes of a workbook: the same bytes for the same form.

Here: layout and formats. Not here: what the sheet declares (``declaration``), nor any figure. Bytes leave
through the return value: no clock, path or host name gets in.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping

from dti_platform.feeds.marks import SYNTHETIC
from dti_platform.feeds.sheet.declaration import (
    COLUMNS,
    LABELS,
    MADE_UP,
    MEASURED_IN,
    NAME,
    RAW,
    TITLE,
    UNSCORED,
    Form,
    Line,
)
from dti_platform.feeds.sheet.page import Page, Pages, Style

#: A workbook must carry a time of creation; no real one would leave the bytes the same.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
WIDTHS = {
    "code": 9, "name": 62, "group": 26, "status": 24, "department": 30, "evidence": 46, "previous_evidence": 46,
}  # fmt: skip
NARROW = 12
#: The columns of every sheet; the others stand in a sheet that has something for them.
ALWAYS = (
    "code", "name", "group", "maximum", "self", "verified", "difference", "status", "department", "deadline",
    "evidence",
)  # fmt: skip
FORMATS: Mapping[str, Style] = {
    "title": {"bold": True, "font_size": 14},
    "label": {"bold": True},
    "warning": {"bold": True, "font_size": 12, "font_color": "#9C0006", "bg_color": "#FFEB9C"},
    "header": {
        "bold": True, "bg_color": "#1F4E78", "font_color": "#FFFFFF", "border": 1,
        "text_wrap": True, "align": "center", "valign": "vcenter",
    },
    "text": {"text_wrap": True, "valign": "top", "border": 1},
    "code": {"num_format": "@", "valign": "top", "border": 1},
    "points": {"num_format": "#,##0.###", "valign": "top", "border": 1},
    "day": {"num_format": "dd/mm/yyyy", "valign": "top", "border": 1},
}  # fmt: skip
SUM: Style = {"bold": True, "bg_color": "#DDEBF7"}


class Layout:
    """Where the title block, the columns and the lines of a form stand; rows and columns from 0."""

    def __init__(self, form: Form) -> None:
        """Nothing is written yet."""
        self.form = form
        shown = {*ALWAYS, *_more(form)}
        self.columns = [column for column in COLUMNS if column.name in shown]
        self.at = {column.name: place for place, column in enumerate(self.columns)}
        self.warnings = (*(SYNTHETIC if form.synthetic else ()), *(MADE_UP if form.made_up else ()))
        labelled = [name for name in LABELS if getattr(form, name) is not None]
        self.rows = {name: row for row, name in enumerate(labelled, len(self.warnings) + 1)}
        """Where each line of the title block stands, by its name."""
        self.top = len(self.warnings) + len(labelled) + 2
        """The row of the header."""

    def write(self, pages: Pages) -> Page:
        """Title block, header, every line; the header and the names stay in sight."""
        page = pages.add(NAME)
        self._write_title(page)
        for place, column in enumerate(self.columns):
            page.sheet.set_column(place, place, WIDTHS.get(column.name, NARROW))
            page.put(self.top, place, column.aliases[0], FORMATS["header"])
        for row, line in enumerate(self.form.lines, self.top + 1):
            for name, (kind, value) in _cells(line).items():
                if name in self.at:
                    page.put(row, self.at[name], value, {**FORMATS[kind], **({} if line.kind == "row" else SUM)})
        page.sheet.freeze_panes(self.top + 1, self.at["name"] + 1)
        return page

    def fixed(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Row, column and possible texts of what identifies this layout: title, labels, header, codes."""
        yield 0, 0, (TITLE,)
        yield from ((row, 0, (LABELS[name][0],)) for name, row in self.rows.items())
        yield from ((self.top, place, column.aliases) for place, column in enumerate(self.columns))
        yield from ((row, self.at["code"], (line.code,)) for row, line in enumerate(self.form.lines, self.top + 1))

    def _write_title(self, page: Page) -> None:
        page.put(0, 0, TITLE, FORMATS["title"])
        for row, text in enumerate(self.warnings, 1):
            page.put(row, 0, text, FORMATS["warning"])
        for name, row in self.rows.items():
            page.put(row, 0, LABELS[name][0], FORMATS["label"])
            page.put(row, 1, getattr(self.form, name), FORMATS["label"])


def _more(form: Form) -> Iterator[str]:
    """The columns that this sheet has beside those of every sheet."""
    if form.blank:
        yield "measured_in"
    if form.raw or any(line.numerator is not None or line.denominator is not None for line in form.lines):
        yield from RAW
    if any(line.final is not None for line in form.lines):
        yield "final"
    if any(line.previous is not None for line in form.lines):
        yield from ("previous", "previous_evidence")


def write(form: Form) -> bytes:
    """The workbook of a form."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties(properties(form))
        Layout(form).write(Pages(book))
    return content.getvalue()


def properties(form: Form) -> dict[str, object]:
    """What the document says of itself; that it is synthetic, too."""
    marks = " / ".join(SYNTHETIC) if form.synthetic else ""
    title = f"{form.unit_id} {form.period} {form.framework}"
    return {"title": title, "subject": TITLE, "comments": marks, "keywords": marks, "created": CREATED}


def _cells(line: Line) -> dict[str, tuple[str, object]]:
    """Format and value by column."""
    both = line.self_score is not None and line.verified is not None
    difference = (line.self_score or 0) - (line.verified or 0) if both else None
    if isinstance(difference, int):  # of two zeros: text in the committed workbooks
        difference = str(difference)
    return {
        "code": ("code", line.code),
        "name": ("text", line.name),
        "group": ("text", line.group),
        "measured_in": ("text", MEASURED_IN[line.scored]),
        "maximum": ("points", line.maximum if line.scored else UNSCORED),
        "numerator": ("points", line.numerator),
        "denominator": ("points", line.denominator),
        "self": ("points", line.self_score),
        "verified": ("points", line.verified),
        "final": ("points", line.final),
        "difference": ("points", difference),
        "status": ("text", line.status),
        "department": ("text", line.department),
        "deadline": ("day", line.deadline),
        "evidence": ("text", line.evidence),
        "previous": ("points", line.previous),
        "previous_evidence": ("text", line.previous_evidence),
    }
