"""The specification of an index: which steps are taken, in which order, and with which settings; from a TOML file.

``HELP`` is what ``./dti audit --help`` prints of it. An unknown section or setting is an error: a
step that is silently left out makes another index.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dti_platform.audit.aggregate import MEANS
from dti_platform.audit.normalise import METHODS
from dti_platform.audit.tree import AuditError, number

#: The steps in their usual order.
STEPS = ("denominate", "impute", "screen", "treat", "normalise", "aggregate")
#: The section of how scores are ranked: no step, for it changes no score.
RANK = "rank"
#: What each setting of a step may hold.
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "denominate": {"by": "names"},
    "impute": {"method": "text", "group": "text", "within_parent": "yes or no"},
    "screen": {"threshold": "share", "by": "text"},
    "treat": {"winmax": "whole", "skew": "positive", "kurtosis": "positive", "log": "yes or no"},
    "aggregate": {"method": "text or texts", "power": "number", "threshold": "share"},
    RANK: {"decimals": "decimals", "rounding": "text", "ties": "text", "bounds": "bounds"},
}
#: Of a scale's parameters.
PARAMETERS: Mapping[str, str] = {
    "method": "text", "bounds": "bounds", "mean": "number", "sd": "positive", "centre": "number", "scale": "positive",
    "lower": "number", "upper": "number", "truncate": "yes or no", "target": "number", "cap": "yes or no",
    "reference": "text",
}  # fmt: skip
#: Of the step that puts all on one scale.
SCALE: Mapping[str, str] = {**PARAMETERS, "missing": "rule of gaps"}


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


#: Whether a value is of a kind, and the kind in words.
KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "a text"),
    "text or texts": (
        lambda value: isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value)),
        "a text, or one for each level",
    ),
    "names": (
        lambda value: isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
        'a table such as { Goods = "GDP" }',
    ),
    "yes or no": (lambda value: isinstance(value, bool), "true or false"),
    "number": (_finite, "a number"),
    "positive": (lambda value: _finite(value) and value > 0, "a number above 0"),
    "whole": (lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0, "0, 1, 2, ..."),
    "decimals": (
        lambda value: value == "none" or (isinstance(value, int) and not isinstance(value, bool) and value >= 0),
        '0, 1, 2, ..., or "none"',
    ),
    "rule of gaps": (lambda value: value in ("none", "zero"), '"zero" (no points), or "none"'),
    "share": (lambda value: _finite(value) and 0 <= value <= 1, "a share from 0 to 1"),
    "bounds": (
        lambda value: isinstance(value, list) and len(value) == 2 and all(map(_finite, value)) and value[0] < value[1],  # noqa: PLR2004
        "two numbers, the lower first",
    ),
}  # fmt: skip
HELP = f"""
The tree's Type is Indicator, Aggregate, Group or Denominator (the last two are columns of the data beside the
indicators). An empty field, or NA, is missing; Direction and Weight are 1 then. Ranks put the highest score first.

The specification (TOML): a section for each step that is taken, in this order unless `steps` names another. As usual:

\b
  [denominate]
  [impute]
  method = "group_mean"
  group = "EurAsia_group"
  [screen]
  threshold = 0.9
  [treat]
  [normalise]
  method = "minmax"
  bounds = [0, 100]
  [aggregate]
  method = "arithmetic"

All settings:

