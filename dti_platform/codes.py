"""Coded values: what columns of tables may hold, in one place.

Here: codes. Not here: their names for people (``glossary``), nor codes of problems (``problems``).
"""

from __future__ import annotations

__all__ = ["BASES", "EVIDENCE", "MEASURES", "OBS_STATUSES", "RANK_STATUSES"]

#: What a value says of its node. ``share``: what a category, or the criteria met, give of the maximum; ``raw`` has it
#: in words.
MEASURES = (
    "score", "points", "rank", "top", "bottom", "units", "value", "plan", "minimum", "numerator", "denominator",
    "share",
)  # fmt: skip
#: Whose figure it is: printed by the ministry; ours from printed parts; ours from submissions; operational.
BASES = ("published", "recomputed", "self", "verified", "final", "reported")
EVIDENCE = ("official", "illustrative")
#: ``published`` is a rank as printed; the other three are ours (share of the peers that have a score).
RANK_STATUSES = ("published", "complete", "provisional", "withheld")
#: SDMX observation status: normal, estimated, provisional, missing, missing and not to be had.
OBS_STATUSES = ("A", "E", "P", "M", "O")
