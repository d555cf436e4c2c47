"""Sensitivity: how much of the ranks' uncertainty each choice makes, alone and with the others.

A variance-based design (Saltelli) has two samples A and B of N draws, and for each choice a block that is A but for
that choice, which is B's. What is explained is the mean shift of ranks against the nominal ones.
Here: designs, recorded or made anew of an index, and the indices of their outcomes. Not here: scores (``robustness``).
Sources: Saltelli et al. 2010; COINr's ``get_sensitivity`` for ``plain``, whose total order is Jansen's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dti_platform.audit.dataset import Floats
from dti_platform.audit.tree import AuditError

if TYPE_CHECKING:
    from dti_platform.audit.draws import Draws, Uncertainty
    from dti_platform.audit.robustness import Drawing

REP = "rep"
#: Rows of a sample from which an interval may be taken.
FEWEST = 64
#: Bootstrap samples of an interval, their seed, and its ends.
RESAMPLES, SEED, LOW, HIGH = 1_000, 20_221_008, 0.05, 0.95


@dataclass(frozen=True)
class Design:
    """How the rows of parameters are a variance-based design: N, and which choice each further block changes."""

    size: int
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """First and total order of a choice, each with a 90 % bootstrap interval."""

    choice: str
    first: float
    total: float
    first_low: float
    first_high: float
    total_low: float
    total_high: float


def design_of(parameters: Sequence[Mapping[str, str]]) -> Design | None:
    """The variance-based design that rows of parameters are; None where they are none."""
    columns = [name for name in parameters[0] if name != REP] if parameters else []
    size, over = divmod(len(parameters), len(columns) + 2)
    if len(columns) < 2 or over or not size:  # noqa: PLR2004 - one choice explains everything
        return None
    table = {name: np.array([row[name] for row in parameters]) for name in columns}
    a, b = slice(0, size), slice(size, 2 * size)
    blocks = [slice((2 + block) * size, (3 + block) * size) for block in range(len(columns))]
    changed = [[name for name in columns if (table[name][rows] != table[name][a]).any()] for rows in blocks]
    still = iter([name for name in columns if (table[name][a] == table[name][b]).all()])  # its block is A once more
    choices = tuple(name for names in changed for name in names or [next(still, "")])
    if not any(changed) or sorted(choices) != sorted(columns):
        return None
    replaced = ((table[name][rows] == table[name][b]).all() for name, rows in zip(choices, blocks, strict=True))
    return Design(size, choices) if all(replaced) else None


def in_blocks(parameters: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]] | None:
    """The rows in the order of a design (A, B, then a block for each choice); None where they are none in any order.

    Known, beside that one, are designs written sample by sample: A, its mixed rows, B (as SALib has them without second
    order), or A, B, its mixed rows.
    """
    step = len([name for name in parameters[0] if name != REP]) + 2 if parameters else 1
    rows = [parameters[first::step] for first in range(step)]
    for blocks in ([parameters], [rows[0], rows[-1], *rows[1:-1]], rows):
        ordered = [row for block in blocks for row in block]
        if design_of(ordered):
            return ordered
    return None


def shift(ranks: Floats, nominal: Floats) -> Floats:
    """The mean number of places by which units move in each draw.

    Args:
        ranks: units x draws.
        nominal: of each unit.

    Raises:
        AuditError: in some draw no unit has a rank.
    """
    places = np.abs(ranks - nominal[:, None])
    if np.isnan(places).all(axis=0).any():
        raise AuditError("in some draws no unit has a rank, for values are missing: impute or screen first")
    return np.nanmean(places, axis=0)


def indices(outcome: Floats, design: Design, *, centred: bool = True) -> list[Index]:
    """First and total order of each choice of a design.

    Args:
        outcome: of each draw, in the order of the design.
        design: that the draws are.
        centred: the first order is taken of outcomes less their mean, which has a smaller error where the mean is large
            against the spread; False: as COINr has it.

    Raises:
        AuditError: the outcome never varies.
    """
    blocks = outcome.reshape(len(design.choices) + 2, design.size)
    if centred:
        blocks = blocks - blocks[:2].mean()
    first, total = _orders(blocks, np.full((1, design.size), 1 / design.size), centred=centred)
    firsts, totals = _orders(blocks, _resampled(design.size), centred=centred)
    ends = [np.quantile(orders, [LOW, HIGH], axis=1) for orders in (firsts, totals)]
    return [
        Index(choice, float(first[n, 0]), float(total[n, 0]), *(float(end[side, n]) for end in ends for side in (0, 1)))
        for n, choice in enumerate(design.choices)
    ]


#: The columns of ``table_rows``: COINr's, and of the first order by the centred estimator, which has a name of its own.
COLUMNS = ("Variable", "Si", "STi", "Si_q5", "Si_q95", "STi_q5", "STi_q95", "Si_centred", "Si_centred_q5",
           "Si_centred_q95")  # fmt: skip


def table_rows(outcome: Floats, design: Design) -> list[tuple[object, ...]]:
    """A row of ``COLUMNS`` for each choice of a design: by both estimators of the first order.

    Raises:
        AuditError: the outcome never varies.
    """
    plain, centred = (indices(outcome, design, centred=centre) for centre in (False, True))
    return [
        (*astuple(one), other.first, other.first_low, other.first_high)
        for one, other in zip(plain, centred, strict=True)
    ]


def _resampled(size: int) -> Floats:
    """By resample, the share of each row in it: resamples x N."""
    rows = np.random.default_rng(SEED).integers(0, size, (RESAMPLES, size))
    cells = rows + size * np.arange(RESAMPLES)[:, None]
    return np.bincount(cells.ravel(), minlength=RESAMPLES * size).reshape(RESAMPLES, size) / size


def _orders(blocks: Floats, shares: Floats, *, centred: bool) -> tuple[Floats, Floats]:
    """First and total order, choices x resamples, of blocks x N and the shares of rows, resamples x N.

    All is made of means over rows, so that resamples are one matrix product.
    """
    a, b, mixed = blocks[0], blocks[1], blocks[2:]
    size = blocks.shape[1]

    def mean(rows: Floats) -> Floats:
        """Of each row of values, in each resample."""
        return np.atleast_2d(rows) @ shares.T

    middle = mean(a + b) / 2
    variance = (mean(a * a + b * b) / 2 - middle**2) * (2 * size / (2 * size - 1))
    if not (variance > 0).all():
        raise AuditError(
            f"the outcome is the same in every draw of A and B, or of a resample of them (N = {size}): nothing explains"
            " it; a larger N may tell more"
        )
    first = mean(b * (mixed - a)) - (middle * mean(mixed - a) if centred else 0.0)
    return first / variance + 0.0, mean((a - mixed) ** 2) / (2 * variance) + 0.0  # no -0


def of_index(drawing: Drawing, uncertainty: Uncertainty, size: int) -> list[Index]:
    """The indices of an index's choices, and of its weights together, as ``outcomes``; the first order is centred."""
    return indices(*outcomes(drawing, uncertainty, size))


def outcomes(drawing: Drawing, uncertainty: Uncertainty, size: int) -> tuple[Floats, Design]:
    """What a design of an index's choices, and of its weights together, gives, and which one it is.

    Args:
        drawing: the index.
        uncertainty: what is drawn.
        size: N of the design, a power of 2 of 4,096 or more where intervals are to be narrow.

    Raises:
        AuditError: nothing is drawn.
    """
    choices = uncertainty.varying
    if not choices:
        raise AuditError("nothing is drawn, so that nothing can be explained")
    a, b = drawing.made(0, size), drawing.made(size, size)
    blocks = [a, b, *(mixed(a, b, choice) for choice in choices)]
    outcome = np.concatenate([shift(drawing.places(block), drawing.nominal) for block in blocks])
    return outcome, Design(size, tuple(choices))


def mixed(a: Draws, b: Draws, choice: str) -> Draws:
    """Draws that are A but for one choice, or for all weights, which are B's."""
    if choice not in a.chosen:
        return replace(a, weights=b.weights)
    return replace(a, chosen={**a.chosen, choice: b.chosen[choice]})
