"""A released table as an office prints it: headings in one language, names for codes, A4, one page wide.

Here: which columns, under which headings, the page, and beside it the codes that stand in the table and notes. Not
here: the table for a spreadsheet that computes (``export``), whose columns have their own names.
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
from dti_platform.report.described import BOTH, parted, title_of
from dti_platform.report.export import CREATED, MOST_ROWS, TooLong, made_up, neutral, notes, sheet_name

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from dti_platform.storage import OpenRelease

FILE = Path(__file__).with_name("printed.toml")
WORDS = terms("printed_words")
A4 = 9
#: Characters that a column takes: no more, longer texts are wrapped.
WIDEST, NARROWEST = 28, 7
#: What notes of an export begin with, before the columns.
REMARKS = 4
#: Title and remark stand above the headings.
HEADINGS = 2
#: Scores have four decimals, as they are printed; other numbers as many as they need, up to four.
NUMBER_FORMATS = TEXT, COUNT, SCORE, WHOLE, BROKEN = "General", "0", "0.0000", "#,##0", "#,##0.0###"
#: Where a description is no heading any more.
CLAUSE = re.compile(r"\s*[:;,(]")
#: An address, of which a reader knows the host; the codes sheet has it whole.
ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s]+)\S*")
BORDER = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BBBBBB"}
TEXT_CELL = {**BORDER, "align": "left", "indent": 1}
HEADING = {**BORDER, "bold": True, "bg_color": "#E8EEF4"}


class Column(NamedTuple):
    """A column of the printed form: the released column, its heading, and what its description says."""

    name: str
    heading: str
    meaning: str


class Codes(NamedTuple):
    """A released column of codes: each with its name and its meaning, in one language."""

    column: str
    names: Mapping[str, str]
    meanings: Mapping[str, str | None]


@cache
def forms() -> Mapping[str, Mapping[str, Bilingual]]:
    """By table the columns that are printed, with their headings."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {table: {name: Bilingual(*texts) for name, texts in columns.items()} for table, columns in tables.items()}


