"""The committed files, each read once for all workers: of every folder of tests some ask what they say."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from dti_platform import methodology, units
from dti_platform.feeds import Known, Parsed, Received, discover, read
from dti_platform.periods import Period
from dti_platform.storage import Store
from tests.once import once

FEEDS = Path(__file__).parents[1] / "data" / "feeds"

#: Where the session's run over them lies once it is made (``flow``); None: nobody makes one.
run: Path | None = None


def stored() -> Store | None:
    """The data root that the session's run has filled; None where it is not made."""
    return Store(run / "data") if run and (run / "outcome.json").exists() else None


@cache
def known() -> Known:
    loaded = units.load(check=False)
    return Known(loaded, methodology.load(units=loaded))


def files(pattern: str = "*") -> list[Path]:
    """The files of the feeds whose folder matches."""
    return [path for path in sorted(FEEDS.glob(f"{pattern}/*/*")) if path.parts[-3] in discover()]


def of_year(year: int, pattern: str = "*") -> list[Parsed]:
    """What the files of periods that end in a year say."""
    return [said(path) for path in files(pattern) if Period.parse(path.parts[-2]).year == year]


@cache
def said(path: Path) -> Parsed:
    """What a file says."""
    feed, period, name = path.parts[-3:]
    content = path.read_bytes()
    received = Received(feed, period, name, hashlib.sha256(content).hexdigest(), content)
    return once(f"{feed} {period} {name}", lambda: read(received, known()))
