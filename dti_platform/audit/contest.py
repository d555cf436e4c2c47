"""A contest: the figures of one basis in one period, the rank of a unit by them, and its rank with other figures.

Here: replacing points of a unit, and scoring and ranking with the functions of the flow (``methodology.score_year``,
``rank_year``), so that the result is that of a run over these figures. Not here: what is changed and why
(``scenario``, ``reach``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.glossary import BASES, terms
from dti_platform.language import LANGUAGES, Bilingual
from dti_platform.methodology import Framework, Frameworks, Node, rank_year, score_year
from dti_platform.methodology.aggregation import worths
from dti_platform.methodology.exact import SCALE
from dti_platform.methodology.rules import raw_measures
from dti_platform.periods import Period

if TYPE_CHECKING:
    from dti_platform.tables import Row
    from dti_platform.units import Unit, Units

#: Bases of submitted figures, the best founded first.
SUBMITTED = ("final", "verified", "self")
ERRORS = terms("whatif_errors")


class WhatIfError(ValueError):
    """A question that can't be answered: says why, and what can be asked, in both languages."""

    def __init__(self, code: str, **facts: object) -> None:
        self.told = ERRORS[code].format(**facts)
        super().__init__(self.told.both)


@dataclass(frozen=True, slots=True)
class Place:
    """What a unit is worth at a node, and where that puts it."""

    points: float | None
    max_points: float | None
    score: float | None
    rank: int | None
    ranked: int | None
    peers: int | None


@dataclass(frozen=True)
class Contest:
    """The figures of one basis in one period under one framework, and the rank of a unit by them.

    ``observations``: of the period, framework and basis alone. ``framework``: as it applies to the unit, with its
    overlay.
    """

    observations: pl.DataFrame
    frameworks: Frameworks
    framework: Framework
    units: Units
    unit: Unit
    period: str
    basis: str

    @cached_property
    def places(self) -> pl.DataFrame:
        """Scores with ranks of the unit and its peers: as the flow makes them."""
        year = Period.parse(self.period).year
        scores = score_year(year, self.observations, self.units, self.frameworks)
        ranks = rank_year(year, scores, self.observations, self.units, self.frameworks)
        keys = ["peer_group", "node", "unit", "source"]
        same_ranking = (pl.col("geography") == self.unit.geography) & (pl.col("basis") == self.basis)
        worth = scores.filter(same_ranking).select(*keys, "points", "max_points", "missing")
        ranked = ranks.filter(same_ranking).join(worth, on=keys, how="left", nulls_equal=True)
        group = ranked.filter(pl.col("unit") == self.unit.id)["peer_group"].unique()
        return ranked.filter(pl.col("peer_group").is_in(group.implode(), nulls_equal=True))

    @cached_property
    def own(self) -> Mapping[str, Row]:
        """The unit's rows of ``places`` by node."""
        rows = self.places.filter(pl.col("unit") == self.unit.id).iter_rows(named=True)
        return {row["node"]: row for row in rows}

    @property
    def evidence(self) -> str:
        """Illustrative where any score of the index is, the unit's or a peer's."""
        of_index = self.places.filter(pl.col("node") == self.framework.root.code)
        return "illustrative" if (of_index["evidence"] == "illustrative").any() else "official"

    @cached_property
    def open(self) -> tuple[Node, ...]:
        """The nodes at which the unit's figures come in, or would: indicators, or main indices given as a whole."""
        reached = dict.fromkeys(self._open(self.framework.root.code))
        return tuple(node for node in self.framework.nodes.values() if node.code in reached)

    def taking(self, code: str) -> Node:
        """The node of a code, at which figures come in.

        Raises:
            WhatIfError: the code is unknown, or no figure is entered at its node.
        """
        taking = {node.code: node for node in self.open}
        if code in taking:
            return taking[code]
        wholes = [node for node in taking if self.known(code).code in worths(self.framework, node)]
        if wholes:
            raise WhatIfError("within_whole", node=code, whole=wholes[0])
        below = [node for node in taking if node in worths(self.framework, code)]
        raise WhatIfError("takes_no_figure" if below else "no_points", node=code, below=in_runs(below))

    def known(self, code: str) -> Node:
        """The node of a code.

        Raises:
            WhatIfError: the code is unknown; the error names codes that are close to it.
        """
        return known(self.framework, code, [node.code for node in self.open])

    def _open(self, code: str) -> Iterator[str]:
        parts = self.framework.parts(code)
        if not parts or self._as_given(code):
            yield code
            return
        for part in parts:
            yield from self._open(part.code)

    def _as_given(self, code: str) -> bool:
        """Whether the sheet gives a node as a whole: its points are known, though those of a part are missing."""
        row = self.own.get(code)
        known = [self.own.get(part.code) for part in self.framework.parts(code)]
        return bool(row and row["missing"] == 0) and any(part is None or part["points"] is None for part in known)

    def points(self, code: str) -> int | None:
        """What the unit has at a node, in billionths of a point."""
        row = self.own.get(code)
        return None if row is None or row["points"] is None else round(row["points"] * SCALE)

    def place(self, code: str) -> Place:
        """The points, score and rank of the unit at a node."""
        row = self.own.get(code)
        if row is None:
            most = self.framework.nodes[code].max_points
            return Place(None, None if most is None else float(most), None, None, None, None)
        return Place(**{name: row[name] for name in Place.__dataclass_fields__})

    def with_points(self, points: Mapping[str, int]) -> Contest:
        """The same contest with other points of the unit at some nodes, in place of what was given there or below."""
        of_unit = (pl.col("unit") == self.unit.id) & (pl.col("source") == self._source)
        replaceable = pl.col("measure").is_in(("points", "score", *raw_measures()))
        replaced = {below for code in points for below in worths(self.framework, code)}
        dropped = pl.col("node").is_in(list(replaced)) & replaceable & of_unit
        like = self.observations.filter(of_unit).head(1)
        put = [
            like.with_columns(
                node=pl.lit(node),
                measure=pl.lit("points"),
                value=pl.lit(amount / SCALE),
                raw=pl.lit(""),
                unit_measure=pl.lit("points"),
                obs_status=pl.lit("A"),
            )
            for node, amount in points.items()
        ]
        return replace(self, observations=pl.concat([self.observations.filter(~dropped), *put]))

    @property
    def _source(self) -> str:
        """The sheet that counts for the unit."""
        return str(self.own[self.framework.root.code]["source"])


