"""The shared tables, as Pandera models: the one source of columns, types, keys and rules.

Here: the tables that pass between rooms. Not here: what a reader gets (each module of
``publications`` owns its model), what a column means (``columns``), nor content checks (``expectations/``).
A model's docstring is the entry of the data dictionary; ``Config.unique`` is its full key, by which it is sorted.

Numbers are Float64 holding a correctly rounded decimal: never NaN, never infinite. Sums are made
in scaled integers by ``methodology``, so a float here is always the nearest to an exact figure.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from functools import cache
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.codes import LISTS
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


def coded(codes: str, *, only: Collection[str] = (), nullable: bool = False) -> Any:
    """A column that holds codes of a list of ``codes.toml``, or some of them alone.

    Raises KeyError for a list that is not there.
    """
    return pa.Field(isin=tuple(only) or LISTS[codes].values, nullable=nullable, metadata={"codes": codes})


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

    feed: String
    source: String
    period: String = pa.Field(str_matches=PERIOD)
    geography: String = pa.Field(str_matches=GEOGRAPHY)
    framework: String = pa.Field(nullable=True)
    unit: String
    peer_group: String = pa.Field(nullable=True)
    node: String
    measure: String = coded("measure")
    basis: String = coded("basis")
    value: Float64
    qualifier: String = coded("qualifier")
    unit_measure: String = coded("unit_measure")
    denominator: Float64 = pa.Field(nullable=True)
    obs_status: String = coded("obs_status")
    certainty: String = coded("certainty")
    evidence: String = coded("evidence")
    file: String = pa.Field(str_matches=r"^[0-9a-f]{64}$")
    file_name: String
    locator: String
    raw: String
    document: String = pa.Field(nullable=True)
    document_number: String = pa.Field(nullable=True)
    document_date: String = pa.Field(nullable=True, str_matches=r"^\d{4}-\d{2}-\d{2}$")
    plan_period: String = pa.Field(nullable=True, str_matches=PERIOD)
    source_class: String = coded("source_class", nullable=True)

    class Config(Table.Config):
        """Key: two sources may differ on one figure, one source may not say it twice."""

        unique = ["feed", "source", "period", "unit", "peer_group", "node", "measure", "basis"]

    @pa.dataframe_check(error="a figure of the index that its quoter worked out is published, or a printed one derived")
    @classmethod
    def published_is_as_printed(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What is computed from printed figures never passes for one of them."""
        return data.lazyframe.select(worked_out() == (pl.col("basis") == "derived"))


class Quarantine(Table):
    """A cell that could not be read as what its column promises, with its place, reason and remedy."""

    feed: String
    file: String = pa.Field(str_matches=r"^[0-9a-f]{64}$")
    file_name: String
    locator: String
    period: String
    unit: String = pa.Field(nullable=True)
    node: String = pa.Field(nullable=True)
    raw: String
    error_class: String = coded("error_class")
    reason: String = pa.Field(str_matches=r"^[a-z_]+$")
    reason_vi: String
    reason_en: String
    mend_vi: String
    mend_en: String

    class Config(Table.Config):
        """Key: one cell may break more than one rule."""

        unique = ["feed", "file", "locator", "reason"]


class Submissions(Table):
    """Cell accounting of every received file: read = accepted + quarantined + blank + header + note + total."""

    feed: String
    file: String = pa.Field(str_matches=r"^[0-9a-f]{64}$")
    file_name: String
    sender: String = pa.Field(nullable=True)
    period: String = pa.Field(str_matches=PERIOD)
    framework: String = pa.Field(nullable=True)
    evidence: String = coded("evidence")
    status: String = coded("submission_status")
    reason: String = pa.Field(nullable=True)
    cells: Int32 = pa.Field(ge=0)
    accepted: Int32 = pa.Field(ge=0)
    quarantined: Int32 = pa.Field(ge=0)
    blank: Int32 = pa.Field(ge=0)
    header: Int32 = pa.Field(ge=0)
    note: Int32 = pa.Field(ge=0)
    total: Int32 = pa.Field(ge=0)

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

    period: String = pa.Field(str_matches=PERIOD)
    framework: String
    geography: String = pa.Field(str_matches=GEOGRAPHY)
    unit: String
    peer_group: String = pa.Field(nullable=True)
    node: String
    basis: String = coded("basis")


class Scores(_NodeFigures):
    """Every unit at every node of a framework in force: points, maximum, score, by basis and source."""

    source: String
    points: Float64 = pa.Field(nullable=True)
    points_low: Float64 = pa.Field(nullable=True, ge=0)
    points_high: Float64 = pa.Field(nullable=True, ge=0)
    max_points: Float64 = pa.Field(nullable=True, gt=0)
    score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    missing: Int32 = pa.Field(ge=0)
    missing_rule: String = coded("missing_rule")
    obs_status: String = coded("obs_status")
    evidence: String = coded("evidence")

    class Config(Table.Config):
        """Key: one score for a unit at a node, by basis and source."""

        unique = ["period", "framework", "geography", "unit", "peer_group", "node", "basis", "source"]


