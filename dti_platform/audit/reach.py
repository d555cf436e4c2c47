"""Reach: the gains of least cost that bring a unit to a rank, the others staying as they are.

Here: how many points the rank takes, what each indicator may still gain and what that is worth. Not here: choosing
among them (``gains``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from dti_platform.audit.contest import Contest, WhatIfError
from dti_platform.audit.gains import Chance, cheapest
from dti_platform.audit.scenario import Scenario, scenario
from dti_platform.glossary import BASES
from dti_platform.methodology import Node
from dti_platform.methodology.aggregation import worths
from dti_platform.methodology.exact import SCALE, least_half_up, scaled_value

#: What a plan may fall short by is rounding inside the tree, which another round makes up for.
_ROUNDS = 4
#: So many missing indicators are named.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Gain:
    """What an indicator must gain, in points of its own; ``cost``: of that gain."""

    node: str
    node_name_vi: str
    node_name_en: str
    points: float
    gain: float
    max_points: float
    cost: float


@dataclass(frozen=True, slots=True)
class Reach:
    """The gains of least cost that reach a rank, and what comes of them.

    ``reached``: false where not even everything at its maximum does; then ``gains`` are empty and ``scenario`` has
    everything at its maximum, ``lacking`` are the points of the index that it still lacks, and there is no ``cost``.
    ``score``: the least that reaches the rank. ``proven``: no other gains cost less, nor as little with fewer
    indicators; else none cost less than ``at_least``.
    """

    rank: int
    reached: bool
    score: float
    cost: float | None
    proven: bool
    at_least: float
    lacking: float
    gains: tuple[Gain, ...]
    scenario: Scenario


def reach(contest: Contest, rank: int, costs: Mapping[str, Decimal], only: Collection[str] = ()) -> Reach:
    """The gains of least cost that bring the unit to a rank or better, the others as they are; a tie counts.

    ``costs``: of a point, by node; 1 where none is given. ``only``: the nodes at or below which there may be gains;
    everywhere where none is named.

    Raises:
        WhatIfError: there are no ranks on this basis, figures or maxima are missing, a rank beyond the last, a cost
            that is none.
    """
    chances = _chances(contest, costs, only)
    if contest.place(contest.framework.root.code).rank is None:
        raise WhatIfError("not_ranked", basis=BASES[contest.basis])
    least = _least(contest, rank)
    need = Fraction(least - (contest.points(contest.framework.root.code) or 0))
    for _ in range(_ROUNDS):
        plan = cheapest(chances, need)
        if plan is None:
            break
        points = {code: (contest.points(code) or 0) + gain for code, gain in plan.gains.items()}
        result = contest.with_points(points) if points else contest
        short = least - (result.points(contest.framework.root.code) or 0)
        if short <= 0:
            gains = tuple(_gain(contest, code, gain, costs) for code, gain in plan.gains.items())
            cost, at_least = float(plan.cost / SCALE), float(plan.at_least / SCALE)
            return Reach(
                rank,
                True,
                _score(contest, least),
                cost,
                plan.proven,
                at_least,
                0.0,
                gains,
                scenario(contest, points, after=result),
            )
        need += short
    everything = {chance.node: (contest.points(chance.node) or 0) + chance.most for chance in chances}
    at_most = scenario(contest, everything)
    lacking = least / SCALE - (at_most.index.after.points or 0)
    return Reach(rank, False, _score(contest, least), None, True, 0.0, round(lacking, 9), (), at_most)


def _least(contest: Contest, rank: int) -> int:
    """The least points of the index (billionths) at which no more than ``rank`` - 1 others stand above."""
    root = contest.framework.root
    others = contest.places.filter(pl.col("node") == root.code, pl.col("unit") != contest.unit.id)
    scores = others["rank_score"].drop_nulls()
    if rank > len(scores) + 1:
        raise WhatIfError("beyond_the_last", rank=rank, last=len(scores) + 1)
    if rank > len(scores):
        return 0
    scale = 10**contest.framework.settings.tie_decimals
    worth = round(scores.sort(descending=True)[rank - 1] * scale)
    return least_half_up(worth, scale, scaled_value(_most(root)))


def _score(contest: Contest, least: int) -> float:
    return float(Fraction(least, scaled_value(_most(contest.framework.root))))


def _most(node: Node) -> Decimal:
    """The maximum of a node; ``_chances`` refuses those of which it is not known."""
    return node.max_points or Decimal(0)


def _chances(contest: Contest, costs: Mapping[str, Decimal], only: Collection[str]) -> list[Chance]:
    """What each indicator may still gain; one without a figure, which counts as nothing, from 0 on."""
    missing = [node.code for node in contest.open if contest.points(node.code) is None]
    if missing and contest.framework.settings.missing != "zero":
        raise WhatIfError("missing", count=len(missing), nodes=_named(missing))
    for code, cost in costs.items():
        contest.taking(code)
        if cost <= 0:
            raise WhatIfError("no_cost", node=code, cost=cost)
    worth = worths(contest.framework, contest.framework.root.code)
    within = {
        below
        for code in only or [contest.framework.root.code]
        for below in worths(contest.framework, contest.known(code).code)
    }
    among = [node for node in contest.open if node.code in within]
    if unsized := [node.code for node in (contest.framework.root, *among) if node.max_points is None]:
        raise WhatIfError("no_maximum", nodes=_named(unsized))
    return [chance for node in among if (chance := _chance(contest, node, worth[node.code], costs)) is not None]


def _named(codes: Sequence[str]) -> str:
    return ", ".join(codes[:MOST_NAMED]) + ", …" * (len(codes) > MOST_NAMED)


def _chance(contest: Contest, node: Node, worth: Fraction, costs: Mapping[str, Decimal]) -> Chance | None:
    has = contest.points(node.code) or 0
    room = scaled_value(_most(node)) - has
    grades = tuple(map(scaled_value, node.rule.grades(_most(node))))
    gains = tuple(grade - has for grade in grades if grade > has)
    if room <= 0 or worth <= 0 or (grades and not gains):
        return None
    return Chance(node.code, gains[-1] if gains else room, worth, Fraction(costs.get(node.code, Decimal(1))), gains)


def _gain(contest: Contest, code: str, gain: int, costs: Mapping[str, Decimal]) -> Gain:
    node, has = contest.framework.nodes[code], contest.points(code) or 0
    cost = float(Fraction(gain, SCALE) * Fraction(costs.get(code, Decimal(1))))
    return Gain(code, node.name_vi, node.name_en, has / SCALE, gain / SCALE, float(_most(node)), cost)
