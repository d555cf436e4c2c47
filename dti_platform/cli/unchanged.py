"""Whether anything changed since the last run; if nothing did, its outcome is printed again and nothing is run.

Here: signatures of all that a run reads, made as git's index makes them, and the outcome that is stored with them. The
imports are few, because this is decided before Dagster or Polars is loaded. Not here: running. The signatures only
decide whether to run: ``verify`` and every release read the bytes. The stored outcome is derived data: if it is
missing, damaged or of other code, there is a run.

A file written in the two seconds before its signature, or after it (a clock may be wrong), could change again within
the resolution of its file system and look the same: for such a file the content is compared, too.
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
#: The path of the last outcome below the data root, outside every part that is verified or released.
LAST_OUTCOME = Path("last_run", "outcome")
#: The age from which the signature of a file suffices, in nanoseconds.
SETTLED = 2 * 10**9
#: Parts of a data root that are no state of runs; what arrives is signed apart, as it was before the run.
NO_STATE = {"feeds", "inbox", "reference", "cache", "docs", "notes", "last_backup", LAST_OUTCOME.parts[0]}
#: Settings on which no run depends: recipients of alerts, their passwords, and the thresholds of `dti doctor`.
OF_OPERATIONS = (
    "DTI_ALERT_", "DTI_DAEMON", "DTI_DISK_", "DTI_ANSWER_", "DTI_RUN_", "DTI_RELEASE_",
    "DTI_BACKUP_", "DTI_CERTIFICATE",
)  # fmt: skip
#: Kinds of ledger entries that a run itself writes while it holds the lock.
KINDS_OF_RUNS = {"reading", "checks", "waivers", "derived", "candidate", "release", "run"}
#: Statuses of unfinished runs in Dagster's history; their processes may be dead, which a run finds out.
ACTIVE = "'QUEUED', 'NOT_STARTED', 'STARTING', 'STARTED', 'CANCELING'"


class Unsigned(Exception):
    """A path can't be signed, such as a folder that is a symbolic link; the consequence is a run."""


@dataclass(frozen=True)
class Signature:
    """The signature of some folders: a digest of names, sizes, times and inodes, and the hashes of young files."""

    digest: str
    young: dict[str, str]

    def matches(self, now: Signature) -> bool:
        """Whether the folders are unchanged."""
        return self.digest == now.digest and all(_sha256(name) == sha256 for name, sha256 in self.young.items())


