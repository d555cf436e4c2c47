"""National and provincial reports: values with their wording, plans, periods."""

import unicodedata
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform import codes
from dti_platform.feeds import Known, Parsed, Received, read
from dti_platform.feeds.wording import read_unit

Receive = Callable[..., Received]
Committed = dict[tuple[str, str, str], Parsed]
NATIONAL = "indicator,name_vi,name_en,period,value,unit,source,certainty,plan,plan_document,plan_certainty\n"


def figures(committed: Committed, feed: str) -> pl.DataFrame:
    return pl.concat(p.observations for (name, _, _), p in committed.items() if name == feed)


def test_a_figure_keeps_what_its_words_say(committed: Committed) -> None:
    national = figures(committed, "national_report")
    villages = national.filter(node="white_spot_villages_covered", measure="value").sort("denominator")
    assert villages.select("period", "value", "denominator").rows() == [
        ("2022-S1", 477.0, 832.0),
        ("2023-S1", 2164.0, 2418.0),
        ("2023-S1", 2416.0, 3924.0),
    ]
    fibre = national.filter(node="household_fibre_share", period="2023").row(0, named=True)
    assert (fibre["value"], fibre["qualifier"], fibre["raw"]) == (80.0, "about", "gần 80")
    ids = national.filter(node="eid_accounts").row(0, named=True)
    assert (ids["value"], ids["qualifier"], ids["unit_measure"]) == (48.0, "over", "million")
    revenue = national.filter(node="platform_digital_economy_revenue", period="2024").row(0, named=True)
    assert (revenue["obs_status"], revenue["unit_measure"]) == ("E", "billion_usd")


def test_plans_stand_beside_values_with_their_document(committed: Committed) -> None:
    plans = figures(committed, "national_report").filter(measure="plan")
    assert plans.height == 8
    inferred = plans.filter(certainty="inferred").row(0, named=True)
    assert (inferred["node"], inferred["value"]) == ("payment_account_share_15plus", 65.0)
    assert plans.filter(node="ecommerce_retail_share")["document"].to_list() == ["Kế hoạch 2022 (theo bài báo)"]
    assert plans.filter(period="2025").height == 3
    assert sorted(plans["plan_period"]) == ["2022", "2022", "2023", "2023-M12", "2023-M12", *["2025"] * 3]
    assert figures(committed, "national_report").filter(measure="value")["plan_period"].drop_nulls().is_empty()


def test_a_mean_of_years_belongs_to_the_year_in_which_it_ends(committed: Committed) -> None:
    mean = figures(committed, "national_report").filter(period="2021/2025")
    assert mean["value"].to_list() == [13.2]


def test_thai_nguyen_reports_for_the_first_half_of_2022(committed: Committed) -> None:
    rows = figures(committed, "provincial_report").filter(unit="VN63-19", period="2022-S1")
    assert dict(rows.select("node", "value").rows()) == {
        "community_digital_teams": 2255.0,
        "community_digital_team_members": 17000.0,
        "market40_count": 11.0,
        "market40_traders": 2100.0,
        "digital_economy_revenue": 10.0,
    }


def test_the_mean_of_the_provinces_is_no_province(committed: Committed) -> None:
    mean = figures(committed, "provincial_report").filter(unit="VN63")
    assert mean.select("period", "value").rows() == [("2024-M08", 17.0)]


@pytest.mark.parametrize(
    ("wording", "read"),
    [
        ("%", ("percent", "exact", None, "A")),
        ("% (nearly)", ("percent", "about", None, "A")),
        ("% (approx.)", ("percent", "about", None, "A")),
        ("million (over)", ("million", "over", None, "A")),
        ("villages (of 832)", ("villages", "exact", 832, "A")),
        ("of 62", ("count", "exact", 62, "A")),
        ("rank of 193", ("rank", "exact", 193, "A")),
        ("billion USD (estimate)", ("billion_usd", "exact", None, "E")),
        ("procedures (70.8% of all)", ("procedures", "exact", None, "A")),
        ("tỷ đồng", ("billion_vnd", "exact", None, "A")),
        ("Thôn (of 832)", ("villages", "exact", 832, "A")),
        ("index 0-1", ("ratio", "exact", None, "A")),
    ],
)
def test_units_as_worded(wording: str, read: tuple[object, ...]) -> None:
    assert read_unit(wording) == read


