"""Releases: all published tables together or none, immutable, numbered, named by their content.

Here: publishing, listing, opening, verifying, and finishing what a killed publisher left. Not here:
what the files of a release look like (``package``), nor whether it may be published (the quality gate).

The order of a publication, each step durable before the next:

1. the files, in ``.staging-<name>``;
2. the ledger's entry ``release`` with the sha256 of each file: from here on the release exists;
3. the folder is renamed to ``releases/<name>``;
4. ``latest`` points to it.

Killed before 2, the staging is swept and the release before stands. Killed after 2, the staging is whole,
and the next publication or sweep does 3 and 4. So nothing in ``releases/`` is ever unknown to the ledger,
and nothing there is ever removed.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dti_platform.storage import files, package
from dti_platform.storage.accounts import account
from dti_platform.storage.errors import CorruptRelease, HeadMoved, LedgerBehind, Missing, Refused, StorageError
from dti_platform.storage.ledger import Ledger
from dti_platform.storage.release import OpenRelease, Release, faults_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import polars as pl

#: Better data is a revision, a mistake is a correction; both need a reason.
KINDS = ("scheduled", "revision", "correction")
RELEASES, LATEST, STAGING = "releases", "latest", ".staging-"
#: Digits of the content's hash in a release's name.
SHORT = 12
_NAME = re.compile(rf"(\d{{4,}})-[0-9a-f]{{{SHORT}}}")
BEHIND = (
    "newer than release {last}, the last of the ledger, which is an older copy: restore the newer ledger from the "
    "backup; if it is lost, move these folders and `latest` out of the data root first: what was received, withdrawn "
    "and released since is then unknown"
)
UNFINISHED = "if its publication was interrupted, `dti run` finishes it; else restore it from the backup"


class Lock(Protocol):
    """Makes the context in which one publisher works alone."""

    def __call__(self, name: str, holder: str, *, wait: float) -> AbstractContextManager[None]:
        """Holds the lock while the block runs."""
        ...


class Releases:
    """All releases, and the only writer of them."""

    def __init__(self, folder: Path, ledger: Ledger, lock: Lock) -> None:
        self.folder = folder
        self._ledger = ledger
        self._lock = lock

    def publish(
        self,
        tables: Mapping[str, pl.DataFrame],
        descriptions: Mapping[str, package.Description],
        *,
        kind: str = "scheduled",
        reason: str | None = None,
        record: Mapping[str, object],
        properties: Mapping[str, object] | None = None,
        holder: str = "publisher",
        wait: float = 600,
        after: int | None = None,
        on_behalf: str | None = None,
    ) -> Release | None:
        """Publishes the tables together, unless they say what the latest release says.

        Args:
            tables: the frames by name.
            descriptions: the description of each for readers.
            kind: scheduled, revision or correction.
            reason: why; must be given for a revision or a correction.
            record: what it was made from, for the ledger.
            properties: further Data Package properties: title, description, licenses, sources.
            holder: the run id that a second publisher sees.
            wait: seconds to wait for another publisher.
            after: the number of the release that the tables follow: for tables that were compared with it; 0 for none.
            on_behalf: who decided to publish, where that is somebody else than the account of the process.

        Returns:
            The release, or None if nothing changed.

        Raises:
            Refused: the reason is missing, or a table is not as described.
            HeadMoved: the newest release is not the one that they follow.
            LedgerBehind: a newer release lies there than the ledger has.
            Locked: another publisher is at work.
            WriteFailed: the latest release still stands.
        """
        if missing := sorted(set(tables) - set(descriptions)):
            raise Refused(f"no description for {', '.join(missing)}: describe each released table")
        draft = package.Draft(package.encode(tables, descriptions), properties or {})
        return self.publish_draft(
            draft, kind=kind, reason=reason, record=record, holder=holder, wait=wait, after=after, on_behalf=on_behalf
        )

    def publish_draft(
        self,
        draft: package.Draft,
        *,
        kind: str = "scheduled",
        reason: str | None = None,
        record: Mapping[str, object],
        holder: str = "publisher",
        wait: float = 600,
        after: int | None = None,
        on_behalf: str | None = None,
    ) -> Release | None:
        """Publishes what was encoded already; see ``publish``."""
        _check(kind, reason, draft.contents)
        files.make_folder(self.folder / RELEASES)
        with self._lock("publish", holder, wait=wait), self._settled():
            before = self._recorded()
            if after not in (None, len(before)):
                raise HeadMoved(f"release {len(before)} is the newest, not {after}: run again; {UNFINISHED}")
            if before and before[-1].content == draft.content:
                return None
            name = name_of(len(before) + 1, draft.content)
            hashes = self._stage(name, draft.finish(name))
            body = {"release": name, "content": draft.content, "type": kind, "reason": reason, "files": hashes}
            decided = {"by": account()} | ({"for": on_behalf} if on_behalf else {})
            self._ledger.append("release", body | decided | {"record": dict(record)})
        return self.find(name)

    def rebuild(
        self,
        name: str,
        tables: Mapping[str, pl.DataFrame],
        descriptions: Mapping[str, package.Description],
        *,
        properties: Mapping[str, object] | None = None,
        holder: str = "rebuild",
        wait: float = 600,
    ) -> list[str]:
        """Makes the files of a recorded release again, and puts them back if its folder is gone.

        Returns:
            The files that do not come out as they were published; nothing is put back unless there are none.

        Raises:
            Missing: the ledger has no such release.
        """
        release = self.recorded(name)
        contents = package.Draft(package.encode(tables, descriptions), properties or {}).finish(release.name)
        made = {file: files.digest(content) for file, content in contents.items()}
        differing = sorted(
            file for file in made.keys() | release.files.keys() if made.get(file) != release.files.get(file)
        )
        if not differing and not release.path.exists():
            files.make_folder(self.folder / RELEASES)
            with self._lock("publish", holder, wait=wait), self._settled():
                self._stage(release.name, contents)
        return differing

    def list(self) -> list[Release]:
        """All releases that can be read, in the order of the ledger."""
        return [release for release in self._recorded() if release.path.is_dir()]

    def latest(self) -> Release | None:
        """The newest release, or None before the first."""
        return next(reversed(self.list()), None)

    def years(self) -> list[int]:
        """The years of the newest release, which no later one lacks."""
        recorded = self._recorded()
        return list(recorded[-1].record.get("years", ())) if recorded else []

    def as_of(self, day: date) -> Release:
        """The newest release published on or before a day in Vietnam.

        The newest is the last in the ledger: a clock that went wrong changes no order.

        Raises:
            Missing: none was published by then.
        """
        candidates = [release for release in self.list() if release.published_on <= day]
        if not candidates:
            raise Missing(f"no release was published on or before {day}")
        return candidates[-1]

    def recorded(self, name: str) -> Release:
        """A release by its name or its number as the ledger records it, whether or not its files are in place.

        Raises:
            Missing: the ledger has no such release.
        """
        matching = [release for release in self._recorded() if name in release.names]
        if not matching:
            raise Missing(f"there is no release {name} in the ledger; `dti releases` lists them")
        return matching[0]

    def find(self, name: str) -> Release:
        """A release by its name or its number.

        Raises:
            Missing: there is no such release, or its files are gone.
        """
        release = self.recorded(name)
        if not release.path.is_dir():
            raise Missing(f"{release.path}: release {name} is recorded, but not there; {UNFINISHED}")
        return release

    def open(self, name: str | None = None, *, as_of: date | None = None) -> OpenRelease:
        """A release to read from: by name or number, the newest as of a day, or the newest.

        Raises:
            Missing: there is none.
        """
        release = self.find(name) if name else self.as_of(as_of) if as_of else self.latest()
        if release is None:
            raise Missing(f"{self.folder}: nothing was released yet; `dti run` makes a release")
        return OpenRelease(release.name, release.path, release.files)

    def back(self, number: int) -> list[OpenRelease]:
        """The release of this number and all before it, the newest first; each is read when it is asked for a table."""
        recorded = self._recorded()[:number]
        return [OpenRelease(each.name, each.path, each.files) for each in reversed(recorded)]

    def verify(self, name: str | None = None) -> list[str]:
        """Every fault of a release (of all, and of ``latest``), each byte read and hashed again.

        Raises:
            Missing: there is no release of this name in the ledger.
        """
        chosen = [self.recorded(name)] if name else self._recorded()
        faults = [fault for each in chosen for fault in faults_of(each.path, each.files)]
        return faults if name else faults + self._strays(chosen)

    def check_known(self) -> None:
        """Refuses to go on from a ledger that ends before the releases that lie there.

        Raises:
            LedgerBehind: a folder, or ``latest``, is of a release after the last one of the ledger.
        """
        there = self._on_disk()  # before the ledger: an entry comes before its folder
        recorded = {release.name for release in self._recorded()}
        newer = sorted(
            name for name in there - recorded if (match := _NAME.fullmatch(name)) and int(match[1]) > len(recorded)
        )
        if newer:
            raise LedgerBehind(f"{self.folder}: {', '.join(newer)}: {BEHIND.format(last=len(recorded))}")

    def _on_disk(self) -> set[str]:
        """The names in ``releases/``, and the one that ``latest`` points to."""
        folder, link = self.folder / RELEASES, self.folder / LATEST
        names = {path.name for path in folder.iterdir()} if folder.is_dir() else set[str]()
        return names | ({link.readlink().name} if link.is_symlink() else set[str]())

    def sweep(self, holder: str, *, wait: float = 600) -> list[str]:
        """Finishes a publication that was interrupted and removes abandoned staging; says what it did.

        Raises:
            Locked: a publisher is at work.
        """
        if not self.folder.is_dir():
            return []
        with self._lock("publish", holder, wait=wait):
            return self._finish() + [f"removed {path.name}" for path in files.sweep(self.folder)]

    def _stage(self, name: str, contents: Mapping[str, bytes]) -> dict[str, str]:
        """Writes the files where no reader sees them; returns each one's sha256."""
        staging = self.folder / f"{STAGING}{name}"
        paths = {staging / file: content for file, content in contents.items()}
        folders = sorted({path.parent for path in paths})
        for folder in folders:
            files.make_folder(folder)
        for path, content in paths.items():
            files.stage(path, content)
        for folder in folders:
            files.sync(folder)
        return {file: files.digest(content) for file, content in contents.items()}

    @contextmanager
    def _settled(self) -> Generator[None]:
        """Finishes what stands before the block, and what the block leaves: publishing and recovery are one."""
        self._finish()
        complete = False
        try:
            yield
            complete = True
        finally:
            # What the block raised is not hidden by what tidying up after it meets.
            with nullcontext() if complete else suppress(StorageError, OSError):
                self._finish()

    def _finish(self) -> list[str]:
        """Gives staging that the ledger knows its place, removes the rest, moves ``latest``. Needs the lock."""
        self.check_known()
        recorded = {release.name: release for release in self._recorded()}
        done: list[str] = []
        for staging in sorted(self.folder.glob(f"{STAGING}*")):
            release = recorded.get(staging.name.removeprefix(STAGING))
            if release and not release.path.exists():
                _require_whole(staging, release)
                files.move(staging, release.path)
                done.append(f"finished release {release.name}")
            else:
                files.remove_tree(staging)
                done.append(f"removed {staging.name}")
        newest = next((release for release in reversed(recorded.values()) if release.path.is_dir()), None)
        if newest:
            files.point(self.folder / LATEST, f"{RELEASES}/{newest.name}")
        return done

    def _recorded(self) -> list[Release]:
        """All releases of the ledger, whether or not their files are in place."""
        entries = self._ledger.entries("release")
        return [
            Release.recorded(number, entry, self.folder / RELEASES) for number, entry in enumerate(entries, start=1)
        ]

    def _strays(self, recorded: Sequence[Release]) -> list[str]:
        """What lies in ``releases/`` unknown to the ledger, and a ``latest`` that points elsewhere."""
        folder, link = self.folder / RELEASES, self.folder / LATEST
        known = {release.name for release in recorded}
        on_disk = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        faults = [f"{folder / name}: no entry of the ledger names it" for name in on_disk if name not in known]
        if recorded and (not link.is_symlink() or link.readlink() != Path(RELEASES, recorded[-1].name)):
            faults.append(f"{link}: does not point to the newest release {recorded[-1].name}; {UNFINISHED}")
        return faults


def name_of(number: int, content: str) -> str:
    """The name of a release: its number, and the beginning of the hash of its content."""
    return f"{number:04}-{content[:SHORT]}"


def _check(kind: str, reason: str | None, tables: Mapping[str, object]) -> None:
    """Refuses a publication that lacks its reason or has no table."""
    if kind not in KINDS:
        raise Refused(f"a release is one of {', '.join(KINDS)}, not {kind!r}")
    if kind != "scheduled" and not (reason or "").strip():
        raise Refused(f"a {kind} needs a reason: say what was wrong or what is better")
    if not tables:
        raise Refused("a release needs at least one table")


def _require_whole(staging: Path, release: Release) -> None:
    """Refuses to show a release that is not to the byte what the ledger says."""
    if faults := faults_of(staging, release.files):
        raise CorruptRelease(f"release {release.name} can't be finished: {faults[0]}; restore it from the backup")
