"""The integer program behind ``agreement``: points on a grid that keep all printed values and settled orders.

Here: targets, rows of the program, its solution. Not here: what was printed (``figures``), who stands before whom
(``order``), and the points as they are kept (``agreement``).

An order is settled at every ranked node first; then points are sought that keep all orders and printed values, as
near as they can be to natural targets. Where that fails, the orders follow the nearest points found.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from tools.agreeing.figures import GRAIN, Figure
from tools.agreeing.order import Order

if TYPE_CHECKING:
    from dti_platform.methodology import Framework

__all__ = ["Program"]

Place = tuple[str, str]
#: How far apart two units stand whose order is printed, as a share of the node's maximum.
GAP = Decimal("0.001")
#: Where nothing is printed: the share of its maximum that the first and the last unit may have.
FIRST, LAST = 0.8, 0.4
#: How often natural targets are drawn, and how often the orders then follow the points found.
DRAWS, ROUNDS = 8, 6
#: What missing a figure by one grain costs, in grains of distance from a target.
MISSED = 1_000
#: Less than this part of a grain is the solver's noise.
NOISE = 1e-6


class Row(NamedTuple):
    """``low <= sum of factor x grains <= high``, because of a printed figure."""

    terms: dict[int, int]
    low: float
    high: float
    figure: Figure


class Draw(NamedTuple):
    """Points found for some targets, under some rows, and what they miss."""

    targets: Sequence[float]
    rows: Sequence[Row]
    grains: Sequence[float]
    missed: list[Figure]
    distance: float


class Program:
    """Points of ``units`` at the inputs of ``framework``, that meet ``figures``."""

    def __init__(self, framework: Framework, units: Sequence[str], figures: Sequence[Figure], seed: int) -> None:
        """Nothing is solved yet.

        Raises:
            ValueError: the framework doesn't merely sum points, or an input's maximum is unknown.
        """
        self.framework, self.units, self.random = framework, tuple(units), random.Random(f"agreement {seed}")  # noqa: S311
        self.inputs = [node.code for node in framework.inputs]
        self.maxima = {code: node.max_points for code, node in framework.nodes.items()}
        if framework.aggregation != "sum_of_main_indices" or None in (self.maxima[code] for code in self.inputs):
            raise ValueError(f"{framework.name}: points are constructed only where known maxima are merely summed")
        self.places: list[Place] = [(unit, code) for unit in self.units for code in self.inputs]
        self.at = {place: index for index, place in enumerate(self.places)}
        self.limits = [int((self.maxima[code] or 0) / GRAIN) for _, code in self.places]
        self.values = [figure for figure in figures if figure.measure in ("score", "points")]
        self.orders = {code: self._order(code, figures) for code in framework.nodes}

    def _order(self, code: str, figures: Sequence[Figure]) -> Order:
        of_node = [figure for figure in figures if figure.node == code and figure.unit in self.units]
        named = {m: {f.unit: f for f in of_node if f.measure == m} for m in ("rank", "top", "score")}
        scores = {unit: float(figure.value) for unit, figure in named["score"].items()}
        return Order(self.units, named["rank"], named["top"], scores)

    def run(self) -> tuple[dict[Place, int], list[Figure]]:
        """Grains by place, and the figures that none of the draws met: of several draws the best is taken."""
        best = min((self._draw() for _ in range(DRAWS)), key=lambda draw: (len(draw.missed), draw.distance))
        kept = [row for row in best.rows if row.figure not in best.missed]
        found = self._solve(kept, best.targets, whole=True).grains
        return {place: round(grain) for place, grain in zip(self.places, found, strict=True)}, best.missed

    def _draw(self) -> Draw:
        """Natural targets are drawn; then points are sought, and the orders follow them, until nothing is missed."""
        fixed, targets = list(self._value_rows()), self._targets()
        draw = Draw(targets, fixed, targets, [], 0)
        for _ in range(ROUNDS):
            rows = [*fixed, *self._order_rows(draw.grains)]
            draw = self._solve(rows, targets, whole=False)
            if not draw.missed:
                break
        return draw

    def made_of(self, code: str) -> list[str]:
        """The inputs whose points a node sums."""
        parts = self.framework.parts(code)
        return [under for part in parts for under in self.made_of(part.code)] if parts else [code]

    def _terms(self, unit: str, code: str, factor: int = 1) -> dict[int, int]:
        return {self.at[unit, under]: factor for under in self.made_of(code)}

    def _value_rows(self) -> Iterator[Row]:
        """A printed score or sum of points; of the geography: the mean of its units."""
        for figure in self.values:
            of = [figure.unit] if figure.unit in self.units else self.units
            low, high = figure.grains(self.maxima[figure.node])
            terms = {at: 1 for unit in of for at in self._terms(unit, figure.node)}
            yield Row(terms, low * len(of), high * len(of), figure)

    def _order_rows(self, grains: Sequence[float]) -> Iterator[Row]:
        for code, order in self.orders.items():
            if order.ranks or order.lists:
                gap = int((self.maxima[code] or 0) * GAP / GRAIN)
                shares = {unit: sum(grains[at] for at in self._terms(unit, code)) for unit in self.units}
                for before, after, strictly, figure in order.demands(order.settle(shares)):
                    terms = {**self._terms(before, code), **self._terms(after, code, -1)}
                    yield Row(terms, gap if strictly else 0, float("inf"), figure)

    def _solve(self, rows: Sequence[Row], targets: Sequence[float], *, whole: bool) -> Draw:
        """The nearest points; in whole grains every row is kept, else a row may be missed at its price."""
        count = len(targets)
        matrix, low, high = self._matrix(rows, targets, elastic=not whole)
        price = np.r_[np.zeros(count), np.ones(count), np.full(matrix.shape[1] - 2 * count, MISSED)]
        upper: Any = np.r_[self.limits, np.full(len(price) - count, np.inf)]
        found: Any = milp(
            price / price.max(),
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(0, upper),
            integrality=np.r_[np.full(count, int(whole)), np.zeros(len(price) - count)],
            options={"mip_rel_gap": 0.01},
        )
        if found.x is None:
            raise ValueError(f"{self.framework.name}: no points on steps of {GRAIN} meet all figures: {found.message}")
        over, under = found.x[2 * count :].reshape(2, -1) if not whole else np.zeros((2, len(rows)))
        missed = [row.figure for row, slack in zip(rows, over + under, strict=True) if slack > NOISE]
        grains = [float(value) for value in found.x[:count]]
        return Draw(targets, rows, grains, list(dict.fromkeys(missed)), float(found.x[count : 2 * count].sum()))

    def _matrix(self, rows: Sequence[Row], targets: Sequence[float], *, elastic: bool) -> tuple[Any, Any, Any]:
        """Columns: grains, distances from the targets, and (if elastic) what each row is over and under."""
        terms = [(at, index, factor) for at, row in enumerate(rows) for index, factor in row.terms.items()]
        where, index, factor = map(np.array, zip(*terms, strict=True))
        count, eye = len(targets), sparse.identity(len(targets))
        printed = sparse.coo_array((factor, (where, index)), shape=(len(rows), count))
        slack = sparse.identity(len(rows))
        wide = [[printed, None], [-eye, eye], [eye, eye]]
        if elastic:
            wide = [[printed, None, -slack, slack], [-eye, eye, None, None], [eye, eye, None, None]]
        low = np.r_[[row.low for row in rows], np.negative(targets), targets]
        high = np.r_[[row.high for row in rows], np.full(2 * count, np.inf)]
        return sparse.block_array(wide, format="csr"), low, high

    def _targets(self) -> list[float]:
        """Natural points, in grains: by place in the printed orders, with some noise, near the unit's total."""
        root = self.framework.root.code
        totals = self._curve(root, self._settled(root, dict.fromkeys(self.units, FIRST), 0.1), FIRST, LAST)
        shares = {code: self._shares(code, totals) for code in self.inputs}
        targets = [shares[code][unit] * limit for (unit, code), limit in zip(self.places, self.limits, strict=True)]
        whole = float((self.maxima[root] or 0) / GRAIN)
        for unit, total in totals.items():
            ours = [self.at[unit, code] for code in self.inputs if unit not in self.orders[code].scores]
            for _ in range(3):
                wanted = total * whole / sum(targets[at] for at in self._terms(unit, root))
                for at in ours:
                    targets[at] = min(0.995 * self.limits[at], targets[at] * wanted)
        return targets

    def _shares(self, code: str, totals: Mapping[str, float]) -> dict[str, float]:
        """What every unit might have of an input's maximum."""
        scores = self.orders[code].scores
        ratio = sum(score / totals[unit] for unit, score in scores.items()) / len(scores) if scores else 1.0
        usual = {unit: scores.get(unit, total * ratio) for unit, total in totals.items()}
        shares = self._curve(code, self._settled(code, usual, 0.07), max(usual.values()), min(usual.values()))
        return {unit: scores.get(unit, share * self._about(0.006)) for unit, share in shares.items()}

    def _settled(self, code: str, usual: Mapping[str, float], noise: float) -> list[str]:
        order = self.orders[code]
        return order.settle({u: order.scores.get(u, share * self._about(noise)) for u, share in usual.items()})

    def _curve(self, code: str, order: Sequence[str], first: float, last: float) -> dict[str, float]:
        """Shares that fall from the first to the last, through the printed scores."""
        scores = self.orders[code].scores
        known = {at: scores[unit] for at, unit in enumerate(order) if unit in scores}
        known.setdefault(0, min(0.99, max([first, *known.values()])))
        known.setdefault(len(order) - 1, min([last, *known.values()]))
        slots = sorted(known)
        shares = np.interp(range(len(order)), slots, [known[slot] for slot in slots])
        return {unit: float(share) for unit, share in zip(order, shares, strict=True)}

    def _about(self, width: float) -> float:
        """A factor near 1, from a bell of three uniform draws: the same on every machine."""
        return 1 + width * (2 * sum(self.random.random() for _ in range(3)) - 3)
