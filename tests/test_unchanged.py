"""A run of the same question over the same files is told again, not done again; whatever changed, there is a run."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from dti_platform.cli import main, unchanged
from dti_platform.orchestration import run
from dti_platform.orchestration.run import RunOutcome
from dti_platform.storage import Store, not_taken

if TYPE_CHECKING:
    from tests.conftest import Flow

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Done:
    """A data root with a finished run, and what that run said."""

    store: Store
    home: Path
    outcome: dict[str, Any]

    @property
    def asked(self) -> unchanged.Request:
        return unchanged.Request.of(str(self.store.root), (), "auto")

    def keep(self, before: Callable[[], object] = lambda: None, **other: object) -> None:
        """A run that did nothing but what ``before`` does."""
        begun = unchanged.begin(self.asked, self.store)
        before()
        head = self.store.ledger.head().sha256
        begun.keep(self.store, {**self.outcome, "ledger_head": head, **other}, {"vi": "", "en": ""})

    @property
    def feed(self) -> Path:
        return self.store.feeds / "published_results" / "2021" / "provinces.csv"

    @property
    def released(self) -> Path:
        return self.store.root / "published" / "latest" / "league_table.parquet"


@pytest.fixture
def done(flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Done:
    """The files are old enough to be known by their signatures alone; sites, most of all files, decide nothing."""
    shutil.copytree(flow.store.root, tmp_path / "data", symlinks=True, ignore=shutil.ignore_patterns("feeds", "sites"))
    shutil.copytree(flow.store.feeds, tmp_path / "data" / "feeds")
    shutil.copytree(flow.home, tmp_path / "home")
    (tmp_path / "data" / "inbox").mkdir(exist_ok=True)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DTI_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(unchanged, "SETTLED", 0)
    said = {**flow.outcome.to_dict(), "docs": None, "unchanged_since": "2026-01-01T00:00:00Z"}
    return Done(Store.from_environment(), tmp_path / "home", said)


def other(text: bytes) -> bytes:
    """As long as before, and not the same."""
    return text[:-2] + bytes([text[-2] ^ 1]) + text[-1:]


def in_place(path: Path) -> None:
    """Another content of the same size, and the time of the last write put back."""
    known = path.stat()
    path.write_bytes(other(path.read_bytes()))
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))


def replaced(path: Path) -> None:
    """As ``cp -p`` and ``rsync -t`` do it: another file of the same size and time."""
    known, new = path.stat(), path.with_suffix(".new")
    new.write_bytes(other(path.read_bytes()))
    os.utime(new, ns=(known.st_atime_ns, known.st_mtime_ns))
    new.replace(path)


def arrives(done: Done) -> None:
    folder = done.store.inbox / "self_assessment"
    folder.mkdir(parents=True)
    (folder / "new.xlsx").write_bytes(b"")
    os.utime(folder / "new.xlsx", (0, 0))


def started(done: Done, status: str = "STARTED") -> None:
    """A run of the UI in Dagster's history, killed or at work."""
    with closing(sqlite3.connect(done.home / "history" / "runs.db")) as runs, runs:
        columns = ", ".join(
            name for _, name, *_ in runs.execute("PRAGMA table_info(runs)") if name not in ("id", "run_id", "status")
        )
        runs.execute(
            f"INSERT INTO runs (run_id, status, {columns}) SELECT 'other', ?, {columns} FROM runs LIMIT 1", [status]
        )


