"""What a figure rests on: the cells, the figures as printed, and from a computed node part by part down to the cells.

Here: rows of ``observations`` and ``index_scores`` of one unit. Not here: computing anything again: points, rules and
ranks are those of the release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED

if TYPE_CHECKING:
    from dti_platform.tables import Row


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
    denominator: float | None = None


Names = Mapping[str, tuple[str, str]]
_KINDS = ("index", "pillar", "group", "main_index", "indicator")
_MEASURES = {"rank": 0, "score": 1, "points": 2, "top": 3, "bottom": 4}


def cell_of(row: Row) -> Cell:
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
    rows = observations.filter(pl.col("basis").is_in((*QUOTED, "reported")))
    figures = [_figure(row, known, lead.get(row["node"])) for row in rows.iter_rows(named=True)]
    kind = {node: _KINDS.index(row["kind"]) for node, row in nodes.items()}
    return tuple(sorted(figures, key=lambda each: _place(each, kind)))


def _place(figure: Figure, kind: Mapping[str, int]) -> tuple[int, str, int, bool, str]:
    measure = _MEASURES.get(figure.measure, len(_MEASURES))
    return kind.get(figure.node, len(_KINDS)), figure.node, measure, not figure.leads, figure.cell.source


def _figure(row: Row, names: Names, lead: Row | None) -> Figure:
    vi, en = names.get(row["node"], (row["node"], row["node"]))
    leading = (lead or {}).get("rank_source" if row["measure"] == "rank" else "source")
    shown = row["basis"] == "published" and row["measure"] in ("rank", "score", "points")
    leads = shown and leading == row["source"]
    said = row["measure"], row["value"], row["qualifier"]
    return Figure(row["node"], vi, en, *said, leads, cell_of(row), row["denominator"])


#: Bases that are ours, in the order in which they are shown.
OURS = ("recomputed", "final", "verified", "self")


@dataclass(frozen=True, slots=True)
class Step:
    """A node as we have it: points, score, rank and rule, with the cell that it was read in, or its parts."""

    node: str
    node_name_vi: str
    node_name_en: str
    kind: str = ""
    points: float | None = None
    max_points: float | None = None
    score: float | None = None
    rank: int | None = None
    rank_status: str | None = None
    ranked: int | None = None
    peers: int | None = None
    missing: int | None = None
    missing_rule: str | None = None
    rule_vi: str = ""
    rule_en: str = ""
    cell: Cell | None = None
    parts: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Computation:
    """One figure of ours, on one basis, from its cells up."""

    basis: str
    evidence: str
    source: str
    rounding: str
    step: Step


def computations(scores: pl.DataFrame, observations: pl.DataFrame, node: str) -> tuple[Computation, ...]:
    """What we computed for a node of one unit in one period, basis by basis, each down to its cells."""
    ours: list[Computation] = []
    for basis in OURS:
        rows = {row["node"]: row for row in scores.filter(pl.col("basis") == basis).iter_rows(named=True)}
        root = rows.get(node)
        if root is None or (root["score"] is None and root["points"] is None):
            continue
        read = _read(observations, basis, root["source"])
        names = {row["node"]: row for row in scores.filter(pl.col("basis").is_in(QUOTED)).iter_rows(named=True)}
        step = _step(node, rows, names, read)
        ours.append(Computation(basis, root["evidence"], root["source"], root["rounding"], step))
    return tuple(ours)


def cells(step: Step) -> Iterator[tuple[Step, Cell]]:
    """Every step that was read in a cell, with its cell; each once, though pillars share their foundation."""
    seen: set[str] = set()
    for each in _walk(step):
        if each.cell is not None and each.node not in seen:
            seen.add(each.node)
            yield each, each.cell


def _walk(step: Step) -> Iterator[Step]:
    yield step
    for part in step.parts:
        yield from _walk(part)


def _read(observations: pl.DataFrame, basis: str, source: str) -> dict[str, Row]:
    """The observations that a basis rests on, by node: of one source only."""
    from_print = basis == "recomputed"
    rows = observations.filter(
        pl.col("basis") == ("published" if from_print else basis),
        pl.col("source") == source,
        pl.col("measure").is_in(("points", "score")),
    )
    return {row["node"]: row for row in rows.sort("measure", descending=True).iter_rows(named=True)}


def _step(node: str, rows: Mapping[str, Row], names: Mapping[str, Row], read: Mapping[str, Row]) -> Step:
    """A node and its parts; one that the release names nowhere has its code and, if it was read, its cell."""
    row = rows.get(node) or names.get(node)
    parts = str(rows[node]["parts"] or "").split() if node in rows else []
    cell = cell_of(read[node]) if node in read and not parts else None
    if row is None:
        return Step(node, node, node, cell=cell)
    values = {name: row[name] for name in Step.__dataclass_fields__ if name not in ("cell", "parts")}
    return Step(**values, cell=cell, parts=tuple(_step(part, rows, names, read) for part in parts))
