"""Counting what came: values received, accepted and quarantined, by period, framework, unit and feed.

Here: the rows of ``coverage``, with those units of which nothing came. Not here: what follows from a gap
(``shortfall``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units

__all__ = ["ROW", "counts"]

ROW = ["period", "geography", "framework", "unit", "feed"]
_FEED = ["period", "geography", "framework", "feed"]


def counts(year: int, inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """ROW, received, accepted, quarantined, evidence: one row for a unit and feed, and period or framework."""
    accepted = _accepted(inputs["observations"])
    held = _quarantined(year, inputs, units, frameworks)
    both = pl.concat([accepted, held, _everyone(pl.concat([accepted, held], how="diagonal"), units)], how="diagonal")
    counted = both.group_by(ROW).agg(
        pl.col("accepted", "quarantined").sum(), illustrative=pl.col("illustrative").any().fill_null(value=False)
    )
    return counted.with_columns(
        received=pl.col("accepted") + pl.col("quarantined"),
        evidence=pl.when("illustrative").then(pl.lit("illustrative")).otherwise(pl.lit("official")),
    )


def _accepted(observations: pl.DataFrame) -> pl.DataFrame:
    return observations.group_by(ROW).agg(
        accepted=pl.len().cast(pl.Int32), illustrative=(pl.col("evidence") == "illustrative").any()
    )


def _quarantined(year: int, inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Cells held back, by their unit where it was read; the framework is that of the feed, in force for the unit.

    A cell that breaks two rules counts once.
    """
    place = {unit.id: unit.geography for unit in units.all.values()}
    cells = inputs["quarantine"].unique(["feed", "file", "locator"], keep="first", maintain_order=True)
    known = cells.with_columns(geography=pl.col("unit").replace_strict(place, default=None, return_dtype=pl.String))
    of_index = inputs["observations"].filter(pl.col("framework").is_not_null())
    versions = [(name, held.version) for name in place.values() if (held := frameworks.for_period(year, name))]
    in_force = pl.DataFrame(versions, schema={"geography": pl.String, "framework": pl.String}, orient="row").unique()
    scored = pl.col("feed").is_in(of_index["feed"].unique().to_list())
    return (
        known.join(in_force, on="geography", how="left")
        .with_columns(
            framework=pl.when(scored).then("framework"),
            period=pl.when(scored & pl.col("unit").is_not_null()).then(pl.lit(str(year))).otherwise("period"),
        )
        .group_by(ROW)
        .agg(quarantined=pl.len().cast(pl.Int32))
    )


def _everyone(counted: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Every unit of a geography, for each feed of its index that brought anything."""
    members = [(geography, unit) for geography, ids in units.geographies.items() for unit in ids]
    peers = pl.DataFrame(members, schema={"geography": pl.String, "unit": pl.String}, orient="row")
    feeds = counted.filter(pl.col("framework").is_not_null()).select(_FEED).unique()
    return feeds.join(peers, on="geography").select(
        *ROW, accepted=pl.lit(0, pl.Int32), quarantined=pl.lit(0, pl.Int32), illustrative=pl.lit(value=False)
    )
