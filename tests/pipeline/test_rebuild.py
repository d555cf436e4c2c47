"""An old release made again from landing and ledger alone, and what is said when something it needs is gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandera.polars as pandera
import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import methodology, publications, units
from dti_platform.cli import main
from dti_platform.methodology import loading
from dti_platform.pipeline import Platform, publish, versions
from dti_platform.pipeline.rebuild import rebuild
from dti_platform.publications import coverage
from dti_platform.storage import Missing, Release, Store
from tests.conftest import fingerprint
from tests.pipeline.in_process import run, short_releases

FEEDS = (
    "published_results/2020/provinces.csv", "published_results/2021/provinces.csv",
    "provincial_report/2020/indicators.csv", "national_report/2021/indicators.csv",
)  # fmt: skip
YEARS = (2020, 2021)
COVERAGE = ("coverage.parquet", "datapackage.json", "illustrative/coverage.parquet")
CHANGED = Path("published_results", "2021", "provinces.csv")


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """Releases of a few tables; of all of them ``test_standing_years`` makes some again."""
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch, "province_ranking", "coverage")
        yield


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with two releases: between them a printed rank was corrected."""
    root = tmp_path_factory.mktemp("two")
    committed = Path(__file__).parents[2] / "data" / "feeds"
    for each in FEEDS:
        (root / "feeds" / each).parent.mkdir(parents=True)
        shutil.copyfile(committed / each, root / "feeds" / each)
    platform = Platform(Store(root / "data", feeds=root / "feeds"))
    run(platform, "1", years=YEARS)
    path = root / "feeds" / CHANGED
    path.write_text(path.read_text(encoding="utf-8").replace(",0.496,", ",0.497,"), encoding="utf-8")
    run(platform, "2", "correction", "a digit was misread", years=YEARS)
    assert [each.kind for each in platform.store.releases.list()] == ["scheduled", "correction"]
    return root


@pytest.fixture
def platform(two_releases: Path, tmp_path: Path) -> Platform:
    shutil.copytree(two_releases, tmp_path / "root", symlinks=True)
    return Platform(Store(tmp_path / "root" / "data", feeds=tmp_path / "root" / "feeds"))


@pytest.mark.parametrize("name", ["1", "2"])
def test_a_release_is_made_again_to_the_byte(platform: Platform, name: str) -> None:
    shutil.rmtree(platform.store.feeds)
    shutil.rmtree(platform.store.root / "tables")
    made = rebuild(platform, name)
    files = len(platform.store.releases.recorded(name).files)
    assert (made.whole, made.differing, made.gone, made.changed, made.files) == (True, (), (), (), files)


def test_releases_whose_folders_are_gone_are_put_back_the_one_before_first(platform: Platform) -> None:
    kept = {path: path.read_bytes() for path in (platform.store.root / "published" / "releases").rglob("*.*")}
    shutil.rmtree(platform.store.root / "published" / "releases")
    assert rebuild(platform, "2").whole
    assert {path: path.read_bytes() for path in (platform.store.root / "published" / "releases").rglob("*.*")} == kept
    assert platform.store.verify() == []


