"""Verifying a data root: every byte that is kept or derived is read again, and whatever is met ends in a sentence.

Here: the faults of all parts together. Not here: how the ledger and a release are judged (``ledger``, ``release``).
No symbolic link is followed. What is derived and not there is no fault, for it is made again; nor is what no entry
records, for it is never believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.storage import answers, files, pruned, tables
from dti_platform.storage.derived import KIND
from dti_platform.storage.errors import StorageError

if TYPE_CHECKING:
    from dti_platform.storage.ledger import Head
    from dti_platform.storage.store import Store

#: The parts of a data root that are made from the others, and can be made again.
DERIVED = (tables.PART, pruned.PART, answers.PART)
#: What is raised where something can't be read, and where an entry of the ledger says what no version writes.
UNREADABLE, UNKNOWN = (StorageError, OSError), (LookupError, TypeError, ValueError, AttributeError)
REMAKE = "no figure rests on it: `dti run` makes it again; where it is named even then, delete it and run again"
DROP = "no figure rests on it: `dti run --force` removes it"


def faults(store: Store, known: Head | str | None = None, release: str | None = None) -> list[str]:
    """Every fault of ledger, landing, releases, the candidate and what is derived; of the ledger alone if unreadable.

    Args:
        store: the data root.
        known: the last head that is known from elsewhere, or its hash, or the unambiguous beginning of its hash;
            finds also what was cut off or rewritten.
        release: but for the ledger, only this release.
    """
    of_ledger = _checked(lambda: store.ledger.verify(known))
    if of_ledger and not _is_readable(store):
        return of_ledger
    if release:
        return of_ledger + _checked(lambda: store.releases.verify(release))
    parts = (_places, _landing, lambda store: store.releases.verify(), _candidate, _derived)
    return of_ledger + [fault for part in parts for fault in _checked(partial(part, store))]


def unrecorded(store: Store) -> dict[str, list[Path]]:
    """By part, the derived files whose hash no entry records: of earlier versions, or of killed runs.

    None where ledger or folders can't be read, which is among the faults.
    """
    try:
        bodies = [entry.body["sha256"] for entry in store.ledger.entries(KIND)]
        recorded = {_place(store, name, sha256) for hashes in bodies for name, sha256 in hashes.items()}
        unrecorded = {part: [path for path in _files(store.root / part) if path not in recorded] for part in DERIVED}
    except (*UNREADABLE, *UNKNOWN):
        return {}
    return {part: paths for part, paths in unrecorded.items() if paths}


def _is_readable(store: Store) -> bool:
    """Whether the entries follow one another, so that they say what must be there."""
    try:
        store.ledger.entries()
    except (*UNREADABLE, *UNKNOWN):
        return False
    return True


def _places(store: Store) -> list[str]:
    """Symbolic links, and folders that can't be looked into, wherever bytes are kept."""
    faults: list[str] = []
    for part in ("landing", "published/releases", "candidate", *DERIVED):
        paths, errors = files.below(store.root / part)
        faults += [f"{error.filename}: can't be read ({error.strerror})" for error in errors]
        faults += [f"{path}: a symbolic link, which is not followed" for path in paths if path.is_symlink()]
    return faults


def _landing(store: Store) -> list[str]:
    """Landed files that are not as received, and what lies among them under a name that is not its sha256.

    Bytes without a receipt are no fault: they came when a process was killed.
    """
    landed = {store.landing.path(receipt.sha256) for receipt in store.landing.receipts()}
    paths = sorted(landed | {*_files(store.landing.folder)})
    return [fault for path in paths for fault in _checked(partial(_landed, store, path))]


def _landed(store: Store, path: Path) -> list[str]:
    if path != store.landing.path(path.name):
        return [f"{path}: no landed file is called so"]
    store.landing.read(path.name)
    return []


def _candidate(store: Store) -> list[str]:
    """What of the candidate that stands is not as it was left."""
    standing = store.candidates.standing()
    return standing.faults() if standing else []


def _derived(store: Store) -> Iterator[str]:
    """Derived files whose bytes are not those that were recorded last."""
    for part in DERIVED:
        for name, sha256 in sorted(store.derived.of(part).items()):
            path = _place(store, f"{part}/{name}", sha256)
            try:
                if files.digest(files.read(path)) != sha256:
                    remedy = DROP if part == pruned.PART else REMAKE
                    yield f"{path}: its bytes are not those that the ledger records; {remedy}"
            except FileNotFoundError:
                continue
            except OSError as error:
                yield f"{path}: can't be read ({error.strerror}); {REMAKE}"


def _place(store: Store, name: str, sha256: str) -> Path:
    """Where a derived file lies, by its name in the ledger."""
    part, _, rest = name.partition("/")
    return store.tables.path(rest, sha256) if part == tables.PART else store.root / part / rest


def _files(folder: Path) -> list[Path]:
    """The plain files below a folder, but for those in the making."""
    return [path for path in files.below(folder)[0] if path.is_file() and not files.is_temporary(path)]


def _checked(part: Callable[[], Iterator[str] | list[str]]) -> list[str]:
    """The faults of a part; that it can't be read, or that the ledger says what nothing wrote, is one of them."""
    try:
        return list(part())
    except UNREADABLE as error:
        return [str(error)]
    except UNKNOWN as error:
        return [f"ledger: an entry says what no version writes ({error!r}); restore it from the backup"]
