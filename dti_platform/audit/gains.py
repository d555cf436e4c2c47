"""The gains of least cost that together are worth so many points of an index.

Here: the choice alone, over whole numbers and fractions, so that it is exact. Not here: what an indicator is worth, nor
what rank the points give (``whatif``).

Where every indicator may gain any amount, taking the cheapest points first is best; of points that cost the same, the
largest gains first need the fewest indicators. Indicators whose rule gives certain grades only (steps, categories,
criteria) make it a knapsack: every sum of their gains is kept for which no other is as large, as cheap and as few
(Pareto), the rest is filled as above, and what can no longer beat the best plan so far is dropped. The last gain is
rounded up to a billionth of a point.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

#: At most so many sums of grades are followed; with more, the best plan found is not proven to be the best.
MOST_SUMS = 4_000


@dataclass(frozen=True, slots=True)
class Chance:
    """What an indicator may gain, in billionths of its points.

    ``worth``: points of the index for a point; ``cost``: of a point, above 0. ``grades``: the only gains that its rule
    can give, rising, none above ``most``; without them any gain up to ``most``.
    """

    node: str
    most: int
    worth: Fraction
    cost: Fraction
    grades: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The gains by node, in the order of the chances.

    ``proven``: no plan costs less, nor as little with fewer indicators. ``at_least``: no plan costs less than this.
    """

    gains: Mapping[str, int]
    cost: Fraction
    proven: bool
    at_least: Fraction


#: What a plan is judged by: its cost, then how many indicators gain.
Measure = tuple[int, int]
#: The grades chosen so far: the last, and those before it.
Chosen = tuple[str, int, "Chosen"] | None


@dataclass(frozen=True, slots=True)
class _Item:
    """A chance on a scale of whole numbers: what its gains are worth, and what a unit of that costs."""

    node: str
    whole: int
    price: int
    grades: tuple[int, ...]


@dataclass(frozen=True)
class _Fill:
    """The cheapest points first, and of points that cost the same the largest gains first."""

    items: Sequence[_Item]

    @cached_property
    def ordered(self) -> Sequence[_Item]:
        return sorted(self.items, key=lambda item: (item.price, -item.whole))

    @cached_property
    def sums(self) -> Sequence[int]:
        """What the first so many are worth together, each at its most."""
        return list(accumulate((item.whole for item in self.ordered), initial=0))

    @cached_property
    def costs(self) -> Sequence[int]:
        return list(accumulate((item.whole * item.price for item in self.ordered), initial=0))

    @cached_property
    def largest(self) -> Sequence[int]:
        """The most that so many indicators are worth together."""
        return list(accumulate(sorted((item.whole for item in self.items), reverse=True), initial=0))

    def measure(self, need: int) -> Measure | None:
        """The least cost of so many points and the fewest indicators at that cost; None where they can't be had."""
        if need <= 0:
            return 0, 0
        if need > self.sums[-1]:
            return None
        full = bisect_left(self.sums, need) - 1
        return self.costs[full] + (need - self.sums[full]) * self.ordered[full].price, full + 1

    def fewest(self, need: int) -> int:
        """How many indicators it takes at least, whatever they cost."""
        return bisect_left(self.largest, need) if need > 0 else 0

    def gains(self, need: int) -> Iterator[tuple[str, int]]:
        """What each gains, in what it is worth."""
        for item in self.ordered:
            if need <= 0:
                return
            yield item.node, min(item.whole, need)
            need -= item.whole


@dataclass
class _Search:
    """The best plan over every sum of grades; chances of any gain fill what a sum leaves."""

    need: int
    fill: _Fill
    best: tuple[Measure, int, Chosen] | None = None
    given_up: bool = False
    sums: dict[int, tuple[Measure, Chosen]] = field(default_factory=lambda: {0: ((0, 0), None)})

    def over(self, graded: Sequence[_Item]) -> None:
        """Takes one graded item after the other into every sum."""
        self._try(0, *self.sums[0])
        for position, item in enumerate(graded):
            self._grow(item)
            self.sums = dict(self._pruned(_Fill([*self.fill.items, *graded[position + 1 :]])))

    def _grow(self, item: _Item) -> None:
        for gained, ((cost, count), chosen) in list(self.sums.items()):
            for gain in item.grades if gained < self.need else ():
                total = min(gained + gain, self.need)
                measure = cost + gain * item.price, count + 1
                if total not in self.sums or measure < self.sums[total][0]:
                    self.sums[total] = measure, (item.node, gain, chosen)
                    self._try(total, *self.sums[total])

    def _try(self, gained: int, measure: Measure, chosen: Chosen) -> None:
        filled = self.fill.measure(self.need - gained)
        if filled is not None:
            total = measure[0] + filled[0], measure[1] + filled[1]
            if self.best is None or total < self.best[0]:
                self.best = total, gained, chosen

    def _pruned(self, rest: _Fill) -> Iterator[tuple[int, tuple[Measure, Chosen]]]:
        """The sums that may still lead to something better, none of them dominated by a larger one."""
        least: Measure | None = None
        count = 0
        for gained in sorted(self.sums, reverse=True):
            measure, chosen = self.sums[gained]
            if (least is not None and measure >= least) or not self._may_win(gained, measure, rest):
                continue
            least = measure
            count += 1
            if count > MOST_SUMS:
                self.given_up = True
                return
            yield gained, (measure, chosen)

    def _may_win(self, gained: int, measure: Measure, rest: _Fill) -> bool:
        bound = rest.measure(self.need - gained)
        if bound is None:
            return False
        hoped = measure[0] + bound[0], measure[1] + rest.fewest(self.need - gained)
        return self.best is None or hoped < self.best[0]


def cheapest(chances: Sequence[Chance], need: Fraction) -> Plan | None:
    """The gains of least cost that are worth at least ``need`` (billionths of a point of the index); None: none are.

    Ties go to the fewest indicators. Where there are too many sums of grades to follow up, the best plan that was
    found, and it is not ``proven``.
    """
    size = math.lcm(need.denominator, *(chance.worth.denominator for chance in chances))
    coin = math.lcm(*((chance.cost / chance.worth).denominator for chance in chances))
    items = [_item(chance, size, coin) for chance in chances]
    total = int(need * size)
    search = _Search(total, _Fill([item for item in items if not item.grades]))
    bound = _Fill(items).measure(total)
    if bound is None:
        return None
    search.over(sorted((item for item in items if item.grades), key=lambda item: (item.price, -item.whole)))
    if search.best is None:
        return None
    _, gained, chosen = search.best
    worth = dict(search.fill.gains(total - gained))
    while chosen is not None:
        node, gain, chosen = chosen
        worth[node] = gain
    gains = {
        chance.node: -(-worth[chance.node] // int(chance.worth * size)) for chance in chances if chance.node in worth
    }
    cost = sum((chance.cost * gains[chance.node] for chance in chances if chance.node in gains), Fraction(0))
    return Plan(gains, cost, not search.given_up, Fraction(bound[0], size * coin) if search.given_up else cost)


def _item(chance: Chance, size: int, coin: int) -> _Item:
    """A chance where a billionth of a point of the index is ``size`` units, and a cost of 1 is ``coin``."""
    worth = int(chance.worth * size)
    price = int(chance.cost / chance.worth * coin)
    return _Item(chance.node, chance.most * worth, price, tuple(gain * worth for gain in chance.grades))
