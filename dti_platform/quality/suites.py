"""Suites: every ``expectations/<table>.json``, read strictly, with the rows of the baseline that are known to fail.

Here: what an entry must say (type, kwargs, severity, name, where it is asked, reason in two languages, frame). Not
here: running it (``checks``), nor the frames that an entry may name (``comparisons``). Great Expectations drops an
entry that it can't parse and lets the suite pass, so nothing is left to it: every entry is counted and named.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dti_platform.codes import CHECK_SEVERITIES
from dti_platform.language import Bilingual
from dti_platform.quality import comparisons
from dti_platform.quality.baseline import FILE as BASELINE
from dti_platform.quality.baseline import Known, baseline
from dti_platform.quality.errors import SuiteError

if TYPE_CHECKING:
    from dti_platform.codes import CheckSeverity

ENTRY = {"type", "kwargs", "severity", "meta"}
META = {"name", "asked", "reason_en", "reason_vi"}
#: Where an entry is asked first: of each file before it counts, or of tables alone, for it needs many files.
ASKED = ("door", "gate")
#: The frame of an entry that names none: the table itself.
WHOLE = "table"
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One expectation: what must hold (``type``, ``kwargs``) on which frame, how grave a failure is, and why.

    ``asked``: ``door`` where the same is asked of each file before it counts (``feeds.door``), so that no accepted file
    can fail it; else ``gate``. ``known``: rows of the committed feeds that are known to fail it.
    """

    name: str
    type: str
    kwargs: Mapping[str, object]
    severity: CheckSeverity
    frame: str
    asked: str
    reason: Bilingual
    known: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """All entries of one table, with the sha256 of their file (the key under which results may be kept)."""

    table: str
    file: str
    sha256: str
    entries: tuple[Entry, ...]


def suites(folder: Path | None = None) -> dict[str, Suite]:
    """Every suite by table name.

    Raises:
        SuiteError: a file or entry can't be read, or the baseline names a check that is not one, or stops
            publications; the message names both, and the fix.
    """
    place = folder or expectations_folder()
    known = baseline(place)
    read = [_read(path, known) for path in sorted(place.glob("*.json"))]
    strays = {each.check for each in known} - {
        f"{suite.table}.{entry.name}" for suite in read for entry in suite.entries
    }
    if strays:
        raise SuiteError(f"{BASELINE}: no check is called {', '.join(sorted(strays))}; write <table>.<name>")
    return {suite.table: suite for suite in read}


def needs(suite: Suite) -> set[str]:
    """The comparison frames that the suite's entries ask the caller for, by name."""
    return {name for entry in suite.entries for name in comparisons.inputs(entry.frame)}


def read_suite(path: Path) -> Suite:
    """One file: ``{"name": "<table>", "expectations": [...]}``, named as its table."""
    return _read(path, baseline(path.parent))


def _read(path: Path, known: tuple[Known, ...]) -> Suite:
    content = path.read_bytes()
    try:
        body = json.loads(content)
    except ValueError as error:
        raise SuiteError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(body, dict) or body.keys() != {"name", "expectations"} or body["name"] != path.stem:
        raise SuiteError(f'{path.name} must hold {{"name": "{path.stem}", "expectations": [...]}} and nothing else')
    read = [_entry(path.name, number, raw) for number, raw in enumerate(body["expectations"], start=1)]
    entries = tuple(_with_known(path.stem, entry, known) for entry in read)
    _unique(path.name, entries)
    return Suite(path.stem, path.name, hashlib.sha256(content).hexdigest(), entries)


def _entry(file: str, number: int, raw: object) -> Entry:
    """One entry; every word that we do not know is an error."""
    where = f"{file}: entry {number}"
    if not isinstance(raw, dict):
        raise SuiteError(f"{where} must be an object with type, kwargs, severity and meta")
    _exactly(where, raw, ENTRY)
    if not (isinstance(raw["kwargs"], dict) and isinstance(raw["meta"], dict)):
        raise SuiteError(f"{where}: kwargs and meta must be objects")
    meta = cast("dict[str, str]", raw["meta"])
    _exactly(f"{where} meta", meta.keys() - {"frame"}, META)
    _sensible(f"{where} ({meta['name']})", raw["severity"], meta)
    return Entry(
        name=meta["name"],
        type=raw["type"],
        kwargs=raw["kwargs"],
        severity=raw["severity"],
        frame=meta.get("frame", WHOLE),
        asked=meta["asked"],
        reason=Bilingual(meta["reason_vi"], meta["reason_en"]),
    )


def _with_known(table: str, entry: Entry, every: tuple[Known, ...]) -> Entry:
    """The entry with its rows of the baseline; only what warns can have some."""
    known = tuple(each for each in every if each.check == f"{table}.{entry.name}")
    if known and entry.severity == "critical":
        raise SuiteError(f"{BASELINE}: {known[0].check} stops publications: correct the rows, or see docs/waivers.md")
    return replace(entry, known=known)


def _sensible(where: str, severity: object, meta: Mapping[str, str]) -> None:
    frame = meta.get("frame", WHOLE)
    if severity not in CHECK_SEVERITIES:
        raise SuiteError(f"{where}: severity {severity!r} is not one of {', '.join(CHECK_SEVERITIES)}")
    if not NAME.fullmatch(meta["name"]):
        raise SuiteError(f"{where}: a name is lower case words joined by _")
    if not (meta["reason_en"].strip() and meta["reason_vi"].strip()):
        raise SuiteError(f"{where}: say why, in English and Vietnamese")
    if meta["asked"] not in ASKED:
        raise SuiteError(f"{where}: asked is {meta['asked']!r}; say {' or '.join(ASKED)}")
    if frame not in comparisons.FRAMES:
        raise SuiteError(f"{where}: no frame is called {frame!r}; known: {', '.join(sorted(comparisons.FRAMES))}")


def _exactly(where: str, given: Iterable[str], wanted: set[str]) -> None:
    missing, extra = sorted(wanted - {*given}), sorted({*given} - wanted)
    if missing or extra:
        raise SuiteError(f"{where}: missing {missing or 'nothing'}, unknown {extra or 'nothing'}")


def _unique(file: str, entries: tuple[Entry, ...]) -> None:
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SuiteError(f"{file}: more than one entry is called {', '.join(twice)}")


def expectations_folder() -> Path:
    """The folder ``expectations``: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parents[1]
    inside = package / "expectations"
    return inside if inside.is_dir() else package.parent / "expectations"
