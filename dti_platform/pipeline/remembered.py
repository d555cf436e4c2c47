"""What each file of a year gave, remembered file by file: one changed workbook has one read again.

Here: keeping it as one entry of the cache, a row a file, each under all that reading it depends on. Not here: which
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
from dti_platform.submissions.versions import Version, read_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from dti_platform.feeds import Known, Parsed, Received
    from dti_platform.storage.pruned import Cache

#: A row a file: what reading it depends on, its two frames of rows, and all else that it says.
_SCHEMA = {"key": pl.String, "observations": pl.Binary, "quarantine": pl.Binary, "said": pl.String}


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
    kept = _kept(cache, year)
    missing = [each for each, name in zip(received, keys, strict=True) if name not in kept]
    read = dict(zip(map(id, missing), read_versions(missing, known), strict=True))
    found = [
        read[id(each)] if id(each) in read else Version(each, _parsed(kept[name]))
        for each, name in zip(received, keys, strict=True)
    ]
    rows = {
        name: kept[name] if name in kept else _row(name, each.parsed)
        for name, each in zip(keys, found, strict=True)
        if each.parsed.refusal is None
    }
    if rows.keys() != kept.keys():
        cache.put(_place(year), content(pl.DataFrame([*rows.values()], schema=_SCHEMA, orient="row")))
    return found


def content(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet: the same rows give the same bytes, which as Arrow IPC they do not."""
    sink = io.BytesIO()
    frame.rechunk().write_parquet(sink, compression="zstd", statistics=False)
    return sink.getvalue()


def _place(year: int) -> str:
    return hashlib.sha256(f"what each file of {year} gave".encode()).hexdigest()


def _kept(cache: Cache, year: int) -> Mapping[str, tuple[str, bytes, bytes, str]]:
    """The rows by key; none where nothing is kept, or another version of the code kept it."""
    kept = cache.get(_place(year))
    if kept is None:
        return {}
    frame = pl.read_parquet(io.BytesIO(kept))
    return {row[0]: row for row in frame.iter_rows()} if frame.schema == _SCHEMA else {}


def _row(key: str, parsed: Parsed) -> tuple[str, bytes, bytes, str]:
    account = Account(*parsed.submissions.row(0))
    said = (parsed.stated, parsed.remarks, parsed.quotations, parsed.corrected, parsed.outlived)
    text = json.dumps(packed(Extract([], [], account, *said)), ensure_ascii=False)
    return key, content(parsed.observations), content(parsed.quarantine), text


def _parsed(row: tuple[str, bytes, bytes, str]) -> Parsed:
    from dti_platform.feeds.framed import framed

    _, observations, quarantine, said = row
    given = framed(unpacked(json.loads(said)))
    return feeds.Parsed(
        pl.read_parquet(io.BytesIO(observations)),
        pl.read_parquet(io.BytesIO(quarantine)),
        given.submissions,
        given.stated,
        given.remarks,
        given.quotations,
        given.corrected,
        outlived=given.outlived,
    )
