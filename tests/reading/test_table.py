"""Tables are found by their headers, wherever they stand; text compares as people mean it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.reading import Column, Unreadable, find_table, normalise
from dti_platform.reading.cells import letters
from dti_platform.reading.delimited import read_delimited
from dti_platform.reading.xlsx.sheet import number_of

COLUMNS = (Column("code", ("Mã", "Mã chỉ tiêu")), Column("points", ("Tự đánh giá",)), Column("note", required=False))


def sheet(text: str):
    return read_delimited(text.encode(), "t.csv").sheets[0]


def test_a_header_is_found_below_a_title_and_in_any_order() -> None:
    table = find_table(sheet("Bảng tự đánh giá,\n,\ntự  đánh giá,MÃ\n5,4.10\n"), COLUMNS)
    assert (table.header_row, table.columns) == (3, {"code": 2, "points": 1})
    assert [cell.raw for cell in table.before] == ["Bảng tự đánh giá"]
    assert [{name: cell.raw for name, cell in row.items()} for row in table.rows()] == [{"code": "4.10", "points": "5"}]


def test_a_header_in_decomposed_letters_is_the_same_header() -> None:
    assert find_table(sheet(unicodedata.normalize("NFD", "Mã,Tự đánh giá\n")), COLUMNS).header_row == 1


def test_a_missing_header_is_named() -> None:
    with pytest.raises(Unreadable, match="Tự đánh giá") as refusal:
        find_table(sheet("Mã,Thẩm định\n"), COLUMNS)
    assert refusal.value.reason == "header_missing"


def test_a_repeated_header_is_refused() -> None:
    with pytest.raises(Unreadable, match="Mã 2 times"):
        find_table(sheet("Mã,Mã,Tự đánh giá\n"), COLUMNS)


def test_text_is_normalised_without_changing_its_letters() -> None:
    assert normalise(" Ho\u0300a\u200b\u00a0\n Bình ") == "Hòa Bình"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.integers(1, 16_384))
def test_letters_and_numbers_of_a_column_agree(number: int) -> None:
    assert number_of(letters(number)) == number
