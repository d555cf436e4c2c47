"""Operational figures: value and wording, plan and gap, the figure before, repeats and changed denominators."""

from typing import Any

import polars as pl
import pytest

from dti_platform import tables
from dti_platform.periods import Period
from dti_platform.publications import indicators
from dti_platform.publications.series import scorecard
from dti_platform.quality.comparisons import figures
from tests.publications.flow import declared, known, published, shared


def figure(table: str, year: int, indicator: str, period: str, **values: Any) -> list[dict[str, Any]]:
    wanted = {"indicator": indicator, "period": period, **values}
    found = published(table, year).filter(*(pl.col(name) == value for name, value in wanted.items()))
    return found.to_dicts()


def national(year: int, indicator: str, period: str) -> dict[str, Any]:
    (row,) = figure("national_scorecard", year, indicator, period)
    return row


def test_a_value_is_held_against_its_plan() -> None:
    ecommerce = national(2022, "ecommerce_retail_share", "2022-S1")
    assert (ecommerce["value"], ecommerce["plan"], ecommerce["gap"]) == (11.27, 7.0, 4.27)
    assert ecommerce["indicator_name_vi"] == "Tỷ trọng doanh thu TMĐT trong tổng mức bán lẻ"
    assert ecommerce["plan_source"] == "Kế hoạch 2022 (theo bài báo)"
    assert (ecommerce["plan_period"], ecommerce["plan_certainty"]) == ("2022", "verbatim")
    assert (ecommerce["plan_unit_measure"], ecommerce["gap_unit_measure"]) == ("percent", "percentage_points")
    payments = national(2022, "payment_account_share_15plus", "2022-S1")
    assert (payments["gap"], payments["plan_certainty"], payments["certainty"]) == (1.0, "inferred", "verbatim")
    assert national(2023, "household_fibre_share", "2023-M08")["gap"] == -5.7


def test_a_part_of_a_year_beside_the_plan_of_the_year_says_so() -> None:
    told = {
        (row["indicator"], row["plan_period"])
        for year in (2022, 2023, 2025)
        for row in published("national_scorecard", year).filter(pl.col("plan_of_other_period")).to_dicts()
    }
    assert told == {
        ("ecommerce_retail_share", "2022"),
        ("payment_account_share_15plus", "2022"),
        ("household_fibre_share", "2023"),
        ("fixed_broadband_subs_per_100", "2023-M12"),
        ("mobile_broadband_subs_per_100", "2023-M12"),
    }
    assert national(2023, "mobile_broadband_subs_per_100", "2023-M08")["gap_unit_measure"] == "per_100"
    assert national(2025, "digital_economy_gdp_share", "2025")["plan_of_other_period"] is False


def test_a_plan_without_a_value_is_missing_not_zero() -> None:
    row = national(2025, "digital_economy_gdp_share", "2025")
    assert (row["value"], row["plan"], row["gap"], row["obs_status"]) == (None, 20.5, None, "L")


def test_a_figure_keeps_its_wording() -> None:
    computers = national(2022, "computers_handed_over", "2022-S1")
    assert (computers["value"], computers["qualifier"]) == (450000.0, "over")
    fibre = national(2023, "household_fibre_share", "2023")
    assert (fibre["value"], fibre["qualifier"]) == (80.0, "about")


def test_a_repeated_value_is_flagged_with_the_period_it_repeats() -> None:
    smartphones = national(2022, "adult_smartphone_share", "2022-S1")
    assert (smartphones["value"], smartphones["report_before_value"]) == (70.91, 70.91)
    assert (smartphones["repeats_previous"], smartphones["report_before"]) == (True, "2022-Q1")
    assert (smartphones["compared_with"], smartphones["previous_period"]) == ("other_periods", None), (
        "no half-year before"
    )
    assert national(2022, "adult_smartphone_share", "2022-Q1")["repeats_previous"] is None
    assert national(2022, "household_fibre_share", "2022-S1")["repeats_previous"] is False


