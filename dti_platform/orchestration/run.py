"""The main job from the command line: the same job as in the UI, in this process, with the same Dagster instance."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import dagster as dg
import polars as pl
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from dti_platform.feeds.feed import OWN_INDEX
from dti_platform.methodology.framework import FrameworkError
from dti_platform.orchestration import alerting, liveness, origin, progress
from dti_platform.orchestration.build import build
from dti_platform.orchestration.checks import entry_row
from dti_platform.orchestration.io import rows_of
from dti_platform.orchestration.liveness import JOB, history
from dti_platform.orchestration.partitions import RANGE, as_years
from dti_platform.periods import Period
from dti_platform.pipeline import Platform
from dti_platform.pipeline.candidate import waiting
from dti_platform.pipeline.flow import stored
from dti_platform.pipeline.journal import Journal
from dti_platform.quality import KINDS, SuiteError
from dti_platform.reference_tables.files import ReferenceDataError
from dti_platform.report import league
from dti_platform.storage import ClockBehind, LedgerBehind, Locked, StorageError, not_taken
from dti_platform.storage.store import CANDIDATE
from dti_platform.submissions import Register, arrived, may_be_taken
from dti_platform.submissions.folders import new_arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dti_platform.language import Bilingual
    from dti_platform.pipeline.gate import Judged
    from dti_platform.storage import Arrival, Receipt, Release, Store
    from dti_platform.tables import Row

#: The class of a platform error, which Dagster puts before its message.
OUR_CLASS = re.compile(r"^[a-z_]+(\.\w+)+: ")
#: The kind of a failure by the class of its error.
FAILURES = {
    "DagsterAssetCheckFailedError": "checks",
    "Failure": "checks",
    "ContractBroken": "contract",
    "Locked": "locked",
    **dict.fromkeys(
        ("CorruptLanding", "CorruptLedger", "CorruptRelease", "CorruptTable", "Missing", "WriteFailed"), "storage"
    ),
}
#: What ends a run outside its steps: stored bytes, the disk, the history of runs, settings, frameworks, reference data.
STOPS = (StorageError, OSError, SQLAlchemyError, FrameworkError, ReferenceDataError, SuiteError, ValidationError)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Published:
    """The outcome of publishing the candidate.

    Attributes:
        success: whether it was published, or there was nothing to publish.
        run_id: the run that published it; None: there was nothing to publish.
        candidate: the candidate's name.
        release: the latest release.
        release_is_new: whether this run published it.
        release_path: the release's folder.
        site: the first page of the release's site.
        failure: why it was not published.
        failure_kind, checks: as in ``RunOutcome``; None: there was nothing to publish.
        blocking: the received files behind the failing rows of checks that stop it.
        remarks: problems that did not stop the run.
    """

    success: bool
    run_id: str | None
    candidate: str | None
    release: str | None
    release_is_new: bool
    release_path: str | None
    site: str | None
    failure: str | None
    failure_kind: str | None = None
    checks: dict[str, Any] | None = None
    blocking: Sequence[Any] = ()
    remarks: Sequence[str] = ()

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


class UnknownPeriod(ValueError):
    """A period that the platform does not have."""


@dataclass(frozen=True)
class RunOutcome:
    """What a run did, for a person and for a machine."""

    success: bool
    run_id: str
    years: list[int]
    received: Sequence[Row]
    not_taken: list[dict[str, str]]
    """The files that were left in the folders, each with the reason."""
    replaced: list[dict[str, object]]
    """The new files that replace another, as ``dti receipts --json`` shows them, with the replaced file's receipt."""
    refused: list[dict[str, object]]
    """The files in the folders that were refused, as ``dti receipts --json`` shows them."""
    waiting: list[dict[str, object]]
    """The files that wait for confirmation, in the same form."""
    outdated: list[dict[str, object]]
    """The committed files that are older than the file that counts, in the same form, with what came later."""
    withdrawn: list[dict[str, object]]
    """The withdrawn files that are still, or again, in the folders, in the same form."""
    checks: dict[str, Any]
    ranking: dict[str, Any] | None
    """The first units of the newest ranking; None where the run failed: the stored ranking is not its result."""
    release: str | None
    release_is_new: bool
    release_path: str | None
    site: str | None
    """The first page of the release's site; None: the release has no site."""
    candidate: dict[str, Any] | None
    """The candidate that waits to be published: its name, its page, and how many figures differ."""
    failure: str | None
    failure_kind: str | None
    """checks: a check stopped the publication; contract: a table broke its contract; locked: another run holds the
    lock; storage: stored data can't be read or written; other."""
    blocking: Sequence[Any]
    """The received files behind the failing rows of checks that stop the publication (``pipeline.blocking``)."""
    docs: str | None
    ledger_head: str
    seconds: float
    remarks: Sequence[str] = ()
    """Problems that did not stop the run."""
    unchanged_since: str | None = None
    """When this run ended, where its outcome is repeated because nothing has changed since (``cli.unchanged``)."""

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


