"""Contracts: a table's Pandera model, held on collected rows before anything is written.

Here: sorting by the full key, validating, and saying which rows break which rule. Not here: the rules
(``tables`` and each module of ``publications`` declare them) nor what a value should be (``expectations/``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, cast

import polars as pl

if TYPE_CHECKING:
    from pandera.errors import SchemaErrors

    from dti_platform.tables import Table

#: How many failing rows travel with an error or a result.
SHOWN = 20
#: The columns that say whose a row is.
_WHOSE = ("period", "geography", "unit", "node", "basis")
#: By name of the model and content, frames that met it, in this process or in one of the same code and packages: all,
#: and those of the run at work (``recall_contracts``). In both those asked about longest ago go first.
_met: dict[str, None] = {}
_of_run: dict[str, None] = {}
MOST_MET = 1_000
#: Rows of years that are held to a contract together, where they need not be all.
MOST_ROWS = 30_000
#: Rows that are hashed at a time.
_ROWS = 16_384


class ContractBroken(ValueError):
    """A table is not what its model promises; nothing of it may be written.

    Attributes:
        table: the table, as the caller names it.
        faults: one row per broken rule: ``column`` (null: the whole row), ``rule``, ``rows`` (how many), ``example``.
        rows: up to 20 failing rows of the table, behind a column ``broken`` that names the rule.
    """

    def __init__(self, table: str, faults: pl.DataFrame, rows: pl.DataFrame) -> None:
        self.table, self.faults, self.rows = table, faults, rows
        said = [*map(_sentence, faults.to_dicts()), *_first_row(rows)]
        super().__init__(f"{table} breaks its contract: {'; '.join(said)}")


def contract(table: str, model: type[Table], frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """The frame, collected and sorted by its full key, if it meets its model.

    Raises:
        ContractBroken: columns, types, nullability, key, ranges or a rule of the model do not hold.
    """
    ordered = _by_key(model, frame.lazy().collect())
    if (asked := _of(model, ordered)) not in _met:
        _hold(table, model, ordered)
    _meets(asked)
    return ordered


def recall_contracts(frames: Iterable[str]) -> None:
    """Holds frames to their models no more: those that a run before had (``contracts_met``), of the same code."""
    _of_run.clear()
    for each in frames:
        _meets(each)


def contracts_met() -> list[str]:
    """The frames that meet their models, of all asked about since some were recalled, and these."""
    return [*_of_run]


def _meets(frame: str) -> None:
    for known in (_met, _of_run):
        known.pop(frame, None)
        known[frame] = None
        while len(known) > MOST_MET:
            del known[next(iter(known))]


def _of(model: type[Table], frame: pl.DataFrame) -> str:
    """A frame as it is held to a model, by name."""
    return fingerprint(frame, f"{model.__module__}.{model.__qualname__}".encode()).hex()


def _hold(table: str, model: type[Table], frame: pl.DataFrame) -> None:
    from dti_platform.tables import meets

    if meets(model, frame):
        return
    from pandera.config import ValidationDepth, config_context
    from pandera.errors import SchemaErrors

    try:
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            model.validate(frame, lazy=True)
    except SchemaErrors as errors:
        raise _broken(table, frame, errors) from errors


def fingerprint(frame: pl.DataFrame, before: bytes = b"") -> bytes:
    """The sha256 of some bytes and a frame's columns, types and values, however it lies in memory.

    As Parquet, which leaves out what lies under a null; in Arrow IPC equal frames differ by it. It is hashed as it is
    written, some rows at a time, and never held.
    """
    hashed = _Hashed(before)
    for rows in frame.iter_slices(_ROWS) if frame.height else (frame,):
        rows.rechunk().write_parquet(cast("IO[bytes]", hashed), compression="uncompressed", statistics=False)
    return hashed.sha256.digest()


class _Hashed:
    """A file that keeps nothing of what is written to it but the hash."""

    def __init__(self, before: bytes) -> None:
        self.sha256 = hashlib.sha256(before)

    def write(self, content: bytes) -> int:
        """Takes bytes."""
        self.sha256.update(content)
        return len(content)

    def flush(self) -> None:
        """Nothing waits to be written."""


def contracts(
    table: str, model: type[Table], frames: Mapping[int, pl.DataFrame], met: Collection[int] = ()
) -> dict[int, pl.DataFrame]:
    """The frames of several years, each collected and sorted by key, if every one meets the model.

    A validation costs about 20 ms however few its rows, so the years that were not held to the model before are held
    to it together; only when that fails is each year asked alone, so that the error names it.

    Args:
        table: the table, as errors name it.
        model: its model.
        frames: its rows by year.
        met: the years whose very rows met the model before, in this process or another of the same code.

    Raises:
        ContractBroken: a year breaks the contract, or two years hold the same key.
    """
    ordered = {year: _by_key(model, frame) for year, frame in sorted(frames.items())}
    if len({tuple(frame.schema.items()) for frame in ordered.values()}) > 1:
        return {year: contract(f"{table} {year}", model, frame) for year, frame in ordered.items()}
    asked = {year: _of(model, frame) for year, frame in ordered.items() if year not in met}
    new = [ordered[year] for year, each in asked.items() if each not in _met]
    try:
        if new or not ordered:
            _hold(table, model, pl.concat(new) if new else _nothing(model))
        if _share_a_key(model, ordered.values()):
            _hold(table, model, pl.concat(ordered.values()))
    except ContractBroken:
        for year, frame in ordered.items():
            contract(f"{table} {year}", model, frame)
        raise
    for each in asked.values():
        _meets(each)
    return ordered


def in_turn(table: str, model: type[Table], years: Mapping[int, pl.DataFrame]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each year as ``contracts`` gives it; no more of them are asked for, and held, at a time than have few rows.

    Where no column of the key tells some years from those before, all are held to the contract together.

    Raises:
        ContractBroken: a year breaks the contract, or two years hold the same key; those before were given.
    """
    from dti_platform.tables import key

    seen: dict[str, set[object]] = {name: set() for name in key(model)}
    for some in _some_at_a_time(years):
        held = contracts(table, model, some)
        new = {name: {value for frame in held.values() for value in frame[name].unique()} for name in seen}
        if all(seen[name] & values for name, values in new.items()):
            contracts(table, model, years)
        seen = {name: seen[name] | values for name, values in new.items()}
        yield from held.items()


