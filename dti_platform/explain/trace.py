"""The trace of a unit in a period: evidence, published figures, computed figures with their cells, why the rank.

Here: gathering it from the tables of a release. Not here: the words and lines for a person (``text``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.evidence import OURS, Computation, Figure, computations, figures_of
from dti_platform.explain.lookup import Rows, node_code, units_of
from dti_platform.explain.losses import SUBMITTED, Losses, losses

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.tables import Row
    from dti_platform.units import Unit, Units


#: All bases: published figures first, then ours, the best founded first.
ALL = ("published", "derived", *OURS)


@dataclass(frozen=True, slots=True)
class Standing:
    """The unit in one ranking, compared with the previous comparable ranking."""

    framework: str
    peer_group: str | None
    basis: str
    headline: bool
    rank: int | None
    rank_best: int | None
    rank_worst: int | None
    rank_status: str | None
    ranked: int | None
    peers: int | None
    score: float | None
    previous_period: str | None
    previous_rank: int | None
    rank_change: int | None
    comparison: str | None
    source: str | None
    score_source: str | None
    evidence: str
    missing: int | None
    """How many indicators a score lacks that can't be computed; None if they are not known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A published figure compared with ours."""

    metric: str
    node: str
    source: str
    as_published: float
    basis: str
    ours: float | None
    difference: float | None
    verdict: str
    why_vi: str | None
    why_en: str | None
    sources_differ: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What a feed supplied for the unit, and what can't be computed from it."""

    feed: str
    received: int
    accepted: int
    quarantined: int
    inputs: int | None
    lacking: int | None
    why_vi: str | None
    why_en: str | None


