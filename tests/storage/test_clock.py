"""The clock is a recorded fact: no order, no choice and no byte of a release hangs on it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dti_platform.storage import Missing, Release, Store
from tests.storage.samples import DESCRIPTIONS, Clock, tables

NOON = datetime(2022, 8, 8, 5, 0, tzinfo=UTC)  # 12:00 in Hanoi
HOURS = {
    "forward": [0, 1, 2],
    "standing still": [0, 0, 0],
    "a second back": [0, -1 / 3600, -2 / 3600],
    "a day back": [0, -24, 24],
    "a year back": [0, -8760, -17520],
    "back to 1970": [0, -461_000, 1],
    "ahead to 2099": [0, 671_000, 1],
    "set right after being ahead": [8760, 0, 1],
    "over midnight in Hanoi": [11.9, 12.1, 12.2],
    "over midnight UTC": [18.9, 19.1, 19.2],
    "over the new year": [3480, 3500, 3510],
    "over 2038": [135_000, 136_000, 137_000],
}
CLOCKS = {
    "a zone east": lambda now: now.astimezone(timezone(timedelta(hours=14))),
    "a zone west": lambda now: now.astimezone(timezone(timedelta(hours=-12))),
    "a zone of minutes": lambda now: now.astimezone(timezone(timedelta(hours=5, minutes=45))),
    "no zone": lambda now: now.astimezone().replace(tzinfo=None),
    "microseconds": lambda now: now.replace(microsecond=999_999),
}


def publish(store: Store, version: int) -> Release:
    release = store.releases.publish(tables(version), DESCRIPTIONS, record={})
    assert release is not None
    return release


def check_order(store: Store, published: list[Release]) -> None:
    """The order is that of the ledger; as-of goes by recorded days, and the later entry wins."""
    fresh = Store(store.root)
    assert [release.name for release in fresh.releases.list()] == [release.name for release in published]
    assert fresh.releases.latest().name == published[-1].name
    assert fresh.releases.open().table("index_scores")["version"][0] == len(published)
    for day in {release.published_on for release in published}:
        expected = [release for release in published if release.published_on <= day][-1]
        assert fresh.releases.as_of(day).name == expected.name
    with pytest.raises(Missing):
        fresh.releases.as_of(min(release.published_on for release in published) - timedelta(days=1))
    assert fresh.verify() == []


@pytest.mark.parametrize("case", HOURS)
def test_p16_whatever_the_clock_says_the_ledger_orders(store: Store, clock: Clock, case: str) -> None:
    published: list[Release] = []
    for version, hours in enumerate(HOURS[case], start=1):
        clock.now = NOON + timedelta(hours=hours)
        published.append(publish(store, version))
    check_order(store, published)
    assert [release.number for release in published] == [1, 2, 3]


@pytest.mark.parametrize("case", CLOCKS)
def test_p16_whatever_its_zone_the_time_is_recorded_in_utc(tmp_path: Path, case: str) -> None:
    store = Store(tmp_path, clock=lambda: CLOCKS[case](NOON))
    published = [publish(store, 1), publish(store, 2)]
    assert {release.published_at for release in published} == {"2022-08-08T05:00:00Z"}
    check_order(store, published)


@pytest.mark.parametrize("when", [0, 2**31 - 1, None])
def test_p16_times_of_files_say_nothing(store: Store, when: int | None) -> None:
    published = [publish(store, 1), publish(store, 2), publish(store, 3)]
    chance = random.Random(16)
    for path in sorted(store.root.rglob("*")):
        moment = chance.randrange(2**32) if when is None else when
        os.utime(path, (moment, moment), follow_symlinks=False)
    check_order(store, published)
    assert store.releases.publish(tables(3), DESCRIPTIONS, record={}) is None


def test_no_time_is_in_a_release(tmp_path: Path, tell: Callable[[str], None]) -> None:
    stores = [Store(tmp_path / str(year), clock=lambda year=year: NOON.replace(year=year)) for year in (1999, 2099)]
    early, late = [publish(store, 1) for store in stores]
    assert early.files == late.files
    assert early.name == late.name
    tell(f"P16: {len(HOURS) + len(CLOCKS) + 4} clock cases: the ledger orders, no time in a release")