@dataclass(frozen=True)
class Request:
    """The arguments of a run.

    Attributes:
        root: the data root.
        periods: the requested years; empty: all.
        publish: auto or ask.
    """

    root: Path
    periods: tuple[str, ...]
    publish: str

    @classmethod
    def of(cls, data: str | None, periods: Sequence[str], publish: str) -> Request:
        """The request of a command line; the data root is found as by ``Store.from_environment``."""
        root = data or os.environ.get("DTI_DATA") or str(_project_data())
        return cls(Path(root).absolute(), tuple(periods), publish)

    @property
    def key(self) -> str:
        """The hash of everything besides files that decides a run: arguments, day in Vietnam, settings, Python.

        It is a hash, because a setting may hold a secret.
        """
        settings = {
            name: value
            for name, value in sorted(os.environ.items())
            if name == "DAGSTER_HOME"
            or (name.startswith("DTI_") and not name.startswith(("DTI_DATA", "DTI_LANGUAGE", *OF_OPERATIONS)))
        }
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 3600))
        facts = json.dumps([str(self.root), self.periods, self.publish, day, settings, sys.version, sys.prefix])
        return hashlib.sha256(facts.encode()).hexdigest()

    def inputs(self) -> Signature:
        """The signature of what a run only reads: code, packages, settings, reference data, feeds, inbox."""
        paths = [
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
        return _signature(list(dict.fromkeys(paths)), lambda _: False, f"{packages.st_mtime_ns}")

    def state(self) -> Signature:
        """The signature of what runs keep: ledger, landing, tables, answers, candidate, releases, remains of kills."""
        return _signature([self.root], self._is_no_state)

    def _is_no_state(self, path: str) -> bool:
        folder, name = os.path.split(path)
        return (folder == str(self.root) and name in NO_STATE) or name.endswith(".lock") or path == _home()


@dataclass(frozen=True)
class Before:
    """The state before a run; ``inputs`` is None if they can't be signed."""

    request: Request
    inputs: Signature | None
    head: Head

    def keep(self, store: Store, outcome: dict[str, Any], texts: dict[str, str]) -> None:
        """Store the outcome of a run, unless the next run could have another one.

        That is so if the run failed or has remarks, if it left out a file that was still being written, or if another
        process wrote to the ledger meanwhile, which the run may have missed.

        Args:
            store: the data root.
            outcome: the outcome, as it is to be printed again.
            texts: the summary by language, as it is to be printed again.
        """
        from dti_platform.storage import WriteFailed, files, not_taken

        growing = not_taken("growing")
        if not outcome["success"] or outcome["remarks"] or any(file["why"] == growing for file in outcome["not_taken"]):
            return
        added = store.ledger.entries()[self.head.sequence :]
        if self.inputs is None or not all(_is_of_a_run(store, entry) for entry in added):
            return
        try:
            state = self.request.state()
        except (Unsigned, OSError):
            return
        if (
            store.ledger.head().sha256 != outcome["ledger_head"]
        ):  # checked after the signature, so that no entry is missed
            return
        record = {"key": self.request.key, "outcome": outcome, "texts": texts}
        signatures = {"inputs": vars(self.inputs), "state": vars(state)}
        body = json.dumps(record | signatures).encode()
        try:
            files.replace(self.request.root / LAST_OUTCOME, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        except WriteFailed:
            return  # the next run is not skipped


def begin(request: Request, store: Store) -> Before:
    """Sign the inputs of a run, and remove the last outcome: a killed run must not leave an old one."""
    from dti_platform.storage import WriteFailed, files

    try:
        files.remove(request.root / LAST_OUTCOME)
        return Before(request, request.inputs(), store.ledger.head())
    except (Unsigned, OSError, WriteFailed):
        return Before(request, None, store.ledger.head())


def last_run(request: Request) -> dict[str, Any] | None:
    """The stored outcome of the last run, if nothing that it depends on has changed; else None."""
    try:
        digest, _, body = (request.root / LAST_OUTCOME).read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        last = json.loads(body)
        outcome = last["outcome"]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if last["key"] != request.key or now < outcome["unchanged_since"]:
            return None
        has_page = outcome["docs"] is None or os.path.exists(outcome["docs"])  # noqa: PTH110 - the summary names it
        same = has_page and all(
            Signature(**last[part]).matches(getattr(request, part)()) for part in ("inputs", "state")
        )
        return last if same and _is_last_in_history(outcome["run_id"]) else None
    except (Unsigned, OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _is_of_a_run(store: Store, entry: Entry) -> bool:
    if entry.kind == "receipt":
        return all(receipt["channel"] in (store.feeds.name, store.inbox.name) for receipt in entry.body["receipts"])
    return entry.kind in KINDS_OF_RUNS


def _is_last_in_history(run_id: str) -> bool:
    """Whether Dagster's history, if there is one, has the run as a success and no unfinished run."""
    if (home := _home()) is None:
        return True
    import sqlite3
    from contextlib import closing

    try:
        database = Path(home, "history", "runs.db")
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as runs:
            query = f"SELECT status FROM runs WHERE run_id = ? OR status IN ({ACTIVE})"  # noqa: S608 - no foreign text
            return runs.execute(query, [run_id]).fetchall() == [("SUCCESS",)]
    except sqlite3.Error:
        return False


def _home() -> str | None:
    home = os.environ.get("DAGSTER_HOME")
    return os.path.abspath(home) if home else None  # noqa: PTH100 - a text, to compare


def _project_data() -> Path:
    """The same as ``storage.store.project_data``, whose import costs more than this whole module."""
    return (PROJECT if (PROJECT / "pyproject.toml").is_file() else Path.cwd()) / "data"


def _signature(paths: Sequence[Path], is_excluded: Callable[[str], bool], *others: str) -> Signature:
    """The signature of everything below some paths.

    Raises:
        Unsigned: there is a folder that is a symbolic link, or a pipe or device.
        OSError: a file can't be examined.
    """
    settled = time.time_ns() - SETTLED
    digest, young = hashlib.sha256("\n".join(others).encode()), dict[str, str]()
    for name, status in (item for path in paths for item in _below(str(path), is_excluded)):
        digest.update(os.fsencode(name) + b"\0")
        if status is None or S_ISDIR(status.st_mode):
            continue
        facts = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode]
        digest.update(json.dumps(facts).encode())
        if S_ISLNK(status.st_mode):
            digest.update(os.fsencode(os.readlink(name)))  # noqa: PTH115 - one of thousands
        elif not S_ISREG(status.st_mode):
            raise Unsigned
        elif max(status.st_mtime_ns, status.st_ctime_ns) > settled:
            young[name] = _sha256(name)
    return Signature(digest.hexdigest(), young)


def _below(name: str, is_excluded: Callable[[str], bool]) -> Iterator[tuple[str, os.stat_result | None]]:
    """A path and all paths below it, in a fixed order, each with its status; None for a path that does not exist."""
    try:
        status = os.lstat(name)
    except FileNotFoundError:
        yield name, None
        return
    if S_ISLNK(status.st_mode) and os.path.basename(name) != "latest":  # noqa: PTH119 - ours, and its target is signed
        raise Unsigned
    yield name, status
    if S_ISDIR(status.st_mode):
        for child in sorted(os.listdir(name)):  # noqa: PTH208 - thousands of names
            path = f"{name}/{child}"
            if child != "__pycache__" and not is_excluded(path):
                yield from _below(path, is_excluded)


def _sha256(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()
