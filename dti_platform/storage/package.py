"""A release as a Data Package: its Parquet files and the ``datapackage.json`` that describes them.

Here: writing sorted frames as Parquet such that the same rows make the same bytes, and the Data
Package v2 descriptor. Not here: where a release lies and when it counts (``releases``), nor what the
columns mean (the caller describes them).

The release's name holds the hash of its content, and every file holds the release's name: so the hash
is taken of what is written before the file's footer, and the footer alone holds the name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dti_platform.storage import files
from dti_platform.storage.errors import Refused
from dti_platform.storage.tables import ROW_GROUP

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "MANIFEST",
    "NAME_KEY",
    "Draft",
    "TableDescription",
    "TableFile",
    "described",
]

MANIFEST = "datapackage.json"
#: The key under which a Parquet file's metadata holds the name of its release.
NAME_KEY = "dti:release"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True, slots=True)
class TableDescription:
    """What readers are told of a table.

    Attributes:
        title: its name for people.
        description: what a row says.
        columns: name, type (told to people; the file's own type is written in the manifest) and description.
        key: the columns that identify a row, in sort order.
        schema_version: raised when a column is removed, renamed or retyped.
        sources: Data Package sources, each with at least a title.
    """

    title: str
    description: str
    columns: Sequence[tuple[str, str, str]]
    key: Sequence[str]
    schema_version: str = "1"
    sources: Sequence[Mapping[str, str]] = field(default=())


def described(description: TableDescription | Mapping[str, Any]) -> TableDescription:
    """A description given as such, or as a mapping of the same shape."""
    return description if isinstance(description, TableDescription) else TableDescription(**description)


class TableFile:
    """A table of a release in the making: its rows are written, its footer waits for the release's name."""

    def __init__(self, folder: Path, name: str, frame: pl.DataFrame, description: TableDescription) -> None:
        import pyarrow.parquet as pq

        self.name = name
        self.description = description
        self.content = ""
        self.rows = frame.height
        ordered = _ordered(name, frame, description)
        self.schema = _schema(ordered)
        self._frame = ordered
        self.sink = files.NewFile(folder / f"{name}.parquet")
        self._writer = pq.ParquetWriter(
            self.sink, self.schema, version="2.6", compression="zstd", compression_level=3, store_schema=False
        )

    def write(self) -> None:
        """Writes the rows, in fixed row groups."""
        for start in range(0, self.rows, ROW_GROUP):
            part = self._frame.slice(start, ROW_GROUP).to_arrow().combine_chunks().cast(self.schema)
            self._writer.write_table(part, row_group_size=ROW_GROUP)
        self.content = self.sink.sha256

    def finish(self, release: str) -> None:
        """Writes the footer with the release's name and makes the file durable."""
        self._writer.add_key_value_metadata({NAME_KEY: release, "dti:schema_version": self.description.schema_version})
        self._writer.close()
        self.sink.seal()

    def close(self) -> None:
        """Closes what is open; a file that is not finished stays without its end."""
        self.sink.abandon()
        self._writer.close()
        self.sink.close()

    def resource(self) -> dict[str, Any]:
        """Its resource in the manifest, but for hash and size, which hang on the release's name."""
        told = {name: text for name, _, text in self.description.columns}
        fields = [
            {"name": column.name, "type": _field_type(column.type), "description": told[column.name]}
            for column in self.schema
        ]
        return {
            "name": self.name,
            "type": "table",
            "path": f"{self.name}.parquet",
            "title": self.description.title,
            "description": self.description.description,
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
            "schema": {"fields": fields, "primaryKey": list(self.description.key)},
            "dti:schema_version": self.description.schema_version,
            "dti:rows": self.rows,
            "dti:content": self.content,
        } | ({"sources": [dict(source) for source in self.description.sources]} if self.description.sources else {})


class Draft:
    """The files of a release in the making, in a folder that no reader sees."""

    def __init__(
        self,
        folder: Path,
        tables: Mapping[str, pl.DataFrame],
        descriptions: Mapping[str, TableDescription | Mapping[str, Any]],
        properties: Mapping[str, Any],
    ) -> None:
        self.folder = folder
        self._frames = tables
        self._descriptions = descriptions
        self._properties = properties
        self._tables: list[TableFile] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Writes the rows of all tables."""
        files.make_folder(self.folder)
        with self._open as failing:
            for name in sorted(self._frames):
                table = TableFile(self.folder, name, self._frames[name], described(self._descriptions[name]))
                self._tables.append(failing.enter_context(closing(table)))
                table.write()
            self._open = failing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Closes what is open; the folder is for the caller to keep or remove."""
        self._open.close()

    @property
    def content(self) -> str:
        """The hash of all that the release says: every row, every description; not its name nor its footers."""
        said = {"properties": dict(self._properties), "resources": [table.resource() for table in self._tables]}
        return files.digest(_json(said))

    def finish(self, release: str) -> dict[str, str]:
        """Writes the release's name into every file and the manifest; returns each file's sha256."""
        for table in self._tables:
            table.finish(release)
        files.create(self.folder / MANIFEST, self._manifest(release), durable=False)
        files.sync(self.folder)
        sealed = {table.sink.path.name: table.sink.sha256 for table in self._tables}
        return sealed | {MANIFEST: files.digest(self._manifest(release))}

    def _manifest(self, release: str) -> bytes:
        """The Data Package v2 descriptor."""
        resources = [
            table.resource() | {"bytes": table.sink.size, "hash": f"sha256:{table.sink.sha256}"}
            for table in self._tables
        ]
        head = {"$schema": PROFILE, "name": f"dti-{release}", "version": release, "dti:content": self.content}
        return _json(head | dict(self._properties) | {"resources": resources})


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _ordered(name: str, frame: pl.DataFrame, description: TableDescription) -> pl.DataFrame:
    """The rows by full key, nulls first.

    Raises:
        Refused: the columns are not those described, or two rows have one key.
    """
    expected = [column for column, _, _ in description.columns]
    if frame.columns != expected:
        raise Refused(f"table {name}: has the columns {frame.columns}, but {expected} are described; make them agree")
    key = list(description.key)
    if frame.select(key).is_duplicated().any():
        twice = frame.filter(frame.select(key).is_duplicated()).select(key).row(0)
        raise Refused(f"table {name}: the key {dict(zip(key, twice, strict=True))} names more than one row")
    return frame.sort(key, nulls_last=False)


def _schema(frame: pl.DataFrame) -> Any:
    """The frame's Arrow schema in the types that every reader has: plain strings."""
    import pyarrow as pa

    plain = {pa.large_string(): pa.string(), pa.string_view(): pa.string()}
    return pa.schema([each.with_type(plain.get(each.type, each.type)) for each in frame.clear().to_arrow().schema])


def _field_type(arrow: Any) -> str:
    """The Data Package type of a column."""
    import pyarrow.types as kinds

    rules = {
        "string": kinds.is_string,
        "integer": kinds.is_integer,
        "boolean": kinds.is_boolean,
        "date": kinds.is_date,
        "datetime": kinds.is_timestamp,
    }
    found = [name for name, holds in rules.items() if holds(arrow)]
    return found[0] if found else "number"
