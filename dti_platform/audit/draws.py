"""Draws: an index made under other choices than those that were taken, each choice drawn anew for each draw.

Here: the table of choices, and the weights of any draw, by its number alone: one draw can be made again without the
others. Not here: scoring (``robustness``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.dataset import Floats
from dti_platform.audit.tree import AuditError, Tree

#: Draws that are made together; any number gives the same draws.
CHUNK = 8_192
#: Parts the streams of random numbers of weights from those of the choices.
WEIGHTS, CHOICES = 0, 1
#: Numbers that one step of the generator (Philox 4x64) gives.
STEP = 4


@dataclass(frozen=True)
class Uncertainty:
    """What is uncertain of an index.

    Attributes:
        noise: by level, the share of its weight by which each is drawn up or down: 0.25 is +-25 %.
        options: by choice (``norm``, ``agg``, ``winmax``), the values that it may take, each as likely.
        seed: of all draws.
    """

    noise: Mapping[int, float]
    options: Mapping[str, Sequence[str]]
    seed: int = 0


@dataclass(frozen=True)
class Draws:
    """Draws ``first`` to ``first + size`` of an uncertainty.

    Attributes:
        first: the number of the first.
        weights: by element, its weight in each draw, elements x draws.
        chosen: by choice, the place of the value that each draw takes among its options.
    """

    first: int
    weights: Floats
    chosen: Mapping[str, NDArray[np.intp]]


def check(uncertainty: Uncertainty, tree: Tree, number: int) -> None:
    """Refuses an uncertainty that isn't one of this tree.

    Raises:
        AuditError: a level is unknown, a share is not between 0 and 1, a choice has no value, or there is no draw.
    """
    if number < 1:
        raise AuditError(f"{number} draws: name 1 or more")
    for level, share in uncertainty.noise.items():
        if not 1 <= level < tree.top:
            raise AuditError(f"weights are drawn at level {level}; below its index the tree has 1 to {tree.top - 1}")
        if not 0 <= share < 1:
            raise AuditError(f"the weights of level {level} are drawn by {share:g}; name a share from 0 to below 1")
    if empty := [name for name, values in uncertainty.options.items() if not values]:
        raise AuditError(f"{', '.join(empty)} has no value to draw")


def draw(uncertainty: Uncertainty, tree: Tree, nominal: Mapping[str, float], number: int) -> Iterator[Draws]:
    """The first ``number`` draws, some thousand at a time.

    A weight w becomes w + w s (2 u - 1), u uniform, s the share of its level.
    """
    for first in range(0, number, CHUNK):
        yield made(uncertainty, tree, nominal, first, min(CHUNK, number - first))


def made(uncertainty: Uncertainty, tree: Tree, nominal: Mapping[str, float], first: int, size: int) -> Draws:
    """Draws ``first`` to ``first + size``; ``first`` need not begin a chunk."""
    codes = [*tree.elements]
    shares = np.array([uncertainty.noise.get(tree.elements[code].level, 0.0) for code in codes])
    weights = np.array([nominal[code] for code in codes], dtype=np.float64)
    noisy = np.flatnonzero(shares)
    drawn = np.repeat(weights[:, None], size, axis=1)
    uniform = _uniform(uncertainty.seed, WEIGHTS, first, size, len(noisy))
    drawn[noisy] *= 1 + shares[noisy, None] * (2 * uniform.T - 1)
    names = [*uncertainty.options]
    picked = _uniform(uncertainty.seed, CHOICES, first, size, len(names))
    chosen = {
        name: (picked[:, place] * len(uncertainty.options[name])).astype(np.intp) for place, name in enumerate(names)
    }
    return Draws(first, drawn, chosen)


def _uniform(seed: int, stream: int, first: int, size: int, columns: int) -> Floats:
    """Uniform numbers, draws x columns: the row of a draw hangs on its number, not on those before it."""
    if not columns:
        return np.empty((size, 0))
    steps, before = divmod(first * columns, STEP)
    bits = np.random.Philox(key=[seed, stream])
    bits.advance(steps)
    return np.random.Generator(bits).random(before + size * columns)[before:].reshape(size, columns)
