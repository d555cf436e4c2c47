"""The rooms put together for one data root: what the assets call. Knows no Dagster.

Here: landing what arrived, reading a year, gathering and publishing. Not here: how any of it is done.
"""

from __future__ import annotations

import functools
import hashlib
import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform import feeds, methodology, publications, quality, tables, units
from dti_platform.feeds import corrections
from dti_platform.pipeline import contents
from dti_platform.pipeline.check_pages import Docs
from dti_platform.pipeline.gate import Gate
from dti_platform.pipeline.journal import Journal
from dti_platform.pipeline.versions import commit, lock_version, reference_version, source_version
from dti_platform.storage import Refused, year_of
from dti_platform.submissions import (
    answer_arrivals,
    arrived,
    counting,
    landed,
    may_be_taken,
    read_versions,
    take_folders,
    unanswered,
)

if TYPE_CHECKING:
    from dti_platform.storage import Arrival, Receipt, Release, Store
    from dti_platform.units import Units

#: How long a run that nobody started looks whether a file still grows.
LOOK_SECONDS = 1.0
READ = ("observations", "quarantine", "submissions")


@dataclass(frozen=True)
class Landed:
    """What stands in landing after a look at the feeds and the inbox."""

    standing: tuple[Receipt, ...]
    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]

    @property
    def version(self) -> str:
        """Content version: the same files under the same names give the same version."""
        text = "\n".join(sorted(f"{each.feed} {each.period} {each.name} {each.sha256}" for each in self.standing))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Made:
    """The release that stands after a publication, and whether this run made it."""

    release: Release
    is_new: bool
    rows: Mapping[str, int]
    results: tuple[quality.CheckResult, ...]


class PublicationStopped(Exception):
    """A blocking check failed, or could not run: nothing is published, the last release stands."""

    def __init__(self, results: Iterable[quality.CheckResult]) -> None:
        """All answers of the gate, among them those that block."""
        self.results = tuple(results)
        blocking = [each for each in self.results if each.blocks]
        named = "; ".join(f"{each.table}.{each.name} ({each.outcome}): {each.reason_en}" for each in blocking)
        super().__init__(f"{len(blocking)} blocking check(s) stop the release: {named}")


