"""The definitions that Dagster loads, put together once: tests, the command line and the UI assemble alike."""

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
    """Assets, checks, job, schedules and sensor over one data root.

    The years begin with the first in which a framework is in force, unless another is asked for, and reach at least the
    last in which one is, and the newest that committed feeds, stored tables or releases hold.
    """
    frameworks = methodology.load()
    partitions = years(first_year or frameworks.first_year, max(store.newest_year(), frameworks.last_year))
    platform = platform or Platform(store)
    made = assets.build(partitions, store)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Land, read, check, score, rank and publish: every year, or the years asked for.",
        executor_def=dg.in_process_executor,
        # A killed run is tried again as a whole: what its first steps wrote is recorded when a run ends.
        tags={"dagster/retry_strategy": "ALL_STEPS"},
    )
    return dg.Definitions(
        assets=[*feed_assets.specs(store), *made],
        asset_checks=[*checks.build(partitions), checks.freshness()],
        jobs=[job],
        schedules=automation.schedules(JOB, platform.arrivals),
        sensors=[automation.inbox(JOB, platform.arrivals, partitions), alerting.sensor(store)],
        executor=dg.in_process_executor,
        resources={"platform": resource(platform, Settings().lock_wait_seconds), "tables": TableIO(platform, models())},
    )


def resource(platform: Platform, wait: float) -> dg.ResourceDefinition:
    """The platform as a resource that one run at a time holds, however it was started.

    A second run waits this many seconds, then fails with the holder's run id; a killed holder frees the lock. Each run
    names its process, by which others see whether it lives. What is old in Dagster's history and in the cache goes. A
    run that fails says so in the ledger before it lets go, however it was started: a hook of Dagster's would do so for
    the main job alone, and store an event for each step that did not fail.
    """

    @dg.resource(description="One data root with its units and frameworks; one run at a time")
    def locked(context: dg.InitResourceContext) -> Iterator[Platform]:
        """The platform, for as long as the run holds the lock."""
        run, instance = context.run, context.instance
        if run and instance:
            origin.sign(instance, run)
            liveness.tag(instance, run.run_id, liveness.tags(run.run_id, platform.store))
        with ExitStack() as held:
            try:
                held.enter_context(platform.store.lock("run", run.run_id if run else "no run", wait=wait))
            except Locked:
                if run and instance:
                    retention.forget_unasked(instance, run.run_id)
                    if ARRIVALS in run.tags:
                        liveness.tag(instance, run.run_id, {automation.MET_LOCK: "true"} | liveness.NOT_AGAIN)
                raise
            platform.store.releases.check_known()
            platform.store.ledger.check_clock()
            platform.running = True
            contracts_met.recall(platform.store.cache)
            judged = held.enter_context(answers(platform))
            platform.again = unverified(platform.store) if run and run.job_name == JOB else ()
            if instance and (gone := retention.prune(instance, Settings().keep_runs_days)) and context.log:
                context.log.info("deleted %d runs of long ago", len(gone))
            yield platform
            platform.store.cache.sweep(Settings().cache_mb * 10**6)
            if run and instance and (failure := failure_of(instance, run.run_id)):
                latest = platform.store.releases.latest()
                retention.forget_unasked(instance, run.run_id)
                stopped.keep(platform.store, run.run_id, judged)
                platform.journal.ended(run.run_id, latest.name if latest else None, failure)
            platform.store.derived.record(run.run_id if run else None)  # a run of some steps alone has no other end

    return locked


@contextmanager
def answers(platform: Platform) -> Generator[list[Judged]]:
    """What the steps of checks answer while the block runs; who was told of it before still is."""
    judged: list[Judged] = []
    told = platform.on_judged

    def tell(step: Judged) -> None:
        judged.append(step)
        told(step)

    platform.on_judged = tell
    try:
        yield judged
    finally:
        platform.on_judged = told


def failure_of(instance: dg.DagsterInstance, run_id: str) -> str | None:
    """The first step of a run that failed, and why; None: none did."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        if entry.dagster_event and (told := entry.dagster_event.step_failure_data.error):
            error = told.cause or told
            kind, _, why = error.message.strip().partition(": ")
            return f"{entry.step_key}: {why if kind.endswith(error.cls_name or kind) else error.message.strip()}"
    return None
