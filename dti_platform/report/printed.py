"""A released table in the form that an office prints: headings in one language, names for codes, A4, one page wide.

Here: the columns and their headings, the page, and the sheets of codes and notes. Not here: the table for a
spreadsheet that computes (``export``), whose columns keep their own names.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from dti_platform.codes import LISTS
from dti_platform.glossary import metric_name, terms
from dti_platform.language import Bilingual, Language
from dti_platform.report.described import BOTH, split_text, title_of
from dti_platform.report.export import CREATED, MOST_ROWS, TooLong, illustrative_count, neutral, notes, sheet_name

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from dti_platform.storage import OpenRelease

FILE = Path(__file__).with_name("printed.toml")
WORDS = terms("printed_words")
A4 = 9
#: The greatest and least width of a column in characters; longer texts are wrapped.
WIDEST, NARROWEST = 28, 7
#: The number of notes of an export before those of its columns.
REMARKS = 4
#: The row of the headings, below title and remark.
HEADINGS = 2
#: Scores have four decimals, as they are published; other numbers as many as they need, up to four.
NUMBER_FORMATS = TEXT, COUNT, SCORE, WHOLE, BROKEN = "General", "0", "0.0000", "#,##0", "#,##0.0###"
#: Ends the part of a description that serves as a heading.
CLAUSE = re.compile(r"\s*[:;,(]")
#: An address, of which the host is printed; the codes sheet shows all of it.
ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s]+)\S*")
BORDER = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BBBBBB"}
TEXT_CELL = {**BORDER, "align": "left", "indent": 1}
HEADING = {**BORDER, "bold": True, "bg_color": "#E8EEF4"}


class Column(NamedTuple):
    """A column of the printed form: the released column, its heading and its description."""

    name: str
    heading: str
    meaning: str


class Codes(NamedTuple):
    """A released column of codes: the name and the meaning of each code, in one language."""

    column: str
    names: Mapping[str, str]
    meanings: Mapping[str, str | None]


@cache
def forms() -> Mapping[str, Mapping[str, Bilingual]]:
    """The printed columns of each table, with their headings."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {table: {name: Bilingual(*texts) for name, texts in columns.items()} for table, columns in tables.items()}


def printed(release: OpenRelease, table: str, language: Language) -> bytes:
    """A workbook (XLSX): the table to print, the codes in it, and notes.

    Raises:
        Missing: the release has no such table.
        CorruptRelease: its bytes are not those that were published.
        TooLong: the table does not fit a sheet.
    """
    from xlsxwriter import Workbook

    resource = release.described(table)
    frame = in_order(release.table(table))
    if frame.height + HEADINGS >= MOST_ROWS:
        raise TooLong(f"{table} has {frame.height} rows, more than a sheet holds; use --format csv or parquet")
    columns = columns_of(table, resource["schema"]["fields"], language)
    lists = [*codes_of(release, resource["schema"]["fields"], language), *sources_of(frame)]
    remarks = dict(notes(release, table, frame)[:REMARKS])
    title = title_of(resource).text(language)
    is_marked = table != plain(table) or illustrative_count(frame) > 0
    mark = WORDS["illustrative"].text(language) if is_marked else ""

    sink = io.BytesIO()
    text_options = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    book = Workbook(sink, {"in_memory": True, **text_options})
    book.set_properties({"created": CREATED, "title": title})
    page = _Page(book, release.name, mark)
    shown = neutral(in_words(frame, columns, lists, language))
    page.table(sheet_name(table), columns, shown, [title, f"{release.name}. {half(remarks['evidence'], language)}"])
    page.texts(WORDS["codes"].text(language), WORDS["codes_columns"].text(language), code_rows(frame, columns, lists))
    facts = [
        (WORDS["table"].text(language), f"{title} ({table})"),
        (WORDS["release"].text(language), release.name),
        (WORDS["evidence"].text(language), half(remarks["evidence"], language)),
        (WORDS["text"].text(language), half(remarks["text"], language)),
        (WORDS["about"].text(language), described(release, table, language)),
        *((column.heading, column.meaning) for column in columns),
    ]
    page.texts(WORDS["notes"].text(language), WORDS["notes_columns"].text(language), facts)
    book.close()
    return sink.getvalue()


def plain(table: str) -> str:
    """The name of a table without the folder of its illustrative rows."""
    return table.rpartition("/")[2]


