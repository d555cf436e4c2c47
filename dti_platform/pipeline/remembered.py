"""The tables read from each file of a year, cached file by file, so that only a changed workbook is read again.

Here: one entry of the cache for a year, with a key for each file over all that reading it depends on. Not here: which
of several files count (``submissions``), which is decided anew whenever one of them changes. A refused file is not
cached: a limit that was exceeded once may not be exceeded again.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import feeds
from dti_platform.feeds.extract import Account, Extract, packed, unpacked
from dti_platform.pipeline.flow import READ
from dti_platform.submissions.versions import Version, read_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from dti_platform.feeds import Known, Parsed, Received
    from dti_platform.storage.pruned import Cache

#: One row: as JSON the key of each file, its numbers of rows and its other contents; and the rows of all files.
_SCHEMA = {"files": pl.String} | dict.fromkeys(READ, pl.Binary)


def versions(
    cache: Cache, year: int, received: Sequence[Received], known: Known, key: Callable[[Received], str]
) -> list[Version]:
    """The contents of each file of a year, in the given order: from the cache, or read and cached.

    Args:
        cache: the cache of the data root.
        year: the year.
        received: its files.
        known: units and frameworks.
        key: gives the hash of all that reading a file depends on.
    """
    keys = [key(file) for file in received]
    cached = recalled(cache, year)
    missing = [file for file, file_key in zip(received, keys, strict=True) if file_key not in cached]
    read = dict(zip(map(id, missing), read_versions(missing, known), strict=True))
    results = [
        read[id(file)] if id(file) in read else Version(file, cached[file_key])
        for file, file_key in zip(received, keys, strict=True)
    ]
    by_key = {
        file_key: version.parsed
        for file_key, version in zip(keys, results, strict=True)
        if version.parsed.refusal is None
    }
    if by_key.keys() != cached.keys():
        cache.put(_cache_key(year), _packed(by_key))
    return results


def recalled(cache: Cache, year: int) -> Mapping[str, Parsed]:
    """The cached contents by key of the file; none where nothing is cached, or only with another schema."""
    entry = cache.get(_cache_key(year))
    frame = None if entry is None else pl.read_parquet(io.BytesIO(entry))
    if frame is None or frame.schema != _SCHEMA:
        return {}
    listing, *contents = frame.row(0)
    frames = [pl.read_parquet(io.BytesIO(parquet)) if parquet else pl.DataFrame() for parquet in contents]
    by_key: dict[str, Parsed] = {}
    offsets = [0] * len(READ)
    for file in json.loads(listing):
        observations, quarantine, submissions = map(pl.DataFrame.slice, frames, offsets, file["rows"])
        offsets = [start + height for start, height in zip(offsets, file["rows"], strict=True)]
        extract = unpacked(file["said"])
        by_key[file["key"]] = feeds.Parsed(
            observations, quarantine, submissions,
            extract.stated, extract.remarks, extract.quotations, extract.corrected, outlived=extract.outlived,
        )  # fmt: skip
    return by_key


def content(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet: unlike in Arrow IPC, the same rows give the same bytes."""
    sink = io.BytesIO()
    frame.rechunk().write_parquet(sink, compression="zstd", statistics=False)
    return sink.getvalue()


def _cache_key(year: int) -> str:
    return hashlib.sha256(f"what each file of {year} gave".encode()).hexdigest()


def _packed(by_key: Mapping[str, Parsed]) -> bytes:
    """The contents of files as one entry of the cache."""
    listing = json.dumps([_entry(key, parsed) for key, parsed in by_key.items()], ensure_ascii=False)
    frames = [
        content(pl.concat([getattr(parsed, name) for parsed in by_key.values()])) if by_key else b"" for name in READ
    ]
    return content(pl.DataFrame([(listing, *frames)], schema=_SCHEMA, orient="row"))


def _entry(key: str, parsed: Parsed) -> Mapping[str, object]:
    fields = (parsed.stated, parsed.remarks, parsed.quotations, parsed.corrected, parsed.outlived)
    rows = [getattr(parsed, name).height for name in READ]
    return {"key": key, "rows": rows, "said": packed(Extract([], [], Account(*parsed.submissions.row(0)), *fields))}
