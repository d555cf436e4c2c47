"""Draws: an index made under other choices than those that were taken, each choice drawn anew for each draw.

Here: what is uncertain of an index, from its file; and every choice of any draw, by the draw's number alone, so that
one draw can be made again without the others, or taken from a table that was saved. Not here: scoring (``robustness``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.dataset import Floats
from dti_platform.audit.replay import REP, STEP_OF, WEIGHT_SET
from dti_platform.audit.tree import AuditError, Tree

#: The streams of random numbers: one for weights, one for choices.
WEIGHTS, CHOICES = 0, 1
#: Uniform numbers have 16 bits; one step of the generator (Philox 4x64) gives 16 of them.
STEPS, STEP = 2**16, 16
#: Seeds are below.
SEEDS = 2**63
#: The level that stands for all levels below the index.
EVERY = 0
#: All weights, as one choice.
ALL_WEIGHTS = "weights"
#: The column of a table of draws that numbers them.
DRAW = "draw"
Factors = NDArray[np.float32]


@dataclass(frozen=True)
class Uncertainty:
    """What is uncertain of an index.

    Attributes:
        noise: by level, the share of its weight by which each is drawn up or down: 0.25 is +-25 %; ``EVERY`` stands
            for all levels that are not named.
        options: by choice (``norm``, ``agg``, ``winmax``), the values that it may take, each as likely.
        seed: of all draws.
    """

    noise: Mapping[int, float]
    options: Mapping[str, Sequence[str]]
    seed: int = 0

    def share(self, level: int) -> float:
        """The share by which weights of a level are drawn."""
        return self.noise.get(level, self.noise.get(EVERY, 0.0))

    @property
    def varying(self) -> list[str]:
        """The choices with several values to draw, and ``weights`` where weights are drawn."""
        several = [name for name, values in self.options.items() if len({*values}) > 1]
        return [*several, *([ALL_WEIGHTS] if any(self.noise.values()) else [])]

    def drawn(self, tree: Tree) -> list[str]:
        """The elements whose weights are drawn."""
        return [
            code for code, element in tree.elements.items() if element.level < tree.top and self.share(element.level)
        ]


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


def read(text: str, file: str) -> Uncertainty:
    """An uncertainty from its TOML text: ``seed``, ``[noise]`` by level or ``every``, ``[options]`` by choice.

    Args:
        text: of the file.
        file: its name, for messages.

    Raises:
        AuditError: it is not TOML, or has an unknown key or value.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuditError(f"{file}: no TOML: {error}") from error
    _check_names(file, "", tables, ("seed", "noise", "options"))
    noise, options, seed = tables.get("noise", {}), tables.get("options", {}), tables.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < SEEDS:
        raise AuditError(f"{file}: seed is {seed!r}; it is 0, 1, 2, ... below 2^63")
    _check_names(file, "options.", options, STEP_OF)
    names = [name for name in noise if name == "every" or name.isdecimal()] if isinstance(noise, dict) else []
    _check_names(file, "noise.", noise, names, "every, or a level of the tree, such as 1")
    levels = {name: EVERY if name == "every" else int(name) for name in names}
    for name, share in noise.items():
        if not isinstance(share, int | float) or isinstance(share, bool):
            raise AuditError(f"{file}: noise.{name} is {share!r}; it is a share, such as 0.25")
    for name, values in options.items():
        if not isinstance(values, list) or not all(isinstance(value, str) or type(value) is int for value in values):
            raise AuditError(f'{file}: options.{name} is {values!r}; it is a list, such as ["a", "b"] or [0, 5]')
    texts = {name: [*map(str, values)] for name, values in options.items()}
    return Uncertainty({levels[name]: float(share) for name, share in noise.items()}, texts, seed)


def _check_names(
    file: str, section: str, names: object, known: Sequence[str] | Mapping[str, object], words: str | None = None
) -> None:
    if not isinstance(names, Mapping):
        raise AuditError(f"{file}: {section.removesuffix('.')} is a section: write [{section.removesuffix('.')}]")
    if unknown := [str(name) for name in names if name not in known]:
        choices = words or ", ".join(dict.fromkeys(known))
        raise AuditError(f"{file}: nobody knows {section}{unknown[0]}; known: {choices}")


def check(uncertainty: Uncertainty, tree: Tree, number: int) -> None:
    """Refuses an uncertainty that isn't one of this tree.

    Raises:
        AuditError: a level is unknown, a share is not between 0 and 1, a choice has no value, or there is no draw.
    """
    if number < 1:
        raise AuditError(f"{number} draws: name 1 or more")
    for level, share in uncertainty.noise.items():
        if level != EVERY and not 1 <= level < tree.top:
            raise AuditError(f"weights are drawn at level {level}; below its index the tree has 1 to {tree.top - 1}")
        if not 0 <= share < 1:
            levels = f"level {level}" if level != EVERY else "every level"
            raise AuditError(f"the weights of {levels} are drawn by {share:g}; name a share from 0 to below 1")
    if empty := [name for name, values in uncertainty.options.items() if not values]:
        raise AuditError(f"{', '.join(empty)} has no value to draw")


