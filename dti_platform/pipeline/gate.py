"""The gate: content checks of tables, with what they compare against, and what stops a publication.

Here: handing frames to ``quality``, remembering its answers as long as nothing changed, and the report of a run's
checks. Not here: any rule, how a report looks (``quality.check_page``) or where it is kept (``storage``).
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform import publications, quality, tables
from dti_platform.codes import QUOTED
from dti_platform.periods import VIETNAM, Period
from dti_platform.pipeline.failing_rows import placed
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


#: What a table names a row by where it doesn't name the file that the row came with.
_FILE, _WHOSE = "file", ("period", "geography", "unit")
#: Files of a table that are judged at a time: in memory they take some 70 times as much.
MOST_BYTES = 500_000
#: What makes a printed figure the same in two releases.
_PRINTED = ["source", *_WHOSE, "peer_group", "node", "measure", "value"]


class PublicationStopped(Exception):
    """A blocking check failed, or could not run: nothing is published, the last release stands."""

    def __init__(self, results: Iterable[CheckResult]) -> None:
        """All answers of the gate, among them those that block."""
        self.results = tuple(results)
        super().__init__(why([each for each in self.results if each.blocks]))


def why(blocking: Sequence[CheckResult]) -> str:
    """Why nothing is published: the rule that is broken and the failing row that is met first."""
    first, *others = blocking
    more = f" (and {len(others)} more that stop the release)" if others else ""
    return f"{first.table}.{first.name}: {first.complaint.en}{more}"


class Judged(NamedTuple):
    """What a step of checks answered.

    Attributes:
        results: the answers, of all years of the run together.
        report: the page that shows them.
        files: the received files on which those rest that stop a publication.
    """

    results: Sequence[CheckResult]
    report: Path
    files: Sequence[BlockingFile]


class Compared(NamedTuple):
    """A frame that a table is compared with.

    Attributes:
        version: all that it depends on but the code; None: that isn't known, and no answer that needs it is remembered.
        make: makes it.
    """

    version: str | None
    make: Callable[[], pl.DataFrame]


class Gate:
    """Asks the suites of a data root's tables, and notes the answers in the journal."""

    def __init__(self, store: Store, known: Callable[[], Known], journal: Journal) -> None:
        """Units and frameworks are asked for only where a comparison needs them."""
        self.store = store
        self._known, self._journal = known, journal
        self._reports: dict[str, Path] = {}
        self._answers: dict[str, dict[str, list[CheckResult]]] = {}

    def judge(self, table: str, years: Collection[int], run_id: str) -> tuple[list[CheckResult], Path]:
        """The answers of a table's suite over the stored rows of a run's years, and the report that shows them."""
        results = placed(self.store, self.check_stored(table, years))
        self._journal.judged(results)
        return results, self.report(run_id, table, results)

    def judge_release(self, answers: Mapping[str, list[CheckResult]]) -> list[CheckResult]:
        """The answers of every suite: about the tables that a release itself makes as given, and all stored ones.

        Raises:
            PublicationStopped: a critical check failed or could not run.
        """
        of_suites = (answers[name] if name in answers else self.check_stored(name) for name in self.suites)
        results = placed(self.store, (result for answered in of_suites for result in answered))
        self._journal.judged(results)
        if any(each.blocks for each in results):
            raise PublicationStopped(results)
        return results

    def check_stored(self, table: str, years: Collection[int] | None = None) -> list[CheckResult]:
        """The answers of a table's suite over its stored rows of some years (default: all that stand).

        A table of many cells is never held as a whole: what speaks of each year alone is asked of some years at a time.
        """
        suite = self.suites.get(table)
        stretches = [] if suite is None else self._stretches(suite, years)
        if suite is None or len(stretches) == 1:
            return self.check(table, self._rows(table, years), years)
        alone, whole = quality.by_years(suite)
        answered = [self._results(alone, self._rows(table, some), some) for some in stretches]
        results = [quality.together(of_one) for of_one in zip(*answered, strict=True)]
        if whole.entries:
            results += self._results(whole, stored(self.store, table, years), years)
        return self._waived(quality.in_order(suite, results))

    def _stretches(self, suite: Suite, years: Collection[int] | None) -> list[list[int]]:
        """The years of a suite's table, in order; a stretch is as long as files are small, its own and those beside it.

        All together where a figure may be in a table of another year than that of its period, as in ``sessions``.
        """
        if "period" not in tables.key(publications.model_of(suite.table)):
            return [[]]
        stretches: list[list[int]] = [[]]
        asked, held = {suite.table, *quality.needs(suite)}, 0
        of = self.store.tables
        for year in of.years(suite.table):
            if years is None or year in years:
                size = max(of.info(each, year).size for each in asked if of.has(each, year))
                if held + size > MOST_BYTES and stretches[-1]:
                    stretches.append([])
                    held = 0
                stretches[-1].append(year)
                held += size
        return stretches

    def _rows(self, table: str, years: Collection[int] | None = None) -> pl.DataFrame:
        """The stored rows in the order of a release, so that what both are asked is asked once."""
        return by_key(stored(self.store, table, years), tables.key(publications.model_of(table)))

    def check(
        self, table: str, frame: pl.DataFrame, years: Collection[int] | None = None, *, today: dt.date | None = None
    ) -> list[CheckResult]:
        """The answers of a table's suite over these rows, waivers in force laid over them.

        Where the rows are those of some years, so is everything that they are compared with. A table without a suite
        has no answers. What was answered about the same rows beside the same others is remembered: an unchanged run
        makes no frame of them, and need not load Great Expectations.
        """
        suite = self.suites.get(table)
        return [] if suite is None else self._waived(self._results(suite, frame, years), today)

    def _results(self, suite: Suite, frame: pl.DataFrame, years: Collection[int] | None) -> list[CheckResult]:
        """The answers of a suite about rows in the order of their key, of these years."""
        years = None if years is not None and {*years} >= self._all_years() else years
        others = {name: self.compared(name, suite.table, years, frame) for name in sorted(quality.needs(suite))}
        return self._kept(suite, frame, others)

    def _kept(self, suite: Suite, frame: pl.DataFrame, others: Mapping[str, Compared]) -> list[CheckResult]:
        """The answers of a suite about rows in the order of their key, remembered or asked for."""
        versions = {name: each.version for name, each in others.items()}
        if None in versions.values():
            return self._asked(suite, frame, others)
        rests_on = repr((sorted(code_versions().items()), suite, sorted(versions.items())))
        key = quality.fingerprint(frame, rests_on.encode()).hex()
        if kept := self.store.cache.get(key):
            return [quality.CheckResult.from_dict(each) for each in json.loads(kept)]
        results = self._asked(suite, frame, others)
        if all(each.outcome != "could_not_run" for each in results):
            self.store.cache.put(key, json.dumps([each.to_dict() for each in results]).encode())
        return results

    def _asked(self, suite: Suite, frame: pl.DataFrame, others: Mapping[str, Compared]) -> list[CheckResult]:
        """The answers of a suite, question by question.

        A table that says what was last released has lost nothing of it: that is not asked.
        """
        made = {name: each.make() for name, each in others.items()}
        unchanged = "last_release" in made and same_rows(frame, made["last_release"])
        if unchanged:
            made["last_release"] = frame.clear()
        answers = (
            quality.nothing_compared(each) if unchanged and "last_release" in each.compared_with else self._answer(each)
            for each in quality.questions(suite, frame, made)
        )
        return quality.in_order(suite, (each for answered in answers for each in answered))

    def _waived(self, results: Iterable[CheckResult], today: dt.date | None = None) -> list[CheckResult]:
        return quality.waive(results, self.waivers, today or self.today())

    def _all_years(self) -> set[int]:
        """The years of all that stands and was released."""
        return {*self.store.tables.years("observations"), *self.store.releases.years()}

    def _answer(self, question: quality.Question) -> list[CheckResult]:
        """The answers about one frame, remembered or asked for."""
        key = hashlib.sha256(f"{source_version('quality', *GROUND)} {question.key}".encode()).hexdigest()
        if kept := self.store.cache.get(key):
            return [quality.CheckResult.from_dict(each) for each in json.loads(kept)]
        results = quality.answers(question)
        if not question.fault:
            self.store.cache.put(key, json.dumps([each.to_dict() for each in results]).encode())
        return results

    def report(self, run_id: str, table: str, results: list[CheckResult]) -> Path:
        """Adds the answers of a table to the report of a run, and gives its path.

        It is written anew with each table, so that a run that stops leaves its report, too.
        """
        path = self._reports.setdefault(run_id, self.store.check_reports.begin(run_id))
        answers = self._answers.setdefault(run_id, {})
        answers[table] = results
        every = [each for by_table in answers.values() for each in by_table]
        expired = quality.expired(self.waivers, self.today())
        page = quality.check_page(every, run=run_id, begun=begun(path.name), expired=expired)
        self.store.check_reports.write(path, page)
        return path

    def today(self) -> dt.date:
        """The day in Vietnam, by which a waiver is in force or has expired."""
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
        """The frame of that name, for the checks of a table with these rows; any other name is a stored table."""
        makers: dict[str, Callable[[], pl.DataFrame]] = {
            "nodes": lambda: trees.nodes(self._in_force),
            "parts": lambda: trees.parts(self._in_force),
            "geographies": lambda: trees.geographies(self._known().units.geographies),
            "domains": lambda: trees.domains(self._known().units.domains),
        }
        if name in makers:
            return Compared("of the code and the reference data", makers[name])
        if name == "last_release":
            return Compared(self._version_released(table, years), lambda: of_years(self._released(table), years))
        if name == "releases_before":
            return Compared(None, lambda: rows if rows.is_empty() else self._history(table))
        hashes = self.store.tables.hashes()
        chosen = [year for year in self.store.tables.years(name) if years is None or year in years]
        version = repr([(year, hashes[f"{name}/{year}"]) for year in chosen])
        return Compared(version, lambda: stored(self.store, name, years))

    @functools.cached_property
    def _in_force(self) -> list[Framework]:
        frameworks = self._known().frameworks
        return [frameworks.overlaid(each) for each in frameworks.all if each.overlay is None]

    def _released(self, table: str) -> pl.DataFrame:
        """The table as last released, in its current columns; no rows where it never was."""
        latest = self.store.releases.latest()
        if latest is None or f"{table}.parquet" not in latest.files:
            return publications.empty(table)
        released = self.store.releases.open(latest.name)
        return without(publications.of_release(released, table), self._withdrawn(released).select(_FILE, *_WHOSE))

    def _version_released(self, table: str, years: Collection[int] | None) -> str | None:
        """All that ``_released`` depends on, by the bytes that lie there; None where it rests on more than the table.

        Raises:
            CorruptRelease: they are not those that were published.
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

    def _history(self, chronicle: str) -> pl.DataFrame:
        """What all releases changed."""
        latest = self.store.releases.latest()
        return publications.history(self.store.releases.back(latest.number if latest else 0), chronicle)

    def corrected(self) -> list[str]:
        """Why printed figures of the last release are not among those that stand: the reasons of withdrawals."""
        latest, reasons = self.store.releases.latest(), self._withdrawals
        if latest is None or not reasons:
            return []
        printed = self._withdrawn(self.store.releases.open(latest.name))
        if printed.is_empty():
            return []
        gone = printed.join(stored(self.store, "observations"), on=_PRINTED, how="anti", nulls_equal=True)
        return sorted({reasons[file] for file in gone[_FILE]})

    def _withdrawn(self, released: OpenRelease) -> pl.DataFrame:
        """The printed figures of files that were withdrawn since: they may go, for a person said so and why."""
        gone = self._withdrawals
        printed = publications.empty("observations") if not gone else publications.of_release(released, "observations")
        return printed.filter(pl.col("basis").is_in(QUOTED), pl.col(_FILE).is_in(gone))

    @property
    def _withdrawals(self) -> dict[str, str]:
        """By sha256 of each file that was withdrawn, and counts under no other receipt, the reason."""
        landing = self.store.landing
        said, standing = landing.held().withdrawn, {each.sha256 for each in landing.standing()}
        receipts = [each for each in landing.receipts() if each.number in said and each.sha256 not in standing]
        return {each.sha256: said[each.number].reason for each in receipts}


def without(released: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """A released table without the rows of public pages that withdrawn files gave, or of the units they were of."""
    by = [name for name in (_FILE, *_WHOSE) if name in released.columns]
    by = [_FILE] if _FILE in by else by
    if withdrawn.is_empty() or "basis" not in released.columns or not {_FILE, "unit"} & {*by}:
        return released
    gone = withdrawn.select(by).unique().with_columns(gone=True)
    both = released.join(gone, on=by, how="left", maintain_order="left")
    return both.filter(~(pl.col("gone").fill_null(value=False) & pl.col("basis").is_in(QUOTED))).drop("gone")


def of_years(frame: pl.DataFrame, years: Collection[int] | None) -> pl.DataFrame:
    """The rows whose period ends in one of these years (2021/2025 ends in 2025)."""
    if years is None:
        return frame
    of_these = [text for text in frame["period"].drop_nulls().unique() if Period.parse(text).year in years]
    return frame.filter(pl.col("period").is_in(of_these))


def same_rows(frame: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames, each in the order of its key, say the same."""
    return frame.schema == other.schema and frame.equals(other)
