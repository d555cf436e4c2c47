"""The definitions that Dagster loads, put together once: tests, the command line and the UI assemble alike."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import dagster as dg

from dti_platform import methodology
from dti_platform.orchestration import assets, automation, checks, feed_assets, liveness, origin, retention
from dti_platform.orchestration.io import TableIO
from dti_platform.orchestration.liveness import JOB
from dti_platform.orchestration.partitions import ARRIVALS, years
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import models, unverified
from dti_platform.settings import Settings
from dti_platform.storage import Locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dti_platform.language import Bilingual
    from dti_platform.storage import Store


def build(
    store: Store, *, on_step: Callable[[Bilingual], None] | None = None, first_year: int | None = None
) -> dg.Definitions:
    """Assets, checks, job, schedules and sensor over one data root.

    The years begin with the first in which a framework is in force, unless another is asked for, and reach at least the
    last in which one is, and the newest that committed feeds, stored tables or releases hold.
    """
    frameworks = methodology.load()
    partitions = years(first_year or frameworks.first_year, max(store.newest_year(), frameworks.last_year))
    platform = Platform(store, on_step or (lambda _: None))
    made = assets.build(partitions, store)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Land, read, check, score, rank and publish: every year, or the years asked for.",
        executor_def=dg.in_process_executor,
        hooks={record_failure},
    )
    return dg.Definitions(
        assets=[*feed_assets.specs(store.inbox), *made],
        asset_checks=[*checks.build(), *checks.freshness(made)],
        jobs=[job],
        schedules=automation.schedules(JOB, platform.arrivals),
        sensors=[automation.inbox(JOB, platform.arrivals, partitions)],
        executor=dg.in_process_executor,
        resources={"platform": resource(platform, Settings().lock_wait_seconds), "tables": TableIO(platform, models())},
    )


def resource(platform: Platform, wait: float) -> dg.ResourceDefinition:
    """The platform as a resource that one run at a time holds, however it was started.

    A second run waits this many seconds, then fails with the holder's run id; a killed holder frees the lock. Each run
    names its process, by which others see whether it lives. What is old in Dagster's history and in the cache goes.
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
                if run and instance and ARRIVALS in run.tags:
                    liveness.tag(instance, run.run_id, {automation.MET_LOCK: "true"})
                raise
            platform.store.releases.check_known()
            platform.store.ledger.check_clock()
            platform.running = True
            platform.again = unverified(platform.store) if run and run.job_name == JOB else ()
            if instance and (gone := retention.prune(instance, Settings().keep_runs_days)) and context.log:
                context.log.info("deleted %d runs of long ago", len(gone))
            yield platform
            platform.store.cache.sweep(Settings().cache_mb * 10**6)
            platform.store.derived.record(run.run_id if run else None)  # a run of some steps alone has no other end

    return locked


@dg.failure_hook(name="say_failure", required_resource_keys={"platform"})
def record_failure(context: dg.HookContext) -> None:
    """A failed step leaves one line in the log, and the ledger records how the run ended.

    A notifier can take its place.
    """
    context.log.error("step %s of run %s failed: %s", context.op.name, context.run_id, context.op_exception)
    platform: Platform = context.resources.platform
    latest = platform.store.releases.latest()
    failure = f"{context.op.name}: {context.op_exception}"
    platform.journal.ended(context.run_id, latest.name if latest else None, failure)
