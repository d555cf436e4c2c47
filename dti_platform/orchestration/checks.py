"""Content checks as Dagster asset checks: each entry of ``expectations/`` is one check, blocking where critical.

They run after the write. The failing rows stand in the result; "could not run" is told apart from "the data is bad".
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from dti_platform import publications, quality
from dti_platform.orchestration.io import records
from dti_platform.orchestration.partitions import RANGE, ZONE, as_years
from dti_platform.orchestration.platform import Platform

SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def specs(suite: quality.Suite, asset: str) -> list[dg.AssetCheckSpec]:
    """What Dagster is told of each entry of a suite, before any is asked."""
    return [
        dg.AssetCheckSpec(
            name=entry.name,
            asset=asset,
            blocking=entry.severity == "critical",
            description=f"{entry.reason_en} · {entry.reason_vi}",
            metadata={"severity": entry.severity, "expectation": entry.type},
        )
        for entry in suite.entries
    ]


def suite_checks(suite: quality.Suite) -> dg.AssetChecksDefinition:
    """One check for each entry of a suite, judged over all years of the run together.

    Not by partition: Dagster gives a run over several years no partition, and a result for each year and check costs
    several times the checks themselves in event storage. The result names its years; failing rows have their period.
    """

    @dg.multi_asset_check(
        name=f"{suite.table}_suite", specs=specs(suite, suite.table), required_resource_keys={"platform"}
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        platform: Platform = context.resources.platform
        years = as_years(asked(context))
        results, page = platform.judge(suite.table, years, context.op_execution_context.run.run_id)
        yield from (evaluation(result, years, page) for result in results)

    return checks


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
    result: quality.CheckResult, years: list[int], page: Path, asset: str | None = None
) -> dg.AssetCheckResult:
    """A result as Dagster shows it, at its table or at another asset that makes it.

    Under a waiver a critical failure is a warning that prints the waiver.
    """
    metadata: dict[str, Any] = {
        "outcome": result.outcome,
        "years": ", ".join(str(year) for year in years),
        "checked": result.checked,
        "failing": result.failing,
        "reason_en": result.reason_en,
        "reason_vi": result.reason_vi,
        "data_docs": dg.MetadataValue.path(str(page)),
    }
    if result.detail:
        metadata["detail"] = result.detail
    if result.rows.height:
        metadata["failing_rows"] = records(result.rows)
    if result.waiver:
        metadata["waiver"] = str(result.waiver)
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(asset or result.table),
        check_name=result.name,
        passed=result.outcome == "passed",
        severity=SEVERITY.get(result.shown_severity, dg.AssetCheckSeverity.WARN),
        description=said(result),
        metadata=metadata,
    )


def said(result: quality.CheckResult) -> str:
    """One line: what was found."""
    if result.outcome == "could_not_run":
        return f"could not run: {result.detail}"
    return f"{result.failing} of {result.checked} rows fail" if result.outcome == "failed" else "passed"


def freshness(assets: Sequence[dg.AssetsDefinition]) -> Sequence[dg.AssetChecksDefinition]:
    """By 1 March each year, the partition of the year before must have been made: judged by partition."""
    rankings = [each for each in assets if dg.AssetKey("rankings") in each.keys]
    return dg.build_time_partition_freshness_checks(assets=rankings, deadline_cron="0 6 1 3 *", timezone=ZONE)


def build() -> list[dg.AssetChecksDefinition]:
    """The checks of every suite whose table is an asset; the release judges its chronicles itself."""
    return [suite_checks(suite) for name, suite in quality.suites().items() if name not in publications.chronicles()]
