"""Operational figures: value and wording, plan and gap, the figure before, repeats and changed denominators."""

from typing import Any

import polars as pl

from dti_platform import tables
from dti_platform.publications.series import scorecard
from tests.publications.flow import known, published


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
    assert national(2022, "payment_account_share_15plus", "2022-S1")["gap"] == 1.0
    assert national(2023, "household_fibre_share", "2023-M08")["gap"] == -5.7


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
    assert (smartphones["value"], smartphones["previous_value"]) == (70.91, 70.91)
    assert smartphones["repeats_previous"] is True
    assert smartphones["repeated_period"] == smartphones["previous_period"] == "2022-Q1"
    assert national(2022, "adult_smartphone_share", "2022-Q1")["repeats_previous"] is None
    assert national(2022, "household_fibre_share", "2022-S1")["repeats_previous"] is False


def test_a_year_that_repeats_its_own_half_is_flagged_and_compared_with_the_year_before() -> None:
    row = national(2024, "digital_economy_gdp_share", "2024")
    assert (row["previous_period"], row["previous_value"]) == ("2023", 16.5)
    assert (row["repeats_previous"], row["repeated_period"]) == (True, "2024-S1")


def test_the_three_denominators_of_the_villages() -> None:
    (first,) = figure("national_scorecard", 2022, "white_spot_villages_covered", "2022-S1")
    later = figure("national_scorecard", 2023, "white_spot_villages_covered", "2023-S1")
    assert (first["value"], first["denominator"], first["denominator_changed"]) == (477.0, 832.0, None)
    assert sorted(row["denominator"] for row in later) == [2418.0, 3924.0]
    assert all(row["denominator_changed"] for row in later)
    assert {(row["previous_period"], row["previous_value"], row["previous_denominator"]) for row in later} == {
        ("2022-S1", 477.0, 832.0)
    }


def test_a_revenue_of_three_months_is_not_compared_with_a_year_s() -> None:
    assert national(2023, "ict_sector_revenue", "2023")["previous_period"] is None


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


def reported(*rows: tuple[str, float, str, str]) -> pl.DataFrame:
    """Figures (period, value, source, unit of measure) of one indicator of the country."""
    blank = dict.fromkeys(tables.polars_schema(tables.Observations))
    frames = [
        blank
        | {
            "feed": "f", "source": source, "period": period, "geography": "VN", "unit": "VN", "node": "national_dti",
            "measure": "value", "basis": "reported", "value": value, "qualifier": "exact", "unit_measure": measure,
            "obs_status": "A", "certainty": "verbatim", "evidence": "official",
        }
        for period, value, source, measure in rows
    ]  # fmt: skip
    return pl.DataFrame(frames, schema=tables.polars_schema(tables.Observations))


def cards(now: pl.DataFrame, before: pl.DataFrame | None = None) -> list[dict[str, Any]]:
    units, _ = known()
    earlier = tables.empty(tables.Observations) if before is None else before
    return scorecard(now, earlier, units, national=True).sort("period", "source").to_dicts()


def test_the_figure_before_is_of_the_same_source_where_it_has_one() -> None:
    now = reported(("2022-Q1", 1.0, "a", "m"), ("2022-Q1", 2.0, "b", "m"), ("2022-S1", 3.0, "b", "m"))
    assert cards(now)[-1]["previous_value"] == 2.0


def test_any_source_s_repeat_counts_as_a_repeat() -> None:
    now = reported(("2022-Q1", 1.0, "a", "m"), ("2022-Q1", 2.0, "b", "m"), ("2022-S1", 1.0, "b", "m"))
    assert cards(now)[-1]["repeats_previous"] is True


def test_another_unit_of_measure_is_another_series() -> None:
    assert cards(reported(("2022-Q1", 1.0, "a", "m"), ("2022-S1", 1.0, "a", "k")))[-1]["previous_value"] is None


def test_the_year_before_is_looked_into() -> None:
    assert cards(reported(("2022", 2.0, "a", "m")), reported(("2021", 1.0, "a", "m")))[0]["previous_period"] == "2021"