class FinishedRun(NamedTuple):
    """A finished run of the main job, as its outcome needs it.

    Attributes:
        years: the years that it covered.
        ranked_years: the years whose newest ranking the outcome shows.
        results: Dagster's results, one for each range of years.
        judged: the steps of checks.
        release_before: the latest release before the run.
        receipts_before: the number of receipts before the run.
        started: when it started, by the monotonic clock.
        remarks: problems that did not stop the run.
    """

    years: list[int]
    ranked_years: Sequence[int]
    results: Sequence[dg.ExecuteInProcessResult]
    judged: Sequence[Judged]
    release_before: Release | None
    receipts_before: int
    started: float
    remarks: Sequence[str]


def run_main_job(
    store: Store,
    periods: Sequence[str] = (),
    on_step: Callable[[Bilingual], None] | None = None,
    *,
    publish: str | None = None,
) -> RunOutcome:
    """Run the main job for the years of these periods (default: all) and return its outcome.

    Args:
        store: the data root.
        periods: years, or periods that end in them.
        on_step: called with one sentence for each step that is done.
        publish: auto: publish; ask: leave a candidate; None: the value of DTI_PUBLISH.

    Raises:
        UnknownPeriod: a year outside the partitions.
    """
    started = time.monotonic()
    try:
        return outcome(store, _finished(store, periods, on_step or (lambda _: None), publish, started))
    except STOPS as error:
        return not_finished(store, error, seconds=time.monotonic() - started)


def _finished(
    store: Store, periods: Sequence[str], step: Callable[[Bilingual], None], publish: str | None, started: float
) -> FinishedRun:
    """Runs the main job; what the outcome needs of it."""
    judged: list[Judged] = []
    platform = Platform(store, step, judged.append)
    job = build(store, platform=platform).resolve_job_def(JOB)
    years = chosen_years(job.partitions_def, periods, store)
    platform.all_years = () if periods else years
    release_before, receipts_before = store.releases.latest(), len(store.landing.receipts())
    remarks: list[str] = []
    if platform.all_years:
        platform.repair()
    with history(remarks) as dagster:
        if ended := liveness.end_dead_runs(dagster, store):
            step(progress.ended(ended))
        results = [
            execute(job, dagster, {"publish": publish}, store, dict(zip(RANGE, map(str, span), strict=True)))
            for span in (year_ranges(years) if periods else [range_of_all(platform, dagster)])
        ]
        remarks += alerting.after_run(store, dagster)
    return FinishedRun(
        years=years,
        ranked_years=named_years(periods) or years,
        results=results,
        judged=judged,
        release_before=release_before,
        receipts_before=receipts_before,
        started=started,
        remarks=[*platform.repaired, *remarks],
    )


