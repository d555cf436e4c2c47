"""Coded values: what columns of tables, entries of files and answers may hold, each declared once.

Here: codes, as a type where code is written against it. Not here: their names for people (``glossary``), nor codes of
problems (``problems``).
"""

from __future__ import annotations

from typing import Literal, get_args

Evidence = Literal["official", "illustrative"]
#: How a source qualifies its number: ``trên 80`` is over 80.
Qualifier = Literal["exact", "over", "about", "under"]
#: Of a problem with a cell or a file, as in Eurostat's structural validation.
ErrorClass = Literal["completeness", "value", "constraint", "consistency"]
#: Of a finding in an answer: an error does not count, a warning does.
FindingSeverity = Literal["error", "warning"]
#: Of a check on a table: ``critical`` blocks the release.
CheckSeverity = Literal["critical", "warning", "info"]
#: Of a period; ``years`` is an interval such as 2021/2025.
Frequency = Literal["years", "year", "half", "quarter", "month", "day"]

#: What a value says of its node. ``share``: what a category, or the criteria met, give of the maximum; ``raw`` has it
#: in words.
MEASURES = (
    "score", "points", "rank", "top", "bottom", "units", "value", "plan", "minimum", "numerator", "denominator",
    "share",
)  # fmt: skip
#: Whose figure it is: printed by the ministry; ours from printed parts; ours from submissions; operational.
BASES = ("published", "recomputed", "self", "verified", "final", "reported")
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
#: ``published`` is a rank as printed; the other three are ours (share of the peers that have a score).
RANK_STATUSES = ("published", "complete", "provisional", "withheld")
#: SDMX observation status: normal, estimated, provisional, missing, missing and not to be had.
OBS_STATUSES = ("A", "E", "P", "M", "O")
QUALIFIERS: tuple[Qualifier, ...] = get_args(Qualifier)
#: How a figure was read in its source. ``year_inferred``: as printed, where its year is not; ``submitted``: it came in
#: a form of ours.
CERTAINTIES = ("verbatim", "year_inferred", "paraphrased", "inferred", "computed", "submitted")
#: What a framework does about a missing part.
MISSING_RULES = ("withhold", "zero", "rescale")
#: Whom a framework ranks.
LEVELS = ("national", "provincial", "ministerial", "local")
ERROR_CLASSES: tuple[ErrorClass, ...] = get_args(ErrorClass)
CHECK_SEVERITIES: tuple[CheckSeverity, ...] = get_args(CheckSeverity)
