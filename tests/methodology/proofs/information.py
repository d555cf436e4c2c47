"""A figure that is reported and not scored."""

from __future__ import annotations

from tests.methodology.proofs import Cases, Mutants, Nodes

NODES: Nodes = {"counted": (0, '{ kind = "information" }', "scored = false")}
CASES: Cases = []
MUTANTS: Mutants = [("if node.scored", "if not node.scored")]
