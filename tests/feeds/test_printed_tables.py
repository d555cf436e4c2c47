"""Tables as public bodies draw them, in layouts that the platform has never seen: declared, and every figure found."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform import methodology, units
from dti_platform.feeds import Extract, Feed, Known, Parsed, Received
from dti_platform.feeds.fields import number, unit
from dti_platform.feeds.framed import framed
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.printed_tables import Sums, unit_lines
from dti_platform.reading import Body, Book, Convention, Layout, Line, Rule, Unreadable, read_workbook
from dti_platform.reading.delimited import read_delimited
from tests.feeds.drawings import CAPTIONS, CASES, INDICES, PLAIN, RANK, Case, Drawn, Merge, Row, Truth, figure, workbook

FEED = Feed("drawn", "Bảng vẽ", "Drawn tables", "Thử nghiệm", "CC0-1.0", "P1Y", "official", pattern="*.xls*")
FIGURES = Convention(".")
TEXTS = {"no", "name", "line"}
NAMES = ("Hà Nội", "Thừa Thiên Huế", "Lào Cai", "Cà Mau", "Sơn La", "Cần Thơ")


def parse(
    content: bytes, layouts: list[Layout], known: Known, sums: Sums | None = None, book: Book | None = None
) -> Parsed:
    """What a drawn table gives."""
    return framed(extract(content, layouts, known, sums, book))


def extract(
    content: bytes, layouts: list[Layout], known: Known, sums: Sums | None = None, book: Book | None = None
) -> Extract:
    received = Received("drawn", "2022", "t.xlsx", hashlib.sha256(content).hexdigest(), content)
    intake = Intake(FEED, received, book or read_workbook(content, "t.xlsx"), geography="VN63")
    for body, line in unit_lines(intake, known, layouts, sums):
        with intake.row([*line.cells.values(), *line.grouped.values()]):
            take(intake, body, line, unit(line.cells["name"], "VN63", known, line.name))
    return intake.extract()


def take(intake: Intake, body: Body, line: Line, whose: str) -> None:
    about = line.cells["line"].raw.lower() if "line" in line.cells else body.subject or ""
    figures = {(about, name): cell for name, cell in line.cells.items() if name not in TEXTS}
    for (group, name), cell in (figures | line.grouped).items():
        if not cell.blank:
            intake.observe(cell, unit=whose, node=f"{group}/{name}", measure="value", basis="reported",
                           value=number(cell, FIGURES).value, unit_measure="points")  # fmt: skip


def found(parsed: Parsed, known: Known) -> Truth:
    rows = parsed.observations.select("unit", "node", "value").iter_rows()
    return {(known.units.all[unit].name_vi, *node.split("/")): value for unit, node, value in rows}


@pytest.fixture(scope="module")
def names(known: Known) -> list[str]:
    return [unit.name_vi for unit in known.units.members("VN63")]


@pytest.mark.parametrize("moved", [False, True], ids=["as drawn", "moved"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_figure_is_found_where_it_belongs(case: Case, moved: bool, names: list[str], known: Known) -> None:
    drawn = case.draw(names)
    parsed = parse(workbook(drawn.moved() if moved else drawn), drawn.layouts, known)
    assert parsed.quarantine.select("locator", "raw", "reason").rows() == []
    assert parsed.submissions["reason"].to_list() == [None]
    columns = {column for _, _, column in drawn.truth}
    assert {key: value for key, value in found(parsed, known).items() if key[2] in columns} == drawn.truth


def test_a_total_may_be_of_a_part_or_of_the_whole_table(known: Known) -> None:
    rows: list[Row] = [["Tỉnh", "Điểm", "Tỉnh", "Điểm"], ["Huế", 5, "Lào Cai", 7], ["Tổng", 5, "Cả nước", 12]]
    wrong: list[Row] = [*rows[:2], ["Tổng", 5, "Cả nước", 15]]
    layout = Layout(PLAIN.columns, "name", rules=(Rule("total", "name", "tổng|cả nước"),))
    for printed, differs in ((rows, []), (wrong, ["Bảng!D3"])):
        sums = Sums(("score",), FIGURES)
        parsed = parse(workbook(Drawn([layout]).sheet(printed)), [layout], known, sums)
        assert [cell.locator for cell, _, _ in sums.differences] == differs
        assert parsed.submissions["total"].item() == 4


LINES = Layout(PLAIN.columns, "name", rules=(Rule("total", "no", "tổng"), Rule("region", "no", "[a-b]|[ivx]+")))
#: Two regions of one part of the country, and one that is no part of any.
REGIONS: list[Row] = [
    ["STT", "Tỉnh", "Điểm"], ["Tổng", None, 26], ["A", "Bắc", 17], ["I", "Đông Bắc", 12], [1, "Lào Cai", 5],
    [2, "Sơn La", 7], ["II", "Tây Bắc", 5], [1, "Hà Nội", 5], ["B", "Nam", None], ["I", "Tây", 9], [1, "Cà Mau", 9],
]  # fmt: skip


def differences(sheets: dict[str, list[Row]], layout: Layout, known: Known) -> dict[str, tuple[int, int]]:
    drawn, sums = Drawn([layout]), Sums(("score",), FIGURES)
    for name, rows in sheets.items():
        drawn.sheet(rows, name=name)
    parsed = parse(workbook(drawn), [layout], known, sums)
    assert len(parsed.remarks) == len(sums.differences)
    return {cell.locator: (int(printed), int(added)) for cell, printed, added in sums.differences}


def changed(rows: list[Row], at: int, score: object) -> list[Row]:
    return [[*row[:2], score] if number == at else row for number, row in enumerate(rows, 1)]


@pytest.mark.parametrize(
    ("row", "score", "differ"),
    [
        (1, "Điểm", {}), (2, 90, (90, 26)), (3, 90, (90, 17)), (4, 90, (90, 12)), (7, 90, (90, 5)), (9, 9, {}),
        (10, 90, (90, 9)), (2, "trên 20", {}), (2, "gần 30", {}),
    ],
)  # fmt: skip
def test_a_region_is_of_the_units_below_it(row: int, score: object, differ: object, known: Known) -> None:
    found = differences({"Bảng": changed(REGIONS, row, score)}, LINES, known)
    assert found == ({f"Bảng!C{row}": differ} if differ else {})


def test_a_region_may_stand_below_its_units(known: Known) -> None:
    head: Row = ["STT", "Tỉnh", "Điểm"]
    rows: list[Row] = [head, [1, "Lào Cai", 5], [2, "Sơn La", 7], ["I", "Đông", 12], [1, "Huế", 4], ["II", "Tây", 4]]
    assert differences({"Bảng": rows}, LINES, known) == {}
    assert differences({"Bảng": changed(rows, 6, 5.5)}, LINES, known) == {"Bảng!C6": (5, 4)}


def test_a_table_and_its_last_region_may_go_on_in_another_sheet(known: Known) -> None:
    head, last = REGIONS[0], REGIONS[6:]
    sheets = {"1": REGIONS[:5], "2": [head, *REGIONS[5:6], *last]}
    assert differences(sheets, LINES, known) == {}
    assert differences(sheets | {"1": changed(REGIONS[:5], 2, 30)}, LINES, known) == {"1!C2": (30, 5)}


def test_totals_of_groups_are_compared(known: Known) -> None:
    name, score = PLAIN.columns[1:]
    layout = Layout((name,), "name", repeated=(score,), rules=(Rule("total", "name", "TỔNG"),))
    rows: list[Row] = [
        ["Tỉnh", "2021", "2022"],
        [None, "Điểm", "Điểm"],
        ["Tổng", 9, 9],
        ["Huế", 4, 5],
        ["Cà Mau", 5, 6],
    ]
    assert differences({"Bảng": rows}, layout, known) == {"Bảng!C3": (9, 11)}


def test_a_row_that_names_no_unit_adds_nothing(known: Known) -> None:
    rows: list[Row] = [["STT", "Tỉnh", "Điểm"], ["Tổng", None, 9], [1, "Huế", 9], [2, "Nháp", 5]]
    assert differences({"Bảng": rows}, LINES, known) == {}
    assert differences({"Bảng": changed(rows, 2, 14)}, LINES, known) == {}
    assert differences({"Bảng": changed(rows, 2, 12)}, LINES, known) == {"Bảng!C2": (12, 9)}


def test_a_row_with_a_sign_for_no_figure_is_taken(known: Known) -> None:
    rows: list[Row] = [["STT", "Tỉnh", "Điểm", "Hạng"], [1, "Huế", 5, "-"]]
    layout = Layout((*PLAIN.columns, RANK), "name", none=("-",))
    parsed = parse(workbook(Drawn([layout]).sheet(rows)), [layout], known)
    assert found(parsed, known) == {("Thừa Thiên Huế", "", "score"): 5.0}
    assert parsed.submissions.select("quarantined", "blank").row(0) == (0, 1)


def test_figures_without_a_name_are_said(known: Known) -> None:
    rows: list[Row] = [["STT", "Tỉnh", "Điểm"], [1, "Huế", 5], [2, None, 7], [None, None, 63]]
    parsed = parse(workbook(Drawn([PLAIN]).sheet(rows)), [PLAIN], known)
    assert [remark.text.en for remark in parsed.remarks] == ["Bảng!A3: a row of figures without a name"]
    assert found(parsed, known) == {("Thừa Thiên Huế", "", "score"): 5.0}


def test_rows_of_text_that_end_too_early_are_held_back(known: Known) -> None:
    book = read_delimited("Tỉnh,STT,Điểm\nHuế,1,5\nLào Cai,2\n".encode(), "t.csv")
    parsed = parse(b"", [PLAIN], known, book=book)
    assert parsed.quarantine.select("raw", "reason").rows() == [("Lào Cai", "ragged_row"), ("2", "ragged_row")]


@cache
def names_known() -> Known:
    """As the fixture, which a failing example would print whole."""
    return Known(units.load(check=False), methodology.load())


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[Row], list[Merge], dict[str, list[str]], bool]:
    """Tables side by side in any of the ways in which they are drawn, each with the order of its names.

    The last says whether a figure may seem to belong to the names of the table on its left: it stands before its own,
    and the tables begin in different rows.
    """
    extra = draw(st.sampled_from([(), ("STT",), ("Hạng",), ("STT", "Hạng")]))
    head = draw(st.permutations(["Tỉnh", "Điểm", *extra]))
    spacer = draw(st.booleans())
    languages = draw(st.sampled_from([1, 2]))
    merged = draw(st.booleans())
    width = len(head) + spacer
    orders: dict[str, list[str]] = {
        about: [*draw(st.permutations(NAMES))][: draw(st.integers(2, len(NAMES)))] for about in INDICES
    }
    lags = [draw(st.integers(0, 3)) if spacer else 0 for _ in orders]
    lead = draw(st.integers(0, 2))
    grid: dict[tuple[int, int], object] = {}
    merges: list[Merge] = []
    for number_, ((about, order), lag) in enumerate(zip(orders.items(), lags, strict=True)):
        top, left = lead + lag, number_ * width
        for row in range(languages):
            grid[top + row, left] = INDICES[about][row]
            merges += [(top + row, left, top + row, left + len(head) - 1)] if merged and len(head) > 1 else []
        cells = {"Tỉnh": order, "Điểm": [figure(name, about) for name in order]}
        for column, title in enumerate(head, left):
            values = cells.get(title, range(1, len(order) + 1))
            grid |= {(top + languages + at, column): value for at, value in enumerate([title, *values])}
    bottom, right = max(row for row, _ in grid), max(column for _, column in grid)
    rows: list[Row] = [[grid.get((row, column)) for column in range(right + 1)] for row in range(bottom + 1)]
    return rows, merges, orders, head.index("Điểm") < head.index("Tỉnh") and len(set(lags)) > 1


@settings(max_examples=60, deadline=None)
@given(drawn=sheets())
def test_tables_side_by_side_are_told_apart_however_they_are_drawn(
    drawn: tuple[list[Row], list[Merge], dict[str, list[str]], bool],
) -> None:
    rows, merges, orders, doubtful = drawn
    known = names_known()
    layout = Layout((*PLAIN.columns, RANK), "name", captions=CAPTIONS)
    try:
        parsed = parse(workbook(Drawn([layout]).sheet(rows, *merges)), [layout], known)
    except Unreadable as refusal:
        if doubtful and refusal.reason == "two_readings":
            return
        raise
    scores = {key: value for key, value in found(parsed, known).items() if key[2] == "score"}
    assert scores == {(name, about, "score"): figure(name, about) for about, order in orders.items() for name in order}
    assert parsed.quarantine.height == 0
    assert parsed.remarks == ()
