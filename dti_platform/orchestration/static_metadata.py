"""What stands on the definition of an asset, once, and in no event: where it lies, its code, columns and tags.

Here: the metadata and tags that the UI shows of an asset before it was ever made. Not here: what a run says of what it
made (``io``).
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


def place(folder: Path, made_by: Callable[..., object]) -> Metadata:
    """Where an asset lies, and the function that makes it, for an editor on the same machine."""
    code = made_by.__code__  # pyright: ignore[reportFunctionMemberAccess]
    source = dg.LocalFileCodeReference(file_path=code.co_filename, line_number=code.co_firstlineno)
    return {
        "dagster/uri": folder.as_uri(),
        "dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[source]),
    }


def table(
    name: str, model: type[tables.Table], inputs: Iterable[str], folder: Path, made_by: Callable[..., object]
) -> Metadata:
    """A table's place, code and columns, and from which inputs each column is carried."""
    carried = carried_from(model, inputs)
    return {
        **place(folder / name, made_by),
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
    """The inputs from which each column of a model is carried, by its name; none where it is made here.

    The naming convention (same quantity, same name) makes names enough; ``dti trace`` lists the cells behind a figure.
    """
    known = {name: set(publications.empty(name).columns) for name in sorted(set(inputs))}
    return {
        column: [name for name, columns in known.items() if column in columns] for column in model.to_schema().columns
    }


def tags(stage: str, **more: str) -> dict[str, str]:
    """The tags of an asset: its stage of the flow, and what else it is found by."""
    return {"stage": stage, **{name.replace("_", "-"): value for name, value in more.items()}}


def feed_tags(feed: Feed) -> dict[str, str]:
    """What a feed is found by: whether its figures are official, how often it comes, and of which index it is."""
    evidence = "as-each-file-says" if feed.sender else feed.evidence  # a workbook may say that it is synthetic
    return tags("feeds", evidence=evidence, rhythm=feed.rhythm, index=feed.index)


def framework_free(recipes: Iterable[Recipe]) -> set[str]:
    """The tables that are made from no score, so that no framework changes them."""
    bound = {"scores"}
    listed = list(recipes)
    for recipe in listed:  # each after those that it is made from
        if bound.intersection((*recipe.inputs, *recipe.before)):
            bound.add(recipe.name)
    return {recipe.name for recipe in listed} - bound
