"""Real workbooks of public bodies, read through feeds declared here: nothing in the platform knows their layouts.

They are not part of the project: the tests read them where they are beside it, elsewhere what is drawn in their shape.
"""

import hashlib
import io
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest
import xlsxwriter
from polars.testing import assert_frame_equal

from dti_platform.feeds import Feed, Known, Parsed, Received
from dti_platform.feeds.fields import Held, number
from dti_platform.feeds.framed import framed
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.printed_tables import Sums, unit_lines
from dti_platform.reading import Book, Cell, Column, Convention, Layout, Line, Rule, read_workbook
from dti_platform.tables import Observations, Quarantine, Submissions, meets
from tests.stand_ins import of_others

NAMES = ("Plan_2003.xls", "Final_2007.xls", "Plan_2010.xls", "Final_2013.xls", "Plan_2017.xls", "PAPI_2011-2016.xlsx")
FEED = Feed("wild", "Ngân sách", "Budgets", "Bộ Tài chính", "CC0-1.0", "P1Y", "official", pattern="*.xls")
FIGURES = Convention(".")
MILLION = Decimal(1)

RULES = (
    Rule("note", "no", r"(ghi chú|remark).*"),
    Rule("total", "name", r"tổng số.*"),
    Rule("region", "no", r"[ivx]+"),
)
BUDGET = (
    Column("no", ("S T T", "STT", "Số TT", "STT No"), required=False),
    Column("name", ("Tỉnh, thành phố", "Tên tỉnh, thành phố", "Tỉnh, thành phố Name of provinces and …")),
    Column("revenue", ("Tổng thu NSNN…", "Thu NSNN trên địa bàn…")),
    Column("spending", ("Tổng số chi…", "Tổng chi cân đối…"), required=False),
)
#: A title that is merged over two columns, of which the second holds the figures.
SHARE = Column("share", ("Tỷ lệ phân chia…",))
PARTS_2016 = "Responsive to Citizen Actions"
PAPI = (
    Column("tinhid"),
    Column("name", ("tentinh_vie",)),
    Column("english", ("tentinh_eng",)),
    Column("participation", ("Participation at Local Levels", "Tham gia của người dân ở cấp cơ sở")),
    Column("investment_boards", ("Community Investment Boards",), required=False),
    Column("citizen_actions", (PARTS_2016,), required=False),
    Column("total", ("Un-weighted2015PAPI",)),
)


def budget(*ignored: str, columns: tuple[Column, ...] = BUDGET) -> Layout:
    return Layout(columns, "name", rules=RULES, ignored=ignored)


def papi(*years: int) -> Layout:
    ignored = tuple(f"{year}_PAPI" for year in range(2011, 2017) if year not in years)
    return Layout(PAPI, "name", rules=(Rule("note", "english", "highest"),), ignored=ignored)


PAPI_FIGURES = ("participation", "total")
#: File, layout, columns of figures, and how many provinces its year has (Hà Tây until 2008; three were split in 2004).
TABLES = {
    "Plan_2003 in TCVN3": ("Plan_2003.xls", budget("Sheet1 (2)"), ("revenue", "spending"), 61),
    "Plan_2003 in Unicode": ("Plan_2003.xls", budget("Sheet1"), ("revenue", "spending"), 61),
    "Final_2007": ("Final_2007.xls", budget(), ("revenue", "spending"), 64),
    "Plan_2010": ("Plan_2010.xls", budget(), ("revenue", "spending"), 63),
    "Final_2013": ("Final_2013.xls", budget(), ("revenue", "spending"), 63),
    "Final_2013 with shares": ("Final_2013.xls", budget(columns=(*BUDGET, SHARE)), ("revenue", "share"), 63),
    "Plan_2017": ("Plan_2017.xls", budget(), ("revenue", "spending"), 63),
    **{f"PAPI {year}": ("PAPI_2011-2016.xlsx", papi(year), PAPI_FIGURES, 63) for year in range(2011, 2017)},
}
#: Sums as printed that differ from their provinces by more than a million dong: in 2017 the total, by a tenth; in 2003
#: the five cities, which stand among the provinces in another order.
DIFFER = {
    "Plan_2003 in TCVN3": {"Sheet1!C17", "Sheet1!F17"},
    "Plan_2003 in Unicode": {"Sheet1 (2)!C17", "Sheet1 (2)!F17"},
    "Plan_2017": {"M09!C13"},
}
#: How many totals are printed of the figures that are read; those of 2003 are errors of formulas.
PRINTED = dict.fromkeys(("Final_2007", "Plan_2010", "Final_2013", "Plan_2017"), 2) | {"Final_2013 with shares": 1}
REGIONS = dict.fromkeys(("Plan_2010", "Final_2013", "Plan_2017"), 12) | {
    "Plan_2003 in TCVN3": 2, "Plan_2003 in Unicode": 2, "Final_2007": 16, "Final_2013 with shares": 6,
}  # fmt: skip
#: Years of one workbook that are drawn as those beside them.
ALIKE = {"PAPI 2012", "PAPI 2013", "PAPI 2015"}
tables = pytest.mark.parametrize(
    "table", [pytest.param(name, marks=pytest.mark.heavy) if name in ALIKE else name for name in TABLES]
)


