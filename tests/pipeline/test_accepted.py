"""What was accepted stops no run: files that each used to stop every publication lie in one inbox."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform import methodology, units
from dti_platform.methodology import Framework
from dti_platform.pipeline import Platform
from dti_platform.pipeline.blocking import blocking_files
from dti_platform.pipeline.gate import PublicationStopped
from dti_platform.pipeline.publish import Publication
from dti_platform.storage import Store
from dti_platform.submissions import Register
from tests.pipeline.in_process import run, short_releases

pytestmark = pytest.mark.usefixtures("one_child_for_all")

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
YEARS = (2022, 2023)
STANDING = ("provincial_report/2023/indicators.csv", "published_results/2022/ministries.csv")
OVERALL, PRINTED = "score_overall", "geography,group,unit,metric,value,source,certainty"
#: Main indices of Decision 922, in which a unit that is given 0.5 at each scores 0.5.
MAIN = (
    "awareness", "institutions", "infrastructure", "human_resources", "cybersecurity", "digital_government_activity",
    "digital_economy_activity", "digital_society_activity",
)  # fmt: skip


def printed(*figures: tuple[str, str, float | str]) -> list[str]:
    """Printed figures of provinces: unit, metric, value."""
    return [PRINTED, *(f"VN63,,{unit},{metric},{value},https://s.vn,verbatim" for unit, metric, value in figures)]


def other_total(unit: str) -> list[str]:
    """Parts that give 0.5, and 0.1 as their total."""
    return printed((unit, OVERALL, 0.1), *((unit, f"score_{name}", 0.5) for name in MAIN))


def ranking_with_a_gap() -> list[str]:
    """Every province has a place; nobody is 30th, and nobody shares another place than 31st."""
    known = units.load(check=False)
    names = [known.all[unit].name_vi for unit in known.geographies["VN63"]]
    places = (31 if place == 30 else place for place in range(1, len(names) + 1))
    return printed(*((name, "rank_infrastructure", place) for name, place in zip(names, places, strict=True)))


def sheet(framework: Framework, period: str) -> list[str]:
    """A self-assessment by the list of a decision alone: 1 point everywhere."""
    rows = [f'{node.code},"{node.name_vi}",{node.max_points or ""},1,VN63-19,{period}' for node in framework.inputs]
    return ["Mã,Chỉ tiêu,Điểm tối đa,Tự đánh giá,Mã đơn vị,Kỳ", *rows]


#: Cells that would fail critical checks of observations, which are asked at the door, by what they hold.
BREAKING = {
    "1.2": "score_overall",
    "-5": "sum_overall",
    "501": "sum_common5_of_500",
    "0": "rank_overall",
    "1.5": "rank_overall",
    "64": "rank_overall",
}
#: Files that fail checks across files: they wait, and count once they are confirmed.
FAILING = {"other_total.csv", "with_a_gap.csv", "peers.csv"}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A data root in whose inbox they lay."""
    root, frameworks = tmp_path_factory.mktemp("accepted"), methodology.load()
    for name in STANDING:
        (root / "feeds" / name).parent.mkdir(parents=True)
        lines = (FEEDS / name).read_text("utf-8").splitlines(keepends=True)
        (root / "feeds" / name).write_text("".join(each for each in lines if ",n_units," not in each), "utf-8")
    store = Store(root / "data", feeds=root / "feeds")
    header, first, *_ = report = (FEEDS / STANDING[0]).read_text("utf-8").splitlines()
    inbox = {
        "provincial_report/2023/indicators (1).csv": [*report, ""],
        "provincial_report/2023/other.csv": [header, first.replace("20.7", "20.9")],
        "published_results/2022/unranked.csv": [
            PRINTED,
            f"MIN22,with_public_services,Bộ Quốc phòng,{OVERALL},0.5,https://s.vn,verbatim",
        ],
        "published_results/2022/twice.csv": printed(("Huế", OVERALL, 0.5), ("Huế", "sum_overall", 300)),
        "published_results/2022/breaking.csv": printed(
            ("Huế", "rank_awareness", 5), *(("Điện Biên", metric, value) for value, metric in BREAKING.items())
        ),
        "provincial_report/2023/negative.csv": [
            header,
            first.replace("Đà Nẵng", "Huế"),
            "VN63,Huế,community_digital_teams,,,2023,-3,teams,https://s.vn,verbatim",
        ],
        "published_results/2022/other_total.csv": other_total("An Giang"),
        "published_results/2022/with_a_gap.csv": ranking_with_a_gap(),
        "self_assessment/2022/decided.csv": sheet(frameworks.named("922"), "2022"),
        "self_assessment/2023/no_maxima.csv": sheet(frameworks.named("2323"), "2023"),
    }
    for name, content in inbox.items():
        path = store.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(content) + "\n", "utf-8")
    Platform(store).arrivals.land()
    return store


