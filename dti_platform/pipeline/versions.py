"""Code versions: the hash of the source that makes an asset, so that the UI tells stale from fresh."""

import functools
import hashlib
from pathlib import Path

from dti_platform.reference_tables.files import default_folder

PACKAGE = Path(__file__).parents[1]


@functools.cache
def source_version(*rooms: str) -> str:
    """Twelve hex digits over every source and data file of the named rooms (folders or modules of the package)."""
    digest = hashlib.sha256()
    for room in rooms:
        place = PACKAGE / room
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in found:
            if file.suffix in {".py", ".toml", ".csv"}:
                digest.update(file.relative_to(PACKAGE).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def reference_version() -> str:
    """The same over the packaged reference data: units, names, crosswalks, indicators."""
    digest = hashlib.sha256()
    for file in sorted(default_folder().glob("*.csv")):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def lock_version() -> str | None:
    """The sha256 of the lock of all packages; None where the platform is installed without it."""
    lock = PACKAGE.parent / "requirements.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None


def commit() -> str | None:
    """The commit that is checked out; None outside a checkout. What was changed since shows in the code's hash."""
    folder = PACKAGE.parent / ".git"
    try:
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8").strip()
        packed = (folder / "packed-refs").read_text(encoding="utf-8").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {name}")), None)
    except OSError:
        return None
