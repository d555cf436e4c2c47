"""What is known of rows without Great Expectations is what it would answer, and is all that our suites need."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform import quality
from dti_platform.language import Bilingual
from dti_platform.quality import engine, row_rules
from dti_platform.quality.baseline import Known
from tests.quality.miniature import case

#: Values of each type, few enough to be equal and at bounds often.
VALUES: dict[pl.DataType, st.SearchStrategy[Any]] = {
    pl.Int32(): st.integers(-1, 2),
    pl.Float64(): st.sampled_from([-0.5, 0.0, 0.5, 1.0, float("inf"), -float("inf"), float("nan")]),
    pl.Decimal(6, 2): st.sampled_from([Decimal("-0.5"), Decimal(0), Decimal("0.5"), Decimal(1)]),
    pl.Boolean(): st.booleans(),
    pl.String(): st.sampled_from(["", "a", "b", "Ô", "0"]),
}
NUMBERS = st.sampled_from([None, -1, 0, 0.5, 1, True])
MISSING = st.sampled_from(["both_values_are_missing", "either_value_is_missing", "neither"])


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """Two columns, each with values or without."""
    height = draw(st.integers(0, 4))
    kinds = {name: draw(st.sampled_from([*VALUES])) for name in ("a", "b")}
    cells = {name: st.lists(st.none() | VALUES[kind], min_size=height, max_size=height) for name, kind in kinds.items()}
    return pl.DataFrame({name: pl.Series(draw(cells[name]), dtype=kind) for name, kind in kinds.items()})


def entry(type_: str, **kwargs: Any) -> quality.Entry:
    return quality.Entry("the_check", type_, kwargs, "critical", "table", "gate", Bilingual("vì sao", "why"))


@st.composite
def entries(draw: st.DrawFn) -> quality.Entry:
    """An entry as our suites have them, and a little beyond."""
    single, pair = {"column": "a"}, {"column_A": "a", "column_B": "b"}
    kind = draw(st.sampled_from([pl.Float64(), pl.String()]))
    ignored = draw(st.just({}) | st.fixed_dictionaries({"ignore_row_if": MISSING}))
    return draw(
        st.sampled_from(
            [
                entry("expect_column_values_to_be_in_set", **single, value_set=draw(st.lists(NUMBERS, max_size=2))),
                entry(
                    "expect_column_values_to_be_in_set", **single, value_set=draw(st.lists(VALUES[kind], max_size=2))
                ),
                entry("expect_column_values_to_be_between", **single, max_value=draw(NUMBERS)),
                entry("expect_column_values_to_be_between", **single, min_value=draw(NUMBERS), max_value=1),
                entry("expect_column_pair_values_to_be_equal", **pair, **ignored),
                entry("expect_column_pair_values_a_to_be_greater_than_b", **pair, **ignored),
                entry("expect_column_pair_values_a_to_be_greater_than_b", **pair, **ignored, or_equal=True),
            ]
        )
    )


@settings(max_examples=300, deadline=None)
@given(frames(), entries())
def test_what_is_known_of_rows_is_what_great_expectations_answers(frame: pl.DataFrame, asked: quality.Entry) -> None:
    holds = row_rules.holds(asked, frame)
    if holds is None:
        return
    suite = quality.Suite("things", (asked,))
    answer = engine.ask(suite, frame, {asked.name: engine.expectation(asked)}, "SUMMARY", 10)[asked.name]
    assert answer.success == holds.all(), answer
    assert answer.result["element_count"] == frame.height
    assert answer.result.get("partial_unexpected_index_list", []) == (~holds).arg_true().to_list()


def test_a_warning_says_what_it_says_where_great_expectations_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"period": ["2021", "2022", None] * 11, "a": [*range(33)]})
    declared = Known("things.the_check", {"a": 7}, dt.date(2026, 11, 26), Bilingual("biết", "known"))
    between = entry("expect_column_values_to_be_between", column="a", min_value=8)
    suite = quality.Suite("things", (dataclasses.replace(between, severity="warning", known=(declared,)),))
    with monkeypatch.context() as patch:
        patch.setattr(engine, "load", None)
        (ours,) = quality.check("things", frame, suite=suite)
    monkeypatch.setattr(row_rules, "holds", lambda *_: None)
    (theirs,) = quality.check("things", frame, suite=dataclasses.replace(suite, table="other things"))
    assert (ours.outcome, ours.failing, ours.known.height) == ("failed", 7, 1)
    for each in dataclasses.fields(ours):
        one, other = (getattr(result, each.name) for result in (ours, dataclasses.replace(theirs, table="things")))
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other, each.name


@pytest.mark.parametrize(
    ("frame", "asked"),
    [
        ({"a": [1.0, float("nan")]}, entry("expect_column_values_to_be_between", column="a", min_value=0)),
        ({"a": ["1"]}, entry("expect_column_values_to_be_between", column="a", min_value=0)),
        ({"a": [1]}, entry("expect_column_values_to_be_between", column="gone", min_value=0)),
        ({"a": [1]}, entry("expect_column_values_to_be_between", column="a")),
        ({"a": [1]}, entry("expect_column_values_to_be_between", column="a", min_value=0, mostly=0.5)),
        ({"a": [1], "b": [None]}, entry("expect_column_pair_values_to_be_equal", column_A="a", column_B="b")),
        ({"a": [1]}, entry("expect_column_values_to_be_unique", column="a")),
    ],
)
def test_what_is_not_plain_is_left_to_great_expectations(frame: dict[str, Any], asked: quality.Entry) -> None:
    assert row_rules.holds(asked, pl.DataFrame(frame)) is None


@pytest.mark.parametrize("table", quality.suites())
def test_a_suite_of_ours_that_holds_needs_no_great_expectations(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load", None)
    assert {each.outcome for each in quality.check(table, *case(table))} == {"passed"}
