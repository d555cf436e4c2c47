"""The assets, in the order of the flow: receipts, observations, scores, rankings, publications, release."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from dti_platform import methodology, publications, quality, tables
from dti_platform.orchestration import checks, lineage
from dti_platform.orchestration.partitions import ONE_RUN, WITH_YEAR_BEFORE, as_years
from dti_platform.orchestration.platform import READ, Landed, Platform, PublicationStopped
from dti_platform.orchestration.versions import source_version

Frames = dict[int, pl.DataFrame]
OWNERS = ["team:dti-data-engineering"]


def of_year(frames: Mapping[int, pl.DataFrame], name: str, year: int) -> pl.DataFrame:
    """The table of a year; a year that was never made has no rows."""
    return frames[year] if year in frames else publications.empty(name)


def receipts() -> dg.AssetsDefinition:
    """Group landing: keep every byte that arrived."""

    @dg.asset(
        group_name="landing",
        owners=OWNERS,
        kinds={"file"},
        code_version=source_version("storage"),
        description="Every received file, kept byte for byte under its sha256, with a receipt in the ledger.",
    )
    def receipts(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[Any]:
        landed = platform.land()
        return dg.MaterializeResult(
            metadata={
                "standing": len(landed.standing),
                "new": landed.new,
                "withdrawn": landed.withdrawn,
                "not_taken": not_taken(landed),
            },
            data_version=dg.DataVersion(landed.version),
        )

    return receipts


def not_taken(landed: Landed) -> dg.JsonMetadataValue:
    """What lies in the folders and is no plain file of a known feed, with the reason."""
    return dg.MetadataValue.json(
        {each.name: each.refusal or f"no feed is called {each.feed}" for each in landed.refused}
    )


def observations(years: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """Group observations: every feed into one typed table; what can't be read goes to quarantine."""

    @dg.multi_asset(
        name="read_feeds",
        outs={
            name: dg.AssetOut(
                group_name="observations",
                owners=OWNERS,
                kinds={"polars", "parquet"},
                code_version=source_version("reading", "feeds", "units.py"),
                description=publications.dictionary_entry(tables.TABLES[name]),
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
    ) -> Iterator[dg.Output[Frames]]:
        parsed = {year: platform.read_year(year) for year in as_years(context.partition_keys)}
        for name in READ:
            yield dg.Output({year: getattr(each, name) for year, each in parsed.items()}, output_name=name)

    return read_feeds


def scores(years: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """Group scores: every unit at every node of every framework in force."""

    @dg.asset(
        group_name="scores",
        owners=OWNERS,
        kinds={"polars", "parquet"},
        code_version=source_version("methodology"),
        description=publications.dictionary_entry(tables.Scores),
        partitions_def=years,
        backfill_policy=ONE_RUN,
        io_manager_key="tables",
    )
    def scores(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform], observations: Frames) -> Frames:
        return {
            year: methodology.score_year(
                year, of_year(observations, "observations", year), platform.units, platform.frameworks
            )
            for year in as_years(context.partition_keys)
        }

    return scores


def rankings(years: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """Group rankings: the place of every unit among its peers."""

    @dg.asset(
        group_name="rankings",
        owners=OWNERS,
        kinds={"polars", "parquet"},
        code_version=source_version("methodology"),
        description=publications.dictionary_entry(tables.Rankings),
        partitions_def=years,
        backfill_policy=ONE_RUN,
        io_manager_key="tables",
    )
    def rankings(
        context: dg.AssetExecutionContext,
        platform: dg.ResourceParam[Platform],
        scores: Frames,
        observations: Frames,
    ) -> Frames:
        return {
            year: methodology.rank_year(
                year,
                of_year(scores, "scores", year),
                of_year(observations, "observations", year),
                platform.units,
                platform.frameworks,
            )
            for year in as_years(context.partition_keys)
        }

    return rankings


def published(name: str, module: publications.Publication, years: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """Group publications: a table that readers get, from the year's tables and, where declared, the year before."""
    inputs = {f"{table}": dg.AssetIn(table, partition_mapping=mapping(table, module)) for table in all_inputs(module)}

    @dg.asset(
        name=name,
        ins=inputs,
        group_name="publications",
        owners=OWNERS,
        kinds={"polars", "parquet"},
        code_version=source_version("publications", "methodology", "units.py"),
        description=publications.dictionary_entry(module.MODEL),
        metadata={"column_lineage": dg.MetadataValue.md(lineage.columns(module.MODEL, all_inputs(module)))},
        partitions_def=years,
        backfill_policy=ONE_RUN,
        io_manager_key="tables",
        required_resource_keys={"platform"},
    )
    def publication(context: dg.AssetExecutionContext, **frames: Frames) -> Frames:
        platform: Platform = context.resources.platform
        return {
            year: module.build(
                year,
                {table: of_year(frames[table], table, year) for table in module.INPUTS},
                {table: of_year(frames[table], table, year - 1) for table in module.INPUTS_BEFORE},
                platform.units,
                platform.frameworks,
            )
            for year in as_years(context.partition_keys)
        }

    return publication


def all_inputs(module: publications.Publication) -> list[str]:
    """The tables that a publication reads, of the year or of the year before."""
    return sorted({*module.INPUTS, *module.INPUTS_BEFORE})


def mapping(table: str, module: publications.Publication) -> dg.PartitionMapping | None:
    """A table of the year before is asked for by an offset; else the same year."""
    return WITH_YEAR_BEFORE if table in module.INPUTS_BEFORE else None


class Announcement(dg.Config):
    """As what the run publishes; the schedule's runs are scheduled ones."""

    type: str = Field("scheduled", description="scheduled; revision: better data; correction: a mistake")
    reason: str | None = Field(None, description="why: must be there for a revision or a correction")


def release(published_names: list[str]) -> dg.AssetsDefinition:
    """Group release: all publications of all periods together, or none."""

    @dg.asset(
        deps=[dg.AssetDep(name, partition_mapping=dg.AllPartitionMapping()) for name in published_names],
        group_name="release",
        owners=OWNERS,
        kinds={"parquet"},
        code_version=source_version("storage", "publications"),
        description="The only writer of what readers get: re-verifies every table from its file, adds what changed "
        "since the release before, then publishes all of them in one step, or nothing. Content that did not change "
        "makes no new release.",
        check_specs=[spec for suite in chronicle_suites() for spec in checks.specs(suite, "release")],
    )
    def release(
        context: dg.AssetExecutionContext, config: Announcement, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        run_id = context.run.run_id
        try:
            made = platform.publish(run_id, config.type, config.reason)
        except PublicationStopped as stopped:
            yield from chronicled(platform, stopped.results, run_id)
            raise
        described = {"release": made.release.name, "new": made.is_new, "path": str(made.release.path), **made.rows}
        yield dg.MaterializeResult(metadata=described, data_version=dg.DataVersion(made.release.content))
        yield from chronicled(platform, made.results, run_id)

    return release


def chronicle_suites() -> list[quality.Suite]:
    """The suites of the tables that the release itself makes, by comparing itself with the one before."""
    return [suite for name, suite in quality.suites().items() if name in publications.chronicles()]


def chronicled(
    platform: Platform, results: Sequence[quality.CheckResult], run_id: str
) -> Iterator[dg.AssetCheckResult]:
    """The answers about those tables, with the page that shows them."""
    for suite in chronicle_suites():
        own = [each for each in results if each.table == suite.table]
        page = platform.docs.add(run_id, suite.table, own)
        yield from checks.evaluations(suite, own, platform.store.tables.years("observations"), page, "release")


def build(years: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """Every asset; a published table is found in its module, not registered here."""
    modules = publications.discover()
    extra = {name: module for name, module in modules.items() if name not in tables.TABLES}
    return [
        receipts(),
        observations(years),
        scores(years),
        rankings(years),
        *(published(name, module, years) for name, module in extra.items()),
        release(sorted(modules)),
    ]
