"""Content checks as Dagster asset checks: each critical entry of ``expectations/`` is one check, by its name.

The entries of severity warning or info share one check per table. Checks run after the write, once for all years of a
run, and report an outcome for each year, with the failing rows. "could not run" is kept apart from "the data is bad".
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData

from dti_platform import publications, quality
from dti_platform.language import shown
from dti_platform.orchestration import links, liveness, progress
from dti_platform.orchestration.io import records
from dti_platform.orchestration.partitions import RANGE, as_years
from dti_platform.periods import VIETNAM
from dti_platform.pipeline import Platform
from dti_platform.pipeline.blocking import BlockingFile, blocking_files
from dti_platform.pipeline.gate import Judged, why

#: The check of all entries of a table that do not stop a publication.
ADVISORY = "advisory"
#: The metadata key under which a check's result, and the release that it stops, list the files behind the failure.
BLOCKING_FILES = "blocking_files"
#: Month, day and hour in Vietnam by which the ranking of the previous year is due.
DEADLINE = (3, 1, 6)


class Outcome(TypedDict):
    """The fields that Dagster's check results and check evaluations share."""

    passed: bool
    severity: dg.AssetCheckSeverity
    description: str | None
    metadata: Mapping[str, dg.MetadataValue]


#: The columns of a result's entries.
ENTRIES = dg.TableSchema(
    [dg.TableColumn(name, "int" if name == "checked" else "string") for name in (
        "table", "name", "kind", "found", "checked", "reason_en", "reason_vi",
    )]
)  # fmt: skip


