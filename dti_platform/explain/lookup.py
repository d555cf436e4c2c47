"""What is asked about: the unit, the period and the node, as the release knows them.

Here: turning a person's words into rows of a release. Not here: what the rows say (``trace``, ``forward``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.units import Unit, Units


class NothingToTrace(LookupError):
    """The release holds no such unit, period, node or cell: the message says what it does hold."""


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


def units_of(rows: Rows, units: Units, unit: str, period: str) -> tuple[Unit, ...]:
    """The units that a name or an id means in a period: one for each geography in which the release has figures of it.

    Raises:
        NothingToTrace: the period or the unit is not in the release.
    """
    observed = rows.table("observations").filter(pl.col("period") == period).select("geography", "unit").unique()
    scored = rows.of("index_scores", period=period).select("geography", "unit").unique()
    known = pl.concat([observed, scored]).unique().sort("geography", "unit").rows()
    if not known:
        periods = ", ".join(sorted(rows.table("observations")["period"].unique()))
        raise NothingToTrace(f"release {rows.release.name} has no figures of {period}; it has {periods}")
    found = meant(units, unit, known)
    if not found.units:
        raise NothingToTrace(f"release {rows.release.name} has no figures of {unit!r} for {period}{found.near}")
    return found.units


class Meant(NamedTuple):
    """The units that a name or an id means, and, for a message, what is close to it."""

    units: tuple[Unit, ...]
    near: str


def meant(units: Units, unit: str, known: Sequence[tuple[str, str]]) -> Meant:
    """The units that a name or an id means among those known: (geography, unit), one for each geography at most."""
    wanted = {unit} if unit in units.all else set[str]()
    hints: list[str] = []
    for geography in sorted({place for place, _ in known}):
        match = units.find(unit, geography) if geography in units.names else None
        wanted |= {match.unit_id} if match and match.unit_id else set()
        hints += match.suggestions if match else ()
    near = f"; close to it: {', '.join(dict.fromkeys(hints))}" if hints else ""
    return Meant(tuple(units.all[each] for _, each in known if each in wanted), near)


def node_known(scores: pl.DataFrame, node: str) -> str:
    """The code of a node that is asked for by code or by concept.

    Raises:
        NothingToTrace: the unit has no such node.
    """
    codes = scores.filter((pl.col("node") == node) | (pl.col("concept") == node))["node"]
    if codes.is_empty():
        raise NothingToTrace(f"no node {node!r} here; there are {', '.join(sorted(scores['node'].unique()))}")
    return str(codes[0])
