"""Row rules: the expectation types of our suites as Polars expressions, which judge all rows of a frame in one query.

Here: for which rows an entry holds, as Great Expectations would answer. Not here: failures that stop a publication, and
other types or arguments of expectations: those are asked of Great Expectations itself (``engine``), whose import alone
costs more CPU than all checks of a run, and 100 MiB.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from dti_platform.quality.suites import Entry

#: When a pair passes unjudged: both values are missing, or either is.
_IGNORED = {"both_values_are_missing": operator.and_, "either_value_is_missing": operator.or_}
_NUMBERS = {int, float}


def holds(entry: Entry, frame: pl.DataFrame) -> pl.Series | None:
    """Whether the entry holds, for each row; None: this module can't decide every row."""
    make_rule, required, optional = _RULES.get(entry.type, (_no_rule, set[str](), set[str]()))
    if not required <= entry.kwargs.keys() <= required | optional:
        return None
    rule = make_rule(frame.schema, **entry.kwargs)
    verdicts = None if rule is None else frame.select(verdict=rule)["verdict"]
    return None if verdicts is None or verdicts.null_count() else verdicts


def _no_rule(_: pl.Schema) -> None:
    """No rule: for any other type of expectation."""


def _in_set(types: pl.Schema, column: str, value_set: Sequence[Any]) -> pl.Expr | None:
    if {*map(type, value_set)} != {_kind(types, column)}:
        return None
    return pl.col(column).is_null() | _value(types, column).is_in(value_set)


def _between(types: pl.Schema, column: str, min_value: Any = None, max_value: Any = None) -> pl.Expr | None:
    value = _value(types, column)
    bounds = [bound for bound in (min_value, max_value) if bound is not None]
    if not bounds or not {_kind(types, column), *map(type, bounds)} <= _NUMBERS or bounds != sorted(bounds):
        return None
    least, most = (value if bound is None else bound for bound in (min_value, max_value))
    return pl.col(column).is_null() | value.is_between(least, most)


def _pair(
    compare: Callable[[Any, Any], pl.Expr],
    types: pl.Schema,
    column_A: str,  # noqa: N803 - the name in Great Expectations, like the others
    column_B: str,  # noqa: N803
    ignore_row_if: str = "both_values_are_missing",
) -> pl.Expr | None:
    """The comparison of two columns; null, which means undecided, where only one value is missing."""
    ignore = _IGNORED.get(ignore_row_if)
    kinds = {_kind(types, column_A), _kind(types, column_B)}
    if ignore is None or not (kinds <= _NUMBERS or (len(kinds) == 1 and None not in kinds)):
        return None
    missing = ignore(pl.col(column_A).is_null(), pl.col(column_B).is_null())
    return missing | compare(_value(types, column_A), _value(types, column_B))


def _greater(types: pl.Schema, *, or_equal: bool = False, **arguments: Any) -> pl.Expr | None:
    return _pair(operator.ge if or_equal else operator.gt, types, **arguments)


def _kind(types: pl.Schema, column: str) -> type | None:
    """The Python type of a column's values; None: the column does not exist or has another type."""
    kind = types.get(column)
    if kind is None or kind.is_numeric():
        return kind and (int if kind.is_integer() else float)
    return str if kind == pl.String else bool if kind == pl.Boolean else None


def _value(types: pl.Schema, column: str) -> pl.Expr:
    """A value as Great Expectations gets it, decimals as floats; NaN, which it compares differently, becomes null."""
    kind, value = types.get(column), pl.col(column)
    if kind is None or not (kind.is_float() or kind.is_decimal()):
        return value
    number = value.cast(pl.Float64)
    return pl.when(number.is_not_nan()).then(number)


#: By type of expectation: the function that makes its rule, its required and its optional arguments.
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
