"""The main job from the command line: the same job as in the UI, in this process, over the same instance."""

from __future__ import annotations

import re
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl

from dti_platform.feeds.feed import OWN_INDEX
from dti_platform.orchestration import alerting, liveness, origin, progress
from dti_platform.orchestration.build import build
from dti_platform.orchestration.checks import entry
from dti_platform.orchestration.io import rows_of
from dti_platform.orchestration.liveness import JOB, history
from dti_platform.orchestration.partitions import RANGE, as_years
from dti_platform.periods import Period
from dti_platform.pipeline import Platform
from dti_platform.pipeline.candidate import waiting
from dti_platform.pipeline.flow import stored
from dti_platform.quality import KINDS
from dti_platform.report import league
from dti_platform.storage import not_taken
from dti_platform.storage.store import CANDIDATE
from dti_platform.submissions import Register, arrived, may_be_taken
from dti_platform.submissions.folders import new_arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dti_platform.language import Bilingual
    from dti_platform.pipeline.gate import Judged
    from dti_platform.storage import Arrival, Receipt, Store
    from dti_platform.tables import Row

#: Dagster puts an error's class before its message.
OUR_CLASS = re.compile(r"^[a-z_]+(\.\w+)+: ")
#: The kind of a failure by the class of its error.
FAILURES = {
    "DagsterAssetCheckFailedError": "checks",
    "Failure": "checks",
    "ContractBroken": "contract",
    "Locked": "locked",
}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Published:
    """What came of publishing the candidate.

    Attributes:
        success: whether it was published, or there was nothing to publish.
        run_id: the run that did it; None: there was nothing to publish.
        candidate: its name.
        release: the release that stands.
        release_is_new: whether it was published now.
        release_path: where it lies.
        site: the first page of its site.
        failure: why not.
        failure_kind, checks: as in ``RunOutcome``; None: there was nothing to publish.
        blocking: the received files on which the checks that stop it rest.
        remarks: what went wrong beside it, and stopped nothing.
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
    """A period that the platform does not hold."""


@dataclass(frozen=True)
class RunOutcome:
    """What a run did, for a person and for a machine."""

    success: bool
    run_id: str
    years: list[int]
    received: Sequence[Row]
    not_taken: list[dict[str, str]]
    """What lies in the folders and is left there, each with the reason."""
    replaced: list[dict[str, object]]
    """The files that came and count in the place of another, likewise, with the receipt of that one."""
    refused: list[dict[str, object]]
    """What lies in the folders and was refused, as ``dti receipts --json`` shows it."""
    waiting: list[dict[str, object]]
    """What waits to be confirmed, likewise."""
    outdated: list[dict[str, object]]
    """Committed files that lie in their folders as they were before what counts, likewise, with what came later."""
    withdrawn: list[dict[str, object]]
    """What was withdrawn and still lies in the folders, or lies there again, likewise."""
    checks: dict[str, Any]
    ranking: dict[str, Any] | None
    """The first of the newest ranking; None where the run failed: what stands is no result of it."""
    release: str | None
    release_is_new: bool
    release_path: str | None
    site: str | None
    """The first page of the release's site; None: it has none."""
    candidate: dict[str, Any] | None
    """What waits to be published: its name, its page, and how many figures differ."""
    failure: str | None
    failure_kind: str | None
    """checks: a check that stops the publication; contract: a table broke its contract; locked: another run holds the
    data; other."""
    blocking: Sequence[Any]
    """The received files on which checks that stop the publication rest (``pipeline.blocking``)."""
    docs: str | None
    ledger_head: str
    seconds: float
    remarks: Sequence[str] = ()
    """What went wrong beside it, and stopped nothing."""
    unchanged_since: str | None = None
    """When this run ended, where it is told again because nothing has changed since (``cli.unchanged``)."""

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


