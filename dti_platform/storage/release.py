"""One release: what the ledger records of it, and reading it, no row before its file's sha256 was checked.

Here: the record, opening the files, and every way in which they differ from what was published. Not here: publishing
and finding releases (``releases``).
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dti_platform.storage import files
from dti_platform.storage.errors import CorruptRelease, Missing
from dti_platform.storage.ledger import Entry

if TYPE_CHECKING:
    import polars as pl

#: A day is a day in Vietnam (UTC+7, no summer time).
VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Release:
    """A published release, as the ledger records it.

    Attributes:
        number: its place among all releases, from 1.
        name: number and short hash of content.
        content: sha256 of all that it says; until schema version 2 of its changes to the release before, too.
        kind: scheduled, revision or correction.
        reason: why, for the last two.
        published_at: UTC, as the clock said.
        files: sha256 of each of its files.
        record: what it was made from (receipts, frameworks, code, lock), as the publisher gave it.
        path: where it lies.
        entry: the ledger's entry that records it.
        by: the account that published it; None before accounts were recorded.
        on_behalf: who decided, as the account said; None where nobody was named.
    """

    number: int
    name: str
    content: str
    kind: str
    reason: str | None
    published_at: str
    files: Mapping[str, str]
    record: Mapping[str, Any]
    path: Path
    entry: Entry
    by: str | None = None
    on_behalf: str | None = None

    @property
    def names(self) -> tuple[str, str, str]:
        """By what it may be asked for: its name, its number, and its number as its name and ``revisions`` write it."""
        return self.name, str(self.number), f"{self.number:04}"

    def damaged(self) -> list[str]:
        """The files that are gone from its folder, or are not as they were published."""
        return [name for name, sha256 in self.files.items() if _checked(self.path, name, sha256)[0]]

    @property
    def published_on(self) -> date:
        """The day in Vietnam on which it was published."""
        return datetime.fromisoformat(self.published_at).astimezone(VIETNAM).date()

    @classmethod
    def recorded(cls, number: int, entry: Entry, folder: Path) -> Release:
        """The release that an entry of the ledger records, the ``number``-th of its kind."""
        body = entry.body
        return cls(
            number=number,
            name=body["release"],
            content=body["content"],
            kind=body["type"],
            reason=body["reason"],
            published_at=entry.at,
            files=body["files"],
            record=body["record"],
            path=folder / body["release"],
            entry=entry,
            by=body.get("by"),
            on_behalf=body.get("for"),
        )


MANIFEST = "datapackage.json"
#: The folder of the releases, below ``published``.
RELEASES = "releases"


#: What is said of a file that lies in a release's folder and that it does not have.
STRAY = "not part of the release: move it away"


def to_remake(name: str) -> str:
    """What puts a release's files back as they were published."""
    return f"`./dti rebuild {name}` makes it again from the received files, else restore it from the backup"


def path_of(table: str) -> str:
    """The file of a table, below the folder of its release; of ``folder/table``, in a folder of it."""
    return f"{table}.parquet"


class OpenRelease:
    """One release to read from.

    Attributes:
        name: its name.
        path: its folder.
        files: the sha256 of each of its files, by name.
    """

    def __init__(self, name: str, path: Path, hashes: Mapping[str, str]) -> None:
        self.name = name
        self.path = path
        self.files = hashes

    @classmethod
    def at(cls, path: Path) -> OpenRelease:
        """A release's folder without its ledger, such as a copy: the manifest alone says what its files are.

        Raises:
            Missing: there is no manifest.
            CorruptRelease: the manifest can't be read.
        """
        manifest = path / MANIFEST
        try:
            content = manifest.read_bytes()
            fields = json.loads(content)
            hashes = {each["path"]: each["hash"].removeprefix("sha256:") for each in fields["resources"]}
            return cls(fields["version"], path, hashes | {MANIFEST: files.digest(content)})
        except FileNotFoundError as error:
            raise Missing(f"{manifest}: not there, so {path} is not a release") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptRelease(f"{manifest}: can't be read ({error}); copy the release again") from error

    @property
    def remedy(self) -> str:
        """What to do where its bytes are not those that were published."""
        if self.path.parent.name == RELEASES:
            return to_remake(self.name)
        return "copy it again, or restore it from the backup; a candidate is made again by `dti run`"

    @property
    def number(self) -> int:
        """Its place among all releases, from 1; of a candidate the one that it would have."""
        return int(self.name.partition("-")[0])

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(sorted(name.removesuffix(".parquet") for name in self.files if name.endswith(".parquet")))

    def described(self, table: str) -> dict[str, Any]:
        """What the descriptor says of a table: its resource.

        Raises:
            Missing: the release has no such table.
        """
        for each in self.descriptor["resources"]:
            if each["path"] == path_of(table):
                return each
        raise Missing(f"release {self.name} has no table {table}; it has {', '.join(self.tables)}")

    @cached_property
    def descriptor(self) -> dict[str, Any]:
        """Its ``datapackage.json``, verified."""
        return _decoded(self.read(MANIFEST))

    def table(self, name: str) -> pl.DataFrame:
        """A table of the release.

        Raises:
            Missing: the release has no such table.
            CorruptRelease: its bytes are not those that were published.
        """
        return self.scan(name).collect()

    def scan(self, name: str) -> pl.LazyFrame:
        """A table of the release, verified now, decoded when it is collected, and then no more of it than is asked.

        Raises:
            Missing: the release has no such table.
            CorruptRelease: its bytes are not those that were published.
        """
        import polars as pl

        return pl.scan_parquet(io.BytesIO(self.read(path_of(name))))

    def read(self, file: str) -> bytes:
        """The bytes of one of its files.

        Raises:
            Missing: the release has no such file.
            CorruptRelease: the bytes are not those that were published.
        """
        if file not in self.files:
            raise Missing(f"release {self.name} has no {file}; it has {', '.join(sorted(self.files))}")
        fault, content = _checked(self.path, file, self.files[file])
        if fault:
            raise CorruptRelease(f"{fault}; {self.remedy}")
        return content


@lru_cache(maxsize=2)  # a run asks the release before of each of its tables
def _decoded(manifest: bytes) -> dict[str, Any]:
    return json.loads(manifest)


def faults_of(path: Path, hashes: Mapping[str, str]) -> list[str]:
    """Every way in which a release's folder differs from the hashes of its files."""
    if path.is_symlink() or not path.is_dir():
        return [f"{path}: the release's folder is not there"]
    faults = [fault for name in sorted(hashes) if (fault := _checked(path, name, hashes[name])[0])]
    paths, errors = files.below(path)
    known = {path / part for name in hashes for part in (name, *Path(name).parents)}
    faults += [f"{error.filename}: can't be read ({error.strerror})" for error in errors]
    return faults + [f"{each}: {STRAY}" for each in paths if each not in known]


def _checked(folder: Path, name: str, sha256: str) -> tuple[str | None, bytes]:
    """The fault of one file of a release's folder, if any, and its bytes."""
    path = folder / name
    if path.parent != folder and path.parent.is_symlink():
        return f"{path.parent}: a symbolic link, which is not followed", b""
    try:
        content = files.read(path)
    except OSError as error:
        return f"{path}: can't be read ({error.strerror})", b""
    actual = files.digest(content)
    return (None if actual == sha256 else f"{path}: has sha256 {actual}, was published with {sha256}"), content
