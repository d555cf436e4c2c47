"""Effective weights: what a score gains with one below it, in the total and in each pillar."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import polars as pl
import pytest

from dti_platform.methodology import Framework, Frameworks, described, score
from dti_platform.methodology.description import lines
from dti_platform.methodology.weights import weights
from tests.methodology.observed import observed

PILLARS = {"CQS": 700, "KTS": 650, "XHS": 650}


@pytest.mark.parametrize("main_index", ["1", "2", "3", "4", "5", "7", "8", "9"])
def test_the_total_of_922_is_its_pillars_less_the_foundation_that_all_three_count(
    frameworks: Frameworks, main_index: str
) -> None:
    """1000 T = 700 G + 650 E + 650 S - 2 F, with F in points: at every main index."""
    framework = frameworks.get("922", "provincial")

    def weight(of: str) -> Fraction:
        return weights(framework, of).get(main_index, Fraction(0))

    pillars = sum((most * weight(pillar) for pillar, most in PILLARS.items()), Fraction(0))
    assert 1000 * weight("PDTI") == pillars - 2 * 500 * weight("I")


def test_the_foundation_counts_in_all_three_pillars_of_922(frameworks: Frameworks) -> None:
    framework = frameworks.get("922", "provincial")
    assert weights(framework, "PDTI")["I"] == Fraction(1, 2)
    assert [weights(framework, pillar)["I"] for pillar in PILLARS] == [
        Fraction(500, 700), Fraction(500, 650), Fraction(500, 650),
    ]  # fmt: skip
    assert "8" not in weights(framework, "CQS")


def test_pillars_of_1726_have_the_weights_that_it_states(frameworks: Frameworks) -> None:
    found = weights(frameworks.get("1726", "provincial"), "PDTI")
    assert {code: found[code] for code in PILLARS} == {
        "CQS": Fraction(2, 5), "KTS": Fraction(3, 10), "XHS": Fraction(3, 10),
    }  # fmt: skip


@pytest.mark.parametrize("leaf", ["A1", "A2", "B1", "B2"])
def test_a_weight_is_what_the_score_gains_with_all_points_of_the_node(
    small: Callable[..., Framework], leaf: str
) -> None:
    framework = small()
    leaves = {"A1": 40, "A2": 20, "B1": 30, "B2": 10}
    rows = [("VN63-01", code, float(most if code == leaf else 0)) for code, most in leaves.items()]
    scores = score(observed(rows, framework="1"), framework, ["VN63-01"])
    gained = dict(scores.filter(pl.col("node").is_in(["T", "P"])).select("node", "score").iter_rows())
    for top in ("T", "P"):
        assert gained[top] == pytest.approx(float(weights(framework, top).get(leaf, 0)), abs=5e-7)


def test_where_no_maximum_is_known_no_weight_is_told(frameworks: Frameworks) -> None:
    framework = frameworks.get("405", "provincial")
    assert weights(framework, "CQS") == {}
    assert described(framework)["weights"] == {}
    assert not [line for line in lines(described(framework), "en") if "Effective weights" in line]


def test_weights_and_what_is_inferred_are_told(frameworks: Frameworks) -> None:
    data = described(frameworks.get("922", "provincial"))
    assert "| I | 0,5000 | 0,7143 | 0,7692 | 0,7692 |" in lines(data, "vi")
    assert any(line.endswith("(I + 7) / 700 (formula inferred)") for line in lines(data, "en"))
