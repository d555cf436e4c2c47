"""What was accepted stops no run: files that each used to stop every publication lie in one inbox."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from dti_platform import methodology
from dti_platform.methodology import Framework
from dti_platform.pipeline import Platform
from dti_platform.storage import Store
from tests.pipeline.in_process import run

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
STANDING = ("provincial_report/2023/indicators.csv", "published_results/2022/ministries.csv")
OVERALL, PRINTED = "score_overall", "geography,group,unit,metric,value,source,certainty"


def sheet(framework: Framework, period: str) -> list[str]:
    """A self-assessment by the list of a decision alone: 1 point everywhere."""
    rows = [f'{node.code},"{node.name_vi}",{node.max_points or ""},1,VN63-19,{period}' for node in framework.inputs]
    return ["Mã,Chỉ tiêu,Điểm tối đa,Tự đánh giá,Mã đơn vị,Kỳ", *rows]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root, frameworks = tmp_path_factory.mktemp("accepted"), methodology.load()
    for name in STANDING:
        (root / "feeds" / name).parent.mkdir(parents=True)
        shutil.copyfile(FEEDS / name, root / "feeds" / name)
    store = Store(root / "data", feeds=root / "feeds")
    header, first, *_ = report = (FEEDS / STANDING[0]).read_text("utf-8").splitlines()
    inbox = {
        "provincial_report/2023/indicators (1).csv": [*report, ""],
        "provincial_report/2023/other.csv": [header, first.replace("20.7", "20.9")],
        "published_results/2022/unranked.csv": [
            PRINTED,
            f"MIN22,with_public_services,Bộ Quốc phòng,{OVERALL},0.5,s,verbatim",
        ],
        "published_results/2022/twice.csv": [
            PRINTED,
            f"VN63,,Huế,{OVERALL},0.5,s,verbatim",
            "VN63,,Huế,sum_overall,300,s,verbatim",
        ],
        "self_assessment/2022/decided.csv": sheet(frameworks.named("922"), "2022"),
        "self_assessment/2023/no_maxima.csv": sheet(frameworks.named("2323"), "2023"),
    }
    for name, content in inbox.items():
        path = store.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(content) + "\n", "utf-8")
    return store


def test_every_accepted_file_runs_through_the_gate(store: Store) -> None:
    assert run(Platform(store), "1", years=(2022, 2023), judged=True).is_new
    observations = pl.concat([store.tables.read("observations", year) for year in (2022, 2023)])
    assert {*observations["file_name"]} == {
        "indicators.csv", "ministries.csv", "unranked.csv", "twice.csv", "decided.csv", "no_maxima.csv",
    }  # fmt: skip
    quarantine = pl.concat([store.tables.read("quarantine", year) for year in (2022, 2023)])
    held = quarantine.filter(reason="contradicts_another").select("file_name", "node").sort("file_name").rows()
    assert held == [("other.csv", "digital_economy_grdp_share"), ("twice.csv", "PDTI")]
