"""Frameworks and geographies as frames, the shape in which comparisons read them.

Here: ``nodes``, ``parts``, ``geographies`` and ``domains``. Not here: what a framework is (``methodology``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from decimal import Decimal

    from dti_platform.methodology import Framework, Node

NODES = {
    "framework": pl.String,
    "index": pl.String,
    "family": pl.String,
    "geography": pl.String,
    "node": pl.String,
    "concept": pl.String,
    "kind": pl.String,
    "max_points": pl.Float64,
    "evidence": pl.String,
    "enough": pl.Int64,
    "out_of": pl.Int64,
}
PARTS = {"framework": pl.String, "geography": pl.String, "node": pl.String, "part": pl.String, "share": pl.Float64}


def nodes(frameworks: Iterable[Framework]) -> pl.DataFrame:
    """One row per framework, geography where it is in force, and node. Hand in overlaid frameworks, not both.

    From ``enough`` peers ``out_of`` so many with a score, ranks are given.
    """
    rows = [
        (
            framework.version,
            framework.index,
            framework.family,
            geography,
            node.code,
            node.concept,
            node.kind,
            _number(node.max_points),
            node.evidence,
            *framework.settings.provisional_from.as_integer_ratio(),
        )
        for framework in frameworks
        for geography in _geographies(framework)
        for node in framework.nodes.values()
    ]
    return pl.DataFrame(rows, schema=NODES, orient="row")


def parts(frameworks: Iterable[Framework]) -> pl.DataFrame:
    """One row per framework, geography, node and part: ``share`` turns the part's points into points of the node."""
    rows = [
        (framework.version, geography, node.code, part.code, _share(node, part))
        for framework in frameworks
        for geography in _geographies(framework)
        for node in framework.nodes.values()
        for part in framework.parts(node.code)
    ]
    return pl.DataFrame(rows, schema=PARTS, orient="row")


def _share(node: Node, part: Node) -> float | None:
    """1 in a sum; in a weighted mean the part's weight of the node's maximum over the part's own."""
    if node.method == "sum":
        return 1.0
    maximum, of_part, weight = (_number(value) for value in (node.max_points, part.max_points, part.weight))
    return maximum * weight / of_part if maximum and of_part and weight is not None else None


def geographies(members: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """One row per geography: how many ``units`` it has."""
    rows = [(name, len(units)) for name, units in sorted(members.items())]
    return pl.DataFrame(rows, schema={"geography": pl.String, "units": pl.Int64}, orient="row")


def domains(classes: Mapping[str, str]) -> pl.DataFrame:
    """One row per domain: the ``source_class`` of its addresses."""
    return pl.DataFrame(sorted(classes.items()), schema={"domain": pl.String, "source_class": pl.String}, orient="row")


def _geographies(framework: Framework) -> list[str]:
    return sorted({geography for _, geography in framework.in_force})


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
