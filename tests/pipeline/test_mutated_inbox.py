"""Files changed at random, and answers sent back, in one inbox: each ends by itself, and only what was accepted counts.

The release is the same, byte for byte, as where the accepted files alone were handed in.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from dti_platform.pipeline import Platform
from dti_platform.storage import Receipt, Store
from tests.feeds.drafts import Draft
from tests.pipeline.in_process import answers_alone, run, short_releases
from tests.reading.mutations import cut, double, entries, flip, markup, words

PROJECT = Path(__file__).parents[2]
SHEETS = sorted((PROJECT / "data" / "feeds" / "self_assessment" / "2022").glob("*.xlsx"))
FOLDER = Path("self_assessment", "2022")
#: What a run may use: bytes at most, and CPU seconds a file.
MEMORY, CPU = 600 * 2**20, 5.0


def mutants(count: int, units: int) -> Iterator[tuple[str, bytes]]:
    """Workbooks, CSV and JSON of some units, changed as their formats are built, or in a cell."""
    for number in range(count):
        chance = random.Random(number)
        sheet = SHEETS[number % units]
        draft = Draft.of(sheet.read_bytes())
        draft.put("1.2", "Tự đánh giá", chance.choice([1, 2.5, "3,5", "x", -1, 1e9, "=1/0", None, "1.234,5", True]))
        change = chance.choice([flip, cut, double, entries, markup, words, None, None, None])
        form = chance.choice(["xlsx", "csv", "json"]) if change in (flip, cut, double, None) else "xlsx"
        content = {"xlsx": draft.xlsx, "csv": draft.csv, "json": draft.json}[form]()
        yield f"{number:03d} {sheet.stem}.{form}", change(content, chance) if change else content


def returned(store: Store, count: int) -> Iterator[tuple[str, bytes]]:
    """Answers as they were given, and corrected by hand in another program."""
    for number, path in enumerate(sorted((store.root / "answers").glob("*/*/answer.xlsx"))[:count]):
        yield f"r{number:03d}.xlsx", path.read_bytes() if number % 2 else corrected(path.read_bytes())


def corrected(content: bytes) -> bytes:
    """The cells that most mutants had changed are filled again, where there are any."""
    book, changed = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    for cell in (cell for sheet in book.worksheets for row in sheet.iter_rows(min_row=10) for cell in row):
        if cell.value in {"x", -1, 1e9}:
            cell.value = 3
    book.save(changed)
    return changed.getvalue()


def put(store: Store, files: Iterator[tuple[str, bytes]]) -> None:
    (store.inbox / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, content in files:
        (store.inbox / FOLDER / name).write_bytes(content)


def came(store: Store) -> list[Receipt]:
    return [each for each in store.landing.receipts() if each.channel == store.inbox.name]


def accepted(store: Store) -> Iterator[tuple[str, bytes]]:
    """What counted when it came."""
    waiting = {each.number for each in store.landing.held().unconfirmed}
    for each in came(store):
        if not each.refusal and each.number not in waiting:
            yield each.name, store.landing.read(each.sha256)


def tables(store: Store) -> dict[str, bytes]:
    """The released tables, to the byte."""
    release = store.releases.latest()
    assert release
    return {name: (release.path / name).read_bytes() for name in sorted(release.files) if name.endswith(".parquet")}


def feeds(folder: Path, units: int) -> Path:
    """Committed feeds of one year: printed results and sheets of some units."""
    shutil.copytree(PROJECT / "data" / "feeds" / "published_results" / "2022", folder / "published_results" / "2022")
    (folder / FOLDER).mkdir(parents=True)
    for sheet in SHEETS[:units]:
        shutil.copyfile(sheet, folder / FOLDER / sheet.name)
    return folder


@pytest.mark.usefixtures("one_child_for_all")
def test_a_share_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short_releases(monkeypatch, "coverage", "province_ranking")
    monkeypatch.setattr("dti_platform.submissions.consequence.Comparison.consequences", lambda _: iter(()))
    committed = feeds(tmp_path / "feeds", 5)
    store, alone = (Store(tmp_path / name, feeds=committed) for name in ("all", "alone"))
    for each in (store, alone):
        Platform(each).arrivals.land()
    put(store, mutants(18, 5))
    Platform(store).arrivals.land()
    put(store, returned(store, 4))
    answers_alone(monkeypatch)
    run(Platform(store), "1", years=(2022,))
    ends = Counter(bool(each.refusal) for each in came(store))
    assert ends.total() == 22
    assert min(ends[True], ends[False]) > 4, ends
    put(alone, accepted(store))
    run(Platform(alone), "1", years=(2022,))
    assert not [each.refusal for each in came(alone) if each.refusal]
    assert tables(alone) == tables(store)


@pytest.mark.heavy
def test_300_by_the_command_line(tmp_path: Path) -> None:
    committed = PROJECT / "data" / "feeds"
    store, alone = (Store(tmp_path / name, feeds=committed) for name in ("all", "alone"))
    for each in (store, alone):
        measured_run(each)
    put(store, mutants(300, 63))
    assert measured_run(store) / 300 <= CPU
    put(store, returned(store, 60))
    measured_run(store)
    ends = Counter(bool(each.refusal) for each in came(store))
    assert ends.total() == 360
    put(alone, accepted(store))
    measured_run(alone)
    ours, theirs = (
        {name: pl.read_parquet(content) for name, content in tables(each).items()} for each in (store, alone)
    )
    differing = [name for name in ours | theirs if not ours[name].equals(theirs[name])]
    assert {*differing} <= {"revisions.parquet", "illustrative/revisions.parquet"}, "of the last of more releases"


def measured_run(store: Store) -> float:
    """What ``./dti run`` and its children used; it must succeed, within its memory."""
    environment = {**os.environ, "DTI_DATA": str(store.root), "DAGSTER_HOME": f"{store.root}.dagster"}
    with (store.root.parent / "said").open("wb") as said:
        started = subprocess.Popen([PROJECT / "dti", "run"], env=environment, stdout=said, stderr=said)
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    assert started.returncode == 0, (store.root.parent / "said").read_text("utf-8")[-2000:]
    assert used.ru_maxrss * 1024 <= MEMORY, used
    return used.ru_utime + used.ru_stime
