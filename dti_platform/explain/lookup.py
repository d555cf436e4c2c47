"""What a question is about: the unit, the period and the node, as the release knows them.

Here: turning a person's words into rows of a release. Not here: the content of the rows (``trace``, ``forward``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.units import fold

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.units import Unit, Units


class NothingToTrace(LookupError):
    """The release holds no such unit, period, node or cell; the message lists what it holds."""

    def __init__(self, message: Bilingual | str) -> None:
        self.told = message if isinstance(message, Bilingual) else Bilingual.same(message)
        super().__init__(self.told.en)


WORDS = terms("lookup_errors")


def released(release: OpenRelease | None, table: str) -> pl.DataFrame:
    """A table of a release in the columns of the current schema version; no rows if the release lacks it."""
    from dti_platform.publications import of_release  # loads Pandera, which only what reads a release needs

    return of_release(release, table)


def scanned(release: OpenRelease | None, table: str) -> pl.LazyFrame:
    """The same as a lazy frame, official rows first: for some columns or rows of a large table."""
    from dti_platform.publications import scanned

    return scanned(release, table)


def history(releases: Iterable[OpenRelease], chronicle: str) -> pl.DataFrame:
    """The recorded changes of these releases, newest first; releases before schema version 3 are included."""
    from dti_platform.publications import history

    return history(releases, chronicle)


class Rows:
    """The tables of a release, each read once, and filtered on request."""

    def __init__(self, release: OpenRelease) -> None:
        self.release = release
        self._tables: dict[str, pl.DataFrame] = {}

    def table(self, name: str) -> pl.DataFrame:
        """A whole table, verified at the first read."""
        if name not in self._tables:
            self._tables[name] = released(self.release, name)
        return self._tables[name]

    def of(self, name: str, **values: str) -> pl.DataFrame:
        """The rows of a table that have these values."""
        return self.table(name).filter(*(pl.col(column) == value for column, value in values.items()))


def units_of(rows: Rows, units: Units, unit: str, period: str, *, of_index: bool = False) -> tuple[Unit, ...]:
    """The units that a name or an id means in a period, one for each geography in which the release has figures of it.

    ``of_index``: only figures of an index count, operational ones do not.

    Raises:
        NothingToTrace: the period or the unit is not in the release; the message lists the periods that are.
    """
    observed = rows.table("observations").filter(pl.col("framework").is_not_null() | (not of_index))
    columns = ["period", "geography", "unit"]
    present = pl.concat([observed.select(columns), rows.table("index_scores").select(columns)]).unique().sort(columns)
    facts = {"release": rows.release.name, "period": period, "figures": WORDS["of_index" if of_index else "figures"]}
    in_period = present.filter(period=period).select("geography", "unit").rows()
    if not in_period:
        raise NothingToTrace(WORDS["no_period"].format(periods=_period_list(present), **facts))
    match = find_units(units, unit, in_period)
    if match.units:
        return match.units
    elsewhere = find_units(units, unit, present.select("geography", "unit").unique(maintain_order=True).rows()).units
    if not elsewhere:
        raise NothingToTrace(WORDS["no_unit"].format(unit=unit, near=match.near, **facts))
    periods = _period_list(present.filter(pl.col("unit").is_in([other.id for other in elsewhere])))
    name = Bilingual(elsewhere[0].name_vi, elsewhere[0].name_en)
    kin = names("merged" if units.successor(elsewhere[0].id) else "made_of", match.kin) or ""
    raise NothingToTrace(WORDS["other_periods"].format(unit=name, periods=periods, near=kin, **facts))


def _period_list(rows: pl.DataFrame) -> str:
    return ", ".join(sorted(rows["period"].unique()))


class UnitMatch(NamedTuple):
    """The units that a name or an id means, and for a message the similar names.

    ``kin``: for a unit of another time, the names of its successors or predecessors.
    """

    units: tuple[Unit, ...]
    near: Bilingual
    kin: tuple[str, ...]


def find_units(units: Units, unit: str, known: Sequence[tuple[str, str]]) -> UnitMatch:
    """The units of ``known`` (geography, unit) that a name or an id means, one for each geography at most."""
    ids = {unit} if unit in units.all else set[str]()
    known_names, key = {units.all[unit_id].name_vi for _, unit_id in known}, fold(unit)
    hints = [name for name in sorted(known_names) if key and fold(name).startswith(key)]
    prefixed, kin = len(hints), list[str]()
    for geography in sorted({geography for geography, _ in known}):
        match = units.find(unit, geography) if geography in units.names else None
        ids |= {match.unit_id} if match and match.unit_id else set()
        hints += match.suggestions if match else ()
        kin += match.suggestions if match and match.reason == "other_geography" else ()
    similar = sorted(hints[prefixed:], key=lambda name: -difflib.SequenceMatcher(None, key, fold(name)).ratio())
    closest = [*hints[:prefixed], *similar]
    near = names("near", [name for name in closest if name in known_names]) or names("near_elsewhere", closest)
    matches = tuple(units.all[unit_id] for _, unit_id in known if unit_id in ids)
    return UnitMatch(matches, near or Bilingual.same(""), tuple(dict.fromkeys(kin)))


def names(word: str, items: Iterable[str]) -> Bilingual | None:
    """Names after a word; None if there are none."""
    joined = ", ".join(dict.fromkeys(items))
    return WORDS[word].format(names=joined) if joined else None


def node_code(scores: pl.DataFrame, node: str) -> str:
    """The code of a node that is given by code or by concept.

    Raises:
        NothingToTrace: the unit has no such node.
    """
    codes = scores.filter((pl.col("node") == node) | (pl.col("concept") == node))["node"]
    if codes.is_empty():
        all_codes, dotted = scores["node"].unique().to_list(), node.replace(",", ".")
        near = [dotted] if dotted in all_codes else difflib.get_close_matches(dotted, all_codes)
        above = scores.filter(pl.col("kind") != "indicator")["node"].unique().sort().to_list()
        hint = names("near", near) or names("nodes", [*above, "…"] if len(above) < len(all_codes) else above)
        raise NothingToTrace(WORDS["no_node"].format(node=node, there=hint or ""))
    return str(codes[0])
