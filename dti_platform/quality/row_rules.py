"""What the types of expectation that our suites use say of a row: all rows of a frame are asked in one query.

Here: of which rows an entry holds, as Great Expectations would answer. Not here: what stops a publication, nor what is
said in another way than in our suites: that is asked of Great Expectations itself (``engine``), whose import alone
costs more CPU than all that a run checks, and 100 MiB.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from dti_platform.quality.suites import Entry

#: When a pair is let pass: neither value is there, or one is not.
_IGNORED = {"both_values_are_missing": operator.and_, "either_value_is_missing": operator.or_}
_NUMBERS = {int, float}


def holds(entry: Entry, frame: pl.DataFrame) -> pl.Series | None:
    """Of each row whether the entry holds of it; None: that is not known here of every row."""
    make, needed, optional = _RULES.get(entry.type, (_nothing, set[str](), set[str]()))
    if not needed <= entry.kwargs.keys() <= needed | optional:
        return None
    rule = make(frame.schema, **entry.kwargs)
    held = None if rule is None else frame.select(held=rule)["held"]
    return None if held is None or held.null_count() else held


def _nothing(_: pl.Schema) -> None:
    """Of any other type."""


def _in_set(types: pl.Schema, column: str, value_set: Sequence[Any]) -> pl.Expr | None:
    if {*map(type, value_set)} != {_kind(types, column)}:
        return None
    return pl.col(column).is_null() | _value(types, column).is_in(value_set)


def _between(types: pl.Schema, column: str, min_value: Any = None, max_value: Any = None) -> pl.Expr | None:
    value = _value(types, column)
    bounds = [each for each in (min_value, max_value) if each is not None]
    if not bounds or not {_kind(types, column), *map(type, bounds)} <= _NUMBERS or bounds != sorted(bounds):
        return None
    least, most = (value if each is None else each for each in (min_value, max_value))
    return pl.col(column).is_null() | value.is_between(least, most)


def _pair(
    compare: Callable[[Any, Any], pl.Expr],
    types: pl.Schema,
    column_A: str,  # noqa: N803 - the name of Great Expectations, as are the others
    column_B: str,  # noqa: N803
    ignore_row_if: str = "both_values_are_missing",
) -> pl.Expr | None:
    """Where one value alone is missing, it is not known."""
    ignored = _IGNORED.get(ignore_row_if)
    kinds = {_kind(types, column_A), _kind(types, column_B)}
    if ignored is None or not (kinds <= _NUMBERS or (len(kinds) == 1 and None not in kinds)):
        return None
    missing = ignored(pl.col(column_A).is_null(), pl.col(column_B).is_null())
    return missing | compare(_value(types, column_A), _value(types, column_B))


def _greater(types: pl.Schema, *, or_equal: bool = False, **said: Any) -> pl.Expr | None:
    return _pair(operator.ge if or_equal else operator.gt, types, **said)


def _kind(types: pl.Schema, column: str) -> type | None:
    """The type of Python that a column's values are of; None: there is no such column, or it is of another type."""
    kind = types.get(column)
    if kind is None or kind.is_numeric():
        return kind and (int if kind.is_integer() else float)
    return str if kind == pl.String else bool if kind == pl.Boolean else None


def _value(types: pl.Schema, column: str) -> pl.Expr:
    """A value as Great Expectations is given it, decimals as floats; NaN, which it compares in its own way, is null."""
    kind, value = types.get(column), pl.col(column)
    if kind is None or not (kind.is_float() or kind.is_decimal()):
        return value
    number = value.cast(pl.Float64)
    return pl.when(number.is_not_nan()).then(number)


#: By type of expectation, what makes its rule, and the arguments that it needs and may have.
_RULES: dict[str, tuple[Callable[..., pl.Expr | None], set[str], set[str]]] = {
    "expect_column_values_to_be_in_set": (_in_set, {"column", "value_set"}, set()),
    "expect_column_values_to_be_between": (_between, {"column"}, {"min_value", "max_value"}),
    "expect_column_pair_values_to_be_equal": (
        partial(_pair, operator.eq), {"column_A", "column_B"}, {"ignore_row_if"},
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        _greater, {"column_A", "column_B"}, {"or_equal", "ignore_row_if"},
    ),
}  # fmt: skip
