"""Secrets never rest (P20), and a run speaks to nobody: five planted canaries are found nowhere that a run writes, and
no socket of its process goes anywhere."""

from __future__ import annotations

import io
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tests.extended import AUTHOR, ENVIRONMENT, PERSON

if TYPE_CHECKING:
    from tests.extended import Extended

CANARIES = [PERSON, AUTHOR, *(value.partition(":canary")[2] or value for value in ENVIRONMENT.values())]


def told(path: Path) -> Iterator[bytes]:
    """What a file says, unpacked where it is packed."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".parquet":
        yield pl.read_parquet(io.BytesIO(content)).write_ndjson().encode()
    if content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as database:
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            values = (
                value for table in tables for row in database.execute(f'select * from "{table}"') for value in row
            )
            yield b"\n".join(unpacked(value) for value in values if isinstance(value, bytes | str))


def unpacked(value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw


def test_a_run_opens_no_outside_socket(extended: Extended) -> None:
    assert extended.asked == []


def test_no_secret_is_found_wherever_a_run_writes(extended: Extended) -> None:
    data, home = extended.root / "data", extended.root / "home"
    places = [path for place in (data, home) for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    received = {data / part for part in ("feeds", "landing")}
    written = [path for path in places if not received & set(path.parents)]
    assert {".parquet", ".db", ".json"} <= {path.suffix for path in written}
    assert any(home in path.parents for path in written)
    hits = [
        f"{canary} in {path.relative_to(extended.root)}"
        for path in written
        for said in told(path)
        for canary in CANARIES
        if canary.encode() in said
    ]
    assert hits == []
    assert [canary for canary in CANARIES if canary in extended.printed] == []


def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    """The search itself: in a Parquet file, in a packed value of a database."""
    pl.DataFrame({"text": [PERSON * 3] * 50}).write_parquet(tmp_path / "a.parquet", compression="zstd")
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("create table t (body blob)")
        database.execute("insert into t values (?)", [zlib.compress(AUTHOR.encode() * 9)])
        database.commit()
    assert any(PERSON.encode() in said for said in told(tmp_path / "a.parquet"))
    assert any(AUTHOR.encode() in said for said in told(tmp_path / "a.db"))
