"""The workbook to fill of a feed whose table is declared by its columns: the same declaration, run backwards.

Here: header, what each column takes, lists to choose from, and rows that are printed already. Not here: the
self-assessment, whose rows are those of a framework (``sheet.template``).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import contains, itemgetter
from typing import TYPE_CHECKING

from dti_platform.feeds import Feed, FeedModule, Known
from dti_platform.feeds.sheet.page import Page, Pages, on_paper
from dti_platform.feeds.sheet.writer import CREATED, FORMATS
from dti_platform.reading import Book, Column, Convention, Sheet, letters

if TYPE_CHECKING:
    from dti_platform.feeds.sheet.template import Template

#: How many rows are open to fill, where none is printed.
ROWS = 2_000
WIDTH = 24
TABLE, GUIDE, LISTS = "Số liệu", "Hướng dẫn", "Danh mục"
#: The comment at the header of a column that is printed and says nothing else.
LOCKED = "Đã in sẵn và khóa; không cần sửa."
_FRAME = {"border": 1, "border_color": "#D9D9D9"}
_FILL = {**_FRAME, "locked": False, "bg_color": "#FFFFE5"}
#: Rows of a template, by column.
Printed = Sequence[Mapping[str, object]]
#: By row what its numbers may be, as XlsxWriter words it.
Limits = Sequence[dict[str, object] | None]


@dataclass(frozen=True)
class Blank:
    """The workbook of a feed; ``choices``: by column, the words that it may hold; a drop-down offers them.

    ``printed``: rows that stand there already; the columns that they have are locked. ``limits``: of each such row,
    what the numbers to fill in may be. ``guide``: how to fill it, where that is not the same as everywhere.
    """

    feed: Feed
    choices: Mapping[str, Collection[str]]
    printed: Printed = ()
    limits: Limits = ()
    guide: Sequence[str] = ()
    height: int = ROWS
    """The number of rows to fill, where none is printed."""

    def workbook(self) -> bytes:
        """Its bytes, the same for the same declaration.

        Raises:
            ValueError: the feed declares no columns.
        """
        if not self.feed.columns:
            raise ValueError(f"{self.feed.id} has no template: its tables are drawn by {self.feed.publisher}")
        import xlsxwriter

        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
            book.set_properties({"title": f"{self.feed.title_vi} / {self.feed.title_en}", "created": CREATED})
            self.write(Pages(book))
        return content.getvalue()

    def write(self, pages: Pages) -> None:
        """The table to fill, the guide and the lists."""
        table, guide = pages.add(TABLE), pages.add(GUIDE)
        closed = {name for row in self.printed for name in row}
        to_fill = [column for column in self.feed.columns if column.name not in closed]
        offered = {each.name: list(self.choices[each.name]) for each in to_fill if each.name in self.choices}
        if offered:
            _write_lists(pages.add(LISTS), self.feed, offered)
        _write_guide(guide, self.feed, self.guide or _how(self.feed), to_fill)
        _write_table(table, self.feed, offered, self.printed or [{}] * self.height)
        _limit(table, [at for at, each in enumerate(self.feed.columns) if each in to_fill and each.number], self.limits)
        for page in (table, guide):
            on_paper(page.sheet)

    def fits(self, sheet: Sheet) -> bool:
        """Whether a sheet that was sent begins with the header of this one, or with that of an earlier template."""
        header = [cell.raw for cell in sheet.rows[0]] if sheet.rows else []
        titles = [(_title(column), *column.aliases) for column in self.feed.columns]
        return len(header) == len(titles) and all(map(contains, titles, header))


def sent_template(book: Book, module: FeedModule, known: Known) -> Template | Blank | None:
    """The template of ours that a workbook was filled in from; None where it is no such workbook."""
    if asked := getattr(module, "sent_template", None):
        return asked(book, known)
    sheet = book.sheet(TABLE)
    if sheet is None or not module.FEED.columns:
        return None
    printed = _printed(sheet, module)
    further = limits_of(module, known, printed), guide_of(module)
    made = Blank(module.FEED, choices_of(module, known), printed, *further, height=max(ROWS, len(sheet.rows)))
    return made if made.fits(sheet) else None


def _printed(sheet: Sheet, module: FeedModule) -> Printed:
    """The rows that the template of a sheet had: those that were sent, where each has the words that one prints."""
    names: tuple[str, ...] = getattr(module, "PRINTED", ())
    columns = [(at, column) for at, column in enumerate(module.FEED.columns) if column.name in names]
    rows = [{column.name: row[at].raw for at, column in columns if at < len(row)} for row in sheet.rows[1:]]
    words = [column.name for _, column in columns if column.number is None]
    return rows if names and all(row.get(word, "").strip() for row in rows for word in words) else ()


def choices_of(module: FeedModule, known: Known) -> Mapping[str, Collection[str]]:
    """By column, the words that a feed's template offers."""
    asked: Callable[[Known], Mapping[str, Collection[str]]] | None = getattr(module, "choices", None)
    return asked(known) if asked else {}