def run_main_job(
    store: Store,
    periods: Sequence[str] = (),
    on_step: Callable[[Bilingual], None] | None = None,
    *,
    publish: str | None = None,
) -> RunOutcome:
    """Run the main job for the years named (default: all) and return its outcome.

    Args:
        store: the data root.
        periods: years, or periods that end in them.
        on_step: is told what is done, one sentence a step.
        publish: auto: publish; ask: leave a candidate; None: as DTI_PUBLISH says.

    Raises:
        UnknownPeriod: a year outside the partitions.
    """
    started = time.monotonic()
    step = on_step or (lambda _: None)
    judged: list[Judged] = []
    platform = Platform(store, step, judged.append)
    job = build(store, platform=platform).resolve_job_def(JOB)
    years = chosen(job.partitions_def, periods, store)
    platform.whole = () if periods else years
    before, received_before = store.releases.latest(), len(store.landing.receipts())
    remarks: list[str] = []
    with history(remarks) as dagster:
        if ended := liveness.end_dead_runs(dagster, store):
            step(progress.ended(ended))
        results = [
            execute(job, dagster, {"publish": publish}, store, dict(zip(RANGE, map(str, span), strict=True)))
            for span in (stretches(years) if periods else [spanned(platform, dagster)])
        ]
        remarks += alerting.after_run(store, dagster)
    success = all(each.success for each in results)
    latest, candidate = store.releases.latest(), waiting(store)
    register = Register(store)
    refused, unconfirmed, withdrawn = register.to_look_at()
    return RunOutcome(
        success=success,
        run_id=results[-1].run_id,
        years=years,
        received=received(stored(store, "submissions", years), [each.receipt for each in refused]),
        not_taken=[_not_taken(each) for each in [*(each for each in arrived(store) if each.refusal), *_left(store)]],
        replaced=[each.to_dict() for each in register.replacements(received_before)],
        refused=[each.to_dict() for each in refused],
        waiting=[each.to_dict() for each in unconfirmed],
        outdated=[each.to_dict() for each in register.outdated()],
        withdrawn=[each.to_dict() for each in withdrawn],
        checks=checks(judged),
        ranking=leaders(store, asked(periods) or years, CANDIDATE if candidate else None) if success else None,
        release=latest.name if latest else None,
        release_is_new=latest is not None and (before is None or before.name != latest.name),
        release_path=str(latest.path) if latest else None,
        site=store.sites.first_page(latest and latest.name),
        candidate=candidate,
        failure=failure(results),
        failure_kind=failure_kind(results),
        blocking=blocking(judged),
        docs=None if store.check_reports.fault else docs(judged),
        ledger_head=store.ledger.head().sha256,
        seconds=time.monotonic() - started,
        remarks=[*remarks, *store.remarks()],
    )


def publish_candidate(
    store: Store, on_step: Callable[[Bilingual], None] | None = None, **announced: str | None
) -> Published:
    """Publish the candidate that stands, as a run of ``release`` and what it brings forth; without one no run.

    Args:
        store: the data root.
        on_step: is told what is done, one sentence a step.
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
        release_is_new=latest is not None and (before is None or before.name != latest.name),
        release_path=latest and str(latest.path),
        site=store.sites.first_page(latest and latest.name),
        failure=failure([result]),
        failure_kind=failure_kind([result]),
        checks=checks(judged),
        blocking=blocking(judged),
        remarks=[*remarks, *store.remarks()],
    )


def chosen(partitions: dg.PartitionsDefinition | None, periods: Sequence[str], store: Store) -> list[int]:
    """The years asked for, each with the year after it, whose tables look back at it; else all that have input.

    A period finer than a year stands for its year.
    """
    known = as_years(partitions.get_partition_keys() if partitions else [])
    parsed = {each: Period.find(each) for each in periods}
    years = asked(periods)
    strange = [each for each, period in parsed.items() if period is None] + [
        str(year) for year in years if year not in known
    ]
    if strange:
        raise UnknownPeriod(f"no such period: {', '.join(strange)}; the platform holds {known[0]} to {known[-1]}")
    if years:
        after = [year + 1 for year in years if store.tables.has("rankings", year + 1)]
        return sorted({*years, *after})
    newest = max((each.year for each in arrived(store) if each.year), default=0)
    landed = [Period.parse(each.period).year for each in store.landing.standing()]
    made = [*store.tables.years("observations"), *store.releases.years()]
    return [year for year in known if year <= max([newest, *landed, *made])] or known[:1]


def asked(periods: Sequence[str]) -> list[int]:
    """The years that periods end in, once each; what is no period is left out."""
    return sorted({period.year for period in map(Period.find, periods) if period})


def stretches(years: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Unbroken stretches of years, each one run."""
    first = previous = years[0]
    for year in years[1:]:
        if year != previous + 1:
            yield first, previous
            first = year
        previous = year
    yield first, previous


