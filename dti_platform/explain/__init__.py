"""Explain: from a score down to its cells, from a cell up to the figures that rest on it, from one release to another.

Here: reading released tables and explaining them in Vietnamese and English. Not here: scoring and ranking (the
release holds the results and rules) or files (``storage`` opens the release). Imports Polars only, so traces are quick.
"""

from dti_platform.explain.brief import brief_lines
from dti_platform.explain.difference import (
    Change,
    Difference,
    NewRanking,
    Why,
    difference,
    difference_lines,
    difference_since,
)
from dti_platform.explain.evidence import Cell, Figure
from dti_platform.explain.forward import Reach, reach
from dti_platform.explain.lookup import WORDS, NothingToTrace
from dti_platform.explain.scorecards import Reported, reported_line
from dti_platform.explain.text import reach_lines, trace_lines
from dti_platform.explain.trace import Trace, UnitTrace, trace

__all__ = [
    "WORDS",
    "Cell",
    "Change",
    "Difference",
    "Figure",
    "NewRanking",
    "NothingToTrace",
    "Reach",
    "Reported",
    "Trace",
    "UnitTrace",
    "Why",
    "brief_lines",
    "difference",
    "difference_lines",
    "difference_since",
    "reach",
    "reach_lines",
    "reported_line",
    "trace",
    "trace_lines",
]
