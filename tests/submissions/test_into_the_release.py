"""A submission all the way into a release: its own figures, each basis apart, and the earlier version kept."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dti_platform.feeds import Known
from dti_platform.pipeline import Platform
from dti_platform.publications import of_release
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from tests.feeds.drafts import HOME, Draft
from tests.pipeline.in_process import run, short_releases

pytestmark = pytest.mark.usefixtures("answer_alone")

UNIT = "VN63-19"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    folder = tmp_path / "feeds" / "self_assessment" / "2022"
    folder.mkdir(parents=True)
    (folder / f"{UNIT}.xlsx").write_bytes(HOME.read_bytes())
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def test_self_verified_and_final_stay_apart_from_a_sheet_to_the_scores(
    store: Store, known: Known, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_releases(monkeypatch)
    for header, value in (("Tự đánh giá", 9), ("Thẩm định", 9.5)):
        draft.put("1.2", header, value)
    draft.put("1.3", "Tự đánh giá", None)
    desk = Desk(store, known)
    verified = f"unit_id,code,verified,final\n{UNIT},1.2,7,8\n".encode()
    served, verification = desk.serve(
        [
            Offer(draft.xlsx(), "Thái Nguyên v2.xlsx", "self_assessment"),
            Offer(verified, "tham_dinh.csv", "verification", period="2022"),
        ]
    )
    assert (served.answer.outcome, verification.answer.outcome) == ("waiting", "accepted")
    desk.confirm(2, "1.3 was a mistake")
    run(Platform(store), "a run", years=(2022,))
    scores = of_release(store.releases.open(), "index_scores").filter(pl.col("unit") == UNIT, pl.col("node") == "1.2")
    points = dict(scores.select("basis", "points").iter_rows())
    assert points == {"self": 9.0, "verified": 7.0, "final": 8.0}
    missing = of_release(store.releases.open(), "index_scores").filter(unit=UNIT, node="1.3", basis="self")
    assert missing.select("points", "evidence").rows() == [(None, "illustrative")], "a made-up node stays illustrative"
    rows = of_release(store.releases.open(), "observations").filter(pl.col("unit") == UNIT)
    assert dict(rows.select("basis", "file_name").unique().rows()) == {
        "self": "Thái Nguyên v2.xlsx", "verified": "tham_dinh.csv", "final": "tham_dinh.csv",
    }  # fmt: skip
    assert store.landing.read(served.answer.sha256) == draft.xlsx()
    assert [each.name for each in store.landing.receipts()] == [
        f"{UNIT}.xlsx", "Thái Nguyên v2.xlsx", "tham_dinh.csv",
    ]  # fmt: skip
