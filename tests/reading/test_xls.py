"""Old workbooks: every type, error, format and place, as an independent reader sees them, and more."""

import io
import struct
from collections.abc import Sequence

import pytest
import python_calamine

from dti_platform.reading import Cell, Request, Unreadable, read_batch, read_workbook
from dti_platform.reading.sandbox import Limits
from tests.reading.xls_by_hand import (
    BIFF5,
    BIFF8,
    boolerr,
    compound,
    formula,
    label,
    number,
    record,
    short,
    wide,
    workbook,
)  # fmt: skip
from tests.stand_ins import of_others, real
from tests.stand_ins.budgets import BUDGETS


def cells(records: Sequence[bytes], **more: object) -> dict[str, Cell]:
    return {cell.locator: cell for cell in read_workbook(workbook(records, **more), "t.xls").cells()}  # type: ignore[arg-type]


def style(font: int, form: int) -> bytes:
    return record(0x00E0, struct.pack("<HH", font, form) + b"\x00" * 16)


def font(name: str) -> bytes:
    return record(0x0031, b"\x00" * 14 + short(name))


@pytest.mark.parametrize("version", [BIFF5, BIFF8])
def test_every_type_comes_with_its_place_and_raw_text(version: int) -> None:
    found = cells(
        [
            label(1, 1, "4.10", version=version),
            number(2, 2, 4.1),
            boolerr(2, 3, 1, error=False),
            boolerr(2, 4, 7, error=True),
            label(3, 0, "  ", version=version),
        ],
        version=version,
    )
    assert {at: (cell.raw, cell.kind) for at, cell in found.items()} == {
        "S!B2": ("4.10", "text"),
        "S!C3": ("4.1", "number"),
        "S!D3": ("TRUE", "bool"),
        "S!E3": ("#DIV/0!", "error"),
    }


@pytest.mark.parametrize(
    ("packed", "value"),
    [((5 << 2) | 2, 5.0), ((-7 & 0x3FFFFFFF) << 2 | 2, -7.0), ((1234 << 2) | 3, 12.34), (0x3FF00000, 1.0)],
)
def test_numbers_packed_into_30_bits(packed: int, value: float) -> None:
    packed_cell = record(0x027E, struct.pack("<HHHI", 0, 0, 0, packed))
    row = record(0x00BD, struct.pack("<HHHIHIH", 1, 0, 0, packed, 0, packed, 1))
    assert [cell.value for cell in cells([packed_cell, row]).values()] == [value] * 3


def test_the_last_value_of_a_formula_and_that_it_is_one() -> None:
    string = struct.pack("<BBHHH", 0, 0, 0, 0, 0xFFFF)
    found = cells(
        [
            formula(0, 0, struct.pack("<d", 2.5)),
            formula(1, 0, string), record(0x0207, wide("Huế")),
            formula(2, 0, struct.pack("<BBBBHH", 2, 0, 42, 0, 0, 0xFFFF)),
            formula(3, 0, struct.pack("<BBBBHH", 1, 0, 1, 0, 0, 0xFFFF)),
            formula(4, 0, struct.pack("<BBBBHH", 3, 0, 0, 0, 0, 0xFFFF)),
        ]
    )  # fmt: skip
    assert [(cell.raw, cell.kind, cell.formula) for cell in found.values()] == [
        ("2.5", "number", ""),
        ("Huế", "text", ""),
        ("#N/A", "error", ""),
        ("TRUE", "bool", ""),
    ]


@pytest.mark.parametrize(("from_1904", "raw"), [(False, "2022-12-31"), (True, "2027-01-01")])
def test_dates_of_both_calendars(from_1904: bool, raw: str) -> None:
    own = record(0x041E, struct.pack("<H", 164) + wide("dd/mm/yyyy"))
    calendar = record(0x0022, struct.pack("<H", from_1904))
    found = cells(
        [number(0, 0, 44926, 0), number(0, 1, 44926, 1)], declared=[calendar, own, style(0, 14), style(0, 164)]
    )
    assert [(cell.raw, cell.kind) for cell in found.values()] == [(raw, "date")] * 2
    assert found["S!B1"].number_format == "dd/mm/yyyy"


def test_hidden_and_merged_cells_say_so_and_hidden_sheets_are_read() -> None:
    row = record(0x0208, struct.pack("<H10xI", 1, 0x20))
    column = record(0x007D, struct.pack("<HH4xHH", 2, 2, 1, 0))
    merged = record(0x00E5, struct.pack("<HHHHH", 1, 0, 0, 0, 1))
    records = [row, column, *(label(r, c, "x") for r in range(3) for c in range(3)), merged]
    book, shown = (read_workbook(workbook(records, hidden=hidden), "t.xls") for hidden in (1, 0))
    found = {cell.locator: cell for cell in shown.cells()}
    assert (book.sheets[0].hidden, shown.sheets[0].hidden) == (True, False)
    assert all(cell.hidden for cell in book.cells())
    assert (found["S!A1"].merged, found["S!B1"].merged, found["S!A2"].merged) == (True, True, False)
    assert (found["S!A2"].hidden, found["S!A3"].hidden, found["S!C3"].hidden) == (True, False, True)


