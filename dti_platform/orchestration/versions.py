"""Code versions: the hash of the source that makes an asset, so that the UI tells stale from fresh."""

import functools
import hashlib
from pathlib import Path

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
def lock_version() -> str | None:
    """The sha256 of the lock of all packages; None where the platform is installed without it."""
    lock = PACKAGE.parent / "requirements.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None