def province(cell: Cell, known: Known) -> str:
    """The unit that the name means; a province that ended before the 63 is held back by name."""
    found = known.units.find(cell.raw, "VN63")
    if found.unit_id is None:
        raise Held(cell, "unit_of_another_time" if found.reason == "other_geography" else "unknown_unit",
                   suggestions="")  # fmt: skip
    return found.unit_id


def parse(book: Book, layout: Layout, figures: tuple[str, ...], known: Known) -> tuple[Parsed, Sums]:
    received = Received("wild", "2022", book.name, hashlib.sha256(book.name.encode()).hexdigest(), b"")
    intake = Intake(FEED, received, book, geography="VN63")
    sums = Sums(figures, FIGURES)
    for _, line in unit_lines(intake, known, layout, sums, MILLION):
        cells = list(line.cells.values())
        with intake.row(cells):
            take(intake, line, figures, province(line.cells["name"], known))
    return framed(intake.extract()), sums


def take(intake: Intake, line: Line, figures: tuple[str, ...], unit: str) -> None:
    for name in figures:
        cell = line.cells[name]
        if not cell.blank:
            value = number(cell, FIGURES).value
            intake.observe(cell, unit=unit, node=name, measure="value", basis="reported", value=value,
                           unit_measure="million_vnd")  # fmt: skip


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    return {name: read_workbook(of_others(f"wild/{name}"), name) for name in NAMES}


@tables
def test_every_province_is_found_and_every_cell_accounted_for(table: str, books: dict[str, Book], known: Known) -> None:
    name, layout, figures, provinces = TABLES[table]
    parsed, _ = parse(books[name], layout, figures, known)
    old = parsed.quarantine.filter(reason="unit_of_another_time")["raw"].to_list()
    assert parsed.observations["unit"].n_unique() + len(old) == provinces
    assert [text.title() for text in old] == (["Hà Tây"] if provinces != 63 else [])
    strangers = parsed.quarantine.filter(pl.col("reason") == "unknown_unit")["raw"].to_list()
    assert strangers == []
    assert not any("there is no table as declared" in remark.text.en for remark in parsed.remarks)
    row = parsed.submissions.row(0, named=True)
    assert row["cells"] == sum(1 for _ in books[name].cells()) + row["blank"]
    assert meets(Observations, parsed.observations)
    assert meets(Quarantine, parsed.quarantine)
    assert meets(Submissions, parsed.submissions)


@tables
def test_printed_totals_are_held_against_their_rows(table: str, books: dict[str, Book], known: Known) -> None:
    name, layout, figures, _ = TABLES[table]
    parsed, sums = parse(books[name], layout, figures, known)
    assert {cell.locator for cell, _, _ in sums.differences} == DIFFER.get(table, set())
    assert all(cell.locator in (parsed.submissions["reason"][0] or "") for cell, _, _ in sums.differences)
    assert len(sums.printed) == PRINTED.get(table, 0)
    assert len(sums.regions) == REGIONS.get(table, 0)


@tables
def test_it_still_reads_when_rows_are_inserted_and_a_column_is_added(
    table: str, books: dict[str, Book], known: Known
) -> None:
    name, layout, figures, _ = TABLES[table]
    before, _ = parse(books[name], layout, figures, known)
    after, _ = parse(moved(books[name]), layout, figures, known)
    columns = ["unit", "node", "value"]
    frames = [each.observations.select(columns).sort("unit", "node") for each in (before, after)]
    assert_frame_equal(*frames, rel_tol=1e-12)  # the writer keeps 16 digits


def moved(book: Book) -> Book:
    """The same sheets with three rows above, and a column of remarks after the second."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        for sheet in book.sheets:
            into = workbook.add_worksheet(sheet.name)
            into.write(0, 0, "Bản sao có chỉnh sửa")
            for cell in sheet.cells():
                at = cell.row + 2, cell.column - 1 if cell.column <= 2 else cell.column
                into.write_number(*at, cell.value) if cell.kind == "number" else into.write_string(*at, cell.raw)
            for area in sheet.merged:
                if (area.left <= 2) == (area.right <= 2):
                    left = area.left - 1 if area.right <= 2 else area.left
                    text = next((c.raw for c in sheet.cells() if (c.row, c.column) == (area.top, area.left)), "")
                    into.merge_range(area.top + 2, left, area.bottom + 2, left + area.right - area.left, text)
            into.write(len(sheet.rows) + 1, 2, "Nhận xét")
    return read_workbook(buffer.getvalue(), book.name)


def test_a_sub_dimension_that_was_replaced_is_another_column(books: dict[str, Book], known: Known) -> None:
    for year, there in ((2015, "investment_boards"), (2016, "citizen_actions")):
        parsed, _ = parse(books["PAPI_2011-2016.xlsx"], papi(year), (there,), known)
        assert parsed.observations["unit"].n_unique() == 63


def test_sheets_without_provinces_are_notes_whole(books: dict[str, Book], known: Known) -> None:
    parsed, _ = parse(books["Final_2007.xls"], budget(), ("revenue",), known)
    other = sum(1 for sheet in books["Final_2007.xls"].sheets if sheet.name != "M09+" for _ in sheet.cells())
    assert parsed.submissions["note"][0] > other
    sheets = Counter(locator.split("!")[0] for locator in parsed.observations["locator"])
    assert set(sheets) == {"M09+"}
