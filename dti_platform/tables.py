"""The shared tables, as Pandera models: the one source of columns, types, keys and meaning.

Here: the tables that pass between rooms. Not here: what a reader gets (each module of
``publications`` owns its model) nor content checks (``expectations/``). A model's docstring is the
entry of the data dictionary; ``Config.unique`` is its full key, by which it is sorted.

Numbers are Float64 holding a correctly rounded decimal: never NaN, never infinite. Sums are made
in scaled integers by ``methodology``, so a float here is always the nearest to an exact figure.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.codes import (
    BASES,
    CERTAINTIES,
    ERROR_CLASSES,
    EVIDENCE,
    MEASURES,
    MISSING_RULES,
    OBS_STATUSES,
    QUALIFIERS,
    RANK_STATUSES,
)
from dti_platform.periods import PERIOD

if TYPE_CHECKING:
    from pandera import Check


class _NoNumpy(MetaPathFinder):
    """Pandera as where Polars alone is installed: its part for pandas, of no use here, costs half a CPU second."""

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)

    def find_spec(self, fullname: str, *_: object) -> None:
        """Raises ModuleNotFoundError for numpy, as where it is not installed."""
        if fullname == "numpy":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


with _NoNumpy():
    import pandera.polars as pa
    from pandera.engines.polars_engine import Float64, Int32, String

#: A geography is a set of units at one time: which provinces (63 or 34), which ministries, or the country (VN, VN63,
#: MIN22). Which there are stands in ``data/reference/geographies.csv``: another one needs no code.
GEOGRAPHY = r"^[A-Z]{2,}\d*$"

#: A row of a table by column, as Polars gives it: the types of its values are those of the table's model.
Row = Mapping[str, Any]


class Table(pa.DataFrameModel):
    """What every table shares: exact columns in a fixed order, a key, finite numbers."""

    class Config(pa.DataFrameModel.Config):
        """Nothing is coerced: a wrong type is an error, not a repair."""

        strict = True
        ordered = True
        coerce = False

    @pa.dataframe_check(error="a number is NaN or infinite")
    @classmethod
    def numbers_are_finite(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """NaN would rank first and pass every ``>=``: no float of ours is ever NaN or infinite."""
        floats = [name for name, kind in data.lazyframe.collect_schema().items() if kind.is_float()]
        return data.lazyframe.select(
            pl.all_horizontal([pl.col(name).is_finite().fill_null(True) for name in floats] or [pl.lit(True)])
        )


class Observations(Table):
    """One value of one indicator, for one unit, in one period, by one feed and source."""

    feed: String = pa.Field(description="the feed that brought it")
    source: String = pa.Field(description="where it was printed (address), or the sender of a submission")
    period: String = pa.Field(str_matches=PERIOD, description="SDMX-style period")
    geography: String = pa.Field(str_matches=GEOGRAPHY, description="the set of units that the unit belongs to")
    framework: String = pa.Field(nullable=True, description="framework version; null for an operational figure")
    unit: String = pa.Field(description="unit id (VN63-19), or a geography's id for an aggregate of it")
    group: String = pa.Field(nullable=True, description="the ranked group of a ministry in that period")
    node: String = pa.Field(description="node of the framework, or code of an operational indicator")
    measure: String = pa.Field(isin=MEASURES, description="what the value says of the node")
    basis: String = pa.Field(isin=BASES, description="whose figure it is")
    value: Float64 = pa.Field(description="the value, in unit_measure")
    qualifier: String = pa.Field(isin=QUALIFIERS, description="as the source words it")
    unit_measure: String = pa.Field(description="ratio, points, rank, percent, count, or as the source prints it")
    denominator: Float64 = pa.Field(nullable=True, description="the whole of which the value is a part, where printed")
    obs_status: String = pa.Field(isin=OBS_STATUSES, description="SDMX observation status")
    certainty: String = pa.Field(isin=CERTAINTIES, description="how it was read in its source")
    evidence: String = pa.Field(isin=EVIDENCE, description="illustrative: synthetic, or of a made-up list")
    file: String = pa.Field(str_matches=r"^[0-9a-f]{64}$", description="sha256 of the landed file")
    file_name: String = pa.Field(description="the name that it came with")
    locator: String = pa.Field(description="sheet and cell, or line and column, in that file")
    raw: String = pa.Field(description="the cell's text, as received")
    document: String = pa.Field(nullable=True, description="the evidence that the sender names, as received")
    document_number: String = pa.Field(nullable=True, description="number of that document, where it is written")
    document_date: String = pa.Field(
        nullable=True, str_matches=r"^\d{4}-\d{2}-\d{2}$", description="its day (ISO 8601), where it is written"
    )

    class Config(Table.Config):
        """Key: two sources may differ on one figure, one source may not say it twice."""

        unique = ["feed", "source", "period", "unit", "group", "node", "measure", "basis"]


class Quarantine(Table):
    """A cell that could not be read as what its column promises, with its place, reason and remedy."""

    feed: String = pa.Field(description="the feed that brought it")
    file: String = pa.Field(str_matches=r"^[0-9a-f]{64}$", description="sha256 of the landed file")
    file_name: String = pa.Field(description="the name that it came with")
    locator: String = pa.Field(description="sheet and cell, or line and column, in that file")
    period: String = pa.Field(description="the period of the submission")
    unit: String = pa.Field(nullable=True, description="unit id, where the row names one")
    node: String = pa.Field(nullable=True, description="node, where the row names one")
    raw: String = pa.Field(description="the cell's text, as received")
    error_class: String = pa.Field(isin=ERROR_CLASSES, description="as in Eurostat's structural validation")
    reason: String = pa.Field(str_matches=r"^[a-z_]+$", description="a stable code, such as unknown_unit")
    reason_vi: String = pa.Field(description="the reason in Vietnamese")
    reason_en: String = pa.Field(description="the reason in English")
    mend_vi: String = pa.Field(description="how to fix it, in Vietnamese")
    mend_en: String = pa.Field(description="how to fix it, in English")

    class Config(Table.Config):
        """Key: one cell may break more than one rule."""

        unique = ["feed", "file", "locator", "reason"]


class Submissions(Table):
    """Cell accounting of every received file: read = accepted + quarantined + blank + header + note + total."""

    feed: String = pa.Field(description="the feed that brought it")
    file: String = pa.Field(str_matches=r"^[0-9a-f]{64}$", description="sha256 of the landed file")
    file_name: String = pa.Field(description="the name that it came with")
    sender: String = pa.Field(nullable=True, description="unit id of the sender, where the feed has one")
    period: String = pa.Field(str_matches=PERIOD, description="SDMX-style period")
    framework: String = pa.Field(nullable=True, description="framework version that the file names")
    evidence: String = pa.Field(isin=EVIDENCE, description="illustrative: rests on synthetic or made-up input")
    status: String = pa.Field(
        isin=("accepted", "accepted_in_part", "refused"), description="whole, in part, or nothing of it"
    )
    reason: String = pa.Field(
        nullable=True, description="why it was refused, or what is to be said of it: printed totals that differ"
    )
    cells: Int32 = pa.Field(ge=0, description="cells that hold something, plus declared blanks")
    accepted: Int32 = pa.Field(ge=0, description="cells read into observations")
    quarantined: Int32 = pa.Field(ge=0, description="cells held back, each with its reason")
    blank: Int32 = pa.Field(ge=0, description="cells that were to be filled and are empty")
    header: Int32 = pa.Field(ge=0, description="cells of headers")
    note: Int32 = pa.Field(ge=0, description="cells of notes and names")
    total: Int32 = pa.Field(ge=0, description="cells of printed totals: compared, never trusted")

    class Config(Table.Config):
        """Key: one file counts once for one feed and period."""

        unique = ["feed", "file", "period"]

    @pa.dataframe_check(error="cells read are not accepted + quarantined + blank + header + note + total")
    @classmethod
    def no_cell_vanishes(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Promise P8: every cell of a file that was read has one fate."""
        fates = pl.sum_horizontal("accepted", "quarantined", "blank", "header", "note", "total")
        return data.lazyframe.select((pl.col("status") == "refused") | (fates == pl.col("cells")))


