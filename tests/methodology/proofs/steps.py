"""The share of the first step that a value reaches."""

from __future__ import annotations

from tests.methodology.proofs import Cases, Mutants, Nodes

NODES: Nodes = {
    "meetings": (20, '{ kind = "steps", steps = [[4, 1], [3, 0.75], [2, 0.5], [1, 0.25]] }', ""),
    "incidents": (6, '{ kind = "steps", steps = [[0, 1], [2, 0.5]] }', 'direction = "lower_is_better"'),
}
CASES: Cases = [
    ("meetings", {"value": 5}, 20.0),
    ("meetings", {"value": 4}, 20.0),
    ("meetings", {"value": 3.999999999}, 15.0),
    ("meetings", {"value": 1}, 5.0),
    ("meetings", {"value": 0}, 0.0),
    ("meetings", {"value": -1}, 0.0),
    ("incidents", {"value": 0}, 6.0),
    ("incidents", {"value": 1}, 3.0),
    ("incidents", {"value": 2}, 3.0),
    ("incidents", {"value": 3}, 0.0),
]
GRADES = {"meetings": [0, 5, 10, 15, 20], "incidents": [0, 3, 6]}
WORDS = {"incidents": "steps, as shares of the maximum (<= 0: 1; <= 2: 0.5)"}
MUTANTS: Mutants = [
    ("first.fill_null(0)", "first"),
    ("scaled_value(share * maximum)", "scaled_value(share)"),
    ("for bound, share in self.steps]\n        first", "for bound, share in self.steps[::-1]]\n        first"),
    ("_reaches(value, bound, direction)", '_reaches(value, bound, "higher_is_better")'),
    ("_reaches(value, bound, direction)", '_reaches(value, bound, "lower_is_better")'),
    ("_reaches(value, bound, direction)", "value > _wide(bound)"),
    ("{Decimal(0), *(share", "{*(share"),
    ('"<=" if', '"<" if'),
]
