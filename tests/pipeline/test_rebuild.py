"""An old release made again from landing and ledger alone, and what is said when something it needs is gone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.pipeline.platform import Platform
from dti_platform.pipeline.rebuild import rebuild
from dti_platform.storage import Missing, Store
from tests.pipeline.in_process import run

FEEDS = ("published_results/2020", "published_results/2021", "provincial_report/2022", "national_report/2022-S1")
CHANGED = Path("published_results", "2021", "provinces.csv")


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with two releases: between them a printed rank was corrected."""
    root = tmp_path_factory.mktemp("two")
    committed = Path(__file__).parents[2] / "data" / "feeds"
    for each in FEEDS:
        shutil.copytree(committed / each, root / "feeds" / each)
    platform = Platform(Store(root / "data", feeds=root / "feeds"))
    run(platform, "1")
    path = root / "feeds" / CHANGED
    path.write_text(path.read_text(encoding="utf-8").replace(",0.496,", ",0.497,"), encoding="utf-8")
    run(platform, "2", "correction", "a digit was misread")
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
    assert (made.whole, made.differing, made.gone, made.changed, made.files) == (True, (), (), (), 10)


def test_releases_whose_folders_are_gone_are_put_back_the_one_before_first(platform: Platform) -> None:
    kept = {path: path.read_bytes() for path in (platform.store.root / "published" / "releases").rglob("*.*")}
    shutil.rmtree(platform.store.root / "published" / "releases")
    assert rebuild(platform, "2").whole
    assert {path: path.read_bytes() for path in (platform.store.root / "published" / "releases").rglob("*.*")} == kept
    assert platform.store.verify() == []


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


def test_what_is_not_as_it_was_is_said_with_what_to_check_out(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = platform.record_of_code()
    frameworks = {**honest["frameworks"], "922-provincial": "0" * 64}
    there = {**honest, "code": "0123456789abcdef", "lock": None, "frameworks": frameworks}
    monkeypatch.setattr(Platform, "record_of_code", lambda _: there)
    changed = rebuild(platform, "1").changed
    assert [each.partition(":")[0] for each in changed] == ["code", "lock", "framework 922-provincial"]
    assert "here is 0123456789ab; check out " in changed[0]
    assert honest["commit"] is None or honest["commit"] in changed[0]


def test_other_code_that_makes_other_bytes_is_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    from dti_platform import methodology
    from dti_platform.pipeline import contents

    monkeypatch.setattr(contents, "PACKAGE", {"title": "another"})
    assert rebuild(platform, "1").differing == ("datapackage.json",)
    honest = methodology.score_year
    monkeypatch.setattr(methodology, "score_year", lambda *given: honest(*given).drop("missing"))
    broken = rebuild(platform, "1")
    assert not broken.whole
    assert "scores" in str(broken.error)


def test_code_that_expects_columns_that_the_release_before_lacks_is_told(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dti_platform.publications import revisions

    monkeypatch.setattr(revisions, "extend", lambda _, before, __: before["index_scores"].select("added_later"))
    done = CliRunner().invoke(main, ["rebuild", "2", "--data", str(platform.store.root)])
    assert isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code, "added_later" in done.output.splitlines()[0]) == (1, True), done.output


def test_the_command_says_in_a_line_what_came_of_it_and_hands_out_the_files(platform: Platform, tmp_path: Path) -> None:
    data = ["--data", str(platform.store.root)]
    done = CliRunner().invoke(main, ["rebuild", "2", "--out", str(tmp_path / "out"), *data])
    assert (done.exit_code, done.output.splitlines()[0][:1]) == (0, "✓"), done.output
    release = platform.store.releases.find("2")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        path.name: path.read_bytes() for path in release.path.iterdir()
    }
    shutil.rmtree(platform.store.root / "landing")
    gone = CliRunner().invoke(main, ["rebuild", "2", "--json", *data])
    told = json.loads(gone.output)
    assert (gone.exit_code, told["whole"], len(told["gone"])) == (1, False, 6)
    assert "✗ published_results/2020/provinces.csv" in CliRunner().invoke(main, ["rebuild", "2", *data]).output


def test_a_release_that_never_was_is_said_to_be_missing(platform: Platform) -> None:
    with pytest.raises(Missing, match="no release 9"):
        rebuild(platform, "9")