class Rankings(_NodeFigures):
    """The place of every unit among its peers at every node; as printed, or ours by the framework's tie rule."""

    source: String
    score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank: Int32 = pa.Field(nullable=True, ge=1)
    rank_best: Int32 = pa.Field(nullable=True, ge=1)
    rank_worst: Int32 = pa.Field(nullable=True, ge=1)
    rank_status: String = coded("rank_status")
    ranked: Int32 = pa.Field(ge=0)
    peers: Int32 = pa.Field(nullable=True, ge=1)
    evidence: String = coded("evidence")

    class Config(Table.Config):
        """Key: one place for a unit at a node, by basis and source."""

        unique = ["period", "framework", "geography", "unit", "peer_group", "node", "basis", "source"]

    @pa.dataframe_check(error="a withheld ranking shows a rank, or a complete one lacks it")
    @classmethod
    def status_agrees_with_rank(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Fewer peers scored than the framework asks for: no computed rank at all."""
        status, rank = pl.col("rank_status"), pl.col("rank")
        return data.lazyframe.select(
            pl.when(status == "withheld")
            .then(rank.is_null())
            .when(status == "complete")
            .then(rank.is_not_null())
            .otherwise(True)
        )

    @pa.dataframe_check(error="a rank outside its bounds, or bounds outside the peers")
    @classmethod
    def bounds_hold_the_rank(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Whatever was rounded or is missing, a rank is possible, if not among all peers then among those ranked."""
        return data.lazyframe.select(bounded_rank())


def bounded_rank() -> pl.Expr:
    """Whether rank_best <= rank <= rank_worst <= peers, as far as each is known.

    A provisional rank is one among the ``ranked`` peers, the bounds are among all: peers without a score that are
    certain to stand above put ``rank_best`` below the rank, by as many places as there are such peers at most.
    """
    best, rank, worst, peers = (pl.col(name) for name in ("rank_best", "rank", "rank_worst", "peers"))
    without_score = peers - pl.col("ranked")
    pairs = ((best, rank + without_score), (rank, worst), (best, worst), (worst, peers))
    return pl.all_horizontal((one <= other).fill_null(value=True) for one, other in pairs)


TABLES: dict[str, type[Table]] = {
    "observations": Observations,
    "quarantine": Quarantine,
    "submissions": Submissions,
    "scores": Scores,
    "rankings": Rankings,
}


def worked_out() -> pl.Expr:
    """Whether an observation is a figure of the index that whoever quotes it computed from what is printed."""
    return (pl.col("certainty") == "computed") & pl.col("framework").is_not_null()


@cache
def row_contract(model: type[Table]) -> pl.Expr:
    """Whether a row, by itself, holds what a model says of each column: no null, a pattern, one of some values.

    Raises TypeError where the model says something else of a column.
    """
    return pl.all_horizontal(*column_contracts(model).values())


def column_contracts(model: type[Table]) -> Mapping[str, pl.Expr]:
    """The same of each column by itself, by name.

    Raises TypeError where the model says something else of a column.
    """
    schema, contracts = polars_schema(model), dict[str, pl.Expr]()
    for name, column in model.to_schema().columns.items():
        filled = [] if column.nullable else [pl.col(name).is_not_null()]
        finite = [pl.col(name).is_finite()] if schema[name].is_float() else []
        checks = [_holds(name, check) for check in column.checks]
        contracts[name] = pl.all_horizontal(pl.lit(value=True), *filled, *checks, *finite).fill_null(value=True)
    return contracts


def _holds(column: str, check: Check) -> pl.Expr:
    match check.name, check.statistics:
        case "isin", {"allowed_values": values}:
            return pl.col(column).is_in(list(values))
        case "str_matches", {"pattern": pattern}:
            return pl.col(column).str.contains(pattern)
        case "greater_than_or_equal_to", {"min_value": least}:
            return pl.col(column) >= least
        case "greater_than", {"min_value": below}:
            return pl.col(column) > below
        case "less_than_or_equal_to", {"max_value": most}:
            return pl.col(column) <= most
        case _:
            raise TypeError(f"column {column}: {check.name} can't be asked row by row; add it to tables._holds")


def meets(model: type[Table], frame: pl.DataFrame) -> bool:
    """Whether all that a model says is known to hold of a frame; else it is for Pandera to say what does not.

    The same rules from the same model in one query, in a tenth of the time that Pandera takes for few rows. What a
    model says in another way than our tables do (a coerced or optional column, a check of single elements) is not asked
    here, and so not known to hold.
    """
    schema, rule = model.to_schema(), _known_rule(model)
    if rule is None or [*frame.schema.items()] != [*polars_schema(model).items()]:
        return False
    data = pa.PolarsData(frame.lazy(), "*")
    of_frame = [getattr(model, str(check.name))(data) for check in schema.checks or ()]
    once = [data.lazyframe.select(pl.struct(schema.unique).is_unique())] if schema.unique else []
    asked = [each.select(pl.all_horizontal(pl.all().fill_null(value=True)).all()) for each in (*of_frame, *once)]
    return all(each.item() for each in pl.collect_all([data.lazyframe.select(rule.all()), *asked]))


@cache
def _known_rule(model: type[Table]) -> pl.Expr | None:
    """Its row contract; None where it says anything else than columns, a key and checks of whole frames."""
    schema = model.to_schema()
    plain = not any(each.coerce or each.regex or each.unique or not each.required for each in schema.columns.values())
    of_frame = schema.checks or ()
    whole = all(check.ignore_na and not check.element_wise and hasattr(model, str(check.name)) for check in of_frame)
    try:
        return row_contract(model) if plain and whole and schema.strict and schema.ordered else None
    except TypeError:
        return None


def key(model: type[Table]) -> list[str]:
    """The full key of a table, in sort order."""
    return list(model.to_schema().unique or [])


def polars_schema(model: type[Table]) -> dict[str, pl.DataType]:
    """Column names and Polars types, in order."""
    return {name: column.dtype.type for name, column in model.to_schema().columns.items()}


def empty(model: type[Table]) -> pl.DataFrame:
    """A frame of no rows that meets the contract's types: what a period without input gets."""
    return _empty(model).clone()


@cache
def _empty(model: type[Table]) -> pl.DataFrame:
    return pl.DataFrame(schema=polars_schema(model))
