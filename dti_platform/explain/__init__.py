"""Explain: from a score down to its cells, from a cell up to what it moves, from one release to another.

Here: reading released tables and saying why, in Vietnamese and English. Not here: scoring, ranking (the release
holds their results and rules) and files (``storage`` opens the release). Imports Polars only, so that a trace is quick.
"""

from dti_platform.explain.difference import Change, Difference, Why, difference, difference_lines
from dti_platform.explain.evidence import Cell, Figure
from dti_platform.explain.forward import Reach, reach
from dti_platform.explain.lookup import NothingToTrace
from dti_platform.explain.text import reach_lines, trace_lines
from dti_platform.explain.trace import Trace, UnitTrace, trace

__all__ = [
    "Cell",
    "Change",
    "Difference",
    "Figure",
    "NothingToTrace",
    "Reach",
    "Trace",
    "UnitTrace",
    "Why",
    "difference",
    "difference_lines",
    "reach",
    "reach_lines",
    "trace",
    "trace_lines",
]
