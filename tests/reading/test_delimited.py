"""Delimited text: every cell with its line, nothing repaired in silence."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.reading import Book, Form, Request, Unreadable, delimited, read_batch, read_file
from dti_platform.reading.delimited import read_delimited
from dti_platform.reading.limits import LONGEST_TEXT

pytestmark = pytest.mark.usefixtures("one_child_for_all")


def raws(content: bytes) -> list[list[str]]:
    return [[cell.raw for cell in row] for row in read_delimited(content, "t.csv").sheets[0].rows]


def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    assert raws(b"\xef\xbb\xbfa,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]]


def test_codes_and_leading_zeros_stay_text() -> None:
    cells = read_delimited(b"code,unit\n4.10,04\n", "t.csv").sheets[0].rows[1]
    assert [(cell.raw, cell.kind) for cell in cells] == [("4.10", "text"), ("04", "text")]


def test_a_locator_names_the_line_even_after_a_cell_of_many_lines() -> None:
    rows = read_delimited(b'name,value\n"two\nlines",1\nx,2\n', "t.csv").sheets[0].rows
    assert [row[1].locator for row in rows[1:]] == ["line 2, column value", "line 4, column value"]
    assert rows[1][0].raw == "two\nlines"


def test_columns_of_one_header_are_told_apart_by_number() -> None:
    rows = read_delimited(b"a,a,\n1,2,3\n", "t.csv").sheets[0].rows
    assert [cell.locator for cell in rows[1]] == ["line 2, column 1", "line 2, column 2", "line 2, column 3"]


def test_a_cell_without_end_is_too_long_whatever_bound_a_library_sets() -> None:
    before = csv.field_size_limit(2**31)
    try:
        with pytest.raises(Unreadable) as refusal:
            read_file(b'a,b\n"' + b"1,2\n" * 50_000, "t.csv")
    finally:
        csv.field_size_limit(before)
    assert refusal.value.reason == "text_too_long"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b'a,b\n"1,2\n', "damaged"),
        (b'a,b\n"1"x,2\n', "damaged"),
        (b"a,b\n" + b"x" * (LONGEST_TEXT + 1) + b",1\n", "text_too_long"),
        (b"a,b\n" + b"x" * 200_000 + b",1\n", "text_too_long"),
        (b'a,b\n"' + b"1,2\n" * 50_000, "text_too_long"),
        (b"a\x00,b\n", "not_text"),
        ("a,b\nHà,1\n".encode("utf-16-le"), "not_text"),
        ("a,b\nHà,1\n".encode("utf-32"), "not_text"),
        ("a,b\nH\u00e0,1\n".encode("latin-1"), "not_utf8"),
    ],
)
def test_text_that_is_not_well_formed_is_refused_with_its_line(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_file(content, "t.csv")
    assert refusal.value.reason == reason


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=9), min_size=2, max_size=2),
        min_size=1,
    )
)
def test_what_a_writer_quotes_is_read_back(rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    content = written.getvalue().encode()
    assert raws(b"\xef\xbb\xbf" + content) == rows


def test_the_longest_text_of_a_cell_is_that_of_a_workbook() -> None:
    assert raws(b"a,b\n" + b"x" * LONGEST_TEXT + b",1\n")[1] == ["x" * LONGEST_TEXT, "1"]


def test_a_ragged_record_keeps_its_cells_and_its_line() -> None:
    rows = read_delimited(b"a,b\n1\n2,3,4\n", "t.csv").sheets[0].rows
    assert [[cell.locator for cell in row] for row in rows[1:]] == [
        ["line 2, column a"],
        ["line 3, column a", "line 3, column b", "line 3, column 3"],
    ]


def test_columns_are_named_by_the_header_below_a_title() -> None:
    rows = read_delimited(b"Title,,\nunit,value,5\nHue,1,2\n", "t.csv").sheets[0].rows
    assert [cell.locator for cell in rows[2]] == ["line 3, column unit", "line 3, column value", "line 3, column 3"]


def test_lines_that_end_in_a_carriage_return_alone() -> None:
    assert raws(b"a,b\r1,2\r") == [["a", "b"], ["1", "2"]]


def test_more_cells_than_a_file_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MOST_CELLS", 10)
    with pytest.raises(Unreadable, match="more than 10 cells at line 6") as refusal:
        read_delimited(b"a,b\n" * 6, "t.csv")
    assert refusal.value.reason == "too_large"


DECLARED = Form(",", headers=[{"mã"}, {"tựđánhgiá", "selfscore"}])


def as_read(text: str, form: Form = DECLARED) -> tuple[list[list[str]], int]:
    """Here and in a child alike."""
    content = text.encode("utf-8-sig")
    (found,) = read_batch([Request(content, "t.csv", form)])
    here = read_file(content, "t.csv", form)
    assert here == found
    assert isinstance(found, Book)
    return [[cell.raw for cell in row] for row in found.sheets[0].rows], len(found.remarks)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("title", ["", "Phiếu tự đánh giá, kỳ 2022\n", "sep=;\n"])
def test_a_header_shows_the_delimiter_of_the_country(mark: str, title: str) -> None:
    rows, remarks = as_read(f'{title}Mã{mark}Tự đánh giá{mark}Ghi chú\n4.10{mark}0,5{mark}"a, b"\n')
    assert rows[-2:] == [["Mã", "Tự đánh giá", "Ghi chú"], ["4.10", "0,5", "a, b"]]
    assert remarks == 1


def test_quotes_that_the_declared_delimiter_breaks_are_no_damage() -> None:
    assert as_read('"Mã";"Tự đánh giá"\n"4.10";"0,5"\n') == ([["Mã", "Tự đánh giá"], ["4.10", "0,5"]], 1)


@pytest.mark.parametrize(
    "text",
    [
        "Mã,Tự đánh giá\n4.10,a;b\n",
        "Mã;Tự đánh giá\n4.10;5\nMã,Tự đánh giá\n",
        "Mã;Tự đánh giá\nMã|Tự đánh giá\n",
        "Mã;Điểm\n4.10;5\n",
    ],
)
def test_the_declared_delimiter_stands_unless_exactly_one_other_is_proven(text: str) -> None:
    assert as_read(text) == ([line.split(",") for line in text.splitlines()], 0)


def test_a_file_that_no_delimiter_makes_right_is_refused_as_declared() -> None:
    with pytest.raises(Unreadable) as refusal:
        read_file('"Mã"x;"Tự đánh giá"\n'.encode(), "t.csv", DECLARED)
    assert refusal.value.reason == "damaged"


def test_without_declared_headers_no_delimiter_is_looked_for() -> None:
    assert as_read("Mã;Tự đánh giá\n", Form(",")) == ([["Mã;Tự đánh giá"]], 0)
