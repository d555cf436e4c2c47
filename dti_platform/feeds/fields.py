"""What a cell means to a feed: a unit, a node, a number, a period, an allowed word; or why it is held back.

Here: the questions that every feed asks of a cell. Not here: which question is asked of which column
(each feed), nor the words of the answer (``problems``). Every function raises ``Held``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from dti_platform.feeds.documents import read_document
from dti_platform.feeds.feed import Known
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import Period
from dti_platform.reading import Cell, Convention, Doubt, Number, normalise, parse
from dti_platform.reading.number_formats import is_scaled
from dti_platform.units import Match

if TYPE_CHECKING:
    from dti_platform.methodology import Framework

Meaning = TypeVar("Meaning")

#: What stands in a unit's place for a figure of the whole geography.
AGGREGATES = ("(mean)", "(whole)")
_MISMATCH = {"mixed_script": "mixed_script", "other_geography": "unit_of_another_time"}
#: An address and, in brackets, which copy of the page was read.
_ADDRESS = re.compile(r"https?://\S+( \([^()]+\))?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DAY = re.compile(r"^(\d\d)/(\d\d)/(\d{4})$")


class Held(Exception):
    """A cell that can't be taken; its row is held back with it."""

    def __init__(self, cell: Cell, reason: str, **details: object) -> None:
        """``reason`` is a code of the catalogue of problems; ``details`` fill its texts."""
        super().__init__(f"{cell.locator}: {reason}")
        self.cell, self.reason, self.details = cell, reason, details


def text(cell: Cell) -> str:
    """The normalised text of a cell that must hold something; a typed number with a decimal point."""
    if cell.blank:
        raise Held(cell, "missing_value")
    if cell.kind == "error":
        raise Held(cell, _error_of(cell))
    return normalise(prose(cell, "."))


def source(cell: Cell) -> str:
    """Where a figure is printed: the address of a page, or a document that is named by its number."""
    written = text(cell)
    named = read_document(written).number and not _SCHEME.match(written)
    if not written.isprintable() or not (named or _ADDRESS.fullmatch(written)):
        raise Held(cell, "unknown_source")
    return written


def _error_of(cell: Cell) -> str:
    """Why a cell holds an error: a formula without a result, or the error that is its result."""
    return "formula_not_calculated" if cell.raw.startswith("=") else "formula_error"


def prose(cell: Cell, mark: str) -> str:
    """A cell of free text, the same for every format: text as received, and what is typed as a person writes it.

    ``mark`` is the sheet's decimal mark. A day is dd/mm/yyyy, as in delimited text and JSON; lines end in one way.
    """
    if isinstance(cell.value, dt.date):
        timed = isinstance(cell.value, dt.datetime) and cell.value.time() != dt.time()
        return f"{cell.value:%d/%m/%Y %H:%M}" if timed else f"{cell.value:%d/%m/%Y}"
    if cell.kind == "number":
        return format_number(Decimal(cell.raw)).en.replace(".", mark)
    return cell.raw.replace("\r\n", "\n").replace("\r", "\n")


def code(cell: Cell) -> str:
    """A code as text; a whole number reads the same, a fraction doesn't (4.1 may have been 4.10)."""
    written = text(cell)
    if cell.kind != "text" and not (cell.kind == "number" and written.isdecimal()):
        raise Held(cell, "code_as_number")
    return written


def word(cell: Cell, allowed: Mapping[str, Meaning]) -> Meaning:
    """What one of the allowed words means."""
    written = text(cell)
    if written not in allowed:
        raise Held(cell, "unknown_word", allowed=", ".join(allowed))
    return allowed[written]


def number(cell: Cell, convention: Convention) -> Number:
    """An exact number with its qualifier, under the column's convention."""
    if cell.kind == "error":
        raise Held(cell, _error_of(cell) if cell.raw[:1] in "=#" else "not_a_number")  # 1e309 is no number
    read = parse(cell, convention)
    if isinstance(read, Doubt):
        raise Held(cell, read.reason, range=bounds(convention), seen=_as_percentage(cell))
    return read


