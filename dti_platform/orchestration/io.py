"""The IO manager: it validates each year of a table against its contract, writes it, and describes it to the UI.

An asset returns ``{year: frame}`` and receives the same: one mechanism for one year and for many.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import dagster as dg
import polars as pl

from dti_platform import quality, tables
from dti_platform.columns import meaning
from dti_platform.language import shown
from dti_platform.orchestration import progress
from dti_platform.orchestration.partitions import as_years
from dti_platform.pipeline.flow import READ, stored_years

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dti_platform.pipeline import Platform

    Metadatum = dg.MetadataValue | str | int | float
    Frames = Mapping[int, pl.DataFrame]

PREVIEW_ROWS = 8
#: Characters that format Markdown or HTML -> their replacement.
ESCAPED = str.maketrans({mark: f"&#{ord(mark)};" for mark in "&\\`*_{}[]<>()#+!|"} | {"\n": " "})


class TableIO(dg.IOManager):
    """Validates a table, then writes it: a table that breaks its contract never reaches the disk."""

    def __init__(self, platform: Platform, models: Mapping[str, type[tables.Table]]) -> None:
        self.platform = platform
        self.models = models

    @functools.cached_property
    def _roots(self) -> set[str]:
        """The codes of the root nodes of all frameworks: each is an index as a whole."""
        return {framework.root.code for framework in self.platform.known.frameworks.all}

    def handle_output(self, context: dg.OutputContext, obj: Frames) -> None:
        """Validate and write every year of a table; a year is computed when its turn comes, and not held in memory.

        Raises:
            quality.ContractBroken: a year breaks the contract of its table; nothing is written for that year.
        """
        name = context.asset_key.to_user_string()
        run_years, hashes, rows = as_years(context.asset_partition_keys), dict[int, str](), dict[int, int]()
        for year, frame in quality.in_turn(name, self.models[name], obj):
            hashes[year] = self.platform.store.tables.write(name, year, frame).sha256
            rows[year] = frame.height
            self.platform.standing_years.made(name, year)
            if year in run_years:  # a year made in addition to those of the run has no event
                context.step_context.add_asset_metadata(describe(frame, self._roots), context.asset_key, str(year))
        if name not in READ:  # the step that reads files reports them itself
            self.platform.on_step(progress.made(name, sum(rows.values())))
        context.step_context.set_data_version(context.asset_key, dg.DataVersion(version_of("".join(hashes.values()))))
        summaries = (f"{year}: {rows[year]} rows {sha256[:12]}" for year, sha256 in hashes.items())
        context.log.info("%s: %s", name, ", ".join(summaries))

    def load_input(self, context: dg.InputContext) -> Frames:
        """The years that the step needs, each verified against its sha256; a year that is not stored is left out."""
        origin = context.upstream_output
        if origin is None:
            raise dg.DagsterInvariantViolationError("a table is read only from the asset that makes it")
        name = origin.asset_key.to_user_string()
        extra_years = self.platform.extra_years
        years = {*as_years(context.asset_partition_keys), *extra_years, *(year - 1 for year in extra_years)}
        return stored_years(self.platform.store, name, years)


def version_of(hashes: str) -> str:
    """The data version of a step's output: the hash of its files' hashes."""
    return hashlib.sha256(hashes.encode()).hexdigest()[:16]


def describe(frame: pl.DataFrame, roots: Collection[str]) -> dict[str, Metadatum]:
    """What the UI shows and plots of a table's year: rows, by evidence too; cells, scored units, mean score; a preview.

    Args:
        frame: the rows of the year.
        roots: the root nodes of frameworks; only their scores are counted and averaged.
    """
    metadata: dict[str, Metadatum] = {"dagster/row_count": frame.height}
    if "evidence" in frame.columns:
        metadata["evidence"] = dg.MetadataValue.json(by_evidence(frame))
    if "cells" in frame.columns:
        metadata |= {f"{name}_cells": int(frame[name].sum()) for name in ("accepted", "quarantined")}
    if "score" in frame.columns:
        scored = frame.filter(pl.col("score").is_not_null(), *_headline_rows(frame, roots))
        metadata["scored_units"] = scored["unit"].n_unique()
        if scored.height:
            metadata["mean_score"] = float(scored.select(pl.col("score").mean()).item())
    if frame.height:
        metadata["preview"] = dg.MetadataValue.md(markdown(frame.head(PREVIEW_ROWS)))
    return metadata


def _headline_rows(frame: pl.DataFrame, roots: Collection[str]) -> Iterator[pl.Expr]:
    """Filters for the headline rows of a whole index, by the columns that the table has."""
    if "node" in frame.columns:
        yield pl.col("node").is_in(roots)
    if "headline" in frame.columns:
        yield pl.col("headline")


def by_evidence(frame: pl.DataFrame) -> dict[str, int]:
    """The number of rows of each evidence."""
    return dict(sorted(Counter(frame["evidence"]).items()))


def column_schema(name: str, model: type[tables.Table]) -> dg.TableSchema:
    """The model's columns with their descriptions, for the UI."""
    key = set(tables.key(model))
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column,
                str(field.dtype),
                description=" · ".join(meaning(name, column)),
                constraints=dg.TableColumnConstraints(nullable=field.nullable, other=["key"] if column in key else []),
            )
            for column, field in model.to_schema().columns.items()
        ]
    )


def column_lineage(carried: Mapping[str, Iterable[str]]) -> str:
    """A Markdown table of each column and its inputs: the open-source UI does not draw column lineage."""
    rows = [f"| {column} | {', '.join(sources) or '*made here*'} |" for column, sources in carried.items()]
    return "\n".join(["| column | carried from |", "|---|---|", *rows])


def markdown(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table; received text is escaped, so that it can't format the page."""
    head = f"| {' | '.join(frame.columns)} |\n|{'---|' * frame.width}"
    return "\n".join([head, *(f"| {' | '.join(map(escape, row))} |" for row in frame.iter_rows())])


def escape(value: object) -> str:
    """Neutralise Markdown, HTML and control characters in a received value."""
    return "" if value is None else shown(str(value)).translate(ESCAPED)


def records(frame: pl.DataFrame) -> dg.TableMetadataValue | dg.MarkdownMetadataValue:
    """Failing rows for a check's result."""
    if not frame.height:
        return dg.MetadataValue.md("no rows")
    rows = [dg.TableRecord(row) for row in rows_of(frame)]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema([dg.TableColumn(name) for name in frame.columns]))


def rows_of(frame: pl.DataFrame) -> list[dict[str, str | int | float | bool | None]]:
    """The rows of a frame in values that the UI's tables and JSON can hold; received text is never formatted."""
    return [{name: plain(value) for name, value in row.items()} for row in frame.to_dicts()]


def plain(value: object) -> str | int | float | bool | None:
    """A value that the UI's table can hold."""
    return value if isinstance(value, int | float | bool) or value is None else shown(str(value))
