"""The dataflows: what of a released table stands in SDMX, and as what; read from ``dataflows.toml``.

Here: dimensions, measures and attributes, and the release that they are filled from. Not here: rows
(``observations``), nor lists and XML (``structure``).
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
#: Who maintains every artefact.
AGENCY = "DTI_PLATFORM"
#: Raise where a dataflow gains, loses or renames a component.
REVISION = 0


class NoDataflow(LookupError):
    """The table, or the release, is none that SDMX is made from: says which are."""


@dataclass(frozen=True, slots=True)
class Released:
    """The release that is exchanged.

    Attributes:
        record: its entry of the ledger.
        opened: its files, for what they say of a table.
        rows: gives a table by name, illustrative rows after the others, in the columns of today's schema.
    """

    record: Release
    opened: OpenRelease
    rows: Callable[[str], pl.LazyFrame]

    @classmethod
    def of(cls, record: Release, release: OpenRelease) -> Released:
        """A release by its entry and its files; each is read once."""
        return cls(record, release, cache(partial(scanned, release)))

    def codes(self) -> pl.DataFrame:
        """The code lists of the release.

        Raises:
            NoDataflow: it is older than those, or lacks some.
        """
        codes = self.rows("codes").collect()
        if missing := sorted({*REFERENCED} - {*codes["list"]}):
            raise NoDataflow(
                f"release {self.record.name} holds no code lists of {', '.join(missing)}, on which SDMX rests;"
                " export its tables as csv"
            )
        return codes

    @property
    def version(self) -> str:
        """The version of every artefact: schema of the tables, number of the release, revision of the dataflows."""
        return f"{SCHEMA_VERSION}.{self.record.number}.{REVISION}"


@dataclass(frozen=True, slots=True)
class Component:
    """A dimension, a measure or an attribute.

    Attributes:
        id: its name in SDMX.
        name: for people.
        column: the column of the table, or of an observation, that it holds.
        list: the list of its codes; None: it holds text.
        text: the type of its text, as SDMX names it.
        nullable: whether the column may be empty in a dimension.
    """

    id: str
    name: Bilingual
    column: str
    list: str | None = None
    text: str | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A column whose values are observations; its fields are explained in ``dataflows.toml``."""

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
        dimensions: the key, in its order.
        attributes: all of them, in the order of the file.
        fixed: dimensions that are the same in every row.
        measures: in the order in which they lead.
    """

    table: str
    dimensions: Sequence[Component]
    attributes: Sequence[Component]
    fixed: Mapping[str, str]
    measures: Sequence[Measure]

    @property
    def id(self) -> str:
        """Of the dataflow and its structure."""
        return self.table.upper()

    def stands_beside(self, component: Component, measure: Measure) -> bool:
        """Whether the observations of a measure have a component: all have one that no measure has to itself."""
        elsewhere = {name for each in self.measures for name in each.attributes} - set(measure.attributes)
        return component.id not in elsewhere

    @property
    def components(self) -> list[Component]:
        """All, in the order of the columns of SDMX-CSV."""
        return [*self.dimensions, COMPONENTS[OBS_VALUE], *self.attributes]


OBS_VALUE = "OBS_VALUE"
_SAID: Mapping[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
#: What components mean that hold no column of a table by itself.
MEANINGS: Mapping[str, Bilingual] = {name: Bilingual(*texts) for name, texts in _SAID["meanings"].items()}
#: The lists that SDMX asks for beside those of the release.
LISTS: Mapping[str, Mapping[str, Any]] = _SAID["lists"]
#: Attributes without which an observation is not to be read.
MANDATORY = frozenset[str](_SAID["mandatory"])
COMPONENTS: Mapping[str, Component] = {
    name: Component(name, Bilingual(*entry.pop("name")), **entry) for name, entry in _SAID["components"].items()
}


def _flow(table: str, told: Mapping[str, Any]) -> Flow:
    measures = [Measure(column, **entry) for column, entry in told["measures"].items()]
    of_measures = (each for measure in measures for each in measure.attributes)
    attributes = dict.fromkeys([*_SAID["attributes"], *told["attributes"], *of_measures])
    return Flow(table, _components(told["dimensions"]), _components(attributes), told.get("fixed", {}), measures)


def _components(names: Iterable[str]) -> list[Component]:
    return [COMPONENTS[name] for name in names]


#: By table.
FLOWS: Mapping[str, Flow] = {table: _flow(table, told) for table, told in _SAID["tables"].items()}


def flow_of(table: str) -> Flow:
    """The dataflow of a released table; of its illustrative rows the same.

    Raises:
        NoDataflow: the table has none.
    """
    name = table.rpartition("/")[2]
    if name not in FLOWS:
        raise NoDataflow(f"{name} is no table of figures in SDMX; those are {', '.join(FLOWS)}. Export it as csv.")
    return FLOWS[name]
