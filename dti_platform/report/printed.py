"""A released table as an office prints it: headings in one language, names for codes, A4, one page wide.

Here: which columns, under which headings, and the page. Not here: the table for a spreadsheet that computes
(``export``), whose columns have their own names.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.codes import LISTS
from dti_platform.glossary import metric_name
from dti_platform.language import Bilingual, Language
from dti_platform.report.export import CREATED, neutral, notes, sheet_name

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from dti_platform.storage import OpenRelease

FILE = Path(__file__).with_name("printed.toml")
A4 = 9
#: Characters that a column takes: no more, longer texts are wrapped.
WIDEST, NARROWEST = 34, 7
#: Shares are shown with four decimals, as they are printed; points with at most two.
_FORMATS = {
    "score": "0.0000",
    "points": "0.##",
    "difference": "0.0000",
    **dict.fromkeys(("ours", "as_published", "value", "plan", "gap", "denominator"), "#,##0.####"),
}
NOTES = Bilingual("Ghi chú", "Notes")


class NoPrintedForm(LookupError):
    """The table has no printed form: names those that have one."""


class Column(NamedTuple):
    """A column of the printed form: the released column, its heading, and how its numbers are shown."""

    name: str
    heading: str
    number_format: str | None


@cache
def forms() -> Mapping[str, Mapping[str, Bilingual]]:
    """By table the columns that are printed, with their headings."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {table: {name: Bilingual(*texts) for name, texts in columns.items()} for table, columns in tables.items()}


def printed(release: OpenRelease, table: str, language: Language) -> bytes:
    """A workbook (XLSX): the table to print, and its notes.

    Raises:
        NoPrintedForm: the table has none.
        Missing: the release has no such table.
        CorruptRelease: its bytes are not those that were published.
    """
    from xlsxwriter import Workbook

    name = table.rpartition("/")[2]
    if name not in forms():
        raise NoPrintedForm(f"{name} has no printed form; those that have: {', '.join(forms())}. Leave --lang out.")
    frame = in_order(release.table(table))
    columns = columns_of(name, frame.columns, language)
    remarks = notes(release, table, frame)
    sink = io.BytesIO()
    plain = {f"strings_to_{each}": False for each in ("formulas", "urls", "numbers")}
    book = Workbook(sink, {"in_memory": True, **plain})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet(sheet_name(table))
    titles = str(release.described(table)["title"]).split(" · ")
    head = [titles[0] if language == "vi" else titles[-1], f"{release.name}. {_evidence(remarks, language)}"]
    _fill(book, sheet, worded(frame, columns, language), columns, head)
    _page(sheet, release.name, len(columns), frame.height)
    _notes(book, remarks, language)
    book.close()
    return sink.getvalue()


def columns_of(table: str, released: Sequence[str], language: Language) -> list[Column]:
    """The columns of the printed form that a released table has, in the language."""
    named = {name: name if name in released else f"{name}_{language}" for name in forms()[table]}
    return [
        Column(named[name], heading.text(language), _number_format(name))
        for name, heading in forms()[table].items()
        if named[name] in released
    ]


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """A ranking from the newest to the oldest, the first first; without the units that we have no figure of."""
    if "headline" not in frame.columns or "node" in frame.columns:
        return frame
    places = [name for name in ("period", "geography", "peer_group", "basis", "rank", "unit") if name in frame.columns]
    newest_first = [name == "period" for name in places]
    return frame.filter(pl.col("obs_status") != "O").sort(places, descending=newest_first, nulls_last=True)


def _number_format(name: str) -> str | None:
    return next((text for part, text in _FORMATS.items() if part in name), None)


def worded(frame: pl.DataFrame, columns: Sequence[Column], language: Language) -> pl.DataFrame:
    """The printed columns, names in the place of codes."""
    names = {
        name: {code: text.text(language) for code, text in LISTS[name].names.items()}
        for name in frame.columns
        if name in LISTS
    }
    if "metric" in frame.columns:
        names["metric"] = {metric: metric_name(metric).text(language) for metric in frame["metric"].unique()}
    return neutral(
        frame.select(
            pl.col(each.name).replace(names[each.name]) if each.name in names else pl.col(each.name) for each in columns
        )
    )


def _evidence(remarks: Sequence[tuple[str, str]], language: Language) -> str:
    texts = next(text for name, text in remarks if name == "evidence").split(" · ")
    return texts[0] if language == "vi" else texts[-1]


def _fill(
    book: Workbook, sheet: Worksheet, frame: pl.DataFrame, columns: Sequence[Column], head: Sequence[str]
) -> None:
    """Title and remark, headings, then the rows."""
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E8EEF4"})
    for row, text in enumerate(head):
        sheet.write_string(row, 0, text, book.add_format({"bold": not row}))
    for place, (column, values) in enumerate(zip(columns, frame.iter_columns(), strict=True)):
        look = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BBBBBB"}
        shape = book.add_format(look | ({"num_format": column.number_format} if column.number_format else {}))
        sheet.write_string(len(head), place, column.heading, heading)
        for row, value in enumerate(values, start=len(head) + 1):
            sheet.write(row, place, value, shape)
        longest = values.cast(pl.String).str.len_chars().max() if not column.number_format else NARROWEST
        words = [len(word) for word in column.heading.split()]
        wanted = max(longest if isinstance(longest, int) else 0, *words, NARROWEST)
        sheet.set_column(place, place, min(WIDEST, wanted + 1))


def _page(sheet: Worksheet, release: str, width: int, height: int) -> None:
    """A4 across, one page wide, headings on each page, release and page at the foot."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, max(3, height + 2), width - 1)
    sheet.set_footer(f"&L{release}&R&P / &N")


def _notes(book: Workbook, remarks: Sequence[tuple[str, str]], language: Language) -> None:
    """What the table is, and what its columns and codes mean."""
    sheet = book.add_worksheet(NOTES.text(language))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for row, (name, text) in enumerate(remarks):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
