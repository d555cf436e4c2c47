"""The difference between two releases: who moved, from what to what, and why.

Here: gathering it from the ``revisions`` of the releases in between, rankings that are new, and its lines for a person.
Not here: what changed between two neighbours (``publications``), and operational figures (``scorecards``).
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
    """One release's part in a change: its type and reason, and the cells behind it."""

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
    """A ranking that the earlier release does not have: there is nothing yet that its figures could differ from."""

    period: str
    framework: str
    geography: str
    basis: str
    units: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two releases.

    Attributes:
        earlier: its name; None before the first release.
        later: its name.
        changes: scores and ranks; those that went back and forth in between are left out.
        new: rankings that came.
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
    """What differs between two releases, the earlier first whatever the order in which they are given.

    Raises:
        NothingToTrace: the later one was made before changes were recorded.
        CorruptRelease: one in between is not there, or not as it was published.
    """
    earlier, later = sorted((one, other), key=attrgetter("number"))
    return difference_since(earlier, later, releases.back(later.number - 1))


def difference_since(
    earlier: OpenRelease | None, later: OpenRelease, between: Sequence[OpenRelease] = ()
) -> Difference:
    """What a release or a candidate brings that an earlier one does not say.

    Args:
        earlier: None: the later one is the first.
        later: the release or the candidate.
        between: the releases before it that came after the earlier one, the newest first; others are left out.

    Raises:
        NothingToTrace: the later one was made before changes were recorded.
    """
    if "revisions" not in later.tables:
        raise NothingToTrace(f"release {later.name} has no table `revisions`: it was made before changes were recorded")
    number = pl.col("release").cast(pl.Int64)
    since = earlier.number if earlier else 0
    told = history((later, *(each for each in between if each.number > since)), "revisions")
    steps = told.filter(number > since, number <= later.number)
    asked = [*_RANKING, "parent", "node", "unit", "evidence"]
    now, before = (scanned(release, "index_scores").select(asked).collect() for release in (later, earlier))
    roots = pl.concat(each.filter(pl.col("parent").is_null())["node"] for each in (before, now)).unique().to_list()
    groups = steps.sort(*_FIGURE, number, nulls_last=False).partition_by(_FIGURE, maintain_order=True)
    changes = (_change(group.to_dicts(), roots) for group in groups)
    return Difference(
        earlier and earlier.name,
        later.name,
        tuple(each for each in changes if _differs(each)),
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
    """From the first release's old figure to the last one's new figure, with every step's reason."""
    first, last = steps[0], steps[-1]
    illustrative = any(each["evidence"] == "illustrative" for each in steps)
    ends: Row = {
        "old_score": first["old_score"], "new_score": last["new_score"], "is_index": last["node"] in roots,
        "old_rank": first["old_rank"], "new_rank": last["new_rank"],
        "evidence": "illustrative" if illustrative else "official",
    }  # fmt: skip
    why = tuple(Why(**{name: each[name] for name in Why.__dataclass_fields__}) for each in steps)
    same = {name: last[name] for name in Change.__dataclass_fields__ if name not in ends and name != "why"}
    return Change(**same, **ends, why=why)


def _differs(change: Change) -> bool:
    return (change.old_score, change.old_rank) != (change.new_score, change.new_rank)


#: The values of changed cells, which released tables hold with a decimal point.
_VALUES = re.compile(r"(?<=: )-?\d+\.\d+(?= → )|(?<= → )-?\d+\.\d+")
#: So many units are named of those whose cells moved others.
NAMED = 3
#: Release, framework, group and node.
Place = tuple[str, str, str | None, str]
CAUSES = terms("difference_causes")
TEXTS = terms("difference_texts")


def difference_lines(diff: Difference, language: Language = "vi", *, whole: bool = False) -> list[str]:
    """Who moved in each ranking, from what to what, why; nodes below the index are counted, listed with ``whole``."""
    head = "head" if diff.earlier else "first"
    lines = [say(TEXTS[head], language, earlier=diff.earlier, later=diff.later, count=len(diff.changes))]
    if not diff.changes and diff.earlier:
        lines.append(say(TEXTS["none"], language))
    ruled = {(each.period, each.geography, each.framework) for each in diff.changes}
    several = {place for place, count in Counter((period, where) for period, where, _ in ruled).items() if count > 1}
    for (period, framework, geography, basis), each in groupby(diff.changes, key=_ranking_of):
        changes = list(each)
        heading = _heading(period, geography, basis, changes, language)
        named = f"{heading} · {framework}" if (period, geography) in several else heading
        lines += ["", named, *_ranking(changes, language, every_node=whole)]
    return [*lines, *_new(diff.new, language), *scorecard_lines(diff.scorecards, language, whole=whole)]


def _ranking_of(change: Change) -> tuple[str, str, str, str]:
    return change.period, change.framework, change.geography, change.basis


def _new(rankings: Sequence[NewRanking], language: Language) -> Iterator[str]:
    if rankings:
        yield from ("", say(TEXTS["new"], language, count=len(rankings)))
    for each in rankings:
        heading = _heading(each.period, each.geography, each.basis, [each], language)
        yield f"  {heading} · {each.framework}: {say(MEASURES['units'], language)} {each.units}"


def _heading(
    period: str, geography: str, basis: str, changes: Sequence[Change | NewRanking], language: Language
) -> str:
    mark = f" · {say(ILLUSTRATIVE, language)}" if any(x.evidence == "illustrative" for x in changes) else ""
    return f"{period} · {geography} · {say(BASES[basis], language)}{mark}"


def _ranking(changes: list[Change], language: Language, *, every_node: bool) -> Iterator[str]:
    """Each cause once, with the figures that moved by it below: those of its own cells first."""
    listed, peers = [each for each in changes if every_node or each.is_index], _by_own_cells(changes)
    by_causes: dict[tuple[str, ...], list[Change]] = {}
    for change in sorted(listed, key=lambda each: (not each.is_index, each.node, not _own(each), each.new_rank or 0)):
        causes = tuple(_because(why, _movers(change, why, peers), language) for why in change.why)
        by_causes.setdefault(causes, []).append(change)
    for causes, moved in by_causes.items():
        yield from (f"  {cause}" for cause in causes)
        yield from (f"    {_figure(change, language)}: {_moved(change, language)}" for change in moved)
    if len(listed) < len(changes):
        yield f"  {say(TEXTS['below'], language, count=len(changes) - len(listed))}"


def _own(change: Change) -> bool:
    return any(why.cause == "cells" for why in change.why)


def _movers(change: Change, why: Why, peers: Mapping[Place, Sequence[Change]]) -> Sequence[Change]:
    """The changes whose cells moved a figure: its own, or those of its peers in the ranking."""
    place = why.release, change.framework, change.peer_group, change.node
    return [change] if why.cause == "cells" else peers.get(place, ())


def _figure(change: Change, language: Language) -> str:
    """The unit; below the index the node, too."""
    vietnamese = language == "vi"
    unit = f"{change.unit_name_vi if vietnamese else change.unit_name_en} ({change.unit})"
    node = f" {change.node} {change.node_name_vi if vietnamese else change.node_name_en}"
    return unit if change.is_index else unit + node


def _moved(change: Change, language: Language) -> str:
    pairs = (
        ("score", number(change.old_score, language, 6), number(change.new_score, language, 6)),
        ("rank", number(change.old_rank, language), number(change.new_rank, language)),
    )
    return ", ".join(f"{say(MEASURES[name], language)} {old} → {new}" for name, old, new in pairs if old != new)


def _by_own_cells(changes: Sequence[Change]) -> Mapping[Place, Sequence[Change]]:
    """By release and place in a ranking the changes of the units whose own cells changed: those of the peers follow."""
    peers: dict[Place, list[Change]] = {}
    for change in changes:
        for why in change.why:
            if why.cause == "cells":
                place = why.release, change.framework, change.peer_group, change.node
                peers.setdefault(place, []).append(change)
    return peers


def _because(why: Why, movers: Sequence[Change], language: Language) -> str:
    text = say(TEXTS["because"], language, release=why.release, type=say(RELEASE_TYPES[why.type], language))
    reason = f" «{why.reason}»" if why.reason else ""
    cells = _VALUES.sub(lambda value: format_number(Decimal(value[0])).text(language), why.cells or "")
    units = _named(movers, language) or say(TEXTS["others"], language)
    cause = "cells" if why.cause == "peers" else why.cause
    return f"{text}{reason}: {say(CAUSES[cause], language, count=why.changed_cells, cells=cells, units=units)}"


def _named(changes: Sequence[Change], language: Language) -> str:
    """The units of some changes, the first by name."""
    units = [(each.unit_name_vi if language == "vi" else each.unit_name_en, each.unit) for each in changes]
    further = [f"+{len(units) - NAMED}"] if len(units) > NAMED else []
    return ", ".join([*(f"{name} ({unit})" for name, unit in units[:NAMED]), *further])