@dataclass(frozen=True, slots=True)
class UnitTrace:
    """One unit in one geography by one framework: published figures first, then ours, each marked by its evidence.

    ``standings`` are those of the node; those of the index are compared with the previous ranking.
    """

    unit: str
    unit_name_vi: str
    unit_name_en: str
    geography: str
    framework: str | None
    node: str | None
    node_name_vi: str | None
    node_name_en: str | None
    standings: tuple[Standing, ...]
    published: tuple[Figure, ...]
    verdicts: tuple[Verdict, ...]
    gaps: tuple[Gap, ...]
    computations: tuple[Computation, ...]
    elsewhere: int
    """How many figures of the unit were read at other nodes than the one asked for."""
    losses: tuple[Losses, ...]
    """Why each rank, on every basis on which units stand above it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a release holds about a unit in a period; its first line is its ``evidence``.

    ``evidence`` is official, illustrative, both or none.
    """

    release: str
    period: str
    evidence: str
    units: tuple[UnitTrace, ...]

    def to_dict(self) -> Mapping[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def trace(release: OpenRelease, units: Units, unit: str, period: str, node: str | None = None) -> Trace:
    """Trace a unit (a name or an id) in a period, at a node (a code or a concept; default: the index).

    Raises:
        NothingToTrace: the release has no such unit, period or node.
    """
    rows = Rows(release)
    matches = units_of(rows, units, unit, period)
    unit_traces = tuple(result for match in matches for result in _unit_traces(rows, units, match, period, node))
    kinds = {computation.evidence for unit_trace in unit_traces for computation in unit_trace.computations}
    kinds |= {figure.cell.evidence for unit_trace in unit_traces for figure in unit_trace.published}
    evidence = "both" if len(kinds) > 1 else next(iter(kinds), "none")
    return Trace(release.name, period, evidence, unit_traces)


def _unit_traces(rows: Rows, units: Units, unit: Unit, period: str, node: str | None) -> Iterator[UnitTrace]:
    """One trace for each framework with scores of the unit; figures without a framework (reported) are in the first."""
    scores = rows.of("index_scores", period=period, geography=unit.geography, unit=unit.id)
    if node is not None:
        has_node = pl.col("framework").is_in(
            scores.filter(pl.col("node") == node_code(scores, node))["framework"].implode()
        )
        scores = scores.filter(has_node)
    versions: list[str | None] = [*scores["framework"].unique().sort()] or [None]
    for version in versions:
        no_framework = pl.lit(version == versions[0]) & pl.col("framework").is_null()
        yield _unit_trace(_UnitTables(rows, units, unit, period, version, no_framework), node)


@dataclass(frozen=True, slots=True)
class _UnitTables:
    """The tables of a release, filtered to a unit, a period and a framework."""

    rows: Rows
    units: Units
    unit: Unit
    period: str
    framework: str | None
    no_framework: pl.Expr

    def of(self, table: str) -> pl.DataFrame:
        rows = self.rows.of(table, period=self.period, unit=self.unit.id)
        return rows.filter((pl.col("framework") == pl.lit(self.framework, pl.String)) | self.no_framework)

    def peers(self) -> pl.DataFrame:
        """The scores of all units of its geography."""
        peers = self.rows.of("index_scores", period=self.period, geography=self.unit.geography)
        return peers.filter(pl.col("framework").eq_missing(self.framework))


def _unit_trace(tables: _UnitTables, node: str | None) -> UnitTrace:
    peers, unit = tables.peers(), tables.unit
    scores, observations = peers.filter(pl.col("unit") == unit.id), tables.of("observations")
    code = _chosen_node(scores, node)
    group = scores["peer_group"][0] if scores.height else None
    all_nodes, of_index = node is None, code in (None, _root(scores))
    labels = {code: (entry.name_vi, entry.name_en) for code, entry in tables.units.indicators.items()}
    figures = figures_of(observations, scores, labels)
    names = scores.filter(pl.col("node").eq_missing(code)).select("node_name_vi", "node_name_en").rows()
    name_vi, name_en = names[0] if names else (None, None)
    return UnitTrace(
        unit=unit.id,
        unit_name_vi=unit.name_vi,
        unit_name_en=unit.name_en,
        geography=unit.geography,
        framework=tables.framework,
        node=code,
        node_name_vi=name_vi,
        node_name_en=name_en,
        standings=(_index_standings(tables, scores) if of_index else ()) or _node_standings(scores, code),
        published=tuple(figure for figure in figures if all_nodes or figure.node == code),
        verdicts=tuple(_verdicts(tables, None if all_nodes else code)),
        gaps=tuple(_gaps(tables)) if of_index else (),
        computations=computations(scores, observations, code) if code else (),
        elsewhere=observations.filter(pl.col("node") != code).height if code else 0,
        losses=losses(peers.filter(pl.col("peer_group").eq_missing(group)), unit.id, code) if code else (),
    )


def _chosen_node(scores: pl.DataFrame, node: str | None) -> str | None:
    if node is not None:
        return node_code(scores, node)
    return _root(scores)


def _root(scores: pl.DataFrame) -> str | None:
    root = scores.filter(pl.col("parent").is_null())["node"]
    return None if root.is_empty() else str(root[0])


def _index_standings(tables: _UnitTables, scores: pl.DataFrame) -> tuple[Standing, ...]:
    """The unit's rows in the rankings, the headline first; rankings without a figure of it are left out.

    A row without a score stays if figures were submitted, with the number of missing indicators.
    """
    table = {"provincial": "province_ranking", "ministerial": "ministry_ranking"}.get(tables.unit.level)
    if table is None:
        return ()
    of_index = scores.filter(pl.col("parent").is_null()).select("basis", "missing").unique("basis")
    rows = tables.of(table).join(of_index, on="basis", how="left")
    submitted = pl.col("basis").is_in(SUBMITTED) & pl.col("missing").is_not_null()
    shown = rows.filter(pl.any_horizontal(pl.col("rank", "score").is_not_null()) | submitted)
    ordered = shown.sort("headline", "basis", descending=[True, False])
    return tuple(Standing(**_fields_of(row, Standing)) for row in ordered.iter_rows(named=True))


def _node_standings(scores: pl.DataFrame, node: str | None) -> tuple[Standing, ...]:
    """The standing of the unit at a node on each basis, the headline first; not compared with an earlier period."""
    by_basis = scores.filter(pl.col("node").eq_missing(node)).rows_by_key(
        "basis", named=True, unique=True, include_key=True
    )
    rows = [by_basis[basis] for basis in ALL if basis in by_basis]
    leading_first = sorted(rows, key=lambda row: not row["headline"])
    return tuple(Standing(**_fields_of(row, Standing)) for row in leading_first)


def _verdicts(tables: _UnitTables, node: str | None) -> list[Verdict]:
    verdicts = tables.of("reconciliation")
    if node is not None:
        verdicts = verdicts.filter(pl.col("node") == node)
    return [Verdict(**_fields_of(row, Verdict)) for row in verdicts.iter_rows(named=True)]


def _gaps(tables: _UnitTables) -> list[Gap]:
    return [Gap(**_fields_of(row, Gap)) for row in tables.of("coverage").iter_rows(named=True)]


def _fields_of(row: Row, model: type) -> Row:
    """The values of a row for the fields of a dataclass; null if the table lacks the column."""
    return {name: row.get(name) for name in model.__dataclass_fields__}
