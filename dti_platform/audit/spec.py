"""The specification of an index: which steps are taken, in which order, and with which settings; from a TOML file.

``HELP`` is what ``./dti audit --help`` prints of it. Whatever a specification says and nobody knows is an error: a step
that is silently left out makes another index.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dti_platform.audit.aggregate import MEANS
from dti_platform.audit.normalise import METHODS
from dti_platform.audit.tree import AuditError

#: The steps in their usual order.
STEPS = ("denominate", "impute", "screen", "treat", "normalise", "aggregate")
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "denominate": ("by",),
    "impute": ("method", "group", "within_parent"),
    "screen": ("threshold", "by"),
    "treat": ("winmax", "skew", "kurtosis"),
    "aggregate": ("method", "power", "threshold"),
}
HELP = f"""
The specification (TOML): a section for each step that is taken, in this order unless `steps` names another.

\b
  steps = ["denominate", "impute", ...]  only to take them in another order
  [denominate]      by the column Denominator of the tree, or: by = {{ Goods = "GDP" }}
  [impute]          method: mean, median, group_mean, group_median, row
                    group: a column of groups; within_parent = true: row means among one parent's indicators
  [screen]          threshold: least share, such as 0.9; by: missing (default), zeros, missing_or_zeros
  [treat]           winmax (5), skew (2), kurtosis (3.5): winsorise, and where that doesn't do, log_CT
  [normalise]       method and its parameters:
{chr(10).join(f"                      {name}" for name in METHODS)}
                    bounds = [0, 100] (minmax); mean, sd (zscore); centre, scale (scaled); lower, upper, scale,
                    truncate (goalposts; or the tree's columns goalpost_lower, goalpost_upper, goalpost_scale);
                    target, cap (distance_to_target; or the tree's column Target); reference = "unit", cap
                    (distance_to_reference)
  [normalise.indicators.CODE]  the same for one indicator
  [weights]         CODE = 0.4: in the place of the tree's Weight
  [aggregate]       method: {", ".join(MEANS)}; or one for each level, the lowest first:
                    method = ["geometric", "arithmetic", "arithmetic"]; power (generalised);
                    threshold: the share of its parts that a unit needs
  [replay.COLUMN.VALUE]  what a value of a column of the draws' parameters stands for (audit replay): settings of
                    [normalise] for the column norm, such as [replay.norm.n_zscore] with method, mean, sd; of
                    [aggregate] for agg; of [treat] for winmax and others. Known undeclared: winmax (a number),
                    n_minmax (minmax, [0, 100]), n_zscore (mean 0, sd 1), a_amean, a_gmean, a_hmean
"""


@dataclass(frozen=True)
class Spec:
    """The steps to take and their settings.

    Attributes:
        steps: in their order; ``aggregate`` is the last.
        settings: of each step.
        weights: in the place of the tree's, by code.
        variants: by column of the draws and value, the settings that the value stands for.
    """

    steps: tuple[str, ...]
    settings: Mapping[str, Mapping[str, Any]]
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    variants: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[str, Any]]]
    )

    def of(self, step: str) -> Mapping[str, Any]:
        """The settings of a step; none where it is not taken."""
        return self.settings.get(step, {})

    def having(self, step: str, settings: Mapping[str, Any]) -> Spec:
        """The same with other settings of a step, which is taken."""
        if step not in self.steps:
            raise AuditError(f"a draw changes {step}, which the specification doesn't take; add its section")
        return Spec(self.steps, {**self.settings, step: settings}, self.weights, self.variants)


def read(text: str) -> Spec:
    """A specification from its TOML text.

    Raises:
        AuditError: it is no TOML, or has a section or setting that nobody knows.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuditError(f"the specification is no TOML: {error}") from error
    if strange := sorted(given.keys() - {*STEPS, "steps", "weights", "replay"}):
        raise AuditError(
            f"the specification has no section {', '.join(strange)}; known: {', '.join(STEPS)}, weights, replay"
        )
    steps = _steps(given)
    for step, known in SETTINGS.items():
        if strange := sorted(given.get(step, {}).keys() - set(known)):
            raise AuditError(f"[{step}] has no setting {', '.join(strange)}; it has {', '.join(known)}")
    weights = {code: float(weight) for code, weight in given.get("weights", {}).items()}
    if negative := [code for code, weight in weights.items() if weight < 0]:
        raise AuditError(f"[weights] {', '.join(negative)}: a weight is not negative")
    return Spec(steps, {step: given[step] for step in steps}, weights, given.get("replay", {}))


def _steps(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The steps in the order asked for; each has its section, and each section is taken."""
    sections = [step for step in STEPS if step in given]
    asked: Sequence[str] = given.get("steps", sections)
    if sorted(asked) != sorted(sections):
        raise AuditError(f"steps are {', '.join(asked)}, but the sections are {', '.join(sections)}: name each once")
    for needed in ("normalise", "aggregate"):
        if needed not in asked:
            raise AuditError(f"the specification has no section [{needed}]: without it there is no index")
    if asked[-1] != "aggregate":
        raise AuditError("aggregate is the last of the steps")
    return tuple(asked)
