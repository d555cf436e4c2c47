"""Contracts: validation of collected rows by a table's Pandera model, before anything is written.

Here: sorting by the full key, validating, and reporting which rows break which rule. Not here: the rules
(``tables`` and the modules of ``publications`` declare them) nor what a value should be (``expectations/``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, cast

import polars as pl

if TYPE_CHECKING:
    from pandera.errors import SchemaErrors

    from dti_platform.tables import Table

#: The number of failing rows that an error or a result shows.
SHOWN = 20
#: The columns that identify the figure of a row.
_IDENTITY = ("period", "geography", "unit", "node", "basis")
#: Keys (model and content) of frames that met their model, in this process or in one of the same code and packages: all
#: of them, and those of the current run (``recall_contracts``). Both drop the least recently used first.
_met: dict[str, None] = {}
_met_in_run: dict[str, None] = {}
MOST_MET = 1_000
#: The number of rows from which years are validated as one batch, where not all years must be together.
MOST_ROWS = 30_000
#: The number of rows that are hashed at a time.
_ROWS = 16_384


class ContractBroken(ValueError):
    """A table breaks a rule of its model; none of it may be written.

    Attributes:
        table: the table, as the caller names it.
        faults: one row per broken rule: ``column`` (null: the whole row), ``rule``, ``rows`` (how many), ``example``.
        rows: up to 20 failing rows of the table, behind a column ``broken`` that names the rule.
    """

    def __init__(self, table: str, faults: pl.DataFrame, rows: pl.DataFrame) -> None:
        self.table, self.faults, self.rows = table, faults, rows
        messages = [*map(_sentence, faults.to_dicts()), *_first_row(rows)]
        super().__init__(f"{table} breaks its contract: {'; '.join(messages)}")


def contract(table: str, model: type[Table], frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """The frame, collected and sorted by its full key, if it meets its model.

    Raises:
        ContractBroken: columns, types, nullability, key, ranges or another rule of the model are broken.
    """
    ordered = _by_key(model, frame.lazy().collect())
    if (key := _key(model, ordered)) not in _met:
        _validate(table, model, ordered)
    _remember(key)
    return ordered


def recall_contracts(keys: Iterable[str]) -> None:
    """Begin a run: frames that met their models in a run of the same code (``contracts_met``) need no validation."""
    _met_in_run.clear()
    for key in keys:
        _remember(key)


def contracts_met() -> list[str]:
    """The keys of frames that met their models in this run, the recalled ones included."""
    return [*_met_in_run]


def _remember(key: str) -> None:
    for keys in (_met, _met_in_run):
        keys.pop(key, None)
        keys[key] = None
        while len(keys) > MOST_MET:
            del keys[next(iter(keys))]


def _key(model: type[Table], frame: pl.DataFrame) -> str:
    """The key of a frame and the model that validates it."""
    return fingerprint(frame, f"{model.__module__}.{model.__qualname__}".encode()).hex()


def _validate(table: str, model: type[Table], frame: pl.DataFrame) -> None:
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
    """The sha256 of some bytes and a frame's columns, types and values, whatever its layout in memory.

    The frame is hashed as Parquet, which leaves out the bytes under a null; in Arrow IPC they tell equal frames apart.
    It is hashed while it is written, ``_ROWS`` rows at a time, and not kept in memory.
    """
    file = _HashingFile(before)
    for rows in frame.iter_slices(_ROWS) if frame.height else (frame,):
        rows.rechunk().write_parquet(cast("IO[bytes]", file), compression="uncompressed", statistics=False)
    return file.sha256.digest()


class _HashingFile:
    """A file that keeps only the hash of what is written to it."""

    def __init__(self, before: bytes) -> None:
        self.sha256 = hashlib.sha256(before)

    def write(self, content: bytes) -> int:
        """Add bytes to the hash."""
        self.sha256.update(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing: there is no buffer."""


