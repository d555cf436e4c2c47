"""In which ways columns of names and of figures that stand side by side can be cut into tables.

Here: the cuts, and whose each column then is. Not here: which columns hold names or figures (``pairing``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise, product
from typing import Literal, NamedTuple


class Item(NamedTuple):
    """A column that holds no names: its title, by its declared name if it has one, and its group in a table."""

    column: int
    title: str | None
    group: str | None
    kind: Literal["figures", "serial", "text"]

    def clashes(self, other: Item) -> bool:
        """Whether no table can have both; a column without a table has no group."""
        same_group = self.group == other.group or None in {self.group, other.group}
        return self.title == other.title is not None and same_group


Run = Sequence[Item]
#: The titles of a table's figures before its names and behind them.
Shape = tuple[tuple[str | None, ...], tuple[str | None, ...]]


def owners(names: Sequence[int], distinct: Sequence[int], items: Run) -> dict[int, set[int]]:
    """For each column the columns of names to which it may belong.

    ``distinct`` are those that do not only repeat the names of another one. In each table some figures stand beside one
    column of names, and no title twice; running numbers are figures where there are no others.
    """
    counted = [item._replace(kind="figures") if item.kind == "serial" else item for item in items]
    for tried, own in product((names, distinct), (items, counted)):
        runs = _runs(tried, own)
        if (cuts := _cuts(runs)) is not None:
            return _owners(tried, runs, cuts)
    runs = _runs(distinct, items)
    return _owners(distinct, runs, [{0, len(run)} for run in runs[1:-1]])


def _runs(names: Sequence[int], items: Run) -> list[Run]:
    """The columns before the first column of names, between each two, and behind the last."""
    ends = [(0, names[0]), *pairwise(names), (names[-1], max((item.column for item in items), default=0) + 1)]
    return [[item for item in items if left < item.column < right] for left, right in ends]


def _owners(names: Sequence[int], runs: Sequence[Run], cuts: Sequence[set[int]]) -> dict[int, set[int]]:
    own = {item.column: {names[end]} for end in (0, -1) for item in runs[end]}
    for run, pair, ends in zip(runs[1:-1], pairwise(names), cuts, strict=True):
        own |= {item.column: {pair[at >= end] for end in ends} for at, item in enumerate(run)}
    return own


def _cuts(runs: Sequence[Run]) -> list[set[int]] | None:
    """How many columns of each run between two columns of names may belong to the left ones; None: there is no way.

    Tables side by side are of one shape wherever they can be.
    """
    steps = [[_ends(before[start:], behind) for start in range(len(before) + 1)] for before, behind in pairwise(runs)]
    ways = [cuts for fits in _shapes(_shape(runs[0], runs[-1])) if (cuts := _paths(runs, steps, fits)) is not None]
    ways = ways or [_paths(runs, steps, lambda _: True)]
    return None if None in ways else [set[int]().union(*cuts) for cuts in zip(*filter(None, ways), strict=True)]


def _shapes(ends: Shape) -> Iterator[Callable[[Shape], bool]]:
    """Shapes that all tables may have, by what stands at both ends of them.

    Figures on one side of the names may be more or fewer; of figures on both sides those of one have the same titles.
    """
    before, behind = ends
    if before and behind:
        yield lambda shape: shape[0] == before and len(shape[1]) == len(behind)
        yield lambda shape: shape[1] == behind and len(shape[0]) == len(before)
    else:
        yield lambda shape: list(map(bool, shape)) == list(map(bool, ends))


def _ends(before: Run, behind: Run) -> dict[int, Shape]:
    """How far a table may reach behind its names, and which shape it then has."""
    if any(one.clashes(other) for one, other in combinations(before, 2)):
        return {}
    ends: dict[int, Shape] = {}
    for end in range(len(behind) + 1):
        own = behind[:end]
        if end and any(own[-1].clashes(item) for item in (*before, *own[:-1])):
            break
        torn = 0 < end < len(behind) and behind[end - 1].group and behind[end - 1].group == behind[end].group
        if not torn and any(shape := _shape(before, own)):
            ends[end] = shape
    return ends


def _shape(before: Run, behind: Run) -> Shape:
    titles = [tuple(item.title for item in run if item.kind == "figures") for run in (before, behind)]
    return titles[0], titles[1]


def _paths(
    runs: Sequence[Run], steps: Sequence[Sequence[dict[int, Shape]]], fits: Callable[[Shape], bool]
) -> list[set[int]] | None:
    """By run between columns of names the cuts of all ways in which the shape of every table fits."""
    fitting = [[{end for end, shape in ends.items() if fits(shape)} for ends in step] for step in steps]
    alive = [{len(runs[-1])}]
    for step in reversed(fitting):
        alive.insert(0, {start for start, ends in enumerate(step) if ends & alive[0]})
    if 0 not in alive[0]:
        return None
    cuts = [{0}]
    for step, living in zip(fitting, alive[1:], strict=True):
        cuts.append({end for start in cuts[-1] for end in step[start]} & living)
    return cuts[1:-1]
