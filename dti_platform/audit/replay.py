"""Replay: an index made again by recorded draws, each alone: the same parameters and weights give the same ranks.

Here: the meaning of a row of parameters, and statistics of the ranks. Not here: making draws (``draws``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dti_platform.audit.aggregate import aggregate
from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.ranks import RULES, Rules, by_rules, rules
from dti_platform.audit.spec import RANK, Spec
from dti_platform.audit.stages import StageCache, means, normal, score, weights
from dti_platform.audit.tree import AuditError, Tree, number

#: Which step a column of the parameters changes, and what values stand for where the specification doesn't say.
STEP_OF = {
    "norm": "normalise", "agg": "aggregate", "winmax": "treat", "treat": "treat", "impute": "impute",
    "missing": "aggregate", **dict.fromkeys(RULES, RANK),
}  # fmt: skip
#: The choice of what becomes of a unit that lacks a value, by which steps are taken otherwise.
MISSING_RULE = "missing"
MISSING: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "withhold": {"impute": {"method": "none"}, "normalise": {"missing": "none"}, "aggregate": {"threshold": 1}},
    "zero": {"impute": {"method": "none"}, "normalise": {"missing": "zero"}},
    "rescale": {"impute": {"method": "none"}, "normalise": {"missing": "none"}, "aggregate": {"threshold": 0}},
    "as_specified": {},
}
KNOWN: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "norm": {
        "n_minmax": {"method": "minmax", "bounds": [0, 100]},
        "n_zscore": {"method": "zscore", "mean": 0, "sd": 1},
    },
    "agg": {"a_amean": {"method": "arithmetic"}, "a_gmean": {"method": "geometric"}, "a_hmean": {"method": "harmonic"}},
}
REP, WEIGHT_SET = "rep", "weight_set"
#: A column of the parameters, and its value in a draw.
Choice = tuple[str, str]
#: The quantiles of rank intervals, by linear interpolation (type 7).
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Replayed:
    """The index under every draw.

    Attributes:
        units: in the order of their codes.
        nominal: scores of the specification itself.
        reps: the names of the draws.
        scores: units x draws.
        nominal_rules: by which the specification ranks.
        rules: by which each draw ranks.
        remarks: what a reader must know of the steps, those of draws, too.
    """

    units: tuple[str, ...]
    nominal: Floats
    reps: tuple[str, ...]
    scores: Floats
    nominal_rules: Rules
    rules: Rules
    remarks: Sequence[str]

    def first(self, number: int) -> Replayed:
        """Under the first so many draws alone."""
        return replace(self, reps=self.reps[:number], scores=self.scores[:, :number], rules=self.rules.first(number))

    @property
    def ranks(self) -> Floats:
        """Units x draws; NaN where a unit has no score."""
        return by_rules(self.scores, self.rules)

    @property
    def nominal_ranks(self) -> Floats:
        """Of the specification itself."""
        return by_rules(self.nominal[:, None], self.nominal_rules)[:, 0]

    @property
    def statistics(self) -> list[tuple[str, float, float, float, float, float]]:
        """Of each unit: its nominal rank, and mean, median, 5 % and 95 % of its ranks, where it has any."""
        rows = zip(self.units, self.nominal_ranks.tolist(), self.ranks, strict=True)
        return [(unit, nominal, *_statistics(drawn[~np.isnan(drawn)])) for unit, nominal, drawn in rows]

    @property
    def withheld(self) -> list[tuple[str, int]]:
        """The units that have no rank in some draws, and in how many."""
        lacking = np.isnan(self.scores).sum(axis=1).tolist()
        return [(unit, count) for unit, count in zip(self.units, lacking, strict=True) if count]


def _statistics(ranks: Floats) -> tuple[float, float, float, float]:
    """Mean, median, 5 % and 95 % of ranks; NaN of none."""
    if not ranks.size:
        return math.nan, math.nan, math.nan, math.nan
    low, median, high = np.quantile(ranks, [LOW, 0.5, HIGH]).tolist()
    return float(ranks.mean()), median, low, high


def replay(
    tree: Tree,
    data: Dataset,
    spec: Spec,
    parameters: Sequence[Mapping[str, str]],
    weight_sets: Sequence[Mapping[str, str]],
) -> Replayed:
    """The index under each row of the parameters.

    Args:
        tree: of the index.
        data: its data.
        spec: what holds where a draw says nothing.
        parameters: a row for each draw: ``rep``, ``weight_set`` and further columns, such as ``norm``.
        weight_sets: a row for each set: ``weight_set`` and a weight for each element by code.

    Raises:
        AuditError: a column, a value, an element or a set is unknown, or a draw leaves units without a score.
    """
    _check(parameters, weight_sets)
    sets = {row[WEIGHT_SET]: _weights(tree, spec, row) for row in weight_sets}
    stages = StageCache()
    scored = score(tree, data, spec, stages)
    nominal = scored.scores
    prepared: dict[tuple[Choice, ...], tuple[Dataset, Spec]] = {}
    columns: list[Floats] = []
    ranked: list[Mapping[str, Any]] = []
    for row in parameters:
        choices = tuple((name, value) for name, value in row.items() if name not in (REP, WEIGHT_SET))
        if choices not in prepared:
            prepared[choices] = normalised(tree, data, spec, choices, nominal.units, stages)
        drawn_data, draw_spec = prepared[choices]
        settings, chosen = draw_spec.of("aggregate"), _set(row, sets, weights(tree, spec))
        with naming_draws(spec, choices):
            scores = aggregate(drawn_data, tree, means(tree, settings), chosen, settings.get("threshold"))
        columns.append(scores.column(tree.index))
        ranked.append(draw_spec.of(RANK))
    reps = tuple(row.get(REP, str(position)) for position, row in enumerate(parameters, start=1))
    rule = rules(spec.of(RANK), 1)
    own_rules, remarks = (
        _rules(spec.of(RANK), ranked),
        [*scored.with_draws(stages), *_unlisted_weights(tree, weight_sets)],
    )
    return Replayed(nominal.units, nominal.column(tree.index), reps, np.column_stack(columns), rule, own_rules, remarks)


def _rules(nominal: Mapping[str, Any], ranked: Sequence[Mapping[str, Any]]) -> Rules:
    """The rules of draws, each with settings of its own."""
    numbers = np.arange(len(ranked))
    drawn = {
        name: ([str(settings.get(name, default)) for settings in ranked], numbers) for name, default in RULES.items()
    }
    return rules(nominal, len(ranked), drawn)


def _check(parameters: Sequence[Mapping[str, str]], weight_sets: Sequence[Mapping[str, str]]) -> None:
    """Refuses an empty file of draws, and names that are not unique."""
    if not parameters:
        raise AuditError("there are no draws: the file of parameters has a header alone")
    if weight_sets and WEIGHT_SET not in weight_sets[0]:
        raise AuditError(f"the weight sets have no column {WEIGHT_SET}")
    sets = [row[WEIGHT_SET] for row in weight_sets]
    if len({*sets}) < len(sets):
        raise AuditError(f"a weight set stands twice: {max(sets, key=sets.count)}")
    names = [row.get(REP, "") for row in parameters]
    if len({*names} - {""}) < sum(map(bool, names)):
        raise AuditError(f"a draw stands twice in the column {REP}: {max(names, key=names.count)}")


def normalised(
    tree: Tree, data: Dataset, spec: Spec, choices: Sequence[Choice], units: Sequence[str], cache: StageCache
) -> tuple[Dataset, Spec]:
    """The normalised data under what a draw changes of the steps before, and the specification that it makes.

    Raises:
        AuditError: a choice has no meaning, or the draw ranks other units than these.
    """
    draw_spec = varied(spec, choices)
    with naming_draws(spec, choices):
        normalised = normal(tree, data, draw_spec, cache)
    if normalised.units != tuple(units):
        chosen = ", ".join(f"{name} = {value}" for name, value in choices)
        raise AuditError(
            f"draws with {chosen} screen out other units than the specification does; let screen be the first of"
            " `steps`"
        )
    return normalised, draw_spec


def varied(spec: Spec, choices: Sequence[Choice]) -> Spec:
    """The specification under the choices of a draw: name and value of each.

    Raises:
        AuditError: a choice or its value has no meaning.
    """
    for name, value in choices:
        step = STEP_OF.get(name)
        if step is None:
            known = ", ".join([REP, WEIGHT_SET, *STEP_OF])
            raise AuditError(f"the draws have a column {name}, which nobody knows; known: {known}")
        if name == MISSING_RULE and value in MISSING and value not in spec.variants.get(name, {}):
            for changed, settings in MISSING[value].items():
                if changed != "impute" or changed in spec.steps:  # without imputation there is none to leave out
                    spec = spec.with_settings(changed, {**spec.of(changed), **settings})
            continue
        if settings := _meaning(spec, name, value):  # an empty section is as the specification has it
            with naming_draws(spec, [(name, value)]):
                spec = spec.with_settings(step, {**_shared_settings(spec, step), **settings})
    return spec


def _shared_settings(spec: Spec, step: str) -> Mapping[str, Any]:
    """The settings of a step that a draw keeps: all but for a scale, which keeps its rule of missing values alone."""
    settings = spec.of(step)
    return (
        {name: value for name, value in settings.items() if name == MISSING_RULE} if step == "normalise" else settings
    )


def _meaning(spec: Spec, name: str, value: str) -> Mapping[str, Any]:
    declared = {**KNOWN.get(name, {}), **spec.variants.get(name, {})}
    if value in declared:
        return declared[value]
    if name == "winmax" and value.isdecimal():
        return {"winmax": int(value)}
    if name in RULES:
        rules({name: value}, 1)  # or it is unknown
        return {name: int(value) if value.isdecimal() else value}
    others = {"winmax": ["any whole number"], MISSING_RULE: [*MISSING]}.get(name, [])
    hint = f"known: {', '.join([*others, *sorted(declared)])}; " if others or declared else ""
    raise AuditError(
        f"the draws have {name} = {value}, which stands for nothing; {hint}else add [replay.{name}.{_key(value)}] with"
        f" settings of [{STEP_OF[name]}], or without any: as the specification has them"
    )


def _key(value: str) -> str:
    """A value as a section's name has it in TOML."""
    return value if re.fullmatch(r"[A-Za-z0-9_-]+", value) else json.dumps(value, ensure_ascii=False)