def suite_checks(suite: quality.Suite, years: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The checks of a suite, run in one step for all years of the run together.

    Each check writes an event for each year. Therefore the entries that only warn share one check, and an event of a
    check that passes has no metadata.
    """
    asset = dg.AssetKey(suite.table)

    @dg.multi_asset_check(name=f"{suite.table}_suite", specs=specs(suite, years), required_resource_keys={"platform"})
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[Any]:
        """Judges the years asked for."""
        platform: Platform = context.resources.platform
        run_years = platform.years(as_years(years_of_run(context)))
        judged_years = platform.judged_years(run_years)
        run = context.op_execution_context
        results, report = platform.gate.judge(suite.table, judged_years, run.run.run_id)
        platform.on_step(progress.checked(suite.table, results))
        files = blocking_files(platform.store, results)
        platform.on_judged(Judged(results, report, files))
        reported = sorted(
            {*run_years, *(year for result in results if result.blocks for year in quality.failing_by_year(result))}
        )
        yield from evaluations(suite, results, report, files, newest(run.instance, asset, reported), judged_years)
        if any(result.blocks for result in results):
            liveness.tag(run.instance, run.run.run_id, liveness.NOT_AGAIN)
            raise stopped(results, report)
        yield from (dg.Output(None, spec.get_python_identifier()) for spec in specs(suite, None))

    return checks


def newest(
    instance: dg.DagsterInstance, asset: dg.AssetKey, years: Sequence[int]
) -> dict[int, AssetCheckEvaluationTargetMaterializationData | None]:
    """The newest materialisation of each year: Dagster shows an outcome without its target as outdated."""
    partitions = {str(year): year for year in years}
    storage_ids = instance.get_latest_storage_id_by_partition(
        asset, dg.DagsterEventType.ASSET_MATERIALIZATION, partitions=set(partitions)
    )
    records_filter = dg.AssetRecordsFilter(asset, storage_ids=list(storage_ids.values()))
    events = instance.fetch_materializations(records_filter, limit=len(storage_ids)).records if storage_ids else ()
    targets = {
        event.storage_id: AssetCheckEvaluationTargetMaterializationData(
            storage_id=event.storage_id, run_id=event.run_id, timestamp=event.timestamp
        )
        for event in events
    }
    return {year: targets.get(storage_ids.get(partition, 0)) for partition, year in partitions.items()}


def stopped(results: Sequence[quality.CheckResult], report: Path) -> dg.Failure:
    """The failure of a step that checks stop: the first broken rule, the page of the checks, and all its failing rows.

    Dagster's own error would only name the checks.
    """
    blocking = [result for result in results if result.blocks]
    return dg.Failure(
        why(blocking),
        metadata={"page": links.checks_page(report), "rows": records(blocking[0].failing_rows)},
        allow_retries=False,
    )


def specs(suite: quality.Suite, years: dg.PartitionsDefinition | None = None) -> list[dg.AssetCheckSpec]:
    """The specs of a suite's checks, on the asset of its table, or on the release where the release makes the table."""
    asset = asset_of(suite)
    critical_specs = [
        dg.AssetCheckSpec(
            name=name_of(suite, entry.name),
            asset=asset,
            blocking=True,
            description=f"{entry.reason.en} ({entry.reason.vi})",
            partitions_def=years,
        )
        for entry in critical(suite)
    ]
    others = [entry for entry in suite.entries if entry.severity != "critical"]
    if not others:
        return critical_specs
    description = "\n".join(f"- {entry.name}: {entry.reason.en} ({entry.reason.vi})" for entry in others)
    return [
        *critical_specs,
        dg.AssetCheckSpec(name_of(suite, ADVISORY), asset=asset, description=description, partitions_def=years),
    ]


def asset_of(suite: quality.Suite) -> str:
    """The asset that has a suite's checks."""
    return "release" if suite.table in publications.of_releases() else suite.table


def name_of(suite: quality.Suite, check: str) -> str:
    """A check's name; prefixed with the table where the check is on another asset."""
    return check if asset_of(suite) == suite.table else f"{suite.table}_{check}"


def critical(suite: quality.Suite) -> list[quality.Entry]:
    """The entries of a suite that stop a publication."""
    return [entry for entry in suite.entries if entry.severity == "critical"]


def results_by_check(
    suite: quality.Suite, results: Sequence[quality.CheckResult]
) -> Iterator[tuple[str, list[quality.CheckResult]]]:
    """Each check of a suite by name, with the results of its entries; no results where no entry was evaluated."""
    for entry in critical(suite):
        yield name_of(suite, entry.name), [result for result in results if result.name == entry.name]
    if len(critical(suite)) < len(suite.entries):
        yield name_of(suite, ADVISORY), [result for result in results if result.severity != "critical"]


def evaluations(
    suite: quality.Suite,
    results: Sequence[quality.CheckResult],
    report: Path,
    files: Sequence[BlockingFile],
    targets: Mapping[int, AssetCheckEvaluationTargetMaterializationData | None],
    years: Collection[int],
) -> Iterator[dg.AssetCheckEvaluation]:
    """The outcome of each check for each year in ``targets``, of the ``years`` judged together.

    A check that blocks names the received files behind its failing rows. A check that failed is also reported for the
    run as a whole, last and with its failing years, because the overview of an asset shows the newest outcome only.
    """
    asset = dg.AssetKey(asset_of(suite))
    run_evaluations: list[dg.AssetCheckEvaluation] = []
    for name, check_results in results_by_check(suite, results):
        for year, target in targets.items():
            fields = outcome([quality.of_year(result, year, years) for result in check_results], report, files)
            yield dg.AssetCheckEvaluation(
                asset_key=asset, check_name=name, partition=str(year), target_materialization_data=target, **fields
            )
        fields = outcome(check_results, report, files)
        if not fields["passed"]:
            failing_years = sorted({year for result in check_results for year in quality.failing_by_year(result)})
            fields["description"] = ": ".join(filter(None, (", ".join(map(str, failing_years)), fields["description"])))
            run_evaluations.append(dg.AssetCheckEvaluation(asset_key=asset, check_name=name, **fields))
    yield from run_evaluations


def of_release(
    suite: quality.Suite, results: Sequence[quality.CheckResult], report: Path
) -> Iterator[dg.AssetCheckResult]:
    """The outcome of each check of a table that the release makes, over all years."""
    for name, check_results in results_by_check(suite, results):
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey("release"), check_name=name, **outcome(check_results, report, ())
        )


def files_metadata(files: Sequence[BlockingFile]) -> dict[str, dg.MetadataValue]:
    """The files behind the failing rows of blocking checks, for the UI."""
    return {BLOCKING_FILES: dg.MetadataValue.json([file.to_dict() for file in files])} if files else {}


def years_of_run(context: dg.AssetCheckExecutionContext) -> list[str]:
    """The years of the run: one partition, a range, or all stored years where the checks run alone."""
    run = context.op_execution_context.run
    if "dagster/partition" in run.tags:
        return [run.tags["dagster/partition"]]
    platform: Platform = context.resources.platform
    first, last = (run.tags.get(tag) for tag in RANGE)
    if first and last:
        return [str(year) for year in range(int(first), int(last) + 1)]
    return [str(year) for year in platform.store.tables.years("observations")]