def printed(release: OpenRelease, table: str, language: Language) -> bytes:
    """A workbook (XLSX): the table to print, the codes that stand in it, and notes.

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
    coded = [*codes_of(release, resource["schema"]["fields"], language), *sources_of(frame)]
    remarks = dict(notes(release, table, frame)[:REMARKS])
    title = title_of(resource).text(language)
    is_marked = table != plain(table) or made_up(frame) > 0
    mark = WORDS["illustrative"].text(language) if is_marked else ""

    sink = io.BytesIO()
    texts_stay_texts = {f"strings_to_{each}": False for each in ("formulas", "urls", "numbers")}
    book = Workbook(sink, {"in_memory": True, **texts_stay_texts})
    book.set_properties({"created": CREATED, "title": title})
    page = _Page(book, release.name, mark)
    shown = neutral(worded(frame, columns, coded, language))
    page.table(sheet_name(table), columns, shown, [title, f"{release.name}. {half(remarks['evidence'], language)}"])
    page.listed(WORDS["codes"].text(language), WORDS["codes_columns"].text(language), code_rows(frame, columns, coded))
    told = [
        (WORDS["table"].text(language), f"{title} ({table})"),
        (WORDS["release"].text(language), release.name),
        (WORDS["evidence"].text(language), half(remarks["evidence"], language)),
        (WORDS["text"].text(language), half(remarks["text"], language)),
        (WORDS["about"].text(language), described(release, table, language)),
        *((each.heading, each.meaning) for each in columns),
    ]
    page.listed(WORDS["notes"].text(language), WORDS["notes_columns"].text(language), told)
    book.close()
    return sink.getvalue()


def plain(table: str) -> str:
    """The name of a table without the folder of its illustrative rows."""
    return table.rpartition("/")[2]


def half(text: str, language: Language) -> str:
    """Of a text of a release in two languages, one; of a text in one language, that."""
    return parted(text).text(language)


def described(release: OpenRelease, table: str, language: Language) -> str:
    """What the descriptor says of a table: a paragraph in Vietnamese, the others in English; none of its halves."""
    official = next(name for name in (plain(table), table) if name in release.tables)
    paragraphs = [each for each in release.described(official)["description"].split("\n\n") if BOTH not in each]
    return paragraphs[0] if language == "vi" else "\n\n".join(paragraphs[1:] or paragraphs)


def columns_of(table: str, fields: Sequence[Mapping[str, Any]], language: Language) -> list[Column]:
    """The columns of the printed form that a released table has, in the language; of a table without a form, all."""
    told = {each["name"]: half(each["description"], language) for each in fields}
    form = forms().get(plain(table)) or {name.removesuffix("_vi"): None for name in told if not name.endswith("_en")}
    named = ((name if name in told else f"{name}_{language}", heading) for name, heading in form.items())
    return [
        Column(name, heading.text(language) if heading else clause(told[name]), told[name])
        for name, heading in named
        if name in told
    ]


def clause(text: str) -> str:
    """The first words of a description, as a heading.

    >>> clause("điểm tối đa; trống: không công khai")
    'Điểm tối đa'
    """
    first = CLAUSE.split(text)[0]
    return first[:1].upper() + first[1:]


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """A ranking from the newest to the oldest, the first first; without the units that we have no figure of."""
    if not {"headline", "obs_status"}.issubset(frame.columns) or "node" in frame.columns:
        return frame
    places = [name for name in ("period", "geography", "peer_group", "basis", "rank", "unit") if name in frame.columns]
    newest_first = [name == "period" for name in places]
    return frame.filter(pl.col("obs_status") != "O").sort(places, descending=newest_first, nulls_last=True)


def codes_of(release: OpenRelease, fields: Sequence[Mapping[str, Any]], language: Language) -> Iterator[Codes]:
    """The columns of codes of a table, with the names of its release; a release without a table of them has ours."""
    if "codes" in release.tables:
        of_release = release.table("codes").sort("list", "position").partition_by("list", as_dict=True)
        columns = ("code", f"name_{language}", f"meaning_{language}")
        lists = {str(name): rows.select(columns).rows() for (name,), rows in of_release.items()}
    else:
        lists = {
            name: [
                (each.code, each.name.text(language), each.meaning and each.meaning.text(language)) for each in codes
            ]
            for name, codes in ((name, every.codes) for name, every in LISTS.items())
        }
    for field in fields:
        name = str(field["name"])
        named = "indicator" if name == "node" else name.removesuffix("_before")
        if rows := lists.get(field.get("dti:list", named)):
            yield Codes(name, {code: text for code, text, _ in rows}, {code: text for code, _, text in rows})


def sources_of(frame: pl.DataFrame) -> Iterator[Codes]:
    """Sources by their hosts, numbered where two have one; what is no address is printed as it is."""
    if "source" in frame.columns:
        seen: Counter[str] = Counter()
        names: dict[str, str] = {}
        for source in frame["source"].drop_nulls().unique().sort():
            if (host := ADDRESS.sub(r"\1", source)) != source:
                seen[host] += 1
                names[source] = host if seen[host] == 1 else f"{host} ({seen[host]})"
        yield Codes("source", names, dict.fromkeys(names))


def worded(frame: pl.DataFrame, columns: Sequence[Column], coded: Sequence[Codes], language: Language) -> pl.DataFrame:
    """The printed columns: names in the place of codes that have no name beside them, yes and no in words."""
    names = {each.column: each.names for each in coded if each.column not in map(named_beside, columns)}
    if "metric" in frame.columns:
        names["metric"] = {metric: metric_name(metric).text(language) for metric in frame["metric"].unique()}
    answers = {"true": WORDS["yes"].text(language), "false": WORDS["no"].text(language)}
    names |= {name: answers for name, kind in frame.schema.items() if kind == pl.Boolean}
    return frame.select(
        pl.col(each.name).cast(pl.String).replace(names[each.name]) if each.name in names else pl.col(each.name)
        for each in columns
    )


def named_beside(column: Column) -> str:
    """The column of codes whose names a column holds: of ``unit_name_vi``, ``unit``; of another, the column itself."""
    code, name, _ = column.name.rpartition("_name_")
    return code if name else ""


def code_rows(frame: pl.DataFrame, columns: Sequence[Column], coded: Sequence[Codes]) -> list[tuple[str | None, ...]]:
    """Heading, code, name and meaning of each code that stands in a printed column, or whose name does."""
    by_column = {each.column: each for each in coded}
    rows: list[tuple[str | None, ...]] = []
    for column in columns:
        if codes := by_column.get(named_beside(column) or column.name):
            held = set(frame[codes.column])
            rows += [
                (column.heading, code, name, codes.meanings[code]) for code, name in codes.names.items() if code in held
            ]
    return rows


class _Page:
    """Sheets of one workbook, all of them A4 across and one page wide, with the release and the mark at the edges."""

    def __init__(self, book: Workbook, release: str, mark: str) -> None:
        self.book = book
        self.release = release
        self.mark = mark

    def table(self, name: str, columns: Sequence[Column], frame: pl.DataFrame, head: Sequence[str]) -> None:
        """Title and remark, headings, then the rows; numbers stay numbers."""
        sheet = self._sheet(name, HEADINGS, len(columns), frame.height)
        widths = [_width(each, values) for each, values in zip(columns, frame.iter_columns(), strict=True)]
        shapes = {each: self.book.add_format({**BORDER, "num_format": each}) for each in NUMBER_FORMATS}
        shapes[TEXT] = self.book.add_format(TEXT_CELL)
        heading = self.book.add_format(HEADING)
        for place, (column, values) in enumerate(zip(columns, frame.iter_columns(), strict=True)):
            sheet.set_column(place, place, widths[place])
            sheet.write_string(HEADINGS, place, column.heading, heading)
            for row, value in enumerate(values, start=HEADINGS + 1):
                sheet.write(row, place, value, shapes[number_format(column.name, value)])
        sheet.write_string(0, 0, head[0], self.book.add_format({"bold": True, "font_size": 14}))
        sheet.merge_range(1, 0, 1, len(columns) - 1, "")
        sheet.write_string(1, 0, head[1], self.book.add_format({"text_wrap": True, "valign": "top"}))
        sheet.set_row(1, 15 * (1 + len(head[1]) // max(1, sum(widths))))

    def listed(self, name: str, headings: str, rows: Sequence[Sequence[str | None]]) -> None:
        """A list of texts: headings, parted by ``|``, then the rows."""
        names = headings.split("|")
        sheet = self._sheet(name, 0, len(names), len(rows))
        heading, shape = self.book.add_format(HEADING), self.book.add_format(TEXT_CELL)
        frame = neutral(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"))
        for place, values in enumerate(frame.iter_columns()):
            sheet.set_column(place, place, WIDEST if not place else 80 if place + 1 == len(names) else 50)
            sheet.write_string(0, place, names[place], heading)
            for row, value in enumerate(values, start=1):
                sheet.write(row, place, value, shape)

    def _sheet(self, name: str, headings: int, width: int, height: int) -> Worksheet:
        """A sheet whose headings, in that row, are repeated on each page and can be filtered by."""
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
    """How a number of a column is shown; the program that opens the workbook writes its own marks of decimals."""
    if not isinstance(value, float):
        return COUNT if isinstance(value, int) else TEXT
    if "score" in name:
        return SCORE
    return WHOLE if value.is_integer() else BROKEN


def _width(column: Column, values: pl.Series) -> int:
    """In characters: no word of the heading is broken, and no number too wide for its cell."""
    if values.dtype.is_float():
        longest = max((len(f"{value:,.4f}") for value in values if value is not None), default=0)
    else:
        longest = max((len(text) for text in values.cast(pl.String) if text is not None), default=0)
    words = [len(word) + 2 for word in column.heading.split()]  # beside the button of the filter
    return min(WIDEST, max(longest, *words, NARROWEST) + 2)
