"""What the robustness of a ranking costs: 63 units x 98 indicators, everything drawn, beside a bare numpy kernel.

Weights +-25 % at every level, two scales, two means, four limits of winsorising. The kernel does no more than draw the
weights of one level, multiply and sort. Prints one JSON line a figure: absolute CPU seconds, for one process with one
BLAS thread. Takes about ten seconds: ``python -m benchmarks.robustness``.
"""

from __future__ import annotations

import json
import os
import resource
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from dti_platform.audit import spec, tree
from dti_platform.audit.dataset import Dataset
from dti_platform.audit.draws import Uncertainty
from dti_platform.audit.robustness import robustness

UNITS, INDICATORS, MAINS = 63, 98, 8
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
"""
EVERYTHING = Uncertainty(
    {1: 0.25, 2: 0.25, 3: 0.25},
    {"norm": ["n_minmax", "n_zscore"], "agg": ["a_amean", "a_gmean"], "winmax": ["2", "3", "4", "5"]},
)
GOALS = {1_000: 0.1, 100_000: 1.0}
MOST_MIB = 300


def index() -> tuple[tree.Tree, Dataset, spec.Spec]:
    """A made-up index of the size of the DTI."""
    columns = ("iCode", "Level", "Parent", "Direction", "Weight", "Type")
    rows = [(f"i{n}", "1", f"m{n % MAINS}", "1", "1", "Indicator") for n in range(INDICATORS)]
    rows += [(f"m{n}", "2", f"g{n % 2}", "1", "1", "Aggregate") for n in range(MAINS)]
    rows += [("g0", "3", "I", "1", "1", "Aggregate"), ("g1", "3", "I", "1", "1", "Aggregate")]
    rows += [("I", "4", "", "1", "1", "Aggregate")]
    of = tree.read([dict(zip(columns, row, strict=True)) for row in rows])
    values = np.exp(np.random.default_rng(1).normal(0, 0.5, (UNITS, INDICATORS)))
    return of, Dataset(tuple(f"u{n:02}" for n in range(UNITS)), of.indicators, values, {}, {}), spec.read(TEXT)


def kernel(values: np.ndarray, number: int) -> None:
    """Draw, multiply, sort."""
    generator = np.random.default_rng(0)
    for first in range(0, number, 8_192):
        weights = generator.random((min(8_192, number - first), values.shape[1])) + 0.5
        np.argsort(weights @ values.T, axis=1)


def main() -> None:
    """Print a line for each number of draws, and one for the peak of memory."""
    given = index()
    for number, goal in GOALS.items():
        ours, bare = [], []
        for _ in range(3):
            started = time.process_time()
            robustness(*given, EVERYTHING, number)
            ours.append(time.process_time() - started)
            started = time.process_time()
            kernel(given[1].values, number)
            bare.append(time.process_time() - started)
        figures = {"ours": round(min(ours), 4), "peer": round(min(bare), 4), "ratio": round(min(ours) / min(bare), 2)}
        print(
            json.dumps(
                {"name": f"robustness, {number} draws, CPU s", **figures, "goal": goal, "met": min(ours) <= goal}
            )
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"name": "robustness, peak MiB", "ours": round(peak), "goal": MOST_MIB, "met": peak <= MOST_MIB}))


if __name__ == "__main__":
    main()