def test_a_year_that_repeats_its_own_half_is_flagged_and_compared_with_the_year_before() -> None:
    row = national(2024, "digital_economy_gdp_share", "2024")
    assert (row["previous_period"], row["previous_value"]) == ("2023", 16.5)
    assert (row["repeats_previous"], row["report_before"]) == (True, "2024-S1")


def test_the_three_denominators_of_the_villages() -> None:
    (first,) = figure("national_scorecard", 2022, "white_spot_villages_covered", "2022-S1")
    later = figure("national_scorecard", 2023, "white_spot_villages_covered", "2023-S1")
    assert (first["value"], first["denominator"], first["denominator_changed"]) == (477.0, 832.0, None)
    assert sorted(row["denominator"] for row in later) == [2418.0, 3924.0]
    assert all(row["denominator_changed"] for row in later)
    compared = {(row["previous_period"], row["previous_value"], row["previous_denominator"]) for row in later}
    assert compared == {("2022-S1", 477.0, 832.0)}
    reported = {(row["report_before"], row["report_before_denominator"]) for row in later}
    assert reported == {("2022-S1", 832.0)}


@pytest.mark.parametrize(
    ("year", "indicator", "period", "comparison", "previous"),
    [
        (2023, "ict_sector_revenue", "2023", "other_periods", None),
        (2023, "digital_economy_gdp_share", "2023-S1", "other_periods", None),
        (2024, "digital_economy_gdp_share", "2024-S1", "year_before", "2023-S1"),
        (2023, "fixed_broadband_speed", "2023-S1", "year_before", "2022-S1"),
        (2023, "fixed_broadband_speed", "2023-M08", "other_periods", None),
        (2022, "household_fibre_share", "2022-S1", "other_periods", None),
        (2023, "community_digital_teams", "2023-09-04", "period_before", "2023-08-22"),
        (2025, "digital_economy_va_gdp_share_gso", "2021/2025", "other_periods", None),
        (2022, "computers_handed_over", "2022-S1", "no_earlier_figure", None),
    ],
)
def test_like_is_compared_with_like(
    year: int, indicator: str, period: str, comparison: str, previous: str | None
) -> None:
    row = national(year, indicator, period)
    assert (row["compared_with"], row["previous_period"]) == (comparison, previous)


def test_every_released_comparison_is_of_periods_as_long() -> None:
    for name in ("national_scorecard", "provincial_scorecard"):
        for row in (
            pl.concat(published(name, year) for year in range(2020, 2026)).drop_nulls("previous_period").to_dicts()
        ):
            now, then = Period.parse(row["period"]), Period.parse(row["previous_period"])
            assert then.precedes(now)
            assert now.frequency == then.frequency
            assert row["indicator_kind"] == "stock" or now.year_before() == then.text


def test_two_series_of_one_share_are_never_mixed() -> None:
    assert national(2024, "digital_economy_gdp_share", "2024")["value"] == 18.3
    official = national(2024, "digital_economy_va_gdp_share_gso", "2024")
    assert (official["value"], official["previous_value"]) == (13.17, 12.87)


def test_thai_nguyen_s_own_report() -> None:
    rows = published("provincial_scorecard", 2022).filter(pl.col("unit") == "VN63-19", pl.col("period") == "2022-S1")
    assert dict(rows.select("indicator", "value").iter_rows()) == {
        "community_digital_teams": 2255.0,
        "community_digital_team_members": 17000.0,
        "market40_count": 11.0,
        "market40_traders": 2100.0,
        "digital_economy_revenue": 10.0,
    }
    assert set(rows["unit_name_vi"]) == {"Thái Nguyên"}


def test_the_country_and_the_provinces_share_no_row() -> None:
    assert not set(published("provincial_scorecard", 2024)["unit"]) & {"VN"}
    assert "VN63" in set(published("provincial_scorecard", 2024)["unit"]), "the printed mean of the provinces"


