"""A made-up index of any size, for tests of the audit and for what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dti_platform.audit import spec, tree
from dti_platform.audit.dataset import Dataset
from dti_platform.audit.tree import Tree

COLUMNS = ("iCode", "Level", "Parent", "Direction", "Weight", "Type")
TEXT = """
[treat]
[normalise]
method = "minmax"
bounds = [1, 100]
[aggregate]
method = "arithmetic"
[replay.norm.n_minmax]
method = "minmax"
bounds = [1, 100]
[replay.norm.n_zscore]
method = "zscore"
mean = 50
sd = 5
[replay.norm.n_rank]
method = "rank"
"""


def index(
    units: int, sizes: Sequence[int] = (9, 3, 1), *, spread: float = 1.0, gaps: bool = False
) -> tuple[Tree, Dataset, spec.Spec]:
    """An index with outliers; less is better of its first indicator, and parts weigh 1, 2 or 3.

    Args:
        units: how many.
        sizes: how many elements each level has, the lowest first; the last has one.
        spread: of the logarithms of the values.
        gaps: two values are missing.
    """
    rows: list[tuple[str, ...]] = []
    for level, size in enumerate(sizes, start=1):
        above = sizes[level] if level < len(sizes) else 0
        for n in range(size):
            parent = f"e{level + 1}.{n % above}" if above else ""
            kind = "Indicator" if level == 1 else "Aggregate"
            rows.append((f"e{level}.{n}", str(level), parent, "-1" if not rows else "1", str(1 + n % 3), kind))
    of = tree.read([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    values = np.exp(np.random.default_rng(3).normal(0, spread, (units, sizes[0])))
    if gaps:
        values[0, 0] = values[3, 5] = np.nan
    return of, Dataset(tuple(f"u{n:02}" for n in range(units)), of.indicators, values, {}, {}), spec.read(TEXT)
