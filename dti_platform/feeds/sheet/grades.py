"""The points that an indicator's rule can give, where it gives only some of them.

Here: what a drop-down offers and a made-up figure keeps to. Not here: scoring by a rule (``methodology``).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dti_platform.methodology import Rule

__all__ = ["grades", "possible"]


def grades(rule: Rule, maximum: Decimal) -> list[Decimal]:
    """The points that a rule can give, where it gives only some; none where any will do."""
    if rule.kind == "category":
        shares = list(rule.shares.values())
    elif rule.kind == "steps":
        shares = [Decimal(0), *(share for _, share in rule.steps)]
    elif rule.kind == "criteria":
        shares = [Decimal(0), *accumulate(rule.shares.values())]
    else:
        shares = []
    return sorted({maximum * share for share in shares})


def possible(rule: Rule, maximum: Decimal) -> list[Decimal]:
    """All points that a rule can give, where it gives only some: any criteria may be met, not the first ones alone."""
    return sorted({*grades(rule, maximum), *(maximum * share for share in rule.possible)})
