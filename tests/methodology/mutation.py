"""A module of the methodology with one thing changed in it, to be run in place of the real one: does a test see it?"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from dti_platform import methodology

FOLDER = Path(methodology.__file__).parent


def mutant(name: str, old: str, new: str, within: str | None = None) -> ModuleType:
    """The module ``name`` with ``old``, which must stand in it (or in a part of its text) exactly once, replaced."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    part = within or text
    assert part.count(old) == 1, f"{old!r} stands {part.count(old)} times in {name}.py"
    made = ModuleType(f"mutant_of_{name}")
    sys.modules[made.__name__] = made
    exec(compile(text.replace(part, part.replace(old, new)), f"mutant_of_{name}.py", "exec"), made.__dict__)
    return made
