"""Corrections of published figures: nine of Quảng Ninh 2021, and the means of 2024 that stood as those of 34 provinces.

The publisher's own page contradicts the nine; of the means no source says of which provinces they are. A data root that
released the files of that day takes the committed feeds of today; a fresh root starts with them.
"""

from __future__ import annotations

import csv
import shutil
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import dagster as dg
import pytest

from dti_platform.orchestration.assets import Announcement, announce
from dti_platform.pipeline import Platform, candidate
from dti_platform.pipeline.blocking import blocking_files
from dti_platform.pipeline.candidate import CandidateRefused
from dti_platform.pipeline.gate import PublicationStopped
from dti_platform.storage import Store
from dti_platform.storage.files import digest
from tests.committed import known
from tests.pipeline.in_process import compute, short_releases

HERE = Path(__file__).parent
FEEDS = HERE.parent / "data" / "feeds"
FILE = Path("published_results", "2021", "provinces.csv")
OF_2024, REPORT = Path("published_results", "2024", "provinces.csv"), Path("national_report", "2024", "indicators.csv")
YEARS = (2021,)
AUTO = Announcement(publish="auto", candidate=None, on_behalf=None, type="scheduled", reason=None)
with (FEEDS / "retired.csv").open(encoding="utf-8", newline="") as listed:
    LISTED = [*csv.DictReader(listed)]
(RETIRED,) = (row for row in LISTED if row["period"] == FILE.parts[1])
#: The content of 2024 of the first version and of the version before, retired for one reason.
RETIRED_OF_2024 = [row for row in LISTED if row["period"] == OF_2024.parts[1]]
MEANS = {"economy": 0.7723, "government": 0.7582, "society": 0.7692}
QUANG_NINH, THAI_NGUYEN = "VN63-22", "VN63-19"
PILLARS = ("digital_government", "digital_economy", "digital_society")


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """Releases of the tables that hold a corrected figure."""
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch, "province_ranking", "reconciliation", "national_scorecard")
        yield


@cache
def released_then() -> bytes:
    """The file as the archive of a22155f received it."""
    with tarfile.open(HERE / "archives" / "a22155f.tar.xz") as archive:
        member = next(each for each in archive if each.name.endswith(RETIRED["sha256"]))
        content = archive.extractfile(member)
        assert content
        return content.read()


def platform_of(root: Path) -> Platform:
    platform = Platform(Store(root))
    platform.__dict__["known"] = known()
    return platform


