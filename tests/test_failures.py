"""What happens when something is wrong, each line of the README's table, through the whole flow."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from dti_platform import methodology, quality
from dti_platform.failing_row import FIRST
from dti_platform.orchestration.run import run_main_job
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import stored
from dti_platform.pipeline.gate import Compared, Gate, PublicationStopped
from dti_platform.publications import of_release
from dti_platform.storage import Store
from dti_platform.storage.files import digest
from tests.feeds.drafts import Draft
from tests.operations.sinks import WebhookSink, serving
from tests.pipeline.in_process import short_releases

if TYPE_CHECKING:
    from tests.conftest import Flow

pytestmark = pytest.mark.usefixtures("release_alone")


@pytest.fixture
def copy(flow: Flow, tmp_path: Path) -> Store:
    """The data root of the finished run, and its feeds, to be spoilt."""
    return flow.copy(tmp_path)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the figures a run makes the rankings, and what holds them against those that were printed."""
    short_releases(monkeypatch, "province_ranking", "ministry_ranking", "league_table", "reconciliation")


def published(store: Store) -> dict[str, bytes]:
    folder = store.root / "published"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def spoil(store: Store, feed_file: str, before: str, after: str) -> None:
    path = store.feeds / feed_file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.usefixtures("short")
def test_a_published_figure_that_can_no_longer_be_read_stops_the_publication(
    copy: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a ministry printed stays printed: it does not leave a release by a slip of the pen in our own file."""
    before = published(copy)
    spoil(copy, "published_results/2021/provinces.csv", ",0.4626,", ",0.4x26,")
    with serving(WebhookSink()) as sink:
        monkeypatch.setenv("DTI_ALERT_WEBHOOK", sink.url)
        outcome = run_main_job(copy, ["2021"])
    (alert,) = [each for document in sink.documents for each in document["alerts"] if each["kind"] == "failed_run"]
    assert any("no_published_figure_disappears" in line["vi"] for line in alert["lines"])
    assert any(outcome.blocking[0]["command"] in line["vi"] for line in alert["lines"])
    assert not outcome.success
    assert "no_published_figure_disappears" in {each["name"] for each in outcome.checks["not_passed"]}
    (named,) = outcome.blocking
    assert (named["receipt"], named["file_name"]) == (copy.landing.receipts()[-1].number, "provinces.csv")
    assert [*named["raw"]] == ["0.4x26"]
    assert published(copy) == before


@pytest.mark.usefixtures("short")
def test_a_cell_is_quarantined_a_file_is_refused_and_kept_and_the_release_goes_on(copy: Store) -> None:
    spoil(copy, "provincial_report/2022-S1/indicators.csv", ",2255,", ",2x55,")
    broken = copy.feeds / "self_assessment" / "2022" / "VN63-19.xlsx"
    broken.write_bytes(broken.read_bytes()[:5000])
    leader = copy.feeds / "self_assessment" / "2022" / "VN63-48.xlsx"
    draft = Draft.of(leader.read_bytes())
    draft.put("9.3", "Tự đánh giá", None)  # no score, and yet certain to be above most that have one
    leader.write_bytes(draft.xlsx())
    good = next(each for each in copy.landing.standing() if each.name == broken.name)
    copy.landing.withdraw_one(good.number, "else it would still count: what is refused takes nothing away")
    outcome = run_main_job(copy, ["2022-S1"])
    assert outcome.years == [2022, 2023]
    assert "2x55" in stored(copy, "quarantine", [2022])["raw"].to_list()
    refused = next(each for each in copy.landing.receipts() if each.sha256 == digest(broken.read_bytes()))
    assert (refused.name, refused.refusal) == ("VN63-19.xlsx", "damaged")
    assert copy.landing.read(refused.sha256) == broken.read_bytes()
    assert outcome.success, outcome.failure
    assert outcome.release_is_new
    lost = of_release(copy.releases.open(), "province_ranking").filter(
        (pl.col("period") == "2022") & (pl.col("basis") == "self")
    )
    assert lost.filter(pl.col("score").is_null())["unit"].to_list() == ["VN63-19", "VN63-48"]
    assert lost.filter(pl.col("rank") < pl.col("rank_best")).height > 0
    assert set(lost["rank_status"]) == {"provisional"}


def test_a_critical_failure_stops_the_publication_and_the_last_release_stands(copy: Store) -> None:
    before = published(copy)
    contradict_the_parts(copy)
    outcome = run_main_job(copy, ["2022"])
    assert not outcome.success
    told = copy.ledger.entries("run")[-1].body
    assert (told["run"], told["success"], told["release"]) == (outcome.run_id, False, copy.releases.latest().name)
    assert "recomputed_scores_agree_with_published" in str(copy.ledger.entries("checks")[-1].body["not_passed"])
    assert outcome.checks["failed"] >= 1
    assert published(copy) == before
    assert (outcome.ranking, outcome.failure_kind) == (None, "checks")
    (failed,) = (each for each in outcome.checks["not_passed"] if each["kind"] == "failed")
    assert [(row["unit_name_vi"], row["published"]) for row in failed["rows"]] == [("Đà Nẵng", 0.1)]
    assert list(failed["rows"][0])[: len(FIRST)] == [*FIRST]
    here = "Da Nang (VN63-48): value 0.1, provinces.csv (published_results), line 225, column value: «0.1»"
    assert here in str(outcome.failure)
    (named,) = outcome.blocking
    assert (named["cells"][0], named["raw"][0]) == ("line 225, column value", "0.1")
    assert (named["check"], named["file_name"]) == ("scores.recomputed_scores_agree_with_published", "provinces.csv")
    assert copy.landing.receipt(named["receipt"]).name == "provinces.csv"


def contradict_the_parts(store: Store) -> None:
    """The overall score of the first of 2022 is said to be 0.1, as its printed parts are not."""
    path = store.feeds / "published_results" / "2022" / "provinces.csv"
    text = path.read_text(encoding="utf-8")
    assert "score_overall,0.8002," in text
    path.write_text(text.replace("score_overall,0.8002,", "score_overall,0.1,"), encoding="utf-8")


@pytest.mark.usefixtures("short")
def test_a_broken_contract_writes_nothing(copy: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = published(copy)
    scores = copy.tables.info("scores", 2022).sha256
    honest = methodology.score_year
    monkeypatch.setattr(
        methodology, "score_year", lambda *given: honest(*given).with_columns(score=pl.col("score") + 1)
    )
    outcome = run_main_job(copy, ["2022"])
    assert not outcome.success
    assert "scores 2022 breaks its contract" in str(outcome.failure)
    assert "; first row: period 2022, geography MIN22, unit MIN22-VAST, node MDTI" in str(outcome.failure)
    assert (outcome.ranking, outcome.failure_kind) == (None, "contract")
    assert copy.tables.info("scores", 2022).sha256 == scores
    assert published(copy) == before


def test_the_release_alone_holds_the_gate_and_tells_apart_what_could_not_run(
    copy: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad table that is already on disk is not published, whatever the checks before it said."""
    before = published(copy)
    bad = copy.tables.read("rankings", 2022).with_columns(rank=pl.col("rank") + 100)
    copy.tables.write("rankings", 2022, bad)
    honest, wrong = Gate.compared, Compared(None, lambda: pl.DataFrame({"nothing": [1]}))
    monkeypatch.setattr(Gate, "compared", lambda *given: wrong if given[2] == "coverage" else honest(*given))
    with pytest.raises(PublicationStopped, match="could not run") as stopped:
        Platform(copy).publisher.publish("a run")
    blocking = {(each.table, each.outcome) for each in stopped.value.results if each.blocks}
    assert blocking >= {("rankings", "failed"), ("index_scores", "failed"), ("coverage", "could_not_run")}
    assert {table for table, outcome in blocking if outcome == "could_not_run"} == {"coverage"}
    assert published(copy) == before


#: The critical checks that fail where a printed total contradicts its parts; those of a later table are asked last.
MISPRINT = (
    "scores.recomputed_scores_agree_with_published", "index_scores.recomputed_scores_agree_with_published",
    "reconciliation.recomputed_figures_agree",
)  # fmt: skip


@pytest.mark.usefixtures("short")
def test_waivers_in_force_let_critical_failures_pass_and_are_printed_in_the_release(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_2022 = Path("published_results") / "2022"
    shutil.copytree(project / "data" / "feeds" / of_2022, tmp_path / "feeds" / of_2022)
    copy = Store(tmp_path / "data", feeds=tmp_path / "feeds")
    contradict_the_parts(copy)
    waived = {
        name: quality.Waiver(name, "the statistics desk", "a misprint", dt.date(2999, 12, 31)) for name in MISPRINT
    }
    monkeypatch.setattr(Gate, "waivers", property(lambda _: tuple(waived.values())))
    outcome = run_main_job(copy, ["2022"])
    assert outcome.success, outcome.failure
    assert outcome.release_is_new
    assert copy.releases.open().descriptor["waivers"] == sorted(str(each) for each in waived.values())
    warned = {f"{each['table']}.{each['name']}" for each in outcome.checks["not_passed"] if each["kind"] == "warned"}
    assert waived.keys() <= warned, "each of them failed"