def made(uncertainty: Uncertainty, tree: Tree, nominal: Mapping[str, float], first: int, size: int) -> Draws:
    """Draws ``first`` to ``first + size``, whatever was made before.

    A weight w becomes w (1 + s (2 u - 1)), u uniform, s the share of its level.
    """
    return Draws(
        first,
        _weights(tree, nominal, uncertainty.drawn(tree), factors(uncertainty, tree, first, size)),
        chosen(uncertainty, first, size),
    )


def factors(uncertainty: Uncertainty, tree: Tree, first: int, size: int) -> Factors:
    """By what the weight of each drawn element is multiplied, draws x elements."""
    shares = np.array([uncertainty.share(tree.elements[code].level) for code in uncertainty.drawn(tree)])
    steps = _steps(uncertainty.seed, WEIGHTS, first, size, len(shares))
    return (1 + shares * ((2.0 * steps + 1) / STEPS - 1)).astype(np.float32)


def chosen(uncertainty: Uncertainty, first: int, size: int) -> dict[str, NDArray[np.intp]]:
    """By choice, the place of the value that each draw takes."""
    steps = _steps(uncertainty.seed, CHOICES, first, size, len(uncertainty.options)).astype(np.intp)
    return {name: steps[:, n] * len(values) // STEPS for n, (name, values) in enumerate(uncertainty.options.items())}


def table(uncertainty: Uncertainty, tree: Tree, number: int) -> dict[str, NDArray[np.generic]]:
    """The first ``number`` draws as columns: their number, the value of each choice, and the factor of each weight."""
    factor = factors(uncertainty, tree, 0, number)
    choices = {
        name: np.array(uncertainty.options[name])[places] for name, places in chosen(uncertainty, 0, number).items()
    }
    weights = {f"weight.{code}": factor[:, column] for column, code in enumerate(uncertainty.drawn(tree))}
    return {DRAW: np.arange(number, dtype=np.int32), **choices, **weights}


def recorded(
    uncertainty: Uncertainty, tree: Tree, nominal: Mapping[str, float], number: int
) -> dict[str, dict[str, list[object]]]:
    """The first ``number`` draws as ``replay`` takes them: the columns of ``params`` and of ``weightsets``."""
    columns = {name: values.tolist() for name, values in table(uncertainty, tree, number).items()}
    numbers = columns[DRAW]
    sets = {code: [nominal[code] * factor for factor in columns[f"weight.{code}"]] for code in uncertainty.drawn(tree)}
    choices = {name: columns[name] for name in uncertainty.options}
    return {"params": {REP: numbers, WEIGHT_SET: numbers, **choices}, "weightsets": {WEIGHT_SET: numbers, **sets}}


def taken(
    row: Mapping[str, object], file: str, uncertainty: Uncertainty, tree: Tree, nominal: Mapping[str, float]
) -> Draws:
    """One draw, from its row in a table that was saved.

    Args:
        row: the draw's number, its choices and its factors by column.
        file: of the table, for messages.
        uncertainty: that the draw was made from.
        tree: of the index.
        nominal: the weights that the factors multiply.

    Raises:
        AuditError: a column or a value is unknown, or one is missing.
    """
    columns = {f"weight.{code}": code for code in uncertainty.drawn(tree)}
    known = (DRAW, *uncertainty.options, *columns)
    _check_names(file, "the column ", row, known)
    if lacking := [name for name in known if name not in row]:
        raise AuditError(f"{file}: the draws lack {lacking[0]}; they have {', '.join(row)}")
    for name, values in uncertainty.options.items():
        if row[name] not in values:
            raise AuditError(f"{file}: draw {row[DRAW]} has {name} = {row[name]}; known: {', '.join(values)}")
    factor = np.array([[row[name] for name in columns]], dtype=np.float32)
    places = {name: np.array([[*values].index(str(row[name]))]) for name, values in uncertainty.options.items()}
    return Draws(int(str(row[DRAW])), _weights(tree, nominal, [*columns.values()], factor), places)


def _weights(tree: Tree, nominal: Mapping[str, float], codes: Sequence[str], factor: Factors) -> Floats:
    """The weights of all elements, elements x draws."""
    rows = {code: number for number, code in enumerate(tree.elements)}
    weights = np.repeat(np.array([nominal[code] for code in rows], dtype=np.float64)[:, None], len(factor), axis=1)
    weights[[rows[code] for code in codes]] *= factor.T
    return weights


def _steps(seed: int, stream: int, first: int, size: int, columns: int) -> NDArray[np.uint16]:
    """Uniform whole numbers below ``STEPS``, draws x columns: the row of a draw depends on its number alone."""
    steps, before = divmod(first * columns, STEP)
    bits = np.random.Philox(key=[seed, stream])
    bits.advance(steps)
    words: NDArray[np.uint64] = bits.random_raw(-(-(before + size * columns) // 4))
    return words.astype("<u8").view("<u2")[before : before + size * columns].reshape(size, columns)