def test_what_is_damaged_is_put_back_and_what_cannot_be_is_an_error(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, data = platform.store.releases.find("2"), ["--data", str(platform.store.root)]
    (second.path / "province_ranking.parquet").write_bytes(b"damaged")
    (platform.store.releases.find("1").path / "coverage.parquet").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(publish, "PACKAGE", {"title": "another"})
        done = CliRunner().invoke(main, ["rebuild", "2", *data])
        assert (done.exit_code, "✓" in done.output) == (1, False), done.output
    assert (second.path / "province_ranking.parquet").read_bytes() == b"damaged"
    done = CliRunner().invoke(main, ["rebuild", "2", *data])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == "→ province_ranking.parquet: was gone or damaged, put back as published"
    assert done.output.splitlines()[1].startswith(f"✓ {second.name}: ")
    assert platform.store.verify() == []
    (second.path / "more.parquet").write_bytes(b"")
    done = CliRunner().invoke(main, ["rebuild", "2", *data])
    assert (done.exit_code, "more.parquet: not part of the release" in done.output) == (1, True), done.output


def test_the_newest_release_without_its_folder_is_named_with_the_command(platform: Platform) -> None:
    newest, data = platform.store.releases.find("2"), ["--data", str(platform.store.root)]
    shutil.rmtree(newest.path)
    done = CliRunner().invoke(main, ["ranking", *data])
    says = f"{newest.path}: the folder of release {newest.name} is gone; `./dti rebuild {newest.name}` makes it again"
    assert (done.exit_code, says in done.output) == (1, True), done.output
    assert CliRunner().invoke(main, ["rebuild", newest.name, *data]).exit_code == 0
    assert platform.store.releases.latest() == newest


def test_an_input_that_is_gone_is_named(platform: Platform) -> None:
    first = platform.store.landing.receipts("published_results", 2021)
    provinces = next(each for each in first if each.name == CHANGED.name)
    platform.store.landing.path(provinces.sha256).unlink()
    made = rebuild(platform, "1")
    (gone,) = made.gone
    assert gone.startswith("published_results/2021/provinces.csv: ")
    assert provinces.sha256 in gone
    assert not made.whole
    assert rebuild(platform, "2").whole, "the second release rests on the corrected file alone"


@pytest.fixture
def first(platform: Platform) -> Release:
    return platform.store.releases.recorded("1")


def test_other_code_lock_and_reference_that_make_the_same_bytes_are_named(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"code": "0123456789abcdef", "lock": None, "reference": "fedcba9876543210"}
    monkeypatch.setattr("dti_platform.pipeline.rebuild.code_versions", lambda: other)
    result = rebuild(platform, "1")
    assert result.whole
    assert [each.partition(":")[0] for each in result.changed] == ["code", "lock", "reference"]
    assert result.changed[0].endswith("here is 0123456789ab")
    assert result.commit == platform.store.releases.recorded("1").record["commit"]


def test_another_package_text_is_one_file_that_differs(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "PACKAGE", {"title": "another"})
    assert rebuild(platform, "1").differing == ("datapackage.json",)


def test_other_rules_are_named_with_every_file_that_differs(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "frameworks"
    shutil.copytree(loading.FOLDER, folder)
    path = folder / "1726-provincial.toml"
    text = path.read_text(encoding="utf-8")
    other = text.replace("\ndecimals = 6 ", "\ndecimals = 2 ").replace("\ntie_decimals = 4 ", "\ntie_decimals = 2 ")
    assert other.count(" = 2 ") == text.count(" = 2 ") + 2
    path.write_text(other, encoding="utf-8")
    monkeypatch.setattr(loading, "FOLDER", folder)
    result = rebuild(platform, "1")
    assert "framework 1726-provincial: its file is not what it was" in result.changed
    assert {"datapackage.json", "index_scores.parquet", "province_ranking.parquet"} <= set(result.differing)


def test_another_name_in_the_reference_data_is_named_with_every_file_that_differs(
    platform: Platform, other_reference: Path
) -> None:
    path = other_reference / "provinces.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Thai Nguyen", "Thainguyen"), encoding="utf-8")
    result = rebuild(platform, "1")
    assert [each.partition(":")[0] for each in result.changed] == ["reference"]
    assert {"datapackage.json", "province_ranking.parquet"} <= set(result.differing)
    assert result.error is None


def test_reference_data_that_lacks_a_unit_can_not_make_it(platform: Platform, other_reference: Path) -> None:
    path = other_reference / "provinces.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("VN63-19,")), encoding="utf-8")
    result = rebuild(platform, "1")
    assert str(result.error).startswith("ReferenceDataError: ")
    assert "VN63-19" in str(result.error)
    assert len(result.differing) == result.files


