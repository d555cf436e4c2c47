"""Makes an archive of a data root and its DAGSTER_HOME with the code of an old commit.

    python tests/archives/make.py COMMIT PLACE PYTHON

Clones the project at COMMIT into PLACE/platform, fills PLACE/data and PLACE/dagster with the command line of that
commit, run by PYTHON. Writes ``<commit>.tar.xz``, ``<commit>.json`` (what that code releases) and
``<commit>.diff.json`` beside this module. PLACE should say nothing about the machine, for the runs' history records it:
the committed archive was made in ``/srv/dti``. README.md says what is in the archive.

Here: what happens to the data root, step by step. Not here: what must hold of it (``tests/test_archive.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
#: Not packed: the cache and stored locks are made again, and a cache of other code is never used.
LEFT_OUT = ("data/cache", "data/locks")
PUBLISHED = "published_results/2021/provinces.csv"
#: The row that the correction takes out; it is the only one of its figure.
REMOVED = "VN63,Hà Nội,rank_overall,"
REASON = "Archive exercise: a quoted rank was not found in its source and is taken out until it is checked"
#: Written for this archive alone; no office granted it.
WAIVERS = "".join(
    f"""
[[waiver]]
check = "{table}.no_published_figure_disappears"
who = "Archive exercise (no office)"
why = "one quoted rank is taken out until its source is checked"
until = 2026-12-31
"""
    for table in ("observations", "index_scores", "province_ranking")
)
COMMAND_LINE = "from dti_platform.cli import main; main()"
#: Runs the command line and dies at the instant at which a finished staging folder would get its final name.
DIE_WHILE_PUBLISHING = """
import os, signal, sys
from dti_platform.storage import files
files.move = lambda source, target: os.kill(os.getpid(), signal.SIGKILL)
from dti_platform.cli import main
main(sys.argv[1:])
"""
#: A workbook of a province with one figure changed, written by the tests' own writer of that commit.
CHANGED_WORKBOOK = """
import sys
from pathlib import Path
from tests.feeds.drafts import Draft
source, target, value = sys.argv[1:]
draft = Draft.of(Path(source).read_bytes())
draft.put("1.2", "Tự đánh giá", float(value))
Path(target).write_bytes(draft.xlsx())
"""


class Workplace:
    """A clone of the project at one commit, and a data root and DAGSTER_HOME beside it."""

    def __init__(self, commit: str, place: Path, python: str) -> None:
        self.place, self.python = place, python
        self.clone, self.data, self.dagster = (place / name for name in ("platform", "data", "dagster"))
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", PROJECT, self.clone], check=True)
        subprocess.run(["git", "-C", self.clone, "checkout", "--quiet", "--detach", commit], check=True)
        shutil.copytree(self.clone / "data" / "feeds", self.data / "feeds")
        self.dagster.mkdir()
        shutil.copy(self.clone / "dagster.yaml", self.dagster)

    def start(self, *arguments: str, code: str = COMMAND_LINE) -> subprocess.Popen[bytes]:
        """Starts Python on code of the clone, over the data root."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.clone),
            "PYTHONUTF8": "1",
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "DTI_DATA": str(self.data),
            "DAGSTER_HOME": str(self.dagster),
            "HOME": str(self.place),
        }
        return subprocess.Popen(
            [self.python, "-c", code, *arguments], cwd=self.clone, env=environment, stdout=subprocess.PIPE
        )

    def run(self, *arguments: str, code: str = COMMAND_LINE, expected: int = 0) -> bytes:
        """Runs Python on code of the clone to its end; returns what it printed."""
        process = self.start(*arguments, code=code)
        printed, _ = process.communicate()
        if process.returncode != expected:
            sys.exit(f"{arguments}: exit code {process.returncode}, expected {expected}")
        return printed

    def kill_run_in_the_middle(self) -> None:
        """Starts a run and kills it once Dagster has recorded it as STARTED and one step has ended."""
        process = self.start("run", "--json")
        while not self._steps_of_a_started_run():
            if process.poll() is not None:
                sys.exit("the run ended before it could be killed")
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def _steps_of_a_started_run(self) -> int:
        runs = _rows(self.dagster / "history" / "runs.db", "select run_id from runs where status = 'STARTED'")
        steps = "select 1 from event_logs where dagster_event_type = 'STEP_SUCCESS'"
        return sum(len(_rows(self.dagster / "history" / "runs" / f"{run}.db", steps)) for (run,) in runs)

    def workbook(self, unit: str, target: Path, value: float) -> Path:
        """The committed synthetic workbook of a unit with another figure at one indicator."""
        target.parent.mkdir(parents=True, exist_ok=True)
        source = self.data / "feeds" / "self_assessment" / "2022" / f"{unit}.xlsx"
        self.run(str(source), str(target), str(value), code=CHANGED_WORKBOOK)
        return target


