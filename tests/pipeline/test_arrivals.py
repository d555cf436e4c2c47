"""The rooms put together without Dagster: which files count once the folders have been looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dti_platform.pipeline import Platform
from dti_platform.storage import Store, Withdrawal
from dti_platform.storage.files import digest

PLACE = Path("provincial_report", "2022", "indicators.csv")
OTHER = PLACE.with_name("zz.csv")
HEADER = "feed,period,name,sha256,reason"


@pytest.fixture
def platform(tmp_path: Path, project: Path) -> Platform:
    (tmp_path / "feeds" / PLACE).parent.mkdir(parents=True)
    shutil.copy2(project / "data" / "feeds" / PLACE, tmp_path / "feeds" / PLACE)
    return Platform(Store(tmp_path / "data", feeds=tmp_path / "feeds"))


def lines(platform: Platform, number: int) -> bytes:
    """The committed file, but for its last lines."""
    whole = (platform.store.feeds / PLACE).read_bytes()
    return b"".join(whole.splitlines(keepends=True)[:-number])


def commit(platform: Platform, content: bytes, place: Path = PLACE) -> None:
    (platform.store.feeds / place).write_bytes(content)


def retire(platform: Platform, *rows: str, header: str = HEADER) -> None:
    (platform.store.feeds / "retired.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")


def row(content: bytes, name: str = PLACE.name, reason: str = "a mistake of the source") -> str:
    return f"provincial_report,2022,{name},{digest(content)},{reason}"


def land(platform: Platform) -> tuple[list[int], int, int]:
    """The receipts that stand, how many are new, how many withdrawn."""
    landed = platform.arrivals.land()
    return sorted(each.number for each in landed.standing), landed.new, landed.withdrawn


def test_a_committed_file_that_is_gone_still_counts(platform: Platform) -> None:
    assert land(platform) == ([1], 1, 0)
    (platform.store.feeds / PLACE).unlink()
    assert land(platform) == ([1], 0, 0)
    platform.store.feeds.rename(platform.store.root / "elsewhere")
    assert land(platform) == ([1], 0, 0)


def test_a_committed_file_is_retired_once_with_the_reason(platform: Platform) -> None:
    path = platform.store.feeds / PLACE
    content = path.read_bytes()
    land(platform)
    retire(platform, row(content))
    assert land(platform) == ([], 0, 1)
    (withdrawal,) = [each for each in platform.store.landing.history() if isinstance(each, Withdrawal)]
    assert (withdrawal.name, withdrawal.reason, withdrawal.channel) == ("indicators.csv", "a mistake of the source", "")
    assert land(platform) == ([], 0, 0), "though it lies there still"
    path.unlink()
    retire(platform)
    path.write_bytes(content)
    assert land(platform) == ([], 0, 0), "nor does it come back in a checkout that is behind"


def test_retiring_takes_what_came_before_under_the_name_and_nothing_that_came_later(platform: Platform) -> None:
    contents = [lines(platform, number) for number in (3, 2, 1)]
    for content in contents:
        commit(platform, content)
        platform.arrivals.land()
    retire(platform, row(contents[1]), row(contents[2], "another.csv"), row(b"never came"))
    assert land(platform) == ([3], 0, 2)
    retire(platform, row(contents[2]))
    assert land(platform) == ([], 0, 1)


@pytest.mark.parametrize(
    ("rows", "header", "fault"),
    [
        ((), "feed,period,name,reason", "its first line must be feed,period,name,sha256,reason"),
        (("provincial_report,2022,indicators.csv,,no hash",), HEADER, "line 2 needs a value for each of"),
        (("provincial_report,2022,indicators.csv",), HEADER, "line 2 needs a value for each of"),
        (('provincial_report,2022,"indicators.csv"x,1,2',), HEADER, "can't be read"),
    ],
)
def test_a_faulty_list_of_retired_files_is_named_and_withdraws_nothing(
    platform: Platform, rows: tuple[str, ...], header: str, fault: str
) -> None:
    retire(platform, *rows, header=header)
    landed = platform.arrivals.land()
    assert [(each.name, (each.refusal or "").startswith(fault)) for each in landed.refused] == [("retired.csv", True)]
    assert (len(landed.standing), landed.withdrawn) == (1, 0)


def test_other_bytes_under_a_committed_name_count_even_with_fewer_figures(platform: Platform) -> None:
    platform.arrivals.land()
    fewer = lines(platform, 5)
    commit(platform, fewer)
    assert land(platform)[1:] == (1, 0)
    assert platform.reader.read_year(2022).submissions["file"].to_list() == [digest(fewer)]


def test_two_hosts_with_other_checkouts_run_in_turn_over_one_data_root(platform: Platform) -> None:
    """One has an older image of a file, and not the file that the other has; neither undoes what the other brought."""
    newer = (platform.store.feeds / PLACE).read_bytes()
    older, second = lines(platform, 5), newer.replace(b"2022", b"2022", 1) + b"\n"

    def host(content: bytes, other: bytes | None) -> tuple[list[int], int, int]:
        commit(platform, content)
        (platform.store.feeds / OTHER).unlink(missing_ok=True)
        if other is not None:
            commit(platform, other, OTHER)
        return land(platform)

    assert host(older, None) == ([1], 1, 0)
    assert host(newer, second)[1:] == (2, 0)
    read = platform.reader.read_year(2022).submissions["file"].to_list()
    head = platform.store.ledger.head()
    for content, other in ((older, None), (newer, second)) * 3:
        assert host(content, other)[1:] == (0, 0)
        assert platform.reader.read_year(2022).submissions["file"].to_list() == read
    assert platform.store.ledger.head() == head


def test_a_root_of_an_earlier_version_takes_a_file_again_that_had_vanished(platform: Platform) -> None:
    (receipt,) = platform.arrivals.land().standing
    platform.store.landing.withdraw([receipt], "no longer among the committed feeds", channel="feeds")
    assert land(platform) == ([2], 1, 0)


def test_what_arrived_in_the_inbox_stays_when_the_inbox_is_emptied(platform: Platform) -> None:
    path = platform.store.inbox / PLACE
    path.parent.mkdir(parents=True)
    path.write_bytes((platform.store.feeds / PLACE).read_bytes() + b"\n")
    platform.arrivals.land()
    platform.store.landing.confirm(platform.store.landing.receipts()[-1].number, "compared with its source")
    path.unlink()
    retire(platform, row((platform.store.feeds / PLACE).read_bytes()))
    landed = platform.arrivals.land()
    assert [each.channel for each in landed.standing] == ["inbox"]
    assert landed.withdrawn == 1, "the committed one"


def test_two_names_of_the_same_bytes_count_once(platform: Platform) -> None:
    shutil.copy2(platform.store.feeds / PLACE, platform.store.feeds / OTHER)
    assert len(platform.arrivals.land().standing) == 2
    assert platform.reader.read_year(2022).submissions["file_name"].to_list() == ["indicators.csv"]
    content = (platform.store.feeds / PLACE).read_bytes()
    retire(platform, row(content), row(content, OTHER.name))
    assert (platform.arrivals.land().standing, len(list(platform.store.landing.history()))) == ((), 4)
