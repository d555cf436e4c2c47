"""What is asked about: the unit, the period and the node, as the release knows them.

Here: turning a person's words into rows of a release. Not here: what the rows say (``trace``, ``forward``).
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
    """The release holds no such unit, period, node or cell: the message says what it does hold."""

    def __init__(self, told: Bilingual | str) -> None:
        self.told = told if isinstance(told, Bilingual) else Bilingual.same(told)
        super().__init__(self.told.en)


WORDS = terms("lookup_errors")


def released(release: OpenRelease | None, table: str) -> pl.DataFrame:
    """A table of a release in the columns of the current schema version; no rows where there is none."""
    from dti_platform.publications import of_release  # loads Pandera, which only what reads a release needs

    return of_release(release, table)


def scanned(release: OpenRelease | None, table: str) -> pl.LazyFrame:
    """The same, not decoded yet, the illustrative rows after the others: for some columns or rows of a large table."""
    from dti_platform.publications import scanned

    return scanned(release, table)


def history(releases: Iterable[OpenRelease], chronicle: str) -> pl.DataFrame:
    """What these releases changed, the newest of which comes first; all before one of schema version 1 or 2, too."""
    from dti_platform.publications import history

    return history(releases, chronicle)


class Rows:
    """Tables of a release, each read once, narrowed to what is asked."""

    def __init__(self, release: OpenRelease) -> None:
        self.release = release
        self._read: dict[str, pl.DataFrame] = {}

    def table(self, name: str) -> pl.DataFrame:
        """A whole table, verified when it is first read."""
        if name not in self._read:
            self._read[name] = released(self.release, name)
        return self._read[name]

    def of(self, name: str, **values: str) -> pl.DataFrame:
        """The rows of a table that have these values."""
        return self.table(name).filter(*(pl.col(column) == value for column, value in values.items()))


def units_of(rows: Rows, units: Units, unit: str, period: str, *, of_index: bool = False) -> tuple[Unit, ...]:
    """The units that a name or an id means in a period: one for each geography in which the release has figures of it.

    ``of_index``: figures of an index alone count, operational ones don't.

    Raises:
        NothingToTrace: the period or the unit is not in the release: says which periods are.
    """
    observed = rows.table("observations").filter(pl.col("framework").is_not_null() | (not of_index))
    columns = ["period", "geography", "unit"]
    there = pl.concat([observed.select(columns), rows.table("index_scores").select(columns)]).unique().sort(columns)
    facts = {"release": rows.release.name, "period": period, "figures": WORDS["of_index" if of_index else "figures"]}
    known = there.filter(period=period).select("geography", "unit").rows()
    if not known:
        raise NothingToTrace(WORDS["no_period"].format(periods=_listed(there), **facts))
    found = meant(units, unit, known)
    if found.units:
        return found.units
    elsewhere = meant(units, unit, there.select("geography", "unit").unique(maintain_order=True).rows()).units
    if not elsewhere:
        raise NothingToTrace(WORDS["no_unit"].format(unit=unit, near=found.near, **facts))
    periods = _listed(there.filter(pl.col("unit").is_in([each.id for each in elsewhere])))
    name = Bilingual(elsewhere[0].name_vi, elsewhere[0].name_en)
    became = names("merged" if units.successor(elsewhere[0].id) else "made_of", found.kin) or ""
    raise NothingToTrace(WORDS["other_periods"].format(unit=name, periods=periods, near=became, **facts))


def _listed(rows: pl.DataFrame) -> str:
    return ", ".join(sorted(rows["period"].unique()))


class Meant(NamedTuple):
    """The units that a name or an id means; for a message what is close to it, and the names of what it is by now.

    ``kin``: of a unit of another time, the names of what it became or was made of.
    """

    units: tuple[Unit, ...]
    near: Bilingual
    kin: tuple[str, ...]


def meant(units: Units, unit: str, known: Sequence[tuple[str, str]]) -> Meant:
    """The units that a name or an id means among those known: (geography, unit), one for each geography at most."""
    wanted = {unit} if unit in units.all else set[str]()
    here, key = {units.all[each].name_vi for _, each in known}, fold(unit)
    hints = [name for name in sorted(here) if key and fold(name).startswith(key)]
    begun, kin = len(hints), list[str]()
    for geography in sorted({place for place, _ in known}):
        match = units.find(unit, geography) if geography in units.names else None
        wanted |= {match.unit_id} if match and match.unit_id else set()
        hints += match.suggestions if match else ()
        kin += match.suggestions if match and match.reason == "other_geography" else ()
    like = sorted(hints[begun:], key=lambda name: -difflib.SequenceMatcher(None, key, fold(name)).ratio())
    closest = [*hints[:begun], *like]
    near = names("near", [name for name in closest if name in here]) or names("near_elsewhere", closest)
    found = tuple(units.all[each] for _, each in known if each in wanted)
    return Meant(found, near or Bilingual.same(""), tuple(dict.fromkeys(kin)))


def names(word: str, among: Iterable[str]) -> Bilingual | None:
    """Names behind a word; None without any."""
    listed = ", ".join(dict.fromkeys(among))
    return WORDS[word].format(names=listed) if listed else None


def node_known(scores: pl.DataFrame, node: str) -> str:
    """The code of a node that is asked for by code or by concept.

    Raises:
        NothingToTrace: the unit has no such node.
    """
    codes = scores.filter((pl.col("node") == node) | (pl.col("concept") == node))["node"]
    if codes.is_empty():
        known, plain = scores["node"].unique().to_list(), node.replace(",", ".")
        near = [plain] if plain in known else difflib.get_close_matches(plain, known)
        above = scores.filter(pl.col("kind") != "indicator")["node"].unique().sort().to_list()
        there = names("near", near) or names("nodes", [*above, "…"] if len(above) < len(known) else above)
        raise NothingToTrace(WORDS["no_node"].format(node=node, there=there or ""))
    return str(codes[0])