def limits_of(module: FeedModule, known: Known, printed: Printed) -> Limits:
    """What the open cells of printed rows take."""
    asked: Callable[[Known, Printed], Limits] | None = getattr(module, "limits", None)
    return asked(known, printed) if asked else ()


def guide_of(module: FeedModule) -> Sequence[str]:
    """How a feed's template with printed rows is filled in; empty: as those of all feeds are."""
    return getattr(module, "GUIDE", ())


def _write_table(page: Page, feed: Feed, offered: Mapping[str, Sequence[str]], rows: Printed) -> None:
    """The header, locked; and below it the cells to fill, text as text, so that no code becomes a number."""
    sheet, closed = page.sheet, {name for row in rows for name in row}
    for place, column in enumerate(feed.columns):
        sheet.set_column(place, place, WIDTH)
        page.put(0, place, _title(column), FORMATS["header"])
        page.note(0, place, " ".join(_instructions(column)) if column.name not in closed else column.note_vi or LOCKED)
        style = _FRAME if column.name in closed else _FILL
        for number, row in enumerate(rows, 1):
            page.put(number, place, row.get(column.name), {**style, "num_format": "General" if column.number else "@"})
    for at, name in enumerate(offered):
        place = next(place for place, column in enumerate(feed.columns) if column.name == name)
        listed = letters(at + 1)
        source = f"='{LISTS}'!${listed}$2:${listed}${len(offered[name]) + 1}"
        sheet.data_validation(1, place, len(rows), place, {"validate": "list", "source": source})
    sheet.autofilter(0, 0, len(rows), len(feed.columns) - 1)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def _limit(page: Page, to_fill: Sequence[int], limits: Limits) -> None:
    """Holds the numbers of each row to what they take; rows below one another that take the same have one rule."""
    for rule, run in groupby(enumerate(limits, 1), key=itemgetter(1)):
        first, *rest = (row for row, _ in run)
        if rule:
            page.sheet.data_validation(first, to_fill[0], rest[-1] if rest else first, to_fill[-1], rule)


def _write_lists(page: Page, feed: Feed, offered: Mapping[str, Sequence[str]]) -> None:
    titles = {column.name: _title(column) for column in feed.columns}
    for at, (name, words) in enumerate(offered.items()):
        page.sheet.set_column(at, at, WIDTH)
        for row, word in enumerate((f"Danh mục: {titles[name]}", *words)):
            page.put(row, at, word, {})
    on_paper(page.sheet)
    page.sheet.protect()


def _write_guide(page: Page, feed: Feed, how: Iterable[str], to_fill: Iterable[Column]) -> None:
    """What it is, how to fill it, how to send it, and what each column to fill takes."""
    page.sheet.set_column(0, 0, 110)
    columns = (f"{_title(column)} ({column.name}): {' '.join(_instructions(column))}" for column in to_fill)
    sent = f"Gửi tệp: dti submit TỆP --feed {feed.id} --period KỲ, hoặc chép vào thư mục nhận."
    lines = (f"{feed.title_vi} / {feed.title_en}", *how, f"{sent} Phản hồi ghi rõ từng ô cần sửa.", *columns)
    for row, line in enumerate(lines):
        page.put(row, 0, line, {"text_wrap": True, "valign": "top"})
    page.sheet.protect()


def _how(feed: Feed) -> Iterator[str]:
    yield f"Nguồn: {feed.publisher}."
    yield f"Chỉ điền các ô màu vàng của trang {TABLE}, mỗi dòng một số liệu. Không đổi dòng tiêu đề."
    yield "Fill the yellow cells only, one figure a row; leave the header as it is."


def _title(column: Column) -> str:
    """The header that we write: the first alias, which is in Vietnamese."""
    return column.aliases[0] if column.aliases else column.name


def _instructions(column: Column) -> Iterator[str]:
    """The guidance for filling a column."""
    yield "Bắt buộc có cột này." if column.required else "Cột này có thể bỏ."
    yield worded(column.number) if column.number else "Ghi dạng văn bản."
    if column.note_vi:
        yield column.note_vi


def worded(convention: Convention) -> str:
    """A convention as officials read it: whole or with a decimal mark, thousands, per cent, and the range.

    >>> worded(Convention(".", minimum=0))
    'Số, dấu thập phân là dấu chấm, không dấu phân cách hàng nghìn, từ 0.'
    >>> worded(Convention(".", unit="rank"))
    'Số nguyên, không dấu phân cách hàng nghìn, từ 1.'
    """
    marks = {".": "dấu chấm", ",": "dấu phẩy", None: "không khai báo, chỉ ghi số nguyên"}
    phrases = ["Số nguyên" if convention.whole else f"Số, dấu thập phân là {marks[convention.decimal]}"]
    phrases.append("có thể có dấu phân cách hàng nghìn" if convention.grouped else "không dấu phân cách hàng nghìn")
    phrases += ["có thể có dấu %"] if convention.percent else []
    phrases += [f"từ {convention.minimum}"] if convention.minimum is not None else []
    phrases += [f"đến {convention.maximum}"] if convention.maximum is not None else []
    return ", ".join(phrases) + "."
