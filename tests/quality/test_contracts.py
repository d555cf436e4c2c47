"""Every rule of every contract bites: for each, rows that break it and nothing else, and a record of all rules."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.engines.polars_engine import String

from dti_platform import quality, tables
from dti_platform.pipeline.flow import Yearly
from dti_platform.quality.contracts import fingerprint
from tests.quality.contract_rules import MODELS, column_rules, frame_rules, inventory
from tests.quality.miniature import FILE, MADE
from tests.quality.mutants import FIRST, LAST, NEWEST, OVERALL, PRINTED, VERIFIED, VILLAGES, put

RECORD = Path(__file__).with_name("contract_rules.txt")
ODD = "☒"


def test_no_rule_was_added_changed_or_switched_off_unnoticed() -> None:
    recorded = RECORD.read_text(encoding="utf-8").splitlines()
    assert list(inventory()) == recorded, "if it is meant: see the docstring of contract_rules.py"


@pytest.mark.parametrize("table", MODELS)
def test_a_valid_table_meets_its_contract_and_comes_back_sorted(table: str) -> None:
    made = MADE[table]()
    shuffled = made.sample(fraction=1.0, shuffle=True, seed=7)
    assert quality.contract(table, MODELS[table], shuffled).equals(made)
    assert quality.contract(table, MODELS[table], shuffled.lazy()).equals(made)
    assert quality.contract(table, MODELS[table], made.clear()).equals(made.clear())


def broken(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The faults that the contract names: column, rule, rows."""
    with pytest.raises(quality.ContractBroken) as caught:
        quality.contract(table, MODELS[table], frame)
    return caught.value.faults


def bad_values(rule: str, valid: Any) -> list[Any]:
    """Values that break one rule of a column and no other; a text must also be matched to its end."""
    name, _, bound = rule.removesuffix(")").partition("(")
    match name:
        case "not_nullable":
            return [None]
        case "isin":
            return [ODD]
        case "str_matches":
            return [ODD, f"{valid}{ODD}"] if valid else [ODD]
        case "greater_than_or_equal_to":
            return [int(bound) - 1]
        case "greater_than":
            return [int(bound)]
        case "less_than_or_equal_to":
            return [int(bound) + 1]
    raise AssertionError(f"no mutant is known for the rule {rule}")