def half(text: str, language: Language) -> str:
    """One language of a text of a release; a text in one language stays as it is."""
    return split_text(text).text(language)


def described(release: OpenRelease, table: str, language: Language) -> str:
    """The description of a table: one paragraph in Vietnamese, the others in English, without mixed paragraphs."""
    official = next(name for name in (plain(table), table) if name in release.tables)
    paragraphs = [part for part in release.described(official)["description"].split("\n\n") if BOTH not in part]
    return paragraphs[0] if language == "vi" else "\n\n".join(paragraphs[1:] or paragraphs)


def columns_of(table: str, fields: Sequence[Mapping[str, Any]], language: Language) -> list[Column]:
    """The columns of the printed form that a released table has; all columns if the table has no form."""
    meanings = {field["name"]: half(field["description"], language) for field in fields}
    form = forms().get(plain(table)) or {
        name.removesuffix("_vi"): None for name in meanings if not name.endswith("_en")
    }
    headings = ((name if name in meanings else f"{name}_{language}", heading) for name, heading in form.items())
    return [
        Column(name, heading.text(language) if heading else clause(meanings[name]), meanings[name])
        for name, heading in headings
        if name in meanings
    ]


def clause(text: str) -> str:
    """The first words of a description, as a heading.

    >>> clause("điểm tối đa; trống: không công khai")
    'Điểm tối đa'
    """
    first = CLAUSE.split(text)[0]
    return first[:1].upper() + first[1:]


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """A ranking from the newest to the oldest, by rank, without units that have no figure; another table unchanged."""
    if not {"headline", "obs_status"}.issubset(frame.columns) or "node" in frame.columns:
        return frame
    keys = [name for name in ("period", "geography", "peer_group", "basis", "rank", "unit") if name in frame.columns]
    newest_first = [name == "period" for name in keys]
    return frame.filter(pl.col("obs_status") != "O").sort(keys, descending=newest_first, nulls_last=True)


def codes_of(release: OpenRelease, fields: Sequence[Mapping[str, Any]], language: Language) -> Iterator[Codes]:
    """The code columns of a table, named by the lists of its release, or by ours if the release has none."""
    if "codes" in release.tables:
        by_list = release.table("codes").sort("list", "position").partition_by("list", as_dict=True)
        columns = ("code", f"name_{language}", f"meaning_{language}")
        lists = {str(name): rows.select(columns).rows() for (name,), rows in by_list.items()}
    else:
        lists = {
            name: [
                (code.code, code.name.text(language), code.meaning and code.meaning.text(language)) for code in codes
            ]
            for name, codes in ((name, code_list.codes) for name, code_list in LISTS.items())
        }
    for field in fields:
        name = str(field["name"])
        list_name = "indicator" if name == "node" else name.removesuffix("_before")
        if rows := lists.get(field.get("dti:list", list_name)):
            yield Codes(name, {code: text for code, text, _ in rows}, {code: text for code, _, text in rows})


def sources_of(frame: pl.DataFrame) -> Iterator[Codes]:
    """Sources by their hosts, numbered if a host is repeated; a source that is no address is printed as it is."""
    if "source" in frame.columns:
        counts: Counter[str] = Counter()
        names: dict[str, str] = {}
        for source in frame["source"].drop_nulls().unique().sort():
            if (host := ADDRESS.sub(r"\1", source)) != source:
                counts[host] += 1
                names[source] = host if counts[host] == 1 else f"{host} ({counts[host]})"
        yield Codes("source", names, dict.fromkeys(names))


def in_words(
    frame: pl.DataFrame, columns: Sequence[Column], lists: Sequence[Codes], language: Language
) -> pl.DataFrame:
    """The printed columns: codes replaced by their names unless a name stands beside them, booleans by yes and no."""
    names = {codes.column: codes.names for codes in lists if codes.column not in map(named_column, columns)}
    if "metric" in frame.columns:
        names["metric"] = {metric: metric_name(metric).text(language) for metric in frame["metric"].unique()}
    answers = {"true": WORDS["yes"].text(language), "false": WORDS["no"].text(language)}
    names |= {name: answers for name, dtype in frame.schema.items() if dtype == pl.Boolean}
    return frame.select(
        pl.col(column.name).cast(pl.String).replace(names[column.name]) if column.name in names else pl.col(column.name)
        for column in columns
    )


