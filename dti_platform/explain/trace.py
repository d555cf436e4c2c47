"""The trace of a unit in a period: the evidence, what was published, what we computed from which cells, why the rank.

Here: gathering it from a release's own tables. Not here: the words and lines that a person sees (``text``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.evidence import OURS, Computation, Figure, computations, printed
from dti_platform.explain.lookup import Rows, node_known, units_of
from dti_platform.explain.losses import SUBMITTED, Losses, losses

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.tables import Row
    from dti_platform.units import Unit, Units


#: All bases, printed figures first, then ours, the best founded first.
ALL = ("published", "derived", *OURS)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the unit stands in one ranking, and against the comparable one before."""

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
    """One unit in one geography by one framework: what was published first, ours after it, marked by its evidence.

    ``standings`` are of the node: of the index, with what its rankings say of the one before.
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
    matching = units_of(rows, units, unit, period)
    unit_traces = tuple(found for each in matching for found in _unit_traces(rows, units, each, period, node))
    kinds = {computed.evidence for each in unit_traces for computed in each.computations}
    kinds |= {"official" for each in unit_traces if each.published}
    evidence = "both" if len(kinds) > 1 else next(iter(kinds), "none")
    return Trace(release.name, period, evidence, unit_traces)


def _unit_traces(rows: Rows, units: Units, unit: Unit, period: str, node: str | None) -> Iterator[UnitTrace]:
    """One for each framework by which the unit has scores; what is of none (reported figures) is in the first."""
    scores = rows.of("index_scores", period=period, geography=unit.geography, unit=unit.id)
    if node is not None:
        has_node = pl.col("framework").is_in(
            scores.filter(pl.col("node") == node_known(scores, node))["framework"].implode()
        )
        scores = scores.filter(has_node)
    versions: list[str | None] = [*scores["framework"].unique().sort()] or [None]
    for version in versions:
        of_none = pl.lit(version == versions[0]) & pl.col("framework").is_null()
        yield _unit_trace(_Own(rows, units, unit, period, version, of_none), node)


@dataclass(frozen=True, slots=True)
class _Own:
    """What a release has of a unit in a period by one framework."""

    rows: Rows
    units: Units
    unit: Unit
    period: str
    framework: str | None
    of_none: pl.Expr

    def of(self, table: str) -> pl.DataFrame:
        rows = self.rows.of(table, period=self.period, unit=self.unit.id)
        return rows.filter((pl.col("framework") == pl.lit(self.framework, pl.String)) | self.of_none)

    def peers(self) -> pl.DataFrame:
        """The scores of all units of its geography."""
        peers = self.rows.of("index_scores", period=self.period, geography=self.unit.geography)
        return peers.filter(pl.col("framework").eq_missing(self.framework))


def _unit_trace(own: _Own, node: str | None) -> UnitTrace:
    peers, unit = own.peers(), own.unit
    scores, observations = peers.filter(pl.col("unit") == unit.id), own.of("observations")
    code = _node_asked(scores, node)
    group = scores["peer_group"][0] if scores.height else None
    all_nodes, of_index = node is None, code in (None, _root(scores))
    reported = {code: (each.name_vi, each.name_en) for code, each in own.units.indicators.items()}
    figures = printed(observations, scores, reported)
    names = scores.filter(pl.col("node").eq_missing(code)).select("node_name_vi", "node_name_en").rows()
    name_vi, name_en = names[0] if names else (None, None)
    return UnitTrace(
        unit=unit.id,
        unit_name_vi=unit.name_vi,
        unit_name_en=unit.name_en,
        geography=unit.geography,
        framework=own.framework,
        node=code,
        node_name_vi=name_vi,
        node_name_en=name_en,
        standings=(_standings(own, scores) if of_index else ()) or _places(scores, code),
        published=tuple(each for each in figures if all_nodes or each.node == code),
        verdicts=tuple(_verdicts(own, None if all_nodes else code)),
        gaps=tuple(_gaps(own)) if of_index else (),
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


def _standings(own: _Own, scores: pl.DataFrame) -> tuple[Standing, ...]:
    """The unit's rows in the rankings, the headline first; rankings in which it has no figure are left out.

    Where figures were submitted of which no score can be computed, the row stays, with how many are missing.
    """
    table = {"provincial": "province_ranking", "ministerial": "ministry_ranking"}.get(own.unit.level)
    if table is None:
        return ()
    of_index = scores.filter(pl.col("parent").is_null()).select("basis", "missing").unique("basis")
    places = own.of(table).join(of_index, on="basis", how="left")
    submitted = pl.col("basis").is_in(SUBMITTED) & pl.col("missing").is_not_null()
    shown = places.filter(pl.any_horizontal(pl.col("rank", "score").is_not_null()) | submitted)
    ordered = shown.sort("headline", "basis", descending=[True, False])
    return tuple(Standing(**_only(row, Standing)) for row in ordered.iter_rows(named=True))


def _places(scores: pl.DataFrame, node: str | None) -> tuple[Standing, ...]:
    """Where the unit stands at a node, basis by basis, the best founded first; not held against a period before."""
    places = scores.filter(pl.col("node").eq_missing(node)).rows_by_key(
        "basis", named=True, unique=True, include_key=True
    )
    known = ({**places[basis], "headline": basis == "published"} for basis in ALL if basis in places)
    return tuple(Standing(**_only(row, Standing)) for row in known)


def _verdicts(own: _Own, node: str | None) -> list[Verdict]:
    verdicts = own.of("reconciliation")
    if node is not None:
        verdicts = verdicts.filter(pl.col("node") == node)
    return [Verdict(**_only(row, Verdict)) for row in verdicts.iter_rows(named=True)]


def _gaps(own: _Own) -> list[Gap]:
    return [Gap(**_only(row, Gap)) for row in own.of("coverage").iter_rows(named=True)]


def _only(row: Row, wanted: type) -> Row:
    """The values of a row that a dataclass holds; a column that the table lacks is null."""
    return {name: row.get(name) for name in wanted.__dataclass_fields__}
