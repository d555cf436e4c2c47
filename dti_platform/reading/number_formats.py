"""Number formats of workbooks: the number that a cell displays, which may differ from the number that it holds.

Here: sections, per cent signs, rounding. Not here: which formats show a date (``values``), and what a number means.
"""

from __future__ import annotations

import operator
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from dti_platform.language import Bilingual, format_number
from dti_platform.reading.cells import Cell

#: Literal text and padding.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_COMPARISONS = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
#: The number placeholder of a section: decimal places, commas that divide by a thousand, an exponent.
_PLACES = re.compile(r"(?:[0#?](?:,*[0#?])*(?:\.([0#?]*))?|\.([0#?]+))(,*)(E[+-][0#?]+)?", re.IGNORECASE)
#: Not compared: dates, times, fractions, text, General, and formats that the workbook does not declare.
_NOT_JUDGED = re.compile(r"[dmyhsgb/@]|general|^#\d+$", re.IGNORECASE)
#: Precise enough for every number of a workbook.
_WIDE = Context(prec=700)
#: Workbooks hold 15 significant digits; more are noise of binary fractions.
_EXACT = Context(prec=15)
_NO_NUMBER = Bilingual("không hiện số", "no number")


@lru_cache(maxsize=1_024)
def is_scaled(number_format: str) -> bool | None:
    """Whether a number format displays its value as a per cent; None: its sections differ."""
    sections = [section for section in _sections(number_format) if re.search("[0#?]", section)]
    percent_counts = {_BRACKETS.sub("", section).count("%") for section in sections} or {0}
    return bool(percent_counts.pop()) if percent_counts in ({0}, {1}) else None


def held_and_shown(cell: Cell) -> tuple[Bilingual, Bilingual] | None:
    """The number that a cell holds and the number that its format displays, if they differ; else None.

    Not compared: dates, fractions, General, unknown formats, and zero, which is often displayed as a dash.
    """
    if cell.kind != "number" or not cell.number_format:
        return None
    value = _EXACT.create_decimal(cell.raw)
    section = _BRACKETS.sub("", _section(cell.number_format, value))
    if not value or _NOT_JUDGED.search(section):
        return None
    percents = section.count("%")
    scaled = value.scaleb(2 * percents)
    shown = _round(section.replace("%", ""), scaled)
    if shown == scaled:
        return None
    template = Bilingual.same("{number}" + "%" * percents)
    held = template.format(number=format_number(scaled))
    return held, _NO_NUMBER if shown is None else template.format(number=format_number(shown))


def _sections(number_format: str) -> list[str]:
    return _LITERAL.sub("", number_format).split(";")


def _section(number_format: str, number: Decimal) -> str:
    """The section of a format that applies to a number: by the conditions of sections, else by the number's sign."""
    sections = _sections(number_format)
    if any(map(_CONDITION.search, sections)):
        matching = (section for section in sections if _is_met(section, number))
        return next(matching, sections[-1])
    index = 1 if number < 0 else 2 if number == 0 else 0
    return sections[index] if index < len(sections) else sections[0]


def _is_met(section: str, number: Decimal) -> bool:
    condition = _CONDITION.search(section)
    return condition is None or bool(_COMPARISONS[condition[1]](number, Decimal(condition[2])))


def _round(section: str, number: Decimal) -> Decimal | None:
    """The number that a section displays; None: it displays no number."""
    places = _PLACES.search(section)
    if places is None:
        return None
    decimals, thousands = len(places[1] or places[2] or ""), 3 * len(places[3])
    exponent = number.adjusted() - decimals if places[4] else thousands - decimals
    return number.quantize(Decimal((0, (1,), exponent)), ROUND_HALF_UP, _WIDE).scaleb(-thousands, _WIDE)
