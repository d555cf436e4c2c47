"""Same input, same bytes: whatever threads, hash seed, zone, language, folder and order of arrival."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import fingerprint

if TYPE_CHECKING:
    from tests.conftest import Flow

MAIN_JOB = """
import sys
from dti_platform.orchestration.run import run_main_job
from dti_platform.storage import Store

outcome = run_main_job(Store(sys.argv[1], feeds=sys.argv[2]))
sys.exit(0 if outcome.success else outcome.failure)
"""
#: The same tables without Dagster and content checks, which cost seconds and write no byte of a release.
TABLES_ALONE = """
import sys
from dti_platform.pipeline import Platform
from dti_platform.storage import Store
from tests.pipeline.in_process import run

run(Platform(Store(sys.argv[1], feeds=sys.argv[2])), "a run", years=[int(year) for year in sys.argv[3:]])
"""


def variants() -> Iterator[dict[str, str]]:
    """Twelve ways to start a process."""
    threads = itertools.cycle(("1", "2", "7"))
    zones = itertools.cycle(("UTC", "Asia/Ho_Chi_Minh", "America/St_Johns"))
    languages = itertools.cycle(("C.UTF-8", "vi_VN.UTF-8", "tr_TR.UTF-8", "C"))
    for seed in range(12):
        yield {
            "PYTHONHASHSEED": str(seed * 97),
            "POLARS_MAX_THREADS": next(threads),
            "TZ": next(zones),
            "LANG": next(languages),
        }


def released(
    place: Path, feeds: Path, variant: dict[str, str], project: Path, program: str = MAIN_JOB, years: Sequence[int] = ()
) -> dict[str, str]:
    """The sha256 of every file that a run in a process of its own releases."""
    folder = place / f"data {variant['PYTHONHASHSEED']}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(folder), str(feeds), *map(str, years)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(project), "HOME": str(place), **variant},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return fingerprint((folder / "published" / "latest").resolve())


def arrived(source: Path, target: Path, patterns: tuple[str, ...], seed: int) -> Path:
    """The files, copied in an order of their own and with times of their own."""
    files = [path for pattern in patterns for place in source.glob(pattern) for path in ([place, *place.rglob("*")])]
    files = [path for path in files if path.is_file()]
    random.Random(seed).shuffle(files)
    for number, path in enumerate(files):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
        os.utime(copy, (number * 1_000, number * 1_000))
    return target


def test_a_process_that_differs_in_everything_releases_the_same_bytes(
    flow: Flow, tmp_path: Path, project: Path
) -> None:
    """Beside the run that all tests read, which was made by another process, in the order of the folders."""
    feeds = arrived(project / "data" / "feeds", tmp_path / "feeds", ("*/*",), 5)
    made = fingerprint((flow.store.root / "published" / "latest").resolve())
    assert len(made) > 8
    assert released(tmp_path, feeds, list(variants())[5], project, TABLES_ALONE, flow.outcome.years) == made


@pytest.mark.heavy
def test_twelve_processes_release_the_same_bytes(tmp_path: Path, project: Path) -> None:
    everything = ("*/*",)
    found = [
        released(tmp_path, arrived(project / "data" / "feeds", tmp_path / f"feeds {n}", everything, n), each, project)
        for n, each in enumerate(variants())
    ]
    assert len(found) == 12
    assert all(each == found[0] for each in found)
