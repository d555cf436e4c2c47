"""The assets, in the order of the flow: receipts, observations, scores, rankings, publications, release."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import dagster as dg
import polars as pl
from pydantic import Field

from dti_platform import feeds, methodology, publications, quality, tables
from dti_platform.methodology import Frameworks
from dti_platform.orchestration import checks, lineage
from dti_platform.orchestration.io import records
from dti_platform.orchestration.partitions import ARRIVALS, ONE_RUN, WITH_YEAR_BEFORE, as_years
from dti_platform.pipeline.platform import READ, Landed, Platform, PublicationStopped
from dti_platform.pipeline.versions import source_version
from dti_platform.units import Units

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
        metadata={"feeds": declared()},
    )
    def receipts(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[Any]:
        landed = platform.land(patient=ARRIVALS in context.run.tags)
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


def declared() -> dg.TableMetadataValue | dg.MarkdownMetadataValue:
    """What each feed says of itself: whose it is, under which licence, how often it comes, and who sends it."""
    told = ("id", "title_vi", "title_en", "publisher", "licence", "rhythm", "sender", "evidence")
    found = [module.FEED for module in feeds.discover().values()]
    return records(pl.DataFrame([{name: getattr(feed, name) for name in told} for feed in found]))


def not_taken(landed: Landed) -> dg.JsonMetadataValue:
    """What lies in the folders and is no plain file of a known feed, with the reason."""
    return dg.MetadataValue.json({each.name: each.refusal for each in landed.refused})


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


class Recipe(NamedTuple):
    """A table of a year that is computed from other tables of the year and, where it looks back, of the year before."""

    name: str
    group: str
    model: type[tables.Table]
    rooms: tuple[str, ...]
    inputs: tuple[str, ...]
    before: tuple[str, ...]
    build: Callable[[int, Mapping[str, pl.DataFrame], Mapping[str, pl.DataFrame], Units, Frameworks], pl.DataFrame]


def recipes() -> list[Recipe]:
    """Scores, rankings, and every published table; a published table is found in its module, not registered here."""
    found = {name: module for name, module in publications.discover().items() if name not in tables.TABLES}
    rooms = ("publications", "methodology", "units.py")
    return [
        Recipe("scores", "scores", tables.Scores, ("methodology",), ("observations",), (), scored),
        Recipe("rankings", "rankings", tables.Rankings, ("methodology",), ("observations", "scores"), (), ranked),
        *(
            Recipe(name, "publications", module.MODEL, rooms, module.INPUTS, module.INPUTS_BEFORE, module.build)
            for name, module in found.items()
        ),
    ]


def scored(
    year: int, now: Mapping[str, pl.DataFrame], _: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks
) -> pl.DataFrame:
    """Every unit at every node of every framework in force."""
    return methodology.score_year(year, now["observations"], units, frameworks)


def ranked(
    year: int, now: Mapping[str, pl.DataFrame], _: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks
) -> pl.DataFrame:
    """The place of every unit among its peers."""
    return methodology.rank_year(year, now["scores"], now["observations"], units, frameworks)


def computed(recipe: Recipe, years: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset of a recipe."""
    read = sorted({*recipe.inputs, *recipe.before})

    @dg.asset(
        name=recipe.name,
        ins={table: dg.AssetIn(table, partition_mapping=mapping(table, recipe)) for table in read},
        group_name=recipe.group,
        owners=OWNERS,
        kinds={"polars", "parquet"},
        code_version=source_version(*recipe.rooms),
        description=publications.dictionary_entry(recipe.model),
        metadata={"column_lineage": dg.MetadataValue.md(lineage.columns(recipe.model, read))},
        partitions_def=years,
        backfill_policy=ONE_RUN,
        io_manager_key="tables",
        required_resource_keys={"platform"},
    )
    def table(context: dg.AssetExecutionContext, **frames: Frames) -> Frames:
        platform: Platform = context.resources.platform
        return {
            year: recipe.build(
                year,
                {name: of_year(frames[name], name, year) for name in recipe.inputs},
                {name: of_year(frames[name], name, year - 1) for name in recipe.before},
                platform.units,
                platform.frameworks,
            )
            for year in as_years(context.partition_keys)
        }

    return table


def mapping(table: str, recipe: Recipe) -> dg.PartitionMapping | None:
    """A table of the year before is asked for by an offset; else the same year."""
    return WITH_YEAR_BEFORE if table in recipe.before else None


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
    """Every asset, in the order of the flow."""
    return [
        receipts(),
        observations(years),
        *(computed(recipe, years) for recipe in recipes()),
        release(sorted(publications.discover())),
    ]
