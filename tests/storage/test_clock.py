"""The clock is a recorded fact: no order, no choice and no byte of a release hangs on it, and it goes back only by
leave."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dti_platform.cli import main
from dti_platform.storage import ClockBehind, Missing, Release, Store
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


#: By how many hours a clock goes back without leave.
LEEWAY = 1 / 6


def publish(store: Store, version: int) -> Release:
    release = store.releases.publish(tables(version), DESCRIPTIONS, record={})
    assert release is not None
    return release


def publish_by_leave(store: Store, version: int) -> Release:
    """Published once somebody has accepted the clock, whose refusal writes nothing."""
    head = store.ledger.head()
    with pytest.raises(ClockBehind, match="set the clock right, or say why it is right with `dti run --accept-clock"):
        publish(store, version)
    assert store.ledger.head() == head
    store.ledger.accept_clock("the machine was set up anew")
    return publish(store, version)


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
        back = bool(published) and HOURS[case][version - 2] - hours > LEEWAY
        published.append((publish_by_leave if back else publish)(store, version))
    check_order(store, published)
    assert [release.number for release in published] == [1, 2, 3]


@pytest.mark.parametrize(("seconds", "goes_on"), [(1, True), (600, True), (601, False)])
def test_a_clock_that_is_a_little_behind_goes_on_with_the_time_of_the_last_entry(
    store: Store, clock: Clock, seconds: int, goes_on: bool
) -> None:
    before = store.ledger.append("run", {})
    clock.turn(seconds=-seconds)
    if not goes_on:
        with pytest.raises(ClockBehind):
            store.ledger.append("run", {})
        return
    assert store.ledger.append("run", {}).at == before.at
    store.ledger.accept_clock("it is right")
    assert [entry.kind for entry in store.ledger.entries()] == ["run", "run"], "there is nothing to accept"


def test_an_accepted_clock_says_why_and_holds_from_then_on(store: Store, clock: Clock) -> None:
    ahead = store.ledger.append("run", {})
    clock.turn(days=-400)
    store.ledger.accept_clock("the clock was a year ahead")
    store.ledger.append("run", {})
    _, accepted, after = store.ledger.entries()
    assert (accepted.kind, accepted.body["reason"]) == ("clock", "the clock was a year ahead")
    assert (accepted.body["after"], accepted.at, after.at) == (ahead.at, after.at, "2021-07-04T09:00:00Z")
    assert Store(store.root).verify() == []


@pytest.mark.parametrize("year", [1970, 1999, 2000, *range(2010, 2025), 2038, 2099])
def test_p28_twenty_clocks_release_the_same_on_fresh_and_on_standing_roots(tmp_path: Path, year: int) -> None:
    files: list[object] = []
    for start in (NOON, None):
        clock = Clock(start or NOON.replace(year=year))
        store = Store(tmp_path / str(start), clock=clock)
        first = publish(store, 1)
        clock.now = NOON.replace(year=year)
        second = (publish_by_leave if clock.now < (start or clock.now) else publish)(store, 2)
        files.append((first.name, first.files, second.name, second.files))
        assert Store(store.root).verify() == []
    assert files[0] == files[1]


def dti(store: Store, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(store.root)])


COMMANDS = {
    "run": (), "release": (), "confirm": ("1", "--reason", "meant so"), "withdraw": ("1", "--reason", "a mistake"),
    "submit": ("FILE", "--feed", "self_assessment", "--period", "2022"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_writes_stops_in_a_sentence_and_goes_on_by_leave(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = Store(tmp_path / "data", clock=Clock(datetime(2999, 1, 1, tzinfo=UTC)))
    ahead.feeds.mkdir(parents=True)  # without any of its own, the project's would be received
    ahead.landing.receive(b"x", feed="self_assessment", period="2022", name="x.csv")
    monkeypatch.chdir(tmp_path)
    Path("FILE").write_bytes(b"x")
    arguments = [command, *COMMANDS[command]]
    head = ahead.ledger.head()
    stopped = dti(ahead, *arguments)
    assert (stopped.exit_code, "the last entry of the ledger is of 2999" in stopped.output) == (1, True), stopped.output
    assert ahead.ledger.head() == head
    assert dti(ahead, *arguments, "--accept-clock", " ").exit_code == 2
    if command != "run":  # the others cost no whole run
        assert "clock says" not in dti(ahead, *arguments, "--accept-clock", "it was ahead").output
        assert ahead.ledger.entries("clock")[0].body["reason"] == "it was ahead"


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
