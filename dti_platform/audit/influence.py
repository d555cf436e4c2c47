"""Influence: how far ranks move where an element is left out of the index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dti_platform.audit.aggregate import aggregate
from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.ranks import by_rules, rules
from dti_platform.audit.spec import RANK, Spec
from dti_platform.audit.stages import means, weights
from dti_platform.audit.tree import AuditError, Tree

#: Where no unit has a rank with an element and without it.
NONE = math.nan


@dataclass(frozen=True, slots=True)
class Influence:
    """An element, and the mean and the largest number of places that units move without it; NaN where none has any."""

    element: str
    mean: float
    largest: float


def remove(tree: Tree, normalised: Dataset, spec: Spec, elements: Sequence[str]) -> list[Influence]:
    """The index without each of these elements in turn.

    Args:
        tree: of the index.
        normalised: its normalised indicators.
        spec: by which they are aggregated.
        elements: indicators or aggregates; without any of them something is left of the index.

    Raises:
        AuditError: an element is unknown, or nothing is left of the index without it.
    """
    if not elements:
        raise AuditError(f"no element to leave out: the tree has levels 1 to {tree.top - 1} below its index")
    nominal = _ranks(tree, normalised, spec)
    return [_influence(tree, normalised, spec, element, nominal) for element in elements]


def _influence(tree: Tree, normalised: Dataset, spec: Spec, element: str, nominal: Floats) -> Influence:
    if element not in tree.elements:
        raise AuditError(f"the tree has no {element}")
    rest = tree.without(element)
    if tree.index not in rest.elements:
        raise AuditError(f"nothing is left of the index without {element}")
    rest_data = normalised.with_values(
        np.column_stack([normalised.column(code) for code in rest.indicators]), rest.indicators
    )
    moved = np.abs(_ranks(rest, rest_data, spec) - nominal)
    places = moved[~np.isnan(moved)]
    return (
        Influence(element, float(places.mean()), float(places.max())) if places.size else Influence(element, NONE, NONE)
    )


def _ranks(tree: Tree, normalised: Dataset, spec: Spec) -> Floats:
    settings = spec.of("aggregate")
    remaining = {
        code: weight for code, weight in weights(tree, _remaining_spec(tree, spec)).items() if code in tree.elements
    }
    scores = aggregate(normalised, tree, means(tree, settings), remaining, settings.get("threshold"))
    return by_rules(scores.column(tree.index)[:, None], rules(spec.of(RANK), 1))[:, 0]


def _remaining_spec(tree: Tree, spec: Spec) -> Spec:
    """The specification without weights of elements that were left out."""
    remaining = {code: weight for code, weight in spec.weights.items() if code in tree.elements}
    return Spec(spec.steps, spec.settings, remaining, spec.variants)
