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

from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.pages import render

if TYPE_CHECKING:
    from dti_platform.quality.results import CheckResult, Waiver

WORDS = terms("checks_words")


def check_page(results: Iterable[CheckResult], *, title: str, expired: Iterable[Waiver] = ()) -> str:
    """One HTML page: failing tables first, then by name; within a table in the order of its suite."""
    by_table = sorted(results, key=attrgetter("table"))
    tables = [(name, list(group)) for name, group in groupby(by_table, key=attrgetter("table"))]
    tables.sort(key=lambda table: (all(result.outcome == "passed" for result in table[1]), table[0]))
    return render(
        "quality/checks.html.j2", title=title, summary=_summary(by_table), expired=list(expired), tables=tables,
        words=WORDS, counts=_counts,
    )  # fmt: skip


def _summary(results: Sequence[CheckResult]) -> Bilingual:
    """How many checks there are, did not pass and stop the release, and how many rows are known."""
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
    """How many rows were checked, how many of them failed, and how many are known to."""
    failing = Bilingual(
        f"{result.checked} dòng, {result.failing} không đạt", f"{result.checked} rows, {result.failing} failing"
    )
    known = result.known.height
    return Bilingual(f"{failing.vi}, {known} đã biết", f"{failing.en}, {known} known") if known else failing