class _NodeFigures(Table):
    """What every figure at a node is known by."""

    period: String = pa.Field(str_matches=PERIOD, description="SDMX-style period")
    framework: String = pa.Field(description="framework version")
    geography: String = pa.Field(str_matches=GEOGRAPHY, description="the set of units that are compared")
    unit: String = pa.Field(description="unit id")
    group: String = pa.Field(nullable=True, description="the ranked group of a ministry")
    node: String = pa.Field(description="node of the framework")
    basis: String = pa.Field(isin=BASES, description="whose figure it is")


class Scores(_NodeFigures):
    """Every unit at every node of a framework in force: points, maximum, score, by basis and source."""

    source: String = pa.Field(description="the source whose parts it rests on; sources are never mixed")
    points: Float64 = pa.Field(nullable=True, description="points earned; null: not known")
    max_points: Float64 = pa.Field(nullable=True, gt=0, description="the maximum; null: not public")
    score: Float64 = pa.Field(nullable=True, ge=0, le=1, description="points / max_points, as the framework rounds")
    missing: Int32 = pa.Field(ge=0, description="parts below the node that have no value")
    missing_rule: String = pa.Field(isin=MISSING_RULES, description="what the framework does with them")
    obs_status: String = pa.Field(isin=OBS_STATUSES, description="SDMX observation status")
    evidence: String = pa.Field(isin=EVIDENCE, description="illustrative: rests on synthetic or made-up input")

    class Config(Table.Config):
        """Key: one score for a unit at a node, by basis and source."""

        unique = ["period", "framework", "geography", "unit", "group", "node", "basis", "source"]


