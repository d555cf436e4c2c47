"""The proof of each kind of rule, one module a kind, found by scanning.

``NODES``: indicators that use it. ``CASES``: raw figures and the points that they give. ``GRADES``, if it can give some
points only: what each node can give. ``MUTANTS``: its class with one thing changed, each caught by the above.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

__all__ = ["Cases", "Mutants", "Nodes", "proofs"]

#: Code -> maximum, rule and other entries as a framework file has them.
Nodes = dict[str, tuple[int, str, str]]
#: Code, raw figures by measure, points (None: no points, and the indicator is missing).
Cases = list[tuple[str, dict[str, float], float | None]]
#: What stands exactly once in the class, and what is put in its place.
Mutants = list[tuple[str, str]]


def proofs() -> dict[str, ModuleType]:
    """The proofs by kind."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    return {name: import_module(f"{__name__}.{name}") for name in names}
