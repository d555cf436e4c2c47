"""Two releases of 2022 that differ in a few cells: the committed feeds, and the same with some observations changed."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from dti_platform import methodology, publications
from dti_platform.publications import Announced, revisions
from tests.publications.flow import known, published, shared

YEAR = 2022
CORRECTION = Announced(2, "correction", "a sum was read twice")


def cell(unit: str, node: str, basis: str, measure: str) -> pl.Expr:
    """The observations of a unit at a node."""
    wanted = {"unit": unit, "node": node, "basis": basis, "measure": measure}
    return pl.all_horizontal(pl.col(name) == value for name, value in wanted.items())


def first() -> Mapping[str, pl.DataFrame]:
    """Released tables of the committed feeds, before any revision."""
    return {name: published(name, YEAR) for name in revisions.INPUTS} | {"revisions": publications.empty("revisions")}


def second(observations: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """The same tables from other observations."""
    inputs = shared(YEAR) | {"observations": observations}
    inputs["scores"] = methodology.score_year(YEAR, observations, *known())
    inputs["rankings"] = methodology.rank_year(YEAR, inputs["scores"], observations, *known())
    modules = publications.discover()
    return {name: modules[name].build(YEAR, inputs, shared(YEAR - 1), *known()) for name in revisions.INPUTS}


def put(where: pl.Expr, value: float) -> pl.DataFrame:
    """The committed observations with another value in some rows."""
    observations = shared(YEAR)["observations"]
    assert observations.filter(where).height
    return observations.with_columns(value=pl.when(where).then(pl.lit(value)).otherwise("value"))


#: An indicator of Thái Nguyên that 922 scores under digital-government activity.
INDICATOR = cell("VN63-19", "7.1", "verified", "points")
PRINTED = cell("VN63-22", "8", "published", "score")


@cache
def lowered() -> Mapping[str, pl.DataFrame]:
    """The same tables after that indicator alone was corrected."""
    return second(put(INDICATOR, 0.0))


@cache
def corrected() -> pl.DataFrame:
    """The revisions table after one verified cell and one printed cell were corrected."""
    observations = put(INDICATOR, 0.0).with_columns(value=pl.when(PRINTED).then(pl.lit(0.5)).otherwise("value"))
    return revisions.changed(CORRECTION, first(), second(observations))
