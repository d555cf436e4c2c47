"""Coherence: whether indicators that are averaged belong together, and which measure the same.

Correlations with their significance, Cronbach's alpha and principal components of each element's parts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.dataset import Dataset, Floats, varying
from dti_platform.audit.ranks import ranks
from dti_platform.audit.tree import AuditError, Tree

#: Limits of the flags: two elements measure the same, a part contributes little to its parent, two parts disagree.
REDUNDANT, WEAK, OPPOSED = 0.92, 0.3, -0.4
#: Units that a correlation, alpha or components need: two points always agree.
FEWEST = 3
#: Up to so many values a p-value is counted over all their permutations.
MOST_PERMUTED = 9
#: Sums of products of ranks, which are multiples of a quarter, differ by float noise below this.
PERMUTED_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Correlation:
    """Of two elements over the units that have both: the coefficient, its p-value, and over how many units."""

    one: str
    other: str
    coefficient: float
    p: float
    units: int


@dataclass(frozen=True, slots=True)
class Component:
    """A principal component of an element's parts: its standard deviation, variance, share and cumulated share."""

    element: str
    number: int
    sd: float
    eigenvalue: float
    share: float
    cumulated: float
    loadings: Mapping[str, float]


def pearson(one: Floats, other: Floats) -> tuple[float, float]:
    """Coefficient and two-sided p (t with n - 2 degrees of freedom); NaN where one has no spread."""
    from scipy import stats

    return _coefficient_and_p(stats.pearsonr, one, other)


def spearman(one: Floats, other: Floats) -> tuple[float, float]:
    """Of ranks, ties sharing theirs; p is exact for up to ``MOST_PERMUTED`` values, else by the t distribution."""
    from scipy import stats

    places = stats.rankdata(ranks(one)), stats.rankdata(ranks(other))
    coefficient, p = _coefficient_and_p(stats.pearsonr, *places)
    if math.isnan(coefficient):
        return coefficient, p
    if one.size <= MOST_PERMUTED:
        return coefficient, _exact_p(*places)
    return coefficient, max(p, 2 / math.factorial(one.size))  # no order is less likely than one of n!


def kendall(one: Floats, other: Floats) -> tuple[float, float]:
    """Tau-b, which allows for ties."""
    from scipy import stats

    return _coefficient_and_p(stats.kendalltau, ranks(one), ranks(other))


METHODS: Mapping[str, Callable[[Floats, Floats], tuple[float, float]]] = {
    function.__name__: function for function in (pearson, spearman, kendall)
}


def correlations(data: Dataset, method: str, pairs: Sequence[tuple[str, str]]) -> list[Correlation]:
    """The correlations of pairs of columns.

    Raises:
        AuditError: the method is unknown.
    """
    if method not in METHODS:
        raise AuditError(f"no correlation {method!r}; known: {', '.join(METHODS)}")
    return [_correlation(data, METHODS[method], one, other) for one, other in pairs]


