"""Rebuilding a release: from the receipts that its ledger entry names, by the same flow, in one process.

Here: whether every input is still there, making the files again, and what differs from those that were published.
Not here: how a table is made (``flow``), and how a release is made for the first time (``publish``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl
from pandera.errors import SchemaDefinitionError, SchemaError, SchemaErrors
from polars.exceptions import PolarsError

from dti_platform import publications
from dti_platform.pipeline.flow import Yearly, made_by_release, make, yearly_tables
from dti_platform.pipeline.publish import descriptions, properties
from dti_platform.pipeline.versions import code_versions, framework_versions
from dti_platform.publications import Announced
from dti_platform.storage import Corrupt, CorruptRelease, Missing, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dti_platform.pipeline import Platform
    from dti_platform.storage import OpenRelease, Receipt, Release, Store

#: What the code at hand raises where its schema, rules, reference data or packages do not fit the release's inputs: a
#: contract or reference table that is broken, a table, column or feed that is gone, a type that is another.
MISFITS = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError,
    PolarsError, SchemaError, SchemaErrors, SchemaDefinitionError, Refused,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of rebuilding a release.

    Attributes:
        release: its name.
        files: how many files it has.
        commit: the commit that it was made at, if it was recorded.
        gone: inputs that are no longer there or no longer what they were; nothing was made.
        differing: files that do not come out as they were published; all of them where there is an error.
        changed: what is not as it was when the release was made.
        error: why the code at hand could not make it.
    """

    release: str
    files: int
    commit: str | None
    gone: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    error: str | None = None

    @property
    def whole(self) -> bool:
        """Whether every file came out to the byte."""
        return not (self.gone or self.differing or self.error)

    def to_dict(self) -> Mapping[str, object]:
        """For ``--json``."""
        return asdict(self) | {"whole": self.whole}


def rebuild(platform: Platform, name: str) -> Rebuilt:
    """Makes a release (by name or number) again and compares each file; a folder that is gone is put back.

    Raises:
        Missing: the ledger has no such release.
    """
    release = platform.store.releases.recorded(name)
    record = release.record
    result = Rebuilt(release.name, len(release.files), record.get("commit"), changed=_changed(record, code_versions()))
    receipts, gone = _inputs(platform.store, release)
    earlier, unmade = _before(platform, release)
    try:
        result = replace(result, changed=result.changed + _changed_rules(platform, record))
        if gone or unmade:
            return replace(result, gone=gone + unmade)
        return replace(result, differing=_differing(platform, release, receipts, earlier))
    except CorruptRelease as error:  # of one further back, whose changes are asked for
        return replace(result, gone=(str(error),))
    except MISFITS as error:
        return replace(result, differing=tuple(sorted(release.files)), error=f"{type(error).__name__}: {error}")


def _differing(
    platform: Platform, release: Release, receipts: Sequence[Receipt], earlier: Sequence[OpenRelease]
) -> tuple[str, ...]:
    """The files that do not come out as they were published."""
    years: list[int] = release.record["years"]
    parsed = {year: platform.reader.read([each for each in receipts if each.year == year]) for year in years}
    made = make(parsed, platform.known)
    announced = Announced(release.number, release.kind, release.reason)

    def yearly(table: str) -> Yearly:
        return Yearly.of(made[table])

    parts = {half: pl.concat(rows) for _, half, rows in yearly_tables(yearly)}
    parts |= publications.apart(dict(made_by_release(yearly, earlier, announced, platform.known)))
    package = properties(release.record["waivers"])
    return tuple(platform.store.releases.rebuild(release.name, parts, descriptions(), properties=package))


def _inputs(store: Store, release: Release) -> tuple[list[Receipt], tuple[str, ...]]:
    """The receipts that the release rests on, and what of their files is gone."""
    wanted = set(release.record["receipts"])
    receipts = [each for each in store.landing.receipts() if each.number in wanted]
    gone: list[str] = []
    for each in receipts:
        try:
            store.landing.read(each.sha256)
        except (Missing, Corrupt) as error:
            gone.append(f"{each.feed}/{each.period}/{each.name}: {error}")
    return receipts, tuple(gone)


def _before(platform: Platform, release: Release) -> tuple[list[OpenRelease], tuple[str, ...]]:
    """The releases before, the newest rebuilt if its folder is gone; or why that can't be had."""
    if release.number == 1:
        return [], ()
    releases = platform.store.releases
    previous = releases.recorded(str(release.number - 1))
    if not previous.path.is_dir() and not (again := rebuild(platform, previous.name)).whole:
        reasons = "; ".join((*again.gone, *([again.error] if again.error else again.differing)))
        return [], (f"release {previous.name}, which this one was compared with: {reasons}",)
    if faults := releases.verify(previous.name):
        return [], tuple(faults)
    return releases.back(previous.number), ()


def _changed(then: Mapping[str, str | None], now: Mapping[str, str | None]) -> tuple[str, ...]:
    """What of code, lock and reference data is not what the release was made with."""
    return tuple(
        f"{name}: the release was made with {_short(then.get(name))}, here is {_short(now[name])}"
        for name in ("code", "lock", "reference")
        if then.get(name) != now[name]
    )


def _changed_rules(platform: Platform, then: Mapping[str, Any]) -> tuple[str, ...]:
    """The frameworks whose files are not what the release was made with."""
    before, now = then["frameworks"], framework_versions(platform.known.frameworks)
    differing = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    return tuple(f"framework {name}: its file is not what it was" for name in differing)


def _short(version: str | None) -> str:
    return version[:12] if version else "none"
