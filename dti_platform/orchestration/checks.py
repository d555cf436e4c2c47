"""Content checks as Dagster asset checks: each entry of ``expectations/`` is one check, blocking where critical.

They run after the write. The failing rows stand in the result; "could not run" is kept apart from "the data is bad".
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from dti_platform import publications, quality
from dti_platform.language import shown
from dti_platform.orchestration import links, progress
from dti_platform.orchestration.io import records
from dti_platform.orchestration.partitions import RANGE, ZONE, as_years
from dti_platform.pipeline import Platform
from dti_platform.pipeline.blocking import BlockingFile, blocking_files
from dti_platform.pipeline.gate import why

#: A suite is two checks: one stops a publication, the other warns.
PARTS = {"blocking": ("critical",), "advisory": ("warning", "info")}
#: Under which name a check's result, and the release that it stops, list the files that it rests on.
BLOCKING_FILES = "blocking_files"

#: The columns of a result's entries.
ENTRIES = dg.TableSchema(
    [dg.TableColumn(name, "int" if name == "checked" else "string") for name in (
        "table", "name", "kind", "found", "checked", "reason_en", "reason_vi",
    )]
)  # fmt: skip


def suite_checks(suite: quality.Suite) -> dg.AssetChecksDefinition:
    """The two checks of a suite, judged over all years of the run together; each lists its entries one by one.

    Not a check for each entry and year: Dagster stores four events for each, which would cost several times the
    checks themselves. A result names its years; failing rows have their period.
    """

    @dg.multi_asset_check(
        name=f"{suite.table}_suite", specs=specs(suite, suite.table), required_resource_keys={"platform"}
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        """Judges the years asked for."""
        platform: Platform = context.resources.platform
        years = platform.years(as_years(asked(context)))
        results, report = platform.gate.judge(suite.table, years, context.op_execution_context.run.run_id)
        platform.on_step(progress.checked(suite.table, results))
        files = blocking_files(platform.store, results)
        yield from evaluations(suite, results, years, report, suite.table, files)
        if any(each.blocks for each in results):
            raise stopped(results, report)

    return checks


def stopped(results: Sequence[quality.CheckResult], report: Path) -> dg.Failure:
    """How a step ends that checks stop: the rule and the row that breaks it, the page of the checks, and all its rows.

    Dagster's own error would only name the checks.
    """
    blocking = [each for each in results if each.blocks]
    return dg.Failure(
        why(blocking),
        metadata={"page": links.checks_page(report), "rows": records(blocking[0].failing_rows)},
        allow_retries=False,
    )


def specs(suite: quality.Suite, asset: str) -> list[dg.AssetCheckSpec]:
    """The specs of a suite's checks, at its own table or at the asset that makes it."""
    return [
        dg.AssetCheckSpec(
            name=name_of(suite, part, asset),
            asset=asset,
            blocking=part == "blocking",
            description="\n".join(f"- {each.name}: {each.reason.en} ({each.reason.vi})" for each in of(suite, part)),
            metadata={"entries": len(of(suite, part))},
        )
        for part in PARTS
        if of(suite, part)
    ]


def name_of(suite: quality.Suite, part: str, asset: str) -> str:
    """The part's name; with the table where the check stands at another asset."""
    return part if asset == suite.table else f"{suite.table}_{part}"


def evaluations(
    suite: quality.Suite,
    results: Sequence[quality.CheckResult],
    years: list[int],
    report: Path,
    asset: str,
    files: Sequence[BlockingFile],
) -> Iterator[dg.AssetCheckResult]:
    """The results of a suite's parts, at the asset; what blocks names the received files that it rests on."""
    for part, severities in PARTS.items():
        if of(suite, part):
            chosen = [each for each in results if each.severity in severities]
            made = evaluation(chosen, years, report, asset=asset, name=name_of(suite, part, asset))
            yield made.with_metadata({**made.metadata, **named(files)}) if part == "blocking" else made


def named(files: Sequence[BlockingFile]) -> dict[str, dg.MetadataValue]:
    """The files behind what blocks, for the UI and the end of the command."""
    return {BLOCKING_FILES: dg.MetadataValue.json([each.to_dict() for each in files])} if files else {}


def of(suite: quality.Suite, part: str) -> list[quality.Entry]:
    """The entries of one part of a suite."""
    return [entry for entry in suite.entries if entry.severity in PARTS[part]]


def asked(context: dg.AssetCheckExecutionContext) -> list[str]:
    """The years of the run, whether it is one partition, a range of them, or (the checks alone) all that stand."""
    run = context.op_execution_context.run
    if "dagster/partition" in run.tags:
        return [run.tags["dagster/partition"]]
    platform: Platform = context.resources.platform
    first, last = (run.tags.get(tag) for tag in RANGE)
    if first and last:
        return [str(year) for year in range(int(first), int(last) + 1)]
    return [str(year) for year in platform.store.tables.years("observations")]


def evaluation(
    results: Sequence[quality.CheckResult], years: list[int], report: Path, *, asset: str, name: str
) -> dg.AssetCheckResult:
    """The result of one part of a suite: every entry, and the failing rows of those that fail.

    Under a waiver a critical failure is a warning that prints the waiver; an entry of severity info never fails, nor
    does one whose failing rows are all known.
    """
    failing = [each for each in results if each.outcome != "passed"]
    passed = [each for each in results if each.outcome == "passed"]
    metadata: dict[str, dg.MetadataValue | str | int] = {
        "years": ", ".join(str(year) for year in years),
        "entries": dg.MetadataValue.table([dg.TableRecord(entry(each)) for each in [*failing, *passed]], ENTRIES),
        "page": links.checks_page(report),
        "data_docs": dg.MetadataValue.path(str(report)),
        "known": sum(each.known.height for each in results),
        **{f"rows of {each.name}": records(each.failing_rows) for each in failing if each.rows.height},
        **{f"known rows of {each.name}": records(each.known) for each in results if each.known.height},
    }
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(asset),
        check_name=name,
        passed=all(each.shown_severity == "info" for each in failing),
        severity=dg.AssetCheckSeverity.ERROR if any(each.blocks for each in failing) else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{each.complaint.en} [{each.name}: {finding(each)}]" for each in failing)
        or ("passed" if results else "not asked"),
        metadata=metadata,
    )


def entry(result: quality.CheckResult) -> dict[str, str | int]:
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
    """The answer in a line, with what is known and the waiver in force."""
    waived = f" ({result.waiver})" if result.waiver else ""
    known = f", {result.known.height} known" if result.known.height else ""
    if result.outcome == "could_not_run":
        return shown(f"could not run: {result.detail}{waived}")
    if result.outcome == "passed":
        return f"passed{known}"
    return shown(f"{result.failing} of {result.checked} rows fail{known}{waived}")


def freshness(assets: Sequence[dg.AssetsDefinition]) -> Sequence[dg.AssetChecksDefinition]:
    """By 1 March each year, the partition of the year before must have been made: judged by partition."""
    rankings = [each for each in assets if dg.AssetKey("rankings") in each.keys]
    return dg.build_time_partition_freshness_checks(assets=rankings, deadline_cron="0 6 1 3 *", timezone=ZONE)


def build() -> list[dg.AssetChecksDefinition]:
    """The checks of every suite whose table is an asset; the release judges its chronicles itself."""
    return [suite_checks(suite) for name, suite in quality.suites().items() if name not in publications.of_releases()]
