"""Checks: the entries of a table's suite, answered as Great Expectations does.

Here: which frame is asked for which entries, and what the answers mean. Not here: the asking itself (``engine``),
what is compared (``comparisons``), what is expected (``expectations/``). Each frame is asked once for all of its
entries, and once in a process: a year's frame comes again in the release. Where each row plainly holds or does not
(``row_rules``), Great Expectations is not asked, unless the check stops a publication: that is said by none but it.
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


#: By the key of a question, what was answered in this process; the oldest go first.
_answered: dict[str, list[CheckResult]] = {}
MOST_ANSWERED = 2_000


@dataclass(frozen=True, eq=False)
class Question:
    """The entries of a suite that speak of one frame, and the frame; or why it can't be built."""

    suite: Suite
    name: str
    entries: list[Entry]
    frame: pl.DataFrame
    fault: str = ""

    @cached_property
    def key(self) -> str:
        """All that its results depend on but the code: the entries and the frame, whatever its chunks in memory."""
        return fingerprint(self.frame, repr((self.suite.table, self.entries, self.fault)).encode()).hex()

    @property
    def compared_with(self) -> tuple[str, ...]:
        """The frames that its frame is made from, beside the table."""
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
        frame: its rows, of one year or of all that stand: together, for one year costs as much as all.
        comparisons: the frames that ``needs(suite)`` names, of the same years. One that is not handed in makes its
            checks "could not run", never passed; where there is nothing to compare with yet, hand in no rows.
        suite: instead of the one in ``expectations/``.

    Raises:
        SuiteError: an entry that Great Expectations does not know or would drop.
    """
    suite = suite or suites()[table]
    return in_order(suite, (result for each in questions(suite, frame, comparisons or {}) for result in answers(each)))


def in_order(suite: Suite, results: Iterable[CheckResult]) -> list[CheckResult]:
    """The answers in the order of the suite."""
    by_name = {each.name: each for each in results}
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
    """The answers of all entries that speak of one frame, asked for once in a process.

    Raises:
        SuiteError: an entry that Great Expectations does not know or would drop.
    """
    key = question.key
    if key not in _answered:
        while len(_answered) >= MOST_ANSWERED:
            del _answered[next(iter(_answered))]
        _answered[key] = _asked(question)
    return _answered[key]


def nothing_compared(question: Question) -> list[CheckResult]:
    """The answers about a comparison that has no rows: nothing need be asked."""
    return [_result(question.suite, entry, outcome="passed") for entry in question.entries]


def _asked(question: Question) -> list[CheckResult]:
    """The answers: known of the rows, or else asked for."""
    held = {} if question.fault else {each.name: _held(question, each) for each in question.entries}
    answers = {name: result for name, result in held.items() if result}
    if left := [entry for entry in question.entries if entry.name not in answers]:
        answers |= {each.name: each for each in _of_engine(question, left)}
    return [answers[entry.name] for entry in question.entries]


def _held(question: Question, entry: Entry) -> CheckResult | None:
    """The answer where of each row it is known whether it holds; None: Great Expectations has to say."""
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
    return replace(passed, outcome="failed", failing=new.height, known=known, **_shown(new))


def _of_engine(question: Question, entries: list[Entry]) -> list[CheckResult]:
    suite, frame = question.suite, question.frame
    expectations = {entry.name: engine.expectation(entry) for entry in entries}
    if question.fault:
        return [_result(suite, entry, outcome="could_not_run", detail=question.fault) for entry in entries]
    answered = engine.ask(suite, frame, expectations, "BASIC")
    failed = [name for name, answer in answered.items() if not answer.success and not _complaint(answer)]
    if failed:
        again = {name: expectations[name] for name in failed}
        answered |= engine.ask(suite, frame, again, "SUMMARY", frame.height)  # all rows, to count them by period
    return [_read(suite, entry, frame, answered[entry.name]) for entry in entries]


def _read(suite: Suite, entry: Entry, frame: pl.DataFrame, answer: ExpectationValidationResult) -> CheckResult:
    complaint = _complaint(answer)
    if complaint:
        return _result(suite, entry, outcome="could_not_run", detail=complaint)
    seen: dict[str, Any] = answer.result
    checked, failing = seen.get("element_count", frame.height), seen.get("unexpected_count", 0)
    if answer.success:
        return _result(suite, entry, outcome="passed", checked=checked, failing=failing)
    new, known = split(entry.known, frame[seen.get("partial_unexpected_index_list", [])])
    failing -= known.height
    if known.height and not failing:
        return _result(suite, entry, outcome="passed", checked=checked, known=known)
    observed = f"seen: {seen['observed_value']}" if "observed_value" in seen else ""
    counts = {"checked": checked, "failing": failing}
    return _result(suite, entry, outcome="failed", detail=observed, known=known, **counts, **_shown(new))


def _shown(failing: pl.DataFrame) -> dict[str, Any]:
    """The first of the failing rows, and how many of them are of each period."""
    return {"rows": failing.head(SHOWN), "periods": _by_period(failing)}


def _by_period(rows: pl.DataFrame) -> dict[str, int]:
    return dict(sorted(Counter(rows["period"].drop_nulls()).items())) if "period" in rows.columns else {}


def _complaint(answer: ExpectationValidationResult) -> str:
    """Why an expectation raised instead of answering; empty if it answered."""
    info: Mapping[str, Any] = answer.exception_info or {}
    metrics = [info] if "raised_exception" in info else list(info.values())
    raised = [str(metric["exception_message"]) for metric in metrics if metric["raised_exception"]]
    return raised[0] if raised else ""


def _result(suite: Suite, entry: Entry, **fields: Any) -> CheckResult:
    return CheckResult(suite.table, entry.name, entry.severity, reason=entry.reason, **fields)
