"""Content checks as Dagster asset checks: each critical entry of ``expectations/`` is one check, by its name.

What warns or notes is together in one check of its table. They run after the write, once for all years of a run, and
the outcome is told year by year. The failing rows stand in it; "could not run" is kept apart from "the data is bad".
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

#: The check of all entries of a table that stop nothing.
ADVISORY = "advisory"
#: Under which name a check's result, and the release that it stops, list the files that it rests on.
BLOCKING_FILES = "blocking_files"
#: Month, day and hour in Vietnam by which the ranking of the year before is due.
DEADLINE = (3, 1, 6)


class Outcome(TypedDict):
    """What a result and an evaluation of Dagster have in common."""

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
    """The checks of a suite, asked in one step for all years of the run together.

    Each answer is an event a year, which is why what only warns shares one, and what passes says no more than that.
    """
    asset = dg.AssetKey(suite.table)

    @dg.multi_asset_check(name=f"{suite.table}_suite", specs=specs(suite, years), required_resource_keys={"platform"})
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[Any]:
        """Judges the years asked for."""
        platform: Platform = context.resources.platform
        made = platform.years(as_years(asked(context)))
        years = platform.judged(made)
        run = context.op_execution_context
        results, report = platform.gate.judge(suite.table, years, run.run.run_id)
        platform.on_step(progress.checked(suite.table, results))
        files = blocking_files(platform.store, results)
        platform.on_judged(Judged(results, report, files))
        told = sorted({*made, *(year for each in results if each.blocks for year in quality.failing_by_year(each))})
        yield from evaluations(suite, results, report, files, newest(run.instance, asset, told), years)
        if any(each.blocks for each in results):
            liveness.tag(run.instance, run.run.run_id, liveness.NOT_AGAIN)
            raise stopped(results, report)
        yield from (dg.Output(None, spec.get_python_identifier()) for spec in specs(suite, None))

    return checks


def newest(
    instance: dg.DagsterInstance, asset: dg.AssetKey, years: Sequence[int]
) -> dict[int, AssetCheckEvaluationTargetMaterializationData | None]:
    """Of each year, what was checked: the newest materialisation of it, without which an outcome counts as outdated."""
    partitions = {str(year): year for year in years}
    made = instance.get_latest_storage_id_by_partition(
        asset, dg.DagsterEventType.ASSET_MATERIALIZATION, partitions=set(partitions)
    )
    wanted = dg.AssetRecordsFilter(asset, storage_ids=list(made.values()))
    found = instance.fetch_materializations(wanted, limit=len(made)).records if made else ()
    targets = {
        each.storage_id: AssetCheckEvaluationTargetMaterializationData(
            storage_id=each.storage_id, run_id=each.run_id, timestamp=each.timestamp
        )
        for each in found
    }
    return {year: targets.get(made.get(partition, 0)) for partition, year in partitions.items()}


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


def specs(suite: quality.Suite, years: dg.PartitionsDefinition | None = None) -> list[dg.AssetCheckSpec]:
    """The specs of a suite's checks, at its own table, or at the release where that makes the table."""
    asset = place(suite)
    named = [
        dg.AssetCheckSpec(
            name=name_of(suite, each.name),
            asset=asset,
            blocking=True,
            description=f"{each.reason.en} ({each.reason.vi})",
            partitions_def=years,
        )
        for each in critical(suite)
    ]
    others = [each for each in suite.entries if each.severity != "critical"]
    if not others:
        return named
    told = "\n".join(f"- {each.name}: {each.reason.en} ({each.reason.vi})" for each in others)
    return [*named, dg.AssetCheckSpec(name_of(suite, ADVISORY), asset=asset, description=told, partitions_def=years)]


def place(suite: quality.Suite) -> str:
    """The asset at which a suite's checks stand."""
    return "release" if suite.table in publications.of_releases() else suite.table


def name_of(suite: quality.Suite, check: str) -> str:
    """A check's name; with the table where it stands at another asset."""
    return check if place(suite) == suite.table else f"{suite.table}_{check}"


def critical(suite: quality.Suite) -> list[quality.Entry]:
    """The entries of a suite that stop a publication."""
    return [entry for entry in suite.entries if entry.severity == "critical"]


