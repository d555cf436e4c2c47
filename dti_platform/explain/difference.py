"""The difference between two releases: who moved, from what to what, and why.

Here: gathering it from the later release's ``revisions``. Not here: what changed between two neighbours
(``publications``), nor the lines that a person sees (``difference_text``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.explain.lookup import NothingToTrace

if TYPE_CHECKING:
    from dti_platform.storage.opened import OpenRelease

__all__ = ["Change", "Difference", "Why", "difference"]

_FIGURE = ["period", "framework", "geography", "basis", "group", "node", "unit"]


@dataclass(frozen=True, slots=True)
class Why:
    """One release's part in a change: its type and reason, and the cells behind it."""

    release: str
    type: str
    reason: str | None
    cause: str
    changed_cells: int
    cells: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is not the same in both releases."""

    period: str
    framework: str
    geography: str
    basis: str
    group: str | None
    unit: str
    unit_name_vi: str
    unit_name_en: str
    node: str
    node_name_vi: str
    node_name_en: str
    is_index: bool
    old_score: float | None
    new_score: float | None
    old_rank: int | None
    new_rank: int | None
    evidence: str
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All figures that differ, and those that went back and forth in between are left out."""

    earlier: str
    later: str
    changes: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def difference(one: OpenRelease, other: OpenRelease) -> Difference:
    """What differs between two releases, the earlier first whatever the order in which they are given.

    Raises:
        NothingToTrace: the later one was made before changes were recorded.
    """
    earlier, later = sorted((one, other), key=_number)
    if "revisions" not in later.tables:
        raise NothingToTrace(f"release {later.name} has no table `revisions`: it was made before changes were recorded")
    number = pl.col("release").cast(pl.Int64)
    between = later.table("revisions").filter(number > _number(earlier), number <= _number(later))
    scores = [each.table("index_scores").select("node", "parent") for each in (earlier, later)]
    roots = pl.concat(scores).filter(pl.col("parent").is_null())["node"].unique().to_list()
    groups = between.sort(*_FIGURE, number, nulls_last=False).partition_by(_FIGURE, maintain_order=True)
    changes = (_change(group.to_dicts(), roots) for group in groups)
    return Difference(earlier.name, later.name, tuple(each for each in changes if _differs(each)))


def _change(steps: list[dict[str, Any]], roots: list[str]) -> Change:
    """From the first release's old figure to the last one's new figure, with every step's reason."""
    first, last = steps[0], steps[-1]
    illustrative = any(each["evidence"] == "illustrative" for each in steps)
    ends: dict[str, Any] = {
        "old_score": first["old_score"], "new_score": last["new_score"], "is_index": last["node"] in roots,
        "old_rank": first["old_rank"], "new_rank": last["new_rank"],
        "evidence": "illustrative" if illustrative else "official",
    }  # fmt: skip
    why = tuple(Why(**{name: each[name] for name in Why.__dataclass_fields__}) for each in steps)
    same = {name: last[name] for name in Change.__dataclass_fields__ if name not in ends and name != "why"}
    return Change(**same, **ends, why=why)


def _differs(change: Change) -> bool:
    return (change.old_score, change.old_rank) != (change.new_score, change.new_rank)


def _number(release: OpenRelease) -> int:
    return int(release.name.partition("-")[0])
