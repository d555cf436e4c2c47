"""Tables as people draw them: headers over several rows, side by side, in pairs; never by number of row or column."""

import io
from collections.abc import Callable

import pytest
import xlsxwriter

from dti_platform.reading import Book, Column, Layout, Rule, Unreadable, find_bodies, read_delimited, read_workbook

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
NAME = Column("name", ("Tỉnh, thành phố", "Province"))
SCORE = Column("score", ("Điểm", "Score"))


def sheet(rows: list[list[object]], *merged: str, name: str = "S") -> Book:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        into = workbook.add_worksheet(name)
        for area in merged:
            into.merge_range(area, "")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    into.write(number, column, value)
    return read_workbook(buffer.getvalue(), "t.xlsx")


def read(book: Book, layout: Layout) -> list[list[tuple[str, ...]]]:
    return [
        [
            tuple(cell.raw for cell in (*line.cells.values(), *line.grouped.values()))
            for line in body.lines()
            if line.kind == "unit"
        ]
        for body in find_bodies(book, layout)
    ]


def test_a_header_over_three_rows_and_two_languages() -> None:
    rows: list[list[object]] = [
        ["Bảng 1"],
        ["STT\nNo", "Tỉnh,\nProvince", "Bổ sung từ NSTW\nTransfer", None],
        [None, "thành phố", "Tổng số\nTotal", "Cân đối\nBalance"],
        ["A", "B", "1=2+3", 2],
        [1, "Huế", 5, 3],
    ]
    columns = (
        Column("name", ("Tỉnh, thành phố",)),
        Column("total", ("Bổ sung từ NSTW Tổng số",)),
        Column("balance", ("Transfer Balance",)),
    )
    assert read(sheet(rows, "C2:D2"), Layout(columns, "name")) == [[("Huế", "5", "3")]]


@pytest.mark.parametrize("lead", [0, 2])
def test_tables_side_by_side(lead: int) -> None:
    start: list[list[object]] = [["Tên bảng"]] * lead
    rows: list[list[object]] = [
        ["STT", "Tỉnh, thành phố", "Điểm", None, "STT", "Tỉnh, thành phố", "Điểm"],
        [1, "Huế", 5, None, 3, "Lào Cai", 7],
        [2, "Hà Nội", 6],
    ]
    layout = Layout((Column("no", ("STT",), required=False), NAME, SCORE), "name")
    assert read(sheet(start + rows), layout) == [[("1", "Huế", "5"), ("2", "Hà Nội", "6")], [("3", "Lào Cai", "7")]]


def test_a_table_below_another_ends_the_first() -> None:
    rows: list[list[object]] = [["Province", "Score"], ["Huế", 5], ["Ghi chú"], ["Province", "Score"], ["Lào Cai", 7]]
    layout = Layout((NAME, SCORE), "name", rules=(Rule("note", "name", "ghi chú.*"),))
    assert read(sheet(rows), layout) == [[("Huế", "5")], [("Lào Cai", "7")]]


@pytest.mark.parametrize("years", [("2010", "2011"), (2010, 2011)], ids=["text", "numbers"])
@pytest.mark.parametrize("merged", [("B1:C1", "D1:E1"), ()], ids=["merged", "not merged"])
def test_pairs_of_columns_that_repeat_under_every_year(years: tuple[object, object], merged: tuple[str, ...]) -> None:
    rows: list[list[object]] = [
        ["Province", years[0], None, years[1], None],
        [None, "Kế hoạch", "Thực hiện", "Kế hoạch", "Thực hiện"],
        ["Huế", 1, 2, 3, 4],
    ]
    layout = Layout((NAME,), "name", repeated=(Column("plan", ("Kế hoạch",)), Column("done", ("Thực hiện",))))
    (body,) = find_bodies(sheet(rows, *merged), layout)
    (line,) = body.lines()
    assert {under: cell.raw for under, cell in line.grouped.items()} == {
        ("2010", "plan"): "1", ("2010", "done"): "2", ("2011", "plan"): "3", ("2011", "done"): "4",
    }  # fmt: skip


def test_rows_are_told_apart_and_none_is_lost() -> None:
    rows: list[list[object]] = [
        ["STT", "Province", "Score"],
        [None, "Tổng số", 11],
        ["I", "Miền núi", 11],
        [1, "Huế", 11],
        [None, None, 63],
        ["Ghi chú: (1)"],
    ]
    rules = (Rule("note", "no", "ghi chú.*"), Rule("total", "name", "tổng số"), Rule("region", "no", "[ivx]+"))
    (body,) = find_bodies(sheet(rows), Layout((Column("no", ("STT",)), NAME, SCORE), "name", rules=rules))
    assert [line.kind for line in body.lines()] == ["total", "region", "unit", "note", "note"]


def test_a_column_that_was_added_or_moved_changes_nothing() -> None:
    layout = Layout((NAME, SCORE), "name")
    plain = read(sheet([["Province", "Score"], ["Huế", 5]]), layout)
    assert read(sheet([[None], ["x", "Score", "Nhận xét", "Province"], ["y", 5, "z", "Huế"]]), layout) == [
        [("Huế", "5")]
    ]
    assert plain == [[("Huế", "5")]]


@pytest.mark.parametrize(
    ("rows", "reason", "names"),
    [
        ([["Province", "Mark"], ["Huế", 5]], "header_missing", "score"),
        ([["Province", "Score", "Score"], ["Huế", 5, 6]], "header_repeated", "score"),
        ([["Title"]], "header_missing", "name, score"),
    ],
)
def test_a_header_that_is_missing_or_repeated_is_named(rows: list[list[object]], reason: str, names: str) -> None:
    with pytest.raises(Unreadable, match=names) as refusal:
        find_bodies(sheet(rows), Layout((NAME, SCORE), "name"))
    assert refusal.value.reason == reason


def test_a_sheet_is_passed_over_and_delimited_text_has_a_layout_too() -> None:
    layout = Layout((NAME, SCORE), "name", ignored=("Nháp*",))
    with pytest.raises(Unreadable):
        find_bodies(sheet([["Province", "Score"], ["Huế", 5]], name="Nháp 1"), layout)
    book = read_delimited("Bảng,\nTỉnh,Điểm\nthành phố,\nHuế,5\n".encode(), "t.csv")
    columns = (Column("name", ("Tỉnh thành phố",)), SCORE)
    assert read(book, Layout(columns, "name")) == [[("Huế", "5")]]


def test_a_long_sheet_is_searched_in_time() -> None:
    rows = "".join(f"Province {n},{n}\n" for n in range(20_000))
    book = read_delimited(f"Province,Score\n{rows}".encode(), "t.csv")
    (units,) = read(book, Layout((NAME, SCORE), "name"))
    assert len(units) == 20_000
