"""Effective weights: how much the score of a node moves with that of one below it.

Here: the derivative of a score (0 to 1) by another, exact, read off the tree. Not here: the maxima and weights that a
decision states. A group that counts in several pillars has a weight in each, and they need not add up to its weight in
the total: where pillars overlap, the total is no weighted mean of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from dti_platform.methodology.aggregation import share
from dti_platform.methodology.framework import Framework


def weights(framework: Framework, of: str) -> Mapping[str, Fraction]:
    """By node below ``of``: what the score of ``of`` gains where the node goes from none of its points to all.

    Sums and weighted means are linear, so that is the same wherever one stands. Of every path down the tree the points
    that reach ``of`` are added up. A node whose maximum is not known has none, nor has any where that of ``of`` is not.
    """
    top = framework.nodes[of].max_points
    if top is None:
        return {}
    gains = {of: Fraction(1)}
    for node in (node for level in reversed(framework.levels) for node in level if node.code in gains):
        for part in framework.parts(node.code):
            gains[part.code] = gains.get(part.code, Fraction(0)) + gains[node.code] * share(node, part)
    maxima = {code: framework.nodes[code].max_points for code in gains if code != of}
    return {code: gains[code] * Fraction(most) / Fraction(top) for code, most in maxima.items() if most is not None}
