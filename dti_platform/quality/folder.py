"""Where the content checks are kept, and the error for a file there that can't be read."""

from __future__ import annotations

from pathlib import Path


class SuiteError(ValueError):
    """A suite or waiver that can't be read; the message names the file, the entry and the fix."""


def expectations_folder() -> Path:
    """The folder ``expectations``: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parents[1]
    inside = package / "expectations"
    return inside if inside.is_dir() else package.parent / "expectations"