def not_finished(store: Store, error: Exception, *, seconds: float = 0, recorded: bool = True) -> RunOutcome:
    """The outcome of a run that ended outside its steps, most often before the first; the ledger records it.

    Args:
        store: the data root, of which nothing need be readable.
        error: why.
        seconds: how long it took.
        recorded: whether the failure is recorded in the ledger, as far as that takes an entry.
    """
    run_id, why = str(uuid.uuid4()), why_stopped(error)
    remarks: list[str] = []
    release = None
    try:
        release = store.releases.newest()
        if recorded and not isinstance(error, ClockBehind | LedgerBehind):
            Journal(store).ended(run_id, release and release.name, why)
    except (StorageError, OSError) as fault:
        remarks.append(f"the ledger has no entry of this run: {fault}")
    return RunOutcome(
        success=False,
        run_id=run_id,
        years=[],
        received=[],
        not_taken=[],
        replaced=[],
        refused=[],
        waiting=[],
        outdated=[],
        withdrawn=[],
        checks=checks(()),
        ranking=None,
        release=release and release.name,
        release_is_new=False,
        release_path=str(release.path) if release and release.path.is_dir() else None,
        site=None,
        candidate=None,
        failure=why,
        failure_kind=_kind(error),
        blocking=(),
        docs=None,
        ledger_head=_head(store),
        seconds=seconds,
        remarks=remarks,
    )


def _kind(error: Exception) -> str:
    """The kind of a failure outside the steps of a run."""
    if isinstance(error, Locked):
        return "locked"
    return "storage" if isinstance(error, StorageError | OSError | SQLAlchemyError) else "other"


def why_stopped(error: Exception) -> str:
    """Why a run ended outside its steps, in one line with the fix."""
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    if isinstance(error, StorageError):
        return reason
    if isinstance(error, SQLAlchemyError):
        home = liveness.DATABASE if os.environ.get(liveness.DATABASE) else os.environ.get("DAGSTER_HOME", "")
        if liveness.is_disk_full(error, home):
            return f"no space left on {home}, where the history of runs lies: free space, then run again"
        return f"{home}: the history of runs can't be read or written ({reason})"
    if isinstance(error, OSError) and liveness.is_disk_full(error):
        return f"no space left on {error.filename or 'a disk'}: free space, then run again"
    return reason


def _head(store: Store) -> str:
    """The hash of the last entry of the ledger; empty where it can't be read."""
    try:
        return store.ledger.head().sha256
    except (StorageError, OSError):
        return ""


def outcome(store: Store, run: FinishedRun) -> RunOutcome:
    """The outcome of a finished run, with the current state of the data root."""
    success = all(result.success for result in run.results)
    latest, candidate = store.releases.latest(), waiting(store)
    register = Register(store)
    refused, unconfirmed, withdrawn = register.to_look_at()
    unusable = [arrival for arrival in arrived(store) if arrival.refusal]
    return RunOutcome(
        success=success,
        run_id=run.results[-1].run_id,
        years=run.years,
        received=received(stored(store, "submissions", run.years), [line.receipt for line in refused]),
        not_taken=[_not_taken(arrival) for arrival in [*unusable, *_not_received(store)]],
        replaced=[file.to_dict() for file in register.replacements(run.receipts_before)],
        refused=[line.to_dict() for line in refused],
        waiting=[file.to_dict() for file in unconfirmed],
        outdated=[file.to_dict() for file in register.outdated()],
        withdrawn=[line.to_dict() for line in withdrawn],
        checks=checks(run.judged),
        ranking=leaders(store, run.ranked_years, CANDIDATE if candidate else None) if success else None,
        release=latest.name if latest else None,
        release_is_new=_is_new(latest, run.release_before),
        release_path=str(latest.path) if latest else None,
        site=store.sites.first_page(latest and latest.name),
        candidate=candidate,
        failure=failure(run.results),
        failure_kind=failure_kind(run.results),
        blocking=blocking(run.judged),
        docs=None if store.check_reports.fault else docs(run.judged),
        ledger_head=store.ledger.head().sha256,
        seconds=time.monotonic() - run.started,
        remarks=[*run.remarks, *store.remarks()],
    )


def _is_new(latest: Release | None, before: Release | None) -> bool:
    """Whether a release was published since ``before`` was the latest."""
    return latest is not None and (before is None or before.name != latest.name)


