"""Metadata on the definition of an asset, not in its events: its location, code, columns and tags.

Here: the metadata and tags that the UI shows of an asset before its first run. Not here: the metadata of a run's output
(``io``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from dti_platform import publications, tables
from dti_platform.orchestration.io import column_lineage, column_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from dti_platform.feeds import Feed
    from dti_platform.pipeline.flow import Recipe

    Metadata = Mapping[str, dg.MetadataValue | dg.TableSchema | dg.TableColumnLineage | str]

OWNERS = ["team:dti-data-engineering"]


def location(folder: Path, made_by: Callable[..., object]) -> Metadata:
    """The folder of an asset, and the function that makes it, for an editor on the same machine."""
    code = made_by.__code__  # pyright: ignore[reportFunctionMemberAccess]
    source = dg.LocalFileCodeReference(file_path=code.co_filename, line_number=code.co_firstlineno)
    return {
        "dagster/uri": folder.as_uri(),
        "dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[source]),
    }


def table(
    name: str, model: type[tables.Table], inputs: Iterable[str], folder: Path, made_by: Callable[..., object]
) -> Metadata:
    """A table's folder, code and columns, and the inputs from which each column is carried."""
    carried = carried_from(model, inputs)
    return {
        **location(folder / name, made_by),
        "dagster/table_name": name,
        "dagster/column_schema": column_schema(name, model),
        "dagster/column_lineage": dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(dg.AssetKey(table), column) for table in sources]
                for column, sources in carried.items()
                if sources
            }
        ),
        "column_lineage": dg.MetadataValue.md(column_lineage(carried)),
    }


def carried_from(model: type[tables.Table], inputs: Iterable[str]) -> dict[str, list[str]]:
    """The inputs that have a column of the same name, by column of a model; no inputs where the table makes the column.

    Names are enough, because the same quantity has the same name everywhere; ``dti trace`` lists the cells behind a
    figure.
    """
    known = {name: set(publications.empty(name).columns) for name in sorted(set(inputs))}
    return {
        column: [name for name, columns in known.items() if column in columns] for column in model.to_schema().columns
    }


def tags(stage: str, **more: str) -> dict[str, str]:
    """The tags of an asset: its stage of the flow, and further tags."""
    return {"stage": stage, **{name.replace("_", "-"): value for name, value in more.items()}}


def feed_tags(feed: Feed) -> dict[str, str]:
    """The tags of a feed: whether its figures are official, how often it arrives, and its index."""
    evidence = "as-each-file-says" if feed.sender else feed.evidence  # a workbook may state that it is synthetic
    return tags("feeds", evidence=evidence, rhythm=feed.rhythm, index=feed.index)


def framework_free(recipes: Iterable[Recipe]) -> set[str]:
    """The tables that do not depend on scores, so that no framework changes them."""
    dependent = {"scores"}
    recipes = list(recipes)
    for recipe in recipes:  # in the order of dependencies
        if dependent.intersection((*recipe.inputs, *recipe.before)):
            dependent.add(recipe.name)
    return {recipe.name for recipe in recipes} - dependent
