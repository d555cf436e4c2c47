"""Figures as people write them: a number with its wording, the total that it is a part of, and its unit of measure.

Here: the one form of such a figure, in both languages. Not here: numbers alone (``language.format_number``), nor the
machine's form, which JSON, CSV and Parquet keep: value, qualifier, denominator and unit apart.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from dti_platform.glossary import QUALIFIERS, UNIT_MEASURES
from dti_platform.language import Bilingual, format_number

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Units that no word stands for: what is counted or compared is named beside the figure.
UNNAMED = frozenset({"ratio", "rank", "count"})
PERCENT = Bilingual(" %", "%")
UNKNOWN = Bilingual.same("·")


def amount(
    value: Decimal | float | None,
    unit_measure: str | None,
    qualifier: str | None = "exact",
    denominator: Decimal | float | None = None,
) -> Bilingual:
    """A figure with thousands grouped and all its digits; a dot where it is missing or has no unit.

    Without its unit it reads back to the same value and qualifier (``reading.numbers``).

    Args:
        value: in the unit, such as 10 of billion USD.
        unit_measure: a code of the list ``unit_measure``; what is none stands as it is.
        qualifier: a code of the list ``qualifier``; None: exact.
        denominator: the total that the figure is a part of.

    >>> amount(450_000, "computers", "over")
    Bilingual(vi='hơn 450.000 máy tính', en='over 450,000 computers')
    >>> amount(70.91, "percent")
    Bilingual(vi='70,91 %', en='70.91%')
    >>> amount(477, "villages", denominator=832)
    Bilingual(vi='477/832 thôn, bản', en='477 of 832 villages')
    """
    if value is None or unit_measure is None:
        return UNKNOWN
    whole = Bilingual("", "") if denominator is None else _of(denominator)
    parts = zip(
        QUALIFIERS[qualifier or "exact"], format_number(value, grouped=True), whole, _unit(unit_measure), strict=True
    )
    return Bilingual(*map("".join, parts))


def amount_of(row: Mapping[str, object], suffix: str = "") -> Bilingual:
    """The figure of a row that has the columns of ``observations``: its value, unit, qualifier and denominator."""
    names = ("value", "unit_measure", "qualifier", "denominator")
    return amount(*(row[f"{name}{suffix}"] for name in names))  # pyright: ignore[reportArgumentType]


def _of(denominator: Decimal | float) -> Bilingual:
    return Bilingual("/{total}", " of {total}").format(total=format_number(denominator, grouped=True))


def _unit(code: str) -> Bilingual:
    if code == "percent":
        return PERCENT
    name = Bilingual("", "") if code in UNNAMED else UNIT_MEASURES.get(code, Bilingual.same(code))
    return Bilingual(*(f" {text}" if text else "" for text in name))
