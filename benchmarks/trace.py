"""How long a trace takes, both ways, on a release of five years of 63 units and 98 indicators (P19).

The committed synthetic year 2022 stands five times, under five periods, in a release of its own folder. Prints one
JSON line for each figure. ``python -m benchmarks.trace [SAMPLES]`` (default 200) from the project's root.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from dti_platform import explain, publications, units
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import make
from dti_platform.storage import Store

PROJECT = Path(__file__).parents[1]
YEAR, PERIODS = 2022, tuple(str(year) for year in range(2018, 2023))
GOAL = 1.0


def five_years(folder: Path) -> Store:
    """A store with one release that holds the year five times."""
    store = Store(folder, feeds=PROJECT / "data" / "feeds")
    platform = Platform(store)
    platform.arrivals.land()
    made = make({YEAR: platform.reader.read(store.landing.standing(YEAR))}, platform.known)
    modules = publications.discover()
    frames = {name: again(made[name][YEAR]) for name in modules}
    described = {name: publications.describe(module) for name, module in modules.items()}
    store.releases.publish(publications.apart(frames), publications.described_apart(described), record={})
    return store


def again(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the whole year under every period."""
    whole = frame.filter(pl.col("period") == str(YEAR))
    return pl.concat([whole.with_columns(period=pl.lit(period)) for period in PERIODS])


def timed(calls: Iterator[Callable[[], object]]) -> list[float]:
    """Seconds of each call; every call opens the release anew, as a process of its own would."""
    found: list[float] = []
    for call in calls:
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return found


def told(name: str, seconds: list[float], size: dict[str, int]) -> None:
    """One JSON line: the slowest against the goal."""
    worst = max(seconds)
    line = {
        "name": name, "ours": round(worst, 4), "peer": None, "ratio": None, "goal": GOAL, "met": worst < GOAL,
        "median": round(statistics.median(seconds), 4), "samples": len(seconds), **size,
    }  # fmt: skip
    print(json.dumps(line), flush=True)


def main(samples: int) -> None:
    """Score to cells, cell to scores, and both as commands of their own processes."""
    known, draw = units.load(check=False), random.Random(1)
    with TemporaryDirectory() as folder:
        store = five_years(Path(folder))
        scores = publications.of_release(store.releases.open(), "index_scores").drop_nulls("score")
        cells = publications.of_release(store.releases.open(), "observations").drop_nulls("framework")
        size = {"scores": scores.height, "observations": cells.height}
        picked = draw.sample(scores.filter(pl.col("unit") != pl.col("geography")).to_dicts(), samples)
        told("trace: a score down to its cells", timed(
            lambda row=row: explain.trace(store.releases.open(), known, row["unit"], row["period"], row["node"])
            for row in picked
        ), size)  # fmt: skip
        marked = draw.sample(cells.to_dicts(), samples)
        told("trace --from: a cell to the scores it moves", timed(
            lambda row=row: explain.reach(store.releases.open(), row["file"], row["locator"]) for row in marked
        ), size)  # fmt: skip
        told("dti trace, whole process", timed(
            lambda row=row: command(folder, row["unit"], "--period", row["period"], "--node", row["node"])
            for row in picked[:5]
        ), size)  # fmt: skip
        told("dti trace --from, whole process", timed(
            lambda row=row: command(folder, "--from", row["file"], row["locator"]) for row in marked[:5]
        ), size)  # fmt: skip


def command(data: str, *arguments: str) -> None:
    """``dti trace`` in a process of its own."""
    line = [sys.executable, "-m", "dti_platform.cli", "trace", *arguments, "--data", data]
    subprocess.run(line, cwd=PROJECT, capture_output=True, check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
