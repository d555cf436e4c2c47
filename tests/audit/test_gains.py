"""The cheapest gains: held against every choice there is, on small cases."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform.audit.gains import Chance, cheapest

AMOUNTS = st.integers(1, 12)
FRACTIONS = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(2, 5), Fraction(3, 10)])


@st.composite
def chances(draw: st.DrawFn) -> list[Chance]:
    """Up to five indicators, some of which have grades."""
    made: list[Chance] = []
    for place in range(draw(st.integers(1, 5))):
        worth, cost = draw(FRACTIONS), draw(FRACTIONS)
        grades = tuple(sorted(draw(st.sets(AMOUNTS, max_size=3))))
        most = grades[-1] if grades else draw(AMOUNTS)
        made.append(Chance(f"i{place}", most, worth, cost, grades))
    return made


def brute_force(among: list[Chance], need: Fraction) -> tuple[Fraction, int] | None:
    """Every choice of grades, whole gains and at most one that is cut to what is needed: the least cost, then count.

    A linear programme with one bound has a best solution of this form, also one with the fewest indicators.
    """
    found: list[tuple[Fraction, int]] = []
    for gains in product(*([0, *(each.grades or [each.most])] for each in among)):
        worth = sum((g * each.worth for g, each in zip(gains, among, strict=True)), Fraction(0))
        cost = sum((g * each.cost for g, each in zip(gains, among, strict=True)), Fraction(0))
        count = sum(gain > 0 for gain in gains)
        spare = worth - need
        if spare < 0:
            continue
        found.append((cost, count))
        for gain, each in zip(gains, among, strict=True):
            if gain and not each.grades and gain * each.worth > spare:
                found.append((cost - spare * each.cost / each.worth, count))
    return min(found, default=None)


@settings(max_examples=200, deadline=None)
@given(chances(), st.fractions(Fraction(1, 10), 40, max_denominator=10))
def test_no_choice_is_cheaper_nor_as_cheap_with_fewer_indicators(among: list[Chance], need: Fraction) -> None:
    best, plan = brute_force(among, need), cheapest(among, need)
    if best is None or plan is None:
        assert best is plan is None
        return
    by_node = {each.node: each for each in among}
    worth = sum((gain * by_node[node].worth for node, gain in plan.gains.items()), Fraction(0))
    assert worth >= need
    assert all(0 < gain <= by_node[node].most for node, gain in plan.gains.items())
    assert all(gain in by_node[node].grades for node, gain in plan.gains.items() if by_node[node].grades)
    rounded = max(each.cost for each in among)  # the last gain is rounded up to a whole unit
    assert (best[0] <= plan.cost < best[0] + rounded, len(plan.gains), plan.proven) == (True, best[1], True)


def test_too_many_sums_end_with_a_plan_and_what_none_costs_less_than(monkeypatch: pytest.MonkeyPatch) -> None:
    grades = [1000 + 137 * n**2 % 991 for n in range(24)]
    among = [Chance(f"i{n}", gain, Fraction(1), Fraction(1), (gain,)) for n, gain in enumerate(grades)]
    monkeypatch.setattr("dti_platform.audit.gains.MOST_SUMS", 5)
    plan = cheapest(among, Fraction(12_345))
    assert plan
    assert (plan.proven, plan.at_least) == (False, 12_345)
    assert sum(plan.gains.values()) == plan.cost >= plan.at_least
