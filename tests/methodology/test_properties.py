"""What must hold for any figures: order doesn't matter, more is never less, sums are exact, ties are ties."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dti_platform import methodology, units
from dti_platform.methodology import Framework, Frameworks, rank, score
from dti_platform.units import Units
from tests.methodology.observed import observed

Small = Callable[..., Framework]
UNITS = ("VN63-01", "VN63-02", "VN63-04")
LEAVES = {"A1": 40, "A2": 20, "B1": 30, "B2": 10}
#: Points with at most four decimals, as integers of 1/10,000 of a leaf's maximum.
SHEETS = st.lists(st.tuples(*(st.integers(0, most * 100) for most in LEAVES.values())), min_size=3, max_size=3)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(sheets: list[tuple[int, ...]]) -> list[tuple[str, str, float]]:
    return [
        (unit, code, value / 100)
        for unit, sheet in zip(UNITS, sheets, strict=True)
        for code, value in zip(LEAVES, sheet, strict=True)
    ]


def scored(framework: Framework, rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    return score(observed(rows, framework="1"), framework, UNITS)


@given(SHEETS)
@quick
def test_points_are_exact_sums_at_every_node(small: Small, sheets: list[tuple[int, ...]]) -> None:
    scores = scored(small(), rows_of(sheets))
    for unit, (a1, a2, b1, b2) in zip(UNITS, sheets, strict=True):
        found = dict(scores.filter(pl.col("unit") == unit).select("node", "points").iter_rows())
        exact = {"A": a1 + a2, "B": b1 + b2, "P": a1 + a2 + b2, "T": a1 + a2 + b1 + b2}
        assert {node: found[node] for node in exact} == {node: float(Decimal(n) / 100) for node, n in exact.items()}


@given(SHEETS)
@quick
def test_scores_are_rounded_half_up_from_the_exact_ratio(small: Small, sheets: list[tuple[int, ...]]) -> None:
    framework = small()
    for node, points, value in scored(framework, rows_of(sheets)).select("node", "points", "score").iter_rows():
        exact = Fraction(Decimal(str(points))) / Fraction(framework.nodes[node].max_points or 1)
        assert value == float(Decimal(int(exact * 10**6 + Fraction(1, 2))) / 10**6)


@given(SHEETS, st.sampled_from(sorted(LEAVES)), st.integers(1, 1000))
@quick
def test_more_points_never_lower_a_score_or_a_rank(
    small: Small, sheets: list[tuple[int, ...]], leaf: str, more: int
) -> None:
    framework, before = small(), rows_of(sheets)
    after = [
        (unit, code, min(value + more / 100, LEAVES[code]) if (unit, code) == (UNITS[0], leaf) else value)
        for unit, code, value in before
    ]
    scores = [scored(framework, rows) for rows in (before, after)]
    for node in ("T", "P", leaf):
        old, new = (each.filter(pl.col("node") == node) for each in scores)
        assert (new["score"] >= old["score"]).all()
        assert place_of(new, UNITS[0]) <= place_of(old, UNITS[0])


def place_of(scores: pl.DataFrame, unit: str) -> int:
    own = scores.filter(pl.col("unit") == unit)["score"].item()
    return int((scores["score"] > own).sum()) + 1


@given(SHEETS, st.randoms())
@quick
def test_the_order_of_rows_changes_nothing(small: Small, sheets: list[tuple[int, ...]], random: Random) -> None:
    framework, rows = small(), rows_of(sheets)
    straight = scored(framework, rows)
    random.shuffle(rows)
    assert scored(framework, rows).equals(straight)


@given(st.permutations(UNITS), SHEETS)
@quick
def test_renaming_units_renames_their_scores(small: Small, renamed: list[str], sheets: list[tuple[int, ...]]) -> None:
    framework, new = small(), dict(zip(UNITS, renamed, strict=True))
    before = scored(framework, rows_of(sheets)).select("unit", "node", "score")
    after = scored(framework, [(new[unit], code, value) for unit, code, value in rows_of(sheets)])
    assert after.select("unit", "node", "score").equals(
        before.with_columns(pl.col("unit").replace(new)).sort("unit", "node")
    )


@given(SHEETS)
@quick
def test_ranks_are_one_more_than_the_number_above(
    small: Small, known_units: Units, sheets: list[tuple[int, ...]]
) -> None:
    framework, members = small(), known_units.geographies["VN63"]
    rows = [(unit, code, value) for unit, code, value in rows_of(sheets)]
    rows += [(unit, code, 0.0) for unit in members if unit not in UNITS for code in LEAVES]
    observations = observed(rows, framework="1")
    scores = score(observations, framework, members)
    for _, node in rank(scores, observations, framework, known_units).group_by("node"):
        for value, place in node.select("score", "rank").iter_rows():
            assert place == int((node["score"] > value).sum()) + 1


@given(st.lists(st.integers(0, 10000), min_size=8, max_size=8))
@quick
def test_the_identity_of_the_overlapping_pillars(frameworks: Frameworks, values: list[int]) -> None:
    """1000 T = 700 G + 650 E + 650 S - 2 F, in points: T = G + E + S - 2 F."""
    framework = frameworks.get("922", "provincial")
    rows = observed([("VN63-01", code, value / 100) for code, value in zip("12345789", values, strict=True)])
    found = score(rows, framework, ["VN63-01"]).select("node", "points").iter_rows()
    exact = {node: Fraction(Decimal(str(points))) for node, points in found}
    assert exact["PDTI"] == exact["CQS"] + exact["KTS"] + exact["XHS"] - 2 * exact["I"]


def large() -> tuple[pl.DataFrame, Framework, Units]:
    """63 provinces x 98 indicators, with figures that floats cannot add exactly."""
    known = units.load(check=False)
    framework = methodology.load().get("922", "provincial", overlay=True)
    rows = [
        (unit, leaf.code, int(hashlib.sha256(f"{unit}{leaf.code}".encode()).hexdigest()[:4], 16) / 65535)
        for unit in known.geographies["VN63"]
        for leaf in framework.leaves()
    ]
    return observed(rows), framework, known


def ranked_bytes() -> str:
    """The hash of their scores and ranks, and on how many threads they were made."""
    rows, framework, known = large()
    scores = score(rows, framework, known.geographies["VN63"])
    rankings = rank(scores, rows, framework, known)
    made = hashlib.sha256((scores.write_csv() + rankings.write_csv()).encode()).hexdigest()
    return f"{made} {pl.thread_pool_size()}"


def test_the_thread_count_changes_no_byte(project: Path) -> None:
    """In another process on one where it is two here, else on two."""
    another = "1" if pl.thread_pool_size() > 1 else "2"
    other = subprocess.run(
        [sys.executable, "-c", "from tests.methodology import test_properties as own; print(own.ranked_bytes())"],
        env={**os.environ, "POLARS_MAX_THREADS": another, "PYTHONHASHSEED": "2", "PYTHONPATH": "."},
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    (here, threads), (there, others) = ranked_bytes().split(), other.stdout.split()
    assert here == there
    assert threads != others == another
