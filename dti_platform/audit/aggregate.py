"""Aggregate: the scores of parts are averaged into that of their parent, level by level. Each mean is a function.

A mean takes units x parts and a weight for each part; the weights of missing parts are shared out among the others. A
unit without any part has no score, nor has one with less than a declared share of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.tree import AuditError, Tree

Mean = Callable[[Floats, Floats], Floats]


def arithmetic(scores: Floats, weights: Floats) -> Floats:
    """Sum w x / sum w."""
    return _weighted(scores, weights)


def geometric(scores: Floats, weights: Floats) -> Floats:
    """exp(sum w ln x / sum w): of positive scores.

    Raises:
        AuditError: a score is 0 or less.
    """
    _positive(scores, "geometric")
    return np.exp(_weighted(np.log(scores), weights))


def harmonic(scores: Floats, weights: Floats) -> Floats:
    """Sum w / sum (w / x): of scores that are not 0.

    Raises:
        AuditError: a score is 0.
    """
    if (scores == 0).any():
        raise AuditError("aggregate: a harmonic mean is not defined where a score is 0; normalise to bounds above 0")
    return 1 / _weighted(1 / scores, weights)


def generalised(scores: Floats, weights: Floats, power: float = 1) -> Floats:
    """(sum w x^p / sum w)^(1/p): geometric for p = 0, harmonic for p = -1; of positive scores.

    Raises:
        AuditError: a score is 0 or less, but for p = 1.
    """
    if power == 0:
        return geometric(scores, weights)
    if power == 1:
        return arithmetic(scores, weights)
    _positive(scores, "generalised")
    extreme = (
        np.where(np.isnan(scores), 0, scores).max(axis=1)
        if power > 0
        else np.where(np.isnan(scores), np.inf, scores).min(axis=1)
    )
    return extreme * _weighted((scores / extreme[:, None]) ** power, weights) ** (1 / power)


MEANS: Mapping[str, Mean] = {mean.__name__: mean for mean in (arithmetic, geometric, harmonic, generalised)}


def aggregate(
    data: Dataset, tree: Tree, means: Sequence[Mean], weights: Mapping[str, float], threshold: float | None = None
) -> Dataset:
    """The scores of every aggregate beside those of the indicators.

    Args:
        data: normalised indicators.
        tree: which parts each aggregate has.
        means: the mean by which each level above the indicators is made, the lowest first.
        weights: of each element among its parent's parts.
        threshold: the share of its parts that a unit needs for a score; None: one is enough.

    Raises:
        AuditError: a mean is not defined for a score.
    """
    scores = {code: data.values[:, column] for column, code in enumerate(data.columns)}
    for level, mean in zip(range(2, tree.top + 1), means, strict=True):
        for code in tree.level(level):
            scores[code] = _score(code, tree, scores, mean, weights, threshold)
    columns = [*tree.indicators, *(code for level in range(2, tree.top + 1) for code in tree.level(level))]
    return data.with_values(np.column_stack([scores[code] for code in columns]), columns)


def _score(
    code: str,
    tree: Tree,
    scores: Mapping[str, Floats],
    mean: Mean,
    weights: Mapping[str, float],
    threshold: float | None,
) -> Floats:
    counted = [part for part in tree.parts(code) if weights[part]]
    if not counted:
        raise AuditError(f"{code}: all its parts have the weight 0")
    parts = [part for part in counted if not np.isnan(scores[part]).all()]  # without a score of any unit
    if not parts:
        return np.full_like(scores[tree.parts(code)[0]], np.nan)
    part_scores = np.column_stack([scores[part] for part in parts])
    try:
        combined = mean(part_scores, np.array([weights[part] for part in parts], dtype=np.float64))
    except AuditError as error:
        raise AuditError(f"{code}: {error}") from error
    if threshold is None:
        return combined
    share = (~np.isnan(part_scores)).mean(axis=1)
    return np.where(share >= threshold - 1e-12, combined, np.nan)


def _weighted(values: Floats, weights: Floats) -> Floats:
    """The weighted mean of the known values of each row; NaN where there is none, or none with a weight."""
    known = ~np.isnan(values)
    shares = np.where(known, weights, 0.0)
    total = shares.sum(axis=1)
    summed = np.where(known, values, 0.0) * shares
    return np.divide(summed.sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)


def _positive(scores: Floats, mean: str) -> None:
    if (scores <= 0).any():
        raise AuditError(
            f"aggregate: a {mean} mean needs scores above 0; normalise to bounds above 0, such as 1 to 100"
        )
