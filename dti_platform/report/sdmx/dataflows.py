"""The dataflows: which columns of a released table are exchanged in SDMX, and in which role; from ``dataflows.toml``.

Here: dimensions, measures and attributes, and the release that fills them. Not here: rows (``observations``), or code
lists and XML (``structure``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dti_platform.codes import REFERENCED
from dti_platform.explain.lookup import scanned
from dti_platform.language import Bilingual
from dti_platform.publications import SCHEMA_VERSION

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.storage import OpenRelease, Release

FILE = Path(__file__).with_name("dataflows.toml")
#: The agency that maintains every artefact.
AGENCY = "DTI_PLATFORM"
#: Increment if a dataflow gains, loses or renames a component.
REVISION = 0


class NoDataflow(LookupError):
    """The table or the release has no dataflow; the message lists the tables that have one."""


@dataclass(frozen=True, slots=True)
class Released:
    """The release to exchange.

    Attributes:
        record: its ledger entry.
        opened: its files, for the descriptions of tables.
        rows: returns a table by name in the columns of the current schema, official rows first.
    """

    record: Release
    opened: OpenRelease
    rows: Callable[[str], pl.LazyFrame]

    @classmethod
    def of(cls, record: Release, release: OpenRelease) -> Released:
        """A release by its ledger entry and its files; each table is scanned once."""
        return cls(record, release, cache(partial(scanned, release)))

    def codes(self) -> pl.DataFrame:
        """The code lists of the release.

        Raises:
            NoDataflow: the release predates the code lists, or lacks some.
        """
        codes = self.rows("codes").collect()
        if missing := sorted({*REFERENCED} - {*codes["list"]}):
            raise NoDataflow(
                f"release {self.record.name} lacks the code lists {', '.join(missing)}, which SDMX requires;"
                " export its tables as csv"
            )
        return codes

    @property
    def version(self) -> str:
        """The version of every artefact: schema version, release number, revision of the dataflows."""
        return f"{SCHEMA_VERSION}.{self.record.number}.{REVISION}"


@dataclass(frozen=True, slots=True)
class Component:
    """A dimension, a measure or an attribute.

    Attributes:
        id: its name in SDMX.
        name: for people.
        column: the column of the table, or of an observation, with its values.
        list: the name of its code list; None: it is text.
        text: the SDMX type of its text.
        nullable: whether the column of a dimension may be empty.
    """

    id: str
    name: Bilingual
    column: str
    list: str | None = None
    text: str | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A column whose values are observations; ``dataflows.toml`` explains the fields."""

    column: str
    unit_measure: str
    source: str
    after: Sequence[str] = ()
    even_if_missing: str | None = None
    attributes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A released table as a dataflow.

    Attributes:
        table: its name.
        dimensions: the key, in order.
        attributes: all attributes, in the order of the file.
        fixed: dimensions that are the same in every row.
        measures: in order of precedence.
    """

    table: str
    dimensions: Sequence[Component]
    attributes: Sequence[Component]
    fixed: Mapping[str, str]
    measures: Sequence[Measure]

    @property
    def id(self) -> str:
        """The id of the dataflow and of its data structure."""
        return self.table.upper()

    def has(self, component: Component, measure: Measure) -> bool:
        """Whether the observations of a measure have a component, which may be specific to other measures."""
        elsewhere = {name for other in self.measures for name in other.attributes} - set(measure.attributes)
        return component.id not in elsewhere

    @property
    def components(self) -> list[Component]:
        """All components, in the order of the columns of SDMX-CSV."""
        return [*self.dimensions, COMPONENTS[OBS_VALUE], *self.attributes]


OBS_VALUE = "OBS_VALUE"
_CONFIG: Mapping[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
#: Meanings of components that are not columns of a table.
MEANINGS: Mapping[str, Bilingual] = {name: Bilingual(*texts) for name, texts in _CONFIG["meanings"].items()}
#: The code lists that SDMX needs besides those of the release.
LISTS: Mapping[str, Mapping[str, Any]] = _CONFIG["lists"]
#: Attributes that every observation must have.
MANDATORY = frozenset[str](_CONFIG["mandatory"])
COMPONENTS: Mapping[str, Component] = {
    name: Component(name, Bilingual(*entry.pop("name")), **entry) for name, entry in _CONFIG["components"].items()
}


def _flow(table: str, spec: Mapping[str, Any]) -> Flow:
    measures = [Measure(column, **entry) for column, entry in spec["measures"].items()]
    of_measures = (name for measure in measures for name in measure.attributes)
    attributes = dict.fromkeys([*_CONFIG["attributes"], *spec["attributes"], *of_measures])
    return Flow(table, _components(spec["dimensions"]), _components(attributes), spec.get("fixed", {}), measures)


def _components(names: Iterable[str]) -> list[Component]:
    return [COMPONENTS[name] for name in names]


#: By table.
FLOWS: Mapping[str, Flow] = {table: _flow(table, spec) for table, spec in _CONFIG["tables"].items()}


def flow_of(table: str) -> Flow:
    """The dataflow of a released table; its illustrative rows have the same one.

    Raises:
        NoDataflow: the table has none.
    """
    name = table.rpartition("/")[2]
    if name not in FLOWS:
        raise NoDataflow(f"{name} has no SDMX dataflow; these tables have one: {', '.join(FLOWS)}. Export it as csv.")
    return FLOWS[name]
