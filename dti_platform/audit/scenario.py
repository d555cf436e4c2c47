"""A scenario: what becomes of a unit that gets other points, node by node up to the index, and whom it passes.

Here: reading the changes, and comparing the result with what stands. The other units stay as they are.
Not here: scoring and ranking (``contest``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from dti_platform.audit.contest import ERRORS, Contest, Place, WhatIfError
from dti_platform.language import Bilingual, format_number
from dti_platform.methodology import Framework, Node
from dti_platform.methodology.exact import SCALE, scaled_value

_CHANGE = re.compile(r"(?P<node>[^=\s]+)=(?P<sign>[+-]?)(?P<amount>[0-9]{1,9}(?:[.,][0-9]{1,9})?)")


@dataclass(frozen=True, slots=True)
class Change:
    """Other points at a node: ``amount`` is what it gets, or, ``relative``, what it gains (loses, below 0)."""

    node: str
    amount: Decimal
    relative: bool

    @classmethod
    def parse(cls, text: str) -> Change:
        """``8.3=+5``, ``8.3=-2``, ``8.3=12``; decimals after a point or a comma.

        Raises:
            WhatIfError: it is none of these.
        """
        match = _CHANGE.fullmatch(text.strip())
        if match is None:
            raise WhatIfError("not_a_change", text=text)
        amount = Decimal(match["amount"].replace(",", "."))
        return cls(match["node"], -amount if match["sign"] == "-" else amount, bool(match["sign"]))


@dataclass(frozen=True, slots=True)
class Step:
    """A node whose value rests on what was changed, before and after. ``grades``: what its rule can give, if not all.

    ``off_grade``: the points that it gets are none of these.
    """

    node: str
    node_name_vi: str
    node_name_en: str
    kind: str
    before: Place
    after: Place
    grades: tuple[float, ...] = ()
    off_grade: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """Another unit, with its score, which stays, and its rank before and after."""

    unit: str
    name_vi: str
    name_en: str
    score: float | None
    rank_before: int | None
    rank_after: int | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A unit on one basis, before and after; the last step is the index.

    ``figures_of``: the basis whose figures of this unit were put in, where a scenario compares bases. ``passed``: who
    stood above or level and stands below; ``level``: with whom it draws level; ``passed_by``: who passes it.
    """

    basis: str
    evidence: str
    figures_of: str | None
    steps: tuple[Step, ...]
    passed: tuple[Other, ...]
    level: tuple[Other, ...]
    passed_by: tuple[Other, ...]

    @property
    def index(self) -> Step:
        """The index itself."""
        return self.steps[-1]


def resolved(contest: Contest, changes: Iterable[Change]) -> Mapping[str, int]:
    """The points (billionths) that changes give, by node.

    Raises:
        WhatIfError: a node that is not known or takes no figure, that is changed twice, or more than its maximum,
            where that is known.
    """
    points: dict[str, int] = {}
    for change in changes:
        node = contest.taking(change.node)
        if node.code in points:
            raise WhatIfError("changed_twice", node=node.code)
        had, amount = contest.points(node.code), scaled_value(change.amount)
        if change.relative and had is None:
            raise WhatIfError("nothing_there", node=node.code)
        value = amount + (had or 0) if change.relative else amount
        if value < 0 or (node.max_points is not None and value > scaled_value(node.max_points)):
            raise out_of_bounds(node, had, value)
        points[node.code] = value
    return points


def out_of_bounds(node: Node, had: int | None, requested: int) -> WhatIfError:
    """That a node can't have the points (billionths) asked for; with what it can gain or lose, and how that is set."""
    most = None if node.max_points is None else scaled_value(node.max_points)
    end = 0 if requested < 0 or most is None else most
    room = "no_room" if end == had else "most_loss" if end == 0 else "most_gain"
    facts = {
        "node": node.code,
        "most": points_text(most),
        "asked": points_text(requested),
        "has": points_text(had),
        "end": points_text(end),
    }
    remark = ERRORS["most_known" if had is None else room].format(room=points_text(abs(end - (had or 0))), **facts)
    return WhatIfError("out_of_bounds", room=remark, **facts)


def points_text(points: int | None) -> Bilingual:
    """Billionths of a point in words."""
    return Bilingual.same("–") if points is None else format_number(Decimal(points) / SCALE)


def scenario(
    contest: Contest, points: Mapping[str, int], figures_of: str | None = None, after: Contest | None = None
) -> Scenario:
    """What becomes of the unit with these points (billionths, by node); without any, how it stands.

    ``after``: the contest with these points, where it was scored already.
    """
    then = after or (contest.with_points(points) if points else contest)
    changed = [_step(contest, then, code) for code in _moved(contest.framework, points)]
    return Scenario(contest.basis, contest.evidence, figures_of, tuple(changed), *_others(contest, then))


def _moved(framework: Framework, points: Mapping[str, int]) -> list[str]:
    """The changed nodes in the file's order, then every node that rests on one, lowest first, the index last.

    Without any change the main parts, pillars and the index, to compare.
    """
    root = framework.root.code
    if not points:
        return [*(code for code, node in framework.nodes.items() if node.scored and node.kind in _MAIN), root]
    moved = [code for code in framework.nodes if code in points]
    for level in framework.levels:
        resting = (node.code for node in level if {part.code for part in framework.parts(node.code)} & set(moved))
        moved += [code for code in resting if code not in moved and code != root]
    return [*moved, root]


_MAIN = ("pillar", "main_index")


def _step(before: Contest, after: Contest, code: str) -> Step:
    node = before.framework.nodes[code]
    grades = () if node.max_points is None else tuple(map(scaled_value, node.rule.grades(node.max_points)))
    now = after.points(code)
    off = bool(grades) and now is not None and now != before.points(code) and now not in grades
    grade_points = tuple(grade / SCALE for grade in grades)
    return Step(code, node.name_vi, node.name_en, node.kind, before.place(code), after.place(code), grade_points, off)


def _others(before: Contest, after: Contest) -> tuple[tuple[Other, ...], ...]:
    """Who is passed, who is drawn level with, by whom the unit is passed: at the index, best first."""
    root = before.framework.root.code
    ranks = before.place(root).rank, after.place(root).rank
    passed: list[Other] = []
    level: list[Other] = []
    passed_by: list[Other] = []
    if ranks[0] is None or ranks[1] is None:
        return (), (), ()
    then = dict(before.places.filter(pl.col("node") == root).select("unit", "rank").iter_rows())
    rows = after.places.filter(pl.col("node") == root, pl.col("unit") != before.unit.id).sort("rank", "unit")
    for row in rows.iter_rows(named=True):
        was, now = then.get(row["unit"]), row["rank"]
        if was is None or now is None:
            continue
        unit = before.units.all[row["unit"]]
        other = Other(unit.id, unit.name_vi, unit.name_en, row["score"], was, now)
        if was <= ranks[0] and now > ranks[1]:
            passed.append(other)
        elif was >= ranks[0] and now < ranks[1]:
            passed_by.append(other)
        elif was != ranks[0] and now == ranks[1]:
            level.append(other)
    return tuple(passed), tuple(level), tuple(passed_by)


def accepted(contest: Contest, other: Contest) -> Mapping[str, int]:
    """The unit's figures on another basis, to be put into this one: where they differ."""
    points = {node.code: other.points(node.code) for node in other.open}
    return {code: value for code, value in points.items() if value is not None and value != contest.points(code)}