def within(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every pair of parts of one parent, and every part with its parent."""
    for code, element in tree.elements.items():
        parts = tree.parts(code) if element.level > 1 else []
        yield from ((one, other) for position, one in enumerate(parts) for other in parts[position + 1 :])
        yield from ((part, code) for part in parts)


def flag(correlation: Correlation, tree: Tree, scores: Dataset) -> str:
    """The flag of a pair of ``within``: for two parts ``redundant``, ``opposed`` or none.

    For a part and its parent ``negative`` (below 0), ``weak``, ``redundant`` or none. A part that alone varies equals
    its parent and has no flag.
    """
    coefficient = correlation.coefficient
    if tree.elements[correlation.one].parent != correlation.other:
        return "redundant" if coefficient > REDUNDANT else "opposed" if coefficient < OPPOSED else ""
    if varying(part_scores(scores, tree, correlation.other)).sum() == 1:
        return ""
    if coefficient < WEAK:
        return "negative" if coefficient < 0 else "weak"
    return "redundant" if coefficient > REDUNDANT else ""


def part_scores(scores: Dataset, tree: Tree, code: str) -> Floats:
    """Units x parts of an element."""
    return np.column_stack([scores.column(part) for part in tree.parts(code)])


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha of an element's parts (NaN where it is undefined), and how many units have all parts."""

    element: str
    value: float
    units: int


def cronbach(element: str, values: Floats) -> Alpha:
    """Alpha: k / (k - 1) (1 - sum of variances / sum of all covariances).

    Variances and covariances are of the same units, those that have all parts: else alpha may exceed 1. A part that is
    the same for all units, or missing, is left out, as by ``components``.
    """
    complete = complete_rows(values[:, varying(values)])
    units, k = complete.shape
    if k < 2 or not _has_spread(complete):  # noqa: PLR2004 - of one part there is no agreement
        return Alpha(element, math.nan, units)
    covariances = np.cov(complete, rowvar=False)
    total = covariances.sum()
    return Alpha(element, float(k / (k - 1) * (1 - np.trace(covariances) / total)) if total > 0 else math.nan, units)


def complete_rows(values: Floats) -> Floats:
    """The rows without a missing value."""
    return values[~np.isnan(values).any(axis=1)]


def _has_spread(complete: Floats) -> bool:
    """Whether there are enough units, and every part varies among them."""
    return len(complete) >= FEWEST and bool(varying(complete).all())


def components(element: str, parts: Sequence[str], values: Floats) -> list[Component]:
    """The principal components of an element's parts, each part standardised, over the units that have all parts.

    A part that is the same for all units, or missing, is left out. There are no components of fewer than two parts, or
    of fewer than three units.
    """
    varies = varying(values)
    parts, values = [part for part, keep in zip(parts, varies, strict=True) if keep], values[:, varies]
    complete = complete_rows(values)
    if len(parts) < 2 or not _has_spread(complete):  # noqa: PLR2004 - one part is its own component
        return []
    standardised = (complete - complete.mean(axis=0)) / complete.std(axis=0, ddof=1)
    _, singular, axes = np.linalg.svd(standardised, full_matrices=False)
    sd = singular / math.sqrt(len(complete) - 1)
    eigenvalues = sd**2
    shares = eigenvalues / eigenvalues.sum()
    cumulated = np.cumsum(shares)
    return [
        Component(
            element, number + 1, float(sd[number]), float(eigenvalues[number]), float(shares[number]),
            float(cumulated[number]), dict(zip(parts, axes[number].tolist(), strict=True)),
        )
        for number in range(len(sd))
    ]  # fmt: skip


def _correlation(
    data: Dataset, measure: Callable[[Floats, Floats], tuple[float, float]], one: str, other: str
) -> Correlation:
    first, second = data.column(one), data.column(other)
    both = ~np.isnan(first) & ~np.isnan(second)
    coefficient, p = measure(first[both], second[both])
    return Correlation(one, other, coefficient, p, int(both.sum()))


def _coefficient_and_p(measure: Callable[..., object], one: Floats, other: Floats) -> tuple[float, float]:
    if one.size < FEWEST or not varying(np.column_stack([one, other])).all():
        return math.nan, math.nan
    result = measure(one, other)
    return float(result.statistic), float(result.pvalue)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]


def _exact_p(one: Floats, other: Floats) -> float:
    """The share of all permutations of one column in which it correlates with the other as strongly as it does."""
    first, second = one - one.mean(), other - other.mean()
    strength = np.abs(second[_permutations(one.size)] @ first)
    return float((strength >= abs(second @ first) - PERMUTED_NOISE).mean())


@cache
def _permutations(size: int) -> NDArray[np.uint8]:
    """Every order of so many places, permutations x places."""
    return np.array([*itertools.permutations(range(size))], dtype=np.uint8)
