"""A run of all years makes those alone that have changed, and releases what making all of them would."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dti_platform.pipeline import Platform, flow, standing_years
from dti_platform.pipeline.rebuild import rebuild
from dti_platform.pipeline.standing_years import StandingYears, lookback_tables
from dti_platform.storage import Store
from tests.committed import known
from tests.conftest import PROJECT
from tests.feeds.drafts import HOME, Draft

FEEDS = (
    "published_results/2021/provinces.csv",
    "published_results/2022/provinces.csv",
    "national_report/2021",
    f"self_assessment/2022/{HOME.name}",
)
YEARS = (2021, 2022, 2023)
RANKS = Path("published_results", "2021", "provinces.csv")


def put(root: Path, project: Path, file: str) -> None:
    """Commits a file, or a folder of them."""
    source, target = project / "data" / "feeds" / file, root / "feeds" / file
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


def platform_of(root: Path) -> Platform:
    """As a process of its own opens it, for a run of all years; without content checks, which write no byte of it."""
    platform = Platform(Store(root / "data", feeds=root / "feeds"), all_years=YEARS)
    platform.__dict__["known"] = known()
    platform.gate.__dict__["suites"] = {}
    return platform


def made(root: Path, *, foreseen: bool = True, whole: bool = True) -> list[int]:
    """The years that a run makes; its release is the one that is made from the files alone, all years of it.

    Args:
        root: the data root and its feeds.
        foreseen: whether it can be told before what arrived is landed.
        whole: whether the release is made from the files alone, too, to be compared.
    """
    platform = platform_of(root)
    due = platform.due_years() if foreseen else []
    platform.arrivals.land()
    platform.add_changed_years()
    years = platform.years(due)
    assert foreseen is False or due == years
    make(platform, years)
    published = platform.publisher.publish("a run")
    assert not (published.is_new and whole) or rebuild(platform_of(root), published.release.name).whole
    assert platform_of(root).due_years() == []
    return years


def make(platform: Platform, years: Sequence[int]) -> None:
    """The tables of some years, from the stored ones of all."""
    parsed = {year: platform.reader.read_year(year) for year in years}
    frames = {name: {year: getattr(each, name) for year, each in parsed.items()} for name in flow.READ}
    for name, by_year in frames.items():
        write(platform, name, by_year)
    for recipe in flow.recipes():
        inputs = {each: flow.stored_years(platform.store, each) for each in (*recipe.inputs, *recipe.before)}
        write(platform, recipe.name, {year: recipe.make(year, inputs, platform.known) for year in years})
    platform.standing_years.note()


def write(platform: Platform, name: str, frames: flow.Years) -> None:
    for year, frame in frames.items():
        platform.store.tables.write(name, year, frame)
        platform.standing_years.made(name, year)


def change(root: Path) -> None:
    """Another figure in a workbook of 2022."""
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 1.5)
    (root / "feeds" / "self_assessment" / "2022" / HOME.name).write_bytes(draft.xlsx())


def correct(root: Path) -> None:
    """Other printed figures of 2021, to which the ranking of 2022 is compared."""
    file = root / "feeds" / RANKS
    file.write_text(file.read_text(encoding="utf-8").replace(",0.496,", ",0.497,"), encoding="utf-8")


def withdraw(root: Path) -> None:
    """A workbook of 2022 no longer counts."""
    landing = platform_of(root).store.landing
    landing.withdraw_one(landing.receipts("self_assessment")[-1].number, "sent by mistake")


def add(root: Path) -> None:
    """A year is reported for the first time."""
    put(root, PROJECT, "national_report/2023")


def retire(root: Path) -> None:
    """A committed file of 2021 no longer counts, once it is landed."""
    (receipt,) = platform_of(root).store.landing.receipts("national_report", 2021)
    row = ("national_report", "2021", "indicators.csv", receipt.sha256, "superseded")
    (root / "feeds" / "retired.csv").write_text(f"feed,period,name,sha256,reason\n{','.join(row)}\n")


@pytest.mark.parametrize(
    "compared",
    [
        pytest.param({correct, retire}, id="after two"),
        pytest.param({change, correct, withdraw, add, retire}, id="after each", marks=pytest.mark.heavy),
    ],
)
def test_after_each_change_the_years_that_it_touches_are_made_and_the_release_is_that_of_all(
    compared: set[Callable[[Path], None]], tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is made from the files alone is compared after a change of an earlier year, and at the end."""
    for each in FEEDS:
        put(tmp_path, project, each)
    assert made(tmp_path, whole=change in compared) == [*YEARS]
    assert made(tmp_path) == []
    changes: list[tuple[Callable[[Path], None], list[int], bool]] = [
        (change, [2022, 2023], False),
        (correct, [2021, 2022], True),
        (withdraw, [2022, 2023], True),
        (add, [2023], True),
        (retire, [2021, 2022], True),
    ]
    releases = 1
    for touch, years, foreseen in changes:
        touch(tmp_path)
        assert made(tmp_path, foreseen=foreseen, whole=touch in compared) == years, touch
        releases += 1
        assert len(platform_of(tmp_path).store.releases.list()) == releases, f"{touch} changes nothing"
    versions = standing_years.code_versions()
    monkeypatch.setattr(standing_years, "code_versions", lambda: versions | {"reference": "another"})
    assert platform_of(tmp_path).due_years() == [*YEARS]


def test_a_year_that_was_not_made_whole_or_of_which_a_table_was_made_otherwise_does_not_stand(
    tmp_path: Path, project: Path
) -> None:
    put(tmp_path, project, "provincial_report/2022")
    platform = platform_of(tmp_path)
    store = platform.store
    platform.arrivals.land()
    make(platform, YEARS)
    assert platform.standing_years.changed(YEARS) == []
    part = StandingYears(store)
    part.read(2022, "another version")
    part.made("scores", 2022)
    part.note()
    assert part.changed(YEARS) == []
    store.tables.write("observations", 2021, store.tables.read("observations", 2022))
    assert Platform(store).standing_years.changed(YEARS) == [2021, 2022]


def test_no_table_that_a_year_looks_back_at_looks_back_itself() -> None:
    """Else a change would go on to the year after next, and ``with_next`` would have to follow it."""
    assert not any(recipe.before for recipe in flow.recipes() if recipe.name in lookback_tables())
    assert lookback_tables() == {"observations", "scores", "rankings"}
