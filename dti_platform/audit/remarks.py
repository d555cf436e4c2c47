"""Remarks: what a reader of an index must know of its steps, and its tables don't show at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.dataset import Dataset, varying
from dti_platform.audit.spec import Spec
from dti_platform.audit.tree import Tree

#: So many units are named.
MOST_NAMED = 10


def on_step(step: str, tree: Tree, spec: Spec, before: Dataset, after: Dataset) -> list[str]:
    """The remarks on a step, from the data before and after it."""
    return [*REMARKS[step](tree, spec, before, after)]


def on_gaps(normalised: Dataset, scores: Dataset, index: str, shares: Mapping[str, float]) -> list[str]:
    """A sentence where units have a score of the index without some of its indicators.

    Args:
        normalised: what is aggregated.
        scores: of every element.
        index: its code.
        shares: the effective weight of each element; an indicator without one is not missed.
    """
    counts = np.array([shares[code] > 0 for code in normalised.columns])
    known = (~np.isnan(normalised.values[:, counts])).sum(axis=1).tolist()
    total = int(counts.sum())
    ranked = (~np.isnan(scores.column(index))).tolist()
    partial = [
        f"{unit} ({number})"
        for unit, number, has_score in zip(normalised.units, known, ranked, strict=True)
        if has_score and number < total
    ]
    if not partial:
        return []
    more = f", and {len(partial) - MOST_NAMED} more" if len(partial) > MOST_NAMED else ""
    return [f"aggregate: scored without some of the {total} indicators: {', '.join(partial[:MOST_NAMED])}{more}"]


def _on_denominate(_: Tree, __: Spec, before: Dataset, after: Dataset) -> Iterator[str]:
    if lost := int((np.isnan(after.values) & ~np.isnan(before.values)).sum()):
        yield f"denominate: {lost} values are missing now, for their denominators are 0 or missing"


def _on_impute(tree: Tree, spec: Spec, before: Dataset, after: Dataset) -> Iterator[str]:
    method, gaps_before, gaps = spec.of("impute")["method"], np.isnan(before.values), np.isnan(after.values)
    empty = np.flatnonzero(gaps_before.all(axis=1) & ~gaps.all(axis=1))
    if empty.size:
        units = ", ".join(after.units[unit] for unit in empty.tolist())
        yield f"impute: nothing is known of {units}: all their values are filled in"
    less_is_better = np.array([tree.elements[code].direction < 0 for code in after.columns])
    if method == "zero" and (negative := _columns(after, gaps_before.any(axis=0) & less_is_better)):
        fix = 'where no points are meant, take [normalise] missing = "zero"'
        yield f"impute: 0 is filled in for {negative}, of which less is better; {fix}"
    if gaps.any() and method not in ("none", "zero"):
        yield f"impute: {gaps.sum()} values are still missing: nothing is known to fill them from"


def _on_screen(_: Tree, spec: Spec, before: Dataset, after: Dataset) -> Iterator[str]:
    if dropped := [unit for unit in before.units if unit not in after.units]:
        yield f"screen: too little is known of {', '.join(dropped)}; they are not ranked"
    filled = "impute" in spec.steps[: spec.steps.index("screen")] and not np.isnan(before.values).any()
    if filled and spec.of("screen").get("by", "missing") == "missing":
        fix = "to screen what is known, name screen before impute in `steps`"
        yield f"screen: no unit can leave, for nothing is missing after impute; {fix}"


def _on_treat(_: Tree, __: Spec, before: Dataset, after: Dataset) -> Iterator[str]:
    if flat := _columns(after, varying(before.values) & ~varying(after.values)):
        fix = "name a lower winmax or higher limits (skew, kurtosis)"
        yield f"treat: one value is left for all units once outliers are drawn in: {flat}; {fix}"


def _on_normalise(_: Tree, spec: Spec, before: Dataset, after: Dataset) -> Iterator[str]:
    empty, silent = (np.asarray(np.isnan(data.values).all(axis=0)) for data in (before, after))
    unreferenced = np.array([_lacks_reference(code, spec, before) for code in before.columns]) & silent & ~empty
    silent &= ~unreferenced
    varies = varying(before.values)
    reasons = {
        "without a value": empty,
        "the same for all units": silent & ~empty & ~varies,
        "without a value of the reference unit": unreferenced,
        "nowhere between a reference or target and the lowest value": silent & varies,
    }
    for reason, columns in reasons.items():
        if columns.any():
            yield f"normalise: {reason}, and counted nowhere: {_columns(after, columns)}"


def _lacks_reference(code: str, spec: Spec, data: Dataset) -> bool:
    """Whether an indicator is normalised by the value of a unit that has none."""
    shared = spec.of("normalise")
    settings = shared.get("indicators", {}).get(code, shared)
    unit = settings.get("reference")
    return unit in data.units and bool(np.isnan(data.column(code)[data.units.index(unit)]))


def _on_aggregate(tree: Tree, _: Spec, __: Dataset, after: Dataset) -> Iterator[str]:
    scores = int((~np.isnan(after.column(tree.index))).sum())
    if scores == 0:
        yield f"aggregate: no unit has a score of {tree.index}: none is ranked"
    if scores == 1:
        yield f"aggregate: one unit alone has a score of {tree.index}: its rank says nothing"


REMARKS: Mapping[str, Callable[[Tree, Spec, Dataset, Dataset], Iterator[str]]] = {
    "denominate": _on_denominate,
    "impute": _on_impute,
    "screen": _on_screen,
    "treat": _on_treat,
    "normalise": _on_normalise,
    "aggregate": _on_aggregate,
}


def _columns(data: Dataset, which: NDArray[np.bool_]) -> str:
    """The codes of some columns, in a sentence."""
    return ", ".join(code for code, chosen in zip(data.columns, which.tolist(), strict=True) if chosen)
