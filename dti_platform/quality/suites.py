"""Suites: the expectations for each table, read strictly from ``expectations/``, with the rows that are known to fail.

Here: the fields of an entry (type, kwargs, severity, name, where it is asked, reason in two languages, frame). An entry
for one table is in ``<table>.json``; one for several tables is written once, in ``shared.json``, with its tables.
Not here: running it (``checks``), nor the frames that an entry may name (``comparisons``). Great Expectations drops an
entry that it can't parse and lets the suite pass, so entries are parsed here: every entry is counted and named.
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
#: Optional keys of ``meta``: the frame, and the checks that this one replaced.
OPTIONAL = {"frame", "formerly"}
#: The file of entries for several tables: each lists its ``tables``.
SHARED = "shared"
#: Where an entry is asked first: of each file before it is accepted, or only of tables, because it needs many files.
ASKED = ("door", "gate")
#: The frame of an entry that names none: the table itself.
WHOLE = "table"
NAME = re.compile(r"[a-z][a-z0-9_]*")
CHECK = re.compile(rf"{NAME.pattern}\.{NAME.pattern}")
#: Expectation types that judge each row by itself, so that rows can be checked in batches.
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
    """One expectation: what must hold (``type``, ``kwargs``) on which frame, the severity of a failure, and why.

    ``asked``: ``door`` if the same is asked of each file before it is accepted (``feeds.door``), so that no accepted
    file can fail it; else ``gate``. ``known``: rows of the committed feeds that are known to fail it. ``formerly``:
    former checks (``<table>.<name>``) that this one replaced. ``file``: the file that declares it.
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
        """Whether its answer about all years can be joined from its answers about groups of years."""
        return self.type in ROW_BY_ROW and self.frame not in comparisons.ACROSS_YEARS


@dataclass(frozen=True, slots=True)
class Suite:
    """All entries of one table: those of its file, in order, then those that it shares with other tables."""

    table: str
    entries: tuple[Entry, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        """The names of its entries in waivers and the baseline: ``<table>.<name>``."""
        return tuple(f"{self.table}.{entry.name}" for entry in self.entries)


def suites(folder: Path | None = None) -> dict[str, Suite]:
    """Every suite by table name.

    Raises:
        SuiteError: a file or entry can't be read, or the baseline names a check that does not exist or that stops
            publications; the message names both, and the fix.
    """
    root = folder or expectations_folder()
    known = baseline(root)
    by_table: dict[str, list[Entry]] = {}
    for path in sorted(root.glob("*.json"), key=lambda path: (path.stem == SHARED, path.name)):
        for table, entry in _entries(path):
            by_table.setdefault(table, []).append(_with_known(table, entry, known))
    by_name = {table: Suite(table, tuple(entries)) for table, entries in sorted(by_table.items())}
    for suite in by_name.values():
        _check_unique(suite)
    check_names_exist(BASELINE, (row.check for row in known), by_name)
    return by_name


def check_names_exist(file: str, names: Iterable[str], suites: Mapping[str, Suite]) -> None:
    """Check that every check that a file names exists.

    Raises:
        SuiteError: one does not; the message gives the present name of a check that was replaced.
    """
    checks = {check for suite in suites.values() for check in suite.checks}
    unknown = sorted({*names} - checks)
    if unknown:
        raise SuiteError(f"{file}: {'; '.join(_correction(name, suites) for name in unknown)}")


def _correction(name: str, suites: Mapping[str, Suite]) -> str:
    """What to write instead of a name that no check has."""
    replacements = [
        check
        for suite in suites.values()
        for entry, check in zip(suite.entries, suite.checks, strict=True)
        if name in entry.formerly
    ]
    if replacements:
        return f"{name} is part of {' and '.join(replacements)} now: write that"
    return f"no check is called {name}; write <table>.<name>"


def by_years(suite: Suite) -> tuple[Suite, Suite]:
    """The suite in two: entries that may be asked about groups of years, and entries that need all years together."""
    separable = tuple(entry for entry in suite.entries if entry.by_years)
    others = tuple(entry for entry in suite.entries if entry not in separable)
    return replace(suite, entries=separable), replace(suite, entries=others)


def needs(suite: Suite) -> set[str]:
    """The names of the comparison frames that the caller must hand in for the suite's entries."""
    return {name for entry in suite.entries for name in comparisons.inputs(entry.frame)}


def _entries(path: Path) -> Iterator[tuple[str, Entry]]:
    """The entries of a file ``{"name": "<table>", "expectations": [...]}``, each with a table that it checks."""
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
    """One entry; every unknown word is an error."""
    where = f"{file}: entry {number}"
    if not isinstance(raw, dict):
        raise SuiteError(f"{where} must be an object with type, kwargs, severity and meta")
    shared = file == f"{SHARED}.json"
    _check_keys(where, raw, ENTRY | {"tables"} if shared else ENTRY)
    if not (isinstance(raw["kwargs"], dict) and isinstance(raw["meta"], dict)):
        raise SuiteError(f"{where}: kwargs and meta must be objects")
    meta = cast("dict[str, str]", raw["meta"])
    _check_keys(f"{where} meta", meta.keys() - OPTIONAL, META)
    where = f"{where} ({meta['name']})"
    _check_values(where, raw["severity"], meta)
    if shared:
        _check_names(f"{where}: tables", raw["tables"], NAME, least=2)
    formerly = raw["meta"].get("formerly", [])
    _check_names(f"{where}: formerly", formerly, CHECK)
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


def _check_names(where: str, value: object, pattern: re.Pattern[str], *, least: int = 0) -> None:
    """Check that the value is a list of at least so many names, without duplicates."""
    names = cast("list[object]", value) if isinstance(value, list) else [None]
    if len({*map(str, names)}) < max(least, len(names)) or not all(pattern.fullmatch(str(name)) for name in names):
        raise SuiteError(f"{where} must list {least or 'some'} or more names once each, as in {pattern.pattern}")


def _with_known(table: str, entry: Entry, baseline_rows: tuple[Known, ...]) -> Entry:
    """The entry with its rows of the baseline; an entry that stops publications may have none."""
    known = tuple(row for row in baseline_rows if row.check == f"{table}.{entry.name}")
    if known and entry.severity == "critical":
        raise SuiteError(f"{BASELINE}: {known[0].check} stops publications: correct the rows, or see docs/waivers.md")
    return replace(entry, known=known)


def _check_values(where: str, severity: object, meta: Mapping[str, str]) -> None:
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


def _check_keys(where: str, keys: Iterable[str], expected: set[str]) -> None:
    missing, extra = sorted(expected - {*keys}), sorted({*keys} - expected)
    if missing or extra:
        raise SuiteError(f"{where}: missing {missing or 'nothing'}, unknown {extra or 'nothing'}")


def _check_unique(suite: Suite) -> None:
    names = [entry.name for entry in suite.entries]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise SuiteError(f"{suite.table}: more than one entry is called {', '.join(duplicates)}")


def expectations_folder() -> Path:
    """The folder ``expectations``: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parents[1]
    inside = package / "expectations"
    return inside if inside.is_dir() else package.parent / "expectations"
