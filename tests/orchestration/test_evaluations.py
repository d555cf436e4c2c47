"""What Dagster is told of a suite's checks, year by year: known rows pass and are counted, new ones warn or stop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from dti_platform import quality
from dti_platform.language import Bilingual
from dti_platform.orchestration.checks import ADVISORY, evaluations, name_of, outcome, specs
from dti_platform.quality.results import Outcome

KNOWN = pl.DataFrame({"unit": ["VN63-01", "VN63-02"], "known_en": ["why", "why"]})
PAGE = Path("page.html")
YEARS = (2020, 2021, 2022)
SUITE = quality.suites()["province_ranking"]
PASSED = [
    quality.CheckResult(SUITE.table, entry.name, entry.severity, "passed", entry.reason, checked=9)
    for entry in SUITE.entries
]


def told(*, failing: int, outcome_: Outcome) -> tuple[bool, object, object, object]:
    rows = pl.DataFrame({"unit": ["VN63-03"]}).head(failing)
    result = quality.CheckResult(
        "coverage", "no_input_is_missing", "warning", outcome_, Bilingual("Vì sao", "Why"), 9, failing, rows=rows,
        known=KNOWN,
    )  # fmt: skip
    made = outcome([result], PAGE, ())
    entries = made["metadata"]["entries"]
    assert isinstance(entries, dg.TableMetadataValue)
    return made["passed"], made["description"], made["metadata"]["known"].value, entries.records[0].data["found"]


def test_known_rows_pass_and_say_how_many_they_are() -> None:
    assert told(failing=0, outcome_="passed") == (True, None, 2, "passed, 2 known")


def test_a_new_row_beside_them_warns() -> None:
    found = "1 of 9 rows fail, 2 known"
    assert told(failing=1, outcome_="failed") == (False, f"Why. VN63-03 [no_input_is_missing: {found}]", 2, found)


def events(results: list[quality.CheckResult]) -> dict[tuple[str, str | None], dg.AssetCheckEvaluation]:
    made = evaluations(SUITE, results, PAGE, (), dict.fromkeys(YEARS), YEARS)
    return {(each.check_name, each.partition): each for each in made}


def failed(**fields: Any) -> tuple[str, list[quality.CheckResult]]:
    """The first critical check of the suite fails so; the others pass."""
    first, *others = sorted(PASSED, key=lambda each: each.severity != "critical")
    return first.name, [replace(first, **{"outcome": "failed", **fields}), *others]


def test_each_critical_entry_is_a_check_of_its_own_and_the_others_are_one() -> None:
    named = [name_of(SUITE, entry.name) for entry in SUITE.entries if entry.severity == "critical"]
    assert [(each.name, each.blocking) for each in specs(SUITE)] == [
        *((name, True) for name in named),
        (ADVISORY, False),
    ]
    assert all(each.description for each in specs(SUITE))


def test_what_passes_is_one_event_a_check_and_year_without_metadata() -> None:
    made = events(PASSED)
    assert made.keys() == {(spec.name, str(year)) for spec in specs(SUITE) for year in YEARS}
    assert all(each.passed and not each.metadata for each in made.values())


def test_a_bad_year_leaves_the_others_green_and_shows_its_rows() -> None:
    rows = pl.DataFrame({"period": ["2021", "2021-S1"], "unit": ["VN63-01", "VN63-02"]})
    name, results = failed(failing=30, periods={"2021": 20, "2021-S1": 10}, rows=rows)
    made = events(results)
    bad = made[name, "2021"]
    assert [key for key, each in made.items() if not each.passed] == [(name, "2021"), (name, None)]
    assert bad.severity == dg.AssetCheckSeverity.ERROR
    assert "30 of 9 rows fail" in str(bad.description)
    shown = bad.metadata[f"rows of {name}"]
    assert isinstance(shown, dg.TableMetadataValue)
    assert [each.data["unit"] for each in shown.records] == ["VN63-01", "VN63-02"]
    assert [*made][-1] == (name, None), "the outcome of the run stands last, for pages that show but the newest"


def test_rows_of_two_bad_years_are_told_apart_though_not_all_of_them_are_shown() -> None:
    rows = pl.DataFrame({"period": ["2020"] * 20, "unit": ["VN63-01"] * 20})
    name, results = failed(failing=26, periods={"2020": 25, "2022": 1}, rows=rows)
    made = events(results)
    assert [made[name, str(year)].passed for year in YEARS] == [False, True, False]
    assert "1 of 9 rows fail" in str(made[name, "2022"].description)
    assert str(made[name, None].description).startswith("2020, 2022: ")


def test_what_could_not_run_or_names_no_year_of_the_run_is_green_in_none() -> None:
    for fields in ({"outcome": "could_not_run", "detail": "frame x"}, {"failing": 1, "periods": {"2019": 1}}):
        name, results = failed(**fields)
        assert [events(results)[name, str(year)].passed for year in YEARS] == [False] * 3