def test_a_font_declares_the_encoding_of_its_text() -> None:
    declared = [font(".VnTime"), font("VNI-Times"), font("Arial"), style(0, 0), style(1, 0), style(2, 0)]
    found = cells(
        [label(0, 0, "Bé", 0), label(0, 1, "Thaùi", 1), label(0, 2, "Bé", 2), label(0, 3, "Số", 0)], declared=declared
    )
    assert [(cell.raw, cell.encoding) for cell in found.values()] == [
        ("Bộ", "tcvn3"), ("Thái", "vni"), ("Bé", None), ("Số", None),
    ]  # fmt: skip


#: Where the characters of three strings stand in their table, and how wide they are.
INSIDE = ((11, 17, 1), (22, 28, 2), (35, 49, 2))
#: Where a writer may cut: between strings, or between two characters.
CUTS = (17, 28, 32, *(at for begin, end, width in INSIDE for at in range(begin, end, width)))


@pytest.mark.parametrize("cut", sorted(set(CUTS)))
def test_shared_strings_may_go_on_in_the_next_record(cut: int) -> None:
    plain = struct.pack("<HB", 6, 0) + b"Ha Noi"
    rich = struct.pack("<HBH", 3, 0x09, 1) + "Huế".encode("utf-16-le") + b"\x00" * 4
    table = struct.pack("<II", 3, 3) + plain + rich + wide("Đà Nẵng")
    again = next((bytes([width - 1]) for begin, end, width in INSIDE if begin <= cut < end), b"")
    chunks = record(0x00FC, table[:cut]) + record(0x003C, again + table[cut:])
    found = cells([record(0x00FD, struct.pack("<HHHI", 0, at, 0, at)) for at in range(3)], declared=[chunks])
    assert [cell.raw for cell in found.values()] == ["Ha Noi", "Huế", "Đà Nẵng"]


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        read_workbook(content, "t.xls")
    return raised.value.reason


def test_what_is_no_workbook_or_is_locked_is_refused_with_its_reason() -> None:
    assert refusal(workbook([], declared=[record(0x002F, b"\x00" * 6)])) == "encrypted"
    assert refusal(compound(b"", "EncryptedPackage")) == "encrypted"
    assert refusal(compound(b"", "WordDocument")) == "not_a_workbook"
    assert refusal(workbook([], version=0x0400)) == "not_a_workbook"
    assert refusal(workbook([label(0, 0, "x"), label(0, 0, "y")])) == "damaged"
    assert refusal(workbook([record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 9))])) == "damaged"
    assert refusal(workbook([number(65535, 255, 1.0)])) == "too_far"


STRING = struct.pack("<BBHHH", 0, 0, 0, 0, 0xFFFF)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([formula(0, 0, STRING), label(1, 0, "x")], id="a formula's text that does not come"),
        pytest.param([formula(0, 0, STRING)], id="a formula's text that does not come at the end"),
        pytest.param([number(0, 0, 1), record(0x0207, wide("x"))], id="a text of no formula"),
        pytest.param([formula(0, 0, b"\x09" + STRING[1:])], id="a formula's value of no type"),
        pytest.param([b"\x0a\0\xff\xff"], id="a record beyond the end"),
        pytest.param([record(0x0204, struct.pack("<HHHHB", 0, 0, 0, 9, 0) + b"x")], id="a text beyond its record"),
        pytest.param(
            [record(0x00BD, struct.pack("<HHHIHIH", 1, 0, 0, 2, 0, 2, 0))], id="numbers beyond the last column"
        ),
        pytest.param([record(0x00FD, struct.pack("<HHHi", 0, 0, 0, -1))], id="a shared string before the first"),
        pytest.param([number(0, 0, 1, 0xFFFF)], id="a style that no format has"),
    ],
)
def test_a_sheet_that_would_lose_cells_is_refused(records: Sequence[bytes]) -> None:
    assert refusal(workbook(records)) == "damaged"


@pytest.mark.parametrize("at", [0, 24, 10_000])
def test_a_sheet_begins_where_a_worksheet_does_or_is_refused(at: int) -> None:
    content = workbook([number(0, 0, 1)])
    place = content.index(b"\x85\0\x0a\0") + 4
    assert refusal(content[:place] + struct.pack("<I", at) + content[place + 4 :]) == "damaged"


