"""Printed figures that bear on points: what each demands, and which of two that contradict one another is kept.

Here: figures. Not here: points that meet them (``agreement``).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

__all__ = ["GRAIN", "Figure", "Unmet", "gather"]

#: The step of constructed points: with steps of 0.01 Hồ Chí Minh City's nine figures of 2022 can't be met.
GRAIN = Decimal("0.005")
#: What a figure may say that bears on points.
MEASURES = ("score", "points", "rank", "top")
#: What is least sure is given up first.
_SURE = ("verbatim", "year_inferred", "paraphrased", "inferred", "computed")


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed figure of one unit (or the mean of all, where the unit is the geography) at one node."""

    unit: str
    node: str
    measure: str
    value: Decimal
    half: Decimal
    """Half a unit of the last printed digit: what rounding may hide."""
    source: str

    def grains(self, maximum: Decimal | None) -> tuple[int, int]:
        """The least and the largest number of grains that print as this figure, the doubtful ends left out."""
        if self.measure == "score" and maximum is None:
            raise ValueError(f"{self.node}: a printed score needs a known maximum; {self.source} prints one")
        scale = Fraction((maximum or 1) if self.measure == "score" else 1) / Fraction(GRAIN)
        low, high = (Fraction(self.value) + sign * Fraction(self.half) for sign in (-1, 1))
        return math.floor(low * scale) + 1, math.ceil(high * scale) - 1


@dataclass(frozen=True, slots=True)
class Unmet:
    """A printed figure that the points don't meet, and why."""

    figure: Figure
    reason: str


def gather(published: pl.DataFrame) -> tuple[list[Figure], list[Unmet]]:
    """The figures to meet, and those that contradict one printed by a better source.

    Verbatim goes before computed, then the source that prints more figures, then the alphabet.
    """
    rows = published.filter(pl.col("basis") == "published").to_dicts()
    prints = Counter(row["source"] for row in rows)
    rows.sort(key=lambda row: (_SURE.index(row["certainty"]), -prints[row["source"]], row["source"]))
    kept: dict[tuple[str, str, str], list[Figure]] = {}
    unmet: list[Unmet] = []
    for figure in map(_figure, rows):
        if figure.measure not in MEASURES:
            unmet.append(Unmet(figure, "says nothing that points could meet"))
            continue
        leading = kept.setdefault((figure.unit, figure.node, figure.measure), [])
        if against := next((other for other in leading if _contradict(figure, other)), None):
            unmet.append(Unmet(figure, f"{against.source} prints {against.value} for the same figure"))
        else:
            leading.append(figure)
    return list(_without_repeats(kept)), unmet


def _figure(row: Mapping[str, Any]) -> Figure:
    value = Decimal(row["raw"]) if row["measure"] in ("score", "points", "rank") else Decimal(int(row["value"]))
    last = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return Figure(row["unit"], row["node"], row["measure"], value, last / 2, row["source"])


def _contradict(one: Figure, other: Figure) -> bool:
    return abs(one.value - other.value) >= one.half + other.half


def _without_repeats(kept: Mapping[tuple[str, str, str], Sequence[Figure]]) -> Iterator[Figure]:
    """Each figure once: the one with most digits says all that the others say."""
    for _, figures in sorted(kept.items()):
        yield min(figures, key=lambda figure: figure.half)
