"""The shares of all criteria that are met, added up."""

from __future__ import annotations

from tests.methodology.proofs import Cases, Mutants, Nodes

NODES: Nodes = {"led": (10, '{ kind = "criteria", shares = { attends = 0.5, chairs = 0.3, signs = 0.2 } }', "")}
CASES: Cases = [("led", {"share": 0.8}, 8.0), ("led", {"share": 0}, 0.0)]
GRADES = {"led": [0, 2, 3, 5, 7, 8, 10]}
MUTANTS: Mutants = [
    ("range(len(shares) + 1)", "range(len(shares))"),
    ("range(len(shares) + 1)", "range(1, len(shares) + 1)"),
    ("for chosen in sets}", "for chosen in sets if len(chosen) < 2}"),
]
