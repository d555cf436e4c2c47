"""A data root and DAGSTER_HOME made by the code of a22155f, played by the code at hand: ``archives/README.md``.

The tests of all workers share one unpacked archive, on which ``dti run`` ran once; they change nothing in it.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tarfile
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner
from filelock import FileLock

from dti_platform import codes, publications
from dti_platform.cli import main
from dti_platform.pipeline.flow import unverified
from dti_platform.publications import schema_changes
from dti_platform.report.site.kinds import profile
from dti_platform.storage import OpenRelease, Store
from tests.archives.make import digest
from tests.conftest import PROJECT, Flow, of_all_workers

ARCHIVES = Path(__file__).parent / "archives"
FROZEN = json.loads((Path(__file__).parent / "golden" / "schemas.json").read_bytes())
FEEDS = PROJECT / "data" / "feeds"
COMMIT = "a22155f"
EXPECTED = json.loads((ARCHIVES / f"{COMMIT}.json").read_bytes())
FIRST, SECOND = EXPECTED["committed_feeds"], EXPECTED["second"]
#: The schema version that all files of the old releases have; of another one no file is the same to the byte.
SCHEMA_VERSION = "1"
#: By table, the columns in which the committed feeds give a row otherwise since: the 63 workbooks were made again
#: without verified scores, which the verifier's feed brings in a file of its own; the index has one name in every
#: framework, and Hồ Chí Minh is TP. Hồ Chí Minh; ties are judged at four decimals; a rank before is shown over a break,
#: too; a formula that was inferred says so; the reasons no longer name a share that is a setting now; six operational
#: figures are no longer compared with a period of another length, and each names the report before it; Đà Nẵng 2024
#: is made of its predecessors; what nobody published is not expected; what a quoter worked out contradicts no source,
#: and is told where it is all that is known of parts; a score quoted with two decimals agrees within half of the
#: last; a derived row tells how many peers there are.
SINCE = {
    "observations": "feed source file file_name locator document document_number document_date",
    "index_scores": "source rank_source unit_name_vi node_name_vi node_name_en rank rounding rule_vi rule_en peers",
    "province_ranking": "source score_source unit_name_vi previous_period previous_rank rank rank_in_region "
    "rank_among_cities rank_digital_government rank_digital_economy rank_digital_society",
    "national_scorecard": "previous_period previous_value report_before qualifier obs_status",
    "provincial_scorecard": "unit_name_vi qualifier",
    "reconciliation": "our_source unit_name_vi sources_differ tolerance reason why_vi why_en",
    "coverage": "received accepted lacking expected missing unit_name_vi computed ranked reason why_vi why_en",
    "revisions": "unit_name_vi node_name_vi node_name_en",
    "ministry_ranking": "previous_period previous_rank",
}
FIGURE = re.compile(r"(score|rank)(_digital_\w+)?$")
#: The unit and year of which nine printed figures were taken back since, and others found.
CORRECTED = pl.col("unit") == "VN63-22", pl.col("period") == "2021"
#: The whole of the 34 provinces in 2024, whose four printed means are of provinces that no source names.
UNPLACED = pl.col("unit") == "VN34", pl.col("period") == "2024"
#: The operational figures whose words were read again since (``data/feeds/README.md``), by indicator and period.
REWORDED = (
    ("digital_economy_gdp_share", "2022-Q1"), ("digital_economy_gdp_share", "2024-S1"),
    ("digital_economy_revenue", "2022-Q1"), ("digital_economy_revenue", "2022-S1"),
    ("ict_sector_revenue", "2022-S1"), ("market40_traders", "2022-S1"),
    ("platform_digital_economy_revenue", "2022-Q1"),
)  # fmt: skip
#: In what units are ranked together; and how many of those whose figures stood share a rank at four decimals alone.
PLACE, TIED = ["period", "framework", "geography", "peer_group", "node", "basis"], 10
REFUSED, UNANSWERED, WITHDRAWN = 99, 100, 101


@dataclass(frozen=True)
class Archive:
    """The unpacked archive after one run.

    Attributes:
        place: the folder with the data root and DAGSTER_HOME.
        before: what ``dti verify`` printed before the run.
        answers: the files of the answers that were there before the run, and their sha256.
        run: what ``dti run --json`` printed.
    """

    place: Path
    before: str
    answers: dict[str, str]
    run: dict[str, Any]

    @property
    def store(self) -> Store:
        return Store(self.place / "data")

    def answer(self, receipt: int) -> dict[str, Any]:
        return json.loads((self.store.answers().places()[str(receipt)] / "answer.json").read_bytes())

    def dti(self, *arguments: str, exits: int = 0) -> str:
        return dti(self.place, *arguments, exits=exits)


def dti(place: Path, *arguments: str, exits: int = 0) -> str:
    """What the command line prints, run over the archive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(place / "dagster"))
        done = CliRunner().invoke(main, [*arguments, "--data", str(place / "data")])
    assert done.exit_code == exits, done.output[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The archive after one run, once for all workers."""
    place = of_all_workers(tmp_path_factory) / "archive"
    played = place / "played.json"
    with FileLock(f"{place}.lock"):
        if not played.exists():
            with tarfile.open(ARCHIVES / f"{COMMIT}.tar.xz") as packed:
                packed.extractall(place, filter="tar")
            shutil.copy(PROJECT / "dagster.yaml", place / "dagster")  # as ./dti does: the one there is as we made it
            before, answers = dti(place, "verify", exits=1), digests(place)
            every = profile.pages
            with pytest.MonkeyPatch.context() as patch:  # no test looks at the audit, and pages of units are alike
                patch.setattr("dti_platform.pipeline.robustness.contents", lambda *_: iter(()))
                patch.setattr(profile, "pages", lambda content: islice(every(content), 0, None, 12))
                run = json.loads(dti(place, "run", "--json"))
            played.write_text(json.dumps({"before": before, "answers": answers, "run": run}), encoding="utf-8")
    return Archive(place, **json.loads(played.read_bytes()))


def digests(place: Path) -> dict[str, str]:
    """The files of all answers, and their sha256."""
    answers = place / "data" / "answers"
    paths = [path for path in answers.rglob("*/*") if path.is_file()]
    return {path.relative_to(answers).as_posix(): digest(path.read_bytes()) for path in paths}


def rows(release: OpenRelease, table: str) -> pl.DataFrame:
    """A table of a release in the columns of the current schema version, whatever its own."""
    return publications.of_release(release, table)


def all_changes(store: Store) -> pl.DataFrame:
    """What all releases changed, those of the old schema version, too."""
    return publications.history(store.releases.back(3), "revisions")


def kept(table: str) -> list[str]:
    """The columns that the old schema version has, by their names of today, but those that are declared as changed."""
    change = schema_changes.CHANGES[SCHEMA_VERSION].get(table, schema_changes.Change())
    then = {change.renamed.get(name, name) for name in FROZEN[table][SCHEMA_VERSION]}
    return [name for name in publications.empty(table).columns if name in then - changed_columns(table)]


def not_reworded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table but those of figures whose words were read again."""
    reported = {"node", "indicator"} & {*rows.columns} if "period" in rows.columns else set[str]()
    figures = pl.DataFrame(REWORDED, schema=["of", "period"], orient="row")
    for name in reported:
        rows = rows.join(figures.rename({"of": name}), on=[name, "period"], how="anti")
    return rows


def uncorrected(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table but those of the units and years that were corrected, and of figures that were read again.

    Of merged units those as printed alone: since, printed totals of the units before are merged, which makes one score
    and a ranking that knows of it.
    """
    rows = not_reworded(rows)
    if "geography" in rows.columns:
        printed = pl.col("basis") == "published" if "basis" in rows.columns else pl.lit(value=False)
        rows = rows.filter((pl.col("geography") != "VN34") | printed)
    if not {"unit", "period"} <= {*rows.columns}:
        return rows
    return rows.filter(~pl.all_horizontal(CORRECTED), ~pl.all_horizontal(UNPLACED))


def changed_columns(table: str) -> set[str]:
    return set(SINCE.get(table, "").split())


def test_the_committed_feeds_give_the_rows_of_the_old_release_but_for_what_is_declared(
    flow: Flow, archive: Archive
) -> None:
    """Files and figures that were added since add rows, and change none but rankings as printed."""
    now, then = flow.store.releases.open(), archive.store.releases.open("1")
    for name in then.tables:
        stood = uncorrected(rows(then, name))
        if "score" in stood.columns and "basis" in stood.columns:
            stood = stood.filter(~pl.col("basis").is_in(codes.QUOTED))
        gone = stood.join(rows(now, name), on=kept(name), how="anti", nulls_equal=True)
        assert gone.is_empty(), f"{name}: {gone}"


def test_no_printed_figure_moved_but_those_of_the_unit_that_was_corrected(flow: Flow, archive: Archive) -> None:
    """Figures that were found since stand where there were none."""
    now, then = flow.store.releases.open(), archive.store.releases.open("1")
    for name in ("index_scores", "province_ranking", "ministry_ranking"):
        key = publications.discover()[name].MODEL.to_schema().unique or []
        printed = uncorrected(rows(then, name).filter(basis="published"))
        for figure in (each for each in printed.columns if each == "points" or FIGURE.match(each)):
            stood = printed.drop_nulls(figure)
            moved = stood.join(rows(now, name), on=[*key, figure], how="anti", nulls_equal=True)
            assert moved.is_empty(), f"{name}.{figure}: {moved}"
    old, new = (rows(each, "observations") for each in (then, now))
    gone = not_reworded(old).join(new, on=kept("observations"), how="anti", nulls_equal=True)
    of_index = gone.drop_nulls("framework")
    assert of_index.filter(*CORRECTED, certainty="computed").height == 9
    assert of_index.filter(*UNPLACED, measure="score").height == 4
    assert of_index.height == 9 + 4


def test_no_score_moved_when_verified_scores_got_a_feed_of_their_own(flow: Flow, archive: Archive) -> None:
    now, then = flow.store.releases.open(), archive.store.releases.open("1")
    for name, height in (("index_scores", 63 * (95 + 14)), ("province_ranking", 63)):
        old, new = (rows(each, name).filter(basis="verified").select(kept(name)) for each in (then, now))
        assert old.equals(new)
        assert old.height == height


def test_the_run_finishes_the_publication_that_was_killed(archive: Archive) -> None:
    assert SECOND["release"] in archive.before
    assert not list(archive.store.releases.folder.glob(".staging-*"))
    folder = archive.store.releases.find("2").path
    assert {path.name: digest(path.read_bytes()) for path in folder.iterdir()} == SECOND["files"]


def test_the_run_changes_what_the_unanswered_file_changes_and_nothing_else(archive: Archive) -> None:
    """Of other units ranks alone, because of their peers or of ties, which are judged at four decimals since."""
    assert (archive.run["success"], archive.run["release_is_new"], archive.run["failure"]) == (True, True, None)
    sender = archive.answer(UNANSWERED)["sender"]["unit"]
    before, after = (archive.store.releases.open(number) for number in ("2", "3"))
    for name in before.tables:
        same = [column for column in kept(name) if not column.startswith("rank")]
        now = all_changes(archive.store) if name == "revisions" else rows(after, name)
        gone = rows(before, name).join(now, on=same, how="anti", nulls_equal=True)
        others = gone.filter(pl.col("unit") != sender) if "unit" in gone.columns else gone
        assert others.is_empty(), f"{name}: {others}"
    assert {*rows(after, "revisions")["release"]} == {"0003"}
    of_others = rows(after, "revisions").filter(pl.col("unit") != sender)
    assert {*of_others["cause"]} == {"peers", "rules"}
    by_rules = of_others.filter(cause="rules")
    tied = rows(after, "index_scores").filter(pl.len().over(*PLACE, "rank") > 1).select(*PLACE, "unit", new_rank="rank")
    assert by_rules.height == by_rules.join(tied, on=tied.columns, how="semi", nulls_equal=True).height == TIED
    assert by_rules.filter(pl.col("new_rank") != pl.col("old_rank") - 1).is_empty()


def test_every_byte_verifies(archive: Archive) -> None:
    verified = json.loads(archive.dti("verify", "--json"))
    assert verified["faults"] == []
    assert verified["not_recorded"].keys() == {"tables", "answers"}, "what a22155f made of them it did not hash"


def test_the_tables_that_the_old_code_left_are_made_again(archive: Archive) -> None:
    assert unverified(archive.store) == []
    assert archive.store.tables.years("scores") == archive.store.releases.years()


def test_the_releases_are_listed_with_type_and_reason(archive: Archive) -> None:
    listed = json.loads(archive.dti("releases", "--json"))["releases"]
    assert [each["release"] for each in listed[:2]] == [FIRST["release"], SECOND["release"]]
    assert [each["type"] for each in listed] == ["scheduled", "correction", "scheduled"]
    assert listed[1]["reason"].startswith("Archive exercise: a quoted rank was not found in its source")


def test_the_difference_between_the_releases_is_told_as_before(archive: Archive) -> None:
    printed = json.loads(archive.dti("diff", "1", "2", "--json"))
    then = json.loads((ARCHIVES / f"{COMMIT}.diff.json").read_bytes())
    changes = [
        {"peer_group" if name == "group" else name: value for name, value in each.items()} for each in then["changes"]
    ]
    assert printed == then | {"changes": changes, "new": [], "scorecards": []}


def test_a_score_of_an_old_release_is_traced_to_its_cell(archive: Archive) -> None:
    traced = json.loads(archive.dti("trace", "VN63-19", "--period", "2021", "--release", "2", "--json"))
    assert (traced["release"], traced["evidence"]) == (SECOND["release"], "official")
    (standing,) = traced["units"][0]["standings"]
    assert (standing["score"], standing["rank"], standing["basis"]) == (0.496, 8, "published")
    assert traced["units"][0]["published"][0]["cell"]["feed"] == "published_results"


@pytest.mark.heavy  # by default tests/pipeline/test_rebuild.py makes releases of another schema again
@pytest.mark.parametrize(("number", "release"), [("1", FIRST), ("2", SECOND)], ids=["first", "second"])
def test_rebuilding_a_release_of_the_old_schema_names_every_file_and_the_commit(
    archive: Archive, number: str, release: dict[str, Any]
) -> None:
    made = json.loads(archive.dti("rebuild", number, "--json", exits=1))
    assert (made["release"], made["files"], made["gone"]) == (release["release"], len(release["files"]), [])
    assert made["error"] is None
    assert set(made["differing"]) >= release["files"].keys()
    assert made["commit"].startswith(COMMIT)
    assert any(each.startswith("code: ") for each in made["changed"]), made["changed"]


def test_a_withdrawn_submission_stays_withdrawn(archive: Archive) -> None:
    counting = {each.number for each in archive.store.landing.standing() if "VN63-01" in each.name}
    assert counting
    assert WITHDRAWN not in counting
    assert WITHDRAWN not in archive.store.ledger.entries("release")[-1].body["record"]["receipts"]


def test_the_unanswered_file_gets_its_answer_and_counts(archive: Archive) -> None:
    assert f"{UNANSWERED}/answer.json" not in archive.answers
    answer = archive.answer(UNANSWERED)
    assert (answer["outcome"], answer["counted"]["changed"]) == ("accepted", 1)
    assert UNANSWERED in archive.store.ledger.entries("release")[-1].body["record"]["receipts"]


def test_a_refused_file_stays_refused_with_its_reason(archive: Archive) -> None:
    assert archive.answer(REFUSED)["refusal"]["reason"] == "damaged"
    assert {each["feed"]: each["refused"] for each in archive.run["received"]}["self_assessment"] == 1


def test_answers_that_were_given_are_not_given_again(archive: Archive) -> None:
    assert archive.answers.items() <= digests(archive.place).items()


def test_a_waiver_stays_with_the_release_that_it_was_granted_for(archive: Archive) -> None:
    waived = [entry.body["record"]["waivers"] for entry in archive.store.ledger.entries("release")]
    assert [len(each) for each in waived] == [0, 3, 0]
    assert json.loads(archive.store.releases.open("2").read("datapackage.json"))["waivers"] == waived[1]
    assert [len(each.body["in_force"]) for each in archive.store.ledger.entries("waivers")] == [3, 0]


def test_runs_that_were_killed_stand_in_the_history_beside_the_new_one(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stood as STARTED, with nobody to say otherwise; now a run begins by marking those failed that are dead.

    The runs of the archive name no process: they are dead because the lock ``run`` is free.
    """
    monkeypatch.setenv("DAGSTER_HOME", str(archive.place / "dagster"))
    with dg.DagsterInstance.get() as instance:
        runs = {each.run_id: each.status.value for each in instance.get_runs()}
    assert Counter(runs.values()) == {"SUCCESS": 2, "FAILURE": 2}
    assert runs[archive.run["run_id"]] == "SUCCESS"
    killed = {run_id for run_id, status in runs.items() if status == "FAILURE"}
    assert killed <= {entry.body["run"] for entry in archive.store.ledger.entries("run") if not entry.body["success"]}
    assert archive.store.ledger.entries("run")[-1].body["success"]


@pytest.mark.heavy
def test_a_further_run_changes_nothing(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(archive.place, tmp_path / "copy", symlinks=True)
    again = json.loads(dti(tmp_path / "copy", "run", "--json"))
    assert (again["success"], again["release_is_new"], again["release"]) == (True, False, archive.run["release"])
    # The release before told of changes without a cell, and warned of them; a release without any no longer does.
    store = Store(tmp_path / "copy" / "data")
    added = store.ledger.entries()[archive.store.ledger.head().sequence :]
    assert [each.kind for each in added] == ["checks", "derived", "run"]
    json.loads(dti(tmp_path / "copy", "run", "--force", "--json"))
    assert Store(tmp_path / "copy" / "data").ledger.head() == store.ledger.head()


@pytest.mark.heavy
def test_a_root_of_the_old_code_takes_the_feeds_of_today_and_no_verified_score_moves(
    archive: Archive, tmp_path: Path
) -> None:
    """The committed workbooks take the place of the old ones, whose verified scores the verifier's feed brings now.

    The file of published figures that was edited here by hand is not the one that the checkout retires: the first run
    says how to let its figures go, too.
    """
    place = tmp_path / "upgraded"
    shutil.copytree(archive.place, place, symlinks=True)
    shutil.copytree(FEEDS, place / "data" / "feeds", dirs_exist_ok=True)
    stopped = json.loads(dti(place, "run", "--json", exits=1))
    (typed,) = {each["command"].partition("./dti ")[2] for each in stopped["blocking"]}
    dti(place, *typed.removesuffix(" --reason TEXT").split(), "--reason", "contradicted by dti.gov.vn", "--yes")
    run = json.loads(dti(place, "run", "--json"))
    assert (run["success"], run["release_is_new"], run["failure"]) == (True, False, None)
    command = run["candidate"]["command"].removeprefix("./dti ")
    released = json.loads(dti(place, *shlex.split(command), "--json"))
    assert (released["success"], released["release_is_new"]) == (True, True)
    store = Store(place / "data")
    assert store.releases.list()[-1].kind == "correction"
    before, now = store.releases.open("3"), store.releases.open()
    for name in ("index_scores", "province_ranking"):
        old, new = (rows(each, name).filter(basis="verified").select(kept(name)) for each in (before, now))
        assert old.equals(new)
        assert old.height
    sources = rows(now, "index_scores").filter(basis="verified")["source"].unique().to_list()
    assert sources == ["verification"]
    assert rows(now, "revisions").filter(release=released["release"][:4], basis="verified").is_empty()


@pytest.mark.usefixtures("one_child_for_all")
def test_commands_answer_before_the_first_run_though_the_stored_tables_have_other_columns(tmp_path: Path) -> None:
    """The tables of a22155f, recorded as later versions record theirs."""
    with tarfile.open(ARCHIVES / f"{COMMIT}.tar.xz") as packed:
        packed.extractall(tmp_path, filter="tar")
    store = Store(tmp_path / "data")
    for path in sorted(store.tables.folder.glob("*/*.parquet")):
        store.tables.write(path.parent.name, int(path.stem), pl.read_parquet(path))
    store.derived.record()
    book = FEEDS / "self_assessment" / "2022" / "VN63-19.xlsx"
    (waits,) = json.loads(dti(tmp_path, "submit", str(book), "--feed", "self_assessment", "--json", exits=4))
    counts = json.loads(dti(tmp_path, "confirm", str(waits["receipt"]), "--json"))
    assert (waits["outcome"], counts["outcome"], counts["supersedes"]) == ("waiting", "accepted", 45)
    withdrawn = dti(tmp_path, "withdraw", str(waits["receipt"]), "--reason", "a test", "--yes")
    assert "Biên nhận 45 (self_assessment/2022/VN63-19.xlsx): 196" in withdrawn
