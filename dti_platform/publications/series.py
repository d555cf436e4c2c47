"""Series of operational figures: a value against its plan, the figure that it compares with, and the report before.

Here: what ``national_scorecard`` and ``provincial_scorecard`` share. These figures are reported, not scored: they are
no part of the index. Two sources are two rows, and two indicators are two series, never mixed; nor are official and
illustrative figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, String

from dti_platform import tables
from dti_platform.periods import PERIOD, Period
from dti_platform.publications.naming import indicator_frame

if TYPE_CHECKING:
    from dti_platform.units import Units

_ROW = ["indicator", "geography", "unit", "period", "source"]
#: What a figure may be compared within: a value in another unit of measure is another series, and an official figure is
#: never compared with an illustrative one.
_SERIES = ["indicator", "unit", "unit_measure", "evidence"]
#: What is told of an earlier figure.
_FOUND = ("period", "value", "denominator")
_CONTEXT = ["unit_measure", "certainty", "obs_status", "evidence"]
#: Figures, plans and gaps are held to six decimals.
_MILLIONTH = 1e-6
_PERCENT = "percent"
_EARLIER = (
    "compared_with", *(f"previous_{name}" for name in _FOUND),
    "report_before", "report_before_value", "repeats_previous", "report_before_denominator",
)  # fmt: skip


class Scorecard(tables.Table):
    """What every scorecard has."""

    indicator: String
    indicator_name_vi: String
    indicator_name_en: String
    indicator_kind: String = tables.coded("indicator_kind")
    period: String = pa.Field(str_matches=PERIOD)
    source: String
    source_class: String = tables.coded("source_class", nullable=True)
    value: Float64 = pa.Field(nullable=True)
    qualifier: String = tables.coded("qualifier", nullable=True)
    unit_measure: String = tables.coded("unit_measure")
    denominator: Float64 = pa.Field(nullable=True)
    plan: Float64 = pa.Field(nullable=True)
    plan_period: String = pa.Field(nullable=True, str_matches=PERIOD)
    plan_unit_measure: String = tables.coded("unit_measure", nullable=True)
    plan_certainty: String = tables.coded("certainty", nullable=True)
    plan_source: String = pa.Field(nullable=True)
    plan_of_other_period: Bool = pa.Field(nullable=True)
    gap: Float64 = pa.Field(nullable=True)
    gap_unit_measure: String = tables.coded("unit_measure", nullable=True)
    compared_with: String = tables.coded("compared_with", nullable=True)
    previous_period: String = pa.Field(nullable=True, str_matches=PERIOD)
    previous_value: Float64 = pa.Field(nullable=True)
    previous_denominator: Float64 = pa.Field(nullable=True)
    report_before: String = pa.Field(nullable=True, str_matches=PERIOD)
    report_before_value: Float64 = pa.Field(nullable=True)
    report_before_denominator: Float64 = pa.Field(nullable=True)
    repeats_previous: Bool = pa.Field(nullable=True)
    denominator_changed: Bool = pa.Field(nullable=True)
    certainty: String = tables.coded("certainty")
    obs_status: String = tables.coded("obs_status")
    evidence: String = tables.coded("evidence")

    @pa.dataframe_check(error="the gap is not value - plan, or its unit is wrong")
    @classmethod
    def gap_is_value_less_plan(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The gap stands wherever both figures do, in one unit; the difference of percentages is in points."""
        alike = pl.col("unit_measure") == pl.col("plan_unit_measure")
        both = pl.col("value").is_not_null() & pl.col("plan").is_not_null() & alike
        right = ((pl.col("value") - pl.col("plan") - pl.col("gap")).abs() < _MILLIONTH).fill_null(value=False)
        unit = pl.col("gap_unit_measure").eq_missing(_gap_unit())
        return data.lazyframe.select(unit & pl.when(both).then(right).otherwise(pl.col("gap").is_null()))

    @pa.dataframe_check(error="a plan lacks its period, unit or certainty, or is flagged wrongly")
    @classmethod
    def plan_says_of_what(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A plan stands with what it is a plan of, and is flagged where that is another period."""
        planned = pl.col("plan").is_not_null()
        told = [
            pl.col(name).is_not_null() == planned for name in ("plan_period", "plan_unit_measure", "plan_certainty")
        ]
        other = pl.col("plan_of_other_period").eq_missing(pl.col("plan_period") != pl.col("period"))
        return data.lazyframe.select(pl.all_horizontal(*told, other))

    @pa.dataframe_check(
        error="a row has neither value nor plan, or a value lacks its qualifier, or is missing unmarked"
    )
    @classmethod
    def says_something(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A missing value is marked L and stands only beside a plan."""
        value = pl.col("value").is_not_null()
        worded = pl.col("qualifier").is_not_null() == value
        marked = (pl.col("obs_status") == "L") != value
        return data.lazyframe.select(worded & marked & (value | pl.col("plan").is_not_null()))

    @pa.dataframe_check(error="a comparison without the period compared with, or a period without a comparison")
    @classmethod
    def comparison_names_its_period(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A figure says what it is compared with, or why with nothing; a stock alone follows the period before."""
        compared = pl.col("compared_with").is_in(("period_before", "year_before")).fill_null(value=False)
        shown = [pl.col(name).is_not_null() == compared for name in ("previous_period", "previous_value")]
        asked = pl.col("compared_with").is_not_null() == pl.col("value").is_not_null()
        kind = (pl.col("compared_with") != "period_before") | (pl.col("indicator_kind") == "stock")
        return data.lazyframe.select(pl.all_horizontal(*shown, asked, kind.fill_null(value=True)))

    @pa.dataframe_check(error="a repeat that is none, or that is not flagged")
    @classmethod
    def repeat_is_of_the_report_before(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A flag can be followed to what it flags."""
        named = pl.col("report_before").is_not_null() == pl.col("report_before_value").is_not_null()
        repeats = pl.col("repeats_previous").eq_missing(pl.col("value") == pl.col("report_before_value"))
        return data.lazyframe.select(named & repeats)

    @pa.dataframe_check(error="a denominator is flagged wrongly")
    @classmethod
    def denominator_flag_is_right(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Flagged exactly where the whole differs from that of the figure compared with, or of the report before."""
        return data.lazyframe.select(pl.col("denominator_changed").eq_missing(_denominator_changed()))


def _gap_unit() -> pl.Expr:
    """Two percentages differ by points."""
    unit = pl.when(pl.col("unit_measure") == _PERCENT).then(pl.lit("percentage_points")).otherwise("unit_measure")
    return pl.when(pl.col("gap").is_not_null()).then(unit)


def _denominator_changed() -> pl.Expr:
    """Whether either of the two earlier wholes is another; null where neither is known, or this one is not."""
    before = ("previous_denominator", "report_before_denominator")
    return pl.max_horizontal(pl.col("denominator") != pl.col(name) for name in before)


def scorecard(observations: pl.DataFrame, before: pl.DataFrame, units: Units, *, national: bool) -> pl.DataFrame:
    """The reported figures of a year, of the country or of provinces, with plan, gap and the figures before.

    Those are sought in this year and the year before. Of a stock, a figure is compared with the last one of a period as
    long; of anything else with that of the same period of the year before: parts of a year differ by season, and what
    runs on from 1 January is no change since the part before. That holds where the kind is not known, too.
    """
    now, earlier = (_figures(frame, units, national=national) for frame in (observations, before))
    stocks = [code for code, indicator in units.indicators.items() if indicator.kind == "stock"]
    named = now.join(indicator_frame(units), on="indicator", how="left", maintain_order="left")
    both = pl.concat([named, _before(now, earlier, stocks)], how="horizontal")
    return both.with_columns(denominator_changed=_denominator_changed())


def _figures(observations: pl.DataFrame, units: Units, *, national: bool) -> pl.DataFrame:
    """One row for an indicator, unit, period and source: value and plan side by side."""
    countries = [unit.id for unit in units.all.values() if unit.level == "national"]
    reported = observations.filter(pl.col("basis") == "reported", pl.col("unit").is_in(countries) == national).rename(
        {"node": "indicator"}
    )
    values = reported.filter(pl.col("measure") == "value").select(*_ROW, "value", "qualifier", "denominator", *_CONTEXT)
    plans = reported.filter(pl.col("measure") == "plan").select(
        *_ROW, *_CONTEXT, plan="value", plan_period="plan_period", plan_unit_measure="unit_measure",
        plan_certainty="certainty", plan_source="document",
    )  # fmt: skip
    both = values.join(plans, on=_ROW, how="full", coalesce=True, suffix="_of_plan")
    alike = pl.col("unit_measure") == pl.col("plan_unit_measure")
    known = both.with_columns(
        *(pl.coalesce(name, f"{name}_of_plan") for name in _CONTEXT if name != "obs_status"),
        obs_status=pl.when(pl.col("value").is_null()).then(pl.lit("L")).otherwise("obs_status"),
        plan_of_other_period=pl.col("plan_period") != pl.col("period"),
        gap=pl.when(alike).then((pl.col("value") - pl.col("plan")).round(6)),
    )
    return known.with_columns(gap_unit_measure=_gap_unit()).sort(_ROW)


def _before(now: pl.DataFrame, earlier: pl.DataFrame, stocks: Sequence[str]) -> pl.DataFrame:
    """The columns of ``_EARLIER`` for each row of a year; a row without a value is compared with nothing.

    The figure compared with is of the same source if that has one, else of the first. The report before is rather one
    that has the same value, whatever its source.
    """
    figures = pl.concat([earlier, now]).drop_nulls("value").sort("source", maintain_order=True)
    rows = now.join(_periods_before(figures, stocks), on=[*_SERIES, "period"], how="left", maintain_order="left")
    previous = _found(rows, figures, "compared", [["source"], []])
    report = _found(rows, figures, "last", [["value", "source"], ["value"], ["source"], []])
    found = rows.select("indicator", "value").with_columns(
        *(previous[name].alias(f"previous_{name}") for name in _FOUND),
        report_before=report["period"],
        report_before_value=report["value"],
        report_before_denominator=report["denominator"],
    )
    compared_with = (
        pl.when(pl.col("report_before").is_null())
        .then(pl.lit("no_earlier_figure"))
        .when(pl.col("previous_period").is_null())
        .then(pl.lit("other_periods"))
        .when(pl.col("indicator").is_in(stocks))
        .then(pl.lit("period_before"))
        .otherwise(pl.lit("year_before"))
    )
    repeats = pl.col("report_before_value") == pl.col("value")
    told = found.with_columns(compared_with=compared_with, repeats_previous=repeats)
    return told.select(pl.when(pl.col("value").is_not_null()).then(name).alias(name) for name in _EARLIER)


def _periods_before(figures: pl.DataFrame, stocks: Sequence[str]) -> pl.DataFrame:
    """By series and period with a figure: the ``last`` such period before it, and the one ``compared`` with it."""
    periods = figures.select(*_SERIES, "period").unique()
    dated = periods.join(_calendar(periods["period"].unique()), on="period").sort("day", "period")
    both = _last(dated, _SERIES, "last").join(_last(dated, [*_SERIES, "length"], "as_long"), on=[*_SERIES, "period"])
    compared = pl.when(pl.col("indicator").is_in(stocks)).then("as_long").otherwise("year_before")
    return both.select(*_SERIES, "period", "last", compared=compared)


def _calendar(texts: pl.Series) -> pl.DataFrame:
    """Of each period the ``day`` on which it ends, its ``length``, and the same period ``year_before``."""
    periods = [Period.parse(text) for text in texts]
    return pl.DataFrame(
        [
            (
                each.text,
                int(each.ends.replace("-", "")),
                f"{each.frequency} {each.year - each.first_year}",
                each.year_before(),
            )
            for each in periods
        ],
        schema={"period": pl.String, "day": pl.Int64, "length": pl.String, "year_before": pl.String},
        orient="row",
    )


def _last(dated: pl.DataFrame, by: Sequence[str], name: str) -> pl.DataFrame:
    """The periods, with the last one of the same ``by`` that ends before each."""
    earlier = dated.select(*by, "day", pl.col("period").alias(name))
    return dated.join_asof(earlier, on="day", by=by, allow_exact_matches=False, check_sortedness=False)


def _found(rows: pl.DataFrame, figures: pl.DataFrame, period: str, alike: Sequence[Sequence[str]]) -> pl.DataFrame:
    """Period, value and denominator of a figure of the period that a column names, for each row.

    It is the first that has the same as the row in the first of these lists of columns in which any has.
    """
    numbered = figures.with_row_index("figure")
    found: list[pl.Series] = []
    for columns in alike:
        by = [*_SERIES, "period", *columns]
        first = numbered.select(*by, "figure").unique(by, keep="first", maintain_order=True)
        asked = rows.select(*_SERIES, *columns, period=period)
        found.append(asked.join(first, on=by, how="left", maintain_order="left")["figure"])
    figure = rows.select(figure=pl.coalesce(*found))
    return figure.join(numbered.select("figure", *_FOUND), on="figure", how="left", maintain_order="left")
