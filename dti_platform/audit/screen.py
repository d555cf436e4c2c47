"""Screen: units with too few known values leave the index, instead of being ranked on them."""

from __future__ import annotations

import numpy as np

from dti_platform.audit.dataset import Dataset
from dti_platform.audit.tree import AuditError

#: What counts against a unit.
KINDS = ("missing", "zeros", "missing_or_zeros")


def screen(data: Dataset, threshold: float, by: str = "missing") -> Dataset:
    """The units that have at least a share of the indicators.

    Args:
        data: the indicators.
        threshold: the share, 0 to 1.
        by: ``missing``: values are known; ``zeros``: known values are not 0; ``missing_or_zeros``: both.

    Raises:
        AuditError: no unit is left, or ``by`` is unknown.
    """
    if by not in KINDS:
        raise AuditError(f"screen: by is {by!r}; known: {', '.join(KINDS)}")
    missing, zero = np.isnan(data.values), data.values == 0
    of, bad = data.values.shape[1], {"missing": missing, "missing_or_zeros": missing | zero}.get(by)
    if bad is not None:
        share = 1 - bad.sum(axis=1) / of
    else:
        known = of - missing.sum(axis=1)
        share = 1 - np.divide(zero.sum(axis=1), known, out=np.ones(len(known)), where=known > 0)
    kept = share >= threshold - 1e-12  # 9 of 10 reach 0.9, whatever the last bit of a division
    if not kept.any():
        raise AuditError(f"screen: no unit has a share of {threshold:g} of its indicators; lower the threshold")
    return data.only(kept)
