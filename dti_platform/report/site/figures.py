"""Figures of pages in words: scores as they are printed, differences with their sign."""

from __future__ import annotations

from dti_platform.amounts import amount
from dti_platform.language import Bilingual, format_number

#: Scores are printed with four decimals.
DECIMALS = 4


def score(value: float | None) -> Bilingual:
    """A score with the decimals of its publication; nothing where none is known."""
    return Bilingual("", "") if value is None else format_number(value, DECIMALS)


def signed(gap: float, unit: str | None) -> Bilingual:
    """A difference with its sign and its unit."""
    figure = amount(abs(gap), unit)
    sign = "+" if gap > 0 else "\N{MINUS SIGN}" if gap < 0 else ""
    return Bilingual(sign + figure.vi, sign + figure.en)
