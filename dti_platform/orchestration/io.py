"""The one IO manager: a table of a year is held to its contract, written, and described to the UI.

An asset hands over ``{year: frame}`` and receives the same: one mechanism for one year and for many.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform import quality, tables
from dti_platform.columns import meaning
from dti_platform.language import shown
from dti_platform.orchestration import progress
from dti_platform.orchestration.partitions import as_years
from dti_platform.pipeline.flow import READ

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from dti_platform.pipeline import Platform

    Metadatum = dg.MetadataValue | dg.TableSchema | str | int
    Frames = Mapping[int, pl.DataFrame]

PREVIEW_ROWS = 8
#: What formats in Markdown or HTML, and what stands instead.
ESCAPED = str.maketrans({mark: f"&#{ord(mark)};" for mark in "&\\`*_{}[]<>()#+!|"} | {"\n": " "})


class TableIO(dg.IOManager):
    """Contract first, then the write: a table that breaks its contract never reaches the disk."""

    def __init__(self, platform: Platform, models: Mapping[str, type[tables.Table]]) -> None:
        self.platform = platform
        self.models = models

    def handle_output(self, context: dg.OutputContext, obj: Frames) -> None:
        """Check and write every year that the step made.

        Raises:
            quality.ContractBroken: a table breaks its contract; nothing of it is written.
        """
        name = context.asset_key.to_user_string()
        model = self.models[name]
        checked = quality.contracts(name, model, obj)
        written = {year: self.platform.store.tables.write(name, year, frame) for year, frame in checked.items()}
        if name not in READ:  # reading says itself what it read
            self.platform.on_step(progress.made(name, checked.values()))
        context.add_output_metadata(describe(model, checked))
        hashes = "".join(info.sha256 for _, info in sorted(written.items()))
        context.step_context.set_data_version(context.asset_key, dg.DataVersion(version_of(hashes)))
        made = (f"{year}: {obj[year].height} rows {info.sha256[:12]}" for year, info in written.items())
        context.log.info("%s: %s", name, ", ".join(made))

    def load_input(self, context: dg.InputContext) -> Frames:
        """The years that the step needs, each verified against its sha256; a year never made is left out."""
        origin = context.upstream_output
        if origin is None:
            raise dg.DagsterInvariantViolationError("a table is read only from the asset that makes it")
        name = origin.asset_key.to_user_string()
        again = self.platform.again
        wanted = {*as_years(context.asset_partition_keys), *again, *(year - 1 for year in again)}
        stored = self.platform.store.tables
        return {year: stored.read(name, year) for year in sorted(wanted) if stored.has(name, year)}


def version_of(hashes: str) -> str:
    """The data version of what a step made: the hash of its files' hashes."""
    return hashlib.sha256(hashes.encode()).hexdigest()[:16]


def describe(model: type[tables.Table], frames: Frames) -> dict[str, Metadatum]:
    """What the UI shows of a table: rows by year and by evidence, a preview."""
    rows = {str(year): frame.height for year, frame in sorted(frames.items())}
    newest = next((frame for _, frame in sorted(frames.items(), reverse=True) if frame.height), None)
    metadata: dict[str, Metadatum] = {
        "dagster/row_count": sum(rows.values()),
        "rows_by_year": dg.MetadataValue.json(rows),
    }
    if "evidence" in model.to_schema().columns:
        metadata["evidence"] = dg.MetadataValue.json(by_evidence(frames.values()))
    if newest is not None:
        metadata["preview"] = dg.MetadataValue.md(markdown(newest.head(PREVIEW_ROWS)))
    return metadata


def by_evidence(frames: Iterable[pl.DataFrame]) -> dict[str, int]:
    """In how many rows of these frames each evidence stands."""
    return dict(sorted(sum((Counter(frame["evidence"]) for frame in frames), Counter[str]()).items()))


def column_schema(name: str, model: type[tables.Table]) -> dg.TableSchema:
    """The model's columns, with their descriptions, for the UI."""
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
    """A Markdown table of columns and the inputs that each is carried from: the open-source UI draws none."""
    rows = [f"| {column} | {', '.join(sources) or '*made here*'} |" for column, sources in carried.items()]
    return "\n".join(["| column | carried from |", "|---|---|", *rows])


def markdown(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table; received text is escaped so that it can't format the page."""
    head = f"| {' | '.join(frame.columns)} |\n|{'---|' * frame.width}"
    return "\n".join([head, *(f"| {' | '.join(map(escape, row))} |" for row in frame.iter_rows())])


def escape(value: object) -> str:
    """Neutralise Markdown, HTML and control characters in a received value."""
    return "" if value is None else shown(str(value)).translate(ESCAPED)


def records(frame: pl.DataFrame) -> dg.TableMetadataValue | dg.MarkdownMetadataValue:
    """Failing rows for a check's result."""
    if not frame.height:
        return dg.MetadataValue.md("no rows")
    rows = [dg.TableRecord({name: plain(value) for name, value in row.items()}) for row in frame.to_dicts()]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema([dg.TableColumn(name) for name in frame.columns]))


def plain(value: object) -> str | int | float | bool | None:
    """A value that the UI's table can hold."""
    return value if isinstance(value, int | float | bool) or value is None else shown(str(value))
