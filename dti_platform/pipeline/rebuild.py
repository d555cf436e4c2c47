"""Making a release again: from the receipts that its ledger entry names, through the same rooms, without Dagster.

Here: whether everything that went in is still there, the way from files to released tables in one process, and the
comparison with what was published. Not here: how a release is made for the first time (``assets``, ``platform``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform import methodology, publications, quality, tables
from dti_platform.pipeline import contents
from dti_platform.publications import Announced
from dti_platform.storage import Corrupt, Missing, Refused

if TYPE_CHECKING:
    from dti_platform.pipeline.platform import Platform
    from dti_platform.storage import OpenRelease, Receipt, Release

__all__ = ["Rebuilt", "rebuild", "tables_from"]

Years = Mapping[int, pl.DataFrame]

#: How code fails that expects other columns than the release and the one before it have.
FAILURES = (ValueError, KeyError, Refused, pl.exceptions.PolarsError)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of making a release again.

    Attributes:
        release: its name.
        files: how many files it has.
        gone: inputs that are no longer there or no longer what they were; nothing was made.
        differing: files that do not come out as they were published.
        changed: what is not as it was when the release was made, with what to do about it.
        error: why the code at hand could not make it.
    """

    release: str
    files: int
    gone: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    error: str | None = None

    @property
    def whole(self) -> bool:
        """Whether every file came out to the byte."""
        return not (self.gone or self.differing or self.error)

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self) | {"whole": self.whole}


def rebuild(platform: Platform, name: str) -> Rebuilt:
    """Makes a release (by name or number) again and compares each file; a folder that is gone is put back.

    Raises:
        Missing: the ledger has no such release.
    """
    releases = platform.store.releases
    release = releases.recorded(name)
    receipts, gone = _inputs(platform, release)
    before, unmade = _before(platform, release)
    changed = _changed(release.record, platform.record_of_code())
    if gone or unmade:
        return Rebuilt(release.name, len(release.files), gone + unmade, changed=changed)
    announced = Announced(release.number, release.kind, release.reason)
    try:
        made = tables_from(platform, receipts, release.record["years"])
        frames = contents.released(made.__getitem__, before, announced)
        properties = contents.properties(release.record["waivers"])
        differing = releases.rebuild(release.name, frames, contents.descriptions(), properties=properties)
    except FAILURES as error:
        return Rebuilt(release.name, len(release.files), changed=changed, error=str(error))
    return Rebuilt(release.name, len(release.files), differing=tuple(differing), changed=changed)


def tables_from(platform: Platform, receipts: Iterable[Receipt], years: Sequence[int]) -> dict[str, pl.DataFrame]:
    """Every published table of these years from the landed files of these receipts, and the shared tables.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    chosen = list(receipts)
    shared: dict[str, Years] = {}
    parsed = {year: platform.read([each for each in chosen if each.year == year]) for year in years}
    for name in ("observations", "quarantine", "submissions"):
        shared[name] = _held(name, {year: getattr(each, name) for year, each in parsed.items()})
    known = platform.units, platform.frameworks
    read = shared["observations"]
    shared["scores"] = _held("scores", {year: methodology.score_year(year, read[year], *known) for year in years})
    shared["rankings"] = _held(
        "rankings",
        {year: methodology.rank_year(year, shared["scores"][year], read[year], *known) for year in years},
    )
    frames = {name: list(each.values()) for name, each in shared.items()}
    for name, module in publications.discover().items():
        frames[name] = [
            module.build(year, _of(shared, module.INPUTS, year), _of(shared, module.INPUTS_BEFORE, year - 1), *known)
            for year in years
        ]
    return {name: pl.concat(each) if each else publications.empty(name) for name, each in frames.items()}


def _held(name: str, frames: Years) -> Years:
    """Shared tables as they would have been stored: held to their contract, sorted by key."""
    return quality.contracts(name, tables.TABLES[name], frames)


def _of(shared: Mapping[str, Years], names: Iterable[str], year: int) -> dict[str, pl.DataFrame]:
    return {name: shared[name].get(year, publications.empty(name)) for name in names}


def _inputs(platform: Platform, release: Release) -> tuple[list[Receipt], tuple[str, ...]]:
    """The receipts that the release rests on, and what of their files is gone."""
    wanted = set(release.record["receipts"])
    receipts = [each for each in platform.store.landing.receipts() if each.number in wanted]
    gone: list[str] = []
    for each in receipts:
        try:
            platform.store.landing.read(each.sha256)
        except (Missing, Corrupt) as error:
            gone.append(f"{each.feed}/{each.period}/{each.name}: {error}")
    return receipts, tuple(gone)


def _before(platform: Platform, release: Release) -> tuple[OpenRelease | None, tuple[str, ...]]:
    """The release before, made again if its folder is gone; or why it can't be had."""
    if release.number == 1:
        return None, ()
    releases = platform.store.releases
    previous = releases.recorded(str(release.number - 1))
    if not previous.path.is_dir() and not (again := rebuild(platform, previous.name)).whole:
        told = "; ".join((*again.gone, *again.differing, *([again.error] if again.error else [])))
        return None, (f"release {previous.name}, which this one was compared with: {told}",)
    if faults := releases.verify(previous.name):
        return None, tuple(faults)
    return releases.open(previous.name), ()


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """What of code, lock, reference and frameworks is not what the release was made with."""
    commit = f"check out commit {then['commit']}" if then.get("commit") else "check out the code of that day"
    found = [
        f"{name}: the release was made with {_short(then.get(name))}, here is {_short(now[name])}; {commit}"
        for name in ("code", "lock", "reference")
        if then.get(name) != now[name]
    ]
    differ = sorted(
        name
        for name in then["frameworks"].keys() | now["frameworks"].keys()
        if then["frameworks"].get(name) != now["frameworks"].get(name)
    )
    return tuple(found + [f"framework {name}: its file is not what it was; {commit}" for name in differ])


def _short(version: str | None) -> str:
    return version[:12] if version else "none"
