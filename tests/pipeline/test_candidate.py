"""Arrival makes a candidate, a person publishes it: exactly what was seen, or nothing."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest

from dti_platform.language import Bilingual
from dti_platform.pipeline import Platform, candidate
from dti_platform.pipeline.candidate import CandidateRefused
from dti_platform.pipeline.gate import Gate, PublicationStopped
from dti_platform.quality import CheckResult
from dti_platform.storage import Store, WriteFailed, files
from tests.committed import known
from tests.pipeline.in_process import compute, short_releases

PLACE = Path("feeds", "published_results", "2021", "dti.csv")
STOPS = CheckResult("scores", "a_check", "critical", "could_not_run", Bilingual.same("why"))
HEAD = "geography,unit,metric,value,source,certainty\n"


def platform_of(root: Path) -> Platform:
    platform = Platform(Store(root))
    platform.__dict__["known"] = known()
    return platform


def send(root: Path, *scores: float, place: Path = PLACE, names: Sequence[str] = ("Thái Nguyên", "Đà Nẵng")) -> None:
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    rows = [
        f"VN63,{name},score_overall,{score},https://dti.gov.vn,verbatim"
        for name, score in zip(names, scores, strict=False)
    ]
    (root / place).write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def send_another(root: Path) -> None:
    """A file beside the first, which replaces nothing."""
    send(root, 0.8, place=PLACE.with_name("others.csv"), names=["Hà Nội"])


def arrive(platform: Platform, *scores: float, run_id: str = "a run") -> candidate.Proposal:
    """What arrives is computed, and a candidate is left."""
    send(platform.store.root, *scores)
    compute(platform, (2021,))
    return candidate.propose(platform.publisher, run_id)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DTI_USER", raising=False)


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """Releases of a few tables."""
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with a release of one figure, and a candidate that changes it and adds one."""
    root = tmp_path_factory.mktemp("candidate")
    platform = platform_of(root)
    send(root, 0.5)
    compute(platform, (2021,))
    platform.publisher.publish("first")
    arrive(platform, 0.6, 0.7)
    return root


@pytest.fixture
def platform(made: Path, tmp_path: Path) -> Platform:
    shutil.copytree(made, tmp_path / "root", symlinks=True)
    platform = platform_of(tmp_path / "root")
    platform.gate.__dict__["suites"] = {}
    return platform


def names(platform: Platform) -> list[str]:
    return [each.name for each in platform.store.releases.list()]


def left(platform: Platform) -> str:
    standing = platform.store.candidates.standing()
    assert standing
    return standing.name


def test_an_arrival_publishes_nothing_and_leaves_its_checks_its_difference_and_its_page(platform: Platform) -> None:
    assert len(names(platform)) == 1
    standing = platform.store.candidates.standing()
    assert standing
    assert {candidate.CHECKS, candidate.DIFFERENCE, candidate.PAGE, "datapackage.json"} <= standing.files.keys()
    told = candidate.waiting(platform.store)
    assert told
    assert (told["before"], told["changes"] > 0, told["received_since"]) == (names(platform)[0], True, [])
    assert "Thái Nguyên" in Path(told["page"]).read_text(encoding="utf-8")


def test_the_same_again_changes_nothing(platform: Platform) -> None:
    head = platform.store.ledger.head()
    again = candidate.propose(platform.publisher, "another run")
    assert again.candidate
    assert (again.candidate.name, platform.store.ledger.head()) == (left(platform), head)


