"""Each rule changed in one place is caught by the cases that ``test_rules`` lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from dti_platform.methodology import Framework, Frameworks, scoring
from tests.methodology.mutation import mutant
from tests.methodology.test_rules import CASES, raw, tree

MUTANTS = [
    ("a >= 0", "a >= -b"),
    ("a >= 0", "a > 0"),
    ("a <= b", "a < b"),
    ("(a <= b)", "(a <= b + b)"),
    ("half_up(a * most, b, wide=True)", "a * most // b"),
    ("half_up(a * most, b, wide=True)", "half_up(a * most, b + 1, wide=True)"),
    ("value >= target", "value > target + target"),
    ('pl.when(value >= target).then("max")', "pl.when(value >= target).then(0)"),
    ("half_up(value * most, target, wide=True)", "half_up(target * most, target, wide=True)"),
    ("value <= target", "value < 0"),
    ("half_up(target * most, value, wide=True)", "half_up(value * most, target, wide=True)"),
    ('"steps": pl.when(value.is_not_null()).then(pl.col("step").fill_null(0))', '"steps": pl.col("step")'),
    ('"category": half_up(share * most, pl.lit(SCALE), wide=True)', '"category": pl.col("max")'),
    ('"criteria": half_up(share * most, pl.lit(SCALE), wide=True)', '"criteria": pl.col("max")'),
    ('"target": pl.when(value >= 0).then(reached)', '"target": reached'),
    ('"inverse": pl.when(value >= 0).then(kept)', '"inverse": kept'),
    ('"inverse": pl.when(value >= 0).then(kept)', '"inverse": pl.when(value >= 0).then(reached)'),
    ('pl.col("value") <= pl.col("bound")', 'pl.col("value") < pl.col("bound")'),
    ('pl.col("value") >= pl.col("bound")', 'pl.col("value") > pl.col("bound")'),
    ('pl.when("falling")', "pl.when(pl.lit(value=False))"),
    ('agg(pl.col("step").max())', 'agg(pl.col("step").min())'),
    ("scaled_value(share * most)", "scaled_value(share)"),
    ('node.direction == "lower_is_better"', 'node.direction != "lower_is_better"'),
]


def points_of_the_cases(framework: Framework) -> list[float | None]:
    """Every case as a unit of its own, in one scoring."""
    units = [f"VN63-{at:02}" for at in range(len(CASES))]
    rows = [
        raw(code, figures).with_columns(unit=pl.lit(unit))
        for unit, (code, figures, _) in zip(units, CASES, strict=True)
    ]
    found = scoring.score(pl.concat(rows), framework, units)
    by_place = {(row["unit"], row["node"]): row["points"] for row in found.iter_rows(named=True)}
    return [by_place.get((unit, code)) for unit, (code, *_) in zip(units, CASES, strict=True)]


def proof(framework: Framework) -> None:
    assert points_of_the_cases(framework) == pytest.approx([points for *_, points in CASES], abs=1e-12)


@pytest.fixture
def framework(load_text: Callable[..., Frameworks]) -> Framework:
    return load_text(tree()).all[0]


def test_the_rules_pass_the_proof(framework: Framework) -> None:
    proof(framework)


@pytest.mark.parametrize(("old", "new"), MUTANTS)
def test_a_rule_changed_in_one_place_is_caught(
    framework: Framework, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    changed: Any = mutant("raw_inputs", old, new)
    monkeypatch.setattr(scoring, "worked_out", changed.worked_out)
    with pytest.raises((AssertionError, TypeError, pl.exceptions.PolarsError)):
        proof(framework)
