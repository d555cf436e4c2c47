"""What a check answers: failing rows, what it could not do, and no more than it was asked."""

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from dti_platform import quality
from dti_platform.language import Bilingual
from dti_platform.quality import engine
from tests.quality.miniature import case
from tests.quality.mutants import FIRST, OVERALL, VERIFIED, put


def suite(type_: str, frame: str = "table", severity: Any = "critical", **kwargs: Any) -> quality.Suite:
    entry = quality.Entry("the_check", type_, kwargs, severity, frame, "gate", Bilingual("vì sao", "why"))
    return quality.Suite("things", (entry,))


def answer(frame: pl.DataFrame, asked: quality.Suite, **others: pl.DataFrame) -> quality.CheckResult:
    (result,) = quality.check("things", frame, others, suite=asked)
    return result


BETWEEN = suite("expect_column_values_to_be_between", column="value", min_value=0, max_value=1)


def test_failing_rows_are_whole_rows_and_counted() -> None:
    frame = pl.DataFrame({"unit": [f"u{n}" for n in range(60)], "value": [0.5] * 30 + [2.0] * 30})
    result = answer(frame, BETWEEN)
    assert (result.outcome, result.checked, result.failing) == ("failed", 60, 30)
    assert result.rows.equals(frame[30:50])
    assert result.blocks


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_number_that_is_none_passes(value: float) -> None:
    for bounds in ({"min_value": 0}, {"max_value": 1}):
        asked = suite("expect_column_values_to_be_between", column="value", **bounds)
        if not (value > 0 and "min_value" in bounds) and not (value < 0 and "max_value" in bounds):
            assert answer(pl.DataFrame({"value": [0.5, value, None]}), asked).failing == 1


def test_a_check_that_needs_a_library_that_others_do_without_has_it() -> None:
    even = {"values": ["a", "b"], "weights": [0.5, 0.5]}
    asked = suite("expect_column_kl_divergence_to_be_less_than", column="value", partition_object=even, threshold=0.1)
    assert answer(pl.DataFrame({"value": ["a", "b"] * 50}), asked).outcome == "passed"
    assert answer(pl.DataFrame({"value": ["a"] * 99 + ["b"]}), asked).outcome == "failed"


def test_null_integers_dates_and_decimals_stay_what_they_are() -> None:
    frame = pl.DataFrame(
        {
            "rank": pl.Series([1, None, 4], dtype=pl.Int32),
            "day": [dt.date(2022, 8, 8), None, dt.date(2026, 1, 1)],
            "points": pl.Series([Decimal("0.10"), None, Decimal("99.5")], dtype=pl.Decimal(10, 2)),
        }
    )
    for column, most in (("rank", 3), ("points", 10.5)):
        asked = suite("expect_column_values_to_be_between", column=column, max_value=most)
        assert answer(frame, asked).rows["rank"].to_list() == [4]
    ranks = suite("expect_column_values_to_be_in_set", column="rank", value_set=[1, 2, 3])
    assert answer(frame, ranks).rows.equals(frame[2:])


def test_a_check_of_the_whole_table_says_what_it_saw() -> None:
    result = answer(pl.DataFrame({"value": [0.5, 0.6]}), suite("expect_table_row_count_to_equal", value=3))
    assert (result.outcome, result.detail, result.rows.height) == ("failed", "seen: 2", 0)


@pytest.mark.parametrize(
    ("frame", "asked", "said"),
    [
        (pl.DataFrame({"other": [1.0]}), BETWEEN, "value"),
        (pl.DataFrame({"value": ["x"]}), BETWEEN, "same type"),
        (
            pl.DataFrame({"value": [1.0]}),
            suite("expect_table_row_count_to_equal", "parts_and_parents", value=0),
            "parts",
        ),
        (
            pl.DataFrame({"value": [1.0]}),
            suite("expect_table_row_count_to_equal", "observed_ranks", value=0),
            "measure",
        ),
    ],
)
def test_a_check_that_could_not_run_is_not_bad_data_but_blocks_all_the_same(
    frame: pl.DataFrame, asked: quality.Suite, said: str
) -> None:
    result = answer(frame, asked)
    assert (result.outcome, result.blocks, result.rows.height) == ("could_not_run", True, 0)
    assert said in result.detail


