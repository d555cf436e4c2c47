"""The difference between two releases: which units moved, from which figures to which, and why.

Here: gathering it from the ``revisions`` of the releases in between, new rankings, and the lines for a person.
Not here: what changed between neighbouring releases (``publications``), or operational figures (``scorecards``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.lookup import NothingToTrace, history, scanned
from dti_platform.explain.scorecards import Reported, changed_figures, scorecard_lines
from dti_platform.explain.text import number, say
from dti_platform.glossary import BASES, ILLUSTRATIVE, MEASURES, RELEASE_TYPES, terms
from dti_platform.language import Language, format_number

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.storage.releases import Releases
    from dti_platform.tables import Row

_RANKING = ["period", "framework", "geography", "basis"]
_FIGURE = [*_RANKING, "peer_group", "node", "unit"]


@dataclass(frozen=True, slots=True)
class Why:
    """The part of one release in a change: its type and reason, and the changed cells."""

    release: str
    type: str
    reason: str | None
    cause: str
    changed_cells: int
    cells: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is not the same in both releases."""

    period: str
    framework: str
    geography: str
    basis: str
    peer_group: str | None
    unit: str
    unit_name_vi: str
    unit_name_en: str
    node: str
    node_name_vi: str
    node_name_en: str
    is_index: bool
    old_score: float | None
    new_score: float | None
    old_rank: int | None
    new_rank: int | None
    evidence: str
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class NewRanking:
    """A ranking that the earlier release does not have, so that none of its figures has an old value."""

    period: str
    framework: str
    geography: str
    basis: str
    units: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences between two releases.

    Attributes:
        earlier: its name; None if there is none.
        later: its name.
        changes: scores and ranks; those that changed and changed back are left out.
        new: new rankings.
        scorecards: operational figures.
    """

    earlier: str | None
    later: str
    changes: tuple[Change, ...]
    new: tuple[NewRanking, ...] = ()
    scorecards: tuple[Reported, ...] = ()

    @property
    def count(self) -> int:
        """How many figures and rankings differ."""
        return len(self.changes) + len(self.new) + len(self.scorecards)

    def to_dict(self) -> Mapping[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def difference(one: OpenRelease, other: OpenRelease, releases: Releases) -> Difference:
    """The differences between two releases, in either order.

    Raises:
        NothingToTrace: the later release predates the recording of changes.
        CorruptRelease: a release in between is missing, or not as it was published.
    """
    earlier, later = sorted((one, other), key=attrgetter("number"))
    return difference_since(earlier, later, releases.back(later.number - 1))


def difference_since(
    earlier: OpenRelease | None, later: OpenRelease, between: Sequence[OpenRelease] = ()
) -> Difference:
    """What a release or a candidate changes against an earlier one.

    Args:
        earlier: the earlier release; None if the later one is the first.
        later: the release or the candidate.
        between: the releases before the later one, newest first; those up to the earlier one are ignored.

    Raises:
        NothingToTrace: the later release predates the recording of changes.
    """
    if "revisions" not in later.tables:
        raise NothingToTrace(f"release {later.name} has no table `revisions`: it was made before changes were recorded")
    number = pl.col("release").cast(pl.Int64)
    since = earlier.number if earlier else 0
    revisions = history((later, *(release for release in between if release.number > since)), "revisions")
    steps = revisions.filter(number > since, number <= later.number)
    columns = [*_RANKING, "parent", "node", "unit", "evidence"]
    now, before = (scanned(release, "index_scores").select(columns).collect() for release in (later, earlier))
    roots = pl.concat(scores.filter(pl.col("parent").is_null())["node"] for scores in (before, now)).unique().to_list()
    groups = steps.sort(*_FIGURE, number, nulls_last=False).partition_by(_FIGURE, maintain_order=True)
    changes = (_change(group.to_dicts(), roots) for group in groups)
    return Difference(
        earlier and earlier.name,
        later.name,
        tuple(change for change in changes if _differs(change)),
        tuple(_new_rankings(now, pl.concat([before.select(_RANKING), steps.select(_RANKING)]))),
        changed_figures(earlier, later),
    )


def _new_rankings(now: pl.DataFrame, known: pl.DataFrame) -> Iterator[NewRanking]:
    """The rankings that are not among the known ones."""
    illustrative = (pl.col("evidence") == "illustrative").any()
    new = now.join(known, on=_RANKING, how="anti").group_by(_RANKING).agg(
        units=pl.col("unit").n_unique(),
        evidence=pl.when(illustrative).then(pl.lit("illustrative")).otherwise(pl.lit("official")),
    )  # fmt: skip
    return (NewRanking(**row) for row in new.sort(_RANKING).to_dicts())


def _change(steps: Sequence[Row], roots: list[str]) -> Change:
    """The change from the first step's old figure to the last step's new one, with the reason of each step."""
    first, last = steps[0], steps[-1]
    illustrative = any(step["evidence"] == "illustrative" for step in steps)
    ends: Row = {
        "old_score": first["old_score"], "new_score": last["new_score"], "is_index": last["node"] in roots,
        "old_rank": first["old_rank"], "new_rank": last["new_rank"],
        "evidence": "illustrative" if illustrative else "official",
    }  # fmt: skip
    why = tuple(Why(**{name: step[name] for name in Why.__dataclass_fields__}) for step in steps)
    facts = {name: last[name] for name in Change.__dataclass_fields__ if name not in ends and name != "why"}
    return Change(**facts, **ends, why=why)


def _differs(change: Change) -> bool:
    return (change.old_score, change.old_rank) != (change.new_score, change.new_rank)


#: Values of changed cells, which released tables write with a decimal point.
_VALUES = re.compile(r"(?<=: )-?\d+\.\d+(?= → )|(?<= → )-?\d+\.\d+")
#: At most this many units are named whose cells moved others.
NAMED = 3
#: Release, framework, peer group and node.
Group = tuple[str, str, str | None, str]
CAUSES = terms("difference_causes")
TEXTS = terms("difference_texts")


def difference_lines(diff: Difference, language: Language = "vi", *, whole: bool = False) -> list[str]:
    """Each ranking's changes with their causes; nodes below the index are counted, and listed only with ``whole``."""
    head = "head" if diff.earlier else "first"
    lines = [say(TEXTS[head], language, earlier=diff.earlier, later=diff.later, count=len(diff.changes))]
    if not diff.changes and diff.earlier:
        lines.append(say(TEXTS["none"], language))
    rankings = {(change.period, change.geography, change.framework) for change in diff.changes}
    several = {pair for pair, count in Counter(ranking[:2] for ranking in rankings).items() if count > 1}
    for (period, framework, geography, basis), group in groupby(diff.changes, key=_ranking_key):
        changes = list(group)
        heading = _heading(period, geography, basis, changes, language)
        title = f"{heading} · {framework}" if (period, geography) in several else heading
        lines += ["", title, *_ranking_lines(changes, language, every_node=whole)]
    return [*lines, *_new_lines(diff.new, language), *scorecard_lines(diff.scorecards, language, whole=whole)]


