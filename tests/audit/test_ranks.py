"""Ranks by the rules of each draw: rounding, ties, gaps; against exact decimals, one score after the other."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest

from dti_platform.audit.ranks import ROUNDINGS, TIES, by_rules, pairs, placed, ranks, rules
from dti_platform.audit.tree import AuditError

EXACT: dict[str, Any] = dict(zip(ROUNDINGS, (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN), strict=True))


def by_hand(scores: list[Decimal], rounding: str, ties: str) -> list[int]:
    """The ranks of exact scores rounded to two decimals."""
    rounded = [score.quantize(Decimal("0.01"), EXACT[rounding]) for score in scores]
    first = [1 + sum(other > one for other in rounded) for one in rounded]
    last = [sum(other >= one for other in rounded) for one in rounded]
    dense = [1 + len({other for other in rounded if other > one}) for one in rounded]
    return {"competition": first, "last": last, "dense": dense}[ties]


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (1.0, 100.0)])
def test_every_rule_gives_what_exact_decimals_give(bounds: tuple[float, float]) -> None:
    chance = np.random.default_rng(5)
    exact = [[Decimal(int(each)) / 1000 for each in row] for row in chance.integers(0, 60, (90, 12))]
    low, high = bounds
    scores = np.array([[low + (high - low) * float(each) for each in row] for row in exact])
    kinds = [(rounding, ties) for rounding in ROUNDINGS for ties in TIES]
    of = np.arange(len(scores)) % len(kinds)
    drawn = {"rounding": ([kind[0] for kind in kinds], of), "ties": ([kind[1] for kind in kinds], of)}
    found = placed(scores, rules({"decimals": 2, "bounds": [low, high]}, len(scores), drawn))
    assert found.tolist() == [by_hand(row, *kinds[kind]) for row, kind in zip(exact, of, strict=True)]


def test_without_rounding_float_noise_parts_no_tie_and_gaps_get_no_rank() -> None:
    scores = np.array([[0.1 + 0.2, 0.3, 0.2, np.nan, 0.2], [0.1, 0.9, np.nan, np.nan, 0.5]])
    assert placed(scores, rules({}, 2)).tolist() == [[1, 1, 3, 0, 3], [3, 1, 0, 0, 2]]
    assert np.array_equal(by_rules(scores.T, rules({}, 2)), ranks(scores.T), equal_nan=True)


def test_who_stands_above_whom_is_counted_where_both_have_a_score() -> None:
    chance = np.random.default_rng(2)
    scores = chance.integers(0, 6, (400, 7)) / 10
    scores[chance.random(scores.shape) < 0.1] = np.nan
    above, both = pairs(placed(scores, rules({"decimals": 3}, 400)))
    assert above.tolist() == [[int((one > other).sum()) for other in scores.T] for one in scores.T]
    known = ~np.isnan(scores)
    assert both.tolist() == [[int((one & other).sum()) for other in known.T] for one in known.T]


@pytest.mark.parametrize("settings", [{"ties": "fair"}, {"rounding": "up"}, {"decimals": 12}])
def test_a_rule_that_nobody_knows_is_named_with_those_that_are_known(settings: dict[str, object]) -> None:
    with pytest.raises(AuditError) as refused:
        rules(settings, 1)
    ((name, value),) = settings.items()
    assert f"ranks: {name} is {value}; known: " in str(refused.value)
