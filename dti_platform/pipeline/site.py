"""The site of a release: made from its tables, stored beside the releases, and made again when code changes.

Here: the code and data that a site depends on and is made from. Not here: pages (``report.site``), folders
(``storage.sites``).
"""

from __future__ import annotations

import hashlib
import io
import math
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform import methodology, units
from dti_platform.pipeline.versions import GROUND, PACKAGE, reference_version, source_version
from dti_platform.reference_tables.files import default_folder
from dti_platform.report.site import Content, files_of
from dti_platform.report.site.content import PLACE, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dti_platform.storage import Release, Store


#: Suffixes of the files that pages are made with besides code and words: templates, style, script.
SOURCE_SUFFIXES = frozenset({".j2", ".css", ".js"})


#: The intervals that rest on official figures, among the files of an audit (``pipeline.robustness``).
AUDITED = "rank_robustness.parquet"


class Site(NamedTuple):
    """The site of a release, and whether it was made now."""

    release: str
    path: Path
    is_new: bool


def version() -> str:
    """The version of all that pages depend on besides the release: code, words, templates, style, names and maps."""
    rooms = ("report", "pages", "explain", "publications", "methodology", *GROUND)
    sources = [
        file for room in ("pages", "report") for file in (PACKAGE / room).rglob("*") if file.suffix in SOURCE_SUFFIXES
    ]
    digest = hashlib.sha256()
    for path in sorted([*sources, *default_folder().glob("maps/*.geojson")]):
        digest.update(path.read_bytes())
    return f"{source_version(*rooms)}-{reference_version()}-{digest.hexdigest()[:12]}"


def make(store: Store, release: str | None = None) -> Site:
    """The site of a release (default: the newest), in its folder below ``published/sites``.

    Raises:
        Missing: there is no such release.
        CorruptRelease: its bytes are not those that were published.
    """
    record = recorded(store, release)
    current = f"{version()}{audit_version(store, record.name)}"
    if folder := store.sites.find(record.name, current):
        return Site(record.name, folder, is_new=False)
    return Site(record.name, store.sites.put(record.name, current, pages(store, record)), is_new=True)


def write(store: Store, folder: Path, release: str | None = None) -> Site:
    """The site of a release, written to a given folder.

    Raises:
        Missing: there is no such release.
        CorruptRelease: its bytes are not those that were published.
    """
    record = recorded(store, release)
    store.sites.write(folder, record.name, f"{version()}{audit_version(store, record.name)}", pages(store, record))
    return Site(record.name, folder, is_new=True)


def recorded(store: Store, release: str | None) -> Release:
    """The requested release, or the newest one.

    Raises:
        Missing: there is no such release.
    """
    return store.releases.find(release or store.releases.open().name)


def pages(store: Store, record: Release) -> Iterator[tuple[str, bytes]]:
    """The files of a site, by path."""
    return files_of(content(store, record))


def content(store: Store, record: Release) -> Content:
    """The data that the site of a release is made from."""
    earlier = [release for release in store.releases.list() if release.number < record.number]
    before = store.releases.open(earlier[-1].name) if earlier else None
    released = store.releases.open(record.name)
    return Content(released, record, before, units.load(check=False), methodology.load(), intervals(store, record.name))


def intervals(store: Store, release: str) -> dict[tuple[str | None, ...], Interval]:
    """The intervals of units' ranks in the audited rankings of a release on official figures."""
    content = store.audits.verified(release, AUDITED)
    rows = pl.DataFrame() if content is None else pl.read_parquet(io.BytesIO(content))
    return {
        tuple(row[name] for name in PLACE): Interval(
            math.floor(row["rank_p05"]), math.ceil(row["rank_p95"]), row["told_apart"] is not False
        )
        for row in rows.iter_rows(named=True)
    }


def audit_version(store: Store, release: str) -> str:
    """The hash of the intervals of an audit, on which pages depend; empty where there are none."""
    known = intervals(store, release)
    return f"-{hashlib.sha256(repr(sorted(known.items(), key=repr)).encode()).hexdigest()[:12]}" if known else ""
