"""Suites: what ``expectations/`` says of each table, read strictly, with the rows that are known to fail.

Here: what an entry must say (type, kwargs, severity, name, where it is asked, reason in two languages, frame). One of a
single table stands in ``<table>.json``; one that is said of several stands once, in ``shared.json``, with its tables.
Not here: running it (``checks``), nor the frames that an entry may name (``comparisons``). Great Expectations drops an
entry that it can't parse and lets the suite pass, so nothing is left to it: every entry is counted and named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
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
#: What ``meta`` may say beside: the frame, and the checks that this one came in place of.
OPTIONAL = {"frame", "formerly"}
#: The file of entries that are said of several tables: each lists its ``tables``.
SHARED = "shared"
#: Where an entry is asked first: of each file before it counts, or of tables alone, for it needs many files.
ASKED = ("door", "gate")
#: The frame of an entry that names none: the table itself.
WHOLE = "table"
NAME = re.compile(r"[a-z][a-z0-9_]*")
CHECK = re.compile(rf"{NAME.pattern}\.{NAME.pattern}")
#: What asks each row by itself, so that some rows at a time can be asked.
ROW_BY_ROW = frozenset(
    {
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One expectation: what must hold (``type``, ``kwargs``) on which frame, how grave a failure is, and why.

    ``asked``: ``door`` where the same is asked of each file before it counts (``feeds.door``), so that no accepted file
    can fail it; else ``gate``. ``known``: rows of the committed feeds that are known to fail it. ``formerly``: checks
    (``<table>.<name>``) that are asked no longer, for what they caught is caught here. ``file``: where it stands.
    """

    name: str
    type: str
    kwargs: Mapping[str, object]
    severity: CheckSeverity
    frame: str
    asked: str
    reason: Bilingual
    known: tuple[Known, ...] = ()
    formerly: tuple[str, ...] = ()
    file: str = ""

    @property
    def by_years(self) -> bool:
        """Whether its answer about all years is what it answers about some, and about the others."""
        return self.type in ROW_BY_ROW and self.frame not in comparisons.ACROSS_YEARS


@dataclass(frozen=True, slots=True)
class Suite:
    """All entries of one table: its own in the order of its file, then those that it shares with others."""

    table: str
    entries: tuple[Entry, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        """What waivers and the baseline call its entries: ``<table>.<name>``."""
        return tuple(f"{self.table}.{entry.name}" for entry in self.entries)


def suites(folder: Path | None = None) -> dict[str, Suite]:
    """Every suite by table name.

    Raises:
        SuiteError: a file or entry can't be read, or the baseline names a check that is not one, or stops
            publications; the message names both, and the fix.
    """
    place = folder or expectations_folder()
    known = baseline(place)
    by_table: dict[str, list[Entry]] = {}
    for path in sorted(place.glob("*.json"), key=lambda path: (path.stem == SHARED, path.name)):
        for table, entry in _entries(path):
            by_table.setdefault(table, []).append(_with_known(table, entry, known))
    read = {table: Suite(table, tuple(entries)) for table, entries in sorted(by_table.items())}
    for suite in read.values():
        _unique(suite)
    called_as_they_are(BASELINE, (each.check for each in known), read)
    return read


def called_as_they_are(file: str, named: Iterable[str], suites: Mapping[str, Suite]) -> None:
    """That each check that a file names is one.

    Raises:
        SuiteError: it is none; the message says what a check that went is called now.
    """
    checks = {check for suite in suites.values() for check in suite.checks}
    strays = sorted({*named} - checks)
    if strays:
        raise SuiteError(f"{file}: {'; '.join(_called(stray, suites) for stray in strays)}")


def _called(stray: str, suites: Mapping[str, Suite]) -> str:
    now = [
        check
        for suite in suites.values()
        for entry, check in zip(suite.entries, suite.checks, strict=True)
        if stray in entry.formerly
    ]
    if now:
        return f"{stray} is part of {' and '.join(now)} now: write that"
    return f"no check is called {stray}; write <table>.<name>"


def by_years(suite: Suite) -> tuple[Suite, Suite]:
    """The entries that may be asked about some years at a time, and those that are asked about all together."""
    alone = tuple(entry for entry in suite.entries if entry.by_years)
    return replace(suite, entries=alone), replace(
        suite, entries=tuple(each for each in suite.entries if each not in alone)
    )


def needs(suite: Suite) -> set[str]:
    """The comparison frames that the suite's entries ask the caller for, by name."""
    return {name for entry in suite.entries for name in comparisons.inputs(entry.frame)}


def _entries(path: Path) -> Iterator[tuple[str, Entry]]:
    """The entries of a file ``{"name": "<table>", "expectations": [...]}``, each with a table that it speaks of."""
    try:
        body = json.loads(path.read_bytes())
    except ValueError as error:
        raise SuiteError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(body, dict) or body.keys() != {"name", "expectations"} or body["name"] != path.stem:
        raise SuiteError(f'{path.name} must hold {{"name": "{path.stem}", "expectations": [...]}} and nothing else')
    for number, raw in enumerate(body["expectations"], start=1):
        entry = _entry(path.name, number, raw)
        for table in raw.get("tables", (path.stem,)):
            yield table, entry


def _entry(file: str, number: int, raw: object) -> Entry:
    """One entry; every word that we do not know is an error."""
    where = f"{file}: entry {number}"
    if not isinstance(raw, dict):
        raise SuiteError(f"{where} must be an object with type, kwargs, severity and meta")
    shared = file == f"{SHARED}.json"
    _exactly(where, raw, ENTRY | {"tables"} if shared else ENTRY)
    if not (isinstance(raw["kwargs"], dict) and isinstance(raw["meta"], dict)):
        raise SuiteError(f"{where}: kwargs and meta must be objects")
    meta = cast("dict[str, str]", raw["meta"])
    _exactly(f"{where} meta", meta.keys() - OPTIONAL, META)
    where = f"{where} ({meta['name']})"
    _sensible(where, raw["severity"], meta)
    if shared:
        _listed(f"{where}: tables", raw["tables"], NAME, least=2)
    formerly = raw["meta"].get("formerly", [])
    _listed(f"{where}: formerly", formerly, CHECK)
    return Entry(
        name=meta["name"],
        type=raw["type"],
        kwargs=raw["kwargs"],
        severity=raw["severity"],
        frame=meta.get("frame", WHOLE),
        asked=meta["asked"],
        reason=Bilingual(meta["reason_vi"], meta["reason_en"]),
        formerly=tuple(formerly),
        file=file,
    )


def _listed(where: str, given: object, pattern: re.Pattern[str], *, least: int = 0) -> None:
    """That this is a list of so many names, none of them twice."""
    names = cast("list[object]", given) if isinstance(given, list) else [None]
    if len({*map(str, names)}) < max(least, len(names)) or not all(pattern.fullmatch(str(name)) for name in names):
        raise SuiteError(f"{where} must list {least or 'some'} or more names once each, as in {pattern.pattern}")


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


def _unique(suite: Suite) -> None:
    names = [entry.name for entry in suite.entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SuiteError(f"{suite.table}: more than one entry is called {', '.join(twice)}")


def expectations_folder() -> Path:
    """The folder ``expectations``: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parents[1]
    inside = package / "expectations"
    return inside if inside.is_dir() else package.parent / "expectations"
