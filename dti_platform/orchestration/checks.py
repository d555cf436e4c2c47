"""Content checks as Dagster asset checks: each entry of ``expectations/`` is one check, blocking where critical.

They run after the write. The failing rows stand in the result; "could not run" is told apart from "the data is bad".
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from dti_platform import quality
from dti_platform.orchestration.io import records
from dti_platform.orchestration.partitions import ZONE, as_years
from dti_platform.orchestration.platform import Platform

SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def suite_checks(suite: quality.Suite, years: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    """One check for each entry of a suite, judged for each year of the run (Dagster itself gives a range none)."""
    specs = [
        dg.AssetCheckSpec(
            name=entry.name,
            asset=suite.table,
            blocking=entry.severity == "critical",
            description=f"{entry.reason_en} · {entry.reason_vi}",
            metadata={"severity": entry.severity, "expectation": entry.type},
            partitions_def=years,
        )
        for entry in suite.entries
    ]

    @dg.multi_asset_check(name=f"{suite.table}_suite", specs=specs, required_resource_keys={"platform"})
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
        platform: Platform = context.resources.platform
        platform.on_step(f"{suite.table} checks")
        asked = as_years(context.op_execution_context.partition_keys)
        for year, results in platform.judge(suite.table, asked).items():
            yield from (evaluation(result, year) for result in results)
        yield from (dg.Output(None, output_name=spec.get_python_identifier()) for spec in specs)

    return checks


def evaluation(result: quality.CheckResult, year: int) -> dg.AssetCheckEvaluation:
    """A year's result as Dagster shows it; under a waiver a critical failure is a warning that prints the waiver."""
    metadata: dict[str, Any] = {
        "outcome": result.outcome,
        "checked": result.checked,
        "failing": result.failing,
        "reason_en": result.reason_en,
        "reason_vi": result.reason_vi,
    }
    if result.detail:
        metadata["detail"] = result.detail
    if result.rows.height:
        metadata["failing_rows"] = records(result.rows)
    if result.waiver:
        metadata["waiver"] = str(result.waiver)
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(result.table),
        check_name=result.name,
        passed=result.outcome == "passed",
        severity=SEVERITY.get(result.shown_severity, dg.AssetCheckSeverity.WARN),
        description=said(result),
        metadata=metadata,
        blocking=result.severity == "critical",
        partition=str(year),
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


def build(years: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of every suite whose table is an asset."""
    return [suite_checks(suite, years) for suite in quality.suites().values()]