@dataclass
class Platform:
    """One data root with its units and frameworks, loaded once and only where they are needed."""

    store: Store
    on_step: Callable[[str], None] = field(default=lambda _: None)

    @functools.cached_property
    def units(self) -> Units:
        """Every unit, each reference table held to its contract."""
        return units.load()

    @functools.cached_property
    def frameworks(self) -> methodology.Frameworks:
        """Every framework, each checked as a tree."""
        return methodology.load(units=self.units)

    @functools.cached_property
    def gate(self) -> Gate:
        """The content checks."""
        return Gate(self.store, lambda: self.units, lambda: self.frameworks)

    @functools.cached_property
    def journal(self) -> Journal:
        """What this run leaves in the ledger."""
        return Journal(self.store.ledger)

    @functools.cached_property
    def docs(self) -> Docs:
        """The pages that show a run's checks."""
        return Docs(self.store, self.gate.waivers, self.gate.today())

    def judge(self, table: str, years: Iterable[int], run_id: str) -> tuple[list[quality.CheckResult], Path]:
        """The answers of a table's suite over the years of a run, and the page that shows them."""
        wanted = list(years)
        self.on_step(f"{table} checks")
        results = self.gate.check(table, self.rows(table, wanted), wanted)
        self.journal.judged(results)
        return results, self.docs.add(run_id, table, results)

    @functools.cached_property
    def models(self) -> Mapping[str, type[tables.Table]]:
        """The contract of every table that is written."""
        return tables.TABLES | {name: module.MODEL for name, module in publications.discover().items()}

    def land(self, *, patient: bool = False) -> Landed:
        """Keep every byte of the feeds and the inbox; what is no plain file in its place is named, not taken.

        What a killed run left unfinished is finished or removed first. Whatever came by the inbox is answered.

        Args:
            patient: leave files that are being written to while one looks; a run that nobody started is.
        """
        self.on_step("receipts")
        self.store.sweep()
        taken = take_folders(self.store, self._growing() if patient else ())
        if unanswered(self.store):
            answer_arrivals(self.store, feeds.Known(self.units, self.frameworks))
        return Landed(tuple(self.standing()), taken.new, taken.withdrawn, taken.refused)

    def _growing(self) -> set[Path]:
        """What in the inbox is written to while one looks."""
        before = {each.path: each.mark() for each in self.inbox()}
        time.sleep(LOOK_SECONDS)
        return {each.path for each in self.inbox() if before.get(each.path) != each.mark()}

    def standing(self, year: int | None = None) -> list[Receipt]:
        """The receipts that count; the rule is landing's."""
        return self.store.landing.standing(year)

    def read_year(self, year: int) -> feeds.Parsed:
        """Every standing file of a year, read by its feed; remembered as long as files, code and reference stand."""
        received = [landed(self.store, each) for each in self.standing(year)]
        key = version_of(received)
        kept = [self.store.cache.get(f"{key}-{name}") for name in READ]
        if all(kept):
            observations, quarantine, submissions = (pl.read_ipc(io.BytesIO(content or b"")) for content in kept)
            whole = feeds.Parsed(observations, quarantine, submissions)
        else:
            whole = self._parsed(received)
            for name in READ:
                self.store.cache.put(f"{key}-{name}", encoded(getattr(whole, name)))
        self.journal.read(whole.submissions)
        return whole

    def read(self, receipts: Iterable[Receipt]) -> feeds.Parsed:
        """The landed files of these receipts, each read by its feed; nothing remembered is used."""
        return self._parsed([landed(self.store, each) for each in receipts])

    def _parsed(self, received: Iterable[feeds.Received]) -> feeds.Parsed:
        known = feeds.Known(self.units, self.frameworks)
        parsed = counting(read_versions(list(received), known))
        corrections.must_be_met(parsed)
        observations, quarantine, submissions = (
            gather(name, [getattr(each, name) for each in parsed]) for name in READ
        )
        return feeds.Parsed(observations, quarantine, submissions)

    def rows(self, table: str, years: Iterable[int] | None = None) -> pl.DataFrame:
        """A table of these years (default: all that stand), each verified against its sha256."""
        held = self.store.tables.years(table)
        wanted = [year for year in held if years is None or year in set(years)]
        return gather(table, [self.store.tables.read(table, year) for year in wanted])

    def publish(self, run_id: str, kind: str = "scheduled", reason: str | None = None) -> Made:
        """Re-verify every published table from its files, then publish all of them, or nothing.

        Args:
            run_id: who publishes.
            kind: scheduled, revision (better data) or correction (a mistake).
            reason: why; must be given for a revision or a correction.

        Raises:
            PublicationStopped: a critical check failed or could not run.
            quality.ContractBroken: a table breaks its contract.
        """
        before = self.store.releases.latest()
        announced = publications.Announced(before.number + 1 if before else 1, kind, reason)
        opened = self.store.releases.open(before.name) if before else None
        frames = contents.released(self.rows, opened, announced)
        results = [result for name in self.gate.suites for result in self.gate.check(name, self._checked(name, frames))]
        self.journal.judged(results)
        if any(each.blocks for each in results):
            raise PublicationStopped(results)
        waived = sorted({str(each.waiver) for each in results if each.waiver})
        self.journal.write(run_id)
        made = self.store.releases.publish(
            frames,
            contents.descriptions(),
            kind=kind,
            reason=reason,
            record=self.record(run_id, waived),
            properties=contents.properties(waived),
            holder=run_id,
            after=announced.number - 1,
        )
        release = made or before
        if release is None:  # pragma: no cover - publish made one or found one
            raise RuntimeError("a publication left no release")
        self.journal.ended(run_id, release.name)
        return Made(release, made is not None, {name: frame.height for name, frame in frames.items()}, tuple(results))

    def _checked(self, name: str, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        return frames[name] if name in frames else self.rows(name)

    def record(self, run_id: str, waived: Sequence[str]) -> dict[str, Any]:
        """What a release is made from, for the ledger: inputs, frameworks, code and lock by hash."""
        return {
            "run": run_id,
            "years": self.store.tables.years("observations"),
            "receipts": [each.number for each in self._used()],
            "inputs": {"/".join(each.place): each.sha256 for each in self._used()},
            "waivers": list(waived),
            **self.record_of_code(),
        }

    def record_of_code(self) -> dict[str, Any]:
        """What every table is made with: frameworks, code, lock and reference by hash, and the commit checked out."""
        return {
            "frameworks": {each.name: each.sha256 for each in self.frameworks.all},
            "code": source_version("."),
            "lock": lock_version(),
            "reference": reference_version(),
            "commit": commit(),
        }

    def _used(self) -> list[Receipt]:
        """The receipts that the stored tables were read from: a year that was not run may stand on older ones."""
        held = self.rows("submissions").select("feed", "period", "file_name", "file").rows()
        received = self.store.landing.receipts()
        newest = {(each.feed, each.period, each.name, each.sha256): each for each in received if not each.refusal}
        return sorted((newest[each] for each in held), key=lambda each: each.number)

    def failed(self, run_id: str, failure: str) -> None:
        """The ledger says what a run that fails had read and checked, and why it ended."""
        latest = self.store.releases.latest()
        self.journal.ended(run_id, latest.name if latest else None, failure)

    def has_input(self, feed: str, year: int) -> bool:
        """Whether anything of a feed for a year was received or lies in its folders."""
        received = any(True for _ in self.store.landing.receipts(feed, year))
        return received or any(each.feed == feed and self._year(each) == year for each in arrived(self.store))

    def inbox(self) -> list[Arrival]:
        """What lies in the inbox and may be taken."""
        return list(may_be_taken(self.store))

    def waiting(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Those arrivals that are not what came last under their name in their folder, or have no answer yet."""
        held = self.store.landing.last()
        unread = {(each.slot, each.sha256) for each in unanswered(self.store)}
        named = [(each, digest) for each in arrivals if (digest := _digest(each))]
        return [each for each, sha in named if held.get(each.slot) != sha or (each.slot, sha) in unread]

    @staticmethod
    def _year(arrival: Arrival) -> int | None:
        return year_of(arrival.period) if arrival.period[:4].isdigit() else None


def _digest(arrival: Arrival) -> str | None:
    """The sha256 of a file in a folder; None where it can't be read any more."""
    try:
        return hashlib.sha256(arrival.read()).hexdigest()
    except Refused:
        return None


def version_of(received: Iterable[feeds.Received]) -> str:
    """What reading these files depends on: their bytes and names, the code that reads, and the names it knows."""
    code = source_version("reading", "feeds", "units.py", "methodology", "tables.py", "reference_tables")
    told = [f"{each.feed} {each.period} {each.name} {each.sha256} {each.sender} {each.number}" for each in received]
    return hashlib.sha256("\n".join([code, reference_version(), *told]).encode()).hexdigest()


def encoded(frame: pl.DataFrame) -> bytes:
    """A frame as Arrow IPC."""
    sink = io.BytesIO()
    frame.write_ipc(sink)
    return sink.getvalue()


def gather(table: str, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one table as one; no frames give a table without rows."""
    return pl.concat(frames) if frames else publications.empty(table)