def copied(store: Store, folder: Path) -> Store:
    """A data root and its feeds, to be changed."""
    shutil.copytree(store.root.parent, folder, symlinks=True, dirs_exist_ok=True)
    return Store(folder / "data", feeds=folder / "feeds")


@pytest.fixture(scope="module")
def ran(landed: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Once printed figures were compared, and released: every table was judged."""
    store = copied(landed, tmp_path_factory.mktemp("ran"))
    confirm(store, {"unranked.csv", "twice.csv", "breaking.csv"})
    assert run(Platform(store), "1", years=YEARS, judged=True).is_new
    return store


def short_run(store: Store, run_id: str) -> Publication:
    """Once every table was judged: those of which a check is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch, "province_ranking")
        return run(Platform(store), run_id, years=YEARS, judged=True)


@pytest.fixture(scope="module")
def stopped(ran: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, PublicationStopped]:
    """Once files that fail checks across files were confirmed, and what came of it."""
    store = copied(ran, tmp_path_factory.mktemp("stopped"))
    content = [PRINTED, "MIN22,with_public_services,(whole),n_units,2,https://dti.gov.vn/x,verbatim"]
    (store.inbox / "published_results" / "2022" / "peers.csv").write_text("\n".join(content) + "\n", "utf-8")
    Platform(store).arrivals.land()
    confirm(store, FAILING)
    with pytest.raises(PublicationStopped) as raised:
        short_run(store, "2")
    return store, raised.value


def confirm(store: Store, names: set[str]) -> None:
    """As an operator does who has compared files with their sources."""
    for receipt in store.landing.held().waiting():
        if receipt.name in names:
            store.landing.confirm(receipt.number, "compared with its source")


def test_what_prints_figures_waits_until_it_was_compared(landed: Store) -> None:
    printing = {each.name for each in landed.landing.held().waiting()}
    assert printing == {"unranked.csv", "twice.csv", "breaking.csv", "other_total.csv", "with_a_gap.csv"}


def test_every_accepted_file_runs_through_the_gate(ran: Store) -> None:
    observations = pl.concat([ran.tables.read("observations", year) for year in YEARS])
    assert {*observations["file_name"]} == {
        "breaking.csv", "indicators.csv", "ministries.csv", "negative.csv", "unranked.csv", "twice.csv", "decided.csv",
        "no_maxima.csv",
    }  # fmt: skip
    quarantine = pl.concat([ran.tables.read("quarantine", year) for year in YEARS])
    held = quarantine.filter(reason="contradicts_another").select("file_name", "node").sort("file_name").rows()
    assert held == [("twice.csv", "PDTI")]
    assert BREAKING.keys() <= {*quarantine.filter(file_name="breaking.csv")["raw"]}
    assert "-3" in quarantine.filter(file_name="negative.csv")["raw"]


def answer(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "answer.json").read_bytes())


