"""The possible ways to cut columns of names and figures, side by side, into tables.

Here: the cuts, and the names to which each column then belongs. Not here: which columns hold names or figures
(``pairing``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise, product
from typing import Literal, NamedTuple


class Item(NamedTuple):
    """A column that holds no names: its title (the declared name, if it has one), and its group in a table."""

    column: int
    title: str | None
    group: str | None
    kind: Literal["figures", "serial", "text"]

    def clashes(self, other: Item) -> bool:
        """Whether no table can have both columns; a column outside the tables has no group."""
        same_group = self.group == other.group or None in {self.group, other.group}
        return self.title == other.title is not None and same_group


Run = Sequence[Item]
#: The titles of a table's figures before and after its names.
Shape = tuple[tuple[str | None, ...], tuple[str | None, ...]]


def owners(names: Sequence[int], distinct: Sequence[int], items: Run) -> dict[int, set[int]]:
    """The columns of names to which each column may belong.

    ``distinct`` are the columns of names that do not repeat another one. Each table has figures beside one column of
    names, and no title twice; running numbers count as figures if there are no others.
    """
    counted = [item._replace(kind="figures") if item.kind == "serial" else item for item in items]
    for candidates, columns in product((names, distinct), (items, counted)):
        runs = _runs(candidates, columns)
        if (cuts := _cuts(runs)) is not None:
            return _owners(candidates, runs, cuts)
    runs = _runs(distinct, items)
    return _owners(distinct, runs, [{0, len(run)} for run in runs[1:-1]])


def _runs(names: Sequence[int], items: Run) -> list[Run]:
    """The columns before the first column of names, between every two, and after the last."""
    ends = [(0, names[0]), *pairwise(names), (names[-1], max((item.column for item in items), default=0) + 1)]
    return [[item for item in items if left < item.column < right] for left, right in ends]


def _owners(names: Sequence[int], runs: Sequence[Run], cuts: Sequence[set[int]]) -> dict[int, set[int]]:
    owned = {item.column: {names[end]} for end in (0, -1) for item in runs[end]}
    for run, pair, ends in zip(runs[1:-1], pairwise(names), cuts, strict=True):
        owned |= {item.column: {pair[index >= end] for end in ends} for index, item in enumerate(run)}
    return owned


def _cuts(runs: Sequence[Run]) -> list[set[int]] | None:
    """How many columns of each run between two columns of names may belong to the left one; None: no cut is possible.

    Tables side by side have the same shape if possible.
    """
    steps = [[_ends(before[start:], behind) for start in range(len(before) + 1)] for before, behind in pairwise(runs)]
    ways = [cuts for fits in _shapes(_shape(runs[0], runs[-1])) if (cuts := _paths(runs, steps, fits)) is not None]
    ways = ways or [_paths(runs, steps, lambda _: True)]
    return None if None in ways else [set[int]().union(*cuts) for cuts in zip(*filter(None, ways), strict=True)]


def _shapes(ends: Shape) -> Iterator[Callable[[Shape], bool]]:
    """Tests for the shapes that all tables may have, given the columns at both ends.

    Figures on one side of the names may vary in number; with figures on both sides, those of one side have the same
    titles in every table.
    """
    before, behind = ends
    if before and behind:
        yield lambda shape: shape[0] == before and len(shape[1]) == len(behind)
        yield lambda shape: shape[1] == behind and len(shape[0]) == len(before)
    else:
        yield lambda shape: list(map(bool, shape)) == list(map(bool, ends))


def _ends(before: Run, behind: Run) -> dict[int, Shape]:
    """How far a table may reach after its names, and its shape for each such end."""
    if any(first.clashes(second) for first, second in combinations(before, 2)):
        return {}
    ends: dict[int, Shape] = {}
    for end in range(len(behind) + 1):
        taken = behind[:end]
        if end and any(taken[-1].clashes(item) for item in (*before, *taken[:-1])):
            break
        splits_group = 0 < end < len(behind) and behind[end - 1].group and behind[end - 1].group == behind[end].group
        if not splits_group and any(shape := _shape(before, taken)):
            ends[end] = shape
    return ends


def _shape(before: Run, behind: Run) -> Shape:
    titles = [tuple(item.title for item in run if item.kind == "figures") for run in (before, behind)]
    return titles[0], titles[1]


def _paths(
    runs: Sequence[Run], steps: Sequence[Sequence[dict[int, Shape]]], fits: Callable[[Shape], bool]
) -> list[set[int]] | None:
    """The possible cuts of each run between columns of names, if the shape of every table must fit."""
    fitting = [[{end for end, shape in ends.items() if fits(shape)} for ends in step] for step in steps]
    reachable = [{len(runs[-1])}]
    for step in reversed(fitting):
        reachable.insert(0, {start for start, ends in enumerate(step) if ends & reachable[0]})
    if 0 not in reachable[0]:
        return None
    cuts = [{0}]
    for step, ends_reachable in zip(fitting, reachable[1:], strict=True):
        cuts.append({end for start in cuts[-1] for end in step[start]} & ends_reachable)
    return cuts[1:-1]
