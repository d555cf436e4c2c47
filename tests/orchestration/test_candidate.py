"""What a run of the sensor, a schedule and a person make of the same tables: a candidate or a release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner, Result
from pydantic import ValidationError

from dti_platform.cli import main
from dti_platform.language import Bilingual
from dti_platform.orchestration.assets import Announcement
from dti_platform.orchestration.build import build
from dti_platform.orchestration.partitions import ARRIVALS
from dti_platform.orchestration.run import JOB, execute, failure
from dti_platform.pipeline import Platform
from dti_platform.pipeline.gate import Gate, PublicationStopped
from dti_platform.quality import CheckResult
from dti_platform.settings import Settings
from dti_platform.storage import Store
from tests.pipeline.in_process import compute, short_releases

pytestmark = pytest.mark.usefixtures("release_alone")

FEED = Path("feeds", "published_results", "2021")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Path]:
    """A data root with every table up to the release; releases are of a few tables."""
    root = tmp_path_factory.mktemp("computed")
    shutil.copytree(project / "data" / FEED, root / FEED)
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch, "province_ranking")
        compute(Platform(Store(root)), (2021,))
        yield root


@pytest.fixture
def store(computed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(Gate, "suites", {})
    for name in ("DTI_PUBLISH", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(computed, tmp_path / "root")
    return Store(tmp_path / "root")


@pytest.mark.parametrize(
    ("tags", "setting", "told", "how"),
    [
        ({}, "auto", None, "auto"),
        ({}, "ask", None, "ask"),
        ({ARRIVALS: "1"}, "auto", None, "ask"),
        ({ARRIVALS: "1"}, "ask", None, "ask"),
        ({}, "ask", "auto", "auto"),
        ({}, "auto", "candidate", "candidate"),
    ],
)
def test_what_arrived_waits_and_everything_waits_where_the_setting_says_so(
    monkeypatch: pytest.MonkeyPatch, tags: dict[str, str], setting: str, told: str | None, how: str
) -> None:
    monkeypatch.setenv("DTI_PUBLISH", setting)
    assert Announcement(publish=told).mode(tags) == how


def test_a_setting_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_PUBLISH", "never")
    with pytest.raises(ValidationError, match="publish"):
        Settings()
    with pytest.raises(ValidationError, match="publish"):
        Announcement(publish="never")


def release_asset(store: Store, instance: dg.DagsterInstance, tags: dict[str, str]) -> dg.ExecuteInProcessResult:
    job = build(store).resolve_job_def(JOB)
    return execute(job, instance, {}, store, tags, [dg.AssetKey("release")])


def test_a_run_of_the_sensor_is_observed_as_a_candidate_and_a_schedule_publishes_it(store: Store) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert release_asset(store, instance, {ARRIVALS: "1"}).success
        candidate = store.candidates.standing()
        assert candidate
        assert store.releases.list() == []
        (record,) = instance.fetch_observations(dg.AssetKey("release"), limit=2).records
        assert record.asset_observation
        told = {name: value.value for name, value in record.asset_observation.metadata.items()}
        assert (told["candidate"], told["to publish"]) == (candidate.name, f"./dti release {candidate.name}")
        assert Path(str(told["page"])).is_file()
        assert not instance.fetch_materializations(dg.AssetKey("release"), limit=1).records
        assert release_asset(store, instance, {}).success
        assert instance.fetch_materializations(dg.AssetKey("release"), limit=1).records
    (release,) = store.releases.list()
    assert (release.name, store.candidates.standing()) == (candidate.name, None)


def test_a_release_that_checks_stop_fails_with_the_rule_and_the_row_and_links_their_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = pl.DataFrame({"unit": ["VN63-01"], "rank": [64]})
    failed = CheckResult("rankings", "a_check", "critical", "failed", Bilingual("Vì sao", "Why"), 1, 1, rows=row)

    def stop(*_: object) -> None:
        raise PublicationStopped([failed])

    monkeypatch.setattr(Gate, "judge_release", stop)
    with dg.DagsterInstance.ephemeral() as instance:
        result = release_asset(store, instance, {})
    (step,) = (each.step_failure_data for each in result.all_events if each.is_step_failure)
    assert failure([result]) == "release: rankings.a_check: Why. VN63-01: rank 64"
    assert step.user_failure_data
    (page,) = store.check_reports.names()
    assert step.user_failure_data.metadata["page"] == dg.MetadataValue.url(f"/pages/checks/{page}")
    assert b"rankings.a_check" in (store.check_reports.read(page) or b"")


def dti(store: Store, *arguments: str, exits: int = 0) -> Result:
    done = CliRunner().invoke(main, [*arguments, "--data", str(store.root)])
    assert done.exit_code == exits, (done.output, done.exception)
    return done


def test_a_person_sees_the_candidate_and_publishes_it(store: Store) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        release_asset(store, instance, {ARRIVALS: "1"})
    listed = json.loads(dti(store, "releases", "--json").stdout)
    name = listed["candidate"]["candidate"]
    assert (listed["releases"], listed["candidate"]["before"]) == ([], None)
    assert (
        dti(store, "releases", "--lang", "en").stdout.splitlines()[0].startswith(f"Bản chờ công bố / Candidate {name}")
    )
    assert dti(store, "export", "province_ranking", "--release", "candidate", "--out", "-").stdout
    refused = json.loads(dti(store, "release", "0009", "--json", exits=1).stdout)
    assert "no candidate was ever called 0009" in refused["failure"]
    assert store.ledger.entries("run")[-1].body["success"] is False
    outcome = json.loads(dti(store, "release", name[:6], "--by", "Lan", "--json").stdout)
    assert (outcome["success"], outcome["release"], outcome["release_is_new"]) == (True, name, True)
    assert outcome["site"] == store.sites.first_page(name) is not None
    assert dti(store, "releases").stdout.splitlines()[0].split("  ")[3].startswith("Lan · ")
    assert json.loads(dti(store, "release", "--json").stdout)["candidate"] is None
    assert "Nothing to publish" in dti(store, "release", "--lang", "en").stdout
    dti(store, "diff", "1", "candidate", exits=1)


def test_the_difference_to_the_candidate_is_told_by_its_name(store: Store) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        release_asset(store, instance, {})
        path = store.root / FEED / "provinces.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(",0.4960,", ",0.4970,"), encoding="utf-8")
        compute(Platform(store), (2021,))
        release_asset(store, instance, {ARRIVALS: "1"})
    changes = json.loads(dti(store, "diff", "1", "candidate", "--json").stdout)["changes"]
    (change,) = [each for each in changes if each["unit"] == "VN63-19" and each["is_index"]]
    assert (change["old_score"], change["new_score"]) == (0.496, 0.497)


def test_while_another_run_holds_the_data_nothing_is_published(store: Store) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        release_asset(store, instance, {ARRIVALS: "1"})
    with store.lock("run", "0123-the-other-run"):
        refused = json.loads(dti(store, "release", "--json", exits=1).stdout)
    assert "0123-the-other-run" in refused["failure"]
    assert (store.releases.list(), store.candidates.standing() is None) == ([], False)


def test_a_data_root_that_is_not_there_has_no_candidate_to_publish(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["release", "--data", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "there is no data root" in done.output
    assert not (tmp_path / "none").exists()
