"""Two figures are comparable over time within one level, geography, family of frameworks and basis, and only there."""

from __future__ import annotations

import pytest

from dti_platform.methodology import Contest, comparable
from dti_platform.methodology.comparability import REASONS, distance

NOW = Contest("provincial", "VN63", "922", "published")
OTHERS = {
    "other_level": NOW._replace(level="ministerial"),
    "other_geography": NOW._replace(geography="VN34"),
    "other_framework_family": NOW._replace(family="405"),
    "other_basis": NOW._replace(basis="verified"),
}


def test_alike_is_comparable() -> None:
    assert comparable(NOW, NOW._replace()) is None


@pytest.mark.parametrize("reason", REASONS)
def test_each_difference_is_a_reason_both_ways(reason: str) -> None:
    assert comparable(NOW, OTHERS[reason]) == comparable(OTHERS[reason], NOW) == reason


def test_the_first_reason_is_said() -> None:
    assert comparable(NOW, Contest("national", "VN", "405", "self")) == "other_level"
    assert comparable(NOW, Contest("provincial", "VN34", "405", "self")) == "other_geography"


def test_of_several_earlier_rankings_the_nearest_counts() -> None:
    nearest = sorted([*OTHERS.values(), NOW], key=lambda other: distance(NOW, other))
    assert nearest == [NOW, *(OTHERS[reason] for reason in reversed(REASONS))]
    assert distance(NOW, NOW) == 0
