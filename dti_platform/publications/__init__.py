"""Publications: the tables that readers get, one module each: its Pandera model and its ``build``.

Here: what a published table says, and how it comes from the shared tables of a year and of the year before. Not
here: scoring and ranking (``methodology``), checks of content (``quality``), and files (``storage``).

A module of this package that has ``MODEL`` and ``build`` is a publication of a year; one that has ``MODEL`` and
``changed`` is a chronicle, of which a release holds what it changed of the one before; one that has ``MODEL`` and
``listed`` is a catalogue, which tells what the platform declares, whatever the year. They are found by scanning, never
registered. The other modules are what publications share. Importing this package, and reading a release of the current
schema version, loads no Pandera.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

import polars as pl

from dti_platform.codes import LISTS, REFERENCED
from dti_platform.columns import meaning
from dti_platform.publications.halves import apart, described_apart, rows_of_halves, whole
from dti_platform.publications.schema_changes import WITH_ALL_BEFORE, current, version_of
from dti_platform.row_order import gathered

if TYPE_CHECKING:
    from pandera.polars import Column

    from dti_platform import tables
    from dti_platform.language import Bilingual
    from dti_platform.methodology import Frameworks
    from dti_platform.storage import OpenRelease
    from dti_platform.storage.package import DescriptionFields
    from dti_platform.units import Units

    #: Tables by name.
    Frames = Mapping[str, pl.DataFrame]

__all__ = [
    "SCHEMA_VERSION",
    "Announced",
    "Catalogue",
    "Chronicle",
    "Declared",
    "Publication",
    "Released",
    "apart",
    "catalogues",
    "chronicles",
    "describe",
    "described_apart",
    "discover",
    "empty",
    "history",
    "model_of",
    "of_release",
    "of_releases",
    "released",
    "rows_of_halves",
    "scanned",
    "shaped",
]


#: The schema version of all released tables: raised when a column is removed, renamed or retyped, or a code changes.
SCHEMA_VERSION = "3"


@dataclass(frozen=True, slots=True)
class Announced:
    """A release in the making: its number, its type (scheduled, revision, correction), and the reason."""

    number: int
    kind: str = "scheduled"
    reason: str | None = None

    @property
    def text(self) -> str:
        """The number as tables hold it: the release's name without the hash of its content."""
        return f"{self.number:04}"


@dataclass(frozen=True, slots=True)
class Declared:
    """What the platform declares and catalogues list: units, frameworks, and the feeds by id with their titles."""

    units: Units
    frameworks: Frameworks
    feeds: Mapping[str, Bilingual]


class Released(Protocol):
    """What every released table's module has."""

    __name__: str
    MODEL: type[tables.Table]
    TITLE_VI: str
    TITLE_EN: str
    DESCRIPTION_VI: str
    INPUTS: tuple[str, ...]


class Chronicle(Released, Protocol):
    """What makes a module a table of what a release changed; ``history`` is that of all releases."""

    COLUMNS: Mapping[str, Sequence[str]]

    @staticmethod
    def changed(announced: Announced, before: Frames, now: Frames) -> pl.DataFrame:
        """What this release changes of the one before.

        Args:
            announced: the release in the making.
            before: ``INPUTS`` of the release before, ``COLUMNS`` of each; the chronicle itself of all before; no rows
                before the first.
            now: ``INPUTS`` of the release in the making.
        """
        ...


class Catalogue(Released, Protocol):
    """What makes a module a table of what the platform declares; ``INPUTS`` is empty."""

    @staticmethod
    def listed(declared: Declared) -> pl.DataFrame:
        """The table, sorted by key."""
        ...


class Publication(Released, Protocol):
    """What makes a module a published table of a year."""

    INPUTS_BEFORE: tuple[str, ...]

    @staticmethod
    def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
        """The table of a year, from shared tables of the year and of the year before."""
        ...


@cache
def discover() -> Mapping[str, Publication]:
    """Every published table of a year by its name, in the order of the names."""
    return {name: cast("Publication", module) for name, module in _modules("build")}


@cache
def chronicles() -> Mapping[str, Chronicle]:
    """Every table of what a release changed by its name, in the order of the names."""
    return {name: cast("Chronicle", module) for name, module in _modules("changed")}


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """Every table of what the platform declares by its name, in the order of the names."""
    return {name: cast("Catalogue", module) for name, module in _modules("listed")}


def of_releases() -> Mapping[str, Released]:
    """Every table that the release itself makes, for it is of no year, by its name."""
    return {**catalogues(), **chronicles()}


def released() -> Mapping[str, Released]:
    """Every table of a release by its name."""
    return {**discover(), **of_releases()}


def _modules(marker: str) -> Iterator[tuple[str, object]]:
    """The modules that have ``MODEL`` and the marker; one that lacks another entry is an error that names it."""
    own = {"build": Publication, "changed": Chronicle, "listed": Catalogue}[marker]
    required = {*Released.__annotations__, *own.__annotations__}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "MODEL") and hasattr(module, marker):
            if missing := sorted(name for name in required if not hasattr(module, name)):
                raise TypeError(f"{module.__name__}: {', '.join(missing)} missing; a published table declares them")
            yield info.name, module