def _as_percentage(cell: Cell) -> Bilingual:
    """A number as a cell shows it that is formatted as a percentage; empty for any other cell."""
    scaled = is_scaled(cell.number_format or "") if cell.kind == "number" else None
    return Bilingual.same("") if scaled is None else format_number(Decimal(cell.raw) * (100 if scaled else 1))


def exact(cell: Cell, convention: Convention) -> Decimal:
    """A number that nothing qualifies, as a score, a rank or a maximum must be."""
    return unqualified(cell, number(cell, convention))


def unqualified(cell: Cell, read: Number) -> Decimal:
    """A number that was read from a cell, if nothing qualifies it."""
    if read.qualifier != "exact":
        raise Held(cell, "not_exact")
    return read.value


def is_figure(cell: Cell) -> bool:
    """Whether a cell that nothing declares holds a number, however written; a date or a sentence is not one."""
    read = parse(cell, Convention(percent=True))
    return isinstance(read, Number) or read.reason in ("ambiguous_number", "percent_cell")


def bounds(convention: Convention) -> Bilingual:
    """The range of a column."""
    return interval(convention.minimum, convention.maximum)


def interval(low: Decimal | float | None, high: Decimal | float | None) -> Bilingual:
    """The values from one bound to another, in words; None: without bound."""
    if low is None:
        return Bilingual("mọi số", "any number") if high is None else _bounded("không quá {one}", "at most {one}", high)
    if high is None:
        return _bounded("từ {one} trở lên", "{one} or more", low)
    return Bilingual("từ {low} đến {high}", "{low} to {high}").format(low=format_number(low), high=format_number(high))


def _bounded(vi: str, en: str, bound: Decimal | float) -> Bilingual:
    return Bilingual(vi, en).format(one=format_number(bound))


def unit(cell: Cell, geography: str, known: Known, bare: str | None = None) -> str:
    """The id of the unit that a name means in a geography, or the geography's own id for an aggregate.

    ``bare`` is the cell's text without the marks around the name.
    """
    name = text(cell)
    name = name if bare is None else bare
    if name in AGGREGATES:
        return geography
    match = known.units.find(name, geography)
    if match.unit_id is None:
        reason, suggestions = unmatched([match])
        raise Held(cell, reason, suggestions=suggestions)
    return match.unit_id


def unmatched(matches: Sequence[Match]) -> tuple[str, Bilingual]:
    """Why a name means no unit in any of some geographies (a code of the catalogue), and the names close to it."""
    seen = {match.reason for match in matches}
    reason = next((code for mismatch, code in _MISMATCH.items() if mismatch in seen), "unknown_unit")
    near = ", ".join(dict.fromkeys(name for match in matches for name in match.suggestions))
    return reason, Bilingual(f"; gần giống: {near}", f"; close to it: {near}") if near else Bilingual.same("")


def indicator(cell: Cell, level: str, known: Known) -> str:
    """The code of an operational indicator that reports of a level (``national``, ``provincial``) give."""
    code = text(cell)
    declared = known.units.indicators.get(code)
    if declared is None or declared.level not in (level, "both"):
        raise Held(cell, "unknown_indicator")
    return code


def framework_of(cell: Cell, geography: str, known: Known, submitted: str, index: str) -> Framework:
    """The framework of an index in force for a geography in the submission's period; ``cell`` is who asks."""
    framework = known.frameworks.for_period(submitted, geography, index)
    if framework is None:
        raise Held(cell, "no_framework", period=submitted, geography=geography)
    return framework


def period(cell: Cell, submitted: str) -> str:
    """A period that ends in the same year as the submission's; a day may be dd/mm/yyyy."""
    stated = any_period(cell)
    if Period.parse(stated).year != Period.parse(submitted).year:
        raise Held(cell, "wrong_period", period=submitted)
    return stated


def any_period(cell: Cell) -> str:
    """A period of any year; a day may be dd/mm/yyyy."""
    written = _DAY.sub(r"\3-\2-\1", text(cell))
    stated = Period.find(written)
    if stated is None:
        raise Held(cell, "unknown_period")
    return stated.text


def words(names: Collection[str]) -> dict[str, str]:
    """Words that mean themselves, for ``word``."""
    return {name: name for name in names}
