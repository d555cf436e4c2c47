"""Impute: missing values are filled from what is known of the same indicator or of the same unit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.tree import AuditError, Tree, known_methods


def mean(values: Floats) -> Floats:
    """By the mean of the indicator."""
    return _filled(values, _column_measures(values, np.mean))


def median(values: Floats) -> Floats:
    """By the median of the indicator."""
    return _filled(values, _column_measures(values, np.median))


def group_mean(values: Floats, groups: NDArray[np.str_]) -> Floats:
    """By the mean of the indicator in the unit's group; a group that knows no value leaves it missing."""
    return _by_group(values, groups, mean)


def group_median(values: Floats, groups: NDArray[np.str_]) -> Floats:
    """By the median of the indicator in the unit's group."""
    return _by_group(values, groups, median)


def zero(values: Floats) -> Floats:
    """By 0 in the indicator's own unit of measure."""
    return np.where(np.isnan(values), 0.0, values)


def none(values: Floats) -> Floats:
    """By nothing."""
    return values


def row(values: Floats) -> Floats:
    """By the mean of the unit's other indicators: for values of one scale, as normalised ones are."""
    return mean(values.T).T


BY_COLUMN: dict[str, Callable[[Floats], Floats]] = {"mean": mean, "median": median, "zero": zero, "none": none}
BY_GROUP: dict[str, Callable[[Floats, NDArray[np.str_]], Floats]] = {
    "group_mean": group_mean,
    "group_median": group_median,
}


def impute(data: Dataset, method: str, group: str | None, tree: Tree | None = None) -> Dataset:
    """The data with missing values filled by a method.

    Args:
        data: the indicators.
        method: ``mean``, ``median``, ``zero``, ``none``, ``group_mean``, ``group_median``, or ``row``: the mean of the
            unit's others.
        group: the column of groups, for the methods by group.
        tree: where it is given, ``row`` fills from the indicators of the same parent alone.

    Raises:
        AuditError: the method or the group is unknown.
    """
    if method in BY_COLUMN:
        return data.with_values(BY_COLUMN[method](data.values))
    if method in BY_GROUP:
        if group is None or group not in data.groups:
            refused, known = "" if group is None else f", not {group!r}", ", ".join(data.groups) or "none"
            raise AuditError(
                f"impute: {method} needs a group that the tree has a Group row for{refused}; known: {known}"
            )
        return data.with_values(BY_GROUP[method](data.values, np.array(data.groups[group])))
    if method == "row":
        return data.with_values(row(data.values) if tree is None else _by_parent(data, tree))
    raise AuditError(f"impute: no method {method!r}; {known_methods([method], [*BY_COLUMN, *BY_GROUP, 'row'])}")


def _by_parent(data: Dataset, tree: Tree) -> Floats:
    values = data.values.copy()
    for parent in tree.level(2):
        places = [data.columns.index(code) for code in tree.parts(parent)]
        values[:, places] = row(values[:, places])
    return values


def _by_group(values: Floats, groups: NDArray[np.str_], fill: Callable[[Floats], Floats]) -> Floats:
    filled = values.copy()
    for group in sorted(set(groups.tolist()) - {""}):
        members = groups == group
        filled[members] = fill(values[members])
    return filled


def _column_measures(values: Floats, measure: Callable[[Floats], np.floating]) -> Floats:
    known = [column[~np.isnan(column)] for column in values.T]
    return np.array([measure(column) if column.size else np.nan for column in known], dtype=np.float64)


def _filled(values: Floats, fill: Floats) -> Floats:
    return np.where(np.isnan(values), fill, values)
