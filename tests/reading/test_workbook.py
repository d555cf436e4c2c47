"""Workbooks: types as the file gives them, places, and nothing lost that a library would lose."""

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dti_platform.reading import Book, Cell, Request, Unreadable, read_batch, read_top, read_workbook

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
Rewritten = Callable[[bytes, dict[str, bytes]], bytes]
DAY, MOMENT = dt.datetime.fromisoformat("2022-12-31"), dt.datetime.fromisoformat("2022-08-08T09:30")
EPOCH_1904 = dt.datetime.fromisoformat("1904-01-01")
SHEET = "xl/worksheets/sheet1.xml"


def cells(content: bytes) -> dict[str, Cell]:
    return {cell.locator: cell for cell in read_workbook(content, "t.xlsx").cells()}


def by_hand(data: str, extra: str = "") -> bytes:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return f"<worksheet {main}>{extra}<sheetData>{data}</sheetData></worksheet>".encode()


def workbook_part(more: str = "") -> bytes:
    namespaces = (
        'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    return (
        f'<workbook {namespaces}>{more}<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode()
    )


SHEETS = workbook_part()


def test_every_type_comes_with_its_place_and_raw_text(made: Made) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Bảng điểm")
        sheet.write_string("B2", "4.10")
        sheet.write_number("C3", 4.1)
        sheet.write_number("D3", 1833162)
        sheet.write_boolean("E3", True)
        sheet.write_datetime("F3", DAY, workbook.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_string("G3", "  ")
        sheet.write_number("AA4", 66.709999999999994)

    found = cells(made(fill))
    assert {at.partition("!")[2]: (cell.raw, cell.kind) for at, cell in found.items()} == {
        "B2": ("4.10", "text"),
        "C3": ("4.1", "number"),
        "D3": ("1833162", "number"),
        "E3": ("TRUE", "bool"),
        "F3": ("2022-12-31", "date"),
        "AA4": ("66.71", "number"),
    }
    assert found["Bảng điểm!F3"].value == dt.date(2022, 12, 31)
    assert found["Bảng điểm!F3"].number_format == "dd/mm/yyyy"
    assert (found["Bảng điểm!AA4"].row, found["Bảng điểm!AA4"].column) == (4, 27)


def test_a_glance_sees_the_first_rows_as_they_are_or_says_that_it_can_not(made: Made) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        for row in range(40):
            sheet.write_row(row, 0, [f"name {row}", row, f"note {row}"])

    def fill_twice(workbook: xlsxwriter.Workbook) -> None:
        fill(workbook)
        workbook.add_worksheet().write_row(0, 0, ["its text stands far behind in the workbook"])

    top, whole = read_top(made(fill), "t.xlsx", 5), read_workbook(made(fill), "t.xlsx")
    assert [sheet.rows for sheet in top.sheets] == [sheet.rows[:5] for sheet in whole.sheets]
    with pytest.raises(Unreadable):
        read_top(made(fill_twice), "t.xlsx", 5)


def test_an_error_is_an_error_not_an_empty_cell(made: Made, rewritten: Rewritten) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    data = '<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c><c r="B1"><v>1e309</v></c></row>'
    found = cells(rewritten(content, {SHEET: by_hand(data)}))
    assert [(cell.raw, cell.kind) for cell in found.values()] == [("#DIV/0!", "error"), ("inf", "error")]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ('<c r="A1"><f>1+1</f></c>', "error"),
        ('<c r="A1"><f>1+1</f><v></v></c>', "error"),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', "number"),
        ('<c r="A1" t="str"><f>"x"</f><v>x</v></c>', "text"),
        ('<c r="A1" t="str"><f>"x"</f></c>', "error"),
        ('<c r="A1" t="b"><f>TRUE()</f></c>', "error"),
        ('<c r="A1" t="shared"/><c r="B1"><f t="shared" si="0"/><v>2</v></c>', "number"),
    ],
)
def test_a_formula_without_a_value_is_never_a_blank(made: Made, rewritten: Rewritten, cell: str, kind: str) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    parts = {SHEET: by_hand(f'<row r="1">{cell}</row>'), "xl/workbook.xml": workbook_part()}
    found = next(iter(cells(rewritten(content, parts)).values()))
    assert (found.kind, found.formula is not None) == (kind, True)