class Rankings(_NodeFigures):
    """The place of every unit among its peers at every node; as printed, or ours by the framework's tie rule."""

    source: String = pa.Field(description="where it was printed, or whose parts it rests on")
    score: Float64 = pa.Field(nullable=True, ge=0, le=1, description="0 to 1, as the framework rounds")
    rank: Int32 = pa.Field(nullable=True, ge=1, description="1 is best; null: withheld")
    rank_status: String = pa.Field(isin=RANK_STATUSES, description="as printed, or how many peers ours covers")
    ranked: Int32 = pa.Field(ge=0, description="peers that have a score (or a printed rank)")
    peers: Int32 = pa.Field(
        nullable=True, ge=1, description="units that the ranking is meant to cover; null: their number is not public"
    )
    evidence: String = pa.Field(isin=EVIDENCE, description="illustrative: rests on synthetic or made-up input")

    class Config(Table.Config):
        """Key: one place for a unit at a node, by basis and source."""

        unique = ["period", "framework", "geography", "unit", "group", "node", "basis", "source"]

    @pa.dataframe_check(error="a withheld ranking shows a rank, or a complete one lacks it")
    @classmethod
    def status_agrees_with_rank(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Fewer than nine in ten peers scored: no computed rank at all."""
        status, rank = pl.col("rank_status"), pl.col("rank")
        return data.lazyframe.select(
            pl.when(status == "withheld")
            .then(rank.is_null())
            .when(status == "complete")
            .then(rank.is_not_null())
            .otherwise(True)
        )


TABLES: dict[str, type[Table]] = {
    "observations": Observations,
    "quarantine": Quarantine,
    "submissions": Submissions,
    "scores": Scores,
    "rankings": Rankings,
}


def row_contract(model: type[Table]) -> pl.Expr:
    """Whether a row, by itself, holds what a model says of each column: no null, a pattern, one of some values.

    Raises TypeError where the model says something else of a column.
    """
    columns = model.to_schema().columns
    filled = [pl.col(name).is_not_null() for name, column in columns.items() if not column.nullable]
    checks = [_holds(name, check) for name, column in columns.items() for check in column.checks]
    finite = [pl.col(name).is_finite() for name, kind in polars_schema(model).items() if kind.is_float()]
    return pl.all_horizontal(each.fill_null(value=True) for each in (*filled, *checks, *finite))


def _holds(column: str, check: Check) -> pl.Expr:
    match check.name, check.statistics:
        case "isin", {"allowed_values": values}:
            return pl.col(column).is_in(list(values))
        case "str_matches", {"pattern": pattern}:
            return pl.col(column).str.contains(pattern)
        case _:
            raise TypeError(f"column {column}: the door can't ask {check.name}; add it to tables._holds")


def key(model: type[Table]) -> list[str]:
    """The full key of a table, in sort order."""
    return list(model.to_schema().unique or [])


def polars_schema(model: type[Table]) -> dict[str, pl.DataType]:
    """Column names and Polars types, in order."""
    return {name: column.dtype.type for name, column in model.to_schema().columns.items()}


def empty(model: type[Table]) -> pl.DataFrame:
    """A frame of no rows that meets the contract's types: what a period without input gets."""
    return pl.DataFrame(schema=polars_schema(model))
