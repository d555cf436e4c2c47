"""Whether anything changed since the last run; where nothing did, its outcome is told again and nothing is run.

Here: what a run looks at, signed as git's index signs files, and the outcome that is kept beside the signatures; in few
imports, for it is decided before Dagster or Polars is loaded. Not here: running. The signatures decide only whether to
run: ``verify`` and every release read the bytes. What is kept is derived: where it is missing, damaged or of other
code, there is a run.

A file that was written in the two seconds before it was signed, or after (a clock may be wrong), could change again in
the same instant of its file system and look the same: of such a file the content is compared, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dti_platform.storage import Entry, Head, Store

PACKAGE = Path(__file__).parents[1]
PROJECT = PACKAGE.parent
#: Where the last run is kept, below the data root: outside every part that is verified or released.
KEPT = Path("last_run", "outcome")
#: How old a file must be to be known by its signature alone, in nanoseconds.
SETTLED = 2 * 10**9
#: What lies in a data root and no run depends on: what arrives is signed apart, as it lay before the run.
NO_STATE = {"feeds", "inbox", "reference", "cache", "docs", "notes", "last_backup", KEPT.parts[0]}
#: Settings on which no run depends: who is told of what is wrong, with which password, and what `dti doctor` asks.
OF_OPERATIONS = (
    "DTI_ALERT_", "DTI_DAEMON", "DTI_DISK_", "DTI_ANSWER_", "DTI_RUN_", "DTI_RELEASE_",
    "DTI_BACKUP_", "DTI_CERTIFICATE",
)  # fmt: skip
#: Entries that a run itself makes while it holds the lock.
OF_RUNS = {"reading", "checks", "waivers", "derived", "candidate", "release", "run"}
#: Runs in Dagster's history that have not ended: they may be dead, which a run finds out.
ACTIVE = "'QUEUED', 'NOT_STARTED', 'STARTING', 'STARTED', 'CANCELING'"


class Unsigned(Exception):
    """Something can't be signed, such as a folder that is a symbolic link: so there is a run."""


@dataclass(frozen=True)
class Signed:
    """What lies in some places: the digest over each name, size, times and inode, and the content of what is young."""

    digest: str
    young: dict[str, str]

    def stands(self, now: Signed) -> bool:
        """Whether the same lies there now."""
        return self.digest == now.digest and all(_sha256(name) == sha256 for name, sha256 in self.young.items())


@dataclass(frozen=True)
class Asked:
    """What is asked of a run, and where.

    Attributes:
        root: the data root.
        periods: the years asked for; none: all.
        publish: auto or ask.
    """

    root: Path
    periods: tuple[str, ...]
    publish: str

    @classmethod
    def of(cls, data: str | None, periods: Sequence[str], publish: str) -> Asked:
        """What a command line asks, its data root found as ``Store.from_environment`` finds it."""
        root = data or os.environ.get("DTI_DATA") or str(_project_data())
        return cls(Path(root).absolute(), tuple(periods), publish)

    @property
    def key(self) -> str:
        """The hash of everything but files that decides what a run says: arguments, day in Vietnam, settings, Python.

        A hash, for a setting may hold a secret.
        """
        ours = {
            name: value
            for name, value in sorted(os.environ.items())
            if name == "DAGSTER_HOME"
            or (name.startswith("DTI_") and not name.startswith(("DTI_DATA", "DTI_LANGUAGE", *OF_OPERATIONS)))
        }
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 3600))
        said = json.dumps([str(self.root), self.periods, self.publish, day, ours, sys.version, sys.prefix])
        return hashlib.sha256(said.encode()).hexdigest()

    def inputs(self) -> Signed:
        """What a run reads and does not write: code, packages, settings, reference data, feeds, inbox."""
        places = [
            PACKAGE,
            *(PROJECT / name for name in ("expectations", "requirements.lock", "pyproject.toml", "data/reference")),
            _project_data() / "feeds",
            self.root / "feeds",
            self.root / "inbox",
            *([Path(home, "dagster.yaml")] if (home := _home()) else []),
        ]
        packages = os.stat(Path(click.__file__).parents[1])  # noqa: PTH116 - its times change with what is installed
        if packages.st_mtime_ns > time.time_ns() - SETTLED:
            raise Unsigned
        return _signed(list(dict.fromkeys(places)), lambda _: False, f"{packages.st_mtime_ns}")

    def state(self) -> Signed:
        """What runs keep: ledger, landing, tables, answers, candidate, releases, and what killed ones left there."""
        return _signed([self.root], self._is_no_state)

    def _is_no_state(self, path: str) -> bool:
        place, name = os.path.split(path)
        return (place == str(self.root) and name in NO_STATE) or name.endswith(".lock") or path == _home()