@pytest.mark.parametrize("value", ["<v></v>", "<v/>"])
def test_a_formula_may_say_an_empty_text(made: Made, rewritten: Rewritten, value: str) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    data = f'<row r="1"><c r="A1" t="str"><f>""</f>{value}</c><c r="B1"><v>1</v></c></row>'
    parts = {SHEET: by_hand(data), "xl/workbook.xml": workbook_part()}
    assert list(cells(rewritten(content, parts))) == ["S!B1"]


@pytest.mark.parametrize(
    "inside",
    [
        "<v>5</v><v>6</v>",
        "<v/><v>6</v>",
        "<v>5<x/>6</v>",
        "<f>1</f><f>2</f><v>1</v>",
        "<is><t>a</t></is><is><t>b</t></is>",
        "<v>5</v><is><t>6</t></is>",
        "<is><t>a<t>b</t></t></is>",
    ],
)
def test_a_cell_of_two_values_is_refused(made: Made, rewritten: Rewritten, inside: str) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    for kind in ("n", "str", "inlineStr"):
        data = by_hand(f'<row r="1"><c r="A1" t="{kind}">{inside}</c></row>')
        with pytest.raises(Unreadable, match="two values") as refusal:
            cells(rewritten(content, {SHEET: data, "xl/workbook.xml": workbook_part()}))
        assert refusal.value.reason == "damaged"


def test_values_that_their_writer_never_calculated_are_not_believed(made: Made) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S").write_formula("A1", "=1+1") and None)
    found = cells(content)["S!A1"]
    assert (found.raw, found.kind, found.cached) == ("=1+1", "error", "0")


@pytest.mark.parametrize(
    ("said", "cached"),
    [('fullCalcOnLoad="1"', "2"), ('calcCompleted="0"', "2"), ('calcId="1" calcCompleted="1"', None)],
)
def test_a_cached_value_that_is_not_believed_is_shown(
    made: Made, rewritten: Rewritten, said: str, cached: str | None
) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    data = by_hand('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><v>3</v></c></row>')
    parts = {SHEET: data, "xl/workbook.xml": workbook_part(f"<calcPr {said}/>")}
    (book,) = read_batch([Request(rewritten(content, parts), "t.xlsx")])
    assert isinstance(book, Book)
    formula, plain = book.cells()
    assert (formula.cached, formula.kind, plain.cached) == (cached, "error" if cached else "number", None)


def test_hidden_and_merged_cells_say_so_and_hidden_sheets_are_read(made: Made) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("S")
        sheet.merge_range("A1:B1", "header")
        sheet.write_row("A2", ["a", "b", "c"])
        sheet.write_row("A3", ["d", "e", "f"])
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        workbook.add_worksheet("Ẩn").write("A1", 1)
        workbook.worksheets()[1].hide()

    book = read_workbook(made(fill), "t.xlsx")
    found = {cell.locator: cell for sheet in book.sheets for row in sheet.rows for cell in row}
    assert [sheet.hidden for sheet in book.sheets] == [False, True]
    assert (found["S!A1"].merged, found["S!B1"].merged, found["S!A2"].merged) == (True, True, False)
    assert (found["S!A2"].hidden, found["S!A3"].hidden, found["S!C3"].hidden) == (True, False, True)
    assert found["Ẩn!A1"].value == 1.0


