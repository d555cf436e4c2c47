"""What arrives in the inbox: landed whole, opened in a child, and judged by the same rules as everything else."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest

from dti_platform import feeds
from dti_platform.feeds import corrections, parsing
from dti_platform.pipeline import Platform
from dti_platform.storage import Store
from tests.languages import english

pytestmark = pytest.mark.usefixtures("one_child_for_all")

FOLDER = Path("self_assessment") / "2022"


@pytest.fixture
def platform(tmp_path: Path, project: Path) -> Platform:
    """An empty data root with three arrivals: a workbook, one that is none, and a link out of the folder."""
    inbox = tmp_path / "inbox" / FOLDER
    inbox.mkdir(parents=True)
    shutil.copy(project / "data" / "feeds" / FOLDER / "VN63-19.xlsx", inbox)
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    (inbox / "link.xlsx").symlink_to(project / "LICENSE")
    return Platform(Store(tmp_path))


def test_every_plain_file_is_landed_and_a_link_is_named_not_taken(platform: Platform) -> None:
    landed = platform.arrivals.land()
    assert [(each.name, each.refusal) for each in platform.store.landing.receipts()] == [
        *[("VN63-19.xlsx", ""), ("broken.xlsx", "damaged")]
    ]
    assert [each.name for each in landed.standing] == ["VN63-19.xlsx"]
    assert [(each.name, each.refusal) for each in landed.refused] == [
        (
            "link.xlsx",
            "là liên kết, không phải tệp; gửi chính tệp đó / a symbolic link, not a file; send the file itself",
        )
    ]


def test_whatever_lies_about_in_a_shared_folder_stops_no_run_and_is_told(platform: Platform) -> None:
    inbox = platform.store.inbox
    for place in (
        "self_assessment/latest",
        "self_assessment/2022-13",
        "self_assessment/2022\n",
        "self_assessment/２０２２",
        "no_such_feed/2022",
        "self_assessment/2022/more",
    ):
        (inbox / place).mkdir(parents=True)
        (inbox / place / "a.xlsx").write_bytes(b"1")
    (inbox / FOLDER / "~$VN63-19.xlsx").write_bytes(b"lock")
    (inbox / FOLDER / "Thumbs.db").write_bytes(b"lock")
    (inbox / FOLDER / "phieu.xlsx.part").write_bytes(b"half")
    os.mkfifo(inbox / FOLDER / "pipe")
    (inbox / "loose.xlsx").write_bytes(b"1")
    (inbox / FOLDER / "large.xlsx").touch()
    os.truncate(inbox / FOLDER / "large.xlsx", 200 * 10**9)
    landed = platform.arrivals.land()
    assert [each.name for each in platform.store.landing.receipts()] == ["VN63-19.xlsx", "broken.xlsx"]
    told = sorted((each.period, each.name, english(each.refusal)) for each in landed.refused)
    assert told == [
        ("", "loose.xlsx", "lies outside the folder of a feed"),
        ("2022", "a.xlsx", "no feed is called no_such_feed"),
        ("2022", "large.xlsx", "larger than 64 MiB"),
        ("2022", "link.xlsx", "a symbolic link, not a file"),
        ("2022", "more", "a folder where a file is expected"),
        ("2022", "phieu.xlsx.part", "bears the name of a transfer that is not finished"),
        ("2022", "pipe", "a pipe, socket or device, not a file"),
        ("2022-13", "a.xlsx", "the folder 2022-13 is no period such as 2022 or 2022-S1"),
        ("2022\\n", "a.xlsx", "the folder 2022\\n is no period such as 2022 or 2022-S1"),
        ("latest", "a.xlsx", "the folder latest is no period such as 2022 or 2022-S1"),
        ("２０２２", "a.xlsx", "the folder ２０２２ is no period such as 2022 or 2022-S1"),
    ]


def test_a_file_that_vanishes_while_it_is_taken_is_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = list(platform.store.landing.arrivals())
    (platform.store.inbox / FOLDER / "broken.xlsx").unlink()
    monkeypatch.setattr(platform.store.landing, "arrivals", lambda: iter(arrived))
    landed = platform.arrivals.land()
    assert [each.name for each in landed.standing] == ["VN63-19.xlsx"]
    assert [each.name for each in landed.refused] == ["broken.xlsx", "link.xlsx"]


def test_a_strange_file_is_read_in_another_process(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.arrivals.land()

    def never(*_: object) -> None:
        raise AssertionError(f"read here, in process {os.getpid()}")

    monkeypatch.setattr(feeds.discover()["self_assessment"], "parse", never)
    monkeypatch.setattr(parsing, "read_file", never)
    assert platform.reader.read_year(2022).submissions["status"].to_list() == ["accepted"]


def test_the_broken_one_is_refused_and_kept_and_the_other_counts(platform: Platform) -> None:
    platform.arrivals.land()
    parsed = platform.reader.read_year(2022)
    assert parsed.submissions.select("file_name", "status").rows() == [("VN63-19.xlsx", "accepted")]
    assert set(parsed.observations["unit"]) == {"VN63-19"}
    (refused,) = (each for each in platform.store.landing.receipts() if each.refusal)
    assert platform.store.landing.read(refused.sha256) == b"PK\x03\x04 and nothing more"


def test_a_correction_whose_cell_is_gone_stops_the_reading(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = corrections.Correction(
        "self_assessment.corrections.toml", "VN63-19", "2022", "0.0", "95", "9.5", "> 10", "vi", "en",
        dt.date(2026, 11, 24),
    )  # fmt: skip
    monkeypatch.setattr(corrections, "declared", lambda _: (entry,))
    platform.arrivals.land()
    with pytest.raises(corrections.CorrectionError, match="its cell is gone from what VN63-19 sent"):
        platform.reader.read_year(2022)
