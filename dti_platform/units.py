"""Provinces, ministries and the sets they form: names, validity, geographies, the 63 -> 34 crosswalk.

Here: who a unit is, what it was called when, what became of it, and which name means it within one
geography. Not here: what a unit scored, how a source marks its names (that is a feed's business),
or the contracts of ``data/reference`` (``reference_tables``).

A code alone and a name alone are both ambiguous across the merger of 2025: every id carries its
geography (``VN63-19``, ``VN34-19``), and every name is looked up within one.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dti_platform import sessions
from dti_platform.language import Bilingual
from dti_platform.reference_tables.files import ReferenceDataError, Row, Rows, default_folder, read
from dti_platform.sessions import Session

if TYPE_CHECKING:
    from dti_platform.codes import IndicatorKind

#: What may stand before the name of a province: the authority and the kind of unit, as folded words.
PREFIXES = (
    ("uy", "ban", "nhan", "dan"), ("ubnd",), ("thanh", "pho"), ("tinh",), ("tp",), ("t", "p"),
)  # fmt: skip
#: What may stand after an English name.
SUFFIXES = (("city",), ("province",))
#: A folded text that is longer is no misspelt name: nothing is suggested for it.
LONGEST_NAME = 100
#: What follows in a longer text is not looked at.
LONGEST_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, a ministry, the country, or a whole geography (kind ``aggregate``), in one span of its life."""

    id: str
    geography: str
    level: str
    kind: str
    name_vi: str
    name_en: str
    full_name_vi: str
    region: str | None = None
    region_vi: str | None = None
    region_en: str | None = None
    gso_code: str | None = None
    iso_3166_2: str | None = None
    electronic_code: str | None = None
    abbreviation: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def stands_on(self, day: date) -> bool:
        """Whether this form of the unit was in force on the day (a bound that is not known is open)."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Indicator:
    """An operational indicator that reports give figures of; it is no node of a framework."""

    code: str
    name_vi: str
    name_en: str
    unit_measure: str
    kind: IndicatorKind
    level: str
    """Whose reports give it: ``national``, ``provincial`` or ``both``."""
    index_result: bool
    """Whether it repeats a published result of the index."""
    definition: Bilingual | None
    producer: Bilingual | None
    population: Bilingual | None
    """The whole of which it is a part."""
    reference: Bilingual | None
    """The day or span that a figure refers to. Like the three before it None where no source says it."""
    note: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """What a name means within one geography; ``unit_id`` is None unless it means exactly one unit.

    ``reason`` is ``id``, ``name`` or ``alias`` when found; else ``blank``, ``mixed_script``, ``not_accepted``
    (a spelling known to be wrong), ``other_geography`` (a name of another time: the suggestions are what became
    of it, or what it was made of) or ``unknown``. ``suggestions`` are Vietnamese names for a person to choose from.
    """

    unit_id: str | None
    suggestions: tuple[str, ...] = ()
    reason: str = "name"


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """The key by which spellings of one name meet: no case, marks, Đ, spaces, punctuation, kind of unit.

    Insensitive to NFC/NFD, to where a tone mark stands (Hoà, Hòa) and to invisible characters. Letters of other
    scripts are kept, so a Cyrillic і never meets a Latin i. A prefix or suffix is never the whole name.
    """
    visible = "".join(" " if char.isspace() else char for char in text if unicodedata.category(char) != "Cf")
    plain = _without_marks(_without_marks(visible).casefold()).translate({ord("đ"): "d", ord("ð"): "d"})
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return "".join(_bare(words))


def _without_marks(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _bare(words: list[str]) -> list[str]:
    for affix in PREFIXES:
        if len(words) > len(affix) and tuple(words[: len(affix)]) == affix:
            return _bare(words[len(affix) :])
    for affix in SUFFIXES:
        if len(words) > len(affix) and tuple(words[-len(affix) :]) == affix:
            return _bare(words[: -len(affix)])
    return words


def _mixes_scripts(text: str) -> bool:
    latin = {unicodedata.name(char, "").startswith("LATIN") for char in text if char.isalpha()}
    return len(latin) > 1


@lru_cache(maxsize=4_096)
def _closest(key: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(key, keys, n=5, cutoff=0.6)) if len(key) <= LONGEST_NAME else ()


@dataclass(frozen=True)
class Units:
    """All units, and pure look-ups over them; made by ``load``."""

    #: Every unit by id, aggregates included; of a unit that changed its name or kind, the first form.
    all: Mapping[str, Unit]
    #: The ids of each whole geography, in the order of the official list.
    geographies: Mapping[str, tuple[str, ...]]
    spans: Mapping[str, tuple[Unit, ...]]
    successors: Mapping[str, str]
    groups: Mapping[tuple[str, int], str]
    names: Mapping[str, Mapping[str, Match]]
    #: Operational indicators by code, for their names.
    indicators: Mapping[str, Indicator]
    #: Sessions at which figures were reported, in the order of their file.
    sessions: tuple[Session, ...] = ()
    #: The class of a source by domain.
    domains: Mapping[str, str] = field(default_factory=dict[str, str])

    def members(self, geography: str, on: date | None = None) -> tuple[Unit, ...]:
        """The units of a geography; with a day, as they stood on it (none if it was not in force)."""
        ids = self.geographies[geography]
        if on is None:
            return tuple(self.all[unit] for unit in ids)
        return tuple(span for unit in ids for span in self.spans[unit] if span.stands_on(on))

    def find(self, name: str, geography: str) -> Match:
        """The unit that a name means in a geography, by folding and declared aliases only; never by likeness."""
        known = self.names[geography]
        text = name[:LONGEST_TEXT].strip()
        if text in self.spans and self.all[text].geography == geography:
            return Match(text, (), "id")
        if _mixes_scripts(text):
            return Match(None, self._like(fold(text), geography), "mixed_script")
        key = fold(text)
        if not key:
            return Match(None, (), "blank")
        return known.get(key) or self._elsewhere(key, geography) or Match(None, self._like(key, geography), "unknown")

    def successor(self, unit_id: str) -> str | None:
        """The one unit that took over the whole, or the main part, of this one; None if it still stands."""
        return self.successors.get(unit_id)

    def predecessors(self, unit_id: str) -> tuple[str, ...]:
        """The units whose (main) successor this one is, in the order of their list."""
        return tuple(old for old, new in self.successors.items() if new == unit_id)

    def region_of(self, unit_id: str) -> str | None:
        """The code of a province's region; None for any other unit."""
        return self.all[unit_id].region

    def group_of(self, unit_id: str, year: int) -> str | None:
        """The ranked group of a ministry in the DTI of a year; None where that is not public."""
        return self.groups.get((unit_id, year))

    def _elsewhere(self, key: str, geography: str) -> Match | None:
        """A name of another geography of the same level, with what became of it, or what it was made of."""
        for other, known in self.names.items():
            if other == geography or self.all[other].level != self.all[geography].level:
                continue
            unit = known[key].unit_id if key in known else None
            if unit is not None:
                return Match(None, self._kin(unit, geography), "other_geography")
        return None

    def _kin(self, unit: str, geography: str) -> tuple[str, ...]:
        kin = [unit]
        while (after := self.successors.get(kin[-1])) is not None:
            kin.append(after)
        family = (*kin[1:], *self.predecessors(unit))
        return tuple(self.all[one].name_vi for one in family if self.all[one].geography == geography)

    def _like(self, key: str, geography: str) -> tuple[str, ...]:
        known = self.names[geography]
        nearest = [known[near].unit_id for near in _closest(key, tuple(known))]
        return tuple(dict.fromkeys(self.all[unit].name_vi for unit in nearest if unit is not None))[:3]