@dataclass(frozen=True)
class Begun:
    """How things lay before a run."""

    asked: Asked
    inputs: Signed | None
    head: Head

    def keep(self, store: Store, outcome: dict[str, Any], texts: dict[str, str]) -> None:
        """Keeps the outcome of a run, unless another one would differ from it.

        That is where it failed or met something beside it; left a file that was being written; or somebody else wrote
        to the ledger meanwhile, which it may not have seen.

        Args:
            store: the data root.
            outcome: what the run says, as it is said again.
            texts: the summary by language, as it is said again.
        """
        from dti_platform.storage import WriteFailed, files, not_taken

        growing = not_taken("growing")
        if not outcome["success"] or outcome["remarks"] or any(each["why"] == growing for each in outcome["not_taken"]):
            return
        added = store.ledger.entries()[self.head.sequence :]
        if self.inputs is None or not all(_is_of_a_run(store, entry) for entry in added):
            return
        try:
            state = self.asked.state()
        except (Unsigned, OSError):
            return
        if store.ledger.head().sha256 != outcome["ledger_head"]:  # after the signature: nothing slips in between
            return
        kept = {"key": self.asked.key, "outcome": outcome, "texts": texts}
        signed = {"inputs": vars(self.inputs), "state": vars(state)}
        body = json.dumps(kept | signed).encode()
        try:
            files.replace(self.asked.root / KEPT, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        except WriteFailed:
            return  # the next run runs


def begin(asked: Asked, store: Store) -> Begun:
    """Signs what a run is about to read, and forgets the one before: a run that is killed leaves nothing to believe."""
    from dti_platform.storage import WriteFailed, files

    try:
        files.remove(asked.root / KEPT)
        return Begun(asked, asked.inputs(), store.ledger.head())
    except (Unsigned, OSError, WriteFailed):
        return Begun(asked, None, store.ledger.head())


def standing(asked: Asked) -> dict[str, Any] | None:
    """The last run, as it was kept, where nothing that it depends on has changed; else None."""
    try:
        digest, _, body = (asked.root / KEPT).read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        last = json.loads(body)
        outcome = last["outcome"]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if last["key"] != asked.key or now < outcome["unchanged_since"]:
            return None
        page = outcome["docs"] is None or os.path.exists(outcome["docs"])  # noqa: PTH110 - the summary names it
        same = page and all(Signed(**last[part]).stands(getattr(asked, part)()) for part in ("inputs", "state"))
        return last if same and _is_last_word(outcome["run_id"]) else None
    except (Unsigned, OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _is_of_a_run(store: Store, entry: Entry) -> bool:
    if entry.kind == "receipt":
        return all(each["channel"] in (store.feeds.name, store.inbox.name) for each in entry.body["receipts"])
    return entry.kind in OF_RUNS


def _is_last_word(run_id: str) -> bool:
    """Whether Dagster's history, if there is one, has the run as a success, and none that has not ended."""
    if (home := _home()) is None:
        return True
    import sqlite3
    from contextlib import closing

    try:
        place = Path(home, "history", "runs.db")
        with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)) as runs:
            query = f"SELECT status FROM runs WHERE run_id = ? OR status IN ({ACTIVE})"  # noqa: S608 - no foreign text
            return runs.execute(query, [run_id]).fetchall() == [("SUCCESS",)]
    except sqlite3.Error:
        return False


def _home() -> str | None:
    home = os.environ.get("DAGSTER_HOME")
    return os.path.abspath(home) if home else None  # noqa: PTH100 - a text, to compare


def _project_data() -> Path:
    """As ``storage.store.project_data``, whose import costs more than all of this."""
    return (PROJECT if (PROJECT / "pyproject.toml").is_file() else Path.cwd()) / "data"


def _signed(places: Sequence[Path], is_left_out: Callable[[str], bool], *others: str) -> Signed:
    """Signs everything below some places.

    Raises:
        Unsigned: there is a folder that is a symbolic link, or a pipe or device.
        OSError: something can't be looked at.
    """
    settled = time.time_ns() - SETTLED
    digest, young = hashlib.sha256("\n".join(others).encode()), dict[str, str]()
    for name, known in (each for place in places for each in _below(str(place), is_left_out)):
        digest.update(os.fsencode(name) + b"\0")
        if known is None or S_ISDIR(known.st_mode):
            continue
        facts = [known.st_size, known.st_mtime_ns, known.st_ctime_ns, known.st_ino, known.st_mode]
        digest.update(json.dumps(facts).encode())
        if S_ISLNK(known.st_mode):
            digest.update(os.fsencode(os.readlink(name)))  # noqa: PTH115 - one of thousands
        elif not S_ISREG(known.st_mode):
            raise Unsigned
        elif max(known.st_mtime_ns, known.st_ctime_ns) > settled:
            young[name] = _sha256(name)
    return Signed(digest.hexdigest(), young)


def _below(name: str, is_left_out: Callable[[str], bool]) -> Iterator[tuple[str, os.stat_result | None]]:
    """A place and all that is below it, in one order; a place that is not there has no facts."""
    try:
        known = os.lstat(name)
    except FileNotFoundError:
        yield name, None
        return
    if S_ISLNK(known.st_mode) and os.path.basename(name) != "latest":  # noqa: PTH119 - ours, and its target is signed
        raise Unsigned
    yield name, known
    if S_ISDIR(known.st_mode):
        for each in sorted(os.listdir(name)):  # noqa: PTH208 - thousands of names
            below = f"{name}/{each}"
            if each != "__pycache__" and not is_left_out(below):
                yield from _below(below, is_left_out)


def _sha256(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()
