"""Places within smaller circles of one ranking: a region, the centrally-run cities; and what a unit was made of.

Here: places that follow from the ranks of the whole. A circle of which one member has no rank has no places: the
first of those that are known need not be the first. Not here: ranking (``methodology``).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.methodology import year_of

if TYPE_CHECKING:
    from dti_platform.units import Units

__all__ = ["with_circles", "with_predecessors"]

CITY = "centrally_run_city"
_RANKING = ("period", "framework", "geography", "basis")


def with_circles(places: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Adds rank_in_region and rank_among_cities to whole rankings (every peer has a row in each)."""
    return places.with_columns(city=_city(places, units)).with_columns(
        rank_in_region=pl.when(pl.col("region").is_not_null()).then(_place(*_RANKING, "region")),
        rank_among_cities=pl.when("city").then(_place(*_RANKING, "city")),
    )


def _place(*circle: str) -> pl.Expr:
    """Competition rank of the rank within the circle, where every member of it has one."""
    rank = pl.col("rank")
    return pl.when(rank.is_not_null().all().over(circle)).then(rank.rank("min").over(circle).cast(pl.Int32))


def _city(places: pl.DataFrame, units: Units) -> pl.Series:
    """Whether each unit was a centrally-run city at the end of the year that was measured."""
    pairs = places.select("unit", "period").unique().rows()
    found = [(unit, period, _kind(units, unit, period) == CITY) for unit, period in pairs]
    schema = {"unit": pl.String, "period": pl.String, "city": pl.Boolean}
    known = pl.DataFrame(found, schema=schema, orient="row")
    return places.join(known, on=["unit", "period"], how="left", maintain_order="left")["city"]


def _kind(units: Units, unit: str, period: str) -> str:
    """The kind of a unit in the form in which it stood then; of a unit that was yet to come, in its first form."""
    day = date(int(year_of(period)), 12, 31)
    forms = units.spans[unit]
    return next((form.kind for form in forms if form.stands_on(day)), forms[0].kind)


def with_predecessors(places: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Adds predecessors: the ids of the units that each was made of, by spaces; null where it was made of none."""
    made = {unit: " ".join(units.predecessors(unit)) or None for unit in places["unit"].unique()}
    known = pl.DataFrame(list(made.items()), schema={"unit": pl.String, "predecessors": pl.String}, orient="row")
    return places.join(known, on="unit", how="left", maintain_order="left")