@pytest.mark.parametrize("from_1904", [False, True])
def test_dates_of_both_calendars(made: Made, rewritten: Rewritten, from_1904: bool) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        if from_1904:
            workbook.use_1904_dates = True
            workbook.epoch = EPOCH_1904
        form = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        workbook.add_worksheet("S").write_datetime("A1", MOMENT, form)

    content = made(fill)
    found = cells(content)["S!A1"]
    if from_1904:
        serial = (MOMENT - EPOCH_1904).total_seconds() / 86_400
        data = f'<row r="1"><c r="A1" s="1"><v>{serial}</v></c></row>'
        part = workbook_part('<workbookPr date1904="1"/>')
        found = cells(rewritten(content, {SHEET: by_hand(data), "xl/workbook.xml": part}))["S!A1"]
    assert found.raw == "2022-08-08T09:30:00"


def test_a_declared_dimension_is_not_believed(made: Made, rewritten: Rewritten) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    data = '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="C9"><v>2</v></c></row>'
    found = cells(rewritten(content, {SHEET: by_hand(data, '<dimension ref="A1"/>')}))
    assert set(found) == {"S!A1", "S!C9"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>', "too_far"),
        ('<row r="1048577"><c><v>1</v></c></row>', "damaged"),
        ('<row r="0"><c><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A2"><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><v>one</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="q"><v>1</v></c></row>', "damaged"),
        ('<row r="x"><c><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * 40_000 + "</t></is></c></row>", "text_too_long"),
        ('<row r="1"><c r="A1"><v>1</v></row>', "damaged"),
        ('<row r="1"><c r="A1" t="b"><v>2</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" s="9"><v>44926</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" s="-1"><v>44926</v></c></row>', "damaged"),
        ('<row r="1_0"><c><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><v>1<x/>2</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><f>1</f><f>2</f><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><c r="B1"><v>1</v></c></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><is><t>1</t></is></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="inlineStr"><v>0</v></c></row>', "damaged"),
        ("<c><v>1</v></c>", "damaged"),
    ],
)  # fmt: skip
def test_a_sheet_that_can_not_be_true_is_refused(made: Made, rewritten: Rewritten, data: str, reason: str) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    with pytest.raises(Unreadable) as refusal:
        read_workbook(rewritten(content, {SHEET: by_hand(data)}), "t.xlsx")
    assert refusal.value.reason == reason


LISTED = b'<Relationship Id="rId1" Type="a/worksheet" Target="worksheets/sheet1.xml"/>'


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"xl/_rels/workbook.xml.rels": b"<Relationships/>"}, id="a sheet that no relation leads to"),
        pytest.param({"xl/workbook.xml": SHEETS.replace(b'name="S"', b'name=""')}, id="a sheet without a name"),
        pytest.param({"xl/workbook.xml": SHEETS.replace(b'name="S"', b'name="S&#10;"')}, id="a sheet of two lines"),
        pytest.param(
            {"xl/workbook.xml": SHEETS.replace(b"<sheets>", b'<workbookPr date1904="yes"/><sheets>')},
            id="a calendar that is none",
        ),
        *(
            pytest.param(
                {
                    "xl/_rels/workbook.xml.rels": b"<Relationships>%s%s</Relationships>"
                    % (LISTED, b'<Relationship Id="rId2" Type="a/%s" Target="gone.xml"/>' % part)
                },
                id=f"{part.decode()} that are gone",
            )
            for part in (b"styles", b"sharedStrings")
        ),
    ],
)
def test_a_package_that_would_lose_cells_or_their_types_is_refused(
    made: Made, rewritten: Rewritten, parts: dict[str, bytes]
) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S").write("A1", 1) and None)
    assert cells(rewritten(content, {"xl/workbook.xml": SHEETS}))["S!A1"].value == 1
    with pytest.raises(Unreadable) as refusal:
        read_workbook(rewritten(content, parts), "t.xlsx")
    assert refusal.value.reason == "damaged"


