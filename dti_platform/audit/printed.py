"""What if, of printed figures: where only totals and ranks were published, between which ranks a unit would stand.

Here: bounds from what is printed, and no more. A ranking has a place for each of its units, and totals fall from place
to place: a printed total bounds its own place (within half a unit of its last decimal) and all above and below it. Not
here: what can be computed from submitted figures (``scenario``, ``reach``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.audit.contest import ERRORS, WhatIfError, known
from dti_platform.audit.scenario import Change, out_of_bounds, points_text
from dti_platform.language import format_number
from dti_platform.methodology import Framework, Frameworks, Node, headline, rank_year, score_year
from dti_platform.methodology.aggregation import worths
from dti_platform.methodology.exact import SCALE, scaled_value
from dti_platform.methodology.precision import half_unit
from dti_platform.periods import Period

if TYPE_CHECKING:
    from dti_platform.units import Unit, Units


class Span(NamedTuple):
    """The least and the most that a total may be, in billionths of the whole."""

    least: int
    most: int

    def more(self, gain: int) -> Span:
        """Both ends moved, within 0 and the whole."""
        return Span(*(min(max(end + gain, 0), SCALE) for end in self))


class Total(NamedTuple):
    """A total as printed, or as recomputed from printed parts, and between what it lies, by how these are rounded."""

    value: int
    span: Span


@dataclass(frozen=True, slots=True)
class Between:
    """A score and a rank, each between two ends, which are one where it is known.

    ``score``: as printed or recomputed, with what it gains; None where the ends alone are known. ``rounding_counts``:
    whether fewer ranks were possible had nothing been rounded. ``rank_worst`` is None where nobody knows how many units
    are ranked, and those unknown may stand above.
    """

    score: float | None
    rounding_counts: bool
    score_least: float
    score_most: float
    rank_best: int
    rank_worst: int | None


@dataclass(frozen=True, slots=True)
class Put:
    """Points that a node gains, of ``max_points``; ``value``: its points as printed, None where they are not."""

    node: str
    node_name_vi: str
    node_name_en: str
    gain: float
    max_points: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Needed:
    """What the total must gain to reach a rank.

    With less than ``least`` it surely doesn't, with ``most`` it surely does. In points of the
    index; of the whole (1) where the maximum is not known.
    """

    rank: int
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Printed:
    """A unit by what was published of it and its peers.

    ``score``: as printed, if it was; else, ``recomputed``, from its printed parts, if they were. ``totals``: how many
    units have a printed total; ``peers``: of how many, None where that is not public.
    """

    basis: str
    evidence: str
    score: float | None
    recomputed: bool
    max_points: float | None
    rank: int
    peers: int | None
    totals: int
    changes: tuple[Put, ...]
    before: Between
    after: Between
    needed: Needed | None


@dataclass(frozen=True)
class Published:
    """The ranking as published: the leading figures of a period, framework, geography and group.

    ``recomputed``: the total of each unit whose parts were printed. ``peers``: how many units it ranks; None: not
    public.
    """

    figures: pl.DataFrame
    recomputed: Mapping[str, Total]
    framework: Framework
    unit: Unit
    period: str
    peers: int | None

    def _of_index(self, measure: str) -> pl.DataFrame:
        root = pl.col("node") == self.framework.root.code
        return self.figures.filter(root, pl.col("measure") == measure)

    @cached_property
    def printed_totals(self) -> dict[str, Total]:
        """The printed total of each unit that has one."""
        value = (pl.col("value") * SCALE).round(0).cast(pl.Int64)
        ends = self._of_index("score").select("unit", value=value, half=half_unit(pl.lit(1.0)))
        return {unit: Total(value, Span(value - half, value + half)) for unit, value, half in ends.iter_rows()}

    @cached_property
    def totals(self) -> dict[str, Total]:
        """The printed total of each unit, else the one that its printed parts make."""
        return {**self.recomputed, **self.printed_totals}

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The printed rank of each unit that has one."""
        return {unit: int(rank) for unit, rank in self._of_index("rank").select("unit", "value").iter_rows()}

    @cached_property
    def places(self) -> list[Span]:
        """Between what the total of each place lies, the first first: to the last place that is known."""
        totals = {self.ranks[unit]: total.span for unit, total in self.totals.items() if unit in self.ranks}
        return spans(totals, max(self.peers or 0, *self.ranks.values()))

    def place(self, number: int) -> Span:
        """Between what the total of a place lies; of one below the last that is known, should it exist."""
        return self.places[number - 1] if number <= len(self.places) else Span(0, self.places[-1].most)

    @property
    def rank(self) -> int:
        """The unit's own."""
        return self.ranks[self.unit.id]

    @property
    def tied(self) -> int:
        """How many other units share its rank."""
        return sum(rank == self.rank for rank in self.ranks.values()) - 1

    @property
    def tie_width(self) -> int:
        """The most that units of one rank may lie apart: a unit of the last decimal on which ties are judged."""
        return SCALE // 10**self.framework.settings.tie_decimals

    @property
    def score(self) -> int | None:
        """The unit's total as printed or recomputed; None where it is neither."""
        total = self.totals.get(self.unit.id)
        return None if total is None else total.value

    @property
    def own(self) -> Span:
        """Between what the unit's total lies: by its own figures, else by its place."""
        total = self.totals.get(self.unit.id)
        return self.places[self.rank - 1] if total is None else total.span

    def stands(self, gain: int) -> Between:
        """Between which ranks the unit would stand with a larger total (a smaller, below 0)."""
        total = self.own.more(gain)
        ranks = self._ranks(total, gain)
        exact = None if self.score is None else Span(self.score, self.score).more(gain)
        return Between(
            None if exact is None else exact.least / SCALE,
            exact is not None and self._ranks(exact, gain) != ranks,
            total.least / SCALE,
            total.most / SCALE,
            *ranks,
        )

    def _ranks(self, total: Span, gain: int) -> tuple[int, int | None]:
        """The best and the worst rank with a total that was reached by a gain."""
        others = [*self.places[: self.rank - 1], *self.places[self.rank :]]
        best = 1 + sum(other.least > total.most for other in others)
        worst = 1 + sum(other.most > total.least for other in others)
        if gain >= 0:  # who stood below still does
            best, worst = min(best, self.rank), min(worst, self.rank)
        if gain <= 0:  # who stood above still does, and who shared the rank does now
            above = self.rank + self.tied * (-gain > self.tie_width)
            best, worst = max(best, above), max(worst, above)
        endless = self.peers is None and gain < 0 and self.places[-1].most > total.least
        return best, None if endless else worst

    def check(self, gain: int) -> None:
        """Refuse a gain for which no total that the unit may have has room.

        Raises:
            WhatIfError: the total would be below 0, or above the whole, whatever it is.
        """
        room = SCALE - self.own.least if gain > 0 else self.own.most
        if abs(gain) <= room:
            return
        maximum = self.framework.root.max_points or 1
        least, most, gained, most_gained = (
            points_text(round(share * maximum)) for share in (*self.own, abs(gain), room)
        )
        raise WhatIfError(
            "no_room_above" if gain > 0 else "no_room_below",
            total=ERRORS["total_between"].format(least=least, most=most),
            whole=maximum,
            gain=gained,
            room=most_gained,
        )

    def needed(self, rank: int, gain: int) -> Needed:
        """What the total must gain beyond a gain to reach a rank.

        Raises:
            WhatIfError: there is no such rank.
        """
        if self.peers is not None and rank > self.peers:
            raise WhatIfError("beyond_the_last", rank=rank, last=self.peers)
        worst = self.stands(gain).rank_worst
        if worst is not None and worst <= rank:
            return Needed(rank, 0.0, 0.0)
        has, goal = self.own.more(gain), self.place(rank if rank < self.rank else rank + 1)
        least, enough = goal.least - has.most, goal.most - has.least
        if rank >= self.rank:  # what was lost and is gained back suffices
            enough = min(enough, -gain)
        if self.rank <= rank < self.rank + self.tied:  # who shared the rank must be caught up with
            least = max(least, -gain - self.tie_width)
        most = Fraction(self.framework.root.max_points or 1)
        return Needed(rank, *(float(Fraction(max(end, 0), SCALE) * most) for end in (least, enough)))

    def put(self, change: Change) -> tuple[Put, int]:
        """A change, and what the total gains by it, in billionths of the whole.

        Raises:
            WhatIfError: what a point of the node is worth is not known, its value isn't, it has no room, or it is set
                from 0 to 1, as totals are printed. (A gain of less than a point is one.)
        """
        node, root = known(self.framework, change.node, self._sized), self.framework.root
        if node.code not in self._sized or root.max_points is None or node.max_points is None:
            raise WhatIfError("not_printed", node=node.code, near=", ".join(self._sized) or "–")
        most, value = scaled_value(node.max_points), self._value(node.code, node.max_points)
        amount = scaled_value(change.amount)
        gain = amount if change.relative else amount - (value or 0)
        as_share = not change.relative and 0 < change.amount < 1 < node.max_points
        if as_share and (node is root or self._from_0_to_1(node.code)):
            instead = f"{node.code}={(change.amount * node.max_points).normalize():f}"
            facts = {"amount": format_number(change.amount), "instead": instead}
            raise WhatIfError("which_scale", node=node.code, most=node.max_points, **facts)
        if value is None and not change.relative:
            raise WhatIfError("value_not_printed", node=node.code)
        if abs(gain) > most or (value is not None and not 0 <= value + gain <= most):
            raise out_of_bounds(node, value, gain + (value or 0))
        total = round(gain * worths(self.framework, root.code)[node.code] / Fraction(root.max_points))
        had = None if value is None else value / SCALE
        return Put(node.code, node.name_vi, node.name_en, gain / SCALE, float(node.max_points), had), total

    @cached_property
    def _sized(self) -> list[str]:
        """The nodes of which a point is worth so much of the index: every maximum on the way there is known."""
        return list(dict.fromkeys(self._below(self.framework.root)))

    def _below(self, node: Node) -> Iterator[str]:
        if node.max_points is not None:
            yield node.code
            for part in self.framework.parts(node.code):
                yield from self._below(part)

    def _from_0_to_1(self, code: str) -> bool:
        """Whether a figure of a node is printed as a share of its points."""
        return not self.figures.filter(pl.col("node") == code, pl.col("measure") == "score").is_empty()

    def _value(self, code: str, most: Decimal) -> int | None:
        """The printed points of the unit at a node, in billionths."""
        rows = self.figures.filter(pl.col("unit") == self.unit.id, pl.col("node") == code)
        points = {row["measure"]: row["value"] for row in rows.iter_rows(named=True)}
        if "points" in points:
            return round(points["points"] * SCALE)
        return round(points["score"] * float(most) * SCALE) if "score" in points else None


