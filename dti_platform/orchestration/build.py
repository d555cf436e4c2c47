"""The definitions that Dagster loads: tests, the command line and the UI build them by the same function."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform import methodology
from dti_platform.operations import stopped
from dti_platform.orchestration import alerting, assets, automation, checks, feed_assets, liveness, origin, retention
from dti_platform.orchestration.io import TableIO
from dti_platform.orchestration.liveness import JOB
from dti_platform.orchestration.partitions import ARRIVALS, years
from dti_platform.pipeline import Platform, contracts_met
from dti_platform.pipeline.flow import models, unverified
from dti_platform.settings import Settings
from dti_platform.storage import Locked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from dti_platform.pipeline.gate import Judged
    from dti_platform.storage import Store


def build(store: Store, *, platform: Platform | None = None, first_year: int | None = None) -> dg.Definitions:
    """Assets, checks, job, schedules and sensors over one data root.

    The years begin with the first in which a framework is in force, or with ``first_year``. They reach at least the
    last year in which a framework is in force, and the newest year of committed feeds, stored tables and releases.
    """
    frameworks = methodology.load()
    partitions = years(first_year or frameworks.first_year, max(store.newest_year(), frameworks.last_year))
    platform = platform or Platform(store)
    flow_assets = assets.build(partitions, store)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Land, read, check, score, rank and publish: every year, or the years asked for.",
        executor_def=dg.in_process_executor,
        # A killed run is retried as a whole: what its first steps wrote is recorded only when a run ends.
        tags={"dagster/retry_strategy": "ALL_STEPS"},
    )
    return dg.Definitions(
        assets=[*feed_assets.specs(store), *flow_assets],
        asset_checks=[*checks.build(partitions), checks.freshness()],
        jobs=[job],
        schedules=automation.schedules(JOB, platform.arrivals),
        sensors=[automation.inbox(JOB, platform.arrivals, partitions), alerting.sensor(store)],
        executor=dg.in_process_executor,
        resources={"platform": resource(platform, Settings().lock_wait_seconds), "tables": TableIO(platform, models())},
    )


def resource(platform: Platform, wait: float) -> dg.ResourceDefinition:
    """The platform as a resource that one run at a time holds, however it was started.

    A second run waits for ``wait`` seconds, then fails with the holder's run id; a killed holder frees the lock. Each
    run tags its process, by which others see whether it lives. Old runs of Dagster's history and old entries of the
    cache are deleted. A run that fails records its failure in the ledger before it releases the lock, however it was
    started: a hook of Dagster would do this for the main job only, and store an event for each step that did not fail.
    """

    @dg.resource(description="One data root with its units and frameworks; one run at a time")
    def locked(context: dg.InitResourceContext) -> Iterator[Platform]:
        """The platform, for as long as the run holds the lock."""
        run, instance = context.run, context.instance
        if run and instance:
            origin.sign(instance, run)
            liveness.tag(instance, run.run_id, liveness.tags(run.run_id, platform.store))
        with ExitStack() as stack:
            try:
                stack.enter_context(platform.store.lock("run", run.run_id if run else "no run", wait=wait))
            except Locked:
                if run and instance:
                    retention.forget_plans(instance, run.run_id)
                    if ARRIVALS in run.tags:
                        liveness.tag(instance, run.run_id, {automation.MET_LOCK: "true"} | liveness.NOT_AGAIN)
                raise
            platform.store.releases.check_known()
            platform.store.ledger.check_clock()
            platform.running = True
            if not platform.all_years:  # a run of all years has done so before it chose them
                platform.repair()
            contracts_met.recall(platform.store.cache)
            judged = stack.enter_context(collected_answers(platform))
            platform.extra_years = unverified(platform.store) if run and run.job_name == JOB else ()
            if instance and (deleted := retention.prune(instance, Settings().keep_runs_days)) and context.log:
                context.log.info("deleted %d runs of long ago", len(deleted))
            yield platform
            platform.store.cache.sweep(Settings().cache_mb * 10**6)
            if run and instance and (failure := failure_of(instance, run.run_id)):
                latest = platform.store.releases.newest()
                retention.forget_plans(instance, run.run_id)
                stopped.keep(platform.store, run.run_id, judged)
                platform.journal.ended(run.run_id, latest.name if latest else None, failure)
            platform.store.derived.record(run.run_id if run else None)  # runs of some steps record it nowhere else

    return locked


@contextmanager
def collected_answers(platform: Platform) -> Generator[list[Judged]]:
    """Collect the results of each step of checks while the block runs; the previous callback is still called."""
    steps: list[Judged] = []
    notify = platform.on_judged

    def collect(step: Judged) -> None:
        steps.append(step)
        notify(step)

    platform.on_judged = collect
    try:
        yield steps
    finally:
        platform.on_judged = notify


def failure_of(instance: dg.DagsterInstance, run_id: str) -> str | None:
    """The first step of a run that failed, and why; None: no step failed."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        if entry.dagster_event and (error_info := entry.dagster_event.step_failure_data.error):
            error = error_info.cause or error_info
            kind, _, why = error.message.strip().partition(": ")
            return f"{entry.step_key}: {why if kind.endswith(error.cls_name or kind) else error.message.strip()}"
    return None