def spanned(platform: Platform, dagster: dg.DagsterInstance) -> tuple[int, int]:
    """First and last of the years that a run of all years makes, in one run, which alone may publish.

    A history that has nothing of a year, such as a new one, is told of it. Where no year is due the newest is made: a
    run has a year at least.
    """
    due = {*platform.foreseen(), *untold(platform.whole, dagster)} or {*platform.whole[-1:]}
    return min(due), max(due)


def untold(years: Sequence[int], dagster: dg.DagsterInstance) -> list[int]:
    """The years of which a history that is kept has no ranking yet."""
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
    """One run over a stretch of years, or of some assets; it names its process and location from the first instant."""
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
    """What each feed brought, by evidence: files and cells; of refused files, which have none, only that they came.

    Args:
        submissions: what the run read.
        refused: what was refused as it came and still lies in a folder, so that no run reads it.
    """
    read = submissions.filter(pl.col("status") != "refused").group_by("feed", "evidence")
    counted = read.agg(pl.len().alias("files"), pl.col("cells", "accepted", "quarantined").sum()).to_dicts()
    came = {(each.feed, each.period, each.sha256) for each in refused}
    came |= {*submissions.filter(status="refused").select("feed", "period", "file").iter_rows()}
    numbers = Counter(feed for feed, *_ in came)
    rows = [{**row, "refused": 0} for row in counted]
    rows += [{"feed": feed, "evidence": None, "files": number, "refused": number} for feed, number in numbers.items()]
    blank = dict.fromkeys(("cells", "accepted", "quarantined"), 0)
    return sorted(({**blank, **row} for row in rows), key=lambda row: (row["feed"], row["evidence"] or "~"))


def _left(store: Store) -> list[Arrival]:
    """What lies in the inbox and was not received: it was being written, or came since."""
    return [replace(each, refusal=not_taken("growing")) for each in new_arrivals(store, list(may_be_taken(store)))[0]]


def _not_taken(arrival: Arrival) -> dict[str, str]:
    """What lies in a folder and is left there, where, and why."""
    place = {"feed": arrival.feed, "folder": arrival.folder, "period": arrival.period}
    return {**place, "file": arrival.name, "why": arrival.refusal or ""}


def checks(judged: Sequence[Judged]) -> dict[str, Any]:
    """Entries of all suites by outcome, and each that did not pass with its reason and the first failing rows."""
    results = [each for step in judged for each in sorted(step.results, key=lambda each: each.severity != "critical")]
    kinds = [each.kind for each in results]
    return {
        **{kind: kinds.count(kind) for kind in KINDS},
        "not_passed": [
            {**entry(each), "rows": rows_of(each.failing_rows)} for each in results if each.outcome != "passed"
        ],
    }


def docs(judged: Sequence[Judged]) -> str | None:
    """The page that shows every check of the last run."""
    return str(judged[-1].report) if judged else None


def blocking(judged: Sequence[Judged]) -> list[Any]:
    """The received files on which rest the checks that stop the publication."""
    return [file.to_dict() for step in judged for file in step.files]


def failure(results: Sequence[dg.ExecuteInProcessResult]) -> str | None:
    """Why the run failed: the first error that Dagster recorded, in our own words where they are ours."""
    if all(each.success for each in results):
        return None
    for event in (event for result in results for event in result.all_events):
        error = getattr(event.event_specific_data, "error", None)
        if error:
            step = f"{event.step_key}: " if event.step_key else ""
            return step + OUR_CLASS.sub("", (error.cause or error).message.strip())
    return "the run failed without an error; its events are in the UI"


def failure_kind(results: Sequence[dg.ExecuteInProcessResult]) -> str | None:
    """What kind of failure the first error is; None where nothing failed."""
    if all(each.success for each in results):
        return None
    errors = (getattr(event.event_specific_data, "error", None) for result in results for event in result.all_events)
    return next((FAILURES.get((error.cause or error).cls_name, "other") for error in errors if error), "other")


def leaders(store: Store, years: Sequence[int], name: str | None, first: int = 10) -> dict[str, Any] | None:
    """The first ten of the newest ranking of these years, from a release or the candidate; a complete one leads.

    Of several indexes the platform's own is shown.
    """
    if name is None and store.releases.latest() is None:
        return None
    newest = league.newest(store.open_release(name), years, OWN_INDEX)
    return newest and newest.first(first)
