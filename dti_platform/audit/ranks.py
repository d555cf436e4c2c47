"""Ranks: 1 + the number of units with a higher score; scores that differ by float noise alone share a rank.

Here: ranks of scores, and the rules of rounding and ties by which an office may rank otherwise. Not here: the scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.dataset import NOISE, Floats, tolerance
from dti_platform.audit.tree import AuditError

#: Scores are floats: of more decimals the last ones are noise.
MOST_DECIMALS = 9
#: So many units have places that fit a byte.
BYTE = 256
Places = NDArray[np.integer[Any]]
Counts = NDArray[np.int64]


def ranks(scores: Floats) -> Floats:
    """The rank of each score, along the first axis; NaN where there is none.

    Args:
        scores: units, or units x draws.
    """
    columns = scores.reshape(len(scores), -1)
    ranked = np.column_stack([_of_column(column) for column in columns.T]) if columns.size else columns
    return ranked.reshape(scores.shape)


def _of_column(scores: Floats) -> Floats:
    known = np.flatnonzero(~np.isnan(scores))
    result = np.full(len(scores), np.nan)
    if not known.size:
        return result
    order = known[np.argsort(-scores[known], kind="stable")]
    falling = scores[order]
    begins = np.concatenate(([True], falling[:-1] - falling[1:] > tolerance(falling)))
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    result[order] = first + 1
    return result


@dataclass(frozen=True)
class Rules:
    """By which rules scores are ranked, one for each draw.

    Attributes:
        decimals: to which scores are rounded before they are compared; -1: not at all.
        rounding: the place of each draw's in ``ROUNDINGS``.
        ties: the place of each draw's in ``TIES``.
        bounds: the lowest and the highest score that there can be: decimals are those of the share between them.
    """

    decimals: NDArray[np.intp]
    rounding: NDArray[np.intp]
    ties: NDArray[np.intp]
    bounds: tuple[float, float] = (0.0, 1.0)

    def first(self, number: int) -> Rules:
        """Of the first so many draws alone."""
        return Rules(self.decimals[:number], self.rounding[:number], self.ties[:number], self.bounds)


#: How a score is rounded to whole units of its last decimal: halves upwards, halves to the even one, or cut off.
ROUNDINGS = ("half_up", "half_even", "down")
#: What equal scores get: the first of their places (1, 2, 2, 4), the last (1, 3, 3, 4), or the next (1, 2, 2, 3).
TIES = ("competition", "last", "dense")
#: The settings of a rule, and what holds where none is named.
RULES = {"decimals": "none", "rounding": ROUNDINGS[0], "ties": TIES[0]}


def rules(
    settings: Mapping[str, Any], draws: int, drawn: Mapping[str, tuple[Sequence[str], NDArray[np.intp]]] | None = None
) -> Rules:
    """The rules of some draws.

    Args:
        settings: decimals, rounding, ties and bounds that hold where they are not drawn.
        draws: how many.
        drawn: by choice its options, and the place of that which each draw takes.

    Raises:
        AuditError: a rule is unknown.
    """
    codes = {name: np.full(draws, _code(name, settings.get(name, default))) for name, default in RULES.items()}
    for name, (options, places) in (drawn or {}).items():
        if name in RULES:
            codes[name] = np.array([_code(name, option) for option in options], dtype=np.intp)[places]
    low, high = settings.get("bounds", (0.0, 1.0))
    return Rules(codes["decimals"], codes["rounding"], codes["ties"], (low, high))


def _code(name: str, value: object) -> int:
    """The number of a rule: its decimals, -1 for none, or its index in ``ROUNDINGS`` or ``TIES``."""
    known = {"decimals": ("none", *map(str, range(MOST_DECIMALS + 1))), "rounding": ROUNDINGS, "ties": TIES}[name]
    if str(value) not in known:
        raise AuditError(f"ranks: {name} is {value}; known: {', '.join(known)}")
    return known.index(str(value)) - (name == "decimals")


def by_rules(scores: Floats, rules: Rules) -> Floats:
    """The ranks of scores, units x draws, by the rules of each draw; NaN where a unit has no score."""
    places = placed(np.ascontiguousarray(scores.T), rules).T
    return np.where(places > 0, places.astype(np.float64), np.nan)


def placed(scores: Floats, rules: Rules) -> Places:
    """The ranks of units in draws, draws x units; 0 where a unit has no score.

    Args:
        scores: draws x units; NaN where a unit has none.
        rules: of each draw.
    """
    missing = np.isnan(scores)
    falling, step = _comparable(scores, rules)
    falling[missing] = np.inf  # below all
    order = np.argsort(falling, axis=1)
    flat = (order + np.arange(len(order))[:, None] * order.shape[1]).ravel()
    places = np.empty(order.size, np.uint8 if order.shape[1] < BYTE else np.uint16)
    places[flat] = np.broadcast_to(np.arange(1, order.shape[1] + 1, dtype=places.dtype), order.shape).ravel()
    places = places.reshape(order.shape)
    with np.errstate(invalid="ignore"):  # of two without a score
        begins = np.diff(falling.ravel()[flat].reshape(order.shape), axis=1) > step[:, None]
    tied = np.flatnonzero(~begins.all(axis=1))
    if tied.size:
        shared = _tied_ranks(begins[tied], rules.ties[tied]).astype(places.dtype)
        tied_places = places[tied]
        np.put_along_axis(tied_places, order[tied], shared, axis=1)
        places[tied] = tied_places
    places[missing] = 0
    return places


def pairs(places: Places) -> tuple[Counts, Counts]:
    """Units x units: in how many draws one stands strictly above the other, and in how many both have a rank."""
    small = np.ascontiguousarray(places.T)
    above = np.array([[np.count_nonzero(row) for row in one < small] for one in small], dtype=np.int64)
    unranked = small == 0
    if not unranked.any():
        return above, np.full(above.shape, len(places))
    ranked = (~unranked).astype(np.float32)  # whole numbers below 2^24 are exact
    unranked_first = (1 - ranked) @ ranked.T  # 0 is below every place
    return above - unranked_first.astype(np.int64), (ranked @ ranked.T).astype(np.int64)


def _comparable(scores: Floats, rules: Rules) -> tuple[Floats, Floats]:
    """The values that are compared, negated: the highest is first; and the difference that counts in each draw."""
    rounds = rules.decimals >= 0
    if not rounds.any():
        return -scores, tolerance(scores, axis=1)
    low, high = rules.bounds
    units = 10.0 ** rules.decimals[:, None]
    noise = units * NOISE  # within float noise of a half or a whole number it counts as that
    positions = (scores - low) * (units / (high - low))
    rounded = np.floor(positions + (noise + 0.5 * (rules.rounding != ROUNDINGS.index("down"))[:, None]))
    even = np.flatnonzero(rules.rounding == ROUNDINGS.index("half_even"))
    if even.size:
        up = rounded[even]
        rounded[even] = up - ((np.abs(positions[even] - up + 0.5) <= noise[even]) & (up % 2 == 1))
    if rounds.all():
        return -rounded, np.zeros(len(scores))
    return np.where(rounds[:, None], -rounded, -scores), np.where(rounds, 0.0, tolerance(scores, axis=1))


def _tied_ranks(begins: NDArray[np.bool_], ties: NDArray[np.intp]) -> Places:
    """The places of units, the highest first; ``begins``: which of them, but for the first, differ from one before."""
    draws, count = len(begins), begins.shape[1] + 1
    first = np.ones((draws, count), np.intp)
    first[:, 1:] = np.where(begins, np.arange(2, count + 1), 1)
    first = np.maximum.accumulate(first, axis=1)
    ends = np.full((draws, count), count)
    ends[:, :-1] = np.where(begins, np.arange(1, count), count)
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    dense = np.ones((draws, count), np.intp)
    dense[:, 1:] += np.cumsum(begins, axis=1)
    return np.choose(ties[:, None], [first, last, dense])
