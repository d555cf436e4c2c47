"""What a submission changes against what is held: figures new, changed, unchanged and withdrawn.

Here: comparing two readings, figure by figure. Not here: which one counts (``submissions.versions``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from dti_platform.language import Bilingual
from dti_platform.submissions.answer import Change

__all__ = ["compared"]

_KEY = ("source", "period", "unit", "group", "node", "measure", "basis")
_SAME = ("value", "qualifier", "unit_measure", "denominator", "obs_status", "document")
Names = Mapping[str, Bilingual]


def compared(
    held: pl.DataFrame | None, new: pl.DataFrame, names: Names
) -> tuple[Mapping[str, int], tuple[Change, ...]]:
    """How many figures of each kind, and every one that is not unchanged; ``names`` are those of nodes."""
    before, after = _by_key(held), _by_key(new)
    counted = Counter({"new": 0, "changed": 0, "unchanged": 0, "withdrawn": 0})
    changes: list[Change] = []
    for key in [*after, *(key for key in before if key not in after)]:
        change = _change(before.get(key), after.get(key), names)
        counted[change.kind if change else "unchanged"] += 1
        changes += [change] if change else []
    return dict(counted), tuple(changes)


def _by_key(frame: pl.DataFrame | None) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = [] if frame is None else frame.to_dicts()
    return {tuple(row[name] for name in _KEY): row for row in rows}


def _change(before: dict[str, Any] | None, after: dict[str, Any] | None, names: Names) -> Change | None:
    """None where nothing that is said of the figure differs."""
    row = after or before or {}
    if before and after and all(before[name] == after[name] for name in _SAME):
        return None
    return Change(
        kind="new" if before is None else "changed" if after else "withdrawn",
        unit=row["unit"],
        node=row["node"],
        name=names.get(row["node"], Bilingual.same(row["node"])),
        basis=row["basis"],
        measure=row["measure"],
        before=before["value"] if before else None,
        after=after["value"] if after else None,
        locator=after["locator"] if after else None,
        document_changed=bool(before and after and before["document"] != after["document"]),
    )
