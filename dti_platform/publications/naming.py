"""Names beside ids: of units and regions, of operational indicators, of nodes and their place in the tree.

Here: frames to join with. Not here: what a unit or a node is (``units``, ``methodology``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.methodology import description

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.units import Units

_UNITS = {
    "unit": pl.String,
    "unit_name_vi": pl.String,
    "unit_name_en": pl.String,
    "region": pl.String,
    "region_name_vi": pl.String,
    "region_name_en": pl.String,
}
_INDICATORS = {
    "indicator": pl.String,
    "indicator_name_vi": pl.String,
    "indicator_name_en": pl.String,
    "indicator_kind": pl.String,
}
_NODES = {
    "framework": pl.String,
    "geography": pl.String,
    "level": pl.String,
    "node": pl.String,
    "node_name_vi": pl.String,
    "node_name_en": pl.String,
    "kind": pl.String,
    "concept": pl.String,
    "parent": pl.String,
    "parts": pl.String,
    "rule_vi": pl.String,
    "rule_en": pl.String,
    "rounding": pl.String,
}


def unit_frame(units: Units) -> pl.DataFrame:
    """Every unit and geography: unit, names, region; one row each."""
    rows = [
        (each.id, each.name_vi, each.name_en, each.region, each.region_vi, each.region_en)
        for each in units.all.values()
    ]
    return pl.DataFrame(rows, schema=_UNITS, orient="row")


def indicator_frame(units: Units) -> pl.DataFrame:
    """Every operational indicator: indicator, names, kind; one row each."""
    rows = [(each.code, each.name_vi, each.name_en, each.kind) for each in units.indicators.values()]
    return pl.DataFrame(rows, schema=_INDICATORS, orient="row")


def with_source_class(frame: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    """The frame with ``source_class``, the class of its ``source`` in the observations; null where it is none there."""
    classes = observations.select("source", "source_class").unique("source")
    return frame.join(classes, on="source", how="left", maintain_order="left")


def with_units(frame: pl.DataFrame, units: Units, columns: Iterable[str]) -> pl.DataFrame:
    """The frame with some columns of ``unit_frame``, by ``unit``."""
    return frame.join(unit_frame(units).select("unit", *columns), on="unit", how="left")


def node_frame(frame: pl.DataFrame, frameworks: Frameworks) -> pl.DataFrame:
    """The nodes of every framework that the frame's periods and geographies use: framework, geography, node, ...

    Each framework stands here as it was decided (``overlaid`` false) and with its overlay (true), where it has one:
    submissions go by the latter, what was printed by the former.
    """
    in_force: dict[tuple[str, str, bool], Framework] = {}
    for period, geography in frame.select("period", "geography").unique().sort("period", "geography").rows():
        for framework in frameworks.in_force(period, geography):
            in_force[framework.name, geography, False] = framework
            in_force[framework.name, geography, True] = frameworks.overlaid(framework)
    rows = [row for (_, geography, _), framework in in_force.items() for row in _rows(framework, geography)]
    overlaid = [is_overlaid for (*_, is_overlaid), framework in in_force.items() for _ in framework.nodes]
    return pl.DataFrame(rows, schema=_NODES, orient="row").insert_column(2, pl.Series("overlaid", overlaid, pl.Boolean))


def _rows(framework: Framework, geography: str) -> Iterator[tuple[object, ...]]:
    for node in framework.nodes.values():
        parts = " ".join(part.code for part in framework.parts(node.code)) or None
        yield (
            framework.version, geography, framework.level, node.code, node.name_vi, node.name_en, node.kind,
            node.concept, node.parent, parts, *description.rule(framework, node), description.rounding(framework),
        )  # fmt: skip
