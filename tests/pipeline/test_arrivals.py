"""The rooms put together without Dagster: which files count once the folders have been looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dti_platform.pipeline import Platform
from dti_platform.storage import Store, Withdrawal
from dti_platform.submissions.folders import VANISHED

PLACE = Path("provincial_report", "2022", "indicators.csv")


@pytest.fixture
def platform(tmp_path: Path, project: Path) -> Platform:
    (tmp_path / "feeds" / PLACE).parent.mkdir(parents=True)
    shutil.copy2(project / "data" / "feeds" / PLACE, tmp_path / "feeds" / PLACE)
    return Platform(Store(tmp_path / "data", feeds=tmp_path / "feeds"))


def test_a_committed_file_that_vanished_is_withdrawn_with_its_reason(platform: Platform) -> None:
    assert platform.arrivals.land().new == 1
    path = platform.store.feeds / PLACE
    kept = path.read_bytes()
    path.unlink()
    landed = platform.arrivals.land()
    assert (landed.standing, landed.withdrawn) == ((), 1)
    (withdrawal,) = [each for each in platform.store.landing.history() if isinstance(each, Withdrawal)]
    assert (withdrawal.name, withdrawal.reason) == ("indicators.csv", VANISHED)
    path.write_bytes(kept)
    again = platform.arrivals.land()
    assert ([each.number for each in again.standing], again.new, again.withdrawn) == ([2], 1, 0)


def test_a_folder_of_feeds_that_is_not_there_withdraws_nothing(platform: Platform) -> None:
    platform.arrivals.land()
    platform.store.feeds.rename(platform.store.root / "elsewhere")
    assert (platform.arrivals.land().withdrawn, len(platform.store.landing.standing())) == (0, 1)


def test_what_arrived_in_the_inbox_stays_when_the_inbox_is_emptied(platform: Platform) -> None:
    path = platform.store.inbox / PLACE
    path.parent.mkdir(parents=True)
    path.write_bytes((platform.store.feeds / PLACE).read_bytes() + b"\n")
    platform.arrivals.land()
    path.unlink()
    (platform.store.feeds / PLACE).unlink()
    landed = platform.arrivals.land()
    assert [each.channel for each in landed.standing] == ["inbox"]
    assert landed.withdrawn == 1, "the committed one"


def test_two_names_of_the_same_bytes_that_both_vanish_are_both_withdrawn(platform: Platform) -> None:
    other = (platform.store.feeds / PLACE).with_name("zz.csv")
    shutil.copy2(platform.store.feeds / PLACE, other)
    assert len(platform.arrivals.land().standing) == 2
    assert platform.reader.read_year(2022).submissions["file_name"].to_list() == ["indicators.csv"], "they count once"
    other.unlink()
    (platform.store.feeds / PLACE).unlink()
    assert (platform.arrivals.land().standing, len(list(platform.store.landing.history()))) == ((), 4)