def reported(
    *rows: tuple[str, float, str, str], indicator: str = "national_dti", evidence: str = "official"
) -> pl.DataFrame:
    """Figures (period, value, source, unit of measure) of one indicator of the country."""
    blank = dict.fromkeys(tables.polars_schema(tables.Observations))
    frames = [
        blank
        | {
            "feed": "f", "source": source, "period": period, "geography": "VN", "unit": "VN", "node": indicator,
            "measure": "value", "basis": "reported", "value": value, "qualifier": "exact", "unit_measure": measure,
            "obs_status": "A", "certainty": "verbatim", "evidence": evidence,
        }
        for period, value, source, measure in rows
    ]  # fmt: skip
    return pl.DataFrame(frames, schema=tables.polars_schema(tables.Observations))


def cards(now: pl.DataFrame, before: pl.DataFrame | None = None) -> list[dict[str, Any]]:
    units, _ = known()
    earlier = tables.empty(tables.Observations) if before is None else before
    return scorecard(now, earlier, units, national=True).sort("period", "source").to_dicts()


STOCK, FLOW, CUMULATIVE, UNKNOWN = (
    "household_fibre_share", "digital_economy_revenue", "ict_sector_revenue", "fixed_broadband_speed",
)  # fmt: skip


@pytest.mark.parametrize(
    ("indicator", "earlier", "now", "comparison", "previous"),
    [
        (STOCK, ["2023-M04"], "2023-Q2", "other_periods", None),
        (STOCK, ["2023-Q1", "2023-M05"], "2023-Q2", "period_before", "2023-Q1"),
        (STOCK, ["2022-S1", "2022-S2"], "2023-S1", "period_before", "2022-S2"),
        (FLOW, ["2022-Q2", "2023-Q1", "2023-M05"], "2023-Q2", "year_before", "2022-Q2"),
        (FLOW, ["2023-Q1"], "2023-Q2", "other_periods", None),
        (FLOW, ["2022-Q1", "2022-S1"], "2023-S1", "year_before", "2022-S1"),
        (CUMULATIVE, ["2022-M08", "2023-M07"], "2023-M08", "year_before", "2022-M08"),
        (CUMULATIVE, ["2023-M07"], "2023-M08", "other_periods", None),
        (UNKNOWN, ["2022-S2", "2022-S1"], "2023-S1", "year_before", "2022-S1"),
        (STOCK, ["2022", "2023-S2"], "2023", "period_before", "2022"),
        (FLOW, ["2022", "2023-S2"], "2023", "year_before", "2022"),
        (FLOW, [], "2023", "no_earlier_figure", None),
    ],
)
def test_what_is_compared_follows_from_the_kind_and_the_length(
    indicator: str, earlier: list[str], now: str, comparison: str, previous: str | None
) -> None:
    years = {
        year: [(period, float(place), "a", "m") for place, period in enumerate((*earlier, now)) if period[:4] == year]
        for year in ("2022", "2023")
    }
    before, this = (reported(*rows, indicator=indicator) for rows in years.values())
    row = next(each for each in cards(this, before) if each["period"] == now)
    assert (row["compared_with"], row["previous_period"]) == (comparison, previous)
    assert row["previous_value"] == (None if previous is None else float(earlier.index(previous)))


def test_a_report_of_another_length_is_where_a_stale_figure_comes_from() -> None:
    now = reported(("2022-Q1", 1.0, "a", "m"), ("2022-M04", 2.0, "a", "m"), ("2022-S1", 2.0, "a", "m"))
    row = cards(now)[-1]
    assert (row["report_before"], row["repeats_previous"], row["previous_period"]) == ("2022-M04", True, None)


def test_a_misread_stock_jumps_from_the_report_before_whatever_its_length() -> None:
    rows = [("2022-Q1", 2.255, "a", "m"), ("2022-S1", 2255.0, "a", "m")]

    def times(indicator: str) -> list[float]:
        return figures.steps(pl.DataFrame(cards(reported(*rows, indicator=indicator))))["times"].to_list()

    assert times(STOCK) == [1000.0]
    assert times(FLOW) == [], "a half-year's amount is no step from a quarter's"