def load(folder: Path | None = None, *, check: bool = True) -> Units:
    """The units of ``data/reference`` (by default the packaged one).

    With ``check`` every file is first held to its contract and to the rules between files, at the price of
    importing Pandera; without it the files are trusted.

    Raises:
        ReferenceDataError: a file is missing, or breaks a rule: the message names file, row and fix.
    """
    folder = folder or default_folder()
    rows = read(folder)
    if check:
        from dti_platform.reference_tables import rules  # imports Pandera

        rules.check(folder, rows)
    return _units(rows)


def _units(rows: Rows) -> Units:
    spans: dict[str, tuple[Unit, ...]] = {}
    for unit in _spans(rows):
        spans[unit.id] = (*spans.get(unit.id, ()), unit)
    units = {unit: forms[0] for unit, forms in spans.items()}
    complete = [_text(row, "geography") for row in rows["geographies"] if row["complete"] == "yes"]
    main = [*rows["province_crosswalk"], *(row for row in rows["ministry_crosswalk"] if row["main"] == "yes")]
    return Units(
        all=units,
        geographies={each: _ids(units, each) for each in complete},
        spans=spans,
        successors={_text(row, "unit"): _text(row, "successor") for row in main},
        groups={(_text(row, "unit"), int(_text(row, "year"))): _text(row, "group") for row in rows["ministry_groups"]},
        names=_names(spans, rows["aliases"]),
        indicators={_text(row, "code"): _indicator(row) for row in rows["indicators"]},
        sessions=sessions.read(rows["sessions"], rows["session_figures"]),
        domains={_text(row, "domain"): _text(row, "source_class") for row in rows["source_classes"]},
    )


