"""The trace of a unit in a period: the evidence, what was published, what we computed from which cells, why the rank.

Here: gathering it from a release's own tables. Not here: the words and lines that a person sees (``text``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.evidence import Computation, Figure, computations, printed
from dti_platform.explain.lookup import Rows, node_known, units_of
from dti_platform.explain.losses import SUBMITTED, Losses, losses

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.tables import Row
    from dti_platform.units import Unit, Units


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the unit stands in one ranking, and against the comparable one before."""

    framework: str
    peer_group: str | None
    basis: str
    headline: bool
    rank: int | None
    rank_status: str
    ranked: int
    peers: int
    score: float | None
    previous_period: str | None
    previous_rank: int | None
    rank_change: int | None
    comparison: str | None
    source: str | None
    score_source: str | None
    evidence: str
    missing: int | None
    """How many indicators a score that can't be computed lacks; None where they are not known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A printed figure against ours."""

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
    """What a feed brought of the unit, and what can't be computed from it."""

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
    """One unit in one geography: what was published first, ours after it, marked by its evidence.

    ``standings`` are of the index; a trace of another node has none.
    """

    unit: str
    unit_name_vi: str
    unit_name_en: str
    geography: str
    node: str | None
    standings: tuple[Standing, ...]
    published: tuple[Figure, ...]
    verdicts: tuple[Verdict, ...]
    gaps: tuple[Gap, ...]
    computations: tuple[Computation, ...]
    losses: tuple[Losses, ...]
    """Why each rank, on every basis on which units stand above it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a release says of a unit in a period; its first line is its ``evidence``.

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
    """What a release says of a unit (a name or an id) in a period, at a node (a code or a concept; default: the index).

    Raises:
        NothingToTrace: the release has no such unit, period or node.
    """
    rows = Rows(release)
    unit_traces = tuple(_unit_trace(rows, units, each, period, node) for each in units_of(rows, units, unit, period))
    kinds = {computed.evidence for each in unit_traces for computed in each.computations}
    kinds |= {"official" for each in unit_traces if each.published}
    evidence = "both" if len(kinds) > 1 else next(iter(kinds), "none")
    return Trace(release.name, period, evidence, unit_traces)


def _unit_trace(rows: Rows, units: Units, unit: Unit, period: str, node: str | None) -> UnitTrace:
    peers = rows.of("index_scores", period=period, geography=unit.geography)
    scores = peers.filter(pl.col("unit") == unit.id)
    observations = rows.of("observations", period=period, unit=unit.id)
    code = _node_asked(scores, node)
    group = scores["peer_group"][0] if scores.height else None
    all_nodes, of_index = node is None, code in (None, _root(scores))
    names = {code: (each.name_vi, each.name_en) for code, each in units.indicators.items()}
    figures = printed(observations, scores, names)
    return UnitTrace(
        unit=unit.id,
        unit_name_vi=unit.name_vi,
        unit_name_en=unit.name_en,
        geography=unit.geography,
        node=code,
        standings=_standings(rows, unit, period, scores) if of_index else (),
        published=tuple(each for each in figures if all_nodes or each.node == code),
        verdicts=tuple(_verdicts(rows, unit, period, None if all_nodes else code)),
        gaps=tuple(_gaps(rows, unit, period)),
        computations=computations(scores, observations, code) if code else (),
        losses=losses(peers.filter(pl.col("peer_group").eq_missing(group)), unit.id, code) if code else (),
    )


def _node_asked(scores: pl.DataFrame, node: str | None) -> str | None:
    if node is not None:
        return node_known(scores, node)
    return _root(scores)


def _root(scores: pl.DataFrame) -> str | None:
    root = scores.filter(pl.col("parent").is_null())["node"]
    return None if root.is_empty() else str(root[0])


def _standings(rows: Rows, unit: Unit, period: str, scores: pl.DataFrame) -> tuple[Standing, ...]:
    """The unit's rows in the rankings, the headline first; rankings in which it has no figure are left out.

    Where figures were submitted of which no score can be computed, the row stays, with how many are missing.
    """
    table = {"provincial": "province_ranking", "ministerial": "ministry_ranking"}.get(unit.level)
    if table is None:
        return ()
    of_index = scores.filter(pl.col("parent").is_null()).select("basis", "missing").unique("basis")
    places = rows.of(table, period=period, unit=unit.id).join(of_index, on="basis", how="left")
    submitted = pl.col("basis").is_in(SUBMITTED) & pl.col("missing").is_not_null()
    shown = places.filter(pl.any_horizontal(pl.col("rank", "score").is_not_null()) | submitted)
    ordered = shown.sort("headline", "basis", descending=[True, False])
    return tuple(Standing(**_only(row, Standing)) for row in ordered.iter_rows(named=True))


def _verdicts(rows: Rows, unit: Unit, period: str, node: str | None) -> list[Verdict]:
    asked = {} if node is None else {"node": node}
    verdicts = rows.of("reconciliation", period=period, unit=unit.id, **asked)
    return [Verdict(**_only(row, Verdict)) for row in verdicts.iter_rows(named=True)]


def _gaps(rows: Rows, unit: Unit, period: str) -> list[Gap]:
    return [Gap(**_only(row, Gap)) for row in rows.of("coverage", period=period, unit=unit.id).iter_rows(named=True)]


def _only(row: Row, wanted: type) -> Row:
    """The values of a row that a dataclass holds; a column that the table lacks is null."""
    return {name: row.get(name) for name in wanted.__dataclass_fields__}
