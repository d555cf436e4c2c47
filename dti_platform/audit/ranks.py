"""Ranks: 1 + the number of units with a higher score; scores that differ by float noise alone share a rank."""

from __future__ import annotations

import numpy as np

from dti_platform.audit.dataset import Floats

#: Scores that differ by less, relative to the largest, are equal: sums of the same parts in another order differ so.
NOISE = 1e-12


def ranks(scores: Floats, noise: float = NOISE) -> Floats:
    """The rank of each score, along the first axis; NaN where there is none.

    Args:
        scores: units, or units x draws.
        noise: relative to the largest score; 0 for values that were not computed: a source means what it says.
    """
    columns = scores.reshape(len(scores), -1)
    ranked = np.column_stack([_of_column(column, noise) for column in columns.T]) if columns.size else columns
    return ranked.reshape(scores.shape)


def _of_column(scores: Floats, noise: float) -> Floats:
    known = np.flatnonzero(~np.isnan(scores))
    result = np.full(len(scores), np.nan)
    if not known.size:
        return result
    order = known[np.argsort(-scores[known], kind="stable")]
    falling = scores[order]
    step = np.abs(falling).max() * noise
    begins = np.concatenate(([True], falling[:-1] - falling[1:] > step))
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    result[order] = first + 1
    return result
