"""Explain: from a published score down to its cells, and from a cell up to what it moves; from a release's own files.

Here: reading released tables and saying why, in Vietnamese and English. Not here: scoring, ranking (the release
holds their results and rules) and files (``storage`` opens the release). Imports Polars only, so that a trace is quick.
"""

from dti_platform.explain.evidence import Cell, Figure
from dti_platform.explain.forward import Reach, reach
from dti_platform.explain.lookup import NothingToTrace
from dti_platform.explain.text import reach_lines, trace_lines
from dti_platform.explain.trace import Trace, UnitTrace, trace

__all__ = [
    "Cell",
    "Figure",
    "NothingToTrace",
    "Reach",
    "Trace",
    "UnitTrace",
    "reach",
    "reach_lines",
    "trace",
    "trace_lines",
]
