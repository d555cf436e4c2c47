"""The baseline: rows that are known are apart, what is new warns, what is mended must go."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dti_platform import quality
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import stored
from tests.conftest import Flow
from tests.quality.miniature import case

SUITES = quality.suites()
KNOWN = [(table, entry.name) for table, suite in SUITES.items() for entry in suite.entries if entry.known]
ENTRY = """
[[known]]
check = "coverage.no_cell_is_held_back"
since = 2026-11-26
why_vi = "vì"
why_en = "why"
rows = [{ unit = "VN63-01", quarantined = 1 }, { unit = "VN63-02", quarantined = 1 }]
"""
SUITE = Path(__file__).parents[2] / "expectations" / "coverage.json"


def suite(folder: Path, text: str = ENTRY) -> quality.Suite:
    folder.joinpath("coverage.json").write_bytes(SUITE.read_bytes())
    folder.joinpath("baseline.toml").write_text(text, encoding="utf-8")
    return quality.suites(folder)["coverage"]


def asked(folder: Path, **quarantined: int) -> quality.CheckResult:
    """The check, where the submissions of these units have so many cells held back."""
    made, others = case("coverage")
    held = pl.col("unit").str.replace("VN63-", "u").replace_strict(quarantined, default=0, return_dtype=pl.Int32)
    made = made.with_columns(quarantined=pl.when(pl.col("feed") == "self_assessment").then(held).otherwise(0))
    kept = suite(folder)
    only = replace(kept, entries=tuple(each for each in kept.entries if each.name == "no_cell_is_held_back"))
    (result,) = quality.check("coverage", made, others, suite=only)
    return result


def test_rows_that_are_all_known_pass_and_are_told_apart(tmp_path: Path) -> None:
    result = asked(tmp_path, u01=1, u02=1)
    assert (result.outcome, result.kind, result.failing, result.rows.height) == ("passed", "known", 0, 0)
    assert result.known.select("unit", "known_vi", "known_en").rows() == [
        ("VN63-01", "vì", "why"), ("VN63-02", "vì", "why"),
    ]  # fmt: skip


def test_only_new_rows_warn(tmp_path: Path) -> None:
    result = asked(tmp_path, u01=1, u02=1, u03=1)
    assert (result.kind, result.failing, result.rows["unit"].to_list()) == ("warned", 1, ["VN63-03"])
    assert result.known.height == 2


def test_a_new_fault_does_not_hide_behind_a_mended_one_nor_behind_another_figure(tmp_path: Path) -> None:
    assert asked(tmp_path, u01=1, u03=1).rows["unit"].to_list() == ["VN63-03"]
    assert asked(tmp_path, u01=1, u02=2).rows["unit"].to_list() == ["VN63-02"]


def test_a_known_row_stands_for_one_row_and_no_second(tmp_path: Path) -> None:
    made, others = case("coverage")
    twice = made.filter(pl.col("feed") == "self_assessment", pl.col("unit") == "VN63-01").with_columns(quarantined=1)
    found = quality.check("coverage", pl.concat([twice, twice]), others, suite=suite(tmp_path))
    (result,) = [each for each in found if each.name == "no_cell_is_held_back"]
    assert (result.failing, result.known.height) == (1, 1)


def test_a_kept_answer_keeps_what_is_known(tmp_path: Path) -> None:
    result = asked(tmp_path, u01=1)
    again = quality.CheckResult.from_dict(json.loads(json.dumps(result.to_dict())))
    assert again.known.equals(result.known)
    assert again.kind == "known"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENTRY.replace("why_vi =", "because ="), "entry 1 must have exactly"),
        (ENTRY.replace("2026-11-26", '"today"'), "since must be a date"),
        (ENTRY.replace('why_en = "why"', 'why_en = ""'), "must be texts that say something"),
        (ENTRY.replace("rows = [", "rows = [{}, "), "rows must list"),
        (ENTRY.replace("rows = [", "rows = [] #"), "rows must list"),
        (ENTRY.replace("VN63-02", "VN63-01"), "stands twice"),
        (ENTRY.replace("held_back", "held"), "no check is called coverage.no_cell_is_held;"),
        (ENTRY.replace("no_cell_is_held_back", "accepted_values_are_observed"), "stops publications"),
        (ENTRY.replace("[[known]]", "[[knwon]]"), "must hold nothing but"),
        ("[[known", "is not TOML"),
    ],
)
def test_a_baseline_that_is_not_one_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(quality.SuiteError, match=r"baseline\.toml") as caught:
        suite(tmp_path, text)
    assert said in str(caught.value)


def test_a_row_that_does_not_fit_its_check_is_an_error(tmp_path: Path) -> None:
    made, others = case("coverage")
    broken = suite(tmp_path, ENTRY.replace("unit =", "province ="))
    with pytest.raises(quality.SuiteError, match=r"baseline\.toml: coverage\.no_cell_is_held_back: its rows don't fit"):
        quality.check("coverage", made.with_columns(quarantined=1), others, suite=broken)


def test_an_untouched_checkout_warns_of_nothing(flow: Flow) -> None:
    assert flow.outcome.checks["not_passed"] == []
    assert flow.outcome.checks["known"] == len(KNOWN)


@pytest.mark.parametrize(("table", "name"), KNOWN)
def test_a_known_row_that_is_mended_goes_from_the_baseline(flow: Flow, table: str, name: str) -> None:
    """So that its fault can't come back unseen."""
    (entry,) = [each for each in SUITES[table].entries if each.name == name]
    only = replace(SUITES[table], entries=(entry,))
    gate, rows = Platform(flow.store).gate, stored(flow.store, table)
    others = {other: gate.compared(other, table, None, rows).make() for other in quality.needs(only)}
    (result,) = quality.check(table, rows, others, suite=only)
    assert (result.known.height, result.failing) == (len(entry.known), 0)