def outcome(results: Sequence[quality.CheckResult], report: Path, files: Sequence[BlockingFile]) -> Outcome:
    """The outcome of a check: whether it passed, and the details of entries that failed or have known rows.

    Under a waiver a critical failure is a warning that prints the waiver. An entry of severity info never fails the
    check, nor does an entry whose failing rows are all known.
    """
    failing = [result for result in results if result.outcome != "passed"]
    stopping = {f"{result.table}.{result.name}" for result in failing if result.blocks}
    return {
        "passed": all(result.shown_severity == "info" for result in failing),
        "severity": dg.AssetCheckSeverity.ERROR if stopping else dg.AssetCheckSeverity.WARN,
        "description": "; ".join(f"{result.complaint.en} [{result.name}: {finding(result)}]" for result in failing)
        or (None if results else "not asked"),
        "metadata": {
            **entries_metadata(results, report),
            **files_metadata([file for file in files if file.check in stopping]),
        },
    }


def entries_metadata(results: Sequence[quality.CheckResult], report: Path) -> dict[str, dg.MetadataValue]:
    """The page, table and rows of the entries that failed or have known rows; empty where all passed plainly."""
    notable = [result for result in results if result.kind != "passed"]
    if not notable:
        return {}
    failing = [result for result in notable if result.outcome != "passed"]
    return {
        "page": links.checks_page(report),
        "entries": dg.MetadataValue.table([dg.TableRecord(entry_row(result)) for result in notable], ENTRIES),
        "known": dg.MetadataValue.int(sum(result.known.height for result in results)),
        **{f"rows of {result.name}": records(result.failing_rows) for result in failing if result.rows.height},
        **{f"known rows of {result.name}": records(result.known) for result in notable if result.known.height},
    }


def entry_row(result: quality.CheckResult) -> dict[str, str | int]:
    """One entry of a suite as a row of the result."""
    return {
        "table": result.table,
        "name": result.name,
        "kind": result.kind,
        "found": finding(result),
        "checked": result.checked,
        "reason_en": result.reason.en,
        "reason_vi": result.reason.vi,
    }


def finding(result: quality.CheckResult) -> str:
    """The result in one line, with the number of known rows and the waiver in force."""
    waived = f" ({result.waiver})" if result.waiver else ""
    known = f", {result.known.height} known" if result.known.height else ""
    if result.outcome == "could_not_run":
        return shown(f"could not run: {result.detail}{waived}")
    if result.outcome == "passed":
        return f"passed{known}"
    return shown(f"{result.failing} of {result.checked} rows fail{known}{waived}")


def freshness() -> dg.AssetChecksDefinition:
    """The check that the ranking of the previous year exists by the morning of 1 March; the current year is never late.

    Dagster's own freshness check would take the current year to be complete, because partitions reach to the present.
    """

    @dg.asset_check(asset="rankings", name="freshness_check", description="The ranking of a year is due by 1 March.")
    def check(platform: dg.ResourceParam[Platform]) -> dg.AssetCheckResult:
        """Checks that the table of the year is stored."""
        year = year_due(platform.store.clock().astimezone(VIETNAM))
        is_made = platform.store.tables.has("rankings", year)
        state = "was made" if is_made else "is overdue: nothing was received or computed for it"
        return dg.AssetCheckResult(
            passed=is_made,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"the ranking of {year}, due by 1 March {year + 1}, {state}",
            metadata={"due": str(year)},
        )

    return check


def year_due(now: dt.datetime) -> int:
    """The newest year whose ranking is due: the year before, from 6 on the morning of 1 March.

    >>> year_due(dt.datetime(2026, 3, 1, 5, 59)), year_due(dt.datetime(2026, 3, 1, 6))
    (2024, 2025)
    """
    return now.year - (1 if (now.month, now.day, now.hour) >= DEADLINE else 2)


def build(years: dg.PartitionsDefinition) -> list[dg.AssetChecksDefinition]:
    """The checks of every suite whose table is an asset; the release checks its chronicles itself."""
    return [
        suite_checks(suite, years) for name, suite in quality.suites().items() if name not in publications.of_releases()
    ]
