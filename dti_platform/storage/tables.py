"""Stored tables: Parquet files for each table and year, believed by the hash that the ledger records.

Here: writing a frame durably, and giving it back only if its bytes are those that were written. Not here: what a table
must look like (``dti_platform.tables``), what readers get (``releases``), nor where the hashes stand (``derived``).

A file bears its sha256 in its name, ``<year>-<sha256>.parquet``: the one before stays until the ledger records the new
one, so that a reader meanwhile, or after a killed run, reads the tables of the run before.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.storage import files
from dti_platform.storage.errors import CorruptTable, Missing, Unreadable
from dti_platform.storage.objects import LocalObjects, Objects

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.storage.derived import Derived

#: Rows of a row group, fixed so that the same rows always make the same bytes.
ROW_GROUP = 131_072
PART = "tables"
#: A run reads each table a dozen times: so many of at most so many bytes are decoded once; their hash is always asked.
_MOST_DECODED, _SMALL = 128, 2**17


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A stored table of one year: the hash of its bytes, and where it lies."""

    sha256: str
    path: Path

    @property
    def size(self) -> int:
        """Bytes on disk; of a file that is gone, which ``read`` tells of, none."""
        return self.path.stat().st_size if self.path.is_file() else 0


class Tables:
    """All stored tables."""

    def __init__(self, folder: Path, derived: Derived) -> None:
        self.folder = folder
        self._objects: Objects = LocalObjects(folder)
        self._derived = derived
        self._decoded: dict[str, pl.DataFrame] = {}

    def write(self, table: str, year: int, frame: pl.DataFrame) -> TableInfo:
        """Stores a table of one year; this process reads it from now on, others once it is recorded.

        Raises:
            WriteFailed: the table before still stands.
        """
        content = encode(frame)
        key = _key(f"{table}/{year}", files.digest(content))
        if self._content(key) != content:
            self._objects.put({key: content})
        return TableInfo(self._derived.add(PART, f"{table}/{year}", content), self.folder / key)

    def read(self, table: str, year: int, columns: list[str] | None = None) -> pl.DataFrame:
        """A table of one year, or some columns of it.

        Raises:
            Missing: none is known.
            CorruptTable: it is gone, or its bytes are not those that were written.
        """
        import polars as pl

        sha256, content = self._verified(table, year)
        frame = self._decoded.get(sha256)
        if columns:
            return pl.read_parquet(io.BytesIO(content), columns=columns) if frame is None else frame[columns]
        if frame is None:
            frame = pl.read_parquet(io.BytesIO(content))
            if frame.estimated_size() <= _SMALL:
                known = self._decoded if len(self._decoded) < _MOST_DECODED else {}
                self._decoded = {**known, sha256: frame}
        return frame

    def find(self, table: str, year: int, columns: Mapping[str, pl.DataType]) -> pl.DataFrame | None:
        """A table of one year; None where there is none to be believed.

        One with other columns or types than these, or in another order, is not believed: other code wrote it.
        """
        try:
            frame = self.read(table, year)
        except (Missing, CorruptTable):
            return None
        return frame if [*frame.schema.items()] == [*columns.items()] else None

    def is_whole(self, table: str, year: int, columns: Mapping[str, pl.DataType]) -> bool:
        """Whether a table lies there as it was written, with these columns; see ``find``."""
        import polars as pl

        info = self._info(table, year)
        content = None if info is None else self._content(_key(f"{table}/{year}", info.sha256))
        if info is None or content is None or files.digest(content) != info.sha256:
            return False
        return [*pl.read_parquet_schema(io.BytesIO(content)).items()] == [*columns.items()]

    def has(self, table: str, year: int) -> bool:
        """Whether such a table was made."""
        return self._info(table, year) is not None

    def years(self, table: str) -> list[int]:
        """The years for which a table was made."""
        names = (name.partition("/") for name in self.hashes())
        return sorted(int(year) for known, _, year in names if known == table)

    def info(self, table: str, year: int) -> TableInfo:
        """What was written; ``read`` verifies it.

        Raises:
            Missing: none is known.
        """
        if (info := self._info(table, year)) is None:
            raise Missing(f"{self.folder / table}: none of {year} is recorded in the ledger; `dti run` makes it")
        return info

    def hashes(self) -> Mapping[str, str]:
        """The hash of every table that was made, by table and year, such as ``scores/2022``."""
        return self._derived.of(PART)

    def sweep(self) -> list[Path]:
        """Removes the files that another of their year has taken the place of; says which."""
        known = {name: _key(name, sha256) for name, sha256 in self.hashes().items()}
        old = [key for key in self._objects.list() if known.get(_name(key), key) != key]
        self._objects.delete(old)
        return [self.folder / key for key in old]

    def _info(self, table: str, year: int) -> TableInfo | None:
        sha256 = self._derived.get(PART, f"{table}/{year}")
        return TableInfo(sha256, self.path(f"{table}/{year}", sha256)) if sha256 else None

    def path(self, name: str, sha256: str) -> Path:
        """Where the file of a table and year, such as ``scores/2022``, with this hash lies."""
        return self.folder / _key(name, sha256)

    def _verified(self, table: str, year: int) -> tuple[str, bytes]:
        """The hash and the bytes of a table; looked for once more where a writer took it away in this instant."""
        info = self.info(table, year)
        content = self._content(_key(f"{table}/{year}", info.sha256))
        if content is None and (again := self.info(table, year)) != info:
            info, content = again, self._content(_key(f"{table}/{year}", again.sha256))
        if content is None or files.digest(content) != info.sha256:
            state = "is gone or can't be read" if content is None else "its bytes are not those that were written"
            raise CorruptTable(f"{info.path}: {state}; `dti run` makes it again from the landed files")
        return info.sha256, content

    def _content(self, key: str) -> bytes | None:
        """The bytes of a file; None where there is none that can be read."""
        try:
            return self._objects.get(key)
        except (Missing, Unreadable):
            return None


def _key(name: str, sha256: str) -> str:
    """Where the file of a table and year lies below the folder."""
    return f"{name}-{sha256}.parquet"


def _name(key: str) -> str:
    """Table and year of a file; earlier versions left the hash out of its name."""
    return key.rpartition(".")[0].partition("-")[0]


def encode(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet: the same rows always make the same bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, statistics=True, row_group_size=ROW_GROUP)
    return buffer.getvalue()