@given(st.text(max_size=40))
def test_a_unit_of_any_wording_is_kept_or_understood(wording: str) -> None:
    stated = read_unit(wording)
    assert stated is None or stated.unit_measure in codes.LISTS["unit_measure"].values


def test_a_unit_of_measure_that_no_list_has_holds_its_row_back(known: Known, receive: Receive) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,2024,1,furlongs,https://s.vn,verbatim,,,\n".encode()
    parsed = read(receive("national_report", "2024", content), known)
    held = parsed.quarantine.filter(pl.col("reason") != "held_with_row").select("raw", "reason").rows()
    assert (held, parsed.observations.height) == ([("furlongs", "unknown_unit_measure")], 0)


@pytest.mark.parametrize(
    ("period", "reason"), [("2021-S1", "wrong_period"), ("2022-H1", "unknown_period"), ("", "missing_value")]
)
def test_a_row_of_another_period_is_held_back(known: Known, receive: Receive, period: str, reason: str) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,{period},1,%,https://s.vn,verbatim,,,\n".encode()
    parsed = read(receive("national_report", "2022-S1", content), known)
    assert parsed.quarantine.filter(pl.col("reason") != "held_with_row")["reason"].to_list() == [reason]
    assert parsed.observations.height == 0


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [("60", "%", "repeated_value"), ("x", "%", "not_a_number"), ("-1", "%", "out_of_range")],
)
def test_a_plan_is_held_back_with_its_value(known: Known, receive: Receive, value: str, unit: str, reason: str) -> None:
    """The plan of a held row stood beside the value of another row. A row that is right may still follow."""
    rows = ((50, ""), (value, 10), ("", 20))
    written = (
        f"4g_population_coverage,b,c,2024,{value},{unit},https://s.vn,verbatim,{plan},a,inferred\n"
        for value, plan in rows
    )
    parsed = read(receive("national_report", "2024", (NATIONAL + "".join(written)).encode()), known)
    assert parsed.observations.select("measure", "value").rows() == [("value", 50.0), ("plan", 20.0)]
    held = parsed.quarantine.filter(pl.col("raw").is_in([value, "10"])).select("raw", "reason").rows()
    assert sorted(held) == sorted([("10", "held_with_row"), (value, reason)])


@pytest.mark.parametrize(
    ("written", "period"),
    [("", "2022-S1"), ("2022", "2022"), ("2025", "2025"), ("31/12/2022", "2022-12-31"), ("2022-H2", None)],
)
def test_a_plan_is_for_its_own_period(known: Known, receive: Receive, written: str, period: str | None) -> None:
    header = NATIONAL.replace("plan_document", "plan_period,plan_document")
    content = f"{header}eid_accounts,b,c,2022-S1,1,%,https://s.vn,verbatim,2,{written},a,inferred\n".encode()
    parsed = read(receive("national_report", "2022-S1", content), known)
    plans = parsed.observations.filter(measure="plan").select("period", "plan_period").rows()
    assert plans == ([] if period is None else [("2022-S1", period)])
    reasons = parsed.quarantine.filter(pl.col("reason") != "held_with_row")["reason"].to_list()
    assert reasons == (["unknown_period"] if period is None else [])


@pytest.mark.parametrize("period", ["22/08/2022", "2022-08-22"])
def test_a_day_is_a_period_in_either_writing(known: Known, receive: Receive, period: str) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,{period},1,%,https://s.vn,verbatim,,,\n".encode()
    parsed = read(receive("national_report", "2022", content), known)
    assert parsed.observations["period"].to_list() == ["2022-08-22"]


