"""The pure heart: frameworks as data, scores and ranks as functions of observations and a framework.

Here: what a figure is worth and who stands where, by which rule. Not here: reading what was received, writing
tables, clocks, or the name of any index: a framework file says it all.
"""

from dti_platform.methodology.comparability import Contest, comparable
from dti_platform.methodology.description import described
from dti_platform.methodology.framework import (
    Exemption,
    Framework,
    FrameworkError,
    Frameworks,
    Merging,
    Node,
    Rule,
    Settings,
)
from dti_platform.methodology.lead_source import headline
from dti_platform.methodology.loading import load
from dti_platform.methodology.merging import merged
from dti_platform.methodology.ranking import rank
from dti_platform.methodology.scoring import NO_SOURCE, ObservationError, score
from dti_platform.methodology.years import rank_year, score_year

__all__ = [
    "NO_SOURCE",
    "Contest",
    "Exemption",
    "Framework",
    "FrameworkError",
    "Frameworks",
    "Merging",
    "Node",
    "ObservationError",
    "Rule",
    "Settings",
    "comparable",
    "described",
    "headline",
    "load",
    "merged",
    "rank",
    "rank_year",
    "score",
    "score_year",
]
