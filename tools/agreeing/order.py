"""Who stands before whom at one node, so that printed ranks, lists and scores can all hold.

Here: settling an order, and what it demands of points. Not here: points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tools.agreeing.figures import Figure

__all__ = ["Demand", "Order"]


class Demand(NamedTuple):
    """One unit stands before another at a node, or (not strictly) at least beside it, as a figure says."""

    before: str
    after: str
    strictly: bool
    figure: Figure


@dataclass(frozen=True)
class Order:
    """What is printed of places at one node."""

    units: Sequence[str]
    ranks: dict[str, Figure] = field(default_factory=dict[str, Figure])
    lists: dict[str, Figure] = field(default_factory=dict[str, Figure])
    """Members of a printed list of the first so many; a list of less than it says is not the whole list."""
    scores: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def whole_list(self) -> int:
        """How long the printed list is, where it names all its members, else 0."""
        sizes = {int(figure.value) for figure in self.lists.values()}
        return next((size for size in sizes if size == len(self.lists)), 0)

    def settle(self, values: Mapping[str, float]) -> list[str]:
        """All units, the first first: as printed where it is printed, else by their values."""
        natural = {unit: at for at, unit in enumerate(sorted(self.units, key=lambda unit: (-values[unit], unit)))}
        slots = self._printed_slots()
        free = [slot for slot in range(len(self.units)) if slot not in slots.values()]
        rest = [unit for unit in self.units if unit not in slots]
        for unit in sorted(rest, key=lambda unit: (unit not in self.scores, unit not in self.lists, natural[unit])):
            fitting = self._fitting(unit, slots, free)
            bound = unit in self.scores or unit in self.lists
            slots[unit] = min(fitting, key=lambda slot: abs(slot - natural[unit])) if bound else fitting[0]
            free.remove(slots[unit])
        return sorted(self.units, key=slots.__getitem__)

    def _printed_slots(self) -> dict[str, int]:
        """Units of one rank stand on the slots from that rank on."""
        slots: dict[str, int] = {}
        for unit, figure in sorted(self.ranks.items(), key=lambda item: (item[1].value, item[0])):
            slots[unit] = int(figure.value) - 1 + sum(self.ranks[other].value == figure.value for other in slots)
        return slots

    def _fitting(self, unit: str, slots: Mapping[str, int], free: Sequence[int]) -> Sequence[int]:
        """The free slots that a unit's printed score and list allow; all of them where none does."""
        first, last = 0, len(self.units) - 1
        if (score := self.scores.get(unit)) is not None:
            scored = [(self.scores[other], slot) for other, slot in slots.items() if other in self.scores]
            first = max((slot + 1 for other, slot in scored if other > score), default=first)
            last = min((slot - 1 for other, slot in scored if other < score), default=last)
        if unit in self.lists:
            last = min(last, int(self.lists[unit].value) - 1)
        else:
            first = max(first, self.whole_list)
        return [slot for slot in free if first <= slot <= last] or free

    def demands(self, order: Sequence[str]) -> Iterator[Demand]:
        """What the printed ranks and lists ask of units that stand in this order."""
        yield from self._of_ranks(order)
        for unit, figure in self.lists.items():
            for other in order[int(figure.value) :]:
                if other not in self.lists:
                    yield Demand(unit, other, bool(self.whole_list), figure)

    def _of_ranks(self, order: Sequence[str]) -> Iterator[Demand]:
        """A rank of r: r - 1 units stand strictly before it, all others at most beside it."""
        ranked = [(at, unit, self.ranks[unit]) for at, unit in enumerate(order) if unit in self.ranks]
        for (_, one, its), (_, other, others) in pairwise(ranked):
            if its.value == others.value:
                yield Demand(other, one, strictly=False, figure=others)
            yield Demand(one, other, its.value != others.value, others)
        for at, unit in enumerate(order):
            if unit in self.ranks:
                continue
            if ahead := [entry for entry in ranked if entry[0] < at]:
                yield Demand(ahead[-1][1], unit, strictly=False, figure=ahead[-1][2])
            if behind := [entry for entry in ranked if entry[0] > at]:
                yield Demand(unit, behind[0][1], strictly=True, figure=behind[0][2])
