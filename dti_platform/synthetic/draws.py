"""Random draws for synthetic self-assessments: plausible points, claims and evidence, the same on every machine.

Here: the random figures of one unit. Not here: sheets and files (``synthetic``).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

from dti_platform.feeds.sheet.declaration import STATUSES, Line
from dti_platform.periods import Period

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node

Choice = TypeVar("Choice")
#: Points are multiples of a thousandth; most of them are quarters.
STEP, QUARTER = Decimal("0.001"), 250
#: The number of rows that are verified above the self score (a warning in the answer).
VERIFIED_ABOVE = 5
#: The shares of rows that name no evidence, and that claim more than was verified.
WITHOUT_EVIDENCE, OVERCLAIMED = 0.35, 0.4
#: The offices responsible for a row: kinds of offices, never persons.
OFFICES = {
    "provincial": (
        "Sở Thông tin và Truyền thông", "Văn phòng UBND tỉnh", "Sở Nội vụ", "Sở Tài chính", "Sở Công Thương",
        "Sở Giáo dục và Đào tạo", "Sở Y tế", "Công an tỉnh",
    ),
}  # fmt: skip
ANY_OFFICE = ("Đơn vị chuyên trách chuyển đổi số", "Văn phòng", "Đơn vị chuyên trách an toàn thông tin")
DONE, GOING_ON, LACKING, UNSCORED = STATUSES


def split(total: int, caps: Sequence[int], targets: Sequence[float]) -> list[int]:
    """Steps that add up to ``total``, near the target of each cap, in quarters if possible.

    Raises:
        ValueError: the caps can't hold the total.
    """
    if not 0 <= total <= sum(caps):
        raise ValueError(f"{total} steps don't fit into caps of {sum(caps)}")
    parts = [min(cap, round(target / QUARTER) * QUARTER) for cap, target in zip(caps, targets, strict=True)]
    for index in cycle(range(len(caps))):
        if not (difference := total - sum(parts)):
            break
        parts[index] = max(0, min(caps[index], parts[index] + max(-QUARTER, min(QUARTER, difference))))
    return parts


@dataclass(frozen=True, slots=True)
class Draw:
    """One unit's draws. Only ``Random.random`` is used: it is the same on every machine and version."""

    random: random.Random
    framework: Framework
    year: int

    @classmethod
    def of(cls, seed: int, framework: Framework, period: str, unit: str) -> Draw:
        """The draws of one unit, independent of other units."""
        source = random.Random(f"{seed} {framework.name} {period} {unit}")  # noqa: S311
        return cls(source, framework, Period.parse(period).year)

    def between(self, low: float, high: float) -> float:
        """A number between the bounds, more often near the middle than near the ends."""
        return low + (high - low) * (self.random.random() + self.random.random()) / 2

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        """One of the choices."""
        return choices[int(self.random.random() * len(choices))]

    def chance(self, share: float) -> bool:
        """True with a probability of ``share``."""
        return self.random.random() < share

    def verified_above(self, codes: Sequence[str]) -> set[str]:
        """The rows that are verified above their claim."""
        return set(sorted(codes, key=lambda _: self.random.random())[:VERIFIED_ABOVE])

    def verified(self, fixed: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Points of every scored row: they add up to the fixed points of the row or of its parent."""
        inputs, level = self.framework.inputs, self.between(0.35, 0.85)
        verified = {node.code: fixed[node.code] for node in inputs if node.code in fixed}
        for parent in dict.fromkeys(node.parent for node in inputs):
            nodes = [node for node in inputs if node.parent == parent and node.code not in verified]
            cap = float(sum(_maximum(node) for node in nodes))
            total = Decimal(round(4 * cap * min(1.0, level * self.between(0.7, 1.3)))) / 4
            verified |= self._spread(fixed.get(parent or "", total), nodes)
        return verified

    def _spread(self, total: Decimal, nodes: Sequence[Node]) -> dict[str, Decimal]:
        """Nodes scored by category or steps get one of their grades; the other nodes share the rest."""
        caps = {node.code: int(_maximum(node) / STEP) for node in nodes}
        room, remaining = sum(caps.values()), int(total / STEP)
        share = remaining / room if room else 0.0
        parts: dict[str, int] = {}
        for node in nodes:
            others = room - caps[node.code]
            target = caps[node.code] * share * self.between(0.5, 1.5)
            grades = [points for points in _steps(node) if 0 <= remaining - points <= others]
            if grades and others:
                parts[node.code] = min(grades, key=lambda points, target=target: abs(points - target))
                room, remaining = others, remaining - parts[node.code]
        rest = [code for code in caps if code not in parts]
        targets = [caps[code] * remaining / room * self.between(0.6, 1.4) if room else 0.0 for code in rest]
        parts |= zip(rest, split(remaining, [caps[code] for code in rest], targets), strict=True)
        return {code: points * STEP for code, points in parts.items()}

    def row(self, line: Line, verified: Decimal | None, *, above: bool) -> Line:
        """A row with self score, office, deadline, evidence and status; an unscored row has a count."""
        evidence = "" if self.chance(WITHOUT_EVIDENCE) else self._evidence(line.code)
        row = replace(line, department=self.one_of(OFFICES.get(self.framework.level, ANY_OFFICE)), evidence=evidence)
        if verified is None:
            count = Decimal(int(self.between(0, 12)))
            return replace(row, self_score=count, verified=count, status=UNSCORED)
        claimed = self._claim(line, verified, above=above)
        if verified == line.maximum:
            return replace(row, self_score=claimed, verified=verified, status=DONE)
        status = GOING_ON if evidence and claimed <= verified else LACKING
        deadline = dt.date(self.year + 1, *self.one_of(((3, 31), (6, 30), (9, 30))))
        return replace(row, self_score=claimed, verified=verified, status=status, deadline=deadline)

    def _claim(self, line: Line, verified: Decimal, *, above: bool) -> Decimal:
        """The self score: below what was verified, above it, or the same."""
        if line.maximum is None or not (above or self.chance(OVERCLAIMED)):
            return verified
        points, graded = int(verified / STEP), _steps(self.framework.nodes[line.code])
        steps = graded or range(0, int(line.maximum / STEP) + 1, QUARTER)
        candidates = [step for step in steps if (step < points if above else step > points)]
        nearest = sorted(candidates, key=lambda step: abs(step - points))[: 1 if graded else 6]
        return self.one_of(nearest) * STEP if nearest else verified

    def _evidence(self, code: str) -> str:
        """A fictitious document that is labelled as such, sometimes on two lines."""
        number, day, month = (int(self.random.random() * most) + 1 for most in (400, 28, 3))
        title = f"Số {number}/MH-{code}, ngày {day:02}/{month:02}/{self.year + 1} (giả lập / synthetic)"
        return f"{title}\nPhụ lục minh họa" if self.chance(0.2) else title


def _steps(node: Node) -> list[int]:
    return [int(points / STEP) for points in node.rule.grades(_maximum(node))]


def _maximum(node: Node) -> Decimal:
    """The maximum of a scored input; ``generate`` has checked that it is known."""
    return node.max_points or Decimal(0)