def faulty_columns(table: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Column, rule and a row that breaks it."""
    valid = MADE[table]().to_dicts()[0]
    for name, column in MODELS[table].to_schema().columns.items():
        for rule in column_rules(column):
            for value in bad_values(rule, valid[name]):
                yield name, rule, {**valid, name: value}


@pytest.mark.parametrize("table", MODELS)
def test_each_rule_of_a_column_catches_its_rows_and_no_others(table: str) -> None:
    faulty = list(faulty_columns(table))
    frame = pl.DataFrame([row for *_, row in faulty], schema=tables.polars_schema(MODELS[table]))
    found = broken(table, frame).filter(pl.col("column").is_not_null())
    expected = pl.DataFrame([pair for *pair, _ in faulty], schema=["column", "rule"], orient="row")
    counted = expected.group_by("column", "rule").len("rows").sort("column", "rule")
    assert found.select("column", "rule", "rows").sort("column", "rule").equals(counted)


@pytest.mark.parametrize("table", MODELS)
def test_columns_types_order_and_key_are_held(table: str) -> None:
    made = MADE[table]()
    columns = made.columns
    wrong = broken(table, made.select(pl.lit(1, pl.Int8).alias(name) for name in columns))
    assert set(wrong.filter(pl.col("rule").str.starts_with("dtype"))["column"]) == set(columns)
    assert broken(table, pl.DataFrame()).filter(rule="column_in_dataframe")["rows"].to_list() == [len(columns)]
    assert set(broken(table, made.select(reversed(columns)))["rule"]) == {"column_ordered"}
    twice = broken(table, pl.concat([made, made.head(1)]).with_columns(stray=1))
    assert {("column_in_schema", 1), ("multiple_fields_uniqueness", 2)} <= {*twice.select("rule", "rows").iter_rows()}


@pytest.mark.parametrize("table", MODELS)
def test_a_number_that_is_none_is_caught(table: str) -> None:
    """In each column of numbers, a row for each."""
    row = MADE[table]().head(1)
    floats = row.select(pl.selectors.float()).columns
    nones = [pl.lit(value) for value in (float("nan"), float("inf"), -float("inf"))]
    rows = [row.with_columns(none.alias(name)) for name in floats for none in nones]
    if rows:
        finite = broken(table, pl.concat(rows)).filter(rule="a number is NaN or infinite")
        assert finite["rows"].to_list() == [len(rows)]


@pytest.mark.parametrize("table", MODELS)
def test_one_query_tells_what_meets_a_contract(table: str) -> None:
    """Else Pandera is asked, ten times as long, of everything; or of nothing."""
    model, made = MODELS[table], MADE[table]()
    assert tables.meets(model, made)
    assert tables.meets(model, made.clear())
    faulty = pl.DataFrame([row for *_, row in faulty_columns(table)], schema=tables.polars_schema(model))
    assert not faulty.select(tables.row_contract(model)).to_series().any()
    wrong = [pl.concat([made, made.head(1)]), made.with_columns(stray=1), made.select(reversed(made.columns))]
    assert not any(tables.meets(model, each) for each in wrong)


class Weighed(tables.Table):
    """Says what one query can't ask."""

    name: String = pa.Field(unique=True, str_length={"min_value": 2})


def test_what_one_query_can_not_ask_pandera_is_asked() -> None:
    frame = pl.DataFrame({"name": ["ab", "abc"]})
    assert not tables.meets(Weighed, frame)
    assert quality.contract("weighed", Weighed, frame).equals(frame)
    with pytest.raises(quality.ContractBroken, match="str_length"):
        quality.contract("weighed", Weighed, pl.DataFrame({"name": ["a"]}))


Change = Callable[[pl.DataFrame, dict[str, pl.DataFrame]], tuple[pl.DataFrame, dict[str, pl.DataFrame]]]
RECOMPUTED = pl.col("basis") == "recomputed"
STANDINGS: dict[str, Change] = {
    "change_is_earned": put(FIRST & NEWEST & PRINTED, rank_change=3),
    "rank_before_stands_somewhere": put(FIRST & NEWEST & PRINTED, previous_period=None),
    "one_headline": put(FIRST & NEWEST & PRINTED, headline=False),
    "published_leads": put(FIRST & NEWEST, headline=VERIFIED),
    "absence_is_marked": put(LAST & RECOMPUTED, obs_status="A"),
    "bounds_hold_the_rank": put(FIRST & NEWEST & VERIFIED, rank_best=2, rank_worst=2),
}
SCORECARD: dict[str, Change] = {
    "gap_is_value_less_plan": put(VILLAGES, gap=9.0),
    "says_something": put(VILLAGES, qualifier=None),
    "plan_says_of_what": put(VILLAGES, plan=590.0, plan_unit_measure="households", plan_certainty="verbatim"),
    "comparison_names_its_period": put(VILLAGES, indicator_kind="flow"),
    "repeat_is_of_the_report_before": put(VILLAGES, repeats_previous=True),
    "denominator_flag_is_right": put(VILLAGES, denominator=900.0),
}
RULES: dict[str, dict[str, Change]] = {
    "observations": {"published_is_as_printed": put(FIRST & PRINTED, certainty="computed")},
    "quarantine": {},
    "scores": {},
    "submissions": {"no_cell_vanishes": put(pl.col("file") == FILE, cells=22)},
    "rankings": {
        "status_agrees_with_rank": put(FIRST & OVERALL & VERIFIED, rank=None),
        "bounds_hold_the_rank": put(FIRST & OVERALL & VERIFIED, rank_best=2, rank_worst=2),
    },
    "coverage": {
        "nothing_vanishes": put(FIRST & (pl.col("feed") == "self_assessment"), received=6),
        "missing_is_of_expected": put(FIRST & (pl.col("feed") == "self_assessment"), missing=6),
        "shortfall_says_why": put(FIRST & (pl.col("feed") == "self_assessment"), computed=False),
    },
    "breaks": {"sides_differ": put(pl.col("break_kind") == "geography", geography_before="VN34")},
    "league_table": {
        "one_geography_is_shown": put(FIRST & NEWEST, headline=False),
        "every_figure_is_said_by_somebody": put(FIRST & NEWEST, score_basis=None),
        "change_is_earned": put(FIRST & NEWEST, rank_change=3),
    },
    "index_scores": {
        "one_headline": put(FIRST & OVERALL & PRINTED, headline=False),
        "says_something": put(LAST & RECOMPUTED, obs_status="A"),
        "bounds_hold_the_rank": put(FIRST & OVERALL & VERIFIED, rank_worst=5),
        "score_is_points_over_maximum": put(FIRST & OVERALL & VERIFIED, score=0.7902),
    },
    "province_ranking": STANDINGS | {"circles_are_within": put(FIRST & NEWEST & PRINTED, rank_in_region=99)},
    "ministry_ranking": STANDINGS,
    "national_scorecard": SCORECARD,
    "provincial_scorecard": SCORECARD,
    "sessions": {"found_is_whole": put(pl.col("position") == 2, value=None)},
    "revisions": {
        "something_changed": put(pl.col("cause") == "rules", new_rank=1),
        "reasons_are_given": put(pl.col("cause") == "rules", reason=None),
        "cells_are_named": put(pl.col("cause") == "rules", changed_cells=1),
    },
    "reconciliation": {
        "verdict_follows_figures": put(FIRST & VERIFIED, ours=9.0, difference=9.0 - pl.col("as_published")),
        "nothing_illustrative_agrees": put(FIRST & RECOMPUTED, evidence="illustrative"),
        "difference_is_ours_less_theirs": put(FIRST & RECOMPUTED, difference=0.00001),
    },
}


def test_every_rule_of_rows_has_a_mutant_and_every_mutant_a_rule() -> None:
    declared = {table: {*RULES.get(table, {}), "numbers_are_finite"} for table in MODELS.keys() | RULES.keys()}
    assert declared == {table: set(frame_rules(model)) for table, model in MODELS.items()}


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, rules in RULES.items() for name in rules])
def test_a_rule_of_rows_catches_its_mutant_and_it_alone_does(table: str, name: str) -> None:
    mutant, _ = RULES[table][name](MADE[table](), {})
    assert broken(table, mutant)["rule"].to_list() == [frame_rules(MODELS[table])[name]]


