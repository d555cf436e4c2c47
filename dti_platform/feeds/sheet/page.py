"""Sheets being written: what a template has, and over it what was sent, so that an answer can be filled in again.

Here: one workbook's sheets and formats, and which of two values a cell gets. Not here: what a template has (``writer``,
``template``, ``feeds.blank``), nor what is said of a cell (``submissions``). Text never becomes a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from dti_platform.reading import Cell, Sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: Properties of a format, as XlsxWriter names them.
Style = Mapping[str, object]
AUTHOR = "DTI"
#: Of paper, as workbooks number it.
A4 = 9
#: What a spreadsheet holds in one cell and in the name of a sheet, and what such a name may not have.
LONGEST, LONGEST_NAME, FORBIDDEN = 32_767, 31, re.compile(r"[\[\]:*?/\\]|^'|'$")
DAY = "dd/mm/yyyy"
_COPIED: Style = {"text_wrap": True, "valign": "top"}


class Mark(NamedTuple):
    """What is said of a cell: a colour and a comment."""

    colour: str
    comment: str
    height: int
    """Of the comment, in pixels."""


#: Sheet, row and column of a cell that was sent, from 1.
At = tuple[str | None, int, int]


@dataclass
class Pages:
    """The sheets of one workbook; ``sent`` stands over what is put into a sheet of the same name."""

    book: Workbook
    sent: tuple[Sheet, ...] = ()
    marks: Mapping[At, Mark] = field(default_factory=dict[At, Mark])
    made: dict[str, Page] = field(default_factory=dict[str, "Page"])
    formats: dict[frozenset[tuple[str, object]], Format] = field(
        default_factory=dict[frozenset[tuple[str, object]], "Format"]
    )

    def add(self, name: str) -> Page:
        """A new sheet of a template."""
        sheet = next((sheet for sheet in self.sent if sheet.name == name), None)
        return self._page(name, sheet)

    def copy_rest(self) -> None:
        """Writes everything sent that no template has a place for: cells into their sheets, and whole sheets."""
        for sheet in self.sent:
            page = next((page for page in self.made.values() if page.sent is sheet), None) or self._copy(sheet)
            page.write_rest()

    def format(self, style: Style) -> Format:
        """The format of these properties, made once."""
        key = frozenset(style.items())
        if key not in self.formats:
            self.formats[key] = self.book.add_format(dict(style))
        return self.formats[key]

    def _copy(self, sheet: Sheet) -> Page:
        page = self._page(self._free_name(sheet), sheet)
        on_paper(page.sheet)
        page.sheet.set_column(0, 0, 14)
        page.sheet.set_column(1, 40, 24)
        if sheet.hidden and sheet.name is not None and len(self.made) > 1:
            page.sheet.hide()
        return page

    def _page(self, name: str, sent: Sheet | None) -> Page:
        page = Page(self, self.book.add_worksheet(name), sent)
        self.made[name.casefold()] = page
        return page

    def _free_name(self, sheet: Sheet) -> str:
        """A name that a spreadsheet allows and no other sheet has."""
        name = FORBIDDEN.sub("_", sheet.name or "Phiếu")[:LONGEST_NAME].strip() or "Phiếu"
        number, free = 1, name
        while free.casefold() in self.made:
            number += 1
            end = f" ({number})"
            free = f"{name[: LONGEST_NAME - len(end)]}{end}"
        return free


@dataclass
class Page:
    """One sheet being written; rows and columns from 0."""

    pages: Pages
    sheet: Worksheet
    sent: Sheet | None
    met: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def put(self, row: int, column: int, value: object, style: Style) -> None:
        """One cell: as it was sent, else ``value``; in the template's style, with the colour of what is said of it."""
        self.met.add((row, column))
        cell = self._cell(row, column)
        mark = self._mark(row, column)
        if cell is not None and not cell.blank:
            value, style = _value(cell), _shown(cell, style)
        if mark is not None:
            style = {**style, "bg_color": mark.colour}
            self._comment(row, column, mark.comment, mark.height)
        self._write(row, column, value, self.pages.format(style) if style else None)

    def merge(self, row: int, column: int, last: int, value: str, style: Style) -> None:
        """A text over several columns of a row."""
        self.sheet.merge_range(row, column, row, last, value[:LONGEST], self.pages.format(style))

    def note(self, row: int, column: int, text: str) -> None:
        """A comment of the template, below what is said of the cell."""
        mark = self._mark(row, column)
        if mark is None:
            self.sheet.write_comment(row, column, text, {"author": AUTHOR})
        else:
            self._comment(row, column, f"{mark.comment}\n\n{text}", mark.height + 70)

    def write_rest(self) -> None:
        """What was sent where the template puts nothing; in the format that it came in."""
        for cells in self.sent.rows if self.sent else ():
            for cell in cells:
                row, column = cell.row - 1, cell.column - 1
                if (row, column) not in self.met and (not cell.blank or self._mark(row, column)):
                    self.put(row, column, None, _style(cell))

    def _cell(self, row: int, column: int) -> Cell | None:
        rows = self.sent.rows if self.sent else []
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else None

    def _mark(self, row: int, column: int) -> Mark | None:
        return self.pages.marks.get((self.sent.name, row + 1, column + 1)) if self.sent else None

    def _comment(self, row: int, column: int, text: str, height: int) -> None:
        self.sheet.write_comment(row, column, text[:LONGEST], {"author": AUTHOR, "width": 320, "height": height})

    def _write(self, row: int, column: int, value: object, given: Format | None) -> None:
        """By the type of the value; text is never taken for a formula or a link."""
        if value is None or value == "":
            self.sheet.write_blank(row, column, None, given)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, given)
        elif isinstance(value, int | float | Decimal):
            self.sheet.write_number(row, column, float(value), given)
        elif isinstance(value, dt.datetime):
            self.sheet.write_datetime(row, column, value.replace(tzinfo=None), given)
        elif isinstance(value, dt.date):
            self.sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time.min), given)
        elif isinstance(value, dt.time):
            self.sheet.write(row, column, value.replace(tzinfo=None), given)
        else:
            self.sheet.write_string(row, column, str(value)[:LONGEST], given)


def _value(cell: Cell) -> object:
    """What a cell holds, as far as a workbook has a type for it; else its text."""
    value = cell.value
    if isinstance(value, bool | dt.datetime | dt.date | dt.time):
        return value
    return value if isinstance(value, int | float) and _is_storable(value) else cell.raw


def _is_storable(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _style(cell: Cell) -> Style:
    """Of a cell that no template has: wrapped, in its own number format; text as text."""
    typed = isinstance(_value(cell), bool | int | float | dt.date | dt.time)
    shown = cell.number_format if typed else "" if cell.blank else "@"
    return {**_COPIED, "num_format": shown} if shown else _COPIED


def _shown(cell: Cell, style: Style) -> Style:
    """A date stays a date where the template expects none, and a number stays a number where it expects a date."""
    value, day = _value(cell), style.get("num_format") == DAY
    if isinstance(value, dt.date | dt.time):
        return style if day else {**style, "num_format": cell.number_format or DAY}
    return {**style, "num_format": "General"} if day and isinstance(value, int | float) else style


def on_paper(sheet: Worksheet) -> None:
    """A4 on its side, all columns on one page, numbered."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&F&R&P / &N")
