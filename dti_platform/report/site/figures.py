"""Figures on pages as text: scores with their published decimals, differences with their sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform.amounts import amount
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import name_of

if TYPE_CHECKING:
    from dti_platform.tables import Row

#: Scores are published with four decimals.
DECIMALS = 4
PLAN = Bilingual("kế hoạch của {plan}", "plan for {plan}")


def score(value: float | None) -> Bilingual:
    """A score with the decimals of its publication; empty if it is unknown."""
    return Bilingual("", "") if value is None else format_number(value, DECIMALS)


def plan_of(row: Row) -> Bilingual:
    """The period of a plan and that of the figure beside it, if they differ."""
    is_year = str(row["plan_period"]).isdecimal()
    plan = Bilingual("kế hoạch cả năm {plan}", "plan for all of {plan}") if is_year else PLAN
    figure = Bilingual("số liệu của {figure}", "figure of {figure}")
    both = Bilingual(f"{plan.vi}; {figure.vi}", f"{plan.en}; {figure.en}")
    return both.format(plan=name_of(row["plan_period"]), figure=name_of(row.get("reported_period") or row["period"]))


def signed(gap: float, unit: str | None) -> Bilingual:
    """A difference with its sign and its unit."""
    figure = amount(abs(gap), unit)
    if abs(gap) == 1 and figure.en.endswith("points"):
        figure = Bilingual(figure.vi, figure.en.removesuffix("s"))
    sign = "+" if gap > 0 else "\N{MINUS SIGN}" if gap < 0 else ""
    return Bilingual(sign + figure.vi, sign + figure.en)