def spans(totals: dict[int, Span], peers: int) -> list[Span]:
    """Between what the total of each place lies, from printed totals by rank: they fall from place to place.

    Totals that contradict one another bound nothing between them but each other.

    >>> spans({1: Span(9, 9), 3: Span(5, 6)}, 4)
    [Span(least=9, most=9), Span(least=5, most=9), Span(least=5, most=6), Span(least=0, most=6)]
    """
    bounds: list[Span] = []
    for number in range(1, peers + 1):
        least = max((total.least for rank, total in totals.items() if rank >= number), default=0)
        most = min((total.most for rank, total in totals.items() if rank <= number), default=SCALE)
        bounds.append(Span(min(least, most), max(least, most)))
    return bounds


def published(
    observations: pl.DataFrame,
    frameworks: Frameworks,
    units: Units,
    unit: Unit,
    period: str,
    version: str,
    peers: int | None,
) -> Published:
    """The published ranking in which a unit stands; ``peers``: how many it ranks, as released (None: not public).

    Raises:
        WhatIfError: the framework is not in force, or no rank of the unit was published.
    """
    framework = frameworks.of_version(version, period, unit.geography)
    if framework is None:
        raise WhatIfError("no_framework", period=period, version=version)
    rows = observations.filter(
        pl.col("period") == period,
        pl.col("framework") == version,
        pl.col("geography") == unit.geography,
        pl.col("basis") == "published",
        pl.col("unit") != unit.geography,
    )
    group = framework.group_of(unit.id, period, units)
    figures = headline(rows, framework.publisher).filter(pl.col("peer_group").eq_missing(pl.lit(group, pl.String)))
    recomputed = _recomputed(observations, frameworks, units, framework, unit.geography, period)
    ranking = Published(figures, recomputed, framework, unit, period, peers)
    if unit.id not in ranking.ranks:
        raise WhatIfError("no_printed_rank", unit=unit.name_vi, period=period)
    return ranking


