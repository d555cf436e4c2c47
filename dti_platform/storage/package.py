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
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, NotRequired, TypedDict

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
        nullable: the columns that may hold no value; a key with one of them is a unique key, not a primary key.
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
    nullable: Collection[str] = ()


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
    nullable: NotRequired[Collection[str]]


Description = TableDescription | DescriptionFields


def described(description: Description) -> TableDescription:
    """A description given as such, or as a mapping of the same shape."""
    return description if isinstance(description, TableDescription) else TableDescription(**description)


class TableFile:
    """A table of a release in the making: its rows are encoded, its footer waits for the release's name.

    A name with a slash, ``folder/table``, is a table in a folder of the release.
    """

    def __init__(self, name: str, parts: Iterable[pl.DataFrame], description: TableDescription) -> None:
        """Takes the rows, one part or more, each after the one before by the key; they are not held as a whole.

        Raises:
            Refused: columns, keys or values are not as described.
        """
        self.name = name
        self.path = path_of(name)
        self.description = description
        self.rows = 0
        self._counted = {column: Counter[str]() for column in description.counted}
        self._buffer = io.BytesIO()
        for group in _row_groups(_ordered(name, parts, description)):
            if not self.rows:
                self._open(group)
            self._add(group)
            del group  # else it is still there while the next one is made
        #: The hash of its rows and columns, whatever the release's name.
        self.content = files.digest(self._buffer.getbuffer())

    def _open(self, frame: pl.DataFrame) -> None:
        """Begins the file, with the columns of a frame."""
        import pyarrow.parquet as pq

        self._schema = _schema(frame)
        self._writer = pq.ParquetWriter(
            self._buffer, _viewed(self._schema), version="2.6", compression="zstd", compression_level=3,
            store_schema=False,
        )  # fmt: skip

    def _add(self, group: pl.DataFrame) -> None:
        """Writes a row group; of no rows none."""
        from polars import CompatLevel

        if group.height:
            rows = group.to_arrow(compat_level=CompatLevel.newest()).cast(_viewed(self._schema))
            self._writer.write_table(rows, row_group_size=ROW_GROUP)
        self.rows += group.height
        for column, counts in self._counted.items():
            counts.update(dict(group.group_by(column).len().iter_rows()))

    @property
    def _counts(self) -> dict[str, dict[str, int]]:
        """In how many rows each value of a counted column stands, in the order of the values."""
        return {f"dti:{column}": dict(sorted(counts.items())) for column, counts in self._counted.items()}

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
        schema = {"fields": fields, **_stated_key(self.description)} | ({"foreignKeys": keys} if keys else {})
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
    return [TableFile(name, [frame], described(descriptions[name])) for name, frame in tables.items()]


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


def _stated_key(description: TableDescription) -> Mapping[str, object]:
    """The key as Data Package v2 states it: none of the values of a primary key may be missing."""
    key = list(description.key)
    return {"uniqueKeys": [key]} if {*key} & {*description.nullable} else {"primaryKey": key}


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _ordered(name: str, parts: Iterable[pl.DataFrame], description: TableDescription) -> Iterator[pl.DataFrame]:
    """Each part in the order of the key, nulls first; one that stands so is not copied.

    Raises:
        Refused: the columns are not those described, two rows have one key, a row has a value that is not allowed, or a
            part does not follow the one before.
    """
    import polars as pl

    expected, key = [column for column, _, _ in description.columns], list(description.key)
    last: list[tuple[bool, Any]] = []
    for part in parts:
        if part.columns != expected:
            raise Refused(
                f"table {name}: has the columns {part.columns}, but {expected} are described; make them agree"
            )
        _require_allowed(name, part, description)
        places = part.select(pl.arg_sort_by(key, nulls_last=False)).to_series()
        ordered = part if places.is_sorted() else part[places]
        keys = ordered.select(key)
        same = pl.col(key).slice(1).eq_missing(pl.col(key).slice(0, max(keys.height - 1, 0)))
        repeats = keys.select(pl.all_horizontal(same)).to_series()
        if repeats.any():
            _refuse_key(name, keys.row(repeats.arg_true()[0] + 1, named=True))
        if keys.height:
            first, end = (_place(keys.row(at)) for at in (0, -1))
            if first <= last:
                _refuse_key(name, keys.row(0, named=True))
            last = end
        yield ordered


def _place(key: Sequence[Any]) -> list[tuple[bool, Any]]:
    """A key, so that it compares as rows are sorted."""
    return [(value is not None, value) for value in key]


def _refuse_key(name: str, key: Mapping[str, object]) -> NoReturn:
    raise Refused(f"table {name}: the key {dict(key)} names more than one row, or stands after one that follows it")


def _row_groups(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows, as many together as a row group has; one group without rows where there are none."""
    waiting: list[pl.DataFrame] = []
    held, is_first = 0, True
    for part in parts:
        waiting.append(part)
        held += part.height
        del part
        while held >= ROW_GROUP:
            last = waiting.pop()
            held -= ROW_GROUP
            group, waiting = [*waiting, last.head(last.height - held)], [last.tail(held)]
            del last
            is_first = False
            yield _in_one_piece(group)
    if held or is_first:
        yield _in_one_piece(waiting)


def _in_one_piece(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Some frames as one, each column in one piece, for where pieces end shows in the bytes of Parquet.

    Takes the frames, one column after the other: one alone is there twice.
    """
    import polars as pl

    taken = [frames.pop(0).clone() for _ in range(len(frames))]
    return pl.DataFrame([pl.concat(each.drop_in_place(name) for each in taken).rechunk() for name in taken[0].columns])


def _require_allowed(name: str, frame: pl.DataFrame, description: TableDescription) -> None:
    """Refuses a row with a value that the manifest says can't be there."""
    import polars as pl

    limits = {column: each.get("constraints", {}).get("enum") for column, each in description.fields.items()}
    limits = {column: allowed for column, allowed in limits.items() if allowed}
    seen = frame.select(pl.col(*limits).unique().implode()).row(0, named=True) if limits else {}
    for column, allowed in limits.items():
        if strange := {*seen[column]}.difference(allowed, [None]):
            row = frame.filter(frame[column].is_in(strange)).select(*description.key, column).row(0, named=True)
            raise Refused(f"table {name}: {column} may only be {', '.join(allowed)}, but this row is there: {row}")


def _schema(frame: pl.DataFrame) -> Any:
    """The frame's Arrow schema in the types that every reader has: plain strings."""
    import pyarrow as pa

    plain = {pa.large_string(): pa.string(), pa.string_view(): pa.string()}
    return pa.schema([each.with_type(plain.get(each.type, each.type)) for each in frame.clear().to_arrow().schema])


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
