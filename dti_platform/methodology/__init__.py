"""The pure heart: frameworks as data, scores and ranks as functions of observations and a framework.

Here: what a figure is worth and who stands where, by which rule. Not here: reading what was received, writing
tables, clocks, or the name of any index: a framework file says it all.
"""

from dti_platform.methodology.framework import Framework, FrameworkError, Frameworks, Node, Rule, Settings, year_of
from dti_platform.methodology.loading import load

__all__ = ["Framework", "FrameworkError", "Frameworks", "Node", "Rule", "Settings", "load", "year_of"]
