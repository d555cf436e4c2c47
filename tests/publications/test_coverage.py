"""What was received, what is missing, and what can't be computed, unit by unit."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform import methodology
from dti_platform.publications.expected import never_published, with_expected
from dti_platform.publications.shortfall import REASONS
from tests.publications.flow import build, known, published, shared
from tests.publications.submitted import built

YEARS = (2020, 2021, 2022, 2023, 2024, 2025)


def covered(year: int, **values: Any) -> pl.DataFrame:
    return published("coverage", year).filter(*(pl.col(name) == value for name, value in values.items()))


def test_2020_says_that_11_of_63_are_computed_and_ranks_are_withheld() -> None:
    provinces = covered(2020, framework="1726", geography="VN63").filter(pl.col("unit") != "VN63")
    assert provinces.height == 63
    assert provinces["computed"].sum() == 11
    assert set(provinces["rank_status"]) == {"withheld"}
    assert set(provinces["ranked"]) == {11}
    assert all("11" in why and "63" in why for why in provinces["why_en"])
    total_without_pillars = provinces.filter(pl.col("unit_name_vi") == "Hải Dương").row(0, named=True)
    assert (total_without_pillars["lacking"], total_without_pillars["reason"]) == (3, "inputs_missing")
    pillars_without_total = provinces.filter(pl.col("unit_name_vi") == "Sóc Trăng").row(0, named=True)
    assert (pillars_without_total["lacking"], pillars_without_total["computed"]) == (0, True)
    assert provinces.select("expected", "missing").unique().sort("expected").rows() == [(0, 0), (3, 0)]


def test_every_province_has_a_row_even_if_nothing_came() -> None:
    for year in (2021, 2022, 2023, 2024):
        rows = covered(year, feed="published_results", geography="VN63").filter(pl.col("unit") != "VN63")
        assert rows.height == 63
    silent = covered(2024, geography="VN63", feed="published_results", accepted=0)
    assert silent.height == 63 - 6
    assert set(silent["reason"]) == {"maximum_unknown"}


def test_2022_has_five_complete_provinces_in_print_and_63_in_submissions() -> None:
    printed = covered(2022, feed="published_results", geography="VN63", computed=True)
    assert printed.height == 5
    assert set(printed["lacking"]) == {0}
    sheets = covered(2022, feed="self_assessment")
    assert sheets.height == 63
    assert set(sheets["computed"]) == {True}
    assert set(sheets["missing"]) == {0}
    assert set(sheets["rank_status"]) == {"complete"}
    assert set(sheets["evidence"]) == {"illustrative"}
    assert sheets["reason"].null_count() == 63


def test_each_owner_s_feed_is_counted_by_its_own_scores() -> None:
    """A province without a self-assessment is computed from what the verifier gave, and has a gap of its own."""
    observations = shared(2022)["observations"].filter(~((pl.col("unit") == "VN63-01") & (pl.col("basis") == "self")))
    frames = shared(2022) | {"observations": observations}
    frames["scores"] = methodology.score_year(2022, observations, *known())
    frames["rankings"] = methodology.rank_year(2022, frames["scores"], observations, *known())
    rows = build("coverage", 2022, frames, shared(2021)).filter(pl.col("unit") == "VN63-01")
    found = {row["feed"]: row for row in rows.iter_rows(named=True)}
    facts = ("accepted", "lacking", "computed", "rank_status", "reason")
    assert [found["verification"][fact] for fact in facts] == [98, 0, True, "complete", None]
    assert [found["self_assessment"][fact] for fact in facts] == [0, 95, False, "provisional", "inputs_missing"]


def test_a_silent_province_lacks_every_input() -> None:
    sheets = built("coverage", without=("VN63-01",)).filter(pl.col("feed") == "self_assessment")
    silent = sheets.filter(pl.col("unit") == "VN63-01").row(0, named=True)
    assert (silent["received"], silent["missing"], silent["expected"]) == (0, 95, 95)
    assert (silent["lacking"], silent["inputs"]) == (95, 95)
    assert (silent["computed"], silent["reason"], silent["rank_status"]) == (False, "inputs_missing", "provisional")


def test_what_nobody_published_is_lacking_but_not_missing() -> None:
    for year in YEARS:
        printed = covered(year, feed="published_results").drop_nulls("inputs")
        assert printed["missing"].sum() == 0
        assert printed.filter(pl.col("expected") + pl.col("lacking") != pl.col("inputs")).is_empty()
    ranked = {(row["geography"], row["period"]) for row in never_published().iter_rows(named=True)}
    lacking = {pair for year in YEARS for pair in _lacking(year)}
    assert ranked == lacking, "an entry of never_published.toml that nothing lacks any more goes"


def _lacking(year: int) -> set[tuple[str, str]]:
    rows = covered(year, feed="published_results").filter(pl.col("lacking") > 0)
    return set(rows.select("geography", "period").unique().rows())


def test_a_total_that_is_the_mean_of_former_totals_rests_on_no_inputs() -> None:
    (row,) = covered(2024, unit="VN34-48", feed="published_results").to_dicts()
    assert (row["received"], row["computed"], row["reason"]) == (3, True, "ranks_withheld")
    assert (row["inputs"], row["lacking"], row["expected"], row["missing"]) == (0, 0, 0, 0)
    (other,) = covered(2024, unit="VN34-19", feed="published_results").to_dicts()
    assert (other["inputs"], other["lacking"], other["computed"]) == (8, 6, False)


def test_a_ranking_that_is_not_declared_is_expected_in_full() -> None:
    row = {"feed": "published_results", "geography": "VN34", "inputs": 8, "lacking": 6}
    rows = pl.DataFrame([row | {"period": "2024"}, row | {"period": "2025"}])
    assert with_expected(rows).select("expected", "missing").rows() == [(2, 0), (8, 6)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('why_vi = "vì"', ""), "ranking 1 must have"),
        (('why_vi = "vì"', 'why_vi = ""'), "none empty"),
        (('["2024"]', '["2024", "2024"]'), "declared twice"),
    ],
)
def test_a_declaration_that_is_not_one_is_an_error(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    file = tmp_path / "never_published.toml"
    entry = '[[ranking]]\nfeed = "f"\ngeography = "VN34"\nperiods = ["2024"]\nwhy_vi = "vì"\nwhy_en = "why"\n'
    file.write_text(entry.replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"never_published\.toml: .*{said}"):
        never_published(file)


def test_every_observation_and_every_quarantined_cell_is_counted_once() -> None:
    for year in YEARS:
        frames = shared(year)
        cells = frames["quarantine"].select("feed", "file", "locator").n_unique()
        assert covered(year)["accepted"].sum() == frames["observations"].height
        assert covered(year)["quarantined"].sum() == cells


def test_operational_figures_are_counted_by_their_own_period_and_nothing_is_expected() -> None:
    report = covered(2022, feed="provincial_report", unit="VN63-19", period="2022-S1").row(0, named=True)
    assert (report["received"], report["accepted"], report["framework"]) == (5, 5, None)
    assert (report["expected"], report["missing"], report["computed"], report["reason"]) == (None, None, None, None)


def test_a_quarantined_cell_counts_for_its_unit_or_for_nobody() -> None:
    from dti_platform import publications, tables

    cell = dict.fromkeys(tables.polars_schema(tables.Quarantine), "x") | {
        "feed": "published_results", "file": "ab" * 32, "period": "2022", "error_class": "value", "reason": "odd",
    }  # fmt: skip
    held = pl.DataFrame(
        [
            cell | {"locator": "A1", "unit": "VN63-19"},
            cell | {"locator": "A1", "unit": "VN63-19", "reason": "odder"},
            cell | {"locator": "A2", "unit": None},
        ],
        schema=tables.polars_schema(tables.Quarantine),
    )
    inputs = shared(2022) | {"quarantine": held}
    found = publications.discover()["coverage"].build(2022, inputs, {}, *known()).filter(pl.col("quarantined") > 0)
    assert found.select("framework", "unit", "quarantined").rows() == [(None, None, 1), ("922", "VN63-19", 1)]


def test_every_reason_has_words_in_both_languages() -> None:
    for vi, en in REASONS.values():
        assert vi
        assert en


def test_a_synthetic_file_of_which_every_cell_is_held_back_is_illustrative() -> None:
    frames = {name: frame.clear() for name, frame in shared(2022).items()}
    frames["submissions"] = shared(2022)["submissions"].filter(pl.col("evidence") == "illustrative").head(1)
    file = frames["submissions"].select("feed", "file", unit=pl.lit("VN63-01"), period=pl.lit("2022"))
    frames["quarantine"] = pl.concat([frames["quarantine"], file], how="diagonal_relaxed")
    assert set(build("coverage", 2022, frames, frames)["evidence"]) == {"illustrative"}
