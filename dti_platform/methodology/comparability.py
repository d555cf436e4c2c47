"""Which rankings may be compared over time, and if not, why not: the one rule for every change that is shown.

Here: the rule. Not here: finding the earlier figures, nor which period came before (``publications``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Why two rankings are not comparable, in the order in which it is asked.
REASONS = ("other_level", "other_geography", "other_framework_family", "other_basis")


class Contest(NamedTuple):
    """What a rank or score is one of: the units of a geography at a level, by a family of frameworks, on a basis."""

    level: str
    geography: str
    family: str
    basis: str


def comparable(now: Contest, before: Contest) -> str | None:
    """None where a change between the two means something; else the first reason why it does not."""
    pairs = zip(REASONS, now, before, strict=True)
    return next((reason for reason, one, other in pairs if one != other), None)


def nearest(now: Contest, known: Iterable[Contest]) -> str | None:
    """None where one of the known contests is comparable; else what separates ``now`` from the nearest of them.

    Raises:
        ValueError: none is known.
    """
    reasons = [comparable(now, before) for before in known]
    return None if None in reasons else max((reason for reason in reasons if reason), key=REASONS.index)
