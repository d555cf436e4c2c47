"""Warnings: accepted, but worth checking.

Here: the one list of them. Not here: errors (``verdict``). Nothing here changes what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dti_platform.submissions.answer import Finding
from dti_platform.submissions.warnings import scores, sheet
from dti_platform.submissions.warnings.context import Context

__all__ = ["CHECKS", "Context", "warnings"]

#: In the order in which an answer says them.
CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    scores.above_self,
    scores.without_evidence,
    scores.impossible_day,
    scores.out_of_time,
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
    """Every warning, check by check."""
    return [finding for check in CHECKS for finding in check(context)]