def publish_candidate(
    store: Store, on_step: Callable[[Bilingual], None] | None = None, **announced: str | None
) -> Published:
    """Publish the standing candidate by a run of ``release`` and the assets made from it; without a candidate, no run.

    Args:
        store: the data root.
        on_step: called with one sentence for each step that is done.
        **announced: candidate, on_behalf, type and reason of ``assets.Announcement``.
    """
    candidate, before = store.candidates.standing(), store.releases.latest()
    if candidate is None:
        return Published(True, None, None, before and before.name, False, before and str(before.path), None, None)
    judged: list[Judged] = []
    platform = Platform(store, on_step or (lambda _: None), judged.append)
    job = build(store, platform=platform).resolve_job_def(JOB)
    remarks: list[str] = []
    with history(remarks) as dagster:
        liveness.end_dead_runs(dagster, store)
        result = execute(
            job,
            dagster,
            {"publish": "candidate", **announced},
            store,
            {},
            [*map(dg.AssetKey, ("release", "site", "rank_robustness"))],
        )
    latest = store.releases.latest()
    return Published(
        success=result.success,
        run_id=result.run_id,
        candidate=candidate.name,
        release=latest and latest.name,
        release_is_new=_is_new(latest, before),
        release_path=latest and str(latest.path),
        site=store.sites.first_page(latest and latest.name),
        failure=failure([result]),
        failure_kind=failure_kind([result]),
        checks=checks(judged),
        blocking=blocking(judged),
        remarks=[*remarks, *store.remarks()],
    )


def chosen_years(partitions: dg.PartitionsDefinition | None, periods: Sequence[str], store: Store) -> list[int]:
    """The years of the periods, each with the following year, whose tables use it; without periods, all with input.

    A period shorter than a year stands for its year.

    Raises:
        UnknownPeriod: no period, or one of a year outside the partitions.
    """
    known = as_years(partitions.get_partition_keys() if partitions else [])
    parsed = {period: Period.find(period) for period in periods}
    years = named_years(periods)
    unknown = [text for text, period in parsed.items() if period is None]
    if unknown := [*unknown, *(str(year) for year in years if year not in known)]:
        raise UnknownPeriod(f"no such period: {', '.join(unknown)}; the platform holds {known[0]} to {known[-1]}")
    if years:
        following = [year + 1 for year in years if store.tables.has("rankings", year + 1)]
        return sorted({*years, *following})
    newest = max((arrival.year for arrival in arrived(store) if arrival.year), default=0)
    landed = [Period.parse(receipt.period).year for receipt in store.landing.standing()]
    stored_or_released = [*store.tables.years("observations"), *store.releases.years()]
    return [year for year in known if year <= max([newest, *landed, *stored_or_released])] or known[:1]


def named_years(periods: Sequence[str]) -> list[int]:
    """The years in which the periods end, in order and without duplicates; texts that are not periods are skipped."""
    return sorted({period.year for period in map(Period.find, periods) if period})


