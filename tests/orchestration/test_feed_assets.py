"""What a run says of the feeds: once, from the receipts and the submissions, and only where something was brought."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from dti_platform import feeds, publications
from dti_platform.orchestration.feed_assets import brought, key_of
from dti_platform.pipeline.deliveries import delivered
from dti_platform.pipeline.flow import stored
from tests.conftest import Flow


@pytest.fixture(scope="module")
def events(flow: Flow) -> dict[str, list[dg.AssetMaterialization]]:
    """Of each feed, what the one run said."""
    with dg.DagsterInstance.from_config(str(flow.home)) as instance:
        records = {feed: instance.fetch_materializations(key_of(feed), limit=9).records for feed in feeds.discover()}
    return {feed: [made for each in found if (made := each.asset_materialization)] for feed, found in records.items()}


@pytest.mark.parametrize("feed", feeds.discover())
def test_a_feed_says_what_it_brought(feed: str, flow: Flow, events: dict[str, list[dg.AssetMaterialization]]) -> None:
    submissions = stored(flow.store, "submissions").filter(feed=feed)
    if not submissions.height:
        assert events[feed] == []
        return
    (event,) = events[feed]
    said: dict[str, Any] = {name: value.value for name, value in event.metadata.items()}
    for name in ("cells", "accepted", "quarantined"):
        assert said[name] == submissions[name].sum()
        assert said[name] == sum(year[name] for year in said["by_year"].values())
    assert said["files"] == submissions.height
    assert len(said["by_year"]) == submissions["period"].str.slice(0, 4).n_unique()


def test_what_was_said_is_not_said_again_and_one_file_is_one_event(flow: Flow) -> None:
    submissions, receipts = stored(flow.store, "submissions"), flow.store.landing.receipts()
    last = submissions.filter(feed="provincial_report")[-1]
    with dg.DagsterInstance.from_config(str(flow.home)) as instance:
        assert list(brought(instance, receipts, submissions)) == []
        (event,) = brought(instance, receipts, submissions.join(last, on=["feed", "file"], how="anti"))
        assert event.asset_key == key_of("provincial_report")


def test_a_feed_that_brought_nothing_says_nothing() -> None:
    nothing = publications.empty("submissions")
    assert delivered(["verification"], [], nothing)["verification"].last_arrival is None
    assert list(brought(dg.DagsterInstance.ephemeral(), [], nothing)) == []
