"""Releases: all published tables together or none, immutable, numbered, named by their content.

Here: publishing, listing, opening, verifying, and finishing what a killed publisher left. Not here:
what the files of a release look like (``package``), nor whether it may be published (the quality gate).

The order of a publication, each step durable before the next:

1. a note in ``begun/<name>`` that it is in the making;
2. the files, in ``releases/<name>``, which bears the hash of their content;
3. the ledger's entry ``release`` with the sha256 of each file: the only commit, from here on the release exists;
4. the note goes, and ``latest``, which is derived from the ledger, points to it.

Killed before 3, the next publication or sweep removes what is noted and has no entry; killed after it, it does 4. So
what lies in ``releases/`` without a note is never unknown to the ledger, and nothing of it is ever removed.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dti_platform.storage import files, package
from dti_platform.storage.accounts import account
from dti_platform.storage.errors import HeadMoved, LedgerBehind, Missing, Refused, StorageError
from dti_platform.storage.latest import Latest, finish_staging
from dti_platform.storage.ledger import Ledger
from dti_platform.storage.objects import LocalObjects, Objects
from dti_platform.storage.release import RELEASES, STRAY, OpenRelease, Release, faults_of, to_remake

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import polars as pl

#: Better data is a revision, a mistake is a correction; both need a reason.
KINDS = ("scheduled", "revision", "correction")
#: Below it a key for each release whose publication began and did not end.
BEGUN = "begun"
#: Digits of the content's hash in a release's name.
SHORT = 12
_NAME = re.compile(rf"(\d{{4,}})-[0-9a-f]{{{SHORT}}}")
BEHIND = (
    "newer than release {last}, the last of the ledger, which is an older copy: restore the newer ledger from the "
    "backup; if it is lost, move these folders and `latest` out of the data root first: what was received, withdrawn "
    "and released since is then unknown"
)
#: What becomes of a publication that an earlier version left half done.
UNFINISHED = "if its publication was interrupted, `dti run` finishes it; else restore it from the backup"


class Remade(NamedTuple):
    """What came of making the files of a release again.

    Attributes:
        differing: the files that do not come out as they were published; then nothing was put back.
        put_back: the files that were gone or damaged and are as published now.
        faults: what else is wrong with the release's folder.
    """

    differing: tuple[str, ...] = ()
    put_back: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class Lock(Protocol):
    """Makes the context in which one publisher works alone."""

    def __call__(self, name: str, holder: str, *, wait: float) -> AbstractContextManager[None]:
        """Holds the lock while the block runs."""
        ...


class Releases:
    """All releases, and the only writer of them."""

    def __init__(self, folder: Path, ledger: Ledger, lock: Lock) -> None:
        self.folder = folder
        self._objects: Objects = LocalObjects(folder)
        self._latest = Latest(folder)
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
        with self._lock("publish", holder, wait=wait), self._settled():
            before = self._recorded()
            if after not in (None, len(before)):
                raise HeadMoved(f"release {len(before)} is the newest, not {after}: run again; {UNFINISHED}")
            if before and before[-1].content == draft.content:
                return None
            name = name_of(len(before) + 1, draft.content)
            contents = draft.finish(name)
            hashes = {file: files.digest(content) for file, content in contents.items()}
            self._objects.put({f"{BEGUN}/{name}": b""})
            self._objects.put({f"{RELEASES}/{name}/{file}": content for file, content in contents.items()})
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
    ) -> Remade:
        """Makes the files of a recorded release again, and puts back those that are gone or damaged, each in one step.

        Raises:
            Missing: the ledger has no such release.
            WriteFailed: some may be put back; or a folder is a symbolic link.
        """
        release = self.recorded(name)
        contents = package.Draft(package.encode(tables, descriptions), properties or {}).finish(release.name)
        made = {file: files.digest(content) for file, content in contents.items()}
        differing = sorted(
            file for file in made.keys() | release.files.keys() if made.get(file) != release.files.get(file)
        )
        if differing:
            return Remade(differing=tuple(differing), faults=tuple(faults_of(release.path, release.files)))
        damaged = sorted(release.damaged())
        if damaged:
            with self._lock("publish", holder, wait=wait), self._settled():
                self._objects.put({f"{RELEASES}/{release.name}/{file}": contents[file] for file in damaged})
        return Remade(put_back=tuple(damaged), faults=tuple(faults_of(release.path, release.files)))

    def list(self) -> list[Release]:
        """All releases that can be read, in the order of the ledger."""
        return [release for release in self._recorded() if release.path.is_dir()]

    def newest(self) -> Release | None:
        """The newest release that is recorded, whether or not its files are in place; None before the first."""
        recorded = self._recorded()
        return recorded[-1] if recorded else None

    def latest(self) -> Release | None:
        """The newest release, or None before the first.

        Raises:
            Missing: its folder is gone: the one before it never takes its place.
        """
        for release in reversed(self._recorded()):
            if release.path.is_dir():
                return release
            if not self._latest.is_staged(release.name):
                raise Missing(gone(release))
        return None

    def years(self) -> list[int]:
        """The years of the newest release, which no later one lacks."""
        recorded = self._recorded()
        return list(recorded[-1].record.get("years", ())) if recorded else []

    def as_of(self, day: date) -> Release:
        """The newest release published on or before a day in Vietnam.

        The newest is the last in the ledger: a clock that went wrong changes no order.

        Raises:
            Missing: none was published by then, or its files are gone.
        """
        candidates = [release for release in self._recorded() if release.published_on <= day]
        if not candidates:
            raise Missing(f"no release was published on or before {day}")
        return self.find(candidates[-1].name)

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
            raise Missing(gone(release))
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
        faults = [_remediable(each, fault) for each in chosen for fault in faults_of(each.path, each.files)]
        return faults if name else faults + self._strays()

    def check_known(self) -> None:
        """Refuses to go on from a ledger that ends before the releases that lie there.

        Raises:
            LedgerBehind: a release that lies there, or ``latest``, is after the last one of the ledger.
        """
        there = self._there() | {name for name in (self._latest.name(),) if name}
        recorded = {release.name for release in self._recorded()}
        newer = sorted(
            name for name in there - recorded if (match := _NAME.fullmatch(name)) and int(match[1]) > len(recorded)
        )
        if newer:
            raise LedgerBehind(f"{self.folder}: {', '.join(newer)}: {BEHIND.format(last=len(recorded))}")

    def _there(self) -> set[str]:
        """The names in ``releases/``, but for those in the making; to be read before the ledger, which comes after."""
        folder = self.folder / RELEASES
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else set[str]()
        return there - self._begun()

    def _begun(self) -> set[str]:
        """The releases whose publication began and did not end, whether or not they are published."""
        return {key.removeprefix(f"{BEGUN}/") for key in self._objects.list(f"{BEGUN}/")}

    def sweep(self, holder: str, *, wait: float = 600) -> list[str]:
        """Finishes a publication that was interrupted and removes what is left of one; says what it did.

        Raises:
            Locked: a publisher is at work.
        """
        if not self.folder.is_dir():
            return []
        with self._lock("publish", holder, wait=wait):
            done = self._finish()
            orphans = [path for path in files.below(self.folder / RELEASES)[0] if files.is_temporary(path)]
            places = sorted({self.folder, *(path.parent for path in orphans)})
            return done + [f"removed {path.name}" for place in places for path in files.sweep(place)]

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
        """Removes what no entry of the ledger made a release, and sets ``latest``. Needs the lock."""
        self.check_known()
        recorded = {release.name: release for release in self._recorded()}
        done = finish_staging(self.folder, recorded)
        files.sweep(self.folder / BEGUN)
        for name in sorted(self._begun()):
            if name not in recorded:
                self._objects.delete([f"{RELEASES}/{name}/"])
                done.append(f"removed {name}, which was not published")
            self._objects.delete([f"{BEGUN}/{name}"])
        newest = next((release for release in reversed(recorded.values()) if release.path.is_dir()), None)
        if newest:
            self._latest.set(newest.name)
        return done

    def _recorded(self) -> list[Release]:
        """All releases of the ledger, whether or not their files are in place."""
        entries = self._ledger.entries("release")
        return [
            Release.recorded(number, entry, self.folder / RELEASES) for number, entry in enumerate(entries, start=1)
        ]

    def _strays(self) -> list[str]:
        """What lies in ``releases/`` unknown to the ledger, and a ``latest`` that points elsewhere."""
        there, recorded = self._there(), self._recorded()
        known = {release.name for release in recorded}
        faults = [f"{self.folder / RELEASES / name}: no entry of the ledger names it" for name in sorted(there - known)]
        if recorded and not self._latest.is_at(recorded[-1].name):
            link = self._latest.path
            faults.append(f"{link}: does not point to the newest release {recorded[-1].name}; {UNFINISHED}")
        return faults


def gone(release: Release) -> str:
    """That a release's folder is not there, and what puts it back."""
    return f"{release.path}: the folder of release {release.name} is gone; {to_remake(release.name)}"


def _remediable(release: Release, fault: str) -> str:
    """A fault of a release's folder, with what puts back what is gone or damaged."""
    return fault if fault.endswith(STRAY) else f"{fault}; {to_remake(release.name)}"


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
