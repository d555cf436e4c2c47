"""The cells that figures rest on: file, sheet and cell, raw text; and the figures as they were printed.

Here: rows of ``observations`` as plain values. Not here: what is computed from them (``descent``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

__all__ = ["Cell", "Figure", "cell_of", "printed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value was read: the landed file (sha256), the name it came with, sheet and cell, and its raw text."""

    feed: str
    source: str
    file: str
    file_name: str
    locator: str
    raw: str
    value: float
    unit_measure: str
    certainty: str
    document: str | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as one source prints it; ``leads``: it is the one that the released tables show first."""

    node: str
    node_name_vi: str
    node_name_en: str
    measure: str
    value: float
    qualifier: str
    leads: bool
    cell: Cell


Names = Mapping[str, tuple[str, str]]
_KINDS = ("index", "pillar", "group", "main_index", "indicator")
_MEASURES = {"rank": 0, "score": 1, "points": 2, "top": 3, "bottom": 4}


def cell_of(row: Mapping[str, Any]) -> Cell:
    """The cell of a row of ``observations``."""
    return Cell(**{name: row[name] for name in Cell.__dataclass_fields__})


def printed(observations: pl.DataFrame, scores: pl.DataFrame, names: Names) -> tuple[Figure, ...]:
    """What was printed or reported of a unit in a period: the index first, then its nodes; the leading source first.

    Args:
        observations: those of the unit and period.
        scores: ``index_scores`` of the unit and period.
        names: Vietnamese and English names of what is no node: the operational indicators.
    """
    nodes = {row["node"]: row for row in scores.iter_rows(named=True)}
    known = {**names, **{node: (row["node_name_vi"], row["node_name_en"]) for node, row in nodes.items()}}
    lead = scores.filter(pl.col("basis") == "published").rows_by_key("node", named=True, unique=True)
    rows = observations.filter(pl.col("basis").is_in(("published", "reported")))
    found = [_figure(row, known, lead.get(row["node"])) for row in rows.iter_rows(named=True)]
    kind = {node: _KINDS.index(row["kind"]) for node, row in nodes.items()}
    return tuple(sorted(found, key=lambda each: _place(each, kind)))


def _place(figure: Figure, kind: Mapping[str, int]) -> tuple[Any, ...]:
    measure = _MEASURES.get(figure.measure, len(_MEASURES))
    return kind.get(figure.node, len(_KINDS)), figure.node, measure, not figure.leads, figure.cell.source


def _figure(row: Mapping[str, Any], names: Names, lead: Mapping[str, Any] | None) -> Figure:
    vi, en = names.get(row["node"], (row["node"], row["node"]))
    leading = (lead or {}).get("rank_source" if row["measure"] == "rank" else "source")
    leads = row["measure"] in ("rank", "score", "points") and leading == row["source"]
    return Figure(row["node"], vi, en, row["measure"], row["value"], row["qualifier"], leads, cell_of(row))
