"""Which rankings may be compared over time, and if not, why not: the one rule for every change that is shown.

Here: the rule. Not here: finding the earlier figures, nor which period came before (``publications``).
"""

from __future__ import annotations

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


def distance(now: Contest, before: Contest) -> int:
    """How near two rankings are: 0 where they compare, else the more, the earlier the reason in ``REASONS``."""
    reason = comparable(now, before)
    return 0 if reason is None else len(REASONS) - REASONS.index(reason)