def _ids(units: Mapping[str, Unit], geography: str) -> tuple[str, ...]:
    return tuple(unit.id for unit in units.values() if unit.geography == geography and unit.kind != "aggregate")


def _spans(rows: Rows) -> Iterator[Unit]:
    levels = {_text(row, "geography"): _text(row, "level") for row in rows["geographies"]}
    regions = {_text(row, "region"): row for row in rows["regions"]}
    for row in rows["geographies"]:
        kind = "country" if row["level"] == "national" else "aggregate"
        yield _unit({**row, "unit": row["geography"], "kind": kind}, levels, regions)
    for row in (*rows["provinces"], *rows["ministries"], *rows["local_units"]):
        yield _unit(row, levels, regions)


def _unit(row: Row, levels: Mapping[str, str], regions: Mapping[str, Row]) -> Unit:
    region = regions.get(row.get("region") or "", {})
    return Unit(
        id=_text(row, "unit"),
        geography=_text(row, "geography"),
        level=levels[_text(row, "geography")],
        kind=_text(row, "kind"),
        name_vi=_text(row, "name_vi"),
        name_en=_text(row, "name_en"),
        full_name_vi=row.get("full_name_vi") or _text(row, "name_vi"),
        region=region.get("region"),
        region_vi=region.get("name_vi"),
        region_en=region.get("name_en"),
        gso_code=row.get("gso_code"),
        iso_3166_2=row.get("iso_3166_2"),
        electronic_code=row.get("electronic_code"),
        abbreviation=row.get("abbreviation"),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )


def _indicator(row: Row) -> Indicator:
    code, vi, en, unit, level = (_text(row, name) for name in ("code", "name_vi", "name_en", "unit_measure", "level"))
    kind = cast("IndicatorKind", _text(row, "kind"))
    return Indicator(
        code, vi, en, unit, kind, level, row["index_result"] == "yes",
        _bilingual(row, "definition"), _bilingual(row, "producer"), _bilingual(row, "population"),
        _bilingual(row, "reference"), row["note"],
    )  # fmt: skip


def _bilingual(row: Row, name: str) -> Bilingual | None:
    vi, en = row[f"{name}_vi"], row[f"{name}_en"]
    return Bilingual(vi, en) if vi and en else None


def _text(row: Row, column: str) -> str:
    cell = row[column]
    if cell is None:
        raise ReferenceDataError(f"data/reference: a row has no {column}: {row}; fill it in")
    return cell


def _day(cell: str | None) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _names(spans: Mapping[str, tuple[Unit, ...]], aliases: Iterable[Row]) -> dict[str, dict[str, Match]]:
    """By geography: folded name -> match. One key for two units is an error, never a choice."""
    names: dict[str, dict[str, Match]] = {}
    for geography, text, match in _claims(spans, aliases):
        claimed = names.setdefault(geography, {}).setdefault(fold(text), match)
        if claimed.unit_id != match.unit_id:
            raise ReferenceDataError(
                f"data/reference: in {geography}, {text!r} would mean {claimed.unit_id} and {match.unit_id}; "
                "drop the alias, or set accepted to no in aliases.csv"
            )
    return names


def _claims(spans: Mapping[str, tuple[Unit, ...]], aliases: Iterable[Row]) -> Iterator[tuple[str, str, Match]]:
    for unit in (form for forms in spans.values() for form in forms if form.kind != "aggregate"):
        for text in filter(None, (unit.name_vi, unit.full_name_vi, unit.name_en, unit.abbreviation)):
            yield unit.geography, text, Match(unit.id, (), "name")
    for row in aliases:
        match = Match(row["unit"], (), "alias") if row["accepted"] == "yes" else Match(None, (), "not_accepted")
        yield _text(row, "geography"), _text(row, "name"), match
