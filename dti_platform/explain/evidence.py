"""The evidence of a figure: cells, published figures, and for a computed node its parts down to the cells.

Here: rows of ``observations`` and ``index_scores`` of one unit. Not here: any computation; points, rules and ranks
are those of the release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.methodology.rules import raw_measures

if TYPE_CHECKING:
    from dti_platform.tables import Row


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value was read: the landed file (sha256), its original name, the sheet and cell, and the raw text."""

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
    """A figure as one source publishes it; ``leads``: the released tables show this one."""

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


def figures_of(observations: pl.DataFrame, scores: pl.DataFrame, names: Names) -> tuple[Figure, ...]:
    """The published or reported figures of a unit in a period: the index first, then its nodes; leading source first.

    Args:
        observations: the rows of the unit and period.
        scores: ``index_scores`` of the unit and period.
        names: Vietnamese and English names of the operational indicators, which are not nodes.
    """
    nodes = {row["node"]: row for row in scores.iter_rows(named=True)}
    all_names = {**names, **{node: (row["node_name_vi"], row["node_name_en"]) for node, row in nodes.items()}}
    lead = scores.filter(pl.col("basis") == "published").rows_by_key("node", named=True, unique=True)
    rows = observations.filter(pl.col("basis").is_in((*QUOTED, "reported")))
    figures = [_figure(row, all_names, lead.get(row["node"])) for row in rows.iter_rows(named=True)]
    kinds = {node: _KINDS.index(row["kind"]) for node, row in nodes.items()}
    return tuple(sorted(figures, key=lambda figure: _sort_key(figure, kinds)))


def _sort_key(figure: Figure, kinds: Mapping[str, int]) -> tuple[int, str, int, bool, str]:
    measure = _MEASURES.get(figure.measure, len(_MEASURES))
    return kinds.get(figure.node, len(_KINDS)), figure.node, measure, not figure.leads, figure.cell.source


def _figure(row: Row, names: Names, lead: Row | None) -> Figure:
    vi, en = names.get(row["node"], (row["node"], row["node"]))
    leading_source = (lead or {}).get("rank_source" if row["measure"] == "rank" else "source")
    in_tables = row["basis"] == "published" and row["measure"] in ("rank", "score", "points")
    leads = in_tables and leading_source == row["source"]
    reading = row["measure"], row["value"], row["qualifier"]
    return Figure(row["node"], vi, en, *reading, leads, cell_of(row), row["denominator"])


#: Bases that we compute, in the order in which they are shown.
OURS = ("recomputed", "final", "verified", "self")


@dataclass(frozen=True, slots=True)
class RawFigure:
    """A raw figure of a node, such as its numerator, with its cell."""

    measure: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Step:
    """A node as we computed it: points, score, rank and rule, with the cell that it was read from, or its parts."""

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
    raw: tuple[RawFigure, ...] = ()
    """The raw figures that its rule takes; they count before the points in ``cell``."""


@dataclass(frozen=True, slots=True)
class Computation:
    """A figure that we computed on one basis, with all its steps."""

    basis: str
    evidence: str
    source: str
    rounding: str
    step: Step


def computations(scores: pl.DataFrame, observations: pl.DataFrame, node: str) -> tuple[Computation, ...]:
    """The computed figures of a node for one unit in one period, one for each basis, down to the cells."""
    results: list[Computation] = []
    for basis in OURS:
        rows = {row["node"]: row for row in scores.filter(pl.col("basis") == basis).iter_rows(named=True)}
        root = rows.get(node)
        if root is None or (root["score"] is None and root["points"] is None):
            continue
        inputs, raw = _inputs(observations, basis, root["source"]), _raw(observations, basis, root["source"])
        names = {row["node"]: row for row in scores.filter(pl.col("basis").is_in(QUOTED)).iter_rows(named=True)}
        step = _step(node, rows, names, inputs, raw)
        results.append(Computation(basis, root["evidence"], root["source"], root["rounding"], step))
    return tuple(results)


def cells(step: Step) -> Iterator[tuple[Step, Cell]]:
    """Each step that was read from cells, with each of them; once only, even if several pillars share it."""
    nodes: set[str] = set()
    for substep in _walk(step):
        if substep.node not in nodes:
            nodes.add(substep.node)
            yield from (
                (substep, cell) for cell in (substep.cell, *(figure.cell for figure in substep.raw)) if cell is not None
            )


def _walk(step: Step) -> Iterator[Step]:
    yield step
    for part in step.parts:
        yield from _walk(part)


def _inputs(observations: pl.DataFrame, basis: str, source: str) -> dict[str, Row]:
    """The observations that a basis is computed from, by node; of one source only."""
    from_print = basis == "recomputed"
    rows = observations.filter(
        pl.col("basis") == ("published" if from_print else basis),
        pl.col("source") == source,
        pl.col("measure").is_in(("points", "score")),
    )
    return {row["node"]: row for row in rows.sort("measure", descending=True).iter_rows(named=True)}


def _raw(observations: pl.DataFrame, basis: str, source: str) -> dict[str, tuple[RawFigure, ...]]:
    """The raw figures that a basis is computed from, by node."""
    measures = [measure for measure in raw_measures() if basis != "recomputed"]
    of_source = pl.col("basis") == basis, pl.col("source") == source, pl.col("measure").is_in(measures)
    figures: dict[str, tuple[RawFigure, ...]] = {}
    for row in observations.filter(*of_source).iter_rows(named=True):
        figures[row["node"]] = (*figures.get(row["node"], ()), RawFigure(row["measure"], cell_of(row)))
    return figures


def _step(
    node: str,
    rows: Mapping[str, Row],
    names: Mapping[str, Row],
    inputs: Mapping[str, Row],
    raw: Mapping[str, tuple[RawFigure, ...]],
) -> Step:
    """A node and its parts; a node without a row is named by its code and has its cells, if they were read."""
    row = rows.get(node) or names.get(node)
    parts = str(rows[node]["parts"] or "").split() if node in rows else []
    cell = cell_of(inputs[node]) if node in inputs and not parts else None
    if row is None:
        return Step(node, node, node, cell=cell, raw=raw.get(node, ()))
    values = {name: row[name] for name in Step.__dataclass_fields__ if name not in ("cell", "parts", "raw")}
    steps = tuple(_step(part, rows, names, inputs, raw) for part in parts)
    return Step(**values, cell=cell, parts=steps, raw=raw.get(node, ()))
