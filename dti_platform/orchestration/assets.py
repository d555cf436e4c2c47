"""The assets, in the order of the flow: feeds, receipts, observations, scores, rankings, publications, release.

Here: each step of the pipeline as an asset, with the metadata that the UI shows. Not here: which table is made from
which, and how (``pipeline.flow``).
"""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from dti_platform import feeds, publications, quality, tables
from dti_platform.explain import difference_lines
from dti_platform.feeds import Parsed
from dti_platform.language import shown
from dti_platform.orchestration import audit_assets, checks, feed_assets, links, liveness, progress, static_metadata
from dti_platform.orchestration.attribution import launched_by
from dti_platform.orchestration.partitions import ARRIVALS, ONE_RUN, WITH_YEAR_BEFORE, as_years
from dti_platform.orchestration.static_metadata import OWNERS
from dti_platform.pipeline import Platform, candidate
from dti_platform.pipeline import site as pages
from dti_platform.pipeline.blocking import blocking_files
from dti_platform.pipeline.candidate import Proposal
from dti_platform.pipeline.flow import READ, Recipe, Yearly, Years, concatenated, recipes, stored
from dti_platform.pipeline.gate import Judged, PublicationStopped
from dti_platform.pipeline.inputs import Arrivals, Landed, Reader
from dti_platform.pipeline.publish import Publisher
from dti_platform.pipeline.versions import GROUND, source_version
from dti_platform.settings import Settings
from dti_platform.storage import Receipt, Store

#: Lines of a difference that the UI shows; the page has all.
MOST_LINES = 60


