"""A release as a Data Package: its Parquet files and the ``datapackage.json`` that describes them.

Here: writing sorted frames as Parquet such that the same rows make the same bytes, and the Data
Package v2 descriptor. Not here: where a release lies and when it counts (``releases``), nor what the
columns mean (the caller describes them).

The release's name holds the hash of its content, and every file holds the release's name: so the hash
is taken of what is written before the file's footer, and the footer alone holds the name.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from dti_platform.storage import files
from dti_platform.storage.errors import Refused
from dti_platform.storage.release import path_of
from dti_platform.storage.tables import ROW_GROUP

if TYPE_CHECKING:
    import polars as pl

MANIFEST = "datapackage.json"
#: The key under which a Parquet file's metadata holds the name of its release.
NAME_KEY = "dti:release"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True, slots=True)
class TableDescription:
    """The description of a table for readers.

    Attributes:
        title: its name for people.
        description: what a row says.
        columns: name, type (for people; the file's own type is written in the manifest) and description.
        key: the columns that identify a row, in sort order.
        schema_version: raised when a column is removed, renamed or retyped.
        sources: Data Package sources, each with at least a title.
        fields: further properties of a column's field; a row that its ``constraints.enum`` does not allow is refused.
        foreign_keys: Data Package foreign keys.
        counted: columns for each of whose values file and manifest say in how many rows it stands.
        follows: its rows follow from this release and the one before, so that they are nothing that the release says.
    """

    title: str
    description: str
    columns: Sequence[tuple[str, str, str]]
    key: Sequence[str]
    schema_version: str = "1"
    sources: Sequence[Mapping[str, str]] = field(default=())
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    foreign_keys: Sequence[Mapping[str, object]] = field(default=())
    counted: Sequence[str] = ()
    follows: bool = False


class DescriptionFields(TypedDict):
    """The fields of ``TableDescription``, from a room that does not know this one."""

    title: str
    description: str
    columns: Sequence[tuple[str, str, str]]
    key: Sequence[str]
    schema_version: NotRequired[str]
    sources: NotRequired[Sequence[Mapping[str, str]]]
    fields: NotRequired[Mapping[str, Mapping[str, Any]]]
    foreign_keys: NotRequired[Sequence[Mapping[str, object]]]
    counted: NotRequired[Sequence[str]]
    follows: NotRequired[bool]


Description = TableDescription | DescriptionFields


def described(description: Description) -> TableDescription:
    """A description given as such, or as a mapping of the same shape."""
    return description if isinstance(description, TableDescription) else TableDescription(**description)


class TableFile:
    """A table of a release in the making: its rows are encoded, its footer waits for the release's name.

    A name with a slash, ``folder/table``, is a table in a folder of the release.
    """

    def __init__(self, name: str, frame: pl.DataFrame, description: TableDescription) -> None:
        import pyarrow.parquet as pq
        from polars import CompatLevel

        self.name = name
        self.path = path_of(name)
        self.description = description
        self.rows = frame.height
        self._counts = {f"dti:{column}": _counts(frame, column) for column in description.counted}
        order = _order(name, frame, description)
        self._schema = _schema(frame)
        written = _viewed(self._schema)
        self._buffer = io.BytesIO()
        self._writer = pq.ParquetWriter(
            self._buffer, written, version="2.6", compression="zstd", compression_level=3, store_schema=False
        )
        for start in range(0, self.rows, ROW_GROUP):
            part = _rows(frame, order, start).to_arrow(compat_level=CompatLevel.newest()).cast(written)
            self._writer.write_table(part, row_group_size=ROW_GROUP)
        #: The hash of its rows and columns, whatever the release's name.
        self.content = files.digest(self._buffer.getbuffer())

    def finish(self, release: str) -> bytes:
        """The file's bytes, with the release's name in the footer."""
        counts = {key: json.dumps(values, ensure_ascii=False) for key, values in self._counts.items()}
        version = {"dti:schema_version": self.description.schema_version}
        self._writer.add_key_value_metadata({NAME_KEY: release} | version | counts)
        self._writer.close()
        return self._buffer.getvalue()

    def resource(self) -> Mapping[str, object]:
        """Its resource in the manifest, but for its rows, and for hash and size, which hang on the release's name."""
        descriptions = {name: text for name, _, text in self.description.columns}
        fields = [
            {
                "name": column.name,
                "type": _field_type(column.type),
                "description": descriptions[column.name],
                **self.description.fields.get(column.name, {}),
            }
            for column in self._schema
        ]
        keys = [dict(each) for each in self.description.foreign_keys]
        schema = {"fields": fields, "primaryKey": list(self.description.key)} | ({"foreignKeys": keys} if keys else {})
        return {
            "name": self.name.replace("/", "-"),
            "type": "table",
            "path": self.path,
            "title": self.description.title,
            "description": self.description.description,
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
            "schema": schema,
            "dti:schema_version": self.description.schema_version,
        } | ({"sources": [dict(source) for source in self.description.sources]} if self.description.sources else {})

    def held(self) -> Mapping[str, object]:
        """What the manifest states of its rows."""
        return {"dti:rows": self.rows, "dti:content": self.content, **self._counts}


def encode(tables: Mapping[str, pl.DataFrame], descriptions: Mapping[str, Description]) -> list[TableFile]:
    """Tables of a release in the making, by name.

    Raises:
        Refused: a table is not as described.
    """
    return [TableFile(name, frame, described(descriptions[name])) for name, frame in tables.items()]


class Draft:
    """A release in the making, not on the disk yet."""

    def __init__(self, encoded: Iterable[TableFile], properties: Mapping[str, object]) -> None:
        self._properties = dict(properties)
        self._tables = sorted(encoded, key=attrgetter("name"))
        said = [{**each.resource(), **({} if each.description.follows else each.held())} for each in self._tables]
        statement = {"properties": self._properties, "resources": said}
        #: The hash of all that the release says: every row but of what follows from the release before, every
        #: description; not its name nor its footers.
        self.content = files.digest(_json(statement))

    @property
    def contents(self) -> Mapping[str, str]:
        """The hash of each table's rows and columns."""
        return {table.name: table.content for table in self._tables}

    def finish(self, release: str) -> dict[str, bytes]:
        """Every file of the release, by name, each with the release's name in it."""
        finished = {table.path: table.finish(release) for table in self._tables}
        return finished | {MANIFEST: self._manifest(release, finished)}

    def _manifest(self, release: str, finished: Mapping[str, bytes]) -> bytes:
        """The Data Package v2 descriptor."""
        resources: list[Mapping[str, object]] = []
        for table in self._tables:
            content = finished[table.path]
            size_and_hash = {"bytes": len(content), "hash": f"sha256:{files.digest(content)}"}
            resources.append({**table.resource(), **table.held(), **size_and_hash})
        head = {"$schema": PROFILE, "name": f"dti-{release}", "version": release, "dti:content": self.content}
        return _json(head | self._properties | {"resources": resources})


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    """In how many rows each value of a column stands, in the order of the values."""
    return dict(frame.group_by(column).len().sort(column).iter_rows())


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _order(name: str, frame: pl.DataFrame, description: TableDescription) -> pl.Series:
    """The places of the rows by full key, nulls first: the table itself is not copied to be sorted.

    Raises:
        Refused: the columns are not those described, two rows have one key, or a row has a value that is not allowed.
    """
    import polars as pl

    expected = [column for column, _, _ in description.columns]
    if frame.columns != expected:
        raise Refused(f"table {name}: has the columns {frame.columns}, but {expected} are described; make them agree")
    key = list(description.key)
    if frame.select(key).is_duplicated().any():
        twice = frame.filter(frame.select(key).is_duplicated()).select(key).row(0)
        raise Refused(f"table {name}: the key {dict(zip(key, twice, strict=True))} names more than one row")
    _require_allowed(name, frame, description)
    return frame.select(pl.arg_sort_by(key, nulls_last=False)).to_series()


def _require_allowed(name: str, frame: pl.DataFrame, description: TableDescription) -> None:
    """Refuses a row with a value that the manifest says can't be there."""
    limits = {column: each.get("constraints", {}).get("enum") for column, each in description.fields.items()}
    for column, allowed in limits.items():
        if allowed and (strange := ~frame[column].is_in(allowed)).any():
            row = frame.filter(strange).select(*description.key, column).row(0, named=True)
            raise Refused(f"table {name}: {column} may only be {', '.join(allowed)}, but this row is there: {row}")


def _schema(frame: pl.DataFrame) -> Any:
    """The frame's Arrow schema in the types that every reader has: plain strings."""
    import pyarrow as pa

    plain = {pa.large_string(): pa.string(), pa.string_view(): pa.string()}
    return pa.schema([each.with_type(plain.get(each.type, each.type)) for each in frame.clear().to_arrow().schema])


def _rows(frame: pl.DataFrame, order: pl.Series, start: int) -> pl.DataFrame:
    """A row group, in one piece each column: where chunks end shows in the bytes. Rows that lie so are not copied."""
    places = order.slice(start, ROW_GROUP)
    in_order = frame.slice(start, ROW_GROUP) if order.is_sorted() else frame[places]
    return in_order.rechunk()


def _viewed(schema: Any) -> Any:
    """The schema with each text as it lies in memory: in Parquet it is the same, and need not be copied first."""
    import pyarrow as pa

    return pa.schema([each.with_type(pa.string_view()) if each.type == pa.string() else each for each in schema])


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
    matching = [name for name, holds in rules.items() if holds(arrow)]
    return matching[0] if matching else "number"