def test_what_was_seen_is_published_to_the_byte_with_who_and_who_decided(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DTI_USER", "lan")
    seen = platform.store.candidates.standing()
    publication = candidate.release(platform.publisher, "a release", on_behalf="Vụ trưởng")
    assert publication
    assert seen
    release = publication.release
    assert (publication.is_new, release.name, release.kind) == (True, seen.name, "scheduled")
    assert release.files.items() <= seen.files.items()
    assert (release.by, release.on_behalf, release.record["candidate"]) == ("lan", "Vụ trưởng", seen.entry.sequence)
    assert release.record["receipts"] == seen.record["receipts"]
    assert (platform.store.candidates.standing(), platform.store.verify()) == (None, [])
    assert candidate.release(platform.publisher, "again") is None
    assert candidate.propose(platform.publisher, "a run").candidate is None


def test_a_correction_bears_its_reason_and_is_held_to_the_same_candidate(platform: Platform) -> None:
    seen = left(platform)
    publication = candidate.release(platform.publisher, "a release", seen[:9], kind="correction", reason="a misprint")
    assert publication
    assert (publication.release.kind, publication.release.name) == ("correction", seen)
    revisions = platform.store.releases.open().table("revisions")
    assert set(revisions.select("release", "type", "reason").rows()) == {("0002", "correction", "a misprint")}


def refused(platform: Platform, name: str | None = None, then: str = "run again") -> str:
    """Why the candidate is refused; nothing changed."""
    head, releases = platform.store.ledger.head(), names(platform)
    with pytest.raises(CandidateRefused) as error:
        candidate.release(platform.publisher, "a release", name)
    assert (platform.store.ledger.head(), names(platform)) == (head, releases)
    assert then in str(error.value)
    return str(error.value)


def test_the_candidate_that_was_seen_is_asked_for_by_name(platform: Platform) -> None:
    seen = left(platform)
    arrive(platform, 0.6, 0.8)
    assert f"{seen} was asked for" in refused(platform, seen, "look at this one")
    unknown = refused(platform, "0002-zzzz", "look at this one")
    assert f"candidate {left(platform)} is not released: no candidate was ever called 0002-zzzz" in unknown
    assert "run again" not in unknown
    assert candidate.release(platform.publisher, "a release", left(platform))


def test_tables_that_changed_since_are_named(platform: Platform) -> None:
    send_another(platform.store.root)
    compute(platform, (2021,))
    reason = refused(platform)
    assert "what stands differs from it" in reason
    assert "index_scores" in reason
    assert "illustrative" not in reason, "only halves that differ are named"


def test_a_file_that_no_longer_counts_is_named(platform: Platform) -> None:
    standing = platform.store.landing.standing()
    platform.store.landing.withdraw_one(standing[-1].number, "sent by mistake")
    assert f"{standing[-1].number} ({PLACE.name})" in refused(platform)
    waits = candidate.waiting(platform.store)
    assert waits
    assert (
        waits["stale"]["vi"] == f"dựa trên các tệp không còn được tính, theo biên nhận: {standing[-1].number} (dti.csv)"
    )


def test_a_file_that_was_replaced_is_named_before_any_run_reads_the_new_one(platform: Platform) -> None:
    rests_on = platform.store.landing.standing()[-1].number
    send(platform.store.root, 0.6, 0.9)
    platform.arrivals.land()
    assert f"files that no longer count, by receipt: {rests_on} ({PLACE.name})" in refused(platform)
    waits = candidate.waiting(platform.store)
    assert waits
    assert waits["stale"], "`releases` says so, too"


def test_a_file_that_came_since_is_told_and_left_to_the_next(platform: Platform) -> None:
    platform.store.landing.receive(b"more", feed="published_results", period="2022", name="more.csv")
    told = candidate.waiting(platform.store)
    assert told
    assert told["received_since"] == ["published_results/2022/more.csv"]
    assert told["stale"] is None
    assert candidate.release(platform.publisher, "a release")


@pytest.mark.parametrize("what", ["code", "frameworks"])
def test_a_candidate_of_an_older_commit_is_made_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    if what == "frameworks":
        monkeypatch.setattr(candidate, "framework_versions", lambda _: {"922-provincial": "other"})
    else:
        versions = candidate.code_versions()
        monkeypatch.setattr(candidate, "code_versions", lambda: {**versions, what: "other"})
    assert f"with other {what} than are here" in refused(platform)


@pytest.mark.parametrize("file", [candidate.PAGE, "index_scores.parquet"])
def test_a_candidate_that_was_altered_is_refused(platform: Platform, file: str) -> None:
    standing = platform.store.candidates.standing()
    assert standing
    (standing.path / file).write_bytes(b"nothing changes")
    assert f"it was altered ({standing.path / file}" in refused(platform)


def test_a_blocking_failure_leaves_no_candidate_and_the_one_before_is_no_longer_published(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = left(platform)
    with monkeypatch.context() as patch:
        patch.setattr(Gate, "judge_release", lambda *_: (_ for _ in ()).throw(PublicationStopped([STOPS])))
        send_another(platform.store.root)
        with pytest.raises(PublicationStopped):
            arrive(platform, 0.6, 0.7)
        with pytest.raises(PublicationStopped):
            candidate.release(platform.publisher, "a release")
    assert left(platform) == before
    assert "what stands differs from it" in refused(platform)


def test_when_everything_is_again_as_released_there_is_no_candidate(platform: Platform) -> None:
    platform.store.landing.withdraw_one(2, "sent by mistake")
    compute(platform, (2021,))
    assert candidate.propose(platform.publisher, "a run").candidate is None
    assert platform.store.candidates.standing() is None


def test_a_publication_by_the_calendar_takes_the_candidate_with_it(platform: Platform) -> None:
    seen = left(platform)
    assert platform.publisher.publish("a schedule").release.name == seen
    assert platform.store.candidates.standing() is None


def test_killed_between_the_candidate_and_its_release_another_process_publishes_it(platform: Platform) -> None:
    again = platform_of(platform.store.root)
    again.gate.__dict__["suites"] = {}
    assert candidate.release(again.publisher, "after the restart")
    assert len(names(again)) == 2


def test_killed_while_it_is_published_it_is_released_once(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = left(platform)

    def fail(*_: object) -> None:
        raise WriteFailed("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(files, "remove_all", fail)
        with pytest.raises(WriteFailed):
            candidate.release(platform.publisher, "killed")
    again = platform_of(platform.store.root)
    assert candidate.release(again.publisher, "after the restart") is None, "the ledger has it already"
    again.store.sweep()
    assert (names(again)[1:], again.store.verify()) == ([seen], [])


def test_two_at_once_make_one_release(platform: Platform) -> None:
    others = [platform_of(platform.store.root) for _ in range(2)]
    outcomes: list[object] = []

    def publish(each: Platform, number: int) -> None:
        each.gate.__dict__["suites"] = {}
        publication = candidate.release(each.publisher, f"release {number}")
        outcomes.append(publication and publication.is_new)

    threads = [threading.Thread(target=publish, args=(each, number)) for number, each in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [None, True], "the second finds nothing to publish"
    assert len(platform.store.ledger.entries("release")) == 2


def test_the_first_candidate_has_nothing_before_it(tmp_path: Path) -> None:
    platform = platform_of(tmp_path)
    proposal = arrive(platform, 0.5)
    assert proposal.candidate
    assert proposal.difference
    assert (proposal.before, proposal.difference.earlier, len(proposal.difference.new) > 0) == (None, None, True)
    publication = candidate.release(platform.publisher, "a release")
    assert publication
    assert publication.release.name == proposal.candidate.name
    scores = platform.store.releases.open().table("index_scores")
    assert scores.filter(pl.col("basis") == "published", pl.col("unit") == "VN63-19")["score"].to_list() == [0.5]
