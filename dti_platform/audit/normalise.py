"""Normalise: indicators of all units of measure are put on one scale. A method is one function, found by its name.

Each takes the values of one indicator, oriented so that more is better (multiplied by its direction) unless it says
otherwise, and its parameters. An indicator that is the same for all units can't be scaled by its range: its
result is missing, and a remark says so.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from dti_platform.audit.dataset import Floats, tolerance, varying
from dti_platform.audit.ranks import ranks
from dti_platform.audit.tree import AuditError, known_methods


def minmax(values: Floats, bounds: tuple[float, float] = (0, 100)) -> Floats:
    """The lowest value gets the lower bound, the highest the upper."""
    low, high = _range(values)
    return (values - low) / (high - low) * (bounds[1] - bounds[0]) + bounds[0]


def zscore(values: Floats, mean: float = 0, sd: float = 1) -> Floats:
    """Mean and standard deviation (n - 1) of the known values become these."""
    known = values[~np.isnan(values)]
    spread = known.std(ddof=1) if varying(known) else np.nan
    return (values - known.mean()) / spread * sd + mean if known.size else values


def scaled(values: Floats, centre: float = 0, scale: float = 1) -> Floats:
    """(x - centre) / scale."""
    return (values - centre) / scale


def goalposts(
    values: Floats, lower: float, upper: float, scale: float = 1, direction: int = 1, *, truncate: bool = True
) -> Floats:
    """Between two posts, 0 to ``scale``; beyond them it stays at the post. Takes values as they are.

    Raises:
        AuditError: the posts are not in their order.
    """
    if lower >= upper:
        raise AuditError(f"goalposts: lower is {lower:g} and upper {upper:g}; lower is below upper")
    clipped = np.clip(values, lower, upper) if truncate else values
    distance = (clipped - lower) if direction > 0 else (upper - clipped)
    return distance / (upper - lower) * scale


def rank(values: Floats) -> Floats:
    """The lowest value gets 1; of equal ones each the lowest place."""
    return ranks(-values)


def borda(values: Floats) -> Floats:
    """How many units it beats."""
    return ranks(-values) - 1


def percentile_rank(values: Floats) -> Floats:
    """The share of the other known units that it beats, 0 to 1."""
    known = int((~np.isnan(values)).sum())
    return (ranks(-values) - 1) / (known - 1) if known > 1 else np.full_like(values, np.nan)


def distance_to_max(values: Floats) -> Floats:
    """1 at the highest value, 0 at the lowest."""
    low, high = _range(values)
    return 1 - (high - values) / (high - low)


def distance_to_target(values: Floats, target: float, direction: int = 1, *, cap: bool = False) -> Floats:
    """1 at the target, 0 at the value farthest below it (above it, where less is better). Takes values as they are.

    Raises:
        AuditError: the target is worse than every value.
    """
    low, high = (float(np.nanmin(values)), float(np.nanmax(values))) if not np.isnan(values).all() else (np.nan, np.nan)
    span = target - low if direction > 0 else high - target
    noise = float(tolerance(np.append(values, target)))
    if span < -noise:
        raise AuditError(f"distance_to_target: the target {target:g} is worse than every value ({low:g} to {high:g})")
    shortfall = target - values if direction > 0 else values - target
    distance = 1 - shortfall / (span if span > noise else np.nan)
    return np.minimum(distance, 1) if cap else distance


def distance_to_reference(values: Floats, reference: int, *, cap: bool = False) -> Floats:
    """1 at the value of the reference unit, 0 at the lowest value.

    Args:
        values: of the indicator.
        reference: the row of the reference unit.
        cap: what is above the reference stays at 1.
    """
    low = _range(values)[0]
    best = values[reference]
    distance = 1 - (best - values) / (best - low if best - low > tolerance(values) else np.nan)
    return np.minimum(distance, 1) if cap else distance


def fraction_of_max(values: Floats) -> Floats:
    """X / max, for values of 0 or more where more is better.

    Raises:
        AuditError: a value is negative, as all are where less is better.
    """
    high = _range(values)[1]
    if (values < 0).any():
        raise AuditError("fraction_of_max needs values of 0 or more of which more is better; take distance_to_max")
    return values / (high if high != 0 else np.nan)


METHODS: Mapping[str, Callable[..., Floats]] = {
    function.__name__: function
    for function in (
        minmax, zscore, scaled, goalposts, rank, borda, percentile_rank, distance_to_max, distance_to_target,
        distance_to_reference, fraction_of_max,
    )
}  # fmt: skip
#: Those that take values as they are, and the direction.
DIRECTED = ("goalposts", "distance_to_target")
#: Scales on which 0 means no points, whatever the lowest value.
FROM_ZERO = ("goalposts", "fraction_of_max")


def normalise(values: Floats, method: str, direction: int, parameters: Mapping[str, Any]) -> Floats:
    """One indicator on the scale of a method.

    Raises:
        AuditError: the method or a parameter is unknown, or one is missing.
    """
    if method not in METHODS:
        raise AuditError(f"normalise: no method {method!r}; {known_methods([method], METHODS)}")
    function = METHODS[method]
    arguments = {**parameters, **({"direction": direction} if method in DIRECTED else {})}
    known = _parameters(function)
    if unknown := sorted(arguments.keys() - known.keys()):
        raise AuditError(
            f"normalise: {method} has no parameter {', '.join(unknown)}; it has {', '.join(known) or 'none'}"
        )
    if lacking := [
        name for name, parameter in known.items() if parameter.default is parameter.empty and name not in arguments
    ]:
        raise AuditError(f"normalise: {method} needs {', '.join(lacking)}")
    with np.errstate(invalid="ignore", divide="ignore"):
        return function(values if method in DIRECTED else values * direction, **arguments)


def with_no_points(scores: Floats, method: str, direction: int, parameters: Mapping[str, Any]) -> Floats:
    """The scores of an indicator, those that are missing as low as can be: what is not known earns nothing.

    That is the lowest score of the indicator; where it is less, 0 of a scale that begins there, or what 0 is moved to
    by ``scaled`` where more is better.
    """
    lowest = 0.0 if method in FROM_ZERO else np.nan
    if method == "scaled" and direction > 0:
        lowest = float(scaled(np.zeros(1), **parameters)[0])
    return np.where(np.isnan(scores), np.fmin.reduce(scores, initial=lowest), scores)


@cache
def _parameters(function: Callable[..., Floats]) -> Mapping[str, inspect.Parameter]:
    """What a method takes beside the values."""
    return {name: parameter for name, parameter in inspect.signature(function).parameters.items() if name != "values"}


def _range(values: Floats) -> tuple[float, float]:
    """The lowest and the highest known value; NaN where there is no difference to draw a scale from."""
    known = values[~np.isnan(values)]
    if not varying(known):
        return float("nan"), float("nan")
    return float(known.min()), float(known.max())
