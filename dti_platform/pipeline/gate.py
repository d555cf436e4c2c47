"""The gate: content checks of tables, the frames that they compare with, and what stops a publication.

Here: passing frames to ``quality``, caching its answers as long as nothing changes, and the report of a run's checks.
Not here: any rule, how a report looks (``quality.check_page``) or where it is stored (``storage``).
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import itertools
import json
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform import publications, quality, tables
from dti_platform.codes import QUOTED
from dti_platform.periods import VIETNAM, Period
from dti_platform.pipeline.failing_rows import with_places
from dti_platform.pipeline.flow import stored
from dti_platform.pipeline.versions import GROUND, code_versions, source_version
from dti_platform.publications.halves import halves_of
from dti_platform.quality import trees
from dti_platform.row_order import by_key
from dti_platform.storage.pruned import begun
from dti_platform.storage.release import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from dti_platform.feeds import Known
    from dti_platform.methodology import Framework
    from dti_platform.pipeline.blocking import BlockingFile
    from dti_platform.pipeline.journal import Journal
    from dti_platform.quality import CheckResult, Suite, Waiver
    from dti_platform.storage import OpenRelease, Store


#: The columns that identify a row's source: its file, or else whose figure it is.
_FILE, _UNIT_KEY = "file", ("period", "geography", "unit")
#: The most bytes of a table's files that are checked at a time: in memory they take some 70 times as much.
MOST_BYTES = 500_000
#: The columns that identify a printed figure across releases.
_PRINTED = ["source", *_UNIT_KEY, "peer_group", "node", "measure", "value"]


class PublicationStopped(Exception):
    """A blocking check failed, or could not run: nothing is published, the last release stands."""

    def __init__(self, results: Iterable[CheckResult]) -> None:
        """``results`` are all answers of the gate, among them those that block."""
        self.results = tuple(results)
        super().__init__(why([result for result in self.results if result.blocks]))


def why(blocking: Sequence[CheckResult]) -> str:
    """Why nothing is published: the first broken rule with its first failing row."""
    first, *others = blocking
    more = f" (and {len(others)} more that stop the release)" if others else ""
    return f"{first.table}.{first.name}: {first.complaint.en}{more}"


class Judged(NamedTuple):
    """The results of a step of checks.

    Attributes:
        results: the results, of all years of the run together.
        report: the page that shows them.
        files: the received files behind the results that stop a publication.
    """

    results: Sequence[CheckResult]
    report: Path
    files: Sequence[BlockingFile]


class Compared(NamedTuple):
    """A frame that a table is compared with.

    Attributes:
        version: all that the frame depends on but the code; None: unknown, so that no answer that needs it is cached.
        make: makes the frame.
    """

    version: str | None
    make: Callable[[], pl.DataFrame]


class Gate:
    """Runs the suites of a data root's tables, and notes the answers in the journal."""

    def __init__(self, store: Store, known: Callable[[], Known], journal: Journal) -> None:
        """``known`` is called only where a comparison needs units and frameworks."""
        self.store = store
        self._known, self._journal = known, journal
        self._reports: dict[str, Path] = {}
        self._answers: dict[str, dict[str, list[CheckResult]]] = {}

    def judge(self, table: str, years: Collection[int], run_id: str) -> tuple[list[CheckResult], Path]:
        """The answers of a table's suite over the stored rows of a run's years, and the report that shows them."""
        results = with_places(self.store, self.check_stored(table, years))
        self._journal.judged(results)
        return results, self.report(run_id, table, results)

    def judge_release(self, answers: Mapping[str, list[CheckResult]]) -> list[CheckResult]:
        """The answers of every suite: those given, about tables that the release makes, and those about stored tables.

        Raises:
            PublicationStopped: a critical check failed or could not run.
        """
        by_suite = (answers[name] if name in answers else self.check_stored(name) for name in self.suites)
        results = with_places(self.store, itertools.chain.from_iterable(by_suite))
        self._journal.judged(results)
        if any(result.blocks for result in results):
            raise PublicationStopped(results)
        return results

    def check_stored(self, table: str, years: Collection[int] | None = None) -> list[CheckResult]:
        """The answers of a table's suite over its stored rows of some years (default: all).

        A large table is never in memory as a whole: entries that check each year alone run on some years at a time.
        """
        suite = self.suites.get(table)
        batches = [] if suite is None else self._year_batches(suite, years)
        if suite is None or len(batches) == 1:
            return self.check(table, self._rows(table, years), years)
        yearly, overall = quality.by_years(suite)
        batch_results = [self._results(yearly, self._rows(table, batch), batch) for batch in batches]
        results = [quality.together(entry_results) for entry_results in zip(*batch_results, strict=True)]
        if overall.entries:
            results += self._results(overall, stored(self.store, table, years), years)
        return self._with_waivers(quality.in_order(suite, results))

    def _year_batches(self, suite: Suite, years: Collection[int] | None) -> list[list[int]]:
        """The years of a suite's table in order, in batches whose files, also of compared tables, are small together.

        A table that may have a figure in another year than that of its period, such as ``sessions``, is one batch.
        """
        if "period" not in tables.key(publications.model_of(suite.table)):
            return [[]]
        batches: list[list[int]] = [[]]
        needed, total = {suite.table, *quality.needs(suite)}, 0
        stored_tables = self.store.tables
        for year in stored_tables.years(suite.table):
            if years is None or year in years:
                size = max(stored_tables.info(name, year).size for name in needed if stored_tables.has(name, year))
                if total + size > MOST_BYTES and batches[-1]:
                    batches.append([])
                    total = 0
                batches[-1].append(year)
                total += size
        return batches

    def _rows(self, table: str, years: Collection[int] | None = None) -> pl.DataFrame:
        """The stored rows in the order of a release, so that both have the same cached answers."""
        return by_key(stored(self.store, table, years), tables.key(publications.model_of(table)))

    def check(
        self, table: str, frame: pl.DataFrame, years: Collection[int] | None = None, *, today: dt.date | None = None
    ) -> list[CheckResult]:
        """The answers of a table's suite over these rows, with the waivers in force applied.

        Where ``years`` are given, the frames to compare with are restricted to them, too. A table without a suite has
        no answers. Answers are cached by the rows and the compared frames: an unchanged run makes none of these frames,
        and need not load Great Expectations.
        """
        suite = self.suites.get(table)
        return [] if suite is None else self._with_waivers(self._results(suite, frame, years), today)

    def _results(self, suite: Suite, frame: pl.DataFrame, years: Collection[int] | None) -> list[CheckResult]:
        """The answers of a suite about rows of these years, in the order of their key."""
        years = None if years is not None and {*years} >= self._all_years() else years
        others = {name: self.compared(name, suite.table, years, frame) for name in sorted(quality.needs(suite))}
        return self._cached_results(suite, frame, others)

    def _cached_results(self, suite: Suite, frame: pl.DataFrame, others: Mapping[str, Compared]) -> list[CheckResult]:
        """The answers of a suite about rows in the order of their key, cached or evaluated."""
        versions = {name: compared.version for name, compared in others.items()}
        if None in versions.values():
            return self._evaluated(suite, frame, others)
        rests_on = repr((sorted(code_versions().items()), suite, sorted(versions.items())))
        key = quality.fingerprint(frame, rests_on.encode()).hex()
        if cached := self.store.cache.get(key):
            return [quality.CheckResult.from_dict(row) for row in json.loads(cached)]
        results = self._evaluated(suite, frame, others)
        if all(result.outcome != "could_not_run" for result in results):
            self.store.cache.put(key, json.dumps([result.to_dict() for result in results]).encode())
        return results

    def _evaluated(self, suite: Suite, frame: pl.DataFrame, others: Mapping[str, Compared]) -> list[CheckResult]:
        """The answers of a suite, question by question.

        A table that equals the last release has lost nothing of it, so that the comparison with it is skipped.
        """
        frames = {name: compared.make() for name, compared in others.items()}
        unchanged = "last_release" in frames and same_rows(frame, frames["last_release"])
        if unchanged:
            frames["last_release"] = frame.clear()
        answers = (
            quality.nothing_compared(question)
            if unchanged and "last_release" in question.compared_with
            else self._cached_answer(question)
            for question in quality.questions(suite, frame, frames)
        )
        return quality.in_order(suite, (result for question_results in answers for result in question_results))

    def _with_waivers(self, results: Iterable[CheckResult], today: dt.date | None = None) -> list[CheckResult]:
        return quality.waive(results, self.waivers, today or self.today())

    def _all_years(self) -> set[int]:
        """All years that are stored or were released."""
        return {*self.store.tables.years("observations"), *self.store.releases.years()}

    def _cached_answer(self, question: quality.Question) -> list[CheckResult]:
        """The answers about one frame, cached or evaluated."""
        key = hashlib.sha256(f"{source_version('quality', *GROUND)} {question.key}".encode()).hexdigest()
        if cached := self.store.cache.get(key):
            return [quality.CheckResult.from_dict(row) for row in json.loads(cached)]
        results = quality.answers(question)
        if not question.fault:
            self.store.cache.put(key, json.dumps([result.to_dict() for result in results]).encode())
        return results

    def report(self, run_id: str, table: str, results: list[CheckResult]) -> Path:
        """Add the answers of a table to the report of a run, and give its path.

        The report is written again with each table, so that a run that stops also leaves its report.
        """
        path = self._reports.setdefault(run_id, self.store.check_reports.begin(run_id))
        answers = self._answers.setdefault(run_id, {})
        answers[table] = results
        all_results = [result for by_table in answers.values() for result in by_table]
        expired = quality.expired(self.waivers, self.today())
        page = quality.check_page(all_results, run=run_id, begun=begun(path.name), expired=expired)
        self.store.check_reports.write(path, page)
        return path

    def today(self) -> dt.date:
        """The date in Vietnam, by which a waiver is in force or has expired."""
        return self.store.clock().astimezone(VIETNAM).date()

    @functools.cached_property
    def suites(self) -> Mapping[str, Suite]:
        """Every suite of ``expectations/``."""
        return quality.suites()

    @functools.cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Every waiver, each naming a check that exists."""
        return quality.waivers(known=self.suites)

    def compared(self, name: str, table: str, years: Collection[int] | None, rows: pl.DataFrame) -> Compared:
        """The frame of that name, to compare a table with these rows; any name without a maker is a stored table."""
        makers: dict[str, Callable[[], pl.DataFrame]] = {
            "nodes": lambda: trees.nodes(self._overlaid_frameworks),
            "parts": lambda: trees.parts(self._overlaid_frameworks),
            "geographies": lambda: trees.geographies(self._known().units.geographies),
            "domains": lambda: trees.domains(self._known().units.domains),
        }
        if name in makers:
            return Compared("of the code and the reference data", makers[name])
        if name == "last_release":
            return Compared(
                self._last_released_version(table, years), lambda: of_years(self._last_released(table), years)
            )
        if name == "releases_before":
            return Compared(None, lambda: rows if rows.is_empty() else self._chronicle_history(table))
        hashes = self.store.tables.hashes()
        chosen = [year for year in self.store.tables.years(name) if years is None or year in years]
        version = repr([(year, hashes[f"{name}/{year}"]) for year in chosen])
        return Compared(version, lambda: stored(self.store, name, years))

    @functools.cached_property
    def _overlaid_frameworks(self) -> list[Framework]:
        frameworks = self._known().frameworks
        return [frameworks.overlaid(framework) for framework in frameworks.all if framework.overlay is None]

    def _last_released(self, table: str) -> pl.DataFrame:
        """The table as last released, in its current columns; no rows where it was never released."""
        latest = self.store.releases.latest()
        if latest is None or f"{table}.parquet" not in latest.files:
            return publications.empty(table)
        released = self.store.releases.open(latest.name)
        return without(publications.of_release(released, table), self._withdrawn(released).select(_FILE, *_UNIT_KEY))

    def _last_released_version(self, table: str, years: Collection[int] | None) -> str | None:
        """All that ``_last_released`` depends on, by verified bytes; None where it depends on more than the table.

        Raises:
            CorruptRelease: the bytes are not those that were published.
        """
        latest = self.store.releases.latest()
        if latest is None or f"{table}.parquet" not in latest.files:
            return "never released"
        released = self.store.releases.open(latest.name)
        if self._withdrawals or publications.version_of(released, table) != publications.SCHEMA_VERSION:
            return None
        halves = [path_of(half) for half in halves_of(table) if half in released.tables]
        for path in halves:
            released.read(path)
        return repr(([released.files[path] for path in halves], years and sorted(years)))

    def _chronicle_history(self, chronicle: str) -> pl.DataFrame:
        """The rows of a chronicle over all releases."""
        latest = self.store.releases.latest()
        return publications.history(self.store.releases.back(latest.number if latest else 0), chronicle)

    def corrected(self) -> list[str]:
        """The reasons of the withdrawals by which printed figures of the last release are no longer stored."""
        latest, reasons = self.store.releases.latest(), self._withdrawals
        if latest is None or not reasons:
            return []
        printed = self._withdrawn(self.store.releases.open(latest.name))
        if printed.is_empty():
            return []
        removed = printed.join(stored(self.store, "observations"), on=_PRINTED, how="anti", nulls_equal=True)
        return sorted({reasons[file] for file in removed[_FILE]})

    def _withdrawn(self, released: OpenRelease) -> pl.DataFrame:
        """The printed figures of files withdrawn since: they may be removed, because a person gave a reason."""
        withdrawals = self._withdrawals
        printed = (
            publications.empty("observations") if not withdrawals else publications.of_release(released, "observations")
        )
        return printed.filter(pl.col("basis").is_in(QUOTED), pl.col(_FILE).is_in(withdrawals))

    @property
    def _withdrawals(self) -> dict[str, str]:
        """The reason by sha256 of each withdrawn file that counts under no other receipt."""
        landing = self.store.landing
        withdrawals, standing = landing.held().withdrawn, {receipt.sha256 for receipt in landing.standing()}
        return {
            receipt.sha256: withdrawals[receipt.number].reason
            for receipt in landing.receipts()
            if receipt.number in withdrawals and receipt.sha256 not in standing
        }


def without(released: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """A released table without the quoted rows of withdrawn files; without a ``file`` column, of their units."""
    keys = [name for name in (_FILE, *_UNIT_KEY) if name in released.columns]
    keys = [_FILE] if _FILE in keys else keys
    if withdrawn.is_empty() or "basis" not in released.columns or not {_FILE, "unit"} & {*keys}:
        return released
    marked = withdrawn.select(keys).unique().with_columns(gone=True)
    joined = released.join(marked, on=keys, how="left", maintain_order="left")
    return joined.filter(~(pl.col("gone").fill_null(value=False) & pl.col("basis").is_in(QUOTED))).drop("gone")


def of_years(frame: pl.DataFrame, years: Collection[int] | None) -> pl.DataFrame:
    """The rows whose period ends in one of these years (2021/2025 ends in 2025)."""
    if years is None:
        return frame
    periods = [text for text in frame["period"].drop_nulls().unique() if Period.parse(text).year in years]
    return frame.filter(pl.col("period").is_in(periods))


def same_rows(frame: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames, each in the order of its key, are equal."""
    return frame.schema == other.schema and frame.equals(other)
