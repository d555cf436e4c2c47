"""Frameworks and geographies as frames, the shape in which comparisons read them.

Here: ``nodes``, ``parts`` and ``geographies``. Not here: what a framework is (``methodology``): whatever has its
attributes will do, so that this room need not know that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import polars as pl


class Node(Protocol):
    """What is read of a node."""

    @property
    def code(self) -> str:
        """Its code."""
        ...

    @property
    def concept(self) -> str | None:
        """Its concept, stable across versions."""
        ...

    @property
    def kind(self) -> str:
        """Index, pillar, group, main index or indicator."""
        ...

    @property
    def max_points(self) -> object:
        """Its maximum, or None."""
        ...

    @property
    def evidence(self) -> str:
        """Official or illustrative."""
        ...

    @property
    def method(self) -> str:
        """How its parts make it: ``sum``, or weighted."""
        ...

    @property
    def weight(self) -> object:
        """Its weight in a weighted whole, or None."""
        ...


class Framework(Protocol):
    """What is read of a framework."""

    @property
    def version(self) -> str:
        """Its version."""
        ...

    @property
    def family(self) -> str:
        """Versions of one family compare over time."""
        ...

    @property
    def in_force(self) -> tuple[tuple[str, str], ...]:
        """Years and geographies."""
        ...

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Its nodes by code."""
        ...

    def parts(self, code: str) -> Sequence[Node]:
        """The scored nodes that a node is made of."""
        ...


NODES = {
    "framework": pl.String,
    "family": pl.String,
    "geography": pl.String,
    "node": pl.String,
    "concept": pl.String,
    "kind": pl.String,
    "max_points": pl.Float64,
    "evidence": pl.String,
}
PARTS = {"framework": pl.String, "geography": pl.String, "node": pl.String, "part": pl.String, "share": pl.Float64}


def nodes(frameworks: Iterable[Framework]) -> pl.DataFrame:
    """One row per framework, geography where it is in force, and node. Hand in overlaid frameworks, not both."""
    rows = [
        (
            tree.version,
            tree.family,
            geography,
            each.code,
            each.concept,
            each.kind,
            _number(each.max_points),
            each.evidence,
        )
        for tree in frameworks
        for geography in _geographies(tree)
        for each in tree.nodes.values()
    ]
    return pl.DataFrame(rows, schema=NODES, orient="row")


def parts(frameworks: Iterable[Framework]) -> pl.DataFrame:
    """One row per framework, geography, node and part: ``share`` turns the part's points into points of the node."""
    rows = [
        (tree.version, geography, whole.code, part.code, _share(whole, part))
        for tree in frameworks
        for geography in _geographies(tree)
        for whole in tree.nodes.values()
        for part in tree.parts(whole.code)
    ]
    return pl.DataFrame(rows, schema=PARTS, orient="row")


def _share(whole: Node, part: Node) -> float | None:
    """1 in a sum; in a weighted mean the part's weight of the whole's maximum over the part's own."""
    if whole.method == "sum":
        return 1.0
    maximum, most, weight = (_number(value) for value in (whole.max_points, part.max_points, part.weight))
    return maximum * weight / most if maximum and most and weight is not None else None


def geographies(members: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """One row per geography: how many ``units`` it has."""
    rows = [(name, len(units)) for name, units in sorted(members.items())]
    return pl.DataFrame(rows, schema={"geography": pl.String, "units": pl.Int64}, orient="row")


def _geographies(framework: Framework) -> list[str]:
    return sorted({geography for _, geography in framework.in_force})


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
