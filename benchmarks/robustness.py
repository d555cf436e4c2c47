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

from dti_platform.audit.draws import Uncertainty
from dti_platform.audit.robustness import robustness
from tests.audit.made_up import index

UNITS, SIZES = 63, (98, 8, 2, 1)
EVERYTHING = Uncertainty(
    {1: 0.25, 2: 0.25, 3: 0.25},
    {"norm": ["n_minmax", "n_zscore"], "agg": ["a_amean", "a_gmean"], "winmax": ["2", "3", "4", "5"]},
)
GOALS = {1_000: 0.1, 100_000: 1.0}
MOST_MIB = 300


def kernel(values: np.ndarray, number: int) -> None:
    """Draw, multiply, sort."""
    generator = np.random.default_rng(0)
    for first in range(0, number, 8_192):
        weights = generator.random((min(8_192, number - first), values.shape[1])) + 0.5
        np.argsort(weights @ values.T, axis=1)


def main() -> None:
    """Print a line for each number of draws, and one for the peak of memory."""
    given = index(UNITS, SIZES, spread=0.5)
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
