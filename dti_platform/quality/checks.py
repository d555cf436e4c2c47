"""Checks: the entries of a table's suite, run by Great Expectations.

Here alone are great_expectations and pandas imported, and only when something is to be checked: the import costs
3 to 7 CPU seconds. Not here: what is compared (``comparisons``), what is expected (``expectations/``).
Each frame is asked once for all of its entries; entries that fail are asked again for their rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.quality import comparisons
from dti_platform.quality.contracts import SHOWN
from dti_platform.quality.folder import SuiteError, expectations_folder
from dti_platform.quality.results import CheckResult
from dti_platform.quality.suites import Entry, Suite, read_suite

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation

    Answers = dict[str, ExpectationValidationResult]


def check(
    table: str,
    frame: pl.DataFrame,
    comparisons: Mapping[str, pl.DataFrame] | None = None,
    *,
    suite: Suite | None = None,
    years: Collection[int] | None = None,
) -> list[CheckResult]:
    """The answers of every entry of the table's suite, in the order of the file.

    Args:
        table: the table's name.
        frame: its rows: all years that stand, or those of ``years`` (together: a year costs as much as all).
        comparisons: the frames that ``needs(suite)`` names. One that is not handed in makes its checks "could not
            run", never passed; where there is nothing to compare with yet, hand in a frame of no rows.
        suite: instead of the one in ``expectations/``.
        years: the calendar years that ``frame`` holds, where these are not all: what it is compared with is cut to
            them, so that a year that is not there is not taken for one that disappeared.

    Raises:
        SuiteError: an entry that Great Expectations does not know or would drop.
    """
    suite = suite or read_suite(expectations_folder() / f"{table}.json")
    others = {name: _of_years(other, years) for name, other in (comparisons or {}).items()}
    found: dict[str, CheckResult] = {}
    for name, group in groupby(sorted(suite.entries, key=attrgetter("frame")), key=attrgetter("frame")):
        entries = list(group)
        for result in _on_frame(suite, name, entries, frame, others):
            found[result.name] = result
    return [found[entry.name] for entry in suite.entries]


def _of_years(frame: pl.DataFrame, years: Collection[int] | None) -> pl.DataFrame:
    """The rows of periods that end in these years; a frame without periods is the same for all."""
    if years is None or "period" not in frame.columns:
        return frame
    ends_in = pl.col("period").str.extract(r"^(?:\d{4}/)?(\d{4})").cast(pl.Int32)
    return frame.filter(ends_in.is_in(list(years)))


def _on_frame(
    suite: Suite, name: str, entries: list[Entry], table: pl.DataFrame, others: Mapping[str, pl.DataFrame]
) -> Iterator[CheckResult]:
    """All entries that speak of one frame."""
    expectations = {entry.name: _expectation(suite, entry) for entry in entries}
    try:
        frame = comparisons.build(name, table, others)
    except (comparisons.NotHandedIn, pl.exceptions.PolarsError) as error:
        yield from (
            _result(suite, entry, outcome="could_not_run", detail=f"frame {name}: {error}") for entry in entries
        )
        return
    answers = _ask(suite, frame, expectations, "BASIC")
    failed = [name for name, answer in answers.items() if not answer.success and not _complaint(answer)]
    answers |= _ask(suite, frame, {name: expectations[name] for name in failed}, "SUMMARY") if failed else {}
    yield from (_read(suite, entry, frame, answers[entry.name]) for entry in entries)


def _expectation(suite: Suite, entry: Entry) -> Expectation:
    """The entry as Great Expectations knows it."""
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    severity = FailureSeverity(entry.severity)
    meta = {"name": entry.name}
    try:
        return ExpectationConfiguration(entry.type, dict(entry.kwargs), meta, severity=severity).to_domain_obj()
    except (GreatExpectationsError, ValueError) as error:
        raise SuiteError(f"{suite.file}: entry {entry.name} ({entry.type}) can't be parsed: {error}") from error


def _ask(suite: Suite, frame: pl.DataFrame, expectations: Mapping[str, Expectation], detail: str) -> Answers:
    """Great Expectations' answers by name of the entry; ``detail`` BASIC counts, SUMMARY also finds the rows.

    Raises:
        SuiteError: it gave fewer answers than it was asked.
    """
    from great_expectations import ExpectationSuite

    asked = ExpectationSuite(name=suite.table, expectations=list(expectations.values()))
    batch = _batches().get_batch(batch_parameters={"dataframe": _to_pandas(frame, expectations.values())})
    answered = batch.validate(asked, result_format={"result_format": detail, "partial_unexpected_count": SHOWN})
    answers = {_name(answer): answer for answer in answered.results}
    dropped = expectations.keys() - answers.keys()
    if dropped:
        raise SuiteError(f"{suite.file}: Great Expectations dropped {', '.join(sorted(dropped))}")
    return answers


def _name(answer: ExpectationValidationResult) -> str:
    config = answer.expectation_config
    return str((config.meta or {})["name"]) if config else ""


@cache
def _batches() -> BatchDefinition[Any]:
    """One ephemeral context and one definition of "the frame that is handed in" per process."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _to_pandas(frame: pl.DataFrame, expectations: Iterable[Expectation]) -> Any:
    """The columns that are asked about (the others would only be hashed), or the first where only rows are counted.

    Arrow-backed, so that null, NaN, dates and whole numbers stay apart; decimals as floats, to be compared.
    """
    named = {value for each in expectations for value in _words(each.configuration.kwargs)}
    asked = [name for name in frame.columns if name in named] or frame.columns[:1]
    floats = pl.selectors.decimal().cast(pl.Float64)
    return frame.select(asked).with_columns(floats).to_pandas(use_pyarrow_extension_array=True)


def _words(kwargs: Mapping[str, Any]) -> Iterator[str]:
    """Every text in an entry's arguments: among them the names of its columns."""
    for value in kwargs.values():
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _read(suite: Suite, entry: Entry, frame: pl.DataFrame, answer: ExpectationValidationResult) -> CheckResult:
    complaint = _complaint(answer)
    if complaint:
        return _result(suite, entry, outcome="could_not_run", detail=complaint)
    seen: dict[str, Any] = answer.result
    counts = {"checked": seen.get("element_count", frame.height), "failing": seen.get("unexpected_count", 0)}
    if answer.success:
        return _result(suite, entry, outcome="passed", **counts)
    rows = frame[seen.get("partial_unexpected_index_list", [])]
    observed = f"seen: {seen['observed_value']}" if "observed_value" in seen else ""
    return _result(suite, entry, outcome="failed", detail=observed, rows=rows, **counts)


def _complaint(answer: ExpectationValidationResult) -> str:
    """Why an expectation raised instead of answering; empty if it answered."""
    told: Mapping[str, Any] = answer.exception_info or {}
    each = [told] if "raised_exception" in told else list(told.values())
    raised = [str(one["exception_message"]) for one in each if one["raised_exception"]]
    return raised[0] if raised else ""


def _result(suite: Suite, entry: Entry, **found: Any) -> CheckResult:
    return CheckResult(
        suite.table, entry.name, entry.severity, reason_vi=entry.reason_vi, reason_en=entry.reason_en, **found
    )
