"""The page of a candidate: what its release would change, what its checks found, and what to type to publish it.

Here: what its template (``candidate.html.j2``) is given. Not here: the lines of a difference (``explain``).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from dti_platform.explain import difference_lines
from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.pages import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dti_platform.explain import Difference

WORDS = terms("candidate_words")
OUTCOMES = terms("checks_words")


def candidate_page(
    difference: Difference,
    checks: Mapping[str, Any],
    waived: Sequence[str],
    reasons: Mapping[tuple[str, str], Bilingual],
) -> str:
    """One HTML page in Vietnamese and English; the same candidate gives the same page.

    Args:
        difference: of the candidate to the release before.
        checks: counts by outcome, and each check that did not pass.
        waived: the waivers in force.
        reasons: why each check is there, by table and name.
    """
    return render(
        "report/candidate.html.j2",
        title=f"{WORDS['title'].both}: {difference.later}",
        name=difference.later, blocks=list(_blocks(difference)), outcomes=checks["outcomes"],
        checks=checks["not_passed"], waived=waived, reasons=reasons, words=WORDS,
        kinds=OUTCOMES,
    )  # fmt: skip


def _blocks(difference: Difference) -> Iterator[list[Bilingual]]:
    """The lines of the difference in both languages, parted where they have a blank line."""
    lines = map(Bilingual, difference_lines(difference, "vi"), difference_lines(difference, "en"))
    for blank, block in groupby(lines, key=lambda line: not line.en):
        if not blank:
            yield list(block)
