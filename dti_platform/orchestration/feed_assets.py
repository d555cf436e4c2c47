"""The feeds as assets, where lineage begins: who publishes each feed, how often it arrives, and what it has delivered.

Here: a feed as an asset that senders fill and no run makes, and the event in which a run reports its deliveries.
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
from dti_platform.orchestration.static_metadata import OWNERS, feed_tags, location
from dti_platform.pipeline.deliveries import delivered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from dti_platform.feeds import FeedModule
    from dti_platform.pipeline.deliveries import Delivered
    from dti_platform.storage import Receipt, Store

GROUP = "feeds"
#: The fields of a feed that the UI shows beside its title.
DECLARED = ("publisher", "licence", "rhythm", "sender", "index", "pattern")
#: The metadata key of the hash of an event's content: the same content is reported once.
CONTENT = "content"


def key_of(feed: str) -> dg.AssetKey:
    """The asset of a feed."""
    return dg.AssetKey([GROUP, feed])


def specs(store: Store) -> list[dg.AssetSpec]:
    """Every feed as an external asset; its folder is that of the committed files, else its inbox."""
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
                **location(folder if (folder := store.feeds / name).is_dir() else store.inbox / name, module.parse),
            },
        )
        for name, module in feeds.discover().items()
    ]


def first_line(module: FeedModule) -> str:
    """The first line of the docstring of a feed's module."""
    return (module.__doc__ or "").partition("\n")[0]


def brought(
    instance: dg.DagsterInstance, receipts: Iterable[Receipt], submissions: pl.DataFrame
) -> Iterator[dg.AssetMaterialization]:
    """An event for each feed whose deliveries have changed since its last event.

    The events have no data version: a feed's files are read only after they were landed, so that a new version would
    make the receipts look outdated each time.

    Args:
        instance: has the earlier events.
        receipts: all receipts, in order.
        submissions: the table of all years.
    """
    deliveries = delivered(feeds.discover(), receipts, submissions)
    previous = last_contents(instance, [key_of(feed) for feed in deliveries])
    for feed, delivery in deliveries.items():
        if delivery.last_arrival and previous.get(key_of(feed)) != content_of(delivery):
            yield dg.AssetMaterialization(key_of(feed), metadata=metadata_of(delivery))


def last_contents(instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, object]:
    """The content hash of the last event of each feed."""
    entries = [record.asset_entry for record in instance.get_asset_records(keys)]
    last = {entry.asset_key: entry.last_materialization for entry in entries}
    materialised = {
        key: event.asset_materialization for key, event in last.items() if event and event.asset_materialization
    }
    return {key: event.metadata[CONTENT].value for key, event in materialised.items() if CONTENT in event.metadata}


def content_of(delivery: Delivered) -> str:
    """The hash of all that an event reports of a feed."""
    return hashlib.sha256(json.dumps(asdict(delivery), sort_keys=True).encode()).hexdigest()[:16]


def metadata_of(delivery: Delivered) -> Mapping[str, dg.MetadataValue | str | int]:
    """What the UI shows of a feed's deliveries; it plots the numbers."""
    last_arrival = datetime.fromisoformat(delivery.last_arrival or "")
    return {
        "last_arrival": dg.MetadataValue.timestamp(last_arrival),
        "files": delivery.files,
        "cells": delivery.cells,
        "accepted": delivery.accepted,
        "quarantined": delivery.quarantined,
        "by_year": dg.MetadataValue.json(delivery.by_year),
        CONTENT: content_of(delivery),
    }
