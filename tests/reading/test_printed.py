"""Tables as people draw them: headers over several rows, side by side, in pairs; never by number of row or column."""

import io
from collections.abc import Callable
from time import process_time

import pytest
import xlsxwriter

from dti_platform.reading import (
    FOOTNOTE,
    NUMBERING,
    Book,
    Column,
    Layout,
    Rule,
    Unreadable,
    find_bodies,
    read_workbook,
    survey,
)
from dti_platform.reading.delimited import read_delimited
from dti_platform.reading.printed import headers

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
        ([["Province", "Score", "Score"], ["Huế", 5, 6]], "header_repeated", "score .* S!C1"),
        ([["Province", "Score", None, "Score"], ["Huế", 5, None, 6]], "header_repeated", "score .* S!D1"),
        (
            [["Tên đơn vị", "Score"], ["Huế", 5]],
            "header_missing",
            r"name \(Tỉnh, thành phố \| Province\).*row 1.*“Tên đơn vị”",
        ),
        ([["Province", "Mark", None, "Ministry", "Score"], ["Huế", 5, None, "Y tế", 6]], "header_missing", "score"),
        ([["Province", "Huế", "Lào Cai"], ["Score", 5, 6]], "header_missing", "turn the table"),
        ([["Huế", 5], ["Lào Cai", 6]], "header_missing", "name .*; score"),
        ([], "header_missing", "name .*; score"),
        ([["Title"]], "header_missing", "name .*; score"),
    ],
)
def test_a_header_that_is_missing_or_repeated_is_named(rows: list[list[object]], reason: str, names: str) -> None:
    with pytest.raises(Unreadable, match=names) as refusal:
        find_bodies(sheet(rows), Layout((NAME, SCORE), "name"))
    assert refusal.value.reason == reason


def test_a_title_that_is_merged_over_two_columns_of_figures_is_refused() -> None:
    with pytest.raises(Unreadable, match="score is merged from S!B1 to S!C1"):
        find_bodies(sheet([["Province", "Score", None], ["Huế", 5, 6]], "B1:C1"), Layout((NAME, SCORE), "name"))


def test_a_repeated_title_that_is_merged_over_two_columns_stands_above_the_figures() -> None:
    rows: list[list[object]] = [
        ["Province", 2015, None, 2016, None], [None, "Score", None, "Score", None],
        ["Huế", None, 5, 6, None], ["Lào Cai", None, 7, 8, None],
    ]  # fmt: skip
    merged = ("B1:C1", "D1:E1", "B2:C2", "D2:E2")
    assert read(sheet(rows, *merged), Layout((NAME,), "name", repeated=(SCORE,))) == [
        [("Huế", "5", "6"), ("Lào Cai", "7", "8")]
    ]


def test_figures_that_may_belong_to_the_names_before_or_behind_them_are_refused() -> None:
    rows: list[list[object]] = [
        ["Province", None, "Score", "Province", None, "Mark"],
        ["Huế", None, 5, "Lào Cai", None, 7],
    ]
    with pytest.raises(Unreadable, match=r"from S!C2 may belong to the names from S!A2 or to those from S!D2"):
        find_bodies(sheet(rows), Layout((NAME, SCORE), "name"))


def test_a_beginning_of_a_title_ends_where_a_word_ends() -> None:
    layout = Layout((NAME, Column("revenue", ("Thu…", "Tổng số 1…"))), "name")
    for title in ("Thu ngân sách", "THU (tỷ đồng)", "Thu", "Tổng-\nsố 1: thu"):
        assert read(sheet([["Province", title], ["Huế", 5]]), layout) == [[("Huế", "5")]]
    for title in ("Thuế", "Thung lũng", "Tổng số 10"):
        with pytest.raises(Unreadable, match="revenue"):
            find_bodies(sheet([["Province", title], ["Huế", 5]]), layout)


def test_a_column_is_of_the_title_that_is_declared_closest() -> None:
    names = Column("name", ("Tỉnh…",))
    columns = (names, Column("score", ("Tỉnh: điểm…",)), Column("rank", ("Tỉnh: điểm xếp hạng",)))
    rows: list[list[object]] = [["Tỉnh, thành phố", "Tỉnh: điểm số", "Tỉnh: điểm xếp hạng"], ["Huế", 5, 1]]
    assert read(sheet(rows), Layout(columns, "name")) == [[("Huế", "5", "1")]]


def test_a_column_that_may_be_names_or_figures_is_refused_with_both_titles() -> None:
    columns = (Column("name", ("Province",)), Column("score", ("Province", "Score")))
    with pytest.raises(Unreadable, match="at S!A1 fits both name and score") as refusal:
        find_bodies(sheet([["Province", "Score"], ["Huế", 5]]), Layout(columns, "name"))
    assert refusal.value.reason == "two_readings"


