"""The points that count: where both raw figures of a share are given, those that follow from them, not the self score.

Here: the points of a unit's raw figures, and figures with these points in place of the self scores beside them.
Not here: the rule that gives the points (``methodology.rules``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dti_platform.feeds.sheet.declaration import RAW
from dti_platform.methodology.exact import as_decimal
from dti_platform.methodology.rules import worked_out

if TYPE_CHECKING:
    from dti_platform.methodology import Framework

_SELF = pl.col("basis") == "self"
_NODE = ["unit", "node"]


def computed_points(observations: pl.DataFrame, framework: Framework | None) -> pl.DataFrame:
    """Unit, node and ``computed`` points of each share of which both raw figures are given; empty without framework."""
    raw = observations.filter(_SELF, pl.col("measure").is_in(RAW))
    if framework is None or raw.is_empty():
        return observations.select(*_NODE, computed="value").clear()
    return worked_out(raw, framework, ("unit",)).select(*_NODE, computed=as_decimal(pl.col("points")))


def with_computed_points(observations: pl.DataFrame, framework: Framework | None) -> pl.DataFrame:
    """The figures of a unit's sheet, with computed points as its self scores."""
    computed = computed_points(observations, framework)
    if computed.is_empty():
        return observations
    points = _SELF & (pl.col("measure") == "points")
    scores = observations.filter(points).join(computed, on=_NODE)
    numerators = observations.filter(_SELF, pl.col("measure") == RAW[0]).join(computed, on=_NODE)
    alone = numerators.join(scores, on=_NODE, how="anti").with_columns(measure=pl.lit("points"))
    given = pl.concat([scores, alone]).with_columns(value="computed", unit_measure=pl.lit("points"))
    others = observations.join(observations.filter(points).join(given, on=_NODE, how="semi"), on="locator", how="anti")
    return pl.concat([others, given.select(observations.columns).cast(observations.schema)])


def complete_shares(observations: pl.DataFrame) -> pl.DataFrame:
    """Period, unit and node of each share of which both raw figures are given."""
    raw = observations.filter(_SELF, pl.col("measure").is_in(RAW)).group_by("period", *_NODE, maintain_order=True)
    return raw.agg(pl.col("measure").n_unique()).filter(pl.col("measure") == len(RAW)).drop("measure")
