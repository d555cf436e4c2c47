"""Number formats of workbooks: what a person sees of a number, which may be other digits than the cell holds.

Here: sections, per cent signs, rounding. Not here: which formats show a day (``values``), nor what a number means.
"""

from __future__ import annotations

import operator
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from dti_platform.language import Bilingual, format_number
from dti_platform.reading.cells import Cell

#: What is shown as it stands, or leaves room.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_HOLDS = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
#: A number as a section shows it: places behind the point, thousands left out, an exponent.
_PLACES = re.compile(r"(?:[0#?](?:,*[0#?])*(?:\.([0#?]*))?|\.([0#?]+))(,*)(E[+-][0#?]+)?", re.IGNORECASE)
#: Days, times, fractions, words, whatever suits the number itself, and what the workbook doesn't declare: not judged.
_OTHER = re.compile(r"[dmyhsgb/@]|general|^#\d+$", re.IGNORECASE)
#: Every number of a workbook fits.
_WIDE = Context(prec=700)
#: Workbooks hold so many digits of a number; what is beyond them is noise of binary fractions.
_EXACT = Context(prec=15)
_NO_NUMBER = Bilingual("không hiện số", "no number")


@lru_cache(maxsize=1_024)
def is_scaled(form: str) -> bool | None:
    """Whether a number format shows a hundredth of its value; None where its sections differ."""
    sections = [each for each in _sections(form) if re.search("[0#?]", each)]
    signs = {_BRACKETS.sub("", each).count("%") for each in sections} or {0}
    return bool(signs.pop()) if signs in ({0}, {1}) else None


def held_and_shown(cell: Cell) -> tuple[Bilingual, Bilingual] | None:
    """What a typed number is and what its format shows, where that is another number; None where it is the same.

    Not judged: days, fractions, General, unknown formats, and zero, which is often shown as a dash.
    """
    if cell.kind != "number" or not cell.number_format:
        return None
    held = _EXACT.create_decimal(cell.raw)
    section = _BRACKETS.sub("", _section(cell.number_format, held))
    if not held or _OTHER.search(section):
        return None
    signs = section.count("%")
    seen = held.scaleb(2 * signs)
    shown = _shown(section.replace("%", ""), seen)
    if shown == seen:
        return None
    sign = Bilingual.same("{number}" + "%" * signs)
    texts = (_NO_NUMBER if number is None else sign.format(number=format_number(number)) for number in (seen, shown))
    return next(texts), next(texts)


def _sections(form: str) -> list[str]:
    return _LITERAL.sub("", form).split(";")


def _section(form: str, number: Decimal) -> str:
    """The part of a format by which it shows a number: by its conditions, else by the number's sign."""
    sections = _sections(form)
    if any(map(_CONDITION.search, sections)):
        fitting = (each for each in sections if _is_met(each, number))
        return next(fitting, sections[-1])
    at = 1 if number < 0 else 2 if number == 0 else 0
    return sections[at] if at < len(sections) else sections[0]


def _is_met(section: str, number: Decimal) -> bool:
    condition = _CONDITION.search(section)
    return condition is None or bool(_HOLDS[condition[1]](number, Decimal(condition[2])))


def _shown(section: str, number: Decimal) -> Decimal | None:
    """A number rounded as a section says; None where the section shows none."""
    places = _PLACES.search(section)
    if places is None:
        return None
    decimals, thousands = len(places[1] or places[2] or ""), 3 * len(places[3])
    last = number.adjusted() - decimals if places[4] else thousands - decimals
    return number.quantize(Decimal((0, (1,), last)), ROUND_HALF_UP, _WIDE).scaleb(-thousands, _WIDE)
