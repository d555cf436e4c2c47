"""The page of a candidate: what its release would change, what its checks found, and the command that publishes it.

Here: the values of its template (``candidate.html.j2``). Not here: the lines of a difference (``explain``).
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from dti_platform.explain import difference_lines
from dti_platform.glossary import terms
from dti_platform.language import Bilingual, shown
from dti_platform.pages import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dti_platform.explain import Difference
    from dti_platform.quality import CheckResult

WORDS = terms("candidate_words")
KINDS = terms("terminal_words")


def candidate_page(difference: Difference, results: Sequence[CheckResult], waived: Sequence[str], command: str) -> str:
    """One HTML page in Vietnamese and English; the same candidate gives the same page.

    Args:
        difference: between the candidate and the release before it.
        results: the result of each check; those that passed are only counted.
        waived: the waivers in force.
        command: publishes the candidate.
    """
    counts = Counter(result.kind for result in results)
    return render(
        "report/candidate.html.j2",
        title=f"{WORDS['title'].both}: {difference.later}",
        command=command, blocks=list(_blocks(difference)), counts=counts, waived=waived,
        checks=[result for result in results if result.outcome != "passed"], words=WORDS, kinds=KINDS, shown=shown,
    )  # fmt: skip


def _blocks(difference: Difference) -> Iterator[list[Bilingual]]:
    """The lines of the difference in both languages, split into blocks at blank lines."""
    lines = map(Bilingual, difference_lines(difference, "vi"), difference_lines(difference, "en"))
    for blank, block in groupby(lines, key=lambda line: not line.en):
        if not blank:
            yield list(block)