def _recomputed(
    observations: pl.DataFrame, frameworks: Frameworks, units: Units, framework: Framework, geography: str, period: str
) -> dict[str, Total]:
    """The total of each unit whose parts were printed, as the flow makes it, from the source that counts."""
    year = Period.parse(period).year
    rows = observations.filter(period=period, framework=framework.version, basis="published")
    scores = score_year(year, rows, units, frameworks).filter(
        pl.col("points").is_not_null(), geography=geography, basis="recomputed", node=framework.root.code
    )
    counted = rank_year(year, scores, rows, units, frameworks).select("unit", "node", "basis", "source")
    of_index = scores.join(counted, on=["unit", "node", "basis", "source"], how="semi").drop_nulls("max_points")
    share = (
        (pl.col(name) / pl.col("max_points") * SCALE).round(0).cast(pl.Int64)
        for name in ("points", "points_low", "points_high")
    )
    return {unit: Total(value, Span(*ends)) for unit, value, *ends in of_index.select("unit", *share).iter_rows()}


def printed(published: Published, changes: Sequence[Change], rank: int | None) -> Printed:
    """Where the unit stands and would stand, and what its total must gain to reach a rank after that.

    Raises:
        WhatIfError: as ``Published.put`` and ``needed``; a node that is changed twice.
    """
    if len({change.node for change in changes}) < len(changes):
        raise WhatIfError("changed_twice", node=", ".join(change.node for change in changes))
    put = [published.put(change) for change in changes]
    gain = sum(total for _, total in put)
    published.check(gain)
    most = published.framework.root.max_points
    return Printed(
        basis="published",
        evidence="official",
        score=None if published.score is None else published.score / SCALE,
        recomputed=published.score is not None and published.unit.id not in published.printed_totals,
        max_points=None if most is None else float(most),
        rank=published.rank,
        peers=published.peers,
        totals=len(published.printed_totals),
        changes=tuple(change for change, _ in put),
        before=published.stands(0),
        after=published.stands(gain),
        needed=None if rank is None else published.needed(rank, gain),
    )
