"""The page of a candidate: what its release would change, what its checks found, and what to type to publish it.

Here: what its template (``candidate.html.j2``) is given. Not here: the lines of a difference (``explain``).
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
        difference: of the candidate to the release before.
        results: the answer of each check; those that passed are counted.
        waived: the waivers in force.
        command: what publishes the candidate.
    """
    counts = Counter(each.kind for each in results)
    return render(
        "report/candidate.html.j2",
        title=f"{WORDS['title'].both}: {difference.later}",
        command=command, blocks=list(_blocks(difference)), counts=counts, waived=waived,
        checks=[each for each in results if each.outcome != "passed"], words=WORDS, kinds=KINDS, shown=shown,
    )  # fmt: skip


def _blocks(difference: Difference) -> Iterator[list[Bilingual]]:
    """The lines of the difference in both languages, parted where they have a blank line."""
    lines = map(Bilingual, difference_lines(difference, "vi"), difference_lines(difference, "en"))
    for blank, block in groupby(lines, key=lambda line: not line.en):
        if not blank:
            yield list(block)