def place(root: Path, content: bytes, *, file: Path = FILE, retired: bool = False) -> None:
    (root / "feeds" / file).parent.mkdir(parents=True, exist_ok=True)
    (root / "feeds" / file).write_bytes(content)
    if retired:
        shutil.copyfile(FEEDS / "retired.csv", root / "feeds" / "retired.csv")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with a release of the file of that day."""
    root = tmp_path_factory.mktemp("old") / "data"
    place(root, released_then())
    platform = platform_of(root)
    compute(platform, YEARS)
    platform.publisher.publish("first")
    return root


@pytest.fixture
def root(old: Path, tmp_path: Path) -> Path:
    shutil.copytree(old, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


def shown(store: Store, unit: str) -> dict[str, object]:
    """What the ranking shows of a unit in 2021."""
    (row,) = store.releases.open().table("province_ranking").filter(unit=unit, headline=True).to_dicts()
    return row


def figures(row: dict[str, object]) -> list[tuple[object, object]]:
    """Score and rank of the index and of the three pillars."""
    return [(row["score"], row["rank"]), *((row[f"score_{pillar}"], row[f"rank_{pillar}"]) for pillar in PILLARS)]


def test_the_list_of_retired_files_names_the_released_content() -> None:
    assert (RETIRED["feed"], RETIRED["period"], RETIRED["name"]) == FILE.parts
    assert digest(released_then()) == RETIRED["sha256"] != digest((FEEDS / FILE).read_bytes())


def test_an_updated_checkout_leaves_a_candidate_that_is_released_as_a_correction(root: Path) -> None:
    place(root, (FEEDS / FILE).read_bytes(), retired=True)
    platform = platform_of(root)
    compute(platform, YEARS, judged=True)
    assert platform.publisher.corrected() == [RETIRED["reason"]]
    (left,) = announce(platform, "a run", AUTO, {})
    waiting = candidate.waiting(platform.store)
    assert waiting
    name = waiting["candidate"]
    assert waiting["command"] == f"./dti release {name} --type correction --reason '{RETIRED['reason']}'"
    assert isinstance(left, dg.AssetObservation)
    assert left.metadata["to publish"] == dg.TextMetadataValue(waiting["command"])
    platform.gate.__dict__["suites"] = {}
    with pytest.raises(CandidateRefused, match=f"./dti release {name} --type correction"):
        candidate.release(platform.publisher, "a release")
    candidate.release(platform.publisher, "a release", kind="correction", reason=RETIRED["reason"])

    store = platform.store
    revised = store.releases.open().table("revisions")
    assert set(revised.select("release", "type", "reason").rows()) == {("0002", "correction", RETIRED["reason"])}
    moved = revised.filter(unit=QUANG_NINH).select("basis", "node", "old_score", "new_score", "old_rank", "new_rank")
    assert {(basis, node): values for basis, node, *values in moved.rows()} == {
        ("derived", "CQS"): [0.6376, None, 5, None], ("published", "CQS"): [None, 0.5596, None, 6],
        ("derived", "KTS"): [0.4978, None, 14, None], ("published", "KTS"): [None, 0.4969, None, 10],
        ("derived", "XHS"): [0.478, 0.478, 3, None], ("published", "XHS"): [None, 0.478, None, 14],
        ("derived", "7"): [0.773, None, None, None], ("derived", "8"): [0.213, None, None, None],
        ("published", "PDTI"): [None, 0.4972, 7, 7],
        ("derived", "9"): [0.127, None, None, None], ("derived", "I"): [0.5834, None, None, None],
    }  # fmt: skip
    assert store.releases.list()[-1].kind == "correction"
    assert platform.publisher.corrected() == []
    assert candidate.propose(platform.publisher, "a further run").candidate is None


def test_a_fresh_root_starts_with_the_corrected_figures(tmp_path: Path) -> None:
    place(tmp_path / "data", (FEEDS / FILE).read_bytes(), retired=True)
    platform = platform_of(tmp_path / "data")
    compute(platform, YEARS)
    assert platform.publisher.publish("first").release.kind == "scheduled"
    assert figures(shown(platform.store, THAI_NGUYEN)) == [(0.496, 8), (0.5496, 9), (0.5364, 5), (0.5137, 8)]
    assert figures(shown(platform.store, QUANG_NINH)) == [(0.4972, 7), (0.5596, 6), (0.4969, 10), (0.478, 14)]


def test_figures_that_go_without_a_word_stop_the_publication_and_the_way_out_is_named(root: Path) -> None:
    place(root, (FEEDS / FILE).read_bytes())
    platform = platform_of(root)
    compute(platform, YEARS, judged=True)
    with pytest.raises(PublicationStopped) as stopped:
        candidate.propose(platform.publisher, "a run")
    files = {each.check: each for each in blocking_files(platform.store, stopped.value.results)}
    named = files["observations.no_published_figure_disappears"]
    assert (named.receipt, named.before, named.committed) == (2, 1, True)
    way_out = "correct it in data/feeds, or let the figures go: ./dti withdraw 1 --reason TEXT"
    assert named.to_dict()["command"] == way_out
    platform.store.landing.withdraw_one(1, "contradicted by the publisher")
    assert candidate.propose(platform.publisher, "a run").candidate
    assert platform.publisher.corrected() == ["contradicted by the publisher"]


def means_of_34() -> list[str]:
    """The rows of 2024 that said that the means are those of the 34 provinces."""
    with (FEEDS / REPORT).open(encoding="utf-8", newline="") as file:
        (source,) = {row["source"] for row in csv.DictReader(file) if row["indicator"] == "provincial_dti_mean"}
    scores = {**{f"digital_{pillar}": mean for pillar, mean in MEANS.items()}, "overall": 0.6961}
    return [f"VN34,(mean),score_{concept},{mean},{source},verbatim\n" for concept, mean in scores.items()]


def test_means_of_provinces_that_no_source_names_are_corrected_away_from_the_34(tmp_path: Path) -> None:
    root = tmp_path / "data"
    header, *others = (FEEDS / OF_2024).read_text(encoding="utf-8").splitlines(keepends=True)
    before = "".join([header, *means_of_34(), *others]).encode()
    assert [row["name"] for row in RETIRED_OF_2024 if row["sha256"] == digest(before)] == ["provinces.csv"]
    assert {(row["feed"], row["name"]) for row in RETIRED_OF_2024} == {("published_results", "provinces.csv")}
    assert len({row["reason"] for row in RETIRED_OF_2024}) == 1
    place(root, before, file=OF_2024)
    platform = platform_of(root)
    compute(platform, (2024,))
    platform.publisher.publish("first")
    stood = platform.store.releases.open().table("index_scores").filter(unit="VN34")
    assert sorted(stood["score"]) == [0.6961, 0.7582, 0.7692, 0.7723]

    place(root, (FEEDS / OF_2024).read_bytes(), file=OF_2024, retired=True)
    place(root, (FEEDS / REPORT).read_bytes(), file=REPORT)
    platform = platform_of(root)
    compute(platform, (2024,), judged=True)
    reason = RETIRED_OF_2024[0]["reason"]
    assert candidate.propose(platform.publisher, "a run").candidate
    waiting = candidate.waiting(platform.store)
    assert waiting
    assert waiting["command"] == f"./dti release {waiting['candidate']} --type correction --reason '{reason}'"
    candidate.release(platform.publisher, "a release", kind="correction", reason=reason)
    release = platform.store.releases.open()
    assert release.table("index_scores").filter(unit="VN34").is_empty()
    assert release.table("reconciliation").filter(unit="VN34").is_empty()
    observed = release.table("observations").filter(basis="reported")
    told = dict(observed.select("node", "value").rows())
    assert {pillar: told[f"provincial_digital_{pillar}_mean"] for pillar in MEANS} == MEANS
    assert told["provincial_dti_mean"] == 0.6961
    assert not {*release.table("national_scorecard")["indicator"]} & {name for name in told if name.endswith("_mean")}
    gone = release.table("revisions").filter(unit="VN34")
    assert set(gone.select("type", "new_score").rows()) == {("correction", None)}
    assert gone.height == 4