def _some_at_a_time(years: Mapping[int, pl.DataFrame]) -> Iterator[dict[int, pl.DataFrame]]:
    some: dict[int, pl.DataFrame] = {}
    for year in sorted(years):
        some[year] = years[year]
        if sum(frame.height for frame in some.values()) >= MOST_ROWS:
            yield some
            some = {}
    yield some


def _share_a_key(model: type[Table], frames: Iterable[pl.DataFrame]) -> bool:
    """Whether one key stands in several of these frames: none does where no value of one of its columns does."""
    from dti_platform.tables import key

    keys = [frame.select(key(model)) for frame in frames]
    wider = (*([name] for name in key(model)), key(model))
    return len(keys) > 1 and all(_twice(keys, columns) for columns in wider)


def _twice(frames: Iterable[pl.DataFrame], columns: list[str]) -> bool:
    return bool(pl.concat(frame.select(columns).unique() for frame in frames).is_duplicated().any())


def _nothing(model: type[Table]) -> pl.DataFrame:
    from dti_platform.tables import empty

    return empty(model)


def _by_key(model: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """Sorted by the full key; a frame that lacks a key column is left to the model to refuse."""
    from dti_platform.row_order import by_key
    from dti_platform.tables import key

    columns = key(model)
    return by_key(frame, columns) if set(columns) <= set(frame.columns) else frame


def _broken(table: str, frame: pl.DataFrame, errors: SchemaErrors) -> ContractBroken:
    """Pandera's failure cases, as one line per rule and the rows that break it."""
    of_column = pl.col("schema_context") == "Column"
    cases: pl.DataFrame = errors.failure_cases.select(
        pl.when(of_column).then("column"),
        pl.col("check").alias("rule"),
        "index",
        pl.col("failure_case").cast(pl.String).alias("example"),
    )
    faults = cases.group_by("column", "rule", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("example").first()
    )
    marked = cases.drop_nulls("index").group_by("index").agg(_rule_names().alias("broken")).sort("index").head(SHOWN)
    rows = frame.with_row_index("index").with_columns(pl.col("index").cast(pl.Int64))
    failing = marked.with_columns(pl.col("index").cast(pl.Int64)).join(
        rows, on="index", how="inner", maintain_order="left"
    )
    return ContractBroken(table, faults, failing.drop("index"))


def _rule_names() -> pl.Expr:
    return pl.concat_str("column", "rule", separator=" ", ignore_nulls=True).unique(maintain_order=True).str.join("; ")


def _first_row(rows: pl.DataFrame) -> list[str]:
    """Whose the first failing row is, as far as its columns say so."""
    first = rows.select(name for name in _WHOSE if name in rows.columns).head(1).to_dicts()
    told = ", ".join(f"{name} {value}" for row in first for name, value in row.items() if value is not None)
    return [f"first row: {told}"] if told else []


def _sentence(fault: Mapping[str, object]) -> str:
    where = f"column {fault['column']}: " if fault["column"] else ""
    return f"{where}{fault['rule']} ({fault['rows']} x, such as {str(fault['example'])[:120]})"
