"""Points as they are given."""

from __future__ import annotations

from tests.methodology.proofs import Cases, Mutants, Nodes

NODES: Nodes = {"survey": (10, '{ kind = "points", by = "survey" }', "")}
CASES: Cases = []
WORDS = {"survey": "points as given (survey)"}
MUTANTS: Mutants = [("[self.by] if self.by else []", "[]")]
