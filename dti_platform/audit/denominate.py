"""Denominate: indicators that grow with the size of a unit are divided by what measures that size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dti_platform.audit.dataset import Dataset
from dti_platform.audit.tree import AuditError


def denominate(data: Dataset, divisors: Mapping[str, str]) -> Dataset:
    """Each indicator divided by its denominator; where that is missing or 0, the result is missing.

    Args:
        data: the indicators.
        divisors: by indicator, the column that it is divided by.

    Raises:
        AuditError: an indicator or a denominator is unknown, or a denominator is negative, which is no size.
    """
    values = data.values.copy()
    for code, divisor in divisors.items():
        if code not in data.columns:
            raise AuditError(f"denominate: {code} is no indicator")
        if divisor not in data.denominators:
            raise AuditError(f"denominate: {code} is divided by {divisor}, which the tree has no Denominator row for")
        size = data.denominators[divisor]
        if below_zero := [unit for unit, negative in zip(data.units, size < 0, strict=True) if negative]:
            raise AuditError(
                f"denominate: {divisor} of {', '.join(below_zero)} is negative; {code} can't be divided by it"
            )
        column = data.columns.index(code)
        values[:, column] = np.divide(values[:, column], size, out=np.full_like(size, np.nan), where=size != 0)
    return data.with_values(values)