def named_column(column: Column) -> str:
    """The code column that a column of names belongs to: ``unit`` of ``unit_name_vi``; empty for any other column."""
    code, name, _ = column.name.rpartition("_name_")
    return code if name else ""


def code_rows(frame: pl.DataFrame, columns: Sequence[Column], lists: Sequence[Codes]) -> list[tuple[str | None, ...]]:
    """Heading, code, name and meaning of each code that is printed, as itself or by its name."""
    by_column = {codes.column: codes for codes in lists}
    rows: list[tuple[str | None, ...]] = []
    for column in columns:
        if codes := by_column.get(named_column(column) or column.name):
            used = set(frame[codes.column])
            rows += [
                (column.heading, code, name, codes.meanings[code]) for code, name in codes.names.items() if code in used
            ]
    return rows


class _Page:
    """The sheets of one workbook: landscape A4, one page wide, with release and mark in header and footer."""

    def __init__(self, book: Workbook, release: str, mark: str) -> None:
        self.book = book
        self.release = release
        self.mark = mark

    def table(self, name: str, columns: Sequence[Column], frame: pl.DataFrame, head: Sequence[str]) -> None:
        """Title and remark, headings, then the rows; numbers stay numbers."""
        sheet = self._sheet(name, HEADINGS, len(columns), frame.height)
        widths = [_width(column, values) for column, values in zip(columns, frame.iter_columns(), strict=True)]
        formats = {number: self.book.add_format({**BORDER, "num_format": number}) for number in NUMBER_FORMATS}
        formats[TEXT] = self.book.add_format(TEXT_CELL)
        heading = self.book.add_format(HEADING)
        for index, (column, values) in enumerate(zip(columns, frame.iter_columns(), strict=True)):
            sheet.set_column(index, index, widths[index])
            sheet.write_string(HEADINGS, index, column.heading, heading)
            for row, value in enumerate(values, start=HEADINGS + 1):
                sheet.write(row, index, value, formats[number_format(column.name, value)])
        sheet.write_string(0, 0, head[0], self.book.add_format({"bold": True, "font_size": 14}))
        sheet.merge_range(1, 0, 1, len(columns) - 1, "")
        sheet.write_string(1, 0, head[1], self.book.add_format({"text_wrap": True, "valign": "top"}))
        sheet.set_row(1, 15 * (1 + len(head[1]) // max(1, sum(widths))))

    def texts(self, name: str, headings: str, rows: Sequence[Sequence[str | None]]) -> None:
        """A list of texts: headings, separated by ``|``, then the rows."""
        names = headings.split("|")
        sheet = self._sheet(name, 0, len(names), len(rows))
        heading, cell = self.book.add_format(HEADING), self.book.add_format(TEXT_CELL)
        frame = neutral(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"))
        for index, values in enumerate(frame.iter_columns()):
            sheet.set_column(index, index, WIDEST if not index else 80 if index + 1 == len(names) else 50)
            sheet.write_string(0, index, names[index], heading)
            for row, value in enumerate(values, start=1):
                sheet.write(row, index, value, cell)

    def _sheet(self, name: str, headings: int, width: int, height: int) -> Worksheet:
        """A sheet whose headings, in row ``headings``, are repeated on each page and have filters."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(headings)
        sheet.freeze_panes(headings + 1, 0)
        last = headings + max(1, height)
        sheet.autofilter(headings, 0, last, width - 1)
        sheet.print_area(0, 0, last, width - 1)
        sheet.set_header(f"&C&B{self.mark}" if self.mark else "")
        sheet.set_footer(f"&L{self.release}&C{self.mark}&R&P / &N")
        return sheet


def number_format(name: str, value: object) -> str:
    """The format of a number of a column; the spreadsheet program chooses the decimal separator."""
    if not isinstance(value, float):
        return COUNT if isinstance(value, int) else TEXT
    if "score" in name:
        return SCORE
    return WHOLE if value.is_integer() else BROKEN


def _width(column: Column, values: pl.Series) -> int:
    """In characters: wide enough for each word of the heading and for each number."""
    if values.dtype.is_float():
        longest = max((len(f"{value:,.4f}") for value in values if value is not None), default=0)
    else:
        longest = max((len(text) for text in values.cast(pl.String) if text is not None), default=0)
    words = [len(word) + 2 for word in column.heading.split()]  # room for the filter button
    return min(WIDEST, max(longest, *words, NARROWEST) + 2)