def test_the_error_names_table_rule_and_rows() -> None:
    mutant, _ = put(FIRST & OVERALL & PRINTED, score=1.5)(MADE["scores"](), {})
    with pytest.raises(
        quality.ContractBroken, match=r"scores breaks its contract: column score: .*\(1 x, such as 1.5\)"
    ) as caught:
        quality.contract("scores", MODELS["scores"], mutant)
    assert caught.value.rows.select("broken", "unit", "score").rows() == [
        ("score less_than_or_equal_to(1)", "VN63-01", 1.5)
    ]


def test_switching_pandera_off_from_outside_does_not_open_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    mutant, _ = put(FIRST, score=1.5)(MADE["scores"](), {})
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    monkeypatch.setenv("PANDERA_VALIDATION_DEPTH", "SCHEMA_ONLY")
    from pandera import config

    config.reset_config_context()
    assert broken("scores", mutant).height


class TestYearsTogether:
    """Several years in one validation: as strict, and the error still names the year."""

    def years(self) -> dict[int, pl.DataFrame]:
        made = MADE["scores"]()
        return {2022: made.reverse(), 2021: made.with_columns(period=pl.lit("2021"))}

    def test_every_year_comes_back_sorted(self) -> None:
        found = quality.contracts("scores", MODELS["scores"], self.years())
        assert list(found) == [2021, 2022]
        assert found[2022].equals(MADE["scores"]())

    def test_no_year_is_no_fault(self) -> None:
        assert quality.contracts("scores", MODELS["scores"], {}) == {}

    def test_the_error_names_the_year(self) -> None:
        years = self.years()
        years[2022], _ = put(FIRST, score=1.5)(years[2022], {})
        with pytest.raises(quality.ContractBroken, match="scores 2022 breaks"):
            quality.contracts("scores", MODELS["scores"], years)

    def test_one_key_in_two_years_is_a_fault(self) -> None:
        made = MADE["scores"]()
        with pytest.raises(quality.ContractBroken, match="uniqueness"):
            quality.contracts("scores", MODELS["scores"], {2021: made, 2022: made})

    def test_a_year_of_other_columns_is_a_fault(self) -> None:
        years = self.years()
        with pytest.raises(quality.ContractBroken, match="scores 2022"):
            quality.contracts("scores", MODELS["scores"], years | {2022: years[2022].drop("score")})

    def test_in_turn_no_year_is_made_before_those_that_come_first_were_given(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(quality.in_turn.__globals__, "MOST_ROWS", 1)
        years, asked = self.years(), list[int]()

        def made(year: int) -> pl.DataFrame:
            asked.append(year)
            return years[year]

        turns = quality.in_turn("scores", MODELS["scores"], Yearly(years, made))
        first, frame = next(turns)
        assert (first, frame.height, asked) == (2021, years[2021].height, [2021])
        assert [year for year, _ in turns] == [2022]
        assert dict(quality.in_turn("scores", MODELS["scores"], {})) == {}

    def test_in_turn_one_key_in_two_years_is_a_fault_once_the_second_comes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(quality.in_turn.__globals__, "MOST_ROWS", 1)
        made = MADE["scores"]()
        turns = quality.in_turn("scores", MODELS["scores"], {2021: made, 2022: made})
        assert next(turns)[0] == 2021
        with pytest.raises(quality.ContractBroken, match="uniqueness"):
            next(turns)


@pytest.mark.parametrize("at_a_time", [2, 1_000])
def test_equal_frames_have_one_fingerprint_however_they_lie_in_memory(
    at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fingerprint.__globals__, "_ROWS", at_a_time)
    long = pl.Series("text", ["x" * 40, "y" * 40, "z" * 40])
    frame = pl.DataFrame([long, pl.Series("number", [1.5, 2.5, 3.5])])
    masked = frame.with_columns(pl.when(pl.col("number") != 2.5).then(pl.all()))
    filled = masked.with_columns(pl.col("number").fill_null(2.5), pl.col("text").fill_null("y" * 40))
    nulls = pl.DataFrame({"text": ["x" * 40, None, "z" * 40], "number": [1.5, None, 3.5]})
    parts = pl.concat([frame[:1], frame[1:]], rechunk=False)
    assert fingerprint(masked) == fingerprint(nulls)
    assert fingerprint(filled) == fingerprint(frame) == fingerprint(parts)
    others = [masked, frame[::-1], frame.rename({"text": "other"}), frame.cast({"number": pl.Float32}), frame.clear()]
    assert len({fingerprint(each) for each in (frame, *others)}) == 1 + len(others)
