"""Sessions: every figure that was reported there stands in the release with its value, wording and place."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tests.publications.flow import build, published, shared

DATA = Path(__file__).parents[2] / "data"
REPORT = "https://thainguyentv.vn/thai-nguyen-xep-thu-8-ve-chi-so-chuyen-doi-so-cap-tinh-nam-2021-89578.html"
#: The third session of the National Committee, as it was reported: value, qualifier, unit, and the whole or the plan.
THIRD = {
    ("VN", "white_spot_villages_covered"): (477.0, "exact", "villages", 832.0, None),
    ("VN", "computers_handed_over"): (450000.0, "over", "computers", None, None),
    ("VN", "national_digital_platforms"): (35.0, "exact", "count", 35.0, None),
    ("VN", "e_invoice_enterprise_share"): (100.0, "exact", "percent", None, None),
    ("VN", "ecommerce_retail_share"): (11.27, "exact", "percent", None, 7.0),
    ("VN", "payment_account_share_15plus"): (66.0, "exact", "percent", None, 65.0),
    ("VN", "adult_smartphone_share"): (70.91, "exact", "percent", None, None),
    ("VN", "household_fibre_share"): (71.75, "exact", "percent", None, None),
    ("VN63-19", "community_digital_teams"): (2255.0, "exact", "teams", None, None),
    ("VN63-19", "community_digital_team_members"): (17000.0, "exact", "people", None, None),
    ("VN63-19", "market40_count"): (11.0, "exact", "markets", None, None),
    ("VN63-19", "market40_traders"): (2100.0, "over", "traders", None, None),
    ("VN63-19", "digital_economy_revenue"): (10.0, "about", "billion_usd", None, None),
    ("VN63-19", "PDTI", "score"): (0.496, "exact", "ratio", None, None),
    ("VN63-19", "PDTI", "rank"): (8.0, "exact", "rank", None, None),
    ("VN63-19", "KTS", "rank"): (5.0, "exact", "rank", None, None),
}


def figures(session: str) -> pl.DataFrame:
    return published("sessions", 2022).filter(session=session)


def test_every_figure_of_the_third_session_is_there_with_its_wording() -> None:
    rows = figures("national_committee_3").to_dicts()
    told = {
        (row["unit"], row["node"], *([] if row["measure"] == "value" else [row["measure"]])): (
            row["value"], row["qualifier"], row["unit_measure"], row["denominator"], row["plan"],
        )
        for row in rows
    }  # fmt: skip
    assert told == THIRD
    assert [row["position"] for row in rows] == list(range(1, len(THIRD) + 1))
    assert {(row["held"], row["reported_period"]) for row in rows} == {("2022-M08", "2022-S1")}
    assert {row["source"] for row in rows} == {REPORT}


def test_a_plan_and_a_repeat_come_with_their_figure() -> None:
    rows = {row["node"]: row for row in figures("national_committee_3").to_dicts()}
    payments, phones = rows["payment_account_share_15plus"], rows["adult_smartphone_share"]
    assert (payments["gap"], payments["gap_unit_measure"], payments["plan_certainty"]) == (
        1.0, "percentage_points", "inferred",
    )  # fmt: skip
    assert (payments["plan_period"], payments["plan_of_other_period"]) == ("2022", True)
    assert (phones["repeats_previous"], phones["report_before"]) == (True, "2022-Q1")
    (before,) = figures("national_committee_2").filter(node="adult_smartphone_share").to_dicts()
    assert (before["value"], before["period"]) == (phones["value"], "2022-Q1")


def test_each_figure_leads_to_the_cell_that_it_was_read_in() -> None:
    for row in published("sessions", 2022).to_dicts():
        path = DATA / "feeds" / row["feed"] / row["period"] / row["file_name"]
        line = int(row["locator"].split()[1].rstrip(","))
        cells = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))[line - 2]
        assert cells["source"] == row["source"]
        assert row["node"] in (cells.get("indicator"), "PDTI", "KTS")


def test_every_declared_figure_is_in_the_committed_feeds() -> None:
    with (DATA / "reference" / "session_figures.csv").open(encoding="utf-8", newline="") as text:
        declared = {(row["session"], int(row["position"])) for row in csv.DictReader(text)}
    built = published("sessions", 2022)
    assert set(built.select("session", "position").rows()) == declared
    assert built["value"].null_count() == 0


def test_a_session_is_of_the_year_in_which_it_was_held() -> None:
    assert all(published("sessions", year).is_empty() for year in (2020, 2021, 2023))


def without(kept: pl.Expr, year: int = 2022) -> Mapping[str, Any]:
    frames = shared(year)
    return {**frames, "observations": frames["observations"].filter(kept)}


def test_a_figure_that_its_report_lacks_stands_without_a_value() -> None:
    villages = pl.col("node") == "white_spot_villages_covered"
    rows = build("sessions", 2022, without(~villages), shared(2021))
    (lacking,) = rows.filter(pl.col("value").is_null()).to_dicts()
    assert (lacking["session"], lacking["node"], lacking["obs_status"]) == (
        "national_committee_3", "white_spot_villages_covered", "L",
    )  # fmt: skip
    assert lacking["title_en"] == "White-spot villages that now have coverage"


def test_a_report_that_was_not_received_has_no_rows() -> None:
    rows = build("sessions", 2022, without(pl.col("feed") != "national_report"), without(pl.lit(value=False), 2021))
    assert set(rows["feed"]) == {"provincial_report"}
    assert rows.height == 5