def describe(publication: Released) -> DescriptionFields:
    """The description of a table for readers: title, description, columns with their codes, key, schema version.

    Each column is (name, type, description in both languages).

    Raises:
        LookupError: a column is not described: names it and where to describe it.
    """
    from dti_platform import tables

    name = publication.__name__.rpartition(".")[2]
    columns = publication.MODEL.to_schema().columns
    return {
        "title": f"{publication.TITLE_VI} · {publication.TITLE_EN}",
        "description": f"{publication.DESCRIPTION_VI}\n\n{dictionary_entry(publication.MODEL)}",
        "columns": [(each, str(column.dtype), " · ".join(meaning(name, each))) for each, column in columns.items()],
        "key": tables.key(publication.MODEL),
        "nullable": [each for each, column in columns.items() if column.nullable],
        "schema_version": SCHEMA_VERSION,
        "follows": name in chronicles(),
        "fields": {each: _allowed(column) for each, column in columns.items() if column.metadata},
        "foreign_keys": [
            {"fields": [each], "reference": reference, "dti:list": each}
            for each in columns
            if each in REFERENCED and (reference := _reference(each))["resource"] != name
        ],
    }


def _reference(column: str) -> Mapping[str, object]:
    """The table of which the column is the key; else the table of codes."""
    from dti_platform import tables

    owners = (name for name, each in catalogues().items() if tables.key(each.MODEL) == [column])
    owner = next(owners, None)
    return {"resource": owner, "fields": [column]} if owner else {"resource": "codes", "fields": ["code"]}


def _allowed(column: Column) -> Mapping[str, object]:
    """What a coded column may hold, as Data Package v2 has it: the codes, and a label for each in both languages."""
    codes = LISTS[(column.metadata or {})["codes"]]
    (allowed,) = (check.statistics["allowed_values"] for check in column.checks)
    names = codes.names
    labels = [{"value": code, "label": " · ".join(names[code])} for code in allowed]
    return {"constraints": {"enum": list(allowed)}, "categories": labels, "dti:list": codes.name}


def dictionary_entry(model: type[tables.Table]) -> str:
    """The docstring of a model, as running text."""
    paragraphs = (model.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def model_of(table: str) -> type[tables.Table]:
    """The model of a shared or a published table."""
    from dti_platform import tables

    return tables.TABLES.get(table) or released()[table].MODEL


def empty(table: str) -> pl.DataFrame:
    """A shared or a published table without rows: what a year without input gets."""
    from dti_platform import tables

    return tables.empty(model_of(table))


def of_release(release: OpenRelease | None, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """A table of a release, illustrative rows too, in the columns of the current schema version; else no rows.

    Where ``columns`` are named, those alone, among which those of the key must be.

    Raises:
        CorruptRelease: its bytes are not those that were published.
    """
    if release is None or table not in release.tables:
        return empty(table).select(columns or pl.all())
    version = version_of(release, table)
    if version == SCHEMA_VERSION:
        rows = whole(release, table).select(columns or pl.all()).collect()
        return gathered([rows], key_of(release.described(table)["schema"]))
    from dti_platform import tables

    model = model_of(table)
    rows = whole(release, table).collect()
    told = current(table, rows, version, model, lambda other: of_release(release, other)).sort(tables.key(model))
    return told.select(columns or pl.all())


def key_of(schema: Mapping[str, Any]) -> Sequence[str]:
    """The key of a released table by its schema: unique where one of its columns may hold no value, else primary."""
    return schema["uniqueKeys"][0] if "uniqueKeys" in schema else schema.get("primaryKey", ())


def scanned(release: OpenRelease | None, table: str) -> pl.LazyFrame:
    """What ``of_release`` gives, the illustrative rows after the others; no more is decoded than is asked of it.

    Raises:
        CorruptRelease: its bytes are not those that were published.
    """
    if release and table in release.tables and version_of(release, table) == SCHEMA_VERSION:
        return whole(release, table)
    return of_release(release, table).lazy()


def history(releases: Iterable[OpenRelease], chronicle: str) -> pl.DataFrame:
    """A chronicle of all of these releases, the newest of which comes first, and of all before one of version 1 or 2.

    Raises:
        CorruptRelease: bytes of a release are not those that were published.
    """
    told = [empty(chronicle)]
    for release in releases:
        told.append(of_release(release, chronicle))
        if chronicle in release.tables and version_of(release, chronicle) in WITH_ALL_BEFORE:
            break
    return shaped(pl.concat(told), model_of(chronicle))


def shaped(frame: pl.DataFrame, model: type[tables.Table]) -> pl.DataFrame:
    """The columns of a model in its order, the rows by its key."""
    from dti_platform import tables

    return frame.select(list(tables.polars_schema(model))).sort(tables.key(model))