@pytest.mark.parametrize("sort", [1, 2, 6, 16])
def test_a_sheet_that_holds_cells_is_never_passed_over(sort: int) -> None:
    content = workbook([number(0, 0, 1)])
    place = content.index(b"\x85\0\x0a\0") + 4 + 5
    assert refusal(content[:place] + bytes([sort]) + content[place + 1 :]) == "damaged"


def test_a_chart_in_a_sheet_of_its_own_is_passed_over() -> None:
    content = workbook([number(0, 0, 1)], sheet="A", more={"B": []})
    place = content.index(b"\x85\0\x0a\0", content.index(b"\x85\0\x0a\0") + 1) + 4
    (at,) = struct.unpack_from("<I", content, place)
    body = content.index(b"\x09\x08") + at + 4
    chart = content[: place + 5] + b"\2" + content[place + 6 : body + 2] + b"\x20\0" + content[body + 4 :]
    assert [sheet.name for sheet in read_workbook(chart, "t.xls").sheets] == ["A"]


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_sheet_has_a_name(name: str) -> None:
    assert refusal(workbook([number(0, 0, 1)], sheet=name)) == "damaged"


def test_format_number_0_is_never_a_day() -> None:
    own = record(0x041E, struct.pack("<H", 0) + wide("dd/mm/yyyy"))
    assert cells([number(0, 0, 44926)], declared=[own, style(0, 0)])["S!A1"].kind == "number"


@pytest.mark.parametrize("count", [2, 0x7FFFFFFF, 0xFFFFFFFF])
def test_shared_strings_are_as_many_as_declared_or_the_file_is_refused(count: int) -> None:
    table = record(0x00FC, struct.pack("<II", count, count) + wide("x"))
    assert refusal(workbook([number(0, 0, 1)], declared=[table])) == "damaged"


def test_a_phonetic_part_never_leads_back_to_an_earlier_string() -> None:
    first, size = wide("one"), 7
    back = struct.pack("<HBi", 0, 4, -size - len(first))
    table = record(0x00FC, struct.pack("<II", 3, 3) + first + back + wide("two"))
    assert refusal(workbook([record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 2))], declared=[table])) == "damaged"


def test_a_directory_that_branches_into_itself_ends_with_the_child() -> None:
    content = bytearray(workbook([number(0, 0, 1)]))
    begin = content.index("Root Entry".encode("utf-16-le"))
    struct.pack_into("<III", content, begin + 128 + 68, 1, 1, 1)
    found = next(read_batch([Request(bytes(content), "t.xls")], Limits(cpu=1)))
    assert isinstance(found, Unreadable)


def test_the_library_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    odd = [record(0x007D, struct.pack("<HH4xHH", 2, 900, 1, 0)), record(0x00E5, struct.pack("<HHHHH", 1, 0, 0, 0, 900))]
    assert cells([*odd, number(0, 0, 1)]).keys() == {"S!A1"}
    assert tuple(capfd.readouterr()) == ("", "")


def test_a_chain_of_sectors_that_goes_round_ends() -> None:
    content = bytearray(workbook([label(0, 0, "x")]))
    struct.pack_into("<I", content, 512 + 4 * 4, 2)
    assert refusal(bytes(content)) == "damaged"


def test_every_truncation_is_refused_or_reads_the_same() -> None:
    content = workbook([label(0, 0, "x"), number(1, 1, 2.0)])
    for end in range(1, len(content), 97):
        try:
            found = [cell.raw for cell in read_workbook(content[:end], "t.xls").cells()]
        except Unreadable:
            continue
        assert found == ["x", "2"]


@pytest.mark.parametrize("name", BUDGETS)
def test_an_independent_reader_sees_the_same_cells_but_for_errors(name: str) -> None:
    content = of_others(f"wild/{name}")
    book = read_workbook(content, name)
    theirs = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert [sheet.name for sheet in book.sheets] == theirs.sheet_names
    for sheet in book.sheets:
        rows = theirs.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        seen = {(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if str(value).strip()}
        ours = {(cell.row, cell.column): cell for cell in sheet.cells() if cell.kind != "error"}
        assert ours.keys() == seen.keys()
        assert [at for at, cell in ours.items() if cell.value != seen[at] and not cell.encoding] == []


def test_text_in_tcvn3_is_the_text_of_its_twin_in_unicode() -> None:
    old, new = read_workbook(of_others("wild/Plan_2003.xls"), "Plan_2003.xls").sheets
    twins = {(cell.row, cell.column): cell for cell in new.cells()}
    texts = [cell for cell in old.cells() if cell.kind == "text"]
    assert sum(cell.encoding == "tcvn3" for cell in texts) == (95 if real("wild/Plan_2003.xls") else 68)
    assert [cell.locator for cell in texts if cell.raw.upper() != twins[cell.row, cell.column].raw.upper()] == []
    assert sum(cell.kind == "error" for cell in old.cells()) == 68