def _ranking_key(change: Change) -> tuple[str, str, str, str]:
    return change.period, change.framework, change.geography, change.basis


def _new_lines(rankings: Sequence[NewRanking], language: Language) -> Iterator[str]:
    if rankings:
        yield from ("", say(TEXTS["new"], language, count=len(rankings)))
    for ranking in rankings:
        heading = _heading(ranking.period, ranking.geography, ranking.basis, [ranking], language)
        yield f"  {heading} · {ranking.framework}: {say(MEASURES['units'], language)} {ranking.units}"


def _heading(
    period: str, geography: str, basis: str, changes: Sequence[Change | NewRanking], language: Language
) -> str:
    mark = f" · {say(ILLUSTRATIVE, language)}" if any(change.evidence == "illustrative" for change in changes) else ""
    return f"{period} · {geography} · {say(BASES[basis], language)}{mark}"


def _ranking_lines(changes: list[Change], language: Language, *, every_node: bool) -> Iterator[str]:
    """Each cause once, followed by the figures that it changed; figures changed by the unit's own cells come first."""
    listed, peers = [change for change in changes if every_node or change.is_index], _changes_by_group(changes)
    by_causes: dict[tuple[str, ...], list[Change]] = {}
    for change in sorted(
        listed, key=lambda change: (not change.is_index, change.node, not _has_own_cells(change), change.new_rank or 0)
    ):
        causes = tuple(_cause_line(why, _causing_changes(change, why, peers), language) for why in change.why)
        by_causes.setdefault(causes, []).append(change)
    for causes, affected in by_causes.items():
        yield from (f"  {cause}" for cause in causes)
        yield from (f"    {_label(change, language)}: {_old_and_new(change, language)}" for change in affected)
    if len(listed) < len(changes):
        yield f"  {say(TEXTS['below'], language, count=len(changes) - len(listed))}"


def _has_own_cells(change: Change) -> bool:
    return any(why.cause == "cells" for why in change.why)


def _causing_changes(change: Change, why: Why, peers: Mapping[Group, Sequence[Change]]) -> Sequence[Change]:
    """The changes whose cells moved a figure: its own, or those of its peers in the ranking."""
    group = why.release, change.framework, change.peer_group, change.node
    return [change] if why.cause == "cells" else peers.get(group, ())


def _label(change: Change, language: Language) -> str:
    """The unit, and below the index also the node."""
    vietnamese = language == "vi"
    unit = f"{change.unit_name_vi if vietnamese else change.unit_name_en} ({change.unit})"
    node = f" {change.node} {change.node_name_vi if vietnamese else change.node_name_en}"
    return unit if change.is_index else unit + node


def _old_and_new(change: Change, language: Language) -> str:
    pairs = (
        ("score", number(change.old_score, language, 6), number(change.new_score, language, 6)),
        ("rank", number(change.old_rank, language), number(change.new_rank, language)),
    )
    return ", ".join(f"{say(MEASURES[name], language)} {old} → {new}" for name, old, new in pairs if old != new)


def _changes_by_group(changes: Sequence[Change]) -> Mapping[Group, Sequence[Change]]:
    """The changes caused by a unit's own cells, by release and group; they may move the unit's peers."""
    peers: dict[Group, list[Change]] = {}
    for change in changes:
        for why in change.why:
            if why.cause == "cells":
                group = why.release, change.framework, change.peer_group, change.node
                peers.setdefault(group, []).append(change)
    return peers


def _cause_line(why: Why, causing: Sequence[Change], language: Language) -> str:
    text = say(TEXTS["because"], language, release=why.release, type=say(RELEASE_TYPES[why.type], language))
    reason = f" «{why.reason}»" if why.reason else ""
    cells = _VALUES.sub(lambda match: format_number(Decimal(match[0])).text(language), why.cells or "")
    units = _unit_names(causing, language) or say(TEXTS["others"], language)
    cause = "cells" if why.cause == "peers" else why.cause
    return f"{text}{reason}: {say(CAUSES[cause], language, count=why.changed_cells, cells=cells, units=units)}"


def _unit_names(changes: Sequence[Change], language: Language) -> str:
    """The units of some changes; the first ones by name, the others counted."""
    units = [(change.unit_name_vi if language == "vi" else change.unit_name_en, change.unit) for change in changes]
    further = [f"+{len(units) - NAMED}"] if len(units) > NAMED else []
    return ", ".join([*(f"{name} ({unit})" for name, unit in units[:NAMED]), *further])