\b
  steps = ["denominate", "impute", ...]  only to take them in another order
  [denominate]      by the column Denominator of the tree, or: by = {{ Goods = "GDP" }}
  [impute]          method: mean, median, group_mean, group_median, row (after normalise alone), none, zero
                    (0 in the indicator's own unit: the best value where less is better)
                    group: a column of groups; within_parent = true: row means among one parent's indicators
  [screen]          threshold: least share, such as 0.9; by: missing (default), zeros, missing_or_zeros. After
                    impute, the usual order, only what is still missing is missing
  [treat]           winmax (5), skew (2), kurtosis (3.5): winsorise, and where that doesn't do, log_CT
                    (log = false: leave it winsorised)
  [normalise]       method and its parameters:
{chr(10).join(f"                      {name}" for name in METHODS)}
                    bounds = [0, 100] (minmax); mean, sd (zscore); centre, scale (scaled: (x - centre) / scale);
                    lower, upper, scale,
                    truncate (goalposts; or the tree's columns goalpost_lower, goalpost_upper, goalpost_scale);
                    target, cap (distance_to_target; or the tree's column Target); reference = "unit", cap
                    (distance_to_reference); missing = "zero": what is missing gets no points (the lowest score of
                    the indicator; 0 of goalposts and fraction_of_max)
  [normalise.indicators.CODE]  the same for one indicator
  [weights]         CODE = 0.4: in the place of the tree's Weight
  [aggregate]       method: {", ".join(MEANS)}; or one for each level, the lowest first:
                    method = ["geometric", "arithmetic", "arithmetic"]; power (generalised);
                    threshold: the share of its parts that a unit needs
  [rank]            how scores are ranked: decimals, to which they are rounded before (default: not at all); rounding:
                    half_up, half_even, down (floor); ties: competition (1, 2, 2, 4), last (1, 3, 3, 4), dense
                    (1, 2, 2, 3); bounds = [0, 1]: decimals are those of the share of this range
  [replay.COLUMN.VALUE]  what a value of a column of the draws' parameters stands for (audit replay): settings of
                    [normalise] for the column norm, such as [replay.norm.n_zscore] with method, mean, sd; of
                    [aggregate] for agg; of [treat] for winmax and others. Known undeclared: winmax (a number),
                    n_minmax (minmax, [0, 100]), n_zscore (mean 0, sd 1), a_amean, a_gmean, a_hmean; decimals, rounding,
                    ties (as in [rank]); missing: withhold (a unit that lacks anything has no score), zero (no points,
                    as missing in [normalise]), rescale (its weights are shared out among the rest), as_specified
                    (what the specification does, as does any value whose section is empty); n_minmax is [0, 100]
                    whatever [normalise] says
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

    def with_settings(self, step: str, settings: Mapping[str, Any]) -> Spec:
        """The same with other settings of a step, which is taken."""
        if step not in (*self.steps, RANK):
            needed = ' with a method, such as "none"' if step == "impute" else ""
            raise AuditError(
                f"a draw changes {step}, which the specification doesn't take; add the section [{step}]{needed}"
            )
        check_settings(step, settings)
        return Spec(self.steps, {**self.settings, step: settings}, self.weights, self.variants)


def read(text: str) -> Spec:
    """A specification from its TOML text.

    Raises:
        AuditError: it is not TOML, or has an unknown section or setting.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuditError(f"the specification is no TOML: {error}") from error
    if unknown := sorted(tables.keys() - {*STEPS, RANK, "steps", "weights", "replay"}):
        raise AuditError(
            f"the specification has no section {', '.join(unknown)}; known: {', '.join(STEPS)}, {RANK}, weights, replay"
        )
    if flat := [name for name in tables if name != "steps" and not isinstance(tables[name], dict)]:
        raise AuditError(f"{flat[0]} is a section: write [{flat[0]}] on a line of its own")
    steps = _steps(tables)
    settings_by_step = {step: tables[step] for step in (*steps, RANK) if step in tables}
    for step, settings in settings_by_step.items():
        check_settings(step, settings)
    weights = {code: _weight(code, weight) for code, weight in tables.get("weights", {}).items()}
    variants = tables.get("replay", {})
    for name, values in variants.items():
        if not isinstance(values, dict) or not all(isinstance(section, dict) for section in values.values()):
            raise AuditError(
                f"[replay] {name} is no section: write [replay.{name}.VALUE] and below it what VALUE means"
            )
    return Spec(steps, settings_by_step, weights, variants)


def check_settings(step: str, settings: Mapping[str, Any]) -> None:
    """Refuses unknown settings of a step, and values that are not of their kind.

    Raises:
        AuditError: names the setting and what it may hold.
    """
    if step == "normalise":
        by_indicator = settings.get("indicators", {})
        tables = {step: {k: v for k, v in settings.items() if k != "indicators"}}
        tables |= {f"{step}.indicators.{code}": parameters for code, parameters in by_indicator.items()}
        for section, parameters in tables.items():
            _check(section, parameters, SCALE if section == step else PARAMETERS)
    else:
        _check(step, settings, SETTINGS[step])


def _check(section: str, settings: Mapping[str, Any], known: Mapping[str, str]) -> None:
    if unknown := sorted(settings.keys() - known.keys()):
        raise AuditError(f"[{section}] has no setting {', '.join(unknown)}; it has {', '.join(known)}")
    for name, value in settings.items():
        is_one, words = KINDS[known[name]]
        if not is_one(value):
            raise AuditError(f"[{section}] {name} is {value!r}; it is {words}")


def _weight(code: str, weight: object) -> float:
    if not _finite(weight) or float(weight) < 0:  # pyright: ignore[reportArgumentType]
        raise AuditError(f"[weights] {code} is {weight!r}; a weight is a number that is not negative")
    return number("[weights]", code, str(weight))


def _steps(tables: Mapping[str, Any]) -> tuple[str, ...]:
    """The steps in the order asked for; each has its section, and each section is taken."""
    sections = [step for step in STEPS if step in tables]
    order: Sequence[str] = tables.get("steps", sections)
    if sorted(order) != sorted(sections):
        raise AuditError(f"steps are {', '.join(order)}, but the sections are {', '.join(sections)}: name each once")
    for needed in ("normalise", "aggregate"):
        if needed not in order:
            raise AuditError(f"the specification has no section [{needed}]: without it there is no index")
    if order[-1] != "aggregate":
        raise AuditError("aggregate is the last of the steps")
    return tuple(order)
