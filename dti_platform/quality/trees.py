"""Frameworks and geographies as frames, in the form that comparisons read.

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

    Ranks are given if at least ``enough`` of ``out_of`` peers have a score.
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
    """1 in a sum; in a weighted mean, the node's maximum times the part's weight, divided by the part's maximum."""
    if node.method == "sum":
        return 1.0
    maximum, part_maximum, weight = (_number(value) for value in (node.max_points, part.max_points, part.weight))
    return maximum * weight / part_maximum if maximum and part_maximum and weight is not None else None


def geographies(members: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """One row per geography: its number of ``units``."""
    rows = [(name, len(units)) for name, units in sorted(members.items())]
    return pl.DataFrame(rows, schema={"geography": pl.String, "units": pl.Int64}, orient="row")


def domains(classes: Mapping[str, str]) -> pl.DataFrame:
    """One row per domain: the ``source_class`` of its addresses."""
    return pl.DataFrame(sorted(classes.items()), schema={"domain": pl.String, "source_class": pl.String}, orient="row")


def _geographies(framework: Framework) -> list[str]:
    return sorted({geography for _, geography in framework.in_force})


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
