"""JSON as tables: every cell with its pointer, numbers as written, nothing that takes the process down."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.reading import Unreadable, read_json


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


def test_half_a_character_and_a_nested_value_are_errors_in_their_cells() -> None:
    found = cells(b'[{"a": "\\ud800", "b": {"c": [1]}}]')
    assert found[2:] == [("/0/a", "\\ud800", "error"), ("/0/b", '{"c": ["1"]}', "error")]


keys = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5).filter(str.strip)
values = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=9), st.booleans(), st.none(), st.integers(-(10**9), 10**9)
)


@given(st.lists(st.dictionaries(keys, values, min_size=1, max_size=4), min_size=1, max_size=5))
def test_every_value_is_a_cell(table: list[dict[str, object]]) -> None:
    found = {cell.locator: cell for cell in read_json(json.dumps(table).encode(), "t.json").cells()}
    expected = sum(
        isinstance(value, bool | int) or bool(value and str(value).strip()) for row in table for value in row.values()
    )
    headers = len({key for row in table for key in row})
    assert len(found) == expected + headers
