"""Robustness of a ranking: where each unit may stand under all choices that were drawn.

Scores of nested means are one weighted mean with effective weights (arithmetic, and geometric in logarithms), so draws
of one kind are one matrix product. Ranks are counted into a table units x ranks: quantiles are exact, and memory does
not grow with the number of draws.
Here: scores and ranks of draws, and what is counted of them. Not here: making draws (``draws``), ranking (``ranks``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.aggregate import aggregate
from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.draws import Draws, Uncertainty, check, made, taken
from dti_platform.audit.ranks import RULES, Counts, Places, by_rules, pairs, placed, rules
from dti_platform.audit.replay import MISSING_RULE, Choice, naming_draws, normalised
from dti_platform.audit.spec import RANK, Spec
from dti_platform.audit.stages import StageCache, means, score, weights
from dti_platform.audit.tree import AuditError, Tree

#: Draws that are made together; any number gives the same draws.
CHUNK = 8_192
#: The quantiles of an interval, and ranks that count as the top.
QUANTILES, TOP = (0.05, 0.5, 0.95), 10
#: JRC's headline counts units whose nominal rank is less than so many places from the simulated median.
SHIFT = 3
#: Two units are told apart where one of them stands above the other in more than this share of the draws.
APART = 0.95
#: An interval of so many places or more counts as wide.
WIDE = 5


@dataclass(frozen=True)
class Robustness:
    """The ranks of an index under all draws.

    Shares and quantiles of a unit are of the draws in which it has a rank (``ranked``); those of two units are of the
    draws in which both have one (``both``).

    Attributes:
        units: in the order of their codes.
        nominal: the rank of each; NaN where it has none.
        counts: units x ranks: in how many draws a unit had a rank; the first column is rank 1.
        above: units x units: in how many draws one stood strictly above the other, where both had a score.
        both: units x units: in how many draws both had a score.
        number: of draws.
    """

    units: tuple[str, ...]
    nominal: Floats
    counts: Counts
    above: Counts
    both: Counts
    number: int

    @property
    def ranked(self) -> Counts:
        """In how many draws each unit had a rank."""
        return self.counts.sum(axis=1)

    @property
    def acceptability(self) -> Floats:
        """Units x ranks: the share in which a unit had this rank."""
        return self.counts / self.ranked[:, None]

    @property
    def quantiles(self) -> Floats:
        """Units x (5 %, 50 %, 95 %) of the ranks, by linear interpolation (type 7)."""
        return np.column_stack([_quantile(self.counts, share) for share in QUANTILES])

    @property
    def mean(self) -> Floats:
        """The mean rank of each unit."""
        return self.counts @ np.arange(1.0, self.counts.shape[1] + 1) / self.ranked

    @property
    def top(self) -> Floats:
        """The share in which each unit is among the first ten."""
        return self.counts[:, :TOP].sum(axis=1) / self.ranked

    @property
    def headline(self) -> float:
        """The share of units whose nominal rank lies less than three places from the simulated median."""
        placed = ~np.isnan(self.nominal)
        return float((np.abs(self.quantiles[placed, 1] - self.nominal[placed]) < SHIFT).mean())

    @property
    def widths(self) -> Floats:
        """How many places lie between the 5 % and the 95 % rank of each unit."""
        return self.quantiles[:, -1] - self.quantiles[:, 0]

    @property
    def shares(self) -> Floats:
        """Units x units: P(one stands above the other), where both have a score; NaN where they never have."""
        return np.divide(self.above, self.both, out=np.full(self.above.shape, np.nan), where=self.both > 0)

    def neighbours(self) -> Iterator[tuple[int, int, bool]]:
        """Each unit with the next one by nominal rank (of equal ranks, by code), and whether they are told apart."""
        shares = self.shares
        order = [int(unit) for unit in np.argsort(self.nominal, kind="stable") if not np.isnan(self.nominal[unit])]
        for one, next_ in itertools.pairwise(order):
            yield one, next_, max(float(shares[one, next_]), float(shares[next_, one])) > APART


def robustness(tree: Tree, data: Dataset, spec: Spec, uncertainty: Uncertainty, number: int) -> Robustness:
    """The ranks of an index under ``number`` draws.

    Args:
        tree: of the index.
        data: its data.
        spec: what holds where nothing is drawn; ``replay`` says what the options stand for.
        uncertainty: what is drawn.
        number: of draws; intervals that are published take 100,000.

    Raises:
        AuditError: an option has no meaning, or leaves a unit without a score.
    """
    check(uncertainty, tree, number)
    return counted(Drawing(tree, data, spec, uncertainty), number)


def counted(drawing: Drawing, number: int) -> Robustness:
    """The ranks of an index under its first ``number`` draws.

    Raises:
        AuditError: an option leaves a unit without a score.
    """
    count = len(drawing.units)
    counts, above, both = (np.zeros((count, count), np.int64) for _ in range(3))
    for first in range(0, number, CHUNK):
        drawn = drawing.made(first, min(CHUNK, number - first))
        places = drawing.placed(drawn)
        counts += _counted(places, count)
        standing = pairs(places)
        above += standing[0]
        both += standing[1]
    if (counts.sum(axis=1) == 0).any():
        raise AuditError("a unit has a score in no draw, for values are missing: impute or screen first")
    return Robustness(drawing.units, drawing.nominal, counts, above, both, number)


class Drawing:
    """An index made ready for draws: for each kind of draw, what is aggregated and how.

    Attributes:
        units: in the order of their codes.
        nominal: the rank of each where nothing is drawn; NaN where it has none.
        remarks: what a reader must know of the steps, those of draws, too.

    Raises:
        AuditError: an option has no meaning, or ranks other units.
    """

    def __init__(self, tree: Tree, data: Dataset, spec: Spec, uncertainty: Uncertainty) -> None:
        self._tree, self._spec, self._uncertainty = tree, spec, uncertainty
        self._weights, self._shares = weights(tree, spec), _Shares(tree)
        cache = StageCache()
        nominal = score(tree, data, spec, cache)
        self.units = nominal.scores.units
        self.nominal = by_rules(nominal.scores.column(tree.index)[:, None], rules(spec.of(RANK), 1))[:, 0]
        self._scored = [name for name in uncertainty.options if name not in RULES]
        self._scorers = [*self._of_kinds(tree, data, cache)]
        self.remarks = nominal.with_draws(cache)

    def _of_kinds(self, tree: Tree, data: Dataset, cache: StageCache) -> Iterator[tuple[Sequence[Choice], Scorer]]:
        """The choices of each kind of draw, in the order of the options, and what scores it."""
        options = self._uncertainty.options
        for values in itertools.product(*(options[name] for name in self._scored)):
            choices = [*zip(self._scored, values, strict=True)]
            prepared = normalised(tree, data, self._spec, choices, self.units, cache)
            with naming_draws(self._spec, choices):
                scorer = _scorer(tree, *prepared, self._shares)
            yield choices, scorer

    def scores(self, drawn: Draws) -> Floats:
        """Draws x units, the draws of a kind scored together.

        Raises:
            AuditError: a unit has no score in some draws, and what is missing is not among the choices.
        """
        self._shares.begin(drawn.weights)
        kind = np.zeros(drawn.weights.shape[1], np.intp)
        for name in self._scored:
            kind = kind * len(self._uncertainty.options[name]) + drawn.chosen[name]
        scores = np.empty((len(kind), len(self.units)))
        for number, (choices, scorer) in enumerate(self._scorers):
            numbers = np.flatnonzero(kind == number)
            if not numbers.size:
                continue
            with naming_draws(self._spec, choices):
                scores[numbers] = scorer(drawn.weights, numbers)
        if MISSING_RULE not in self._scored and np.isnan(scores).any():
            raise AuditError("a unit has no score in some draws, for values are missing: impute or screen first")
        return scores

    def placed(self, drawn: Draws) -> Places:
        """The ranks of all units in draws, draws x units, each by the rules of its draw; 0 where one has no score."""
        options = {name: (values, drawn.chosen[name]) for name, values in self._uncertainty.options.items()}
        return placed(self.scores(drawn), rules(self._spec.of(RANK), drawn.weights.shape[1], options))

    def places(self, drawn: Draws) -> Floats:
        """The same, units x draws; NaN where one has no score."""
        places = self.placed(drawn).T
        return np.where(places > 0, places.astype(np.float64), np.nan)

    def made(self, first: int, size: int) -> Draws:
        """Draws ``first`` to ``first + size`` of this index."""
        return made(self._uncertainty, self._tree, self._weights, first, size)

    def taken(self, row: Mapping[str, object], file: str) -> Draws:
        """One draw of this index, from its row in a table that was saved.

        Raises:
            AuditError: the table is not one of this index.
        """
        return taken(row, file, self._uncertainty, self._tree, self._weights)


#: Scores of an index, draws x units: of all weights of a chunk, elements x draws, those of some draws.
Scorer = Callable[[Floats, NDArray[np.intp]], Floats]


def _scorer(tree: Tree, normalised: Dataset, spec: Spec, shares: _Shares) -> Scorer:
    """One matrix product for units that have the same values, where all means are of one kind; else draw by draw."""
    settings = spec.of("aggregate")
    method, threshold = settings.get("method", "arithmetic"), settings.get("threshold")
    kinds = {method} if isinstance(method, str) else {*method}
    if kinds == {"geometric"} and (normalised.values <= 0).any():
        raise AuditError("a geometric mean needs scores above 0; normalise to bounds above 0, such as 1 to 100")
    if kinds in ({"arithmetic"}, {"geometric"}) and threshold in (None, 0, 1) and min(weights(tree, spec).values()) > 0:
        return _linear(normalised.values, shares, logs=kinds == {"geometric"}, complete=threshold == 1)
    codes, level_means = [*tree.elements], means(tree, settings)

    def one_by_one(drawn_weights: Floats, numbers: NDArray[np.intp]) -> Floats:
        sets = [dict(zip(codes, column, strict=True)) for column in drawn_weights[:, numbers].T.tolist()]
        scores = (aggregate(normalised, tree, level_means, weight_set, threshold) for weight_set in sets)
        return np.stack([scored.column(tree.index) for scored in scores])

    return one_by_one


def _linear(values: Floats, shares: _Shares, *, logs: bool, complete: bool) -> Scorer:
    """The scorer of an index that is a weighted mean, of values or of their logarithms.

    Args:
        values: units x indicators; what is missing is shared out among the rest.
        shares: of indicators in the index.
        logs: whether the mean is geometric.
        complete: whether a unit needs every value that any unit has.
    """
    known = ~np.isnan(values)
    unscored = ~known.any(axis=1) | (complete & (~known & known.any(axis=0)).any(axis=1))
    like = {pattern.tobytes(): pattern for pattern in known}
    members = {key: [unit for unit, pattern in enumerate(known) if pattern.tobytes() == key] for key in like}
    filled = np.where(known, np.log(values) if logs else values, 0.0)[:, shares.order]

    def scored(_: Floats, numbers: NDArray[np.intp]) -> Floats:
        scores = np.empty((len(numbers), len(values)))
        for key, units in members.items():
            scores[:, units] = shares.of(like[key])[:, numbers].T @ filled[units].T
        scores[:, unscored] = np.nan
        return np.exp(scores) if logs else scores

    return scored


class _Shares:
    """The shares of indicators in the index, in each draw of a chunk: effective weights.

    Attributes:
        order: of the indicators in all that is given here; those of one parent lie side by side.
    """

    def __init__(self, tree: Tree) -> None:
        rows = {code: number for number, code in enumerate(tree.elements)}
        leaves = {code: [*map(tree.indicators.index, tree.leaves(code))] for code in tree.elements}
        self._leaves = np.zeros((len(rows), len(tree.indicators)), np.bool_)
        for code, columns in leaves.items():
            self._leaves[rows[code], columns] = True
        self._levels: list[tuple[list[int], list[int]]] = []
        above = [tree.index]
        for _ in range(tree.top - 1):
            parts = [tree.parts(code) for code in above]
            starts = np.cumsum([0, *map(len, parts)]).tolist()
            above = [part for siblings in parts for part in siblings]
            self._levels.append(([rows[code] for code in above], starts))
        self.order = [tree.indicators.index(code) for code in above]
        self._weights = np.empty((0, 0))
        self._made: dict[bytes, Floats] = {}

    def begin(self, weights: Floats) -> None:
        """Takes the weights of a chunk, elements x draws."""
        self._weights, self._made = weights, {}

    def of(self, known: NDArray[np.bool_]) -> Floats:
        """Indicators x draws, for units that have these indicators; what they lack is shared out among its siblings."""
        key = known.tobytes()
        if key not in self._made:
            self._made[key] = self._shared(known)
        return self._made[key]

    def _shared(self, known: NDArray[np.bool_]) -> Floats:
        present = np.array([(below & known).any() for below in self._leaves])
        shares = np.ones((1, self._weights.shape[1]))
        for places, starts in self._levels:
            weights = self._weights[places] * present[places, None]
            for owner, (first, end) in enumerate(itertools.pairwise(starts)):
                total = weights[first:end].sum(axis=0)
                weights[first:end] *= np.divide(shares[owner], total, out=np.zeros_like(total), where=total > 0)
            shares = weights
        return shares


def _counted(places: Places, count: int) -> Counts:
    """Units x ranks: in how many draws a unit had a rank."""
    cells = np.arange(count) * (count + 1) + places
    return np.bincount(cells.ravel(), minlength=count * (count + 1)).reshape(count, count + 1)[:, 1:]


def _quantile(counts: Counts, share: float) -> Floats:
    """The type-7 quantile of the ranks that each row counts."""
    position = (counts.sum(axis=1) - 1) * share
    low = np.floor(position)
    cumulated = counts.cumsum(axis=1)
    lower = (cumulated <= low[:, None]).sum(axis=1) + 1
    next_ = np.minimum(low + 1, counts.sum(axis=1) - 1)
    above = (cumulated <= next_[:, None]).sum(axis=1) + 1
    return lower + (position - low) * (above - lower)
