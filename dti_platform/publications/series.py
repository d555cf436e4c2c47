"""Series of operational figures: a value against its plan and against the value before.

Here: what ``national_scorecard`` and ``provincial_scorecard`` share. These figures are reported, not scored: they are
no part of the index. Two sources are two rows, and two indicators are two series, never mixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict, cast

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, String

from dti_platform import tables
from dti_platform.periods import PERIOD, previous
from dti_platform.publications.naming import indicator_frame

if TYPE_CHECKING:
    from dti_platform.units import Units

_ROW = ["indicator", "geography", "unit", "period", "source"]
#: Figures, plans and gaps are held to six decimals.
_MILLIONTH = 1e-6
_EARLIER = {
    "previous_period": pl.String,
    "previous_value": pl.Float64,
    "repeated_period": pl.String,
    "repeats_previous": pl.Boolean,
    "previous_denominator": pl.Float64,
    "denominator_changed": pl.Boolean,
}


class _Reported(TypedDict):
    """A row of the reported figures, as far as it is compared with those before it."""

    indicator: str
    unit: str
    unit_measure: str
    period: str
    source: str
    value: float | None
    denominator: float | None


class Scorecard(tables.Table):
    """What every scorecard has."""

    indicator: String
    indicator_name_vi: String
    indicator_name_en: String
    period: String = pa.Field(str_matches=PERIOD)
    source: String
    value: Float64 = pa.Field(nullable=True)
    qualifier: String = tables.coded("qualifier", nullable=True)
    unit_measure: String
    denominator: Float64 = pa.Field(nullable=True)
    plan: Float64 = pa.Field(nullable=True)
    plan_source: String = pa.Field(nullable=True)
    gap: Float64 = pa.Field(nullable=True)
    previous_period: String = pa.Field(nullable=True)
    previous_value: Float64 = pa.Field(nullable=True)
    repeats_previous: Bool = pa.Field(nullable=True)
    repeated_period: String = pa.Field(nullable=True)
    denominator_changed: Bool = pa.Field(nullable=True)
    previous_denominator: Float64 = pa.Field(nullable=True)
    certainty: String = tables.coded("certainty")
    obs_status: String = tables.coded("obs_status")
    evidence: String = tables.coded("evidence")

    @pa.dataframe_check(error="the gap is not value - plan")
    @classmethod
    def gap_is_value_less_plan(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The gap stands wherever both figures do."""
        both = pl.col("value").is_not_null() & pl.col("plan").is_not_null()
        right = ((pl.col("value") - pl.col("plan") - pl.col("gap")).abs() < _MILLIONTH).fill_null(value=False)
        return data.lazyframe.select(pl.when(both).then(right).otherwise(pl.col("gap").is_null()))

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

    @pa.dataframe_check(error="a repeat without the period it repeats, or a period without a repeat")
    @classmethod
    def repeat_names_its_period(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A flag can be followed to what it flags."""
        repeats = pl.col("repeats_previous").fill_null(value=False)
        return data.lazyframe.select(repeats == pl.col("repeated_period").is_not_null())

    @pa.dataframe_check(error="a denominator is flagged wrongly")
    @classmethod
    def denominator_flag_is_right(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Flagged exactly where both wholes are known and differ."""
        differs = pl.col("denominator") != pl.col("previous_denominator")
        return data.lazyframe.select(pl.col("denominator_changed").eq_missing(differs))


def scorecard(observations: pl.DataFrame, before: pl.DataFrame, units: Units, *, national: bool) -> pl.DataFrame:
    """The reported figures of a year, of the country or of provinces, with plan, gap and the figure before.

    The figure before is sought in this year and the year before.
    """
    now, earlier = (_figures(frame, units, national=national) for frame in (observations, before))
    series: dict[tuple[str, ...], list[_Reported]] = {}
    for row in (*_rows(earlier), *_rows(now)):
        series.setdefault(_series(row), []).append(row)
    earlier_figures = [_before(row, series[_series(row)]) for row in _rows(now)]
    named = now.join(indicator_frame(units), on="indicator", how="left", maintain_order="left")
    return pl.concat([named, pl.DataFrame(earlier_figures, schema=_EARLIER, orient="row")], how="horizontal")


def _figures(observations: pl.DataFrame, units: Units, *, national: bool) -> pl.DataFrame:
    """One row for an indicator, unit, period and source: value and plan side by side."""
    countries = [unit.id for unit in units.all.values() if unit.level == "national"]
    reported = observations.filter(pl.col("basis") == "reported", pl.col("unit").is_in(countries) == national).rename(
        {"node": "indicator"}
    )
    context = ["unit_measure", "certainty", "obs_status", "evidence"]
    values = reported.filter(pl.col("measure") == "value").select(*_ROW, "value", "qualifier", "denominator", *context)
    plans = reported.filter(pl.col("measure") == "plan").select(*_ROW, *context, plan="value", plan_source="document")
    both = values.join(plans, on=_ROW, how="full", coalesce=True, suffix="_of_plan")
    missing = pl.when(pl.col("value").is_null()).then(pl.lit("L")).otherwise("obs_status")
    return both.select(
        *_ROW, "value", "qualifier", "denominator", "plan", "plan_source",
        *(pl.coalesce(name, f"{name}_of_plan") for name in context if name != "obs_status"),
        obs_status=missing,
        gap=(pl.col("value") - pl.col("plan")).round(6),
    ).sort(_ROW)  # fmt: skip


def _rows(figures: pl.DataFrame) -> Iterator[_Reported]:
    return cast("Iterator[_Reported]", figures.iter_rows(named=True))


def _series(row: _Reported) -> tuple[str, ...]:
    """What a figure may be compared within: a value in another unit of measure is another series."""
    return row["indicator"], row["unit"], row["unit_measure"]


def _before(row: _Reported, series: list[_Reported]) -> tuple[object, ...]:
    """The columns of ``_EARLIER`` for one figure, from all figures of its series."""
    if row["value"] is None:
        return (None,) * len(_EARLIER)
    comparable = _last(row, series, alike=True)
    report = _last(row, series, alike=False)
    repeats = None if report is None else any(each["value"] == row["value"] for each in _of(report["period"], series))
    whole_before = comparable and comparable["denominator"]
    changed = None if whole_before is None or row["denominator"] is None else whole_before != row["denominator"]
    return (
        comparable and comparable["period"],
        comparable and comparable["value"],
        report["period"] if report and repeats else None,
        repeats,
        whole_before,
        changed,
    )


def _last(row: _Reported, series: list[_Reported], *, alike: bool) -> _Reported | None:
    """The figure of the last period before; of the same source if that has one, else the first by source."""
    known = {each["period"] for each in series if each["value"] is not None}
    period = previous(row["period"], known, comparable=alike)
    reported = [row_before for row_before in _of(period, series) if row_before["value"] is not None]
    return min(reported, key=lambda each: (each["source"] != row["source"], each["source"]), default=None)


def _of(period: str | None, series: list[_Reported]) -> Iterator[_Reported]:
    return (each for each in series if each["period"] == period)
