"""What the frameworks in force in a year allow: where a node may be given, its most points, and sums that they bound.

Here: facts of frameworks, as frames that observations are joined with. Not here: the rules that use them (``door``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Frameworks, Node

_NODES = {
    "framework": pl.String, "geography": pl.String, "variant": pl.String, "node": pl.String, "printed": pl.Boolean,
    "sent": pl.Boolean, "max_points": pl.Float64, "made_up": pl.Boolean, "scored": pl.Boolean,
    "takes": pl.List(pl.String), "shares": pl.List(pl.Float64),
}  # fmt: skip
_SUMS = {
    "framework": pl.String, "geography": pl.String, "variant": pl.String, "node": pl.String, "whole": pl.String,
    "whole_name_vi": pl.String, "whole_name_en": pl.String, "whole_points": pl.Float64,
}  # fmt: skip


@lru_cache(maxsize=16)
def nodes(frameworks: Frameworks, year: int) -> pl.DataFrame:
    """Every node of the frameworks in force in a year: where it may be printed, where sent, and what it may hold.

    ``variant`` is the ranked group of which a framework exempts nodes; null for any other.
    """
    in_force = _in_force(frameworks, year)
    variants = _variants(in_force)
    rows = [
        (
            base.version, geography, group, code, code in base.nodes, code in overlaid.nodes,
            _most(node, applied, *_above(base, code), *_above(overlaid, code)),
            node.evidence == "illustrative", applied.scored, list(applied.rule.takes),
            [float(share) for share in applied.rule.possible],
        )
        for base, overlaid, geography in in_force
        for group in variants
        for code, node in {**base.nodes, **overlaid.nodes}.items()
        for applied in [overlaid.of_group(group).nodes.get(code, node)]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_NODES, orient="row")


@lru_cache(maxsize=16)
def sums(frameworks: Frameworks, year: int) -> pl.DataFrame:
    """Every node whose known maximum the maxima of its inputs don't ensure, with each of its inputs."""
    in_force = _in_force(frameworks, year)
    rows = {
        (base.version, geography, group, part.code, node.code, node.name_vi, node.name_en, float(node.max_points)): None
        for base, overlaid, geography in in_force
        for group in _variants(in_force)
        for framework in (base.of_group(group), overlaid.of_group(group))
        for node in framework.nodes.values()
        if node.max_points is not None and framework.parts(node.code) and node.method == "sum"
        for inputs in [framework.inputs_below(node.code)]
        if any(part.max_points is None for part in inputs)
        for part in inputs
    }
    return pl.DataFrame([*rows], schema=_SUMS, orient="row")


def _in_force(frameworks: Frameworks, year: int) -> list[tuple[Framework, Framework, str]]:
    """Every framework in force in a year, with its overlay, and the geography that it is in force for."""
    return [
        (base, frameworks.overlaid(base), geography)
        for base in frameworks.all
        for period, geography in base.in_force
        if base.overlay is None and period == str(year)
    ]


def _variants(in_force: Sequence[tuple[Framework, Framework, str]]) -> list[str | None]:
    """The ranked groups of which a framework exempts nodes; null for any other."""
    return [None, *{exemption.group for _, overlaid, _ in in_force for exemption in overlaid.exemptions}]


def _above(framework: Framework, code: str) -> Iterator[Node]:
    """The nodes above a node, the nearest first."""
    node = framework.nodes.get(code)
    while node is not None and node.parent is not None:
        node = framework.nodes[node.parent]
        yield node


def _most(*nodes: Node) -> float | None:
    """The least of their maxima; None where none is known."""
    return min((float(node.max_points) for node in nodes if node.max_points is not None), default=None)
