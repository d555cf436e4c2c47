"""Publications: the tables that readers get, one module each: its Pandera model and its ``build``.

Here: what a published table says, and how it comes from the shared tables of a year and of the year before. Not
here: scoring and ranking (``methodology``), checks of content (``quality``), and files (``storage``).

A module of this package that has ``MODEL`` and ``build`` is a publication: it is found by scanning, never
registered. The others are what publications share: ``figures`` (one figure for each node), ``sources`` (which
source leads), ``standings`` (all peers, and the rank before), ``series`` (the value before), ``naming``, ``periods``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from dti_platform import tables

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units

__all__ = ["Publication", "describe", "discover", "empty", "shaped"]


class Publication(Protocol):
    """What makes a module a published table."""

    MODEL: type[tables.Table]
    TITLE_VI: str
    TITLE_EN: str
    DESCRIPTION_VI: str
    INPUTS: tuple[str, ...]
    INPUTS_BEFORE: tuple[str, ...]
    SCHEMA_VERSION: str

    @staticmethod
    def build(
        year: int,
        inputs: Mapping[str, pl.DataFrame],
        before: Mapping[str, pl.DataFrame],
        units: Units,
        frameworks: Frameworks,
    ) -> pl.DataFrame:
        """The table of a year, from shared tables of the year and of the year before."""
        ...


@cache
def discover() -> Mapping[str, Publication]:
    """Every published table by its name, in the order of the names."""
    found: dict[str, Publication] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "MODEL") and hasattr(module, "build"):
            found[info.name] = cast("Publication", module)
    return dict(sorted(found.items()))


def describe(publication: Publication) -> dict[str, Any]:
    """What readers are told of a table, from its model alone: title, description, columns, key, schema version.

    Each column is (name, type, description); a column that the model does not describe is an error.
    """
    schema = publication.MODEL.to_schema()
    undescribed = [name for name, column in schema.columns.items() if not column.description]
    if undescribed:
        raise TypeError(f"{publication.MODEL.__name__}: the columns {undescribed} have no description; describe them")
    return {
        "title": f"{publication.TITLE_VI} · {publication.TITLE_EN}",
        "description": f"{publication.DESCRIPTION_VI}\n\n{dictionary_entry(publication.MODEL)}",
        "columns": [(name, str(column.dtype), str(column.description)) for name, column in schema.columns.items()],
        "key": tables.key(publication.MODEL),
        "schema_version": publication.SCHEMA_VERSION,
    }


def dictionary_entry(model: type[tables.Table]) -> str:
    """The docstring of a model, as running text."""
    paragraphs = (model.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def empty(table: str) -> pl.DataFrame:
    """A shared or a published table without rows: what a year without input gets."""
    model = tables.TABLES.get(table) or discover()[table].MODEL
    return tables.empty(model)


def shaped(frame: pl.DataFrame, model: type[tables.Table]) -> pl.DataFrame:
    """The columns of a model in its order, the rows by its key."""
    return frame.select(list(tables.polars_schema(model))).sort(tables.key(model))
