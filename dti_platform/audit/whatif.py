"""What if: the answer for a unit in a period, on each basis that is asked for.

Here: which scenarios an answer consists of. Not here: a scenario (``scenario``), reaching a rank (``reach``), words and
lines (``explain.whatif``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from types import MappingProxyType

from dti_platform.audit.contest import Contest
from dti_platform.audit.reach import Reach, reach
from dti_platform.audit.scenario import Change, Scenario, accepted, resolved, scenario


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for a unit in a period: one scenario or reach for each basis that was asked for."""

    evidence: str
    release: str
    period: str
    geography: str
    framework: str
    unit: str
    unit_name_vi: str
    unit_name_en: str
    scenarios: tuple[Scenario, ...]
    reaches: tuple[Reach, ...]

    def to_dict(self) -> Mapping[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def answer(
    release: str,
    of: Sequence[Contest],
    changes: Sequence[Change],
    rank: int | None = None,
    costs: Mapping[str, Decimal] = MappingProxyType({}),
    only: Collection[str] = (),
) -> WhatIf:
    """What was asked, on each basis; without a change or a rank, how the bases compare, the first of which leads.

    ``rank``, ``costs``, ``only``: as ``reach`` takes them, after the changes.
    """
    first = of[0]
    scenarios: list[Scenario] = []
    reaches: list[Reach] = []
    for each in of:
        points = resolved(each, changes)
        if points or rank is None:
            scenarios.append(scenario(each, points))
        if rank is not None:
            reaches.append(reach(each.with_points(points) if points else each, rank, costs, only))
    if not changes and rank is None:
        scenarios += [scenario(first, accepted(first, each), each.basis) for each in of[1:]]
    evidence = "illustrative" if any(each.evidence == "illustrative" for each in of) else "official"
    unit = first.unit
    return WhatIf(
        evidence=evidence,
        release=release,
        period=first.period,
        geography=unit.geography,
        framework=first.framework.version,
        unit=unit.id,
        unit_name_vi=unit.name_vi,
        unit_name_en=unit.name_en,
        scenarios=tuple(scenarios),
        reaches=tuple(reaches),
    )