def answered(
    suite: quality.Suite, results: Sequence[quality.CheckResult]
) -> Iterator[tuple[str, list[quality.CheckResult]]]:
    """Each check of a suite by name, with the answers that it is of; none where nothing was asked."""
    for each in critical(suite):
        yield name_of(suite, each.name), [result for result in results if result.name == each.name]
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
    """The outcome of each check for each year told of, of those judged together.

    What blocks names the received files that it rests on.

    What failed is told of the run as a whole, too, and last: the overview of an asset shows the newest outcome alone,
    and so the years are named there.
    """
    asset = dg.AssetKey(place(suite))
    whole: list[dg.AssetCheckEvaluation] = []
    for name, together in answered(suite, results):
        for year, target in targets.items():
            found = outcome([quality.of_year(each, year, years) for each in together], report, files)
            yield dg.AssetCheckEvaluation(
                asset_key=asset, check_name=name, partition=str(year), target_materialization_data=target, **found
            )
        found = outcome(together, report, files)
        if not found["passed"]:
            bad = sorted({year for each in together for year in quality.failing_by_year(each)})
            found["description"] = ": ".join(filter(None, (", ".join(map(str, bad)), found["description"])))
            whole.append(dg.AssetCheckEvaluation(asset_key=asset, check_name=name, **found))
    yield from whole


def of_release(
    suite: quality.Suite, results: Sequence[quality.CheckResult], report: Path
) -> Iterator[dg.AssetCheckResult]:
    """The outcome of each check of a table that the release makes, of all years."""
    for name, together in answered(suite, results):
        yield dg.AssetCheckResult(asset_key=dg.AssetKey("release"), check_name=name, **outcome(together, report, ()))


def named(files: Sequence[BlockingFile]) -> dict[str, dg.MetadataValue]:
    """The files behind what blocks, for the UI."""
    return {BLOCKING_FILES: dg.MetadataValue.json([each.to_dict() for each in files])} if files else {}


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


def outcome(results: Sequence[quality.CheckResult], report: Path, files: Sequence[BlockingFile]) -> Outcome:
    """How a check ended: whether it passed, and of what did not, or is known, all that there is to say.

    Under a waiver a critical failure is a warning that prints the waiver; an entry of severity info never fails, nor
    does one whose failing rows are all known.
    """
    failing = [each for each in results if each.outcome != "passed"]
    stop = {f"{each.table}.{each.name}" for each in failing if each.blocks}
    return {
        "passed": all(each.shown_severity == "info" for each in failing),
        "severity": dg.AssetCheckSeverity.ERROR if stop else dg.AssetCheckSeverity.WARN,
        "description": "; ".join(f"{each.complaint.en} [{each.name}: {finding(each)}]" for each in failing)
        or (None if results else "not asked"),
        "metadata": {**told(results, report), **named([each for each in files if each.check in stop])},
    }


def told(results: Sequence[quality.CheckResult], report: Path) -> dict[str, dg.MetadataValue]:
    """What there is to say of the entries that did not pass, or passed but for known rows; of the others nothing."""
    telling = [each for each in results if each.kind != "passed"]
    if not telling:
        return {}
    failing = [each for each in telling if each.outcome != "passed"]
    return {
        "page": links.checks_page(report),
        "entries": dg.MetadataValue.table([dg.TableRecord(entry(each)) for each in telling], ENTRIES),
        "known": dg.MetadataValue.int(sum(each.known.height for each in results)),
        **{f"rows of {each.name}": records(each.failing_rows) for each in failing if each.rows.height},
        **{f"known rows of {each.name}": records(each.known) for each in telling if each.known.height},
    }


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


def freshness() -> dg.AssetChecksDefinition:
    """By the morning of 1 March, the ranking of the year before must have been made; a year that goes on is not late.

    Dagster's own check takes the year in which the deadline lies to be over, where partitions reach to the present.
    """

    @dg.asset_check(asset="rankings", name="freshness_check", description="The ranking of a year is due by 1 March.")
    def check(platform: dg.ResourceParam[Platform]) -> dg.AssetCheckResult:
        """Looks whether a table of the year stands."""
        year = year_due(platform.store.clock().astimezone(VIETNAM))
        made = platform.store.tables.has("rankings", year)
        state = "was made" if made else "is overdue: nothing was received or computed for it"
        return dg.AssetCheckResult(
            passed=made,
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
    """The checks of every suite whose table is an asset; the release judges its chronicles itself."""
    return [
        suite_checks(suite, years) for name, suite in quality.suites().items() if name not in publications.of_releases()
    ]
