"""What each file of a year gave, remembered file by file: one changed workbook has one read again.

Here: keeping it as one entry of the cache, each file under all that reading it depends on. Not here: which
files count beside others (``submissions``), asked anew whenever one of them changes. A refused file is not remembered:
a bound that was met once need not be met again.
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

#: One row: of each file what reading it depends on, how many rows it gave and all else that it says; and all the rows.
_SCHEMA = {"files": pl.String} | dict.fromkeys(READ, pl.Binary)


def versions(
    cache: Cache, year: int, received: Sequence[Received], known: Known, key: Callable[[Received], str]
) -> list[Version]:
    """What each file of a year gives, in their order: remembered, or read and remembered.

    Args:
        cache: of the data root.
        year: the year.
        received: its files.
        known: units and frameworks.
        key: all that reading a file depends on.
    """
    keys = [key(each) for each in received]
    kept = recalled(cache, year)
    missing = [each for each, name in zip(received, keys, strict=True) if name not in kept]
    read = dict(zip(map(id, missing), read_versions(missing, known), strict=True))
    found = [
        read[id(each)] if id(each) in read else Version(each, kept[name])
        for each, name in zip(received, keys, strict=True)
    ]
    given = {name: each.parsed for name, each in zip(keys, found, strict=True) if each.parsed.refusal is None}
    if given.keys() != kept.keys():
        cache.put(_place(year), _packed(given))
    return found


def recalled(cache: Cache, year: int) -> Mapping[str, Parsed]:
    """What each file gave by key; nothing where nothing is kept, or another version of the code kept it."""
    kept = cache.get(_place(year))
    frame = None if kept is None else pl.read_parquet(io.BytesIO(kept))
    if frame is None or frame.schema != _SCHEMA:
        return {}
    files, *contents = frame.row(0)
    frames = [pl.read_parquet(io.BytesIO(each)) if each else pl.DataFrame() for each in contents]
    given: dict[str, Parsed] = {}
    at = [0] * len(READ)
    for each in json.loads(files):
        observations, quarantine, submissions = map(pl.DataFrame.slice, frames, at, each["rows"])
        at = [start + height for start, height in zip(at, each["rows"], strict=True)]
        said = unpacked(each["said"])
        given[each["key"]] = feeds.Parsed(
            observations, quarantine, submissions, said.stated, said.remarks, said.quotations, said.corrected,
            outlived=said.outlived,
        )  # fmt: skip
    return given


def content(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet: the same rows give the same bytes, which as Arrow IPC they do not."""
    sink = io.BytesIO()
    frame.rechunk().write_parquet(sink, compression="zstd", statistics=False)
    return sink.getvalue()


def _place(year: int) -> str:
    return hashlib.sha256(f"what each file of {year} gave".encode()).hexdigest()


def _packed(given: Mapping[str, Parsed]) -> bytes:
    """What files gave, as one entry of the cache."""
    files = json.dumps([_said(key, parsed) for key, parsed in given.items()], ensure_ascii=False)
    frames = [content(pl.concat([getattr(each, name) for each in given.values()])) if given else b"" for name in READ]
    return content(pl.DataFrame([(files, *frames)], schema=_SCHEMA, orient="row"))


def _said(key: str, parsed: Parsed) -> Mapping[str, object]:
    said = (parsed.stated, parsed.remarks, parsed.quotations, parsed.corrected, parsed.outlived)
    rows = [getattr(parsed, name).height for name in READ]
    return {"key": key, "rows": rows, "said": packed(Extract([], [], Account(*parsed.submissions.row(0)), *said))}
