"""Rebuilding a release from the receipts of its ledger entry, by the same flow, in one process.

Here: whether every input still exists, making the files again, and which files differ from the published ones.
Not here: how a table is made (``flow``), and how a release is first made (``publish``).
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
    from dti_platform.storage.releases import Remade

#: What the current code raises where its schema, rules, reference data or packages do not fit the release's inputs: a
#: broken contract or reference table, a removed table, column or feed, a changed type.
MISFITS = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError,
    PolarsError, SchemaError, SchemaErrors, SchemaDefinitionError, Refused,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The result of rebuilding a release.

    Attributes:
        release: its name.
        files: how many files it has.
        commit: the commit that it was made at, if recorded.
        gone: inputs that are missing or changed; nothing was made.
        differing: files that differ from the published ones; all of them where there is an error.
        put_back: files of its folder that were missing or damaged and are as published now.
        faults: what else is wrong with its folder.
        changed: code, lock, reference data or frameworks that have changed since the release was made.
        error: why the current code could not make it.
    """

    release: str
    files: int
    commit: str | None
    gone: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    error: str | None = None
    put_back: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every file is equal to the published one, byte for byte, and lies so in the release's folder."""
        return not (self.gone or self.differing or self.error or self.faults)

    def to_dict(self) -> Mapping[str, object]:
        """For ``--json``."""
        return asdict(self) | {"whole": self.whole}


def rebuild(platform: Platform, name: str) -> Rebuilt:
    """Make a release (by name or number) again and compare each file.

    What is missing or damaged in its folder is restored.

    Raises:
        Missing: the ledger has no release of this name.
    """
    release = platform.store.releases.recorded(name)
    record = release.record
    result = Rebuilt(
        release.name, len(release.files), record.get("commit"), changed=_changed_versions(record, code_versions())
    )
    receipts, missing = _inputs(platform.store, release)
    previous_releases, unavailable = _previous_releases(platform, release)
    try:
        result = replace(result, changed=result.changed + _changed_rules(platform, record))
        if missing or unavailable:
            return replace(result, gone=missing + unavailable)
        return replace(result, **_remade(platform, release, receipts, previous_releases)._asdict())
    except CorruptRelease as error:  # of an earlier release, whose changes are needed
        return replace(result, gone=(str(error),))
    except MISFITS as error:
        return replace(result, differing=tuple(sorted(release.files)), error=f"{type(error).__name__}: {error}")


def _remade(
    platform: Platform, release: Release, receipts: Sequence[Receipt], previous_releases: Sequence[OpenRelease]
) -> Remade:
    """The files made again, compared, and put back."""
    years: list[int] = release.record["years"]
    parsed = {year: platform.reader.read([receipt for receipt in receipts if receipt.year == year]) for year in years}
    results = make(parsed, platform.known)
    announced = Announced(release.number, release.kind, release.reason)

    def yearly(table: str) -> Yearly:
        return Yearly.of(results[table])

    parts = {half: pl.concat(rows) for _, half, rows in yearly_tables(yearly)}
    parts |= publications.apart(dict(made_by_release(yearly, previous_releases, announced, platform.known)))
    package = properties(release.record["waivers"])
    return platform.store.releases.rebuild(release.name, parts, descriptions(), properties=package)


def _inputs(store: Store, release: Release) -> tuple[list[Receipt], tuple[str, ...]]:
    """The receipts that the release was made from, and those whose files are missing or corrupt, with the error."""
    numbers = set(release.record["receipts"])
    receipts = [receipt for receipt in store.landing.receipts() if receipt.number in numbers]
    missing: list[str] = []
    for receipt in receipts:
        try:
            store.landing.read(receipt.sha256)
        except (Missing, Corrupt) as error:
            missing.append(f"{receipt.feed}/{receipt.period}/{receipt.name}: {error}")
    return receipts, tuple(missing)


def _previous_releases(platform: Platform, release: Release) -> tuple[list[OpenRelease], tuple[str, ...]]:
    """The previous releases, the newest rebuilt if its folder is missing or damaged; or why they are not available."""
    if release.number == 1:
        return [], ()
    releases = platform.store.releases
    previous = releases.recorded(str(release.number - 1))
    if previous.damaged() and not (rebuilt := rebuild(platform, previous.name)).whole:
        reasons = "; ".join((*rebuilt.gone, *([rebuilt.error] if rebuilt.error else rebuilt.differing)))
        return [], (f"release {previous.name}, which this one was compared with: {reasons}",)
    if faults := releases.verify(previous.name):
        return [], tuple(faults)
    return releases.back(previous.number), ()


def _changed_versions(recorded: Mapping[str, str | None], current: Mapping[str, str | None]) -> tuple[str, ...]:
    """Which of code, lock and reference data have changed since the release was made."""
    return tuple(
        f"{name}: the release was made with {_short(recorded.get(name))}, here is {_short(current[name])}"
        for name in ("code", "lock", "reference")
        if recorded.get(name) != current[name]
    )


def _changed_rules(platform: Platform, record: Mapping[str, Any]) -> tuple[str, ...]:
    """The frameworks whose files have changed since the release was made."""
    recorded, current = record["frameworks"], framework_versions(platform.known.frameworks)
    differing = sorted(name for name in recorded.keys() | current.keys() if recorded.get(name) != current.get(name))
    return tuple(f"framework {name}: its file is not what it was" for name in differing)


def _short(version: str | None) -> str:
    return version[:12] if version else "none"
