"""Code lists: what a coded column, an entry of a file or an answer may hold, each value with its name and meaning.

Here: the lists of ``codes.toml``, and codes as a type where code is written against them. Not here: lists that the
reference data and the frameworks make up (``publications.codes``), nor codes of problems (``problems``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from dti_platform.language import Bilingual

FILE = Path(__file__).with_name("codes.toml")

Evidence = Literal["official", "illustrative"]
#: How a source qualifies its number: ``trên 80`` is over 80.
Qualifier = Literal["exact", "over", "about", "under"]
#: Of a problem with a cell or a file, as in Eurostat's structural validation.
ErrorClass = Literal["completeness", "value", "constraint", "consistency"]
#: Of a finding in an answer: an error does not count, a warning does.
FindingSeverity = Literal["error", "warning"]
#: Of a check on a table: ``critical`` blocks the release.
CheckSeverity = Literal["critical", "warning", "info"]
#: Of a period; ``years`` is an interval such as 2021/2025.
Frequency = Literal["years", "year", "half", "quarter", "month", "day"]
#: Of an operational indicator: what its figures are amounts of.
IndicatorKind = Literal["stock", "flow", "cumulative", "unknown"]


class CodeListError(ValueError):
    """``codes.toml`` is not as its head describes: names the list, the code and the fix."""


class Code(NamedTuple):
    """A value of a code list."""

    code: str
    name: Bilingual
    meaning: Bilingual | None = None
    """None where the name says all."""
    multiplier: int | None = None
    """Of a unit of measure: the power of ten of which the values are multiples (billion USD: 9), as SDMX UNIT_MULT."""
    decimals: int | None = None
    """Of a unit of measure: how many decimals are shown, as SDMX DECIMALS; None: as many as the source prints."""
    words: tuple[str, ...] = ()
    """Of a unit of measure: how reports write it, beside its names."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """The values that a coded column may hold, in their order."""

    name: str
    title: Bilingual
    codes: tuple[Code, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The codes alone."""
        return tuple(each.code for each in self.codes)

    @property
    def names(self) -> Mapping[str, Bilingual]:
        """The name of each code."""
        return {each.code: each.name for each in self.codes}


def load(text: str) -> Mapping[str, CodeList]:
    """Reads code lists, by name.

    Raises:
        CodeListError: a text lacks a language or is empty, an entry is not known, or the text is no TOML.
    """
    try:
        lists = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise CodeListError(f"{FILE.name}: not readable as TOML ({broken}); a code stands once in its list") from broken
    return {name: _code_list(name, **entries) for name, entries in lists.items()}


def _code_list(name: str, title: list[str], codes: Mapping[str, Mapping[str, Any]]) -> CodeList:
    return CodeList(name, _texts(title, name), tuple(_code(name, code, **entry) for code, entry in codes.items()))


def _code(of: str, code: str, name: list[str], meaning: list[str], words: Iterable[str] = (), **numbers: int) -> Code:
    where = f"{of}.{code}"
    if unknown := numbers.keys() - {"multiplier", "decimals"}:
        raise CodeListError(f"{FILE.name}: {where} has {', '.join(sorted(unknown))}, which no code has; remove it")
    return Code(code, _texts(name, where), _texts(meaning, where), words=tuple(words), **numbers)


def _texts(texts: list[str], where: str) -> Bilingual:
    if len(texts) != len(Bilingual._fields) or not all(texts):
        raise CodeListError(f"{FILE.name}: {where} has {texts}; write a text as [Vietnamese, English]")
    return Bilingual(*texts)


#: Every list of ``codes.toml`` by name.
LISTS: Mapping[str, CodeList] = load(FILE.read_text(encoding="utf-8"))

#: Lists that the reference data, the frameworks and the feeds make up, each by the name of the columns that hold its
#: codes; released beside those of ``LISTS``.
REFERENCED = ("concept", "feed", "framework", "geography", "peer_group", "indicator", "region", "unit")

BASES = LISTS["basis"].values
#: Bases of figures of public pages: as printed, and as whoever quotes them worked them out.
QUOTED = ("published", "derived")
EVIDENCE = LISTS["evidence"].values
RANK_STATUSES = LISTS["rank_status"].values
OBS_STATUSES = LISTS["obs_status"].values
#: Observation statuses of a row without a figure.
MISSING = ("L", "O")
MEASURES = LISTS["measure"].values
QUALIFIERS = LISTS["qualifier"].values
CERTAINTIES = LISTS["certainty"].values
#: In the order in which sources lead.
SOURCE_CLASSES = LISTS["source_class"].values
#: The unit of measure that a wording of a report means: a code, a name of it, or one of its further words.
UNIT_WORDINGS = {
    wording: each.code for each in LISTS["unit_measure"].codes for wording in (each.code, *each.name, *each.words)
}
#: Units of measure that come in whole numbers.
COUNTED = tuple(each.code for each in LISTS["unit_measure"].codes if each.decimals == 0)
MISSING_RULES = LISTS["missing_rule"].values
#: Whom a framework ranks.
LEVELS = LISTS["level"].values
INDICATOR_KINDS = LISTS["indicator_kind"].values
ERROR_CLASSES = LISTS["error_class"].values
CHECK_SEVERITIES: tuple[CheckSeverity, ...] = ("critical", "warning", "info")
