"""Treat: outliers that would decide an indicator alone are drawn in, or the whole indicator is put on a log scale.

An indicator passes where |skewness| < 2 or kurtosis < 3.5 (both of type 2, as in most statistical packages). One that
fails is winsorised: its highest values (lowest where the skewness is negative) take the next value, until it passes. If
more than ``winmax`` points would have to, the original values are put on a log scale instead.
Source: COINr's ``Treat`` with ``winsorise`` and ``log_CT``; JRC's usual thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dti_platform.audit.dataset import Dataset, Floats, tolerance, varying

#: The share of the range that is added before a logarithm is taken, so that the lowest value has one.
LOG_SHARE = 0.01
#: The fewest values for which a kurtosis is defined.
FEWEST = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """When an indicator needs treatment, how far winsorising may go, and whether a log scale follows it."""

    winmax: int = 5
    skew: float = 2.0
    kurtosis: float = 3.5
    log: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """Skewness and kurtosis of an indicator, and whether it passes."""

    passes: bool
    skew: float
    kurtosis: float


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was done to an indicator: nothing, ``points`` winsorised, or a log scale."""

    code: str
    before: Check
    points: int = 0
    winsorised: Check | None = None
    logged: Check | None = None


def treat(data: Dataset, limits: Limits) -> tuple[Dataset, list[Treatment]]:
    """Every indicator treated where it fails, and what was done."""
    values = data.values.copy()
    done: list[Treatment] = []
    for column, code in enumerate(data.columns):
        values[:, column], treatment = treated(code, data.values[:, column], limits)
        done.append(treatment)
    return data.with_values(values), done


def skewed(done: Iterable[Treatment]) -> list[str]:
    """A sentence where a log scale, which draws in high values alone, leaves indicators failing."""
    failing = [(treatment, treatment.logged) for treatment in done if treatment.logged and not treatment.logged.passes]
    if not failing:
        return []
    listed = ", ".join(
        f"{treatment.code} (skewness {treatment.before.skew:.2g}, then {now.skew:.2g})" for treatment, now in failing
    )
    fix = "a higher winmax draws more values in, log = false leaves them winsorised"
    return [f"treat: on a log scale these fail, too: {listed}; {fix}"]


def treated(code: str, column: Floats, limits: Limits) -> tuple[Floats, Treatment]:
    """One indicator, and what was done to it."""
    before = check(column, limits)
    if before.passes:
        return column, Treatment(code, before)
    drawn, points = winsorise(column, limits)
    after = check(drawn, limits)
    if after.passes or not limits.log:
        return drawn, Treatment(code, before, points, after)
    logged = log_ct(column)
    return logged, Treatment(code, before, points, after, check(logged, limits))


def winsorise(column: Floats, limits: Limits) -> tuple[Floats, int]:
    """The column with its most extreme values drawn in one by one, and how many points were; at most ``winmax``."""
    drawn, points = column.copy(), 0
    while not (state := check(drawn, limits)).passes:
        extreme = np.nanmax(drawn) if state.skew >= 0 else np.nanmin(drawn)
        reached = np.abs(drawn - extreme) <= tolerance(drawn)
        others = drawn[~reached & ~np.isnan(drawn)]
        if int(reached.sum()) > limits.winmax or not others.size:
            break
        drawn[reached] = others.max() if state.skew >= 0 else others.min()
        points = int(reached.sum())
    return drawn, points


def log_ct(column: Floats) -> Floats:
    """ln(x - min + 0.01 (max - min))."""
    low, high = np.nanmin(column), np.nanmax(column)
    return np.log(column - low + LOG_SHARE * (high - low))


def check(column: Floats, limits: Limits) -> Check:
    """Whether a column passes; one without spread, or of too few values to tell, has nothing to treat."""
    skew, kurtosis = moments(column[~np.isnan(column)])
    passes = math.isnan(skew) or math.isnan(kurtosis) or abs(skew) < limits.skew or kurtosis < limits.kurtosis
    return Check(passes, skew, kurtosis)


def moments(known: Floats) -> tuple[float, float]:
    """Skewness and excess kurtosis of type 2; NaN of too few values, or of equal ones.

    G1 = g1 sqrt(n (n - 1)) / (n - 2); G2 = ((n + 1) g2 + 6) (n - 1) / ((n - 2) (n - 3)).
    """
    n = known.size
    if n < FEWEST or not varying(known):
        return math.nan, math.nan
    off = known - known.sum() / n
    square = off * off
    spread = float(square.sum()) / n
    g1 = float((square * off).sum()) / n / spread**1.5
    g2 = float((square * square).sum()) / n / spread**2 - 3
    return g1 * math.sqrt(n * (n - 1)) / (n - 2), ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))