@pytest.mark.parametrize("period", ["31/02/2022", "2022-02-31", "2022-13-01"])
def test_a_day_that_no_calendar_has_is_no_period(known: Known, receive: Receive, period: str) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,{period},1,%,https://s.vn,verbatim,,,\n".encode()
    assert "unknown_period" in read(receive("national_report", "2022", content), known).quarantine["reason"].to_list()


def test_a_row_with_neither_value_nor_plan_is_missing(known: Known, receive: Receive) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,2022,,%,https://s.vn,verbatim,,,\n".encode()
    parsed = read(receive("national_report", "2022", content), known)
    assert "missing_value" in parsed.quarantine["reason"].to_list()


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        ("2.255", "teams", "not_whole"),
        ("2.000", "tổ", "ambiguous_number"),
        ("1.5", "rank of 193", "not_whole"),
        ("101", "%", "out_of_range"),
        ("0", "rank", "out_of_range"),
        ("1.01", "index 0-1", "out_of_range"),
        ("66%", "teams", "not_a_number"),
    ],
)
def test_a_figure_is_what_its_unit_allows(known: Known, receive: Receive, value: str, unit: str, reason: str) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,2022,{value},{unit},https://s.vn,verbatim,,,\n".encode()
    parsed = read(receive("national_report", "2022", content), known)
    assert parsed.quarantine.filter(pl.col("reason") != "held_with_row")["reason"].to_list() == [reason]


def test_figures_and_plans_keep_their_qualifier(known: Known, receive: Receive) -> None:
    content = f"{NATIONAL}eid_accounts,b,c,2022,gần 66.71%,%,https://s.vn,verbatim,trên 70,,verbatim\n".encode()
    parsed = read(receive("national_report", "2022", content), known)
    found = parsed.observations.sort("measure").select("measure", "value", "qualifier").rows()
    assert found == [("plan", 70.0, "over"), ("value", 66.71, "about")]


def test_a_name_that_calls_its_figure_provisional_does_so_in_any_form(known: Known, receive: Receive) -> None:
    name = unicodedata.normalize("NFD", "Số (sơ bộ)")
    content = f"{NATIONAL}eid_accounts,{name},c,2022,1,%,https://s.vn,verbatim,,,\n".encode()
    assert read(receive("national_report", "2022", content), known).observations["obs_status"].to_list() == ["P"]


def test_a_code_that_the_reference_does_not_know_for_the_level_is_held_back(known: Known, receive: Receive) -> None:
    rows = "".join(
        f"{code},b,c,2022,1,%,https://s.vn,verbatim,,,\n" for code in ("eid_accounts", "happiness", "bts_stations")
    )
    parsed = read(receive("national_report", "2022", (NATIONAL + rows).encode()), known)
    culprits = parsed.quarantine.filter(reason="unknown_indicator")
    assert culprits["raw"].to_list() == ["happiness", "bts_stations"]
    assert parsed.observations["node"].to_list() == ["eid_accounts"]


@pytest.mark.parametrize(
    ("name", "unit", "certainty", "expected"),
    [
        ("Số", "%", "verbatim", "A"),
        ("Số", "% (sơ bộ)", "verbatim", "P"),
        ("Số (thử nghiệm)", "%", "verbatim", "P"),
        ("Số", "% (estimate)", "verbatim", "E"),
        ("Số", "% (sơ bộ)", "computed", "E"),
        ("Số", "%", "inferred", "E"),
        ("Số", "%", "paraphrased", "E"),
    ],
)
def test_the_status_of_a_figure(
    known: Known, receive: Receive, name: str, unit: str, certainty: str, expected: str
) -> None:
    content = f"{NATIONAL}eid_accounts,{name},c,2022,1,{unit},https://s.vn,{certainty},,,\n".encode()
    parsed = read(receive("national_report", "2022", content), known)
    assert parsed.observations["obs_status"].to_list() == [expected]