def in_runs(codes: Iterable[str]) -> str:
    """Codes in their order; of those that follow one another the first and the last.

    >>> in_runs(["1.9", "1.10", "1.11", "2.1", "7"])
    '1.9–1.11, 2.1, 7'
    """
    runs: list[list[str]] = []
    for code in codes:
        if runs and _next(runs[-1][-1]) == code:
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(f"{run[0]}–{run[-1]}" if run[1:] else run[0] for run in runs)


def _next(code: str) -> str | None:
    head, dot, last = code.rpartition(".")
    return f"{head}{dot}{int(last) + 1}" if dot and last.isdecimal() else None


def known(framework: Framework, code: str, taking: Sequence[str]) -> Node:
    """The node of a code.

    Raises:
        WhatIfError: the code is unknown; the error names codes of ``taking`` that are close to it.
    """
    if code not in framework.nodes:
        if (whole := code.rpartition(".")[0]) in taking:
            raise WhatIfError("only_whole", node=code, whole=whole)
        near = difflib.get_close_matches(code, taking, n=5, cutoff=0.5) or taking[:5]
        raise WhatIfError("no_node", node=code, framework=framework.name, near=", ".join(near))
    return framework.nodes[code]


def contest(
    observations: pl.DataFrame, frameworks: Frameworks, units: Units, unit: Unit, period: str, version: str, basis: str
) -> Contest:
    """The contest of a unit on a basis (a code of ``SUBMITTED``).

    Raises:
        WhatIfError: the unit submitted nothing there, or its figures are those of the units that it was made of.
    """
    base = frameworks.of_version(version, period, unit.geography)
    if base is None:
        raise WhatIfError("no_framework", period=period, version=version)
    overlaid = frameworks.overlaid(base)
    of_period = observations.filter(pl.col("period") == period, pl.col("framework") == version)
    used_bases = of_period.filter(pl.col("unit") == unit.id)["basis"].unique()
    rows = of_period.filter((pl.col("basis") == basis) | (pl.col("measure") == "units"))
    unit_rows = rows.filter(pl.col("unit") == unit.id, pl.col("basis") == basis)
    if unit_rows.is_empty():
        merged = overlaid.merging is not None and overlaid.merging.after == unit.geography
        before = ", ".join(units.predecessors(unit.id)) if merged else ""
        if before:
            raise WhatIfError("of_predecessors", unit=unit.name_vi, before=before)
        has = Bilingual(
            *(", ".join(BASES[basis_code].text(lang) for basis_code in sorted(used_bases)) for lang in LANGUAGES)
        )
        raise WhatIfError("not_on_basis", unit=unit.name_vi, basis=BASES[basis], period=period, has=has)
    framework = overlaid.of_group(unit_rows["peer_group"][0])
    return Contest(rows, frameworks, framework, units, unit, period, basis)


def bases(observations: pl.DataFrame, unit: Unit, period: str, version: str) -> tuple[str, ...]:
    """The bases on which a unit submitted figures, the best founded first."""
    rows = observations.filter(pl.col("period") == period, pl.col("framework") == version, pl.col("unit") == unit.id)
    submitted = set(rows["basis"])
    return tuple(basis for basis in SUBMITTED if basis in submitted)
