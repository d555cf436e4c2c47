"""Whatever scores of a year are missing or 0, the release goes on: no sender's gaps stop anybody else.

Of real figures the fast share is in ``tests/test_failures.py``: a leader without one score.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dti_platform.feeds import Parsed
from dti_platform.pipeline import Platform, contracts_met
from dti_platform.pipeline.flow import make
from dti_platform.storage import Store

PROJECT = Path(__file__).parents[2]
YEARS, YEAR = (2021, 2022), 2022
SEEDS = 40


def with_gaps(parsed: Parsed, chance: random.Random) -> Parsed:
    """Of some units, some or all scores of some bases or indicators gone, and some of the others 0."""
    rows = parsed.observations
    scored = rows.filter(pl.col("basis").is_in(["self", "verified"]))
    units = chance.sample(sorted(scored["unit"].unique()), chance.choice([1, 2, 6, 7, 20]))
    nodes = chance.sample(sorted(scored["node"].unique()), chance.choice([1, 3, 98]))
    bases = chance.choice([["self"], ["verified"], ["self", "verified"]])
    affected = pl.col("unit").is_in(units) & pl.col("node").is_in(nodes) & pl.col("basis").is_in(bases)
    draw, share = pl.lit(pl.Series([chance.random() for _ in range(rows.height)])), chance.choice([0.01, 0.2, 0.9, 1.0])
    emptied = rows.with_columns(value=pl.when(affected & (draw > 1 - share / 2)).then(0.0).otherwise("value"))
    return replace(parsed, observations=emptied.filter(~(affected & (draw < share))))


@pytest.mark.heavy
def test_no_gap_in_scores_stops_a_release(tmp_path: Path) -> None:
    store = Store(tmp_path / "data", feeds=PROJECT / "data" / "feeds")
    platform = Platform(store)
    contracts_met.recall(store.cache)
    platform.arrivals.land()
    parsed = {year: platform.reader.read(store.landing.standing(year)) for year in YEARS}
    for seed in range(SEEDS):
        changed = {**parsed, YEAR: with_gaps(parsed[YEAR], random.Random(seed))}
        for name, by_year in make(changed, platform.known).items():
            for year, frame in by_year.items():
                store.tables.write(name, year, frame)
        store.derived.record()
        assert platform.publisher.publish(f"seed {seed}").release, seed