@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("required", [False, True])
def test_tables_of_other_names_stand_side_by_side_under_the_same_titles(gap: int, required: bool) -> None:
    no, ministry = Column("no", ("No",), required=required), Column("name", ("Ministry",))
    rows: list[list[object]] = [
        ["No", "Ministry", "Score", *[None] * gap, "No", "Province", "Score"],
        [1, "Y tế", 5, *[None] * gap, 1, "Huế", 7],
    ]
    bodies = survey(sheet(rows), [Layout((no, each, SCORE), "name") for each in (ministry, NAME)]).bodies
    assert [[cell.raw for cell in line.cells.values()] for body in bodies for line in body.lines()] == [
        ["1", "Y tế", "5"], ["1", "Huế", "7"],
    ]  # fmt: skip


LOOKALIKES: dict[str, tuple[list[list[object]], str, list[tuple[str, ...]]]] = {
    "a pair whose second title was renamed": (
        [["Province", "Score", "Province", "Mark"], ["Huế", 5, "Lào Cai", 7]], "S!C1", [("Huế", "5")],
    ),
    "a table further down whose title was renamed": (
        [["Province", "Score"], ["Huế", 5], ["Province", "Mark"], ["Lào Cai", 7]], "S!A3", [("Huế", "5")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOKALIKES)
def test_what_looks_like_a_table_and_is_none_is_named_and_never_read(case: str) -> None:
    rows, where, units = LOOKALIKES[case]
    found = survey(sheet(rows), [Layout((NAME, SCORE), "name")])
    assert [fault.en.split(":")[0] for fault in found.faults] == [where]
    assert read(sheet(rows), Layout((NAME, SCORE), "name")) == [units]


def test_a_caption_that_nobody_declares_is_named_and_a_table_that_goes_on_keeps_its_own() -> None:
    rows: list[list[object]] = [
        ["Land access", None, "Something new", None],
        ["Province", "Score", "Province", "Score"],
        ["Huế", 5, "Huế", 6],
        ["(tiếp theo)", None, None, None],
        ["Province", "Score"],
        ["Lào Cai", 7],
    ]
    found = survey(sheet(rows), [Layout((NAME, SCORE), "name", captions=(Column("land", ("Land Access",)),))])
    assert [(body.subject, body.header.columns["name"], body.header.top) for body in found.bodies] == [
        ("land", 1, 2), ("land", 1, 5),
    ]  # fmt: skip
    (fault,) = found.faults
    assert "Something new" in fault.vi
    assert "S!C2" in fault.en


def test_a_title_of_the_whole_sheet_is_no_caption_of_the_first_table() -> None:
    rows: list[list[object]] = [["PCI 2016"], ["Land", None, "Time"], ["Province", "Score"] * 2, ["Huế", 5, "Huế", 6]]
    assert [body.caption for body in find_bodies(sheet(rows), Layout((NAME, SCORE), "name"))] == [("land",), ("time",)]
    (alone,) = find_bodies(
        sheet([["Bảng 1"], ["Đơn vị: điểm"], *[row[:2] for row in rows[2:]]]), Layout((NAME, SCORE), "name")
    )
    assert alone.caption == ("bảng 1", "đơn vị: điểm")


def test_a_sheet_that_lacks_a_header_is_named_beside_those_that_do_not() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        for name, title in (("A", "Score"), ("B", "Mark"), ("C", None)):
            into = workbook.add_worksheet(name)
            into.write_row(0, 0, ["Province", title] if title else ["Lời nói đầu"])
            into.write_row(1, 0, ["Huế", 5])
    found = survey(read_workbook(buffer.getvalue(), "t.xlsx"), [Layout((NAME, SCORE), "name")])
    assert [body.sheet.name for body in found.bodies] == ["A"]
    (fault,) = found.faults
    assert "trang tính B" in fault.vi
    assert "“Mark”" in fault.vi


def test_rows_of_text_that_end_too_early_are_set_apart() -> None:
    book = read_delimited("Province,No,Score\nHuế,1,5\nLào Cai,2\nGhi chú\n".encode(), "t.csv")
    (body,) = find_bodies(book, Layout((NAME, SCORE), "name"))
    assert [[cell.raw for cell in cells] for cells in body.ragged()] == [["Lào Cai", "2"]]
    assert [line.name for line in body.lines()] == ["Huế"]


@pytest.mark.parametrize(
    ("seen", "name"),
    [
        ("1. Huế", "Huế"), ("12) Huế (*)", "Huế"), ("3 - Huế²", "Huế"), ("Huế 1)", "Huế"), ("Huế (12)", "Huế"),
        ("Huế", "Huế"), ("Quận 1", "Quận 1"), ("Huế (cũ)", "Huế (cũ)"),
    ],
)  # fmt: skip
def test_marks_around_a_name_are_no_part_of_it(seen: str, name: str) -> None:
    layout = Layout((NAME, SCORE), "name", marks=(NUMBERING, FOOTNOTE))
    (body,) = find_bodies(sheet([["Province", "Score"], [seen, 5]]), layout)
    (line,) = body.lines()
    assert (line.name, line.cells["name"].raw) == (name, seen)


@pytest.mark.parametrize(
    ("row", "is_numbering"),
    [
        ([None, None, 1, 2], True), (["(1)", "(2)", "(3)=(2)-1", "(4)"], True), (["I", "II", "III", "IV"], True),
        (["(I)", "(II)", "(III)=(I)-1", "(IV)"], True), ([None, None, 1, 3], False), ([None, None, 1], False),
        ([1, "Huế", 2, 3], False), (["I", "Vùng", 2, 3], False), (["I", "V", "III", "II"], False),
    ],
)  # fmt: skip
def test_a_row_that_numbers_the_columns_is_part_of_the_header(row: list[object], is_numbering: bool) -> None:
    layout = Layout((Column("no", ("No",), required=False), NAME, SCORE), "name")
    rows: list[list[object]] = [["No", "Province", "Score", "Rank"], row]
    for below, named in ([1, "Huế", 5, 1], True), (["Tổng", None, 5, 1], True), ([None, None, 5, 1], False):
        (body,) = find_bodies(sheet([*rows, below]), layout)
        is_title = body.titles[-1].row == 2
        assert is_title == is_numbering if named else not is_title or row[1] is not None
        assert len(list(body.lines())) == 2 - is_title


def test_what_is_declared_to_mean_none_is_blank() -> None:
    layout = Layout((NAME, SCORE), "name", none=("-", "X"))
    (body,) = find_bodies(sheet([["Province", "Score"], ["Huế", " - "], ["Lào Cai", "x"], ["-", "…"]]), layout)
    scores = [line.cells["score"] for line in body.lines()]
    assert [(cell.raw, cell.blank) for cell in scores] == [(" - ", True), ("x", True), ("…", False)]
    assert all(cell.value is None for cell in scores if cell.blank)


def test_a_sheet_is_passed_over_and_delimited_text_has_a_layout_too() -> None:
    layout = Layout((NAME, SCORE), "name", ignored=("Nháp*",))
    with pytest.raises(Unreadable):
        find_bodies(sheet([["Province", "Score"], ["Huế", 5]], name="Nháp 1"), layout)
    book = read_delimited("Bảng,\nTỉnh,Điểm\nthành phố,\nHuế,5\n".encode(), "t.csv")
    columns = (Column("name", ("Tỉnh thành phố",)), SCORE)
    assert read(book, Layout(columns, "name")) == [[("Huế", "5")]]


@pytest.mark.parametrize("count", [4_000, pytest.param(20_000, marks=pytest.mark.heavy)])
def test_a_long_sheet_is_searched_in_time(count: int) -> None:
    rows = "".join(f"Province {n},{n}\n" for n in range(count))
    book = read_delimited(f"Province,Score\n{rows}".encode(), "t.csv")
    (units,) = read(book, Layout((NAME, SCORE), "name"))
    assert len(units) == count


@pytest.mark.parametrize("looks", [80_000, pytest.param(headers.MOST_LOOKS, marks=pytest.mark.heavy)])
def test_a_sheet_that_begins_a_header_again_and_again_is_refused_in_time(
    monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    monkeypatch.setattr(headers, "MOST_LOOKS", looks)
    rows = "Province,note,text\n" * 1_000
    columns = (NAME, *(Column(f"index_{n}") for n in range(32)))
    start = process_time()
    with pytest.raises(Unreadable, match="begins a header too many times"):
        find_bodies(read_delimited(rows.encode(), "t.csv"), Layout(columns, "name"))
    assert process_time() - start < 10 * looks / 800_000


@pytest.mark.heavy
def test_a_sheet_of_sixty_thousand_rows_is_read_to_its_end() -> None:
    rows: list[list[object]] = [["Province", "No", "Score"], *([f"Xã {n}", n, n / 7] for n in range(60_000))]
    (units,) = read(sheet(rows), Layout((NAME, SCORE), "name"))
    assert (len(units), units[-1]) == (60_000, ("Xã 59999", repr(59_999 / 7)))


def test_a_first_row_of_codes_is_no_row_of_column_numbers() -> None:
    """Units may be known by two digits, and a figure may be as small as a column's number."""
    book = read_delimited("Mã,Điểm\n01,2\n02,3\n".encode(), "t.csv")
    (body,) = find_bodies(book, Layout((Column("code", ("Mã",)), Column("score", ("Điểm",))), "code"))
    assert [line.name for line in body.lines()] == ["01", "02"]
