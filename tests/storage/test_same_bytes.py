"""The same rows make the same bytes, whatever the machine, its threads, its zone and the order of the rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform.storage import Store
from tests.storage.samples import DESCRIPTIONS, published_files, tables

PROJECT = Path(__file__).parents[2]
PUBLISH = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.storage.samples import published_files
print(json.dumps(published_files(sys.argv[2], int(sys.argv[3]))))
"""
VARIANTS = [
    {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": seed, "TZ": zone, "LANG": language}
    for threads, seed, zone, language in [
        ("1", "0", "UTC", "C.UTF-8"),
        ("4", "1", "Asia/Ho_Chi_Minh", "vi_VN.UTF-8"),
        ("2", "random", "America/St_Johns", "C"),
        ("8", "42", "Pacific/Kiritimati", "tr_TR.UTF-8"),
        ("3", "7", "Asia/Kathmandu", "POSIX"),
        ("16", "99", "Europe/Dublin", "de_DE.UTF-8"),
        ("1", "random", "Asia/Ho_Chi_Minh", "C"),
        ("2", "0", "UTC", "vi_VN.UTF-8"),
        ("5", "3", "Africa/Casablanca", "ja_JP.UTF-8"),
        ("6", "random", "Australia/Lord_Howe", "C.UTF-8"),
        ("7", "11", "America/Caracas", "ar_EG.UTF-8"),
        ("4", "2", "Antarctica/Troll", "en_US.UTF-8"),
    ]
]


def published(place: Path, number: int) -> dict[str, str]:
    """The files that a fresh process publishes, in a folder and an environment of its own."""
    home = place / f"một nơi khác {number}"
    home.mkdir()
    command = [sys.executable, "-c", PUBLISH, str(PROJECT), str(home / "data"), str(number)]
    ran = subprocess.run(command, cwd=home, env=os.environ | VARIANTS[number], capture_output=True, check=True)
    return json.loads(ran.stdout)


@pytest.mark.parametrize("processes", [2, pytest.param(12, marks=pytest.mark.heavy)])
def test_p6_every_process_makes_the_same_bytes(tmp_path: Path, tell: Callable[[str], None], processes: int) -> None:
    """This one, too."""
    here = published_files(str(tmp_path / "data"), processes)
    assert all(published(tmp_path, number) == here for number in range(1, processes))
    tell(f"P6: {processes} processes, {len(here) - 1} files each: one sha256 per file")


def test_p5_a_second_and_a_third_run_write_nothing(store: Store) -> None:
    def run() -> dict[str, tuple[int, int]]:
        store.sweep()
        store.landing.receive(b"x", feed="f", period="2022", name="x.csv")
        store.tables.write("scores", 2022, tables()["index_scores"])
        store.derived.record()
        store.releases.publish(tables(), DESCRIPTIONS, record={})
        kept = [path for path in store.root.rglob("*") if "locks" not in path.parts]
        return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in kept}

    first = run()
    assert run() == first
    assert run() == first


def test_no_clock_path_or_host_is_in_a_release(store: Store) -> None:
    import platform

    release = store.releases.publish(tables(), DESCRIPTIONS, record={"host": platform.node()})
    for path in (release.path / file for file in release.files):
        content = path.read_bytes()
        for secret in (str(store.root), platform.node(), os.environ.get("USER") or "nobody", "2022-08-08"):
            assert secret.encode() not in content, (path, secret)
