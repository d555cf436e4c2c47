"""Versions: the hashes of code, rules, reference data and lock, by which outdated results are recognised.

Here: the versions by which assets, cached answers and records of releases are compared. Not here: comparing them.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.reference_tables.files import default_folder

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks

PACKAGE = Path(__file__).parents[1]
#: The modules that every table depends on: the files beside the rooms, and the models of the reference tables.
GROUND = (*sorted(path.name for path in PACKAGE.iterdir() if path.suffix in {".py", ".toml"}), "reference_tables")


@functools.cache
def source_version(*rooms: str) -> str:
    """Twelve hex digits over every source and data file of the named rooms (folders or modules of the package)."""
    digest = hashlib.sha256()
    for room in rooms:
        path = PACKAGE / room
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in {".py", ".toml", ".csv"}:
                digest.update(file.relative_to(PACKAGE).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def reference_version() -> str:
    """Twelve hex digits over the packaged reference data: units, names, crosswalks, indicators."""
    digest = hashlib.sha256()
    for file in sorted(default_folder().glob("*.csv")):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def reference_check() -> str:
    """The hash of all that checking the packaged reference data depends on: data, code, and locked packages."""
    parts = (source_version("methodology", *GROUND), reference_version(), lock_version())
    return hashlib.sha256(f"reference tables {parts}".encode()).hexdigest()


def contract_check() -> str:
    """The hash of all that validating a table depends on but its rows: code, packages, reference data."""
    return hashlib.sha256(f"contracts {sorted(code_versions().items())}".encode()).hexdigest()


@functools.cache
def lock_version() -> str | None:
    """The sha256 of the lock file of all packages; None where the platform is installed without it."""
    lock = PACKAGE.parent / "requirements.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None


def made_with(frameworks: Frameworks) -> dict[str, object]:
    """What every table is made with: hashes of frameworks, code, lock and reference data, and the current commit."""
    return {"frameworks": framework_versions(frameworks), **code_versions(), "commit": commit()}


def framework_versions(frameworks: Frameworks) -> dict[str, str]:
    """The sha256 of each framework's file by its name."""
    return {framework.name: framework.sha256 for framework in frameworks.all}


def code_versions() -> dict[str, str | None]:
    """The hashes of the code, the lock and the reference data."""
    return {"code": source_version("."), "lock": lock_version(), "reference": reference_version()}


def commit() -> str | None:
    """The commit that is checked out; None outside a checkout. Uncommitted changes show in the code's hash."""
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
