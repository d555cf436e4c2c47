"""Checks: the entries of a table's suite, answered as Great Expectations does.

Here: which entries are asked of which frame, and what the answers mean. Not here: the asking itself (``engine``),
what is compared (``comparisons``), what is expected (``expectations/``). Each frame is asked once for all of its
entries, and once in a process: a year's frame is checked again in the release. Where ``row_rules`` decides every row,
Great Expectations is not asked, unless the failure would stop a publication: only Great Expectations decides that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.quality import comparisons, engine, row_rules
from dti_platform.quality.baseline import split
from dti_platform.quality.contracts import SHOWN, fingerprint
from dti_platform.quality.results import CheckResult
from dti_platform.quality.suites import Entry, Suite, suites

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult


#: The answers given in this process, by key of the question; the oldest are dropped first.
_cache: dict[str, list[CheckResult]] = {}
MOST_CACHED = 2_000


@dataclass(frozen=True, eq=False)
class Question:
    """The entries of a suite that check one frame, and the frame; or why it can't be built."""

    suite: Suite
    name: str
    entries: list[Entry]
    frame: pl.DataFrame
    fault: str = ""

    @cached_property
    def key(self) -> str:
        """A hash of all that the answers depend on, except the code: the entries, and the frame's content."""
        return fingerprint(self.frame, repr((self.suite.table, self.entries, self.fault)).encode()).hex()

    @property
    def compared_with(self) -> tuple[str, ...]:
        """The frames from which its frame is made, besides the table."""
        return comparisons.inputs(self.name)


def check(
    table: str,
    frame: pl.DataFrame,
    comparisons: Mapping[str, pl.DataFrame] | None = None,
    *,
    suite: Suite | None = None,
) -> list[CheckResult]:
    """The answers of every entry of the table's suite, in its order.

    Args:
        table: the table's name.
        frame: its rows, of one year or of all years: better of all, because one year costs as much.
        comparisons: the frames that ``needs(suite)`` names, of the same years. Without one, its checks end as
            "could not run", never as passed; where there is nothing to compare with yet, hand in an empty frame.
        suite: instead of the one in ``expectations/``.

    Raises:
        SuiteError: an entry that Great Expectations does not know or would drop.
    """
    suite = suite or suites()[table]
    asked = questions(suite, frame, comparisons or {})
    return in_order(suite, (result for question in asked for result in answers(question)))


def in_order(suite: Suite, results: Iterable[CheckResult]) -> list[CheckResult]:
    """The answers in the order of the suite."""
    by_name = {result.name: result for result in results}
    return [by_name[entry.name] for entry in suite.entries]


def questions(suite: Suite, table: pl.DataFrame, others: Mapping[str, pl.DataFrame]) -> Iterator[Question]:
    """Every frame that the suite needs, with the entries that need it."""
    for name, group in groupby(sorted(suite.entries, key=attrgetter("frame")), key=attrgetter("frame")):
        entries = list(group)
        try:
            yield Question(suite, name, entries, comparisons.build(name, table, others))
        except (comparisons.NotHandedIn, pl.exceptions.PolarsError) as error:
            yield Question(suite, name, entries, table.clear(), f"frame {name}: {error}")


def answers(question: Question) -> list[CheckResult]:
    """The answers of all entries that check one frame, asked once in a process.

    Raises:
        SuiteError: an entry that Great Expectations does not know or would drop.
    """
    key = question.key
    if key not in _cache:
        while len(_cache) >= MOST_CACHED:
            del _cache[next(iter(_cache))]
        _cache[key] = _answers(question)
    return _cache[key]


def nothing_compared(question: Question) -> list[CheckResult]:
    """The answers about a comparison without rows: all passed, without asking."""
    return [_result(question.suite, entry, outcome="passed") for entry in question.entries]


def _answers(question: Question) -> list[CheckResult]:
    """The answers: by ``row_rules`` where they suffice, else by Great Expectations."""
    by_rule = {} if question.fault else {entry.name: _by_rule(question, entry) for entry in question.entries}
    answers = {name: result for name, result in by_rule.items() if result}
    if remaining := [entry for entry in question.entries if entry.name not in answers]:
        answers |= {result.name: result for result in _by_engine(question, remaining)}
    return [answers[entry.name] for entry in question.entries]


def _by_rule(question: Question, entry: Entry) -> CheckResult | None:
    """The answer by ``row_rules``; None: Great Expectations must decide."""
    holds = row_rules.holds(entry, question.frame)
    if holds is None:
        return None
    passed = _result(question.suite, entry, outcome="passed", checked=question.frame.height)
    if holds.all():
        return passed
    new, known = split(entry.known, question.frame.filter(~holds))
    if not new.height:
        return replace(passed, known=known)
    if entry.severity == "critical":
        return None
    return replace(passed, outcome="failed", failing=new.height, known=known, **_failing_rows(new))


def _by_engine(question: Question, entries: list[Entry]) -> list[CheckResult]:
    suite, frame = question.suite, question.frame
    expectations = {entry.name: engine.expectation(entry) for entry in entries}
    if question.fault:
        return [_result(suite, entry, outcome="could_not_run", detail=question.fault) for entry in entries]
    answers = engine.ask(suite, frame, expectations, "BASIC")
    failed = [name for name, answer in answers.items() if not answer.success and not _complaint(answer)]
    if failed:
        to_locate = {name: expectations[name] for name in failed}
        answers |= engine.ask(suite, frame, to_locate, "SUMMARY", frame.height)  # all rows, to count them by period
    return [_to_result(suite, entry, frame, answers[entry.name]) for entry in entries]


def _to_result(suite: Suite, entry: Entry, frame: pl.DataFrame, answer: ExpectationValidationResult) -> CheckResult:
    complaint = _complaint(answer)
    if complaint:
        return _result(suite, entry, outcome="could_not_run", detail=complaint)
    details: dict[str, Any] = answer.result
    checked, failing = details.get("element_count", frame.height), details.get("unexpected_count", 0)
    if answer.success:
        return _result(suite, entry, outcome="passed", checked=checked, failing=failing)
    new, known = split(entry.known, frame[details.get("partial_unexpected_index_list", [])])
    failing -= known.height
    if known.height and not failing:
        return _result(suite, entry, outcome="passed", checked=checked, known=known)
    observed = f"seen: {details['observed_value']}" if "observed_value" in details else ""
    counts = {"checked": checked, "failing": failing}
    return _result(suite, entry, outcome="failed", detail=observed, known=known, **counts, **_failing_rows(new))


def _failing_rows(failing: pl.DataFrame) -> dict[str, Any]:
    """Fields of a result: the first failing rows, and the number of failing rows of each period."""
    return {"rows": failing.head(SHOWN), "periods": _count_by_period(failing)}


def _count_by_period(rows: pl.DataFrame) -> dict[str, int]:
    return dict(sorted(Counter(rows["period"].drop_nulls()).items())) if "period" in rows.columns else {}


def _complaint(answer: ExpectationValidationResult) -> str:
    """The error of an expectation that raised instead of answering; empty if it answered."""
    info: Mapping[str, Any] = answer.exception_info or {}
    metrics = [info] if "raised_exception" in info else list(info.values())
    raised = [str(metric["exception_message"]) for metric in metrics if metric["raised_exception"]]
    return raised[0] if raised else ""


def _result(suite: Suite, entry: Entry, **fields: Any) -> CheckResult:
    return CheckResult(suite.table, entry.name, entry.severity, reason=entry.reason, **fields)