@contextmanager
def naming_draws(spec: Spec, choices: Sequence[Choice]) -> Generator[None]:
    """Adds the choices of the draws to an error, and the meaning of a scale that the specification doesn't declare."""
    try:
        yield
    except AuditError as error:
        chosen = ", ".join(f"{name} = {value}" for name, value in choices)
        scale = dict(choices).get("norm", "")
        known = {} if scale in spec.variants.get("norm", {}) else KNOWN["norm"].get(scale, {})
        meaning = ", ".join(f"{name} = {value}" for name, value in known.items())
        hint = f"; {scale} is {meaning} unless [replay.norm.{scale}] says otherwise" if known else ""
        raise AuditError(f"draws with {chosen}: {error}{hint}" if chosen else str(error)) from error


def _set(
    row: Mapping[str, str], sets: Mapping[str, Mapping[str, float]], nominal: Mapping[str, float]
) -> Mapping[str, float]:
    if WEIGHT_SET not in row:
        return nominal
    if row[WEIGHT_SET] not in sets:
        raise AuditError(f"draw {row.get(REP)}: there is no weight set {row[WEIGHT_SET]}")
    return sets[row[WEIGHT_SET]]


def _weights(tree: Tree, spec: Spec, row: Mapping[str, str]) -> Mapping[str, float]:
    texts = {code: text for code, text in row.items() if code != WEIGHT_SET}
    if unknown := sorted(texts.keys() - tree.elements.keys()):
        raise AuditError(f"weight set {row[WEIGHT_SET]} weighs {', '.join(unknown)}, which the tree doesn't have")
    numbers = {code: number(f"weight set {row[WEIGHT_SET]}", code, text) for code, text in texts.items()}
    if negative := [code for code, weight in numbers.items() if weight < 0]:
        raise AuditError(f"weight set {row[WEIGHT_SET]}: the weight of {negative[0]} is negative")
    return weights(tree, spec) | numbers


def _unlisted_weights(tree: Tree, weight_sets: Sequence[Mapping[str, str]]) -> list[str]:
    """Tells which elements that have a weight no set has a column for."""
    lacking = [code for code in tree.elements if code != tree.index and weight_sets and code not in weight_sets[0]]
    remark = f"the weight sets have no column for {', '.join(lacking)}: their weights are those of the specification"
    return [remark] if lacking else []


def alone(parameters: Sequence[Mapping[str, str]], rep: str) -> Iterator[Mapping[str, str]]:
    """The row of one draw.

    Raises:
        AuditError: no draw has this name.
    """
    rows = [row for row in parameters if row.get(REP) == rep]
    if not rows:
        raise AuditError(f"there is no draw {rep}")
    yield from rows