def test_a_warning_or_a_note_never_blocks() -> None:
    for severity in ("warning", "info"):
        asked = suite("expect_table_row_count_to_equal", severity=severity, value=3)
        assert not answer(pl.DataFrame({"value": [1.0]}), asked).blocks


def test_answers_come_in_the_order_of_the_suite() -> None:
    read = quality.suites()["rankings"]
    results = quality.check("rankings", *case("rankings"))
    assert [each.name for each in results] == [entry.name for entry in read.entries]


def test_a_frame_that_is_not_handed_in_could_not_be_compared() -> None:
    made, _ = case("scores")
    asked = quality.suites()["scores"]
    outcomes = {each.name: each.outcome for each in quality.check("scores", made)}
    needing = {entry.name for entry in asked.entries if entry.frame in {"parts_and_parents", "pillars_and_total"}}
    assert {outcomes[name] for name in needing} == {"could_not_run"}
    assert outcomes["points_are_not_negative"] == "passed"
    assert quality.needs(asked) == {"nodes", "parts"}


def test_nothing_released_yet_is_nothing_to_compare_with() -> None:
    made, others = case("coverage")
    results = quality.check("coverage", made, {**others, "last_release": made.clear()})
    assert {each.outcome for each in results} == {"passed"}


def test_a_result_can_be_kept_and_read_again() -> None:
    mutant, others = put(FIRST & OVERALL & VERIFIED, points=1001.0)(*case("scores"))
    results = quality.check("scores", mutant, others)
    kept = json.loads(json.dumps([each.to_dict() for each in results]))
    for before, after in zip(results, map(quality.CheckResult.from_dict, kept), strict=True):
        assert after.rows.equals(before.rows)
        assert replace(after, rows=before.rows).to_dict() == before.to_dict()


def test_progress_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    answer(pl.DataFrame({"value": [2.0]}), BETWEEN)
    assert capfd.readouterr() == ("", "")


def test_importing_quality_and_reading_suites_loads_no_engine() -> None:
    code = (
        "import sys; from dti_platform import quality; quality.suites(); quality.waivers();"
        "print(*sorted({'great_expectations', 'pandas', 'pandera', 'pyarrow'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", ["value", "gone"])
def test_nothing_is_asked_of_no_rows_but_whether_their_columns_are_there(name: str) -> None:
    asked = suite("expect_column_values_to_be_between", column=name, min_value=0)
    with pytest.MonkeyPatch.context() as patch:
        if name == "value":
            patch.setattr(engine, "ask", None)
        result = answer(pl.DataFrame(schema={"value": pl.Int64}), asked)
    assert result.outcome == ("passed" if name == "value" else "could_not_run")
    unknown = suite("expect_column_values_to_be_wonderful", column=name)
    with pytest.raises(quality.SuiteError):
        answer(pl.DataFrame(schema={"value": pl.Int64}), unknown)


def test_how_often_is_asked_of_no_rows_too() -> None:
    asked = suite("expect_table_row_count_to_be_between", min_value=1)
    assert answer(pl.DataFrame(schema={"value": pl.Int64}), asked).outcome == "failed"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_made_faster_changes_nothing_of_the_model_that_it_extends() -> None:
    from pydantic.v1 import BaseModel, Field, validator

    with engine._fields_copied_flat():

        class Plain(BaseModel):
            parts: list[int] = Field([], min_items=0)

        class Strict(Plain):
            class Config:
                fields = {"parts": {"alias": "pieces"}}

            @validator("parts")
            def small(cls, value: list[int]) -> list[int]:  # noqa: N805 - a method of the class
                if max(value) > 9:
                    raise ValueError(value)
                return value

    assert (Plain(parts=["10"]).parts, Strict(pieces=["9"]).parts) == ([10], [9])
    with pytest.raises(ValueError, match="10"):
        Strict(pieces=[10])
    Plain().parts.append(1)
    assert (Plain().parts, Plain.__fields__["parts"].alias) == ([], "parts")


def test_a_configuration_worked_out_once_is_the_same() -> None:
    (entry,) = BETWEEN.entries
    asked = engine.expectation(entry)
    plain = asked.configuration
    assert asked.configuration is not plain
    with engine._configured_once():
        assert asked.configuration == plain
        assert asked.configuration is asked.configuration
        assert engine.expectation(replace(entry, kwargs={**entry.kwargs, "max_value": 2})).configuration != plain
    assert asked.configuration is not asked.configuration
