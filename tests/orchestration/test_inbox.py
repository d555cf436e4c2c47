"""What arrives in the inbox: landed whole, opened in a child, and judged by the same rules as everything else."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest

from dti_platform import feeds
from dti_platform.feeds import corrections
from dti_platform.orchestration.platform import Platform
from dti_platform.storage import Store

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
    landed = platform.land()
    assert sorted(each.name for each in landed.standing) == ["VN63-19.xlsx", "broken.xlsx"]
    assert [(each.name, each.refusal) for each in landed.refused] == [
        ("link.xlsx", "a symbolic link, not a file; send the file itself")
    ]


def test_a_strange_file_is_opened_in_another_process(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.land()
    opened: list[int] = []
    parse = feeds.discover()["self_assessment"].parse

    def spy(received: feeds.Received, known: feeds.Known) -> feeds.Parsed:
        opened.append(received.opened is not None)
        return parse(received, known)

    monkeypatch.setattr(feeds.discover()["self_assessment"], "parse", spy)
    platform.read_year(2022)
    assert opened == [True, True], f"opened here, in process {os.getpid()}"


def test_the_broken_one_is_refused_and_kept_and_the_other_counts(platform: Platform) -> None:
    platform.land()
    parsed = platform.read_year(2022)
    status = dict(parsed.submissions.select("file_name", "status").iter_rows())
    assert status == {"VN63-19.xlsx": "accepted", "broken.xlsx": "refused"}
    assert set(parsed.observations["unit"]) == {"VN63-19"}
    refused = parsed.submissions.filter(file_name="broken.xlsx")["file"][0]
    assert platform.store.landing.read(refused) == b"PK\x03\x04 and nothing more"


def test_a_correction_whose_cell_is_gone_stops_the_reading(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = corrections.Correction(
        "self_assessment.corrections.toml", "VN63-19", "2022", "0.0", "95", "9.5", "> 10", "vi", "en",
        dt.date(2026, 11, 24),
    )  # fmt: skip
    monkeypatch.setattr(corrections, "declared", lambda _: (entry,))
    platform.land()
    with pytest.raises(corrections.CorrectionError, match="its cell is gone from what VN63-19 sent"):
        platform.read_year(2022)