def make(commit: str, place: Path, python: str) -> None:
    """The archive, and what the code of that commit makes of it."""
    work = Workplace(commit, place, python)
    fill(work)
    first = release(work, "0001")
    pack(commit, place)
    subprocess.run(["git", "-C", work.clone, "checkout", "--quiet", "--", "expectations"], check=True)
    work.run("run", "--json")
    expected = {"committed_feeds": first, "second": release(work, "0002"), "after_run": release(work, "0003")}
    (HERE / f"{commit}.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    (HERE / f"{commit}.diff.json").write_bytes(work.run("diff", "1", "2", "--json"))


def fill(work: Workplace) -> None:
    """All that happened to the data root, in order."""
    inbox = work.data / "inbox" / "self_assessment" / "2022"
    work.run("run", "--json")
    work.kill_run_in_the_middle()
    work.workbook("VN63-27", inbox / "VN63-27.xlsx", 4)
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    remove_row(work.data / "feeds" / PUBLISHED, REMOVED)
    with (work.clone / "expectations" / "waivers.toml").open("a", encoding="utf-8") as waivers:
        waivers.write(WAIVERS)
    correction = ("release", "--type", "correction", "--reason", REASON, "--json")
    work.run(*correction, code=DIE_WHILE_PUBLISHING, expected=-signal.SIGKILL)
    # A submission takes the receipts of what lies in the inbox; its answer is left to the next run.
    work.workbook("VN63-31", inbox / "VN63-31.xlsx", 6)
    submitted = work.workbook("VN63-01", work.place / "VN63-01.xlsx", 3)
    (answer,) = json.loads(work.run("submit", str(submitted), "--feed", "self_assessment", "--json"))
    work.run("withdraw", str(answer["receipt"]), "--reason", "Archive exercise: sent by mistake")


def remove_row(path: Path, start: str) -> None:
    """Takes one row out of a file of text."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(start)]
    if len(kept) != len(lines) - 1:
        sys.exit(f"{path.name}: {len(lines) - len(kept)} rows begin with {start!r}, expected 1")
    path.write_text("".join(kept), encoding="utf-8")


def release(work: Workplace, number: str) -> dict[str, Any]:
    """The name of a release, and the sha256 of each of its files and of what each says whatever the release's name."""
    (folder,) = (work.data / "published" / "releases").glob(f"{number}-*")
    hashes = {path.name: digest(path.read_bytes()) for path in sorted(folder.iterdir())}
    return {"release": folder.name, "files": hashes, "contents": contents(folder)}


def contents(folder: Path) -> dict[str, str]:
    """By file, a hash of rows, columns and types alone: every file also holds the name of its release."""
    manifest = json.loads((folder / "datapackage.json").read_bytes())
    return {
        table["path"]: digest(
            json.dumps(
                [table["dti:content"], *([field["name"], field["type"]] for field in table["schema"]["fields"])]
            ).encode()
        )
        for table in manifest["resources"]
    }


def digest(content: bytes) -> str:
    """The sha256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def pack(commit: str, place: Path) -> None:
    """The data root and DAGSTER_HOME as one archive, sorted, owned by nobody, without times of files."""
    with tarfile.open(HERE / f"{commit}.tar.xz", "w:xz", preset=9, format=tarfile.PAX_FORMAT) as archive:
        for name in ("dagster", "data"):
            for path in sorted([place / name, *(place / name).rglob("*")]):
                inside = path.relative_to(place).as_posix()
                if not inside.startswith(LEFT_OUT):
                    archive.add(path, inside, recursive=False, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    return member


def _rows(database: Path, query: str) -> list[tuple[str, ...]]:
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError:  # not made whole yet, or written to
        return []
    finally:
        connection.close()


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]).absolute(), sys.argv[3])
