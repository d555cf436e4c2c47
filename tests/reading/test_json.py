"""JSON as tables: every cell with its pointer, numbers as written, nothing that takes the process down."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.reading import Book, Request, Unreadable, normalise, read_batch, read_file
from dti_platform.reading.json_text import read_json
from dti_platform.reading.limits import LONGEST_TEXT


def cells(content: bytes) -> list[tuple[str, str, str]]:
    return [(cell.locator, cell.raw, cell.kind) for cell in read_json(content, "t.json").cells()]


def test_a_list_of_objects_is_a_table() -> None:
    found = cells(b'[{"code": "4.10", "self": 4.50}, {"code": "4.2", "note": "x", "self": null}]')
    assert found == [
        ("key /*/code", "code", "text"), ("key /*/self", "self", "text"), ("key /*/note", "note", "text"),
        ("/0/code", "4.10", "text"), ("/0/self", "4.50", "number"),
        ("/1/code", "4.2", "text"), ("/1/note", "x", "text"),
    ]  # fmt: skip


def test_an_object_has_a_title_block_and_its_table_below() -> None:
    rows = read_json(b'{"Ky": "2022", "a/b": [{"c~d": true}]}', "t.json").sheets[0].rows
    assert [[(cell.locator, cell.raw) for cell in row] for row in rows] == [
        [("key /Ky", "Ky"), ("/Ky", "2022")],
        [("key /a~1b/*/c~0d", "c~d")],
        [("/a~1b/0/c~0d", "TRUE")],
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
        (b'[{"a": 1, "a": 2}]', "duplicate_key"),
        ('[{"Mã": 1, "Mã": 2}]'.encode(), "duplicate_key"),
        ('[{"Hòa": 1, "Ho\u0300a": 2}]'.encode(), "duplicate_key"),
        ('[{"a": 1, "a\u200b ": 2}]'.encode(), "duplicate_key"),
        (b'[{"a": "' + b"x" * (LONGEST_TEXT + 1) + b'"}]', "text_too_long"),
        (b'{"' + b"x" * (LONGEST_TEXT + 1) + b'": 1}', "text_too_long"),
        (b'[{"a": NaN}]', "damaged"),
        (b'[{"a": Infinity}]', "damaged"),
        (b'[{"a": 1}', "damaged"),
        (b'[{"a": 1}] x', "damaged"),
        (b"[1, 2]", "no_table"),
        (rb'[{"\ud800": 1}]', "damaged"),
        (b'"text"', "no_table"),
        (b"\xff[]", "not_utf8"),
    ],
)
def test_what_is_no_table_or_unsafe_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_json(content, "t.json")
    assert refusal.value.reason == reason


@pytest.mark.parametrize("number", [b"9" * 100_000, b"1e309", b"-1e999999999", b"0." + b"1" * 50])
def test_a_number_that_is_none_is_an_error_in_its_cell(number: bytes) -> None:
    (cell,) = (cell for cell in read_json(b'[{"a": ' + number + b"}]", "t.json").cells() if cell.row == 2)
    assert cell.kind == "error"
    assert len(cell.raw) <= 40


def test_the_longest_text_is_counted_as_it_is_read() -> None:
    found = cells(b'[{"a": "' + rb"\u0061" * LONGEST_TEXT + b'"}]')
    assert found[1] == ("/0/a", "a" * LONGEST_TEXT, "text")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", " \r\n\t" * 500])
def test_json_is_told_by_its_first_sign_in_every_marked_encoding(encoding: str, before: str) -> None:
    text = before + '{"Kỳ": "2022", "Bảng": [{"Mã": "4.10"}]}'
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    book = read_file((mark + text).encode(encoding), "t.csv")
    assert [cell.locator for cell in book.cells()] == ["key /Kỳ", "/Kỳ", "key /Bảng/*/Mã", "/Bảng/0/Mã"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_web_page_is_told_so_in_every_marked_encoding(encoding: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_file("\n<html></html>".encode(encoding), "t.csv")
    assert refusal.value.reason == "not_a_workbook"


def test_half_a_character_and_a_nested_value_are_errors_in_their_cells() -> None:
    found = cells(b'[{"a": "\\ud800", "b": {"c": [1]}}]')
    assert found[2:] == [("/0/a", "\\ud800", "error"), ("/0/b", '{"c": [1]}', "error")]


keys = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=5).filter(str.strip)
values = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=9), st.booleans(), st.none(), st.integers(-(10**9), 10**9)
)


records = st.dictionaries(keys, values, min_size=1, max_size=4).filter(
    lambda record: len(set(map(normalise, record))) == len(record)
)


@given(st.lists(records, min_size=1, max_size=5))
def test_every_value_is_a_cell(table: list[dict[str, object]]) -> None:
    found = {cell.locator: cell for cell in read_json(json.dumps(table).encode(), "t.json").cells()}
    expected = sum(
        isinstance(value, bool | int) or bool(value and str(value).strip()) for row in table for value in row.values()
    )
    headers = len({key for row in table for key in row})
    assert len(found) == expected + headers


def test_a_nested_value_is_shown_as_it_was_written() -> None:
    (cell,) = (c for c in read_json(rb'[{"a": {"b": [1.50, 1e2, "\ud800", null]}}]', "t.json").cells() if c.row == 2)
    assert (cell.raw, cell.kind) == (r'{"b": [1.50, 1e2, "\ud800", null]}', "error")
    (found,) = read_batch([Request(rb'[{"a": ["\ud800"]}]', "t.json")])
    assert isinstance(found, Book), "half a character did not take the child down"


def test_nul_is_no_character_of_a_cell() -> None:
    assert cells(rb'[{"a": "x\u0000"}]')[1:] == [("/0/a", "x\\x00", "error")]
