"""a / b x the maximum."""

from __future__ import annotations

from tests.methodology.proofs import Cases, Mutants, Nodes

NODES: Nodes = {"chaired": (20, '{ kind = "ratio" }', "")}
CASES: Cases = [
    ("chaired", {"numerator": 1, "denominator": 3}, 6.666666667),
    ("chaired", {"numerator": 2, "denominator": 3}, 13.333333333),
    ("chaired", {"numerator": 0, "denominator": 7}, 0.0),
    ("chaired", {"numerator": 7, "denominator": 7}, 20.0),
    ("chaired", {"numerator": 123_456_789_012_345, "denominator": 987_654_321_098_765}, 2.499999977),
    ("chaired", {"numerator": 8, "denominator": 7}, None),
    ("chaired", {"numerator": 0, "denominator": 0}, None),
    ("chaired", {"numerator": -1, "denominator": 7}, None),
    ("chaired", {"numerator": -1, "denominator": -7}, None),
    ("chaired", {"numerator": 3}, None),
    ("chaired", {"denominator": 3}, None),
]
MUTANTS: Mutants = [
    ("a >= 0", "a >= -b"),
    ("a >= 0", "a > 0"),
    ("a <= b", "a < b"),
    ("(a <= b)", "(a <= b + b)"),
    ("half_up(a * _wide(maximum), b, wide=True)", "a * _wide(maximum) // b"),
    ("half_up(a * _wide(maximum), b, wide=True)", "half_up(a * _wide(maximum), b + 1, wide=True)"),
]
