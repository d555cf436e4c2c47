"""The feeds as assets, where lineage begins: whose each is, how often it comes, and what it has brought.

Here: a feed as an asset that senders fill and no run makes, and the event by which a run says what it has brought.
Not here: what is counted (``pipeline.deliveries``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform import feeds
from dti_platform.orchestration.static_metadata import OWNERS, feed_tags, place
from dti_platform.pipeline.deliveries import delivered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from dti_platform.feeds import FeedModule
    from dti_platform.pipeline.deliveries import Delivered
    from dti_platform.storage import Receipt, Store

GROUP = "feeds"
#: Of a feed, what the UI shows beside its title.
DECLARED = ("publisher", "licence", "rhythm", "sender", "index", "pattern")
#: Under which name an event holds the hash of all that it says: the same content is said once.
CONTENT = "content"


def key_of(feed: str) -> dg.AssetKey:
    """The asset of a feed."""
    return dg.AssetKey([GROUP, feed])


def specs(store: Store) -> list[dg.AssetSpec]:
    """Every feed as an asset that comes from outside, at its committed files, or else where they will arrive."""
    return [
        dg.AssetSpec(
            key_of(name),
            description=f"{module.FEED.title_vi} · {module.FEED.title_en}\n\n{first_line(module)}",
            group_name=GROUP,
            owners=OWNERS,
            kinds={"file"},
            tags=feed_tags(module.FEED),
            code_version=feeds.reader_version(name),
            metadata={
                **{field: str(getattr(module.FEED, field)) for field in DECLARED},
                "evidence": feed_tags(module.FEED)["evidence"],
                **place(folder if (folder := store.feeds / name).is_dir() else store.inbox / name, module.parse),
            },
        )
        for name, module in feeds.discover().items()
    ]


def first_line(module: FeedModule) -> str:
    """What a feed is, as its module says."""
    return (module.__doc__ or "").partition("\n")[0]


def brought(
    instance: dg.DagsterInstance, receipts: Iterable[Receipt], submissions: pl.DataFrame
) -> Iterator[dg.AssetMaterialization]:
    """An event for each feed that has brought something since the last event said what it had brought.

    No data version: a feed is known to be read only after its files were landed, and would make the receipts look out
    of date each time.

    Args:
        instance: holds the events before.
        receipts: all that came, in order.
        submissions: the table of all years.
    """
    all_of = delivered(feeds.discover(), receipts, submissions)
    said = contents(instance, [key_of(feed) for feed in all_of])
    for feed, each in all_of.items():
        if each.last_arrival and said.get(key_of(feed)) != content_of(each):
            yield dg.AssetMaterialization(key_of(feed), metadata=shown(each))


def contents(instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, object]:
    """What the last event of each feed said."""
    entries = [each.asset_entry for each in instance.get_asset_records(keys)]
    last = {each.asset_key: each.last_materialization for each in entries}
    made = {key: event.asset_materialization for key, event in last.items() if event and event.asset_materialization}
    return {key: each.metadata[CONTENT].value for key, each in made.items() if CONTENT in each.metadata}


def content_of(feed: Delivered) -> str:
    """The hash of all that is said of a feed."""
    return hashlib.sha256(json.dumps(asdict(feed), sort_keys=True).encode()).hexdigest()[:16]


def shown(feed: Delivered) -> Mapping[str, dg.MetadataValue | str | int]:
    """What the UI shows of what a feed has brought; numbers alone are plotted."""
    arrived = datetime.fromisoformat(feed.last_arrival or "")
    return {
        "last_arrival": dg.MetadataValue.timestamp(arrived),
        "files": feed.files,
        "cells": feed.cells,
        "accepted": feed.accepted,
        "quarantined": feed.quarantined,
        "by_year": dg.MetadataValue.json(feed.by_year),
        CONTENT: content_of(feed),
    }
