"""Robustness of a ranking: where each unit may stand under all choices that were drawn.

Scores of nested means are one weighted mean with effective weights (arithmetic, and geometric in logarithms), so draws
of one kind are one matrix product. Ranks are counted into a table units x ranks: quantiles are exact, and memory does
not grow with the number of draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.aggregate import aggregate
from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.draws import Draws, Uncertainty, check, draw
from dti_platform.audit.ranks import NOISE, ranks
from dti_platform.audit.replay import varied
from dti_platform.audit.spec import Spec
from dti_platform.audit.stages import Made, means, normal, score, weights
from dti_platform.audit.tree import AuditError, Tree

Counts = NDArray[np.int64]
#: The quantiles of an interval, and ranks that count as the top.
QUANTILES, TOP = (0.05, 0.5, 0.95), 10
#: JRC's headline counts units whose nominal rank lies less than so many places from the simulated median.
SHIFT = 3
#: So many units have ranks that fit a byte.
BYTE = 256


@dataclass(frozen=True)
class Robustness:
    """The ranks of an index under all draws.

    Attributes:
        units: in the order of their codes.
        nominal: the rank of each.
        counts: units x ranks: in how many draws a unit had a rank; the first column is rank 1.
        above: units x units: in how many draws one stood strictly above the other.
        number: of draws.
    """

    units: tuple[str, ...]
    nominal: Floats
    counts: Counts
    above: Counts
    number: int

    @property
    def acceptability(self) -> Floats:
        """Units x ranks: the share of draws in which a unit had a rank."""
        return self.counts / self.number

    @property
    def quantiles(self) -> Floats:
        """Units x (5 %, 50 %, 95 %) of the ranks, by linear interpolation (type 7)."""
        return np.column_stack([_quantile(self.counts, each) for each in QUANTILES])

    @property
    def mean(self) -> Floats:
        """The mean rank of each unit."""
        return self.counts @ np.arange(1.0, self.counts.shape[1] + 1) / self.number

    @property
    def top(self) -> Floats:
        """The share of draws in which each unit is among the first ten."""
        return self.counts[:, :TOP].sum(axis=1) / self.number

    @property
    def headline(self) -> float:
        """The share of units whose nominal rank lies less than three places from the simulated median."""
        return float((np.abs(self.quantiles[:, 1] - self.nominal) < SHIFT).mean())


def robustness(tree: Tree, data: Dataset, spec: Spec, uncertainty: Uncertainty, number: int) -> Robustness:
    """The ranks of an index under ``number`` draws.

    Args:
        tree: of the index.
        data: its data.
        spec: what holds where nothing is drawn; ``replay`` says what the options stand for.
        uncertainty: what is drawn.
        number: of draws; intervals that are published take 100,000.

    Raises:
        AuditError: an option stands for nothing, or leaves a unit without a score.
    """
    check(uncertainty, tree, number)
    nominal = score(tree, data, spec).scores
    given, count = weights(tree, spec), len(nominal.units)
    variants = _variants(tree, data, spec, uncertainty)
    counts, above = np.zeros((count, count), np.int64), np.zeros((count, count), np.int64)
    for drawn in draw(uncertainty, tree, given, number):
        placed = _ranks(_scores(variants, drawn, uncertainty, count))
        counts += np.bincount((np.arange(count)[:, None] * count + placed - 1).ravel(), minlength=count**2).reshape(
            count, count
        )
        above += _above(placed)
    return Robustness(nominal.units, ranks(nominal.column(tree.index)), counts, above, number)


#: Scores of an index by the weights of draws, elements x draws -> units x draws.
Scorer = Callable[[Floats], Floats]


def _variants(tree: Tree, data: Dataset, spec: Spec, uncertainty: Uncertainty) -> Mapping[tuple[int, ...], Scorer]:
    """By the places of the options, what scores draws of that kind."""
    names, known = [*uncertainty.options], Made()
    made: dict[tuple[int, ...], Scorer] = {}
    for places in itertools.product(*(range(len(uncertainty.options[name])) for name in names)):
        choices = [(name, uncertainty.options[name][place]) for name, place in zip(names, places, strict=True)]
        own = varied(spec, choices)
        made[places] = _scorer(tree, normal(tree, data, own, known), own)
    return made


def _scorer(tree: Tree, normalised: Dataset, spec: Spec) -> Scorer:
    """One matrix product where all means are of one kind and nothing is missing; else draw by draw."""
    settings = spec.of("aggregate")
    asked = settings.get("method", "arithmetic")
    kinds = {asked} if isinstance(asked, str) else {*asked}
    whole = not np.isnan(normalised.values).any()
    effective = _effective(tree)
    if whole and kinds == {"arithmetic"}:
        return lambda drawn: normalised.values @ effective(drawn)
    if whole and kinds == {"geometric"}:
        if (normalised.values <= 0).any():
            raise AuditError("a geometric mean needs scores above 0; normalise to bounds above 0, such as 1 to 100")
        logs = np.log(normalised.values)
        return lambda drawn: logs @ effective(drawn)  # ranks need no exponential
    codes, taken = [*tree.elements], means(tree, settings)

    def one_by_one(drawn: Floats) -> Floats:
        of = [dict(zip(codes, column, strict=True)) for column in drawn.T.tolist()]
        scores = (aggregate(normalised, tree, taken, each, settings.get("threshold")) for each in of)
        return np.column_stack([each.column(tree.index) for each in scores])

    return one_by_one


def _effective(tree: Tree) -> Callable[[Floats], Floats]:
    """Makes the effective weights of the indicators, indicators x draws, of the weights of all elements."""
    place = {code: number for number, code in enumerate(tree.elements)}
    levels = [tree.level(level) for level in range(tree.top - 1, 0, -1)]
    parents = [sorted({tree.elements[code].parent or "" for code in level}, key=place.__getitem__) for level in levels]

    def effective(drawn: Floats) -> Floats:
        above: dict[str, int] = {tree.index: 0}
        shares = np.ones((1, drawn.shape[1]))
        for level, owners in zip(levels, parents, strict=True):
            of = [place[code] for code in level]
            weights = drawn[of]
            owner = np.array([owners.index(tree.elements[code].parent or "") for code in level])
            totals = np.stack([weights[owner == number].sum(axis=0) for number in range(len(owners))])
            each = shares[[above[code] for code in owners]] / totals
            shares = weights * each[owner]
            above = {code: number for number, code in enumerate(level)}
        return shares

    return effective


def _scores(variants: Mapping[tuple[int, ...], Scorer], drawn: Draws, uncertainty: Uncertainty, count: int) -> Floats:
    """Units x draws, the draws of a kind scored together."""
    size = drawn.weights.shape[1]
    scores = np.empty((count, size))
    kinds = np.column_stack([drawn.chosen[name] for name in uncertainty.options]) if uncertainty.options else None
    for places, scorer in variants.items():
        of = np.arange(size) if kinds is None else np.flatnonzero((kinds == places).all(axis=1))
        if of.size:
            scores[:, of] = scorer(drawn.weights[:, of])
    if np.isnan(scores).any():
        raise AuditError("a unit has no score in some draws, for values are missing: impute or screen first")
    return scores


def _ranks(scores: Floats) -> NDArray[np.intp]:
    """Ranks of units x draws; draws with a tie are ranked again with care."""
    falling = np.ascontiguousarray(-scores.T)  # sorting along the last axis is several times faster
    order = np.argsort(falling, axis=1)
    placed = np.empty(order.shape, np.intp)
    np.put_along_axis(placed, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    falling = np.take_along_axis(falling, order, axis=1)
    step = np.abs(falling).max(axis=1) * NOISE
    tied = np.flatnonzero((np.diff(falling, axis=1) <= step[:, None]).any(axis=1))
    if tied.size:
        placed[tied] = ranks(scores[:, tied]).T.astype(np.intp)
    return placed.T


def _above(placed: NDArray[np.intp]) -> Counts:
    """In how many draws each unit stands above each other; counted one way, the rest but for ties is the other."""
    small = placed.astype(np.uint8 if len(placed) < BYTE else np.uint16)
    count, size = small.shape
    above = np.zeros((count, count), np.int64)
    for unit in range(count - 1):
        above[unit, unit + 1 :] = (small[unit] < small[unit + 1 :]).sum(axis=1)
    ordered = np.sort(small, axis=0)
    tied = small[:, (ordered[1:] == ordered[:-1]).any(axis=0)]
    equal = np.stack([(tied[unit] == tied).sum(axis=1) for unit in range(count)])
    lower = np.tril_indices(count, -1)
    above[lower] = size - above.T[lower] - equal[lower]
    return above


def _quantile(counts: Counts, share: float) -> Floats:
    """The type-7 quantile of the ranks that each row counts."""
    number = int(counts[0].sum())
    position = (number - 1) * share
    low, part = int(position), position - int(position)
    cumulated = counts.cumsum(axis=1)
    below = (cumulated <= low).sum(axis=1) + 1
    above = (cumulated <= min(low + 1, number - 1)).sum(axis=1) + 1
    return below + part * (above - below)