def receipts(store: Store) -> dg.AssetsDefinition:
    """Group landing: keep every byte that arrived."""

    @dg.asset(
        deps=[feed_assets.key_of(feed) for feed in feeds.discover()],
        group_name="landing",
        owners=OWNERS,
        kinds={"file"},
        code_version=source_version("storage"),
        description="Every received file, kept byte for byte under its sha256, with a receipt in the ledger.",
        metadata=static_metadata.location(store.landing.folder, Arrivals.land),
        tags=static_metadata.tags("landing"),
    )
    def receipts(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[Any]:
        """Lands what arrived."""
        landed = platform.arrivals.land(patient=ARRIVALS in context.run.tags)
        platform.on_step(progress.landed(landed))
        platform.add_changed_years()
        return dg.MaterializeResult(
            metadata={
                "standing": len(landed.standing),
                "new": landed.new,
                "withdrawn": landed.withdrawn,
                "not_taken": not_taken(landed),
                "answers": links.answers_pages(),
            },
            data_version=dg.DataVersion(landed.version),
        )

    return receipts


def not_taken(landed: Landed) -> dg.JsonMetadataValue:
    """The files in the folders that are not plain files of a known feed, each with the reason."""
    return dg.MetadataValue.json({arrival.name: arrival.refusal for arrival in landed.refused})


def observations(years: dg.PartitionsDefinition, store: Store) -> dg.AssetsDefinition:
    """Group observations: every feed into one typed table; what can't be read goes to quarantine."""

    @dg.multi_asset(
        name="read_feeds",
        outs={
            name: dg.AssetOut(
                group_name="observations",
                owners=OWNERS,
                kinds={"polars", "parquet"},
                code_version=source_version("reading", "feeds", *GROUND),
                description=publications.dictionary_entry(tables.TABLES[name]),
                metadata=static_metadata.table(name, tables.TABLES[name], (), store.tables.folder, Reader.read_year),
                tags=static_metadata.tags("observations", framework_free="true"),
                io_manager_key="tables",
            )
            for name in READ
        },
        deps=["receipts"],
        partitions_def=years,
        backfill_policy=ONE_RUN,
    )
    def read_feeds(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.Output[Yearly]]:
        """Reads the landed files of the years asked for."""
        parsed = {year: read_year(platform, year) for year in platform.years(as_years(context.partition_keys))}
        if unchanged := sorted({*platform.all_years} - {*parsed}):
            platform.on_step(progress.unchanged(unchanged))
        for event in feed_assets.brought(context.instance, *receipts_and_submissions(platform.store, parsed)):
            context.log_event(event)
        for year in as_years(context.partition_keys):
            metadata = {"quarantined_cells": parsed[year].quarantine.height}
            context.add_asset_metadata(metadata, "observations", str(year))
        for name in READ:
            yield dg.Output(Yearly(parsed, partial(table_of, parsed, name)), output_name=name)
        parsed.clear()  # Dagster holds the outputs of a step until the run in its process ends

    return read_feeds


def table_of(parsed: Mapping[int, Parsed], name: str, year: int) -> pl.DataFrame:
    """One of the tables read from the files of a year."""
    return getattr(parsed[year], name)


def receipts_and_submissions(store: Store, parsed: Mapping[int, Parsed]) -> tuple[list[Receipt], pl.DataFrame]:
    """All receipts, and the submissions of all years: just read, or stored where the year was not read."""
    others = {*store.tables.years("submissions")} - {*parsed}
    read = [year_tables.submissions for year_tables in parsed.values()]
    return store.landing.receipts(), concatenated("submissions", [*read, stored(store, "submissions", others)])


def read_year(platform: Platform, year: int) -> Parsed:
    """Read the landed files of a year; a year without files is not reported."""
    parsed = platform.reader.read_year(year)
    if parsed.submissions.height:
        platform.on_step(progress.read(year, parsed))
    return parsed


def computed(
    recipe: Recipe, years: dg.PartitionsDefinition, store: Store, framework_free: Collection[str]
) -> dg.AssetsDefinition:
    """The asset of a recipe; a partition mapping with an offset loads tables of the year before."""
    inputs = sorted({*recipe.inputs, *recipe.before})
    mappings = {table: WITH_YEAR_BEFORE if table in recipe.before else None for table in inputs}

    @dg.asset(
        name=recipe.name,
        ins={table: dg.AssetIn(table, partition_mapping=mappings[table]) for table in inputs},
        group_name=recipe.group,
        owners=OWNERS,
        kinds={"polars", "parquet"},
        code_version=source_version(*recipe.rooms, *GROUND),
        description=publications.dictionary_entry(recipe.model),
        metadata=static_metadata.table(recipe.name, recipe.model, inputs, store.tables.folder, recipe.build),
        tags=static_metadata.tags(recipe.group, framework_free=str(recipe.name in framework_free).lower()),
        partitions_def=years,
        backfill_policy=ONE_RUN,
        io_manager_key="tables",
        required_resource_keys={"platform"},
    )
    def table(context: dg.AssetExecutionContext, **sources: Years) -> Yearly:
        """Makes the table for the years asked for; each year is computed when it is written."""
        platform: Platform = context.resources.platform
        years = platform.years(as_years(context.partition_keys))
        return Yearly(years, partial(recipe.make, sources=sources, known=platform.known))

    return table


class Announcement(dg.Config):
    """Whether the run publishes, and as which type of release; runs of a schedule publish scheduled ones."""

    publish: str | None = Field(
        None,
        pattern="^(auto|ask|candidate)$",
        description="auto: publish; ask: leave a candidate; candidate: publish the one that stands; default: ask where "
        "the inbox asked for the run, else DTI_PUBLISH",
    )
    candidate: str | None = Field(None, description="the candidate that was seen; default: whichever stands")
    on_behalf: str | None = Field(None, description="who decided to publish; default: who launched the run")
    type: str = Field("scheduled", description="scheduled; revision: better data; correction: a mistake")
    reason: str | None = Field(None, description="why: must be there for a revision or a correction")

    def mode(self, tags: Mapping[str, str]) -> str:
        """What the run does: as configured, else ask for a run of the inbox, else DTI_PUBLISH."""
        return self.publish or ("ask" if ARRIVALS in tags else Settings().publish)


def release(published_names: list[str], store: Store) -> dg.AssetsDefinition:
    """Group release: all publications of all periods together, or nothing."""

    @dg.asset(
        deps=[dg.AssetDep(name, partition_mapping=dg.AllPartitionMapping()) for name in published_names],
        group_name="release",
        owners=OWNERS,
        kinds={"parquet"},
        code_version=source_version("storage", "publications"),
        description="The only writer of what readers get: re-verifies every table from its file, adds what changed "
        "since the release before, then publishes all of them in one step, or nothing. Content that did not change "
        "makes no new release. What merely arrived, what takes published figures away, and everything where "
        "DTI_PUBLISH is ask, is left as a candidate: an observation says what it would change and how a person "
        "publishes it.",
        metadata=static_metadata.location(store.releases.folder, Publisher.publish),
        tags=static_metadata.tags("release"),
        check_specs=[spec for suite in release_suites() for spec in checks.specs(suite)],
        output_required=False,
    )
    def release(
        context: dg.AssetExecutionContext, config: Announcement, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetObservation | dg.AssetCheckResult]:
        """Publishes or leaves a candidate, or reports the checks that stopped it."""
        run_id = context.run.run_id
        platform.standing_years.note()
        try:
            results = yield from announce(platform, run_id, config, context.run.tags)
        except PublicationStopped as stopped:
            yield from release_checks(platform, stopped.results, run_id)
            page = reported(platform, stopped.results, run_id)
            files = blocking_files(platform.store, stopped.results)
            platform.on_judged(Judged((), page, files))
            if files:
                yield dg.AssetObservation("release", metadata=checks.files_metadata(files))
            liveness.tag(context.instance, run_id, liveness.NOT_AGAIN)
            raise checks.stopped(stopped.results, page) from None
        yield from release_checks(platform, results, run_id)

    return release


def site(store: Store) -> dg.AssetsDefinition:
    """Group release: the pages of the newest release."""

    @dg.asset(
        deps=["release"],
        group_name="release",
        owners=OWNERS,
        kinds={"html"},
        code_version=source_version("report", "pages", "explain"),
        metadata=static_metadata.location(store.sites.folder, pages.make),
        tags=static_metadata.tags("release"),
        description="The site of the release: pages in Vietnamese and English that open without a server, made from "
        "the released tables alone. It can be made again at any time; nothing rests on it.",
    )
    def site(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[Any]:
        """Makes the pages, unless they exist already."""
        result = pages.make(platform.store)
        if result.is_new:
            platform.on_step(progress.paged(result))
        return dg.MaterializeResult(
            metadata={
                "site": links.site_page(),
                "release": result.release,
                "path": str(result.path),
                "new": result.is_new,
            },
            data_version=dg.DataVersion(f"{result.release}-{pages.version()}"),
        )

    return site


def announce(
    platform: Platform, run_id: str, config: Announcement, tags: Mapping[str, str]
) -> Generator[dg.MaterializeResult[Any] | dg.AssetObservation, None, Sequence[quality.CheckResult]]:
    """Publish or leave a candidate, and report it to the UI; returns the results of the gate."""
    mode, publisher = config.mode(tags), platform.publisher
    on_behalf = config.on_behalf or launched_by(tags)
    if mode == "ask" or (mode == "auto" and config.type == "scheduled" and publisher.corrected()):
        proposal = candidate.propose(publisher, run_id)
        platform.on_step(progress.proposed(proposal))
        yield dg.AssetObservation("release", metadata=proposed(proposal))
        return proposal.results
    if mode == "auto":
        publication = publisher.publish(run_id, config.type, config.reason, on_behalf)
    else:
        publication = candidate.release(
            publisher, run_id, config.candidate, kind=config.type, reason=config.reason, on_behalf=on_behalf
        )
    if publication is None:
        platform.on_step(progress.released(None))
        yield dg.AssetObservation("release", metadata={"candidate": "none: there is nothing to publish"})
        return ()
    platform.on_step(progress.released(publication))
    released = {"release": publication.release.name, "new": publication.is_new, "path": str(publication.release.path)}
    resources = publisher.store.releases.open(publication.release.name).descriptor["resources"]
    evidence = {resource["path"]: resource["dti:evidence"] for resource in resources if "dti:evidence" in resource}
    metadata = {**released, "evidence": dg.MetadataValue.json(evidence), **publication.rows}
    yield dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(publication.release.content))
    return publication.results


def proposed(proposal: Proposal) -> dict[str, dg.MetadataValue | str | int]:
    """What the UI shows of a candidate; received text is never formatted."""
    if proposal.candidate is None or proposal.difference is None:
        return {"candidate": "none: nothing differs from the last release"}
    pending, difference = proposal.candidate, proposal.difference
    return {
        "candidate": pending.name,
        "to publish": candidate.command(pending.name, pending.record["corrected"]),
        "scores and ranks": len(difference.changes),
        "new rankings": len(difference.new),
        "operational figures": len(difference.scorecards),
        "difference": dg.MetadataValue.text("\n".join(map(shown, difference_lines(difference, "en")[:MOST_LINES]))),
        "page": dg.MetadataValue.path(str(pending.path / candidate.PAGE)),
        **proposal.rows,
    }


def release_suites() -> list[quality.Suite]:
    """The suites of the tables that the release itself makes."""
    return [suite for name, suite in quality.suites().items() if name in publications.of_releases()]


def release_checks(
    platform: Platform, results: Sequence[quality.CheckResult], run_id: str
) -> Iterator[dg.AssetCheckResult]:
    """The results for the tables that the release makes, with the report that shows them."""
    for suite in release_suites():
        table_results = [result for result in results if result.table == suite.table]
        report = platform.gate.report(run_id, suite.table, table_results)
        platform.on_judged(Judged(table_results, report, ()))
        yield from checks.of_release(suite, table_results, report)


def reported(platform: Platform, results: Sequence[quality.CheckResult], run_id: str) -> Path:
    """The report of the run, with the results of every table that stops the release."""
    tables = sorted({result.table for result in results if result.blocks})
    return [
        platform.gate.report(run_id, name, [result for result in results if result.table == name]) for name in tables
    ][-1]


def build(years: dg.PartitionsDefinition, store: Store) -> list[dg.AssetsDefinition]:
    """Every asset that a run makes, in the order of the flow."""
    computed_tables = recipes()
    framework_free = static_metadata.framework_free(computed_tables)
    return [
        receipts(store),
        observations(years, store),
        *(computed(recipe, years, store, framework_free) for recipe in computed_tables),
        release(sorted(publications.discover()), store),
        site(store),
        audit_assets.rank_robustness(store),
    ]
