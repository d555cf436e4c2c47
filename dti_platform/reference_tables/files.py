"""Reads the files of ``data/reference`` into rows of text.

Here: bytes to rows, and the error that a broken file raises. Not here: what a row means.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, str | None]
Rows = Mapping[str, Sequence[Row]]
#: Names of the files, without ``.csv``.
FILES = (
    "sources",
    "geographies",
    "regions",
    "provinces",
    "province_crosswalk",
    "ministries",
    "ministry_crosswalk",
    "ministry_groups",
    "aliases",
    "indicators",
    "source_classes",
    "sessions",
    "session_figures",
)
#: Files that may be missing: a missing file has no rows.
OPTIONAL = ("local_units",)


class ReferenceDataError(ValueError):
    """A file of ``data/reference`` breaks its contract: the message names file, line and fix."""


def default_folder() -> Path:
    """``data/reference`` of the checkout, else the copy in the installed package."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent / "data" / "reference"
    return checkout if checkout.is_dir() else package / "_data" / "reference"


def read(folder: Path) -> Rows:
    """Reads the rows of every file; an empty cell is None.

    Raises:
        ReferenceDataError: a file is missing or is not a table.
    """
    rows = {name: _rows(folder / f"{name}.csv") for name in FILES}
    rows |= {name: _rows(file) if (file := folder / f"{name}.csv").exists() else [] for name in OPTIONAL}
    return rows


def _rows(path: Path) -> list[Row]:
    try:
        with path.open(encoding="utf-8", newline="") as text:
            header, *lines = csv.reader(text)
    except FileNotFoundError as error:
        raise ReferenceDataError(f"{path}: the file is missing; restore it from the repository") from error
    except UnicodeDecodeError as error:
        raise ReferenceDataError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except ValueError as error:
        raise ReferenceDataError(f"{path}: the file is empty; restore it from the repository") from error
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise ReferenceDataError(
                f"{path}, line {number}: {len(line)} cells under {len(header)} headers; quote a cell that holds a comma"
            )
    return [{column: cell or None for column, cell in zip(header, line, strict=True)} for line in lines]
