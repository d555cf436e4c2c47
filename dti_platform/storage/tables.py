"""Stored tables: one Parquet file for each table and year, replaced whole, refused when altered.

Here: writing a frame durably, and giving it back only if its bytes are those that were written. Not
here: what a table must look like (``dti_platform.tables``), nor what readers get (``releases``).

Beside ``<year>.parquet`` lies ``<year>.json`` with the sha256. It is written first and names the file
before it too, so that a process killed between the two leaves a whole table: the one before.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from dti_platform.storage import files
from dti_platform.storage.errors import CorruptTable, Missing

if TYPE_CHECKING:
    import polars as pl

#: Rows of a row group, fixed so that the same rows always make the same bytes.
ROW_GROUP = 131_072
MEND = "delete both and run again, which makes them from the landed files"


class _Record(TypedDict):
    """The side record of a table: its hash and rows, and the hash of the table that it replaces."""

    sha256: str
    rows: int
    before: str | None


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A stored table of one year: the hash of its bytes, its rows, where it lies."""

    sha256: str
    rows: int
    path: Path


class Tables:
    """All stored tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, table: str, year: int, frame: pl.DataFrame) -> TableInfo:
        """Replaces a table of one year, unless it is the same to the byte.

        Raises:
            WriteFailed: the table before still stands.
        """
        content = _encode(frame)
        path = self._path(table, year)
        info = TableInfo(files.digest(content), frame.height, path)
        known = self._record(table, year)
        before = _digest_of(path)
        if not known or before not in (known["sha256"], known["before"]):
            before = None
        elif before == known["sha256"] == info.sha256:
            return info
        files.replace(path.with_suffix(".json"), _sealed(sha256=info.sha256, rows=info.rows, before=before))
        files.replace(path, content)
        return info

    def read(self, table: str, year: int) -> pl.DataFrame:
        """A table of one year.

        Raises:
            Missing: there is none.
            CorruptTable: its bytes are not those that were written.
        """
        import polars as pl

        return pl.read_parquet(io.BytesIO(self._verified(table, year)))

    def has(self, table: str, year: int) -> bool:
        """Whether there is such a table."""
        return self._path(table, year).is_file()

    def years(self, table: str) -> list[int]:
        """The years that a table has."""
        return sorted(int(path.stem) for path in (self.folder / table).glob("[0-9]*.parquet"))

    def info(self, table: str, year: int) -> TableInfo:
        """What is stored, from the side record; ``read`` verifies it.

        Raises:
            Missing: there is none.
            CorruptTable: the side record is damaged.
        """
        path = self._path(table, year)
        if not path.is_file():
            raise Missing(f"{path}: not there; run the step that makes it")
        if not (record := self._record(table, year)):
            raise CorruptTable(f"{path.with_suffix('.json')}: is damaged or gone; {MEND}")
        return TableInfo(record["sha256"], record["rows"], path)

    def _path(self, table: str, year: int) -> Path:
        return self.folder / table / f"{year}.parquet"

    def _verified(self, table: str, year: int) -> bytes:
        """The bytes of a table, read again if a writer came between record and table."""
        for _ in range(3):
            record = self._record(table, year)
            try:
                content = self._path(table, year).read_bytes()
            except FileNotFoundError as error:
                raise Missing(f"{self._path(table, year)}: not there; run the step that makes it") from error
            if record and files.digest(content) in (record["sha256"], record["before"]):
                return content
        raise CorruptTable(
            f"{self._path(table, year)}: its bytes are not those that were written, by {year}.json; {MEND}"
        )

    def _record(self, table: str, year: int) -> _Record | None:
        """The side record; None if there is none or it is damaged."""
        try:
            content = self._path(table, year).with_suffix(".json").read_bytes()
            record: _Record = json.loads(content)
            return record if content == _sealed(record["sha256"], record["rows"], record["before"]) else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def _sealed(sha256: str, rows: int, before: str | None) -> bytes:
    """A side record, with a hash of its own."""
    record = {"sha256": sha256, "rows": rows, "before": before}
    return json.dumps(record | {"seal": files.digest(json.dumps(record).encode())}).encode()


def _encode(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, statistics=True, row_group_size=ROW_GROUP)
    return buffer.getvalue()


def _digest_of(path: Path) -> str | None:
    try:
        return files.digest(path.read_bytes())
    except FileNotFoundError:
        return None