def test_a_whole_that_changed_is_seen_from_either_earlier_figure() -> None:
    now = reported(("2022-S1", 1.0, "a", "m"), ("2022-M08", 2.0, "a", "m"), ("2022-S2", 3.0, "a", "m"))

    def changed(*wholes: float | None) -> bool | None:
        rows = cards(now.with_columns(denominator=pl.Series(wholes, dtype=pl.Float64)))
        return next(row["denominator_changed"] for row in rows if row["period"] == "2022-S2")

    assert changed(832, 2418, 2418) is True, "the half-year compared with is of another whole"
    assert changed(2418, 832, 2418) is True, "the report before is of another whole"
    assert changed(832, None, 832) is changed(None, 832, 832) is False
    assert changed(None, None, 832) is changed(832, 832, None) is None


def test_a_plan_in_another_unit_gives_no_gap() -> None:
    value = reported(("2022", 66.0, "a", "percent"))
    plan = value.with_columns(
        measure=pl.lit("plan"), value=pl.lit(0.65), unit_measure=pl.lit("ratio"), plan_period=pl.lit("2022")
    )
    (row,) = cards(pl.concat([value, plan]))
    assert (row["plan"], row["plan_unit_measure"], row["gap"], row["gap_unit_measure"]) == (0.65, "ratio", None, None)


def test_the_figure_before_is_of_the_same_source_where_it_has_one() -> None:
    now = reported(("2022-S1", 1.0, "a", "m"), ("2022-S1", 2.0, "b", "m"), ("2022-S2", 3.0, "b", "m"))
    assert (cards(now)[-1]["previous_value"], cards(now)[-1]["report_before_value"]) == (2.0, 2.0)


def test_any_source_s_repeat_counts_as_a_repeat() -> None:
    now = reported(("2022-Q1", 1.0, "a", "m"), ("2022-Q1", 2.0, "b", "m"), ("2022-S1", 1.0, "b", "m"))
    assert cards(now)[-1]["repeats_previous"] is True


def test_another_unit_of_measure_is_another_series() -> None:
    assert cards(reported(("2022-S1", 1.0, "a", "m"), ("2022-S2", 1.0, "a", "k")))[-1]["previous_value"] is None


@pytest.mark.parametrize(("now", "before"), [("official", "illustrative"), ("illustrative", "official")])
def test_official_and_illustrative_figures_are_never_compared(now: str, before: str) -> None:
    """A made-up 5 of 2022 was the figure before, and the report before, of an official figure of 2023."""
    earlier = reported(("2022", 5.0, "https://example.org", "m"), evidence=before)
    (row,) = cards(reported(("2023", 5.0, "a", "m"), evidence=now), earlier)
    assert (row["evidence"], row["compared_with"], row["previous_value"]) == (now, "no_earlier_figure", None)
    assert (row["report_before_value"], row["repeats_previous"]) == (None, None)
    (row,) = cards(reported(("2023", 5.0, "a", "m"), evidence=before), earlier)
    assert (row["previous_value"], row["repeats_previous"]) == (5.0, True)


def test_the_year_before_is_looked_into() -> None:
    assert cards(reported(("2022", 2.0, "a", "m")), reported(("2021", 1.0, "a", "m")))[0]["previous_period"] == "2021"


def test_the_national_scorecard_holds_no_result_of_the_index_though_reports_repeat_them() -> None:
    results = {code for code, each in known()[0].indicators.items() if each.index_result}
    for year in (2020, 2021, 2022, 2023, 2024):
        reported = shared(year)["observations"].filter(pl.col("basis") == "reported")
        assert results & set(reported["node"])
        assert not results & set(published("national_scorecard", year)["indicator"])


def test_what_no_source_says_of_an_indicator_is_said_to_be_not_known() -> None:
    rows = {row["indicator"]: row for row in indicators.listed(declared()).to_dicts()}
    computers = rows["computers_handed_over"]
    assert (computers["indicator_kind"], computers["reference_en"]) == ("unknown", "not known: no source says it")
    accounts = rows["payment_account_share_15plus"]
    assert (accounts["population_vi"], accounts["producer_vi"]) == (
        "người dân từ 15 tuổi trở lên", "chưa rõ: không nguồn nào nêu",
    )  # fmt: skip
    reported = {row for year in range(2020, 2026) for row in published("national_scorecard", year)["indicator"]}
    assert reported <= rows.keys()