def rewritten(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def relinked(done: Done) -> None:
    link = done.store.root / "published" / "latest"
    link.unlink()
    link.symlink_to("releases")


def table(done: Done) -> Path:
    return next((done.store.root / "tables").rglob("*.parquet"))


CHANGES: dict[str, Callable[[Done], object]] = {
    "a feed, its time put back": lambda done: in_place(done.feed),
    "a feed, replaced by one of the same size and time": lambda done: replaced(done.feed),
    "a feed, dated in the future": lambda done: os.utime(done.feed, (4e9, 4e9)),
    "a feed, removed": lambda done: done.feed.unlink(),
    "a file in the inbox, dated long ago": arrives,
    "a table, its time put back": lambda done: in_place(table(done)),
    "a table, removed": lambda done: table(done).unlink(),
    "a released file, its time put back": lambda done: in_place(done.released),
    "a released file, removed": lambda done: done.released.unlink(),
    "latest, pointing elsewhere": relinked,
    "a landed file, removed": lambda done: next(each for each in done.store.landing.folder.rglob("?" * 64)).unlink(),
    "an entry of the ledger": lambda done: done.store.ledger.append("note", {}),
    "the ledger cut off": lambda done: max((done.store.root / "ledger").iterdir()).unlink(),
    "the staging of a killed publisher": lambda done: (done.store.root / "published" / ".staging-0002-ab").mkdir(),
    "what a killed writer left": lambda done: rewritten(done.store.root / "tables" / ".temporary-ab", b""),
    "the lock of a killed run": lambda done: rewritten(done.store.root / "locks" / "run.holder", b"other"),
    "a run that has not ended": started,
    "a queued run": lambda done: started(done, "QUEUED"),
    "another history of runs": lambda done: shutil.rmtree(done.home / "history"),
    "the settings of Dagster": lambda done: rewritten(done.home / "dagster.yaml", b"{}"),
    "what was kept, cut off": lambda done: os.truncate(done.store.root / unchanged.LAST_OUTCOME, 500),
    "what was kept, damaged": lambda done: in_place(done.store.root / unchanged.LAST_OUTCOME),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_a_run_reads_or_keeps_is_looked_at(done: Done, change: Callable[[Done], object]) -> None:
    done.keep()
    assert unchanged.last_run(done.asked)
    change(done)
    assert unchanged.last_run(done.asked) is None


def test_what_decides_nothing_is_not_looked_at(done: Done) -> None:
    done.keep()
    shutil.rmtree(done.store.root / "cache")
    (done.store.root / "locks" / "run.lock").touch()
    started(done, "FAILURE")
    os.utime(done.store.root)
    last = unchanged.last_run(done.asked)
    assert last
    assert last["outcome"]["run_id"] == done.outcome["run_id"]


def test_another_question_is_another_run(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    done.keep()
    root = str(done.store.root)
    assert unchanged.last_run(unchanged.Request.of(root, ("2022",), "auto")) is None
    assert unchanged.last_run(unchanged.Request.of(root, (), "ask")) is None
    with monkeypatch.context() as settings:
        settings.setenv("DTI_LOCK_WAIT_SECONDS", "1")
        assert unchanged.last_run(done.asked) is None
        settings.delenv("DTI_LOCK_WAIT_SECONDS")
        settings.setenv("DTI_LANGUAGE", "en")
        assert unchanged.last_run(done.asked)
    for seconds in (86_400, -86_400, -400 * 86_400):  # the next day; the day before; before the run ended
        with monkeypatch.context() as clock:
            clock.setattr(unchanged.time, "time", partial(float, time.time() + seconds))
            assert unchanged.last_run(done.asked) is None


def test_a_clock_before_the_end_of_that_run_is_not_believed(done: Done) -> None:
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    done.keep(unchanged_since=later)
    assert unchanged.last_run(done.asked) is None


def test_a_data_root_that_was_copied_is_run(done: Done, tmp_path: Path) -> None:
    done.keep()
    shutil.copytree(done.store.root, tmp_path / "copy", symlinks=True)
    assert unchanged.last_run(unchanged.Request.of(str(tmp_path / "copy"), (), "auto")) is None
    shutil.rmtree(done.store.root)
    shutil.copytree(tmp_path / "copy", done.store.root, symlinks=True)
    assert unchanged.last_run(done.asked) is None  # of the same name, times and sizes


@pytest.mark.parametrize("when", [0, 3600])
def test_a_young_file_and_one_of_the_future_are_known_by_their_content(
    done: Done, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    """A change within the same tick of the clock leaves size, times and inode as they are."""
    os.utime(done.feed, (time.time() + when, time.time() + when))
    monkeypatch.setattr(unchanged, "SETTLED", 2 * 10**9)
    done.keep()
    assert unchanged.last_run(done.asked)
    lying = [*unchanged._below(str(done.feed), lambda _: False)]
    below = unchanged._below
    monkeypatch.setattr(unchanged, "_below", lambda name, out: lying if name == str(done.feed) else below(name, out))
    done.feed.write_bytes(other(done.feed.read_bytes()))
    assert unchanged.last_run(done.asked) is None


REFUSED: dict[str, Callable[[Done], object]] = {
    "it failed": lambda done: done.keep(success=False),
    "something went wrong beside it": lambda done: done.keep(remarks=["the disk is full"]),
    "a file was being written": lambda done: done.keep(
        not_taken=[{"feed": "f", "folder": "", "period": "", "file": "a", "why": not_taken("growing")}]
    ),
    "a file came by another way meanwhile": lambda done: done.keep(
        lambda: done.store.landing.receive(b"1", feed="f", period="2022", name="a", channel="submit")
    ),
    "an entry came after its end": lambda done: done.keep(ledger_head="0" * 64),
    "its feeds are a link": lambda done: done.store.feeds.rename(done.home / "feeds") and (
        done.store.root / "feeds"
    ).symlink_to(done.home / "feeds"),
}  # fmt: skip


@pytest.mark.parametrize("run_with", REFUSED.values(), ids=REFUSED)
def test_a_run_that_another_would_differ_from_is_not_kept(done: Done, run_with: Callable[[Done], object]) -> None:
    done.keep()
    run_with(done)
    assert unchanged.last_run(done.asked) is None


def test_a_run_forgets_the_one_before_as_it_begins(done: Done) -> None:
    """So that one that is killed leaves nothing to believe."""
    done.keep()
    unchanged.begin(done.asked, done.store)
    assert unchanged.last_run(done.asked) is None


def test_what_came_into_a_folder_while_it_ran_is_not_passed_over(done: Done) -> None:
    done.keep(lambda: arrives(done))
    assert unchanged.last_run(done.asked) is None


def test_what_is_kept_is_no_fault_and_the_root_is_found_as_the_store_finds_it(
    done: Done, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done.keep()
    assert done.store.verify() == []
    assert done.store.unrecorded() == {}
    for root in (str(tmp_path / "elsewhere"), ""):
        monkeypatch.setenv("DTI_DATA", root)
        store = Store.from_environment()
        assert unchanged.Request.of(None, (), "auto").root == store.root
        assert store.feeds == PROJECT / "data" / "feeds" == unchanged._project_data() / "feeds"


def test_the_command_tells_the_last_run_again(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []

    def job(*_: object, **__: object) -> RunOutcome:
        runs.append(_)
        names = {each.name for each in fields(RunOutcome)} - {"unchanged_since"}
        return RunOutcome(**{name: done.outcome[name] for name in names})

    monkeypatch.setattr(run, "run_main_job", job)

    def dti(*words: str) -> str:
        finished = CliRunner().invoke(main, ["run", *words])
        assert finished.exit_code == 0, finished.output
        return finished.stdout

    first, again = json.loads(dti("--json")), json.loads(dti("--json"))
    assert len(runs) == 1
    assert first.keys() == again.keys()
    assert first["unchanged_since"] is None
    assert {**again, "unchanged_since": None} == {**first, "release_is_new": False, "replaced": []}
    since = again["unchanged_since"][:4]
    assert f"không chạy lại: từ lần chạy này, xong lúc {since}" in " ".join(dti().split())
    assert f"not run again: nothing has changed since that run ended, {since}" in " ".join(dti("--lang", "en").split())
    assert len(runs) == 1
    dti("--force")
    dti("--period", "2022")
    dti()
    assert len(runs) == 4

    heavy = {"dagster", "polars", "pydantic", "rich", "dti_platform.glossary"}
    asked = f"print(sorted({heavy} & sys.modules.keys()), file=sys.stderr)"
    code = f"import sys; from dti_platform.cli import main; main(['run'], standalone_mode=False); {asked}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert told.stderr.strip() == "[]"
