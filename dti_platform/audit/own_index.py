"""A ranking of the platform's own as an index that can be audited: tree, data, specification, and what is uncertain.

Here: what a framework's tree, maxima, weights and declared rules are in the words of an audit. Not here: the audit.
A score of a framework is a sum of points, or a weighted mean of scores, over a maximum: both are weighted means of
shares of maxima. Where the maxima of parts are not known, their whole's is split evenly among them: nominal scores
don't depend on how.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dti_platform.audit import draws
from dti_platform.audit.dataset import Dataset
from dti_platform.audit.draws import Uncertainty
from dti_platform.audit.ranks import RULES
from dti_platform.audit.replay import MISSING, MISSING_RULE
from dti_platform.audit.spec import RANK, Spec
from dti_platform.audit.tree import AuditError, Element, Tree
from dti_platform.methodology import Framework, Node
from dti_platform.methodology.aggregation import share

#: What is drawn.
CHOICES = Path(__file__).with_name("rank_robustness.toml")
#: The scale of values: a geometric mean needs values above 0.
LOW, HIGH = 1.0, 100.0
#: Limits of skewness and kurtosis that everything passes.
UNLIMITED = 1e300
#: Points by node and unit, those that are known.
Points = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class OwnIndex:
    """An index of ours, ready for the audit."""

    tree: Tree
    data: Dataset
    spec: Spec
    uncertainty: Uncertainty


@cache
def uncertainty() -> Uncertainty:
    """What is uncertain of every ranking of ours.

    Raises:
        AuditError: the file has an unknown key.
    """
    return draws.read(CHOICES.read_text(encoding="utf-8"), CHOICES.name)


def own_index(framework: Framework, units: Sequence[str], points: Points) -> OwnIndex:
    """The index of a ranking.

    Args:
        framework: as it applies to the ranked group.
        units: that are ranked, or might be; a unit without any known points is left out.
        points: of the nodes that the total was made from, and of any others.

    Raises:
        AuditError: the maximum of the index or the parts of its total are not known, or one part counts twice.
    """
    if framework.root.max_points is None:
        raise AuditError(f"{framework.name}: the maximum of the index is not known")
    shape = _shape(framework, framework.root, points, float(framework.root.max_points))
    if not shape.parts:
        raise AuditError("only totals are known, and no part of them: there is nothing to draw")
    tree = Tree({element.code: element for element in _elements(shape, None, _depth(shape), 1.0)})
    sizes = {leaf.code: leaf.size for leaf in _leaves(shape)}
    columns = [[points[code].get(unit, math.nan) / sizes[code] for unit in units] for code in tree.indicators]
    rows = np.array(columns).T
    known = np.array([not np.isnan(row).all() for row in rows])
    ranked_units = tuple(unit for unit, has_values in zip(units, known.tolist(), strict=True) if has_values)
    data = Dataset(ranked_units, tree.indicators, rows[known], {}, {})
    top = LOW + (HIGH - LOW) * float(framework.root.max_points) / shape.size
    return OwnIndex(tree, data, _spec(framework, len(ranked_units), top), _uncertainty(framework, data))


@dataclass(frozen=True)
class _Shape:
    """A node of the index: its parts, each with its weight, and the points that a mean of 1 amounts to."""

    code: str
    name: str
    size: float
    parts: tuple[tuple[_Shape, float], ...] = ()


def _shape(framework: Framework, node: Node, known: Points, maximum: float) -> _Shape:
    """A node with its parts, down to those with known points."""
    parts = framework.parts(node.code)
    if not any(_reaches(framework, part.code, known) for part in parts):
        return _Shape(node.code, node.name_en, maximum)
    even = maximum / len(parts)
    shapes = [
        (_shape(framework, part, known, even if part.max_points is None else float(part.max_points)), share(node, part))
        for part in parts
    ]
    weighed = tuple((shape, float(times) * shape.size) for shape, times in shapes)
    return _Shape(node.code, node.name_en, sum(weight for _, weight in weighed), weighed)


def _reaches(framework: Framework, code: str, known: Points) -> bool:
    return code in known or any(_reaches(framework, part.code, known) for part in framework.parts(code))


def _depth(shape: _Shape) -> int:
    """The level of a node above the lowest of its indicators."""
    return 1 + max((_depth(part) for part, _ in shape.parts), default=0)


def _leaves(shape: _Shape) -> list[_Shape]:
    return [leaf for part, _ in shape.parts for leaf in _leaves(part)] or [shape]


def _elements(shape: _Shape, parent: str | None, level: int, weight: float) -> list[Element]:
    """The elements of a node; an indicator at a higher level than others gets aggregates of itself alone below it."""
    code = shape.code if shape.parts or level == 1 else f"{shape.code} (level {level})"
    element = Element(code, shape.name, level, parent, 1, weight, math.nan, None)
    if shape.parts:
        descendants = [
            element for part, part_weight in shape.parts for element in _elements(part, code, level - 1, part_weight)
        ]
    else:
        descendants = _elements(shape, code, level - 1, 1.0) if level > 1 else []
    elements = [element, *descendants]
    if parent is None and len({element.code for element in elements}) < len(elements):
        raise AuditError(f"{shape.code}: a part counts in several of its pillars; that is no tree")
    return elements


def _spec(framework: Framework, units: int, top: float) -> Spec:
    """The declared rules: shares of maxima, on a scale above 0, their weighted mean, and how it is ranked."""
    declared = {"method": "scaled", "centre": -LOW / (HIGH - LOW), "scale": 1 / (HIGH - LOW)}
    settings: dict[str, Mapping[str, Any]] = {
        "impute": {"method": "none"},
        "treat": {"skew": UNLIMITED, "kurtosis": UNLIMITED},
        "normalise": declared,
        "aggregate": {"method": "arithmetic"},
        RANK: {
            "decimals": framework.settings.tie_decimals,
            "rounding": framework.settings.rounding,
            "ties": framework.settings.tie,
            "bounds": [LOW, top],
        },
    }
    for step, changed in MISSING[framework.settings.missing].items():
        settings[step] = {**settings[step], **changed}
    variants: dict[str, Mapping[str, Mapping[str, Any]]] = {
        "norm": {
            "share_of_maximum": declared,
            "min_max": {"method": "minmax", "bounds": [LOW, HIGH]},
            # no value of n lies more than (n - 1) / sqrt(n) deviations below the mean: all stay above 0
            "z_score": {"method": "zscore", "mean": HIGH / 2, "sd": HIGH / 2 / math.sqrt(units)},
        },
        "treat": {"none": settings["treat"], "winsorised": {"winmax": 5, "log": False}},
        "agg": {"arithmetic": {"method": "arithmetic"}, "geometric": {"method": "geometric"}},
    }
    return Spec(tuple(step for step in settings if step != RANK), settings, {}, variants)


def _uncertainty(framework: Framework, data: Dataset) -> Uncertainty:
    """What is drawn of this ranking: how missing values count, only where any are missing."""
    declared = uncertainty()
    options = dict(declared.options)
    if not np.isnan(data.values).any():
        options.pop(MISSING_RULE, None)
    words = {"printed": str(framework.settings.printed_decimals), "unrounded": RULES["decimals"]}
    if "decimals" in options:
        options["decimals"] = [*dict.fromkeys(words.get(option, option) for option in options["decimals"])]
    return replace(declared, options=options)
