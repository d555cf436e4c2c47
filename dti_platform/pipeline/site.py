"""The site of a release: made from its tables, put beside the releases, and made again where code has changed.

Here: which code and data a site depends on, and what it is made from. Not here: pages (``report.site``), folders
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


#: What makes pages beside code and words: templates, style, script.
DRAWN = frozenset({".j2", ".css", ".js"})


#: The intervals that rest on official figures, among the files of an audit (``pipeline.robustness``).
AUDITED = "rank_robustness.parquet"


class Site(NamedTuple):
    """The site of a release, and whether it was made now."""

    release: str
    path: Path
    is_new: bool


def version() -> str:
    """What pages depend on beside the release: code, words, templates and style that make them, names, maps."""
    rooms = ("report", "pages", "explain", "publications", "methodology", *GROUND)
    drawn = [each for room in ("pages", "report") for each in (PACKAGE / room).rglob("*") if each.suffix in DRAWN]
    seen = hashlib.sha256()
    for path in sorted([*drawn, *default_folder().glob("maps/*.geojson")]):
        seen.update(path.read_bytes())
    return f"{source_version(*rooms)}-{reference_version()}-{seen.hexdigest()[:12]}"


def make(store: Store, release: str | None = None) -> Site:
    """The site of a release (default: the newest), in its place below ``published/sites``.

    Raises:
        Missing: there is no such release.
        CorruptRelease: its bytes are not those that were published.
    """
    record = recorded(store, release)
    wanted = f"{version()}{audited(store, record.name)}"
    if there := store.sites.find(record.name, wanted):
        return Site(record.name, there, is_new=False)
    return Site(record.name, store.sites.put(record.name, wanted, pages(store, record)), is_new=True)


def write(store: Store, folder: Path, release: str | None = None) -> Site:
    """The site of a release in a folder that somebody names.

    Raises:
        Missing: there is no such release.
        CorruptRelease: its bytes are not those that were published.
    """
    record = recorded(store, release)
    store.sites.write(folder, record.name, f"{version()}{audited(store, record.name)}", pages(store, record))
    return Site(record.name, folder, is_new=True)


def recorded(store: Store, release: str | None) -> Release:
    """The release asked for, or the newest, whose files lie there.

    Raises:
        Missing: there is no such release.
    """
    return store.releases.find(release or store.releases.open().name)


def pages(store: Store, record: Release) -> Iterator[tuple[str, bytes]]:
    """The files of a site, by path."""
    return files_of(content(store, record))


def content(store: Store, record: Release) -> Content:
    """What the site of a release is made from."""
    earlier = [each for each in store.releases.list() if each.number < record.number]
    before = store.releases.open(earlier[-1].name) if earlier else None
    released = store.releases.open(record.name)
    return Content(released, record, before, units.load(check=False), methodology.load(), intervals(store, record.name))


def intervals(store: Store, release: str) -> dict[tuple[str | None, ...], Interval]:
    """Where units may stand in the rankings of a release that rest on official figures, where those are audited."""
    content = store.audits.verified(release, AUDITED)
    rows = pl.DataFrame() if content is None else pl.read_parquet(io.BytesIO(content))
    return {
        tuple(row[name] for name in PLACE): Interval(
            math.floor(row["rank_p05"]), math.ceil(row["rank_p95"]), row["told_apart"] is not False
        )
        for row in rows.iter_rows(named=True)
    }


def audited(store: Store, release: str) -> str:
    """What pages depend on of an audit: the hash of its intervals; nothing where there are none."""
    found = intervals(store, release)
    return f"-{hashlib.sha256(repr(sorted(found.items(), key=repr)).encode()).hexdigest()[:12]}" if found else ""
