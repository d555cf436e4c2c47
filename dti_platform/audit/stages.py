"""The chain of steps of an index, each stage kept: from the data to the scores of every element, and their ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from dti_platform.audit import remarks
from dti_platform.audit.aggregate import MEANS, Mean, aggregate, generalised
from dti_platform.audit.dataset import Dataset, Floats
from dti_platform.audit.denominate import denominate
from dti_platform.audit.impute import impute
from dti_platform.audit.normalise import normalise, with_no_points
from dti_platform.audit.ranks import by_rules, ranks, rules
from dti_platform.audit.screen import screen
from dti_platform.audit.spec import RANK, Spec
from dti_platform.audit.treat import Limits, Treatment, skewed, treat
from dti_platform.audit.tree import AuditError, Tree, known_methods

#: The name of a stage's file, by its step.
NAMES = {
    "denominate": "Denominated",
    "impute": "Imputed",
    "screen": "Screened",
    "treat": "Treated",
    "normalise": "Normalised",
    "aggregate": "Aggregated",
}


@dataclass(frozen=True)
class Scored:
    """An index with all its stages.

    Attributes:
        stages: by step, in the order taken.
        treatments: what was done to each indicator; none where the step is not taken.
        remarks: what a reader must know: units that left, indicators that say nothing.
        ranking: how scores are ranked: the section ``rank`` of the specification.
    """

    tree: Tree
    stages: Mapping[str, Dataset]
    treatments: Sequence[Treatment]
    remarks: Sequence[str]
    ranking: Mapping[str, Any]

    @property
    def scores(self) -> Dataset:
        """Of every element."""
        return self.stages["aggregate"]

    @property
    def ranks(self) -> Dataset:
        """Of every element: to float noise, and aggregates as the specification says."""
        scores, split = self.scores, len(self.tree.indicators)
        wholes = scores.values[:, split:]
        ranked = [ranks(scores.values[:, :split]), by_rules(wholes, rules(self.ranking, wholes.shape[1]))]
        return scores.with_values(np.column_stack(ranked))

    def with_draws(self, cache: StageCache) -> list[str]:
        """The remarks, and those of stages that draws alone made."""
        remarks_of_draws = dict.fromkeys(remark for stage in cache.values() for remark in stage.remarks)
        return [
            *self.remarks,
            *(f"in some draws, {remark}" for remark in remarks_of_draws if remark not in self.remarks),
        ]


class Stage(NamedTuple):
    """What a step made, what it did to indicators, and what a reader must know of it."""

    data: Dataset
    treatments: Sequence[Treatment]
    remarks: Sequence[str]


#: Stages that were made, by the settings of all steps up to each.
StageCache = dict[str, Stage]


def score(tree: Tree, data: Dataset, spec: Spec, cache: StageCache | None = None) -> Scored:
    """The index of a specification, stage by stage; ``cache`` as for ``normal``.

    Raises:
        AuditError: a step can't be taken: names the step, the element and the fix.
    """
    stages = dict(_walk(tree, data, spec, spec.steps, {} if cache is None else cache))
    treatments = [treatment for stage in stages.values() for treatment in stage.treatments]
    made_remarks = [remark for stage in stages.values() for remark in stage.remarks]
    return Scored(tree, {step: stage.data for step, stage in stages.items()}, treatments, made_remarks, spec.of(RANK))


def normal(tree: Tree, data: Dataset, spec: Spec, cache: StageCache | None = None) -> Dataset:
    """The data after all steps but the last: what is aggregated.

    ``cache`` remembers stages of the same tree and data, for specifications that begin alike.
    """
    walked = [*_walk(tree, data, spec, spec.steps[:-1], {} if cache is None else cache)]
    return walked[-1][1].data


def _walk(
    tree: Tree, data: Dataset, spec: Spec, steps: Sequence[str], cache: StageCache
) -> Iterator[tuple[str, Stage]]:
    """Each step with what it made, looked up where the steps before had the same settings."""
    key = ""
    for step in steps:
        key = f"{key} {step} {spec.of(step)}"
        if key not in cache:
            cache[key] = _stage(step, tree, data, spec)
        yield step, cache[key]
        data = cache[key].data


def _stage(step: str, tree: Tree, data: Dataset, spec: Spec) -> Stage:
    if step == "treat":
        after, treatments = treat(data, limits(spec.of(step)))
    else:
        after, treatments = STEP_FUNCTIONS[step](tree, data, spec), list[Treatment]()
    return Stage(after, treatments, [*remarks.on_step(step, tree, spec, data, after), *skewed(treatments)])


def weights(tree: Tree, spec: Spec) -> dict[str, float]:
    """The weight of each element among its parent's parts.

    Raises:
        AuditError: the specification weighs an element that the tree doesn't have, or the index itself.
    """
    if unknown := sorted(spec.weights.keys() - tree.elements.keys()):
        raise AuditError(f"[weights] names {', '.join(unknown)}, which the tree doesn't have")
    if tree.index in spec.weights:
        raise AuditError(f"[weights] weighs {tree.index}, the index itself, which is a part of nothing; leave it out")
    return {code: element.weight for code, element in tree.elements.items()} | dict(spec.weights)


def means(tree: Tree, settings: Mapping[str, Any]) -> list[Mean]:
    """The mean by which each level above the indicators is made, the lowest first.

    Raises:
        AuditError: a mean is unknown, or there is not one for each level.
    """
    method = settings.get("method", "arithmetic")
    names = [method] * (tree.top - 1) if isinstance(method, str) else list(method)
    if len(names) != tree.top - 1:
        raise AuditError(f"[aggregate] method names {len(names)} means; the tree has {tree.top - 1} levels to make")
    if unknown := [name for name in dict.fromkeys(names) if name not in MEANS]:
        raise AuditError(f"[aggregate] has no method {', '.join(unknown)}; {known_methods(unknown, MEANS)}")
    if "generalised" in names and "power" not in settings:
        raise AuditError("[aggregate] generalised needs power")
    return [partial(generalised, power=settings["power"]) if name == "generalised" else MEANS[name] for name in names]


def limits(settings: Mapping[str, Any]) -> Limits:
    """When an indicator needs treatment."""
    return Limits(**settings)


def _denominated(tree: Tree, data: Dataset, spec: Spec) -> Dataset:
    denominators = {code: element.denominator for code, element in tree.elements.items() if element.denominator}
    return denominate(data, spec.of("denominate").get("by", denominators))


def _imputed(tree: Tree, data: Dataset, spec: Spec) -> Dataset:
    settings = spec.of("impute")
    if "method" not in settings:
        raise AuditError("[impute] needs a method")
    if settings["method"] == "row" and "normalise" not in spec.steps[: spec.steps.index("impute")]:
        others = [step for step in spec.steps if step != "impute"]
        others.insert(others.index("normalise") + 1, "impute")
        order = ", ".join(f'"{step}"' for step in others)
        raise AuditError(
            "impute: row means of values in units of their own, such as a share and a price, mean nothing; take row"
            f" after normalise: steps = [{order}]"
        )
    return impute(data, settings["method"], settings.get("group"), tree if settings.get("within_parent") else None)


def _screened(_: Tree, data: Dataset, spec: Spec) -> Dataset:
    settings = spec.of("screen")
    if "threshold" not in settings:
        raise AuditError("[screen] needs a threshold, such as 0.9")
    return screen(data, settings["threshold"], settings.get("by", "missing"))


def normalised(tree: Tree, data: Dataset, spec: Spec) -> Dataset:
    """Every indicator on one scale.

    Raises:
        AuditError: a method or a parameter is unknown.
    """
    settings = dict(spec.of("normalise"))
    by_indicator: Mapping[str, Mapping[str, Any]] = settings.pop("indicators", {})
    if unknown := sorted(by_indicator.keys() - set(data.columns)):
        raise AuditError(f"[normalise.indicators] names {', '.join(unknown)}, which are no indicators")
    zero = settings.pop("missing", "none") == "zero"
    columns = [_normalised(tree, data, code, by_indicator.get(code, settings), zero=zero) for code in data.columns]
    return data.with_values(np.column_stack(columns))


def _normalised(tree: Tree, data: Dataset, code: str, settings: Mapping[str, Any], *, zero: bool) -> Floats:
    parameters = dict(settings)
    method = parameters.pop("method", None)
    element = tree.elements[code]
    if method is None:
        raise AuditError(f"[normalise] {code}: no method")
    if method == "goalposts":
        parameters = {**element.goalposts, **parameters}
    if method == "distance_to_target" and "target" not in parameters:
        if np.isnan(element.target):
            raise AuditError(f"[normalise] {code}: distance_to_target needs a target, or a Target in the tree")
        parameters["target"] = element.target
    if method == "distance_to_reference" and parameters.get("reference") in data.units:
        parameters["reference"] = data.units.index(parameters["reference"])
    elif "reference" in parameters:
        raise AuditError(f"[normalise] {code}: there is no unit {parameters['reference']!r} to refer to")
    try:
        scores = normalise(data.column(code), method, element.direction, parameters)
    except AuditError as error:
        raise AuditError(f"{code}: {error}") from error
    return with_no_points(scores, method, element.direction, parameters) if zero else scores


def _aggregated(tree: Tree, data: Dataset, spec: Spec) -> Dataset:
    settings = spec.of("aggregate")
    return aggregate(data, tree, means(tree, settings), weights(tree, spec), settings.get("threshold"))


STEP_FUNCTIONS: Mapping[str, Callable[[Tree, Dataset, Spec], Dataset]] = {
    "denominate": _denominated,
    "impute": _imputed,
    "screen": _screened,
    "normalise": normalised,
    "aggregate": _aggregated,
}


def effective_weights(tree: Tree, stated: Mapping[str, float]) -> dict[str, float]:
    """The share of the index that each element has: its weight among its siblings', times its parent's share."""
    shares = {tree.index: 1.0}
    for level in range(tree.top - 1, 0, -1):
        for code in tree.level(level):
            parent = tree.elements[code].parent or ""
            total = sum(stated[part] for part in tree.parts(parent))
            shares[code] = shares[parent] * stated[code] / total if total else 0.0
    return shares


def counting(stated: Mapping[str, float], scores: Dataset) -> dict[str, float]:
    """The weights that count: 0 for an element without a score of any unit, such as a constant indicator."""
    silent = {code for code, column in zip(scores.columns, scores.values.T, strict=True) if np.isnan(column).all()}
    return {code: 0.0 if code in silent else weight for code, weight in stated.items()}


def scored_in_part(scored: Scored, spec: Spec) -> list[str]:
    """A remark on the units that have a score of the index without some of the indicators that count."""
    shares = effective_weights(scored.tree, counting(weights(scored.tree, spec), scored.scores))
    return remarks.on_gaps(scored.stages[spec.steps[-2]], scored.scores, scored.tree.index, shares)
