"""A self-assessment form as the bytes of a workbook: the same bytes for the same form.

Here: layout and formats. Not here: what the sheet declares (``declaration``), nor any figure. Bytes leave
through the return value: no clock, path or host name gets in.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from dti_platform.feeds.sheet.declaration import (
    COLUMNS,
    LABELS,
    MADE_UP,
    MEASURED_IN,
    NAME,
    SYNTHETIC,
    TITLE,
    UNSCORED,
    Form,
    Line,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: A workbook must carry a time of creation; no real one would leave the bytes the same.
CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
#: Of paper, as workbooks number it.
A4 = 9
WIDTHS = {
    "code": 9, "name": 62, "group": 26, "status": 24, "department": 30, "evidence": 46, "previous_evidence": 46,
}  # fmt: skip
NARROW = 12
#: The columns of every sheet; the others stand in a sheet that has something for them.
ALWAYS = (
    "code", "name", "group", "maximum", "self", "verified", "difference", "status", "department", "deadline",
    "evidence",
)  # fmt: skip
FORMATS: Mapping[str, Mapping[str, object]] = {
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
SUM = {"bold": True, "bg_color": "#DDEBF7"}


class Layout:
    """One sheet being written: where its columns stand, and its formats. A template goes on from here."""

    def __init__(self, book: Workbook, form: Form) -> None:
        """Nothing is written yet."""
        self.form, self.sheet = form, book.add_worksheet(NAME)
        shown = {*ALWAYS, *_more(form)}
        self.columns = [column for column in COLUMNS if column.name in shown]
        self.at = {column.name: place for place, column in enumerate(self.columns)}
        self.formats = {name: book.add_format(dict(given)) for name, given in FORMATS.items()}
        self.sums = {name: book.add_format({**given, **SUM}) for name, given in FORMATS.items()}
        self.top = 0
        self.rows = dict[str, int]()
        """Where each line of the title block stands, by its name."""

    def write(self) -> None:
        """Title block, header, every line; the header and the names stay in sight."""
        self._write_title()
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, WIDTHS.get(column.name, NARROW))
            self.sheet.write_string(self.top, place, column.aliases[0], self.formats["header"])
        for row, line in enumerate(self.form.lines, self.top + 1):
            for name, (kind, value) in _cells(line).items():
                if name in self.at:
                    formats = self.formats if line.kind == "row" else self.sums
                    self.put(row, self.at[name], value, formats[kind])
        self.sheet.freeze_panes(self.top + 1, self.at["name"] + 1)

    def _write_title(self) -> None:
        labelled = {name: text for name in LABELS if (text := getattr(self.form, name)) is not None}
        warnings = (*(SYNTHETIC if self.form.synthetic else ()), *(MADE_UP if self.form.made_up else ()))
        self.put(0, 0, TITLE, self.formats["title"])
        for row, text in enumerate(warnings, 1):
            self.put(row, 0, text, self.formats["warning"])
        for row, (name, text) in enumerate(labelled.items(), len(warnings) + 1):
            self.rows[name] = row
            self.put(row, 0, LABELS[name][0], self.formats["label"])
            self.put(row, 1, text, self.formats["label"])
        self.top = len(warnings) + len(labelled) + 2

    def put(self, row: int, column: int, value: object, given: Format | None) -> None:
        """One cell by the type of its value; text is never taken for a formula or a link."""
        if value is None or value == "":
            self.sheet.write_blank(row, column, None, given)
        elif isinstance(value, Decimal):
            self.sheet.write_number(row, column, float(value), given)
        elif isinstance(value, dt.date):
            self.sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time.min), given)
        else:
            self.sheet.write_string(row, column, str(value), given)


def _more(form: Form) -> Iterator[str]:
    """The columns that this sheet has beside those of every sheet."""
    if form.blank:
        yield "measured_in"
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
        Layout(book, form).write()
    return content.getvalue()


def on_paper(sheet: Worksheet) -> None:
    """A4 on its side, all columns on one page, numbered."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&F&R&P / &N")


def properties(form: Form) -> dict[str, object]:
    """What the document says of itself; that it is synthetic, too."""
    marks = " / ".join(SYNTHETIC) if form.synthetic else ""
    title = f"{form.unit_id} {form.period} {form.framework}"
    return {"title": title, "subject": TITLE, "comments": marks, "keywords": marks, "created": CREATED}


def _cells(line: Line) -> dict[str, tuple[str, object]]:
    """Format and value by column."""
    both = line.self_score is not None and line.verified is not None
    difference = (line.self_score or 0) - (line.verified or 0) if both else None
    return {
        "code": ("code", line.code),
        "name": ("text", line.name),
        "group": ("text", line.group),
        "measured_in": ("text", MEASURED_IN[line.scored]),
        "maximum": ("points", line.maximum if line.scored else UNSCORED),
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
