"""A table's header as it was found, and headers that were found in two ways made one.

Here: where its columns stand, and which reading of tables side by side holds. Not here: finding headers (``headers``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dti_platform.reading.cells import Cell

__all__ = ["Group", "Header", "joined"]


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that stand under one title of their own, such as a year, and again under the next."""

    title: str
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """Where one table's header stands; rows and columns from 1, ends included."""

    top: int
    bottom: int
    left: int
    right: int
    columns: dict[str, int]
    groups: tuple[Group, ...] = ()
    caption: tuple[str, ...] = ()
    """What stands right above the table, within its columns: row by row, the nearest last."""
    begin: int = 0
    """The first row of the caption, or of the header where there is none."""

    @property
    def places(self) -> list[int]:
        """The columns that bear a declared title."""
        return [*self.columns.values(), *(place for group in self.groups for place in group.columns.values())]

    def beside(self, other: Header) -> bool:
        """Whether no column of the one lies between columns of the other."""
        return max(self.places) < min(other.places) or max(other.places) < min(self.places)

    def bears(self, cell: Cell) -> bool:
        """Whether a cell stands among its titles."""
        return self.begin <= cell.row <= self.bottom and self.left <= cell.column <= self.right


def _apart(one: Header, other: Header) -> bool:
    """Whether the one ends above the other."""
    return one.bottom < other.top or other.bottom < one.top


def joined(within: Sequence[Header], across: Sequence[Header]) -> Iterator[Header]:
    """Tables that end at an empty column, and those that go on beyond it, but never into another table.

    An empty column may also stand within each of some tables side by side: then what was found between two empty ones
    is the end of a table and the beginning of the next, and what was found across them holds.
    """
    left = list(within)
    for top in sorted({each.top for each in across}):
        row = [each for each in across if each.top == top]
        rivals = [each for each in left if not all(_apart(each, wide) for wide in row)]
        if _torn(rivals, row) and _alike(row) and _places(rivals) < _places(row):
            left = [each for each in left if each not in rivals]
            yield from row
        else:
            yield from _wider(left, row)
    yield from left


def _wider(left: list[Header], row: Sequence[Header]) -> Iterator[Header]:
    for wide in row:
        inside = [each for each in left if not _apart(each, wide) and not each.beside(wide)]
        if not inside:
            yield wide
        elif len(inside) == 1 and {*inside[0].places} < {*wide.places}:
            left.remove(inside[0])
            yield wide


def _torn(headers: Sequence[Header], row: Sequence[Header]) -> bool:
    """Whether some header takes columns of two tables of the row."""
    return any(sum(not {*each.places}.isdisjoint(wide.places) for wide in row) > 1 for each in headers)


def _alike(row: Sequence[Header]) -> bool:
    """Whether the columns that all tables have stand in the same order in each."""
    common = set.intersection(*({*each.columns} for each in row))
    orders = {tuple(sorted(common, key=lambda name: each.columns[name])) for each in row}
    return len(orders) == 1


def _places(headers: Sequence[Header]) -> set[int]:
    return {place for each in headers for place in each.places}
