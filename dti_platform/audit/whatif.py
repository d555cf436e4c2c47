"""What if: the answer for a unit in a period, on each basis that is asked for.

Here: which scenarios an answer consists of. Not here: a scenario (``scenario``), reaching a rank (``reach``), words and
lines (``explain.whatif``).
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from dti_platform.audit.contest import Contest, WhatIfError
from dti_platform.audit.printed import Printed, Published, printed
from dti_platform.audit.reach import Reach, reach
from dti_platform.audit.scenario import Change, Scenario, accepted, resolved, scenario
from dti_platform.glossary import BASES


class Released(NamedTuple):
    """What the release has of a unit at the index, on a basis."""

    score: float | None
    rank: int | None
    peers: int | None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Differing:
    """A score of the index that the framework of today makes otherwise than the release has it."""

    basis: str
    released: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for a unit in a period: a scenario or reach for each basis that was asked for.

    ``evidence``: official, illustrative, or both: ``printed`` is official, what rests on submissions illustrative.
    ``asked``: whether a change or a rank was. ``official``: what was published of the unit, if its rank was.
    """

    evidence: str
    asked: bool
    official: Released | None
    release: str
    period: str
    geography: str
    framework: str
    tie_decimals: int
    unit: str
    unit_name_vi: str
    unit_name_en: str
    scenarios: tuple[Scenario, ...]
    reaches: tuple[Reach, ...]
    printed: Printed | None
    differing: tuple[Differing, ...]

    def to_dict(self) -> Mapping[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def answer(
    release: str,
    bases: Sequence[Contest | Published],
    changes: Sequence[Change] = (),
    rank: int | None = None,
    costs: Mapping[str, Decimal] = MappingProxyType({}),
    only: Collection[str] = (),
    released: Mapping[str, Released] = MappingProxyType({}),
) -> WhatIf:
    """The answer on each basis; without a change or a rank, a comparison of the first basis with the others.

    ``rank``, ``costs``, ``only``: as ``reach`` takes them, after the changes. ``released``: by basis, what the
    release has of the unit.

    Raises:
        WhatIfError: as ``resolved``, ``reach`` and ``printed``; costs or nodes are named where totals alone are known.
    """
    scenarios: list[Scenario] = []
    reaches: list[Reach] = []
    contests = [basis for basis in bases if isinstance(basis, Contest)]
    for contest in contests:
        with _named(contest.basis if len(bases) > 1 else None):
            points = resolved(contest, changes)
            if points or rank is None:
                scenarios.append(scenario(contest, points))
            if rank is not None:
                reaches.append(reach(contest.with_points(points) if points else contest, rank, costs, only))
    if not changes and rank is None:
        scenarios += [scenario(contests[0], accepted(contests[0], other), other.basis) for other in contests[1:]]
    if (costs or only) and len(contests) < len(bases):
        raise WhatIfError("no_costs_printed")
    with _named("published" if len(bases) > 1 else None):
        by_print = next((printed(basis, changes, rank) for basis in bases if isinstance(basis, Published)), None)
    kinds = {contest.evidence for contest in contests} | ({"official"} if by_print else set())
    unit, official = bases[0].unit, released.get("published")
    return WhatIf(
        evidence="both" if len(kinds) > 1 else next(iter(kinds)),
        asked=bool(changes) or rank is not None,
        official=official if official and official.rank is not None else None,
        release=release,
        period=bases[0].period,
        geography=unit.geography,
        framework=bases[0].framework.version,
        tie_decimals=bases[0].framework.settings.tie_decimals,
        unit=unit.id,
        unit_name_vi=unit.name_vi,
        unit_name_en=unit.name_en,
        scenarios=tuple(scenarios),
        reaches=tuple(reaches),
        printed=by_print,
        differing=tuple(_differing(contests, released)),
    )


@contextmanager
def _named(basis: str | None) -> Generator[None]:
    """A refusal names the basis, where there is one to name."""
    try:
        yield
    except WhatIfError as error:
        if basis is None:
            raise
        raise WhatIfError("on_basis", basis=BASES[basis], told=error.told) from error


def _differing(contests: Sequence[Contest], released: Mapping[str, Released]) -> Iterator[Differing]:
    for contest in contests:
        now = contest.place(contest.framework.root.code).score
        if contest.basis in released and released[contest.basis].score != now:
            yield Differing(contest.basis, released[contest.basis].score, now)
