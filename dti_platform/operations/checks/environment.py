"""Checks of Python and of the packages that are installed."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.operations.health import Finding, not_asked, ok

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dti_platform.operations.health import Place

PROJECT = Path(__file__).parents[3]
LOCK = PROJECT / "requirements.lock"
#: Makes the environment in production.
INSTALL = PROJECT / "deploy" / "install"
#: Is there in an environment that ``./dti`` made from the lock.
STAMP = Path(sys.prefix, ".lock.sha256")
OLDEST, NEWEST = (3, 11), (3, 14)
#: So many packages are named.
NAMED = 5


def python(_: Place) -> Finding:
    """Python is of a version that the platform supports."""
    running = f"Python {sys.version_info.major}.{sys.version_info.minor} at {sys.executable}"
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return ok(running)
    again = f"{INSTALL}`" if _in_production() else "./dti run`, once .venv is removed"
    fix = f"install Python 3.11 to 3.14, and name it: `DTI_PYTHON=/path/to/python3.13 {again}"
    return Finding("broken", f"{running} is not among the supported versions, 3.11 to 3.14", fix)


def packages(_: Place) -> Finding:
    """The installed packages are those of the lock; in an environment that ``./dti`` did not make others may be."""
    if not LOCK.is_file():
        return not_asked("an installation without a checkout has no lock")
    locked = _locked(LOCK.read_text(encoding="utf-8"))
    found = {name: _installed(name) for name in locked}
    missing = [name for name, installed in found.items() if installed is None]
    others = [
        f"{name} {found[name]} (lock: {wanted})" for name, wanted in locked.items() if found[name] not in (None, wanted)
    ]
    fix = f"remove {sys.prefix} and start ./dti, which makes it again from the lock"
    if _in_production():
        fix = f"`{INSTALL}`, or without internet `{INSTALL} /mnt/wheels`, which makes it again from the lock"
    if missing:
        return Finding("broken", f"{sys.prefix} lacks {_few(missing)} of {LOCK.name}", fix)
    if others:
        return Finding(
            "broken" if STAMP.exists() else "warning", f"{sys.prefix} does not fit {LOCK.name}: {_few(others)}", fix
        )
    return ok(f"{len(locked)} packages are as {LOCK.name} says")


def _in_production() -> bool:
    """Whether ``deploy/install`` makes the environment, as ``deploy/dti.env`` says."""
    return os.environ.get("DTI_COMMAND") == "dti"


def _locked(text: str) -> Mapping[str, str]:
    """The packages of a lock that belong on this machine, and their versions."""
    from packaging.requirements import Requirement

    lines = (line.partition(" \\")[0] for line in text.splitlines() if "==" in line and line[:1] not in ("", " ", "#"))
    wanted = [each for each in map(Requirement, lines) if each.marker is None or each.marker.evaluate()]
    return {each.name: str(each.specifier).removeprefix("==") for each in wanted}


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _few(names: list[str]) -> str:
    further = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *further])