def contracts(
    table: str, model: type[Table], frames: Mapping[int, pl.DataFrame], met: Collection[int] = ()
) -> dict[int, pl.DataFrame]:
    """The frames of several years, each collected and sorted by key, if every one meets the model.

    A validation costs about 20 ms however few its rows, so the years that were not validated before are validated
    together; only if that fails is each year validated alone, so that the error names it.

    Args:
        table: the table, as errors name it.
        model: its model.
        frames: its rows by year.
        met: the years whose same rows met the model before, in this process or another of the same code.

    Raises:
        ContractBroken: a year breaks the contract, or two years hold the same key.
    """
    ordered = {year: _by_key(model, frame) for year, frame in sorted(frames.items())}
    if len({tuple(frame.schema.items()) for frame in ordered.values()}) > 1:
        return {year: contract(f"{table} {year}", model, frame) for year, frame in ordered.items()}
    keys = {year: _key(model, frame) for year, frame in ordered.items() if year not in met}
    new = [ordered[year] for year, key in keys.items() if key not in _met]
    try:
        if new or not ordered:
            _validate(table, model, pl.concat(new) if new else _empty(model))
        if _share_a_key(model, ordered.values()):
            _validate(table, model, pl.concat(ordered.values()))
    except ContractBroken:
        for year, frame in ordered.items():
            contract(f"{table} {year}", model, frame)
        raise
    for key in keys.values():
        _remember(key)
    return ordered


def in_turn(table: str, model: type[Table], years: Mapping[int, pl.DataFrame]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each year as ``contracts`` returns it; years are read and validated in batches of about ``MOST_ROWS`` rows.

    If no column of the key separates the years of a batch from those before, all years are validated together.

    Raises:
        ContractBroken: a year breaks the contract, or two years hold the same key; earlier years were already yielded.
    """
    from dti_platform.tables import key

    seen: dict[str, set[object]] = {name: set() for name in key(model)}
    for batch in _batches(years):
        valid = contracts(table, model, batch)
        new = {name: {value for frame in valid.values() for value in frame[name].unique()} for name in seen}
        if all(seen[name] & values for name, values in new.items()):
            contracts(table, model, years)
        seen = {name: seen[name] | values for name, values in new.items()}
        yield from valid.items()


def _batches(years: Mapping[int, pl.DataFrame]) -> Iterator[dict[int, pl.DataFrame]]:
    batch: dict[int, pl.DataFrame] = {}
    for year in sorted(years):
        batch[year] = years[year]
        if sum(frame.height for frame in batch.values()) >= MOST_ROWS:
            yield batch
            batch = {}
    yield batch


def _share_a_key(model: type[Table], frames: Iterable[pl.DataFrame]) -> bool:
    """Whether several of these frames have a key in common; columns are compared one by one first, which is cheaper."""
    from dti_platform.tables import key

    keys = [frame.select(key(model)) for frame in frames]
    selections = (*([name] for name in key(model)), key(model))
    return len(keys) > 1 and all(_overlap(keys, columns) for columns in selections)


def _overlap(frames: Iterable[pl.DataFrame], columns: list[str]) -> bool:
    return bool(pl.concat(frame.select(columns).unique() for frame in frames).is_duplicated().any())


def _empty(model: type[Table]) -> pl.DataFrame:
    from dti_platform.tables import empty

    return empty(model)


def _by_key(model: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame sorted by the full key; a frame without a key column stays unsorted, for the model to refuse."""
    from dti_platform.row_order import by_key
    from dti_platform.tables import key

    columns = key(model)
    return by_key(frame, columns) if set(columns) <= set(frame.columns) else frame


def _broken(table: str, frame: pl.DataFrame, errors: SchemaErrors) -> ContractBroken:
    """The error for Pandera's failure cases: one fault per rule, and the rows that break it."""
    is_column = pl.col("schema_context") == "Column"
    cases: pl.DataFrame = errors.failure_cases.select(
        pl.when(is_column).then("column"),
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
    """The identity of the first failing row, as far as it has the columns."""
    first = rows.select(name for name in _IDENTITY if name in rows.columns).head(1).to_dicts()
    identity = ", ".join(f"{name} {value}" for row in first for name, value in row.items() if value is not None)
    return [f"first row: {identity}"] if identity else []


def _sentence(fault: Mapping[str, object]) -> str:
    where = f"column {fault['column']}: " if fault["column"] else ""
    return f"{where}{fault['rule']} ({fault['rows']} x, such as {str(fault['example'])[:120]})"