@pytest.mark.parametrize("number", ["-1", "0_0", "٠", "2"])
def test_no_other_string_is_read_than_the_one_that_is_meant(made: Made, rewritten: Rewritten, number: str) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S").write_row("A1", ["x", "y"]) and None)
    data = f'<row r="1"><c r="A1" t="s"><v>{number}</v></c></row>'
    with pytest.raises(Unreadable) as refusal:
        read_workbook(rewritten(content, {SHEET: by_hand(data)}), "t.xlsx")
    assert refusal.value.reason == "damaged"


def test_a_sheet_that_is_a_chart_holds_no_cells(made: Made) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("S").write("A1", 1)
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=S!$A$1:$A$1"})
        workbook.add_chartsheet("Biểu đồ").set_chart(chart)

    assert [sheet.name for sheet in read_workbook(made(fill), "t.xlsx").sheets] == ["S"]


def test_nul_is_no_character_of_a_cell(made: Made, rewritten: Rewritten) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    data = '<row r="1"><c r="A1" t="inlineStr"><is><t>a_x0000_b</t></is></c></row>'
    found = cells(rewritten(content, {SHEET: by_hand(data)}))["S!A1"]
    assert (found.raw, found.kind) == ("a\\x00b", "error")


def test_a_prefixed_worksheet_and_rich_text_with_hints_are_read(made: Made, rewritten: Rewritten) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    data = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:r><x:t>Thái </x:t></x:r><x:rPh><x:t>no</x:t></x:rPh><x:r><x:t>Nguyên</x:t>'
        "</x:r></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert cells(rewritten(content, {SHEET: data.encode()}))["S!A1"].raw == "Thái Nguyên"


values = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=30),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-(10**12), 10**12),
    st.booleans(),
)


tables = st.dictionaries(st.tuples(st.integers(0, 40), st.integers(0, 30)), values, max_size=25)
quietly = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=quietly)
@given(tables)
def test_an_independent_reader_sees_the_same_cells(made: Made, table: dict[tuple[int, int], object]) -> None:
    both_see_the_same(made, table)


@pytest.mark.heavy
@settings(max_examples=500, deadline=None, suppress_health_check=quietly)
@given(tables)
def test_an_independent_reader_sees_the_same_cells_of_500_workbooks(
    made: Made, table: dict[tuple[int, int], object]
) -> None:
    both_see_the_same(made, table)


def both_see_the_same(made: Made, table: dict[tuple[int, int], object]) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("S")
        for (row, column), value in table.items():
            write = sheet.write_string if isinstance(value, str) else sheet.write
            write(row, column, value)

    content = made(fill)
    theirs = {
        (cell.row, cell.column): cell.value
        for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()
        for cell in row
        if cell.value is not None and str(cell.value).strip()
    }
    ours = {(cell.row, cell.column): cell.value for cell in read_workbook(content, "t.xlsx").cells()}
    assert ours == theirs


@pytest.mark.parametrize(
    ("cell", "vi", "en"),
    [
        (
            't="s"><v>99</v>',
            "chuỗi dùng chung số 99, trong khi tệp chỉ có 0 chuỗi",
            "shared text 99, but the file has 0",
        ),
        ("><v>0x1F</v>", "ô kiểu số chứa '0x1F', không phải một số thập phân", "'0x1F', which is not a decimal number"),
        ('t="b"><v>7</v>', "kiểu b chứa '7', không phải giá trị của kiểu này", "'7', which is no value of this type"),
    ],
)
def test_a_cell_that_can_not_be_read_is_told_in_our_own_words(
    made: Made, rewritten: Rewritten, cell: str, vi: str, en: str
) -> None:
    content = made(lambda workbook: workbook.add_worksheet("S") and None)
    with pytest.raises(Unreadable) as refusal:
        cells(rewritten(content, {SHEET: by_hand(f'<row r="1"><c r="A1" {cell}</c></row>')}))
    told = str(refusal.value)
    assert vi in told or en in told
    for of_python in ("index out of range", "could not convert", "invalid literal"):
        assert of_python not in told