@pytest.fixture
def other_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the reference data, to be changed, that is read instead."""
    folder = tmp_path / "reference"
    shutil.copytree(units.default_folder(), folder)
    for module in (units, versions):
        monkeypatch.setattr(module, "default_folder", lambda: folder)
    versions.reference_version.cache_clear()
    yield folder
    versions.reference_version.cache_clear()


def test_another_schema_is_named_with_the_tables_that_have_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wider(coverage.MODEL):
        """Coverage with one more column."""

        region: str = pandera.Field(nullable=True)

    def build(*given: Any) -> pl.DataFrame:
        return coverage.build(*given).with_columns(region=pl.lit(None, pl.String))

    wider = SimpleNamespace(**{**vars(coverage), "MODEL": Wider, "build": build})
    discovered = {**publications.discover(), "coverage": wider}
    monkeypatch.setattr(publications, "discover", lambda: discovered)
    result = rebuild(platform, "1")
    assert (result.error, result.differing) == (None, COVERAGE)


def test_a_table_that_this_code_no_longer_has_is_named(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {name: module for name, module in publications.discover().items() if name != "coverage"}
    monkeypatch.setattr(publications, "discover", lambda: fewer)
    assert rebuild(platform, "1").differing == COVERAGE


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda frame: frame.drop("missing"), "ContractBroken: scores"),
        (lambda frame: frame.select("no_such_column"), "ColumnNotFoundError: "),
        (lambda _: {}["no_such_table"], "KeyError: 'no_such_table'"),
        (lambda _: None, "AttributeError: "),
    ],
)
def test_code_that_can_not_make_a_table_is_an_answer_that_names_every_file(
    platform: Platform, first: Release, monkeypatch: pytest.MonkeyPatch, spoil: Any, error: str
) -> None:
    honest = methodology.score_year
    monkeypatch.setattr(methodology, "score_year", lambda *given: spoil(honest(*given)))
    result = rebuild(platform, "1")
    assert str(result.error).startswith(error)
    assert result.differing == tuple(sorted(first.files))
    assert not result.whole


def test_the_command_names_the_commit_and_every_file_and_exits_1(
    platform: Platform, first: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methodology, "score_year", lambda *_: pl.DataFrame())
    done = CliRunner().invoke(main, ["rebuild", "1", "--data", str(platform.store.root)])
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    lines = done.output.splitlines()
    assert lines[0].startswith(f"✗ {first.name}: this code can't make it: ContractBroken: scores")
    assert {f"✗ {name}: not made" for name in first.files} <= set(lines)
    commit = first.record["commit"] or "of that day (none was recorded)"
    assert lines[-1] == f"  to rebuild it, check out commit {commit}"


def test_code_that_expects_columns_that_the_release_before_lacks_is_told(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dti_platform.publications import revisions

    monkeypatch.setattr(revisions, "changed", lambda _, before, __: before["index_scores"].select("added_later"))
    done = CliRunner().invoke(main, ["rebuild", "2", "--data", str(platform.store.root)])
    assert isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code, "added_later" in done.output.splitlines()[0]) == (1, True), done.output


def test_the_command_says_in_a_line_what_came_of_it_and_hands_out_the_files(platform: Platform, tmp_path: Path) -> None:
    data = ["--data", str(platform.store.root)]
    done = CliRunner().invoke(main, ["rebuild", "2", "--out", str(tmp_path / "out"), *data])
    assert (done.exit_code, done.output.splitlines()[0][:1]) == (0, "✓"), done.output
    release = platform.store.releases.find("2")
    assert fingerprint(tmp_path / "out") == fingerprint(release.path)
    shutil.rmtree(platform.store.root / "landing")
    gone = CliRunner().invoke(main, ["rebuild", "2", "--json", *data])
    told = json.loads(gone.output)
    assert (gone.exit_code, told["whole"], len(told["gone"])) == (1, False, len(FEEDS))
    assert "✗ published_results/2020/provinces.csv" in CliRunner().invoke(main, ["rebuild", "2", *data]).output


def test_a_release_that_never_was_is_said_to_be_missing(platform: Platform) -> None:
    with pytest.raises(Missing, match="no release 9"):
        rebuild(platform, "9")
