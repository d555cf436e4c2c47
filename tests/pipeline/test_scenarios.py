"""Late, corrected, withdrawn, resubmitted: as of any day, and every changed score listed with its reason (P10)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import polars as pl
import pytest

from dti_platform import feeds, methodology, publications, quality, tables, units
from dti_platform.methodology import Frameworks
from dti_platform.pipeline import Platform
from dti_platform.storage import Missing, Store
from dti_platform.storage.files import digest
from dti_platform.submissions import consistency, verdict
from tests.pipeline.in_process import run, short_releases
from tests.pipeline.scenarios import (
    BEGINNINGS,
    NAMES,
    SCENARIOS,
    UNITS,
    Confirm,
    Days,
    Gone,
    Publish,
    Retire,
    Send,
    Step,
    Withdraw,
)
from tests.submissions.in_process import in_this_process

START = datetime(2022, 8, 8, 9, 0, tzinfo=UTC)
FOLDER = Path("published_results", "2021")
PUBLISHER = "https://dti.gov.vn/xep-hang-2021"


@cache
def known() -> feeds.Known:
    """Of the frameworks the one that provinces were ranked by in 2021."""
    loaded = units.load(check=False)
    ruling = methodology.load(units=loaded).for_period(2021, "VN63", "DTI")
    assert ruling
    return feeds.Known(loaded, Frameworks((ruling,)))


class World:
    """A data root whose days pass, and what was published on each of them."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, START
        self.store = Store(root / "data", feeds=root / "feeds", clock=lambda: self.now)
        self.store.feeds.mkdir(exist_ok=True)
        self.releases: list[tuple[datetime, Publish]] = []
        self.sent: set[bytes] = set()
        self.bytes: dict[Path, bytes] = {}

    def copy(self, root: Path) -> World:
        """The same world in another folder, to go on in."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        world = World(root)
        world.now, world.releases, world.sent, world.bytes = self.now, [*self.releases], {*self.sent}, {**self.bytes}
        return world

    def do(self, step: Step) -> None:
        match step:
            case Send():
                self.send(step)
            case Gone():
                self.path(step.way, step.file).unlink()
            case Withdraw():
                named = [each for each in self.store.landing.standing() if each.name == f"{step.file}.csv"]
                one = [self.store.landing.receipt(step.receipt)] if step.receipt else []
                self.store.landing.withdraw(one or named, "its sender asked for it")
            case Retire():
                self.retire(self.path("feeds", step.file))
            case Confirm():
                self.store.landing.confirm(step.receipt, "its sender asked for it")
            case Days():
                self.now += timedelta(days=step.number)
            case Publish():
                self.publish(step)

    def path(self, way: str, file: str) -> Path:
        return (self.store.feeds if way == "feeds" else self.store.inbox) / FOLDER / f"{file}.csv"

    def send(self, step: Send) -> None:
        path = self.path(step.way, step.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        source = PUBLISHER if step.file == "publisher" else f"https://example.vn/{UNITS[step.file]}"
        row = f"VN63,{NAMES[UNITS[step.file]]},score_overall,{step.value},{source},verbatim\n"
        content = step.text or f"geography,unit,metric,value,source,certainty\n{row}".encode()
        path.write_bytes(content)
        self.sent.add(content)

    def retire(self, path: Path) -> None:
        fields = [*FOLDER.parts, path.name, digest(path.read_bytes()), "it is out of date"]
        (self.store.feeds / "retired.csv").write_text(f"feed,period,name,sha256,reason\n{','.join(fields)}\n")
        path.unlink()

    def publish(self, step: Publish) -> None:
        platform = Platform(self.store)
        platform.__dict__["known"] = known()
        made = run(platform, str(len(self.releases)), step.kind, step.reason, years=(2021,))
        assert made.is_new == step.new
        if made.is_new:
            self.releases.append((self.now, step))
            paths = [made.release.path / file for file in made.release.files]
            self.bytes |= {path.relative_to(self.root): path.read_bytes() for path in paths}
        assert scores(self.store, made.release.name) == step.scores


def scores(store: Store, release: str) -> dict[str, float]:
    """What a release says of the index, as printed."""
    table = store.releases.open(release).table("index_scores").filter(pl.col("basis") == "published")
    assert set(table["node"]) <= {"PDTI"}
    return dict(table.select("unit", "score").rows())


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Contracts (here they only sort), the child that opens files and what a file disputes are proven elsewhere."""
    in_this_process(patch)
    short_releases(patch)
    patch.setattr(consistency, "disputed", lambda *_: [])
    patch.setattr(quality, "contract", lambda _, model, frame: frame.sort(tables.key(model)))
    patch.setattr(
        quality,
        "contracts",
        lambda _, model, frames, *__: {year: each.sort(tables.key(model)) for year, each in frames.items()},
    )


