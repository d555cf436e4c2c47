"""The page of a run's checks: every check with its reason, outcome, waiver and failing rows, known ones apart.

Here: results -> one self-contained HTML page, in Vietnamese and English. Not here: writing it (``storage``), running
checks (``checks``). Great Expectations' own site takes its style and scripts from five outside hosts and knows
neither waivers nor our reasons; this page opens without a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from dti_platform.codes import CHECK_SEVERITIES
from dti_platform.failing_row import sentence
from dti_platform.glossary import terms
from dti_platform.language import LANGUAGES, Bilingual
from dti_platform.pages import render
from dti_platform.periods import moment

if TYPE_CHECKING:
    from dti_platform.quality.results import CheckResult, Waiver

WORDS = terms("checks_words")
#: The length to which Dagster, too, shortens a run's id.
LENGTH_OF_ID = 8
#: The mark of the title and the outcome that colours the page: a check stops the release, one fails, all pass.
_MARKS = {"stops": ("✗", "refused"), "fails": ("!", "accepted_in_part"), "passes": ("✓", "accepted")}


def check_page(
    results: Iterable[CheckResult], *, run: str, begun: str | None = None, expired: Iterable[Waiver] = ()
) -> str:
    """One HTML page: first the checks that did not pass, those that stop the release on top; then table by table.

    Args:
        results: the answers of a run.
        run: the run's id.
        begun: when its report was begun, UTC.
        expired: waivers without effect.
    """
    by_table = sorted(results, key=attrgetter("table"))
    tables = [(name, list(group)) for name, group in groupby(by_table, key=attrgetter("table"))]
    failed = sorted((result for result in by_table if result.outcome != "passed"), key=_weight)
    dated = [moment(begun).vi] if begun else []
    title = " · ".join([WORDS["title"].both, *dated, f"{WORDS['run'].both} {run[:LENGTH_OF_ID]}"])
    mark, outcome = _MARKS["stops" if any(result.blocks for result in failed) else "fails" if failed else "passes"]
    return render(
        "quality/checks.html.j2", title=f"{mark} {title}", run=run,
        description=_summary(by_table).both, outcome=outcome, expired=list(expired), failed=failed, tables=tables,
        words=WORDS, counts=_counts, first=_first,
    )  # fmt: skip


def _weight(result: CheckResult) -> tuple[bool, int]:
    """The order in which checks that did not pass are shown."""
    return not result.blocks, CHECK_SEVERITIES.index(result.shown_severity)


def _first(result: CheckResult) -> Bilingual | None:
    """The first failing row, as a sentence."""
    row = next(result.failing_rows.iter_rows(named=True), None)
    return Bilingual(*(sentence(row, language) for language in LANGUAGES)) if row else None


def _summary(results: Sequence[CheckResult]) -> Bilingual:
    """The numbers of checks, of those that failed, could not run and stop the release, and of known rows."""
    known = sum(result.known.height for result in results)
    outcomes = [(name, sum(result.outcome == name for result in results)) for name in ("failed", "could_not_run")]
    stops = sum(result.blocks for result in results)
    parts = [
        Bilingual(f"{len(results)} kiểm tra", f"{len(results)} checks"),
        *(Bilingual(f"{count} {WORDS[name].vi}", f"{count} {WORDS[name].en}") for name, count in outcomes if count),
        *([Bilingual(f"{known} dòng đã biết", f"{known} known rows")] if known else []),
        Bilingual(f"{stops} chặn công bố", f"{stops} stop the release")
        if stops
        else Bilingual("không chặn công bố", "nothing stops the release"),
    ]
    return Bilingual("; ".join(part.vi for part in parts), "; ".join(part.en for part in parts))


def _counts(result: CheckResult) -> Bilingual:
    """The numbers of rows that were checked, that failed, and that are known to fail."""
    failing = Bilingual(
        f"{result.checked} dòng, {result.failing} không đạt", f"{result.checked} rows, {result.failing} failing"
    )
    known = result.known.height
    return Bilingual(f"{failing.vi}, {known} đã biết", f"{failing.en}, {known} known") if known else failing
