"""What counts and is to be looked at all the same: warnings, apart from errors.

Here: the one list of them. Not here: cells held back (``findings``). Nothing here changes what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dti_platform.submissions.answer import Finding
from dti_platform.submissions.warnings import evidence, scores, sheet
from dti_platform.submissions.warnings.context import Context

__all__ = ["CHECKS", "Context", "warnings"]

#: In the order in which an answer says them.
CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    scores.above_self,
    evidence.without_evidence,
    evidence.impossible_day,
    evidence.out_of_time,
    scores.jumps,
    scores.missing,
    scores.like_shares,
    scores.not_a_grade,
    scores.far_from_verified,
    sheet.not_yet,
    sheet.names,
    sheet.words,
    sheet.remarks,
    sheet.spoilt,
    sheet.hidden,
    sheet.unseen,
    sheet.outlived,
)


def warnings(context: Context) -> list[Finding]:
    """Every warning, kind by kind."""
    return [found for warning in CHECKS for found in warning(context)]