def year_ranges(years: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each range of consecutive years; each range is one run."""
    first = previous = years[0]
    for year in years[1:]:
        if year != previous + 1:
            yield first, previous
            first = year
        previous = year
    yield first, previous


def range_of_all(platform: Platform, dagster: dg.DagsterInstance) -> tuple[int, int]:
    """First and last of the years that a run of all years makes; it is one run, because only such a run may publish.

    The run includes the years that the history has no ranking of, as in a new history. Where no year is due, the newest
    is made, because a run has at least one year.
    """
    due = {*platform.due_years(), *unranked(platform.all_years, dagster)} or {*platform.all_years[-1:]}
    return min(due), max(due)


def unranked(years: Sequence[int], dagster: dg.DagsterInstance) -> list[int]:
    """The years without a ranking in the history; none where the history is not persistent."""
    if dagster.is_ephemeral:
        return []
    ranked = dagster.get_latest_storage_id_by_partition(
        dg.AssetKey("rankings"), dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    return [year for year in years if str(year) not in ranked]


def execute(
    job: dg.JobDefinition,
    dagster: dg.DagsterInstance,
    announced: dict[str, str | None],
    store: Store,
    span: Mapping[str, str],
    assets: Sequence[dg.AssetKey] | None = None,
) -> dg.ExecuteInProcessResult:
    """One run over a range of years, or of some assets; its tags name its process and location from the start."""
    run_id = str(uuid.uuid4())
    return job.execute_in_process(
        instance=dagster,
        run_config={**QUIET, "ops": {"release": {"config": announced}}},
        tags={**span, **origin.TAGS, **liveness.tags(run_id, store)},
        run_id=run_id,
        raise_on_error=False,
        asset_selection=assets,
    )


def received(submissions: pl.DataFrame, refused: Sequence[Receipt] = ()) -> Sequence[Row]:
    """Files and cells that each feed delivered, by evidence; refused files, which have no evidence, are counted only.

    Args:
        submissions: the files that the run read.
        refused: receipts of files that were refused on arrival and are still in a folder, so that no run reads them.
    """
    read = submissions.filter(pl.col("status") != "refused").group_by("feed", "evidence")
    counts = read.agg(pl.len().alias("files"), pl.col("cells", "accepted", "quarantined").sum()).to_dicts()
    refused_files = {(receipt.feed, receipt.period, receipt.sha256) for receipt in refused}
    refused_files |= {*submissions.filter(status="refused").select("feed", "period", "file").iter_rows()}
    refused_by_feed = Counter(feed for feed, *_ in refused_files)
    rows = [{**row, "refused": 0} for row in counts]
    rows += [{"feed": feed, "evidence": None, "files": n, "refused": n} for feed, n in refused_by_feed.items()]
    zeros = dict.fromkeys(("cells", "accepted", "quarantined"), 0)
    return sorted(({**zeros, **row} for row in rows), key=lambda row: (row["feed"], row["evidence"] or "~"))


def _not_received(store: Store) -> list[Arrival]:
    """The files in the inbox that were not received: they were being written, or arrived during the run."""
    arrivals, *_ = new_arrivals(store, list(may_be_taken(store)))
    return [replace(arrival, refusal=not_taken("growing")) for arrival in arrivals]


def _not_taken(arrival: Arrival) -> dict[str, str]:
    """A file that was left in its folder, with the reason."""
    location = {"feed": arrival.feed, "folder": arrival.folder, "period": arrival.period}
    return {**location, "file": arrival.name, "why": arrival.refusal or ""}


def checks(judged: Sequence[Judged]) -> dict[str, Any]:
    """Counts of all results by kind, and each result that did not pass with its reason and the first failing rows."""
    results = [
        result for step in judged for result in sorted(step.results, key=lambda result: result.severity != "critical")
    ]
    kinds = [result.kind for result in results]
    return {
        **{kind: kinds.count(kind) for kind in KINDS},
        "not_passed": [
            {**entry_row(result), "rows": rows_of(result.failing_rows)}
            for result in results
            if result.outcome != "passed"
        ],
    }


def docs(judged: Sequence[Judged]) -> str | None:
    """The page that shows every check of the last run."""
    return str(judged[-1].report) if judged else None


def blocking(judged: Sequence[Judged]) -> list[Any]:
    """The received files behind the failing rows of checks that stop the publication."""
    return [file.to_dict() for step in judged for file in step.files]


def failure(results: Sequence[dg.ExecuteInProcessResult]) -> str | None:
    """Why the run failed: the first error that Dagster recorded, without the class of the platform's own errors."""
    if all(result.success for result in results):
        return None
    for event in (event for result in results for event in result.all_events):
        error = getattr(event.event_specific_data, "error", None)
        if error:
            step = f"{event.step_key}: " if event.step_key else ""
            return step + OUR_CLASS.sub("", (error.cause or error).message.strip())
    return "the run failed without an error; its events are in the UI"


def failure_kind(results: Sequence[dg.ExecuteInProcessResult]) -> str | None:
    """The kind of the first error; None where nothing failed."""
    if all(result.success for result in results):
        return None
    errors = (getattr(event.event_specific_data, "error", None) for result in results for event in result.all_events)
    return next((FAILURES.get((error.cause or error).cls_name, "other") for error in errors if error), "other")


def leaders(store: Store, years: Sequence[int], name: str | None, first: int = 10) -> dict[str, Any] | None:
    """The first ten units of the newest ranking of these years, from a release or the candidate, preferably complete.

    Of several indexes the platform's own is shown.
    """
    if name is None and store.releases.newest() is None:
        return None
    newest = league.newest(store.open_release(name), years, OWN_INDEX)
    return newest and newest.first(first)