def test_an_answer_says_which_figures_another_file_gives_already(ran: Store) -> None:
    answers = {each["file_name"]: each for each in map(answer, ran.answers().places().values())}
    assert [each["reason"] for each in answers["other.csv"]["findings"]] == ["contradicts_another"]
    assert (answers["other.csv"]["outcome"], answers["other.csv"]["refusal"]["reason"]) == ("refused", "nothing_given")
    assert answers["other.csv"]["effect"]["en"].startswith("Nothing of this file counts")
    assert not answers["other.csv"]["standing"]["this_one"]
    (line,) = [each for each in Register(ran).lines() if each.receipt.name == "other.csv"]
    assert (line.state, line.reason) == ("refused", "nothing_given")
    page = (ran.answers().places()[str(line.receipt.number)] / "answer.html").read_text("utf-8")
    assert answers["other.csv"]["findings"][0]["why"]["en"] in page
    again = answers["indicators (1).csv"]
    assert (again["outcome"], again["counted"]["new"]) == ("accepted", 0)
    assert "given_already" in {each["reason"] for each in again["findings"]}


def test_a_file_that_would_fail_a_check_across_files_waits(ran: Store) -> None:
    waiting = {each.name: each.number for each in ran.landing.held().waiting()}
    assert waiting.keys() == {"other_total.csv", "with_a_gap.csv"}
    warned = answer(ran.answers().places()[str(waiting["other_total.csv"])])
    (finding,) = warned["findings"]
    assert (finding["reason"], finding["locator"]) == ("disputed", "line 2, column value")
    assert "An Giang" in finding["why"]["en"]


def test_files_that_would_fail_checks_across_files_are_named_once_they_are_confirmed(
    stopped: tuple[Store, PublicationStopped],
) -> None:
    """Where no failing row is its own, a newcomer is named before committed files."""
    store, error = stopped
    numbers = {each.name: each.number for each in store.landing.standing() if each.name in FAILING}
    files = blocking_files(store, error.results)
    named = {each.check: each for each in reversed(files)}
    total = named["scores.recomputed_scores_agree_with_published"]
    assert (total.receipt, total.file_name) == (numbers["other_total.csv"], "other_total.csv")
    assert total.cells[0] == "line 2, column value"
    assert named["rankings.printed_ranks_are_competition_ranks"].receipt == numbers["with_a_gap.csv"]
    (peers,) = (each for each in files if each.check == "rankings.ranks_do_not_exceed_peers")
    assert (peers.file_name, peers.cells) == ("peers.csv", ())
    assert {each.file_name for each in named.values()} == FAILING


def test_a_printed_figure_that_was_released_goes_with_its_withdrawn_file_and_with_no_other(
    stopped: tuple[Store, PublicationStopped], tmp_path: Path
) -> None:
    """And all that stopped the run before has gone without a trace."""
    store = copied(stopped[0], tmp_path)
    for receipt in store.landing.standing():
        if receipt.name in {"unranked.csv", *FAILING}:
            store.landing.withdraw_one(receipt.number, "forged, or the source says otherwise")
    release = short_run(store, "3")
    assert release.is_new
    before, now = (store.releases.open(number).table("observations") for number in ("1", "2"))
    gone, came = (one.join(other, on=["file", "locator"], how="anti") for one, other in ((before, now), (now, before)))
    assert {*gone["file_name"]} == {"unranked.csv"}
    assert came.is_empty()


def test_of_what_vanished_only_the_file_in_its_place_is_named(ran: Store, tmp_path: Path) -> None:
    """A newer self-assessment of the same year is not accused."""
    store = copied(ran, tmp_path)
    inbox = store.inbox / "published_results" / "2022"
    (inbox / "Twice.csv").write_text("\n".join(printed(("Cà Mau", OVERALL, 0.5))) + "\n", "utf-8")
    decided = sheet(methodology.load().named("922"), "2022")
    changed = [decided[0], *(row.replace(",1,VN63-19", ",0,VN63-19") for row in decided[1:])]
    (store.inbox / "self_assessment" / "2022" / "decided.csv").write_text("\n".join(changed) + "\n", "utf-8")
    Platform(store).arrivals.land()
    confirm(store, {"Twice.csv"})
    with pytest.raises(PublicationStopped) as raised:
        short_run(store, "2")
    named = {each.check: each.file_name for each in blocking_files(store, raised.value.results)}
    assert named == {
        f"{table}.no_published_figure_disappears": "Twice.csv" for table in ("index_scores", "observations")
    }
