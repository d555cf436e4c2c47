"""The store: one data root with all that is kept in it.

Here: which part lies where, and what concerns all of them (verifying, sweeping, locking). Not here:
how each part works (its own module).
"""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from dti_platform.storage import answers, files, locks, notes, pruned, sites, tables, verification
from dti_platform.storage.answers import Answers
from dti_platform.storage.candidates import Candidates
from dti_platform.storage.derived import Derived
from dti_platform.storage.errors import Missing, NoFolder
from dti_platform.storage.landing import Landing
from dti_platform.storage.ledger import Clock, Head, Ledger, utc_now
from dti_platform.storage.notes import Notes
from dti_platform.storage.objects import LocalObjects
from dti_platform.storage.pruned import Cache, CheckReports
from dti_platform.storage.release import OpenRelease
from dti_platform.storage.releases import Releases
from dti_platform.storage.sites import Sites
from dti_platform.storage.tables import Tables

#: What the candidate is called where a release may be named.
CANDIDATE = "candidate"
#: The folders of a data root in which killed writers may leave temporary files; ``published`` finishes its own.
PARTS = ("ledger", "landing", "candidate", *verification.DERIVED, "docs", "last_run", notes.PART)
#: What an address begins with, and no path does (RFC 3986, 3.1).
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def project_data() -> Path:
    """``data`` of the checkout; of the working folder where the platform is installed as a wheel."""
    home = Path(__file__).parents[2]
    return (home if (home / "pyproject.toml").is_file() else Path.cwd()) / "data"


def folder_of(text: str) -> Path:
    """The folder of a data root.

    Raises:
        NoFolder: it is an address such as ``s3://bucket``, which as a path would be a folder called ``s3:``.
    """
    if match := SCHEME.match(text):
        raise NoFolder(f"{text}: a data root is a folder of this machine; {match[0]} is not supported")
    return Path(text)


def _has_feeds(root: Path) -> bool:
    """Whether a data root has feeds of its own; one that is closed to us has, so that no others take their place."""
    try:
        return (root / "feeds").is_dir()
    except PermissionError:
        return True


class Store:
    """A data root.

    Attributes:
        root: the folder of all that runs make.
        feeds: the folder of the committed feeds.
        inbox: the folder in which files arrive.
        clock: gives the time.
        ledger: what happened, in order.
        landing: received files.
        tables: stored tables.
        candidates: the release that waits to be published.
        releases: what readers get.
        sites: pages made from releases.
        audits: how robust the rankings of releases are.
        cache: answers that can be made again.
        derived: the hashes of tables, cache and answers.
        check_reports: the reports of runs' checks.
        notes: what is known beside, and no figure rests on.
    """

    def __init__(self, root: Path | str, feeds: Path | str | None = None, *, clock: Clock = utc_now) -> None:
        self.root = folder_of(str(root)).absolute()
        self.feeds = Path(feeds).absolute() if feeds else self.root / "feeds"
        self.inbox = self.root / "inbox"
        self.clock = clock
        self.ledger = Ledger(LocalObjects(self.root / "ledger"), clock)
        self.landing = Landing(self.root / "landing", self.ledger, [self.feeds, self.inbox])
        self.derived = Derived(self.ledger)
        self.tables = Tables(self.root / tables.PART, self.derived)
        self.check_reports = CheckReports(self.root / "docs", clock)
        self.cache = Cache(self.root / pruned.PART, self.derived)
        self.candidates = Candidates(self.root / "candidate", self.ledger)
        self.releases = Releases(self.root / "published", self.ledger, self.lock)
        self.notes = Notes(self.root / notes.PART)
        self.sites = Sites(self.root / "published" / sites.PART)
        self.audits = Sites(self.root / "published" / sites.AUDITS)

    @classmethod
    def from_environment(cls) -> Store:
        """The store that ``DTI_DATA`` names, else ``data`` of the project; feeds of its own, else the project's.

        Raises:
            NoFolder: it names something else than a folder.
        """
        project = project_data()
        root = folder_of(os.environ.get("DTI_DATA") or str(project))
        return cls(root, root / "feeds" if _has_feeds(root) else project / "feeds")

    def newest_year(self) -> int:
        """The newest year of a committed feed, a stored table or a release, whatever the clock says; 0: there is none.

        What arrives in the inbox may name any year, and extends nothing.
        """
        committed = {each.year or 0 for each in self.landing.arrivals() if each.channel == self.feeds.name}
        return max(committed | {*self.tables.years("observations"), *self.releases.years()}, default=0)

    def open_release(self, name: str | None = None, *, as_of: date | None = None) -> OpenRelease:
        """A release to read from, as ``Releases.open`` finds it; by the name ``candidate``, the candidate.

        Raises:
            Missing: there is none.
        """
        if name != CANDIDATE:
            return self.releases.open(name, as_of=as_of)
        if (standing := self.candidates.standing()) is None:
            raise Missing("there is no candidate: nothing waits to be published")
        return standing.open()

    def answers(self, folder: Path | None = None) -> Answers:
        """Where answers to senders are kept: in the data root, or in a folder that somebody names."""
        return Answers(folder) if folder else Answers(self.root / answers.PART, self.derived)

    def lock(self, name: str, holder: str, *, wait: float = 0) -> AbstractContextManager[None]:
        """Holds the lock ``name``; see ``locks.lock``."""
        return locks.lock(self.root / "locks", name, holder, wait=wait)

    def holder(self, name: str) -> str | None:
        """The run id of the one who holds the lock ``name``; None: it is free."""
        return locks.holder(self.root / "locks", name)

    def verify(self, known: Head | str | None = None, release: str | None = None) -> list[str]:
        """Every fault of the data root; see ``verification.faults``.

        Raises:
            Missing: there is no data root.
        """
        self.must_exist()
        return verification.faults(self, known, release)

    def remarks(self) -> list[str]:
        """What this process could not keep though it would have liked to: nothing depends on it."""
        return [fault for fault in (self.cache.fault, self.check_reports.fault) if fault]

    def unrecorded(self) -> dict[str, list[Path]]:
        """Derived files whose hash no entry records; see ``verification.unrecorded``."""
        return verification.unrecorded(self)

    def must_exist(self) -> None:
        """Refuses to speak of a data root that is not there.

        Raises:
            Missing: the folder is not there.
        """
        if not self.root.is_dir():
            raise Missing(f"{self.root}: there is no data root; name another with DTI_DATA or --data, or `dti run`")

    def sweep(self, holder: str = "sweep", *, wait: float = 600) -> list[str]:
        """Finishes an interrupted publication and removes what killed writers left; says what it did.

        Landed files, entries of the ledger and releases are never removed.

        Raises:
            Locked: a publisher is at work.
        """
        orphans = [path for part in PARTS for path in files.below(self.root / part)[0] if files.is_temporary(path)]
        swept = [path for folder in sorted({path.parent for path in orphans}) for path in files.sweep(folder)]
        swept += self.tables.sweep() + self.sites.sweep() + self.audits.sweep()
        self.ledger.note_head()
        return [f"removed {path.name}" for path in swept] + self.releases.sweep(holder, wait=wait)
