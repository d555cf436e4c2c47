"""Verdicts: does a printed figure agree with ours, and if that can't be decided, why not; in both languages.

Here: the tolerance, the verdicts and their reasons. Not here: finding the two figures (``reconciliation``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypedDict

from dti_platform.glossary import terms

#: Scores are printed with 4 decimals, each up to 5e-5 off; a total of such parts was never seen more than 5.5e-5 off.
#: A score agrees within 1e-4; points within 1e-4 of their maximum; a rank must be the same.
PRINTED_DECIMALS = 4
SCORE_TOLERANCE = 1e-4
#: A score that is quoted with fewer decimals may be half a unit of the last one off (0.496: 5e-4; 0.71: 5e-3), and is
#: given no more than that of two decimals.
COARSEST_TOLERANCE = 5e-3
#: The finest difference that a table holds.
BILLIONTH = 1e-9
#: What stands behind a verdict; ``{...}`` is filled from the row.
REASONS = terms("verdict_reasons")


class Verdict(NamedTuple):
    """A verdict and the code of its reason; an agreement needs none."""

    verdict: str
    reason: str | None


class Compared(TypedDict):
    """A printed figure beside ours, as ``matching`` pairs them."""

    measure: str
    basis: str
    within: bool | None
    """Whether the two agree within the tolerance; None where there is no figure of ours."""
    illustrative: bool
    other_agrees: bool
    of: int | None
    """How many units a mean is of; None for a unit's own figure."""
    peer_group: str | None
    scored: bool | None
    """Of a rank: whether ours has a score."""
    rank_status: str | None
    missing: int | None
    computable: bool
    has_parts: bool
    parts_derived: bool
    """Whether a quoter worked out a part."""


def why(reason: str | None, row: Mapping[str, object]) -> tuple[str | None, str | None]:
    """The words of a reason, filled from the row."""
    if reason is None:
        return None, None
    return REASONS[reason].format(**row)


def judge(row: Compared) -> Verdict:
    """The verdict on one printed figure."""
    if row["within"] is None:
        return Verdict("not computable", _obstacle(row))
    if not row["within"]:
        return Verdict("differs", _difference(row))
    if row["illustrative"]:
        return Verdict("by construction", "synthetic_submissions")
    return Verdict("agrees", None)


def _difference(row: Compared) -> str:
    if row["other_agrees"]:
        return "sources_differ"
    return "synthetic_not_met" if row["illustrative"] else "beyond_tolerance"


def _obstacle(row: Compared) -> str:
    """Why there is no figure of ours, the nearest obstacle first."""
    from_print = row["basis"] == "recomputed"
    of_ranks = row["measure"] in ("rank", "top", "bottom") and row["rank_status"] == "withheld"
    obstacles = (
        ("members_unknown", row["measure"] == "units" or (row["of"] is not None and row["peer_group"] is not None)),
        ("ranks_withheld", of_ranks and row["scored"]),
        ("no_parts_known", from_print and not row["has_parts"]),
        ("maximum_unknown", from_print and not row["computable"]),
        ("units_without_score", row["of"] is not None),
        ("ranks_withheld", of_ranks),
        ("parts_derived", from_print and row["missing"] is None and row["parts_derived"]),
        ("no_parts_printed", from_print and row["missing"] is None),
        ("parts_not_printed", from_print),
        ("nothing_submitted", row["missing"] is None),
    )
    return next((reason for reason, holds in obstacles if holds), "parts_not_submitted")
