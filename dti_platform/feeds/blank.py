"""The blank workbook of a feed whose table is declared by its columns: the same declaration, run backwards.

Here: header, what each column takes, lists to choose from. Not here: the self-assessment, whose rows are those of a
framework (``sheet.template``).
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.feeds import Feed
from dti_platform.feeds.sheet.writer import CREATED, FORMATS, on_paper
from dti_platform.reading import Column, Convention, letters

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: How many rows are open to fill.
ROWS = 2_000
WIDTH = 24
TABLE, GUIDE, LISTS = "Số liệu", "Hướng dẫn", "Danh mục"
_FILL = {"locked": False, "bg_color": "#FFFFE5", "border": 1, "border_color": "#D9D9D9"}


def blank(feed: Feed, choices: Mapping[str, Collection[str]]) -> bytes:
    """The workbook to fill, the same bytes for the same declaration.

    Args:
        feed: declares its columns.
        choices: by column, the words that it may hold; a drop-down offers them.

    Raises:
        ValueError: the feed declares no columns.
    """
    if not feed.columns:
        raise ValueError(f"{feed.id} has no template: its tables are drawn by {feed.publisher}")
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": f"{feed.title_vi} / {feed.title_en}", "created": CREATED})
        table, guide, lists = (book.add_worksheet(name) for name in (TABLE, GUIDE, LISTS))
        offered = {column.name: list(choices[column.name]) for column in feed.columns if column.name in choices}
        _write_lists(lists, feed, offered)
        _write_guide(guide, feed, book.add_format({"text_wrap": True, "valign": "top"}))
        _write_table(book, table, feed, offered)
        for sheet in (table, guide, lists):
            on_paper(sheet)
    return content.getvalue()


def _write_table(book: Workbook, sheet: Worksheet, feed: Feed, offered: Mapping[str, Sequence[str]]) -> None:
    """The header, locked; and below it the cells to fill, text as text, so that no code becomes a number."""
    header = book.add_format(dict(FORMATS["header"]))
    text, number = (book.add_format({**_FILL, "num_format": form}) for form in ("@", "General"))
    for place, column in enumerate(feed.columns):
        sheet.set_column(place, place, WIDTH)
        sheet.write_string(0, place, _title(column), header)
        sheet.write_comment(0, place, " ".join(_instructions(column)), {"author": "DTI"})
        for row in range(1, ROWS + 1):
            sheet.write_blank(row, place, None, number if column.number else text)
    for at, name in enumerate(offered):
        place = next(place for place, column in enumerate(feed.columns) if column.name == name)
        listed = letters(at + 1)
        source = f"='{LISTS}'!${listed}$2:${listed}${len(offered[name]) + 1}"
        sheet.data_validation(1, place, ROWS, place, {"validate": "list", "source": source})
    sheet.freeze_panes(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def _write_lists(sheet: Worksheet, feed: Feed, offered: Mapping[str, Sequence[str]]) -> None:
    titles = {column.name: _title(column) for column in feed.columns}
    for at, (name, words) in enumerate(offered.items()):
        sheet.set_column(at, at, WIDTH)
        sheet.write_column(0, at, [f"Danh mục: {titles[name]}", *words])
    sheet.protect()


def _write_guide(sheet: Worksheet, feed: Feed, wrapped: Format) -> None:
    sheet.set_column(0, 0, 110)
    for row, line in enumerate(_guide(feed)):
        sheet.write_string(row, 0, line, wrapped)
    sheet.protect()


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
    """What whoever fills a column is told of it."""
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
