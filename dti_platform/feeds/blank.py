"""The workbook to fill of a feed whose table is declared by its columns: the same declaration, run backwards.

Here: header, what each column takes, lists to choose from, and rows that are printed already. Not here: the
self-assessment, whose rows are those of a framework (``sheet.template``).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
_FRAME = {"border": 1, "border_color": "#D9D9D9"}
_FILL = {**_FRAME, "locked": False, "bg_color": "#FFFFE5"}
#: Rows of a template, by column.
Printed = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Blank:
    """The workbook of a feed; ``choices``: by column, the words that it may hold; a drop-down offers them.

    ``printed``: rows that stand there already; the columns that they have are locked.
    """

    feed: Feed
    choices: Mapping[str, Collection[str]]
    printed: Printed = ()
    height: int = ROWS
    """The number of rows to fill, where none is printed."""

    def write(self, pages: Pages) -> None:
        """The table to fill, the guide and the lists."""
        table, guide, lists = (pages.add(name) for name in (TABLE, GUIDE, LISTS))
        closed = {name for row in self.printed for name in row}
        to_fill = [column.name for column in self.feed.columns if column.name not in closed]
        offered = {name: list(self.choices[name]) for name in to_fill if name in self.choices}
        _write_lists(lists, self.feed, offered)
        _write_guide(guide, self.feed)
        _write_table(table, self.feed, offered, self.printed or [{}] * self.height)
        for page in (table, guide, lists):
            on_paper(page.sheet)

    def fits(self, sheet: Sheet) -> bool:
        """Whether a sheet that was sent begins with the header of this one."""
        return bool(sheet.rows) and [cell.raw for cell in sheet.rows[0]] == [*map(_title, self.feed.columns)]


def blank(feed: Feed, choices: Mapping[str, Collection[str]], printed: Printed = ()) -> bytes:
    """The workbook to fill, the same bytes for the same declaration; see ``Blank``.

    Raises:
        ValueError: the feed declares no columns.
    """
    if not feed.columns:
        raise ValueError(f"{feed.id} has no template: its tables are drawn by {feed.publisher}")
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": f"{feed.title_vi} / {feed.title_en}", "created": CREATED})
        Blank(feed, choices, printed).write(Pages(book))
    return content.getvalue()


def sent_template(book: Book, module: FeedModule, known: Known) -> Template | Blank | None:
    """The template of ours that a workbook was filled in from; None where it is no such workbook."""
    if asked := getattr(module, "sent_template", None):
        return asked(book, known)
    sheet = book.sheet(TABLE)
    if sheet is None or not module.FEED.columns:
        return None
    printed = _printed(sheet, module)
    made = Blank(module.FEED, choices_of(module, known), printed, height=max(ROWS, len(sheet.rows)))
    return made if made.fits(sheet) else None


def _printed(sheet: Sheet, module: FeedModule) -> Printed:
    """The rows that the template of a sheet had: those that were sent, where each has the words that one prints."""
    names: tuple[str, ...] = getattr(module, "PRINTED", ())
    words = [at for at, column in enumerate(module.FEED.columns) if column.name in names and column.number is None]
    whole = names and all(not row[at].blank for row in sheet.rows[1:] for at in words if at < len(row))
    return [dict.fromkeys(names)] * (len(sheet.rows) - 1) if whole else ()


def choices_of(module: FeedModule, known: Known) -> Mapping[str, Collection[str]]:
    """By column, the words that a feed's template offers."""
    asked: Callable[[Known], Mapping[str, Collection[str]]] | None = getattr(module, "choices", None)
    return asked(known) if asked else {}


def _write_table(page: Page, feed: Feed, offered: Mapping[str, Sequence[str]], rows: Printed) -> None:
    """The header, locked; and below it the cells to fill, text as text, so that no code becomes a number."""
    sheet, closed = page.sheet, {name for row in rows for name in row}
    for place, column in enumerate(feed.columns):
        sheet.set_column(place, place, WIDTH)
        page.put(0, place, _title(column), FORMATS["header"])
        page.note(0, place, " ".join(_instructions(column)))
        style = _FRAME if column.name in closed else _FILL
        for number, row in enumerate(rows, 1):
            page.put(number, place, row.get(column.name), {**style, "num_format": "General" if column.number else "@"})
    for at, name in enumerate(offered):
        place = next(place for place, column in enumerate(feed.columns) if column.name == name)
        listed = letters(at + 1)
        source = f"='{LISTS}'!${listed}$2:${listed}${len(offered[name]) + 1}"
        sheet.data_validation(1, place, len(rows), place, {"validate": "list", "source": source})
    sheet.freeze_panes(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def _write_lists(page: Page, feed: Feed, offered: Mapping[str, Sequence[str]]) -> None:
    titles = {column.name: _title(column) for column in feed.columns}
    for at, (name, words) in enumerate(offered.items()):
        page.sheet.set_column(at, at, WIDTH)
        for row, word in enumerate((f"Danh mục: {titles[name]}", *words)):
            page.put(row, at, word, {})
    page.sheet.protect()


def _write_guide(page: Page, feed: Feed) -> None:
    page.sheet.set_column(0, 0, 110)
    for row, line in enumerate(_guide(feed)):
        page.put(row, 0, line, {"text_wrap": True, "valign": "top"})
    page.sheet.protect()


def _guide(feed: Feed) -> Iterator[str]:
    yield f"{feed.title_vi} / {feed.title_en}"
    yield f"Nguồn: {feed.publisher}. Nhịp gửi (ISO 8601): {feed.rhythm}. Giấy phép: {feed.licence}"
    yield f"Chỉ điền các ô màu vàng của trang {TABLE}, mỗi dòng một số liệu. Không đổi dòng tiêu đề."
    yield f"Gửi tệp: dti submit TỆP --feed {feed.id} --period KỲ, hoặc chép vào thư mục nhận."
    yield "Fill the yellow cells only, one figure a row; leave the header as it is."
    for column in feed.columns:
        yield f"{_title(column)} ({column.name}): {' '.join(_instructions(column))}"


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