@pytest.fixture(scope="module", autouse=True)
def unattended() -> Iterator[None]:
    """Nobody compares printed figures with their source here: that they wait for it is proven elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict, "gives_published_figures", lambda _: False)
        yield


def going_on(steps: list[Step]) -> list[str]:
    """The scenarios that begin with all of these steps, and go on."""
    return [name for name, each in SCENARIOS.items() if len(each) > len(steps) and each[: len(steps)] == steps]


#: The steps by which several scenarios begin, the fewest first.
BEGIN = sorted([*BEGINNINGS.values(), *(each for each in SCENARIOS.values() if len(going_on(each)) > 1)], key=len)
#: Scenarios that no other goes on from; within one that goes on from it, all that holds of the shorter one is held.
WHOLE = [name for name, steps in SCENARIOS.items() if not going_on(steps)]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[Step], World]]:
    """The worlds after the steps by which several scenarios begin."""
    worlds: list[tuple[list[Step], World]] = []
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        for begin in BEGIN:
            world, steps = started(begin, worlds, tmp_path_factory.mktemp("begun"))
            for step in steps:
                world.do(step)
            worlds.append((begin, world))
    return worlds


def started(steps: list[Step], begun: list[tuple[list[Step], World]], root: Path) -> tuple[World, list[Step]]:
    """A world after as many of the steps as have been done already, and those that are left."""
    for first, world in reversed(begun):
        if steps[: len(first)] == first:
            return world.copy(root), steps[len(first) :]
    return World(root), steps


def hold(world: World, steps: list[Step]) -> None:
    """Every step, then what must be true whatever happened."""
    for step in steps:
        world.do(step)
    assert_as_of_any_day(world)
    assert_every_change_is_listed(world)
    assert {path: (world.root / path).read_bytes() for path in world.bytes} == world.bytes, "a release was overwritten"
    landed = {world.store.landing.read(each.sha256) for each in world.store.landing.receipts()}
    assert landed == world.sent
    assert world.store.verify() == []


def assert_as_of_any_day(world: World) -> None:
    day, last = START.date() - timedelta(days=1), world.now.date()
    said = cache(partial(scores, world.store))
    while day <= last:
        until = [step for at, step in world.releases if at.date() <= day]
        if until:
            name = world.store.releases.as_of(day).name
            assert said(name) == until[-1].scores
        else:
            with pytest.raises(Missing):
                world.store.releases.as_of(day)
        day += timedelta(days=1)


def assert_every_change_is_listed(world: World) -> None:
    releases = world.store.releases
    table = publications.history(releases.back(len(world.releases)), "revisions").filter(pl.col("node") == "PDTI")
    listed = {(row["release"], row["unit"]): row for row in table.to_dicts()}
    expected = {}
    for number, ((_, before), (_, now)) in enumerate(zip(world.releases, world.releases[1:], strict=False), start=2):
        for unit in before.scores.keys() | now.scores.keys():
            old, new = before.scores.get(unit), now.scores.get(unit)
            if old != new:
                expected[f"{number:04}", unit] = (old, new, now.kind, now.reason)
    told = {key: (row["old_score"], row["new_score"], row["type"], row["reason"]) for key, row in listed.items()}
    assert told == expected
    assert all(row["cause"] == "cells" and row["changed_cells"] and row["cells"] for row in listed.values())


@pytest.mark.usefixtures("answer_alone")
@pytest.mark.parametrize("name", WHOLE)
def test_a_scenario(
    name: str, begun: list[tuple[list[Step], World]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicken(monkeypatch)
    hold(*started(SCENARIOS[name], begun, tmp_path))


#: Held by every contract, and released whole, wherever the tests run; the others with ``-m heavy``.
WHOLE_RELEASES = {"withdrawn"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.heavy][name in WHOLE_RELEASES :]) for name in SCENARIOS]
)
def test_a_scenario_with_every_contract_held(name: str, tmp_path: Path) -> None:
    hold(World(tmp_path), SCENARIOS[name])


def test_there_are_at_least_thirty() -> None:
    assert len(SCENARIOS) >= 30
