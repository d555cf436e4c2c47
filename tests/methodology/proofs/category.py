"""The share of the one category that holds."""

from __future__ import annotations

from tests.methodology.proofs import Cases, Mutants, Nodes

NODES: Nodes = {"head": (10, '{ kind = "category", shares = { chair = 1, deputy = 0.5, none = 0 } }', "")}
CASES: Cases = [("head", {"share": 1}, 10.0), ("head", {"share": 0.5}, 5.0), ("head", {"share": 0}, 0.0)]
GRADES = {"head": [0, 5, 10]}
WORDS = {"head": "by category, as shares of the maximum (chair: 1; deputy: 0.5; none: 0)"}
MUTANTS: Mutants = [
    ('half_up(pl.col("share") * _wide(maximum), pl.lit(SCALE), wide=True)', "pl.lit(scaled_value(maximum))"),
    ("sorted(set(self.shares.values()))", "sorted(set(self.shares.values()))[1:]"),
]
