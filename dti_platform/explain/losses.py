"""Why the rank: which nodes cost the most against the units above.

Here: points lost, node by node, against the unit ranked just above and against the mean of all above, on one basis.
Not here: what could be done about it (that would be a scenario).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dti_platform.tables import Row

#: The order of bases: printed figures; then ours, the best founded first.
SUBMITTED = ("final", "verified", "self")
BASES = ("published", *SUBMITTED)


@dataclass(frozen=True, slots=True)
class Loss:
    """A node, and the points that the units above have there beyond the unit's own (negative: it has more)."""

    node: str
    node_name_vi: str
    node_name_en: str
    kind: str
    points: float
    max_points: float | None
    next_points: float
    mean_points: float
    lost_to_next: float
    lost_to_mean: float


@dataclass(frozen=True, slots=True)
class Losses:
    """The nodes that cost the most, on one basis: main ones and inputs, the dearest first."""

    basis: str
    evidence: str
    rank: int | None
    above: int
    next_unit: str
    next_name_vi: str
    next_name_en: str
    main: tuple[Loss, ...]
    inputs: tuple[Loss, ...]


def losses(scores: pl.DataFrame, unit: str, node: str, *, most: int = 5) -> tuple[Losses, ...]:
    """The nodes below ``node`` at which a unit loses most against those above it, on each basis on which there are any.

    Args:
        scores: ``index_scores`` of one period, framework, geography and group.
        unit: whose rank is asked about.
        node: at which node; the units above are those with a better score there, on the same basis.
        most: how many of each kind.
    """
    return tuple(filter(None, (_on(basis, scores, unit, node, most) for basis in BASES)))


def _on(basis: str, scores: pl.DataFrame, unit: str, node: str, most: int) -> Losses | None:
    kin = ("published", "recomputed") if basis == "published" else (basis,)
    tree = scores.filter(pl.col("basis").is_in(kin)).select("node", "parts").unique("node").sort("node")
    parts = {code: str(codes or "").split() for code, codes in tree.rows()}
    rows = scores.filter(pl.col("basis") == basis, pl.col("unit") != pl.col("geography"))
    return _against(rows, unit, node, parts, most)


def _against(rows: pl.DataFrame, unit: str, node: str, parts: Mapping[str, list[str]], most: int) -> Losses | None:
    own = {row["node"]: row for row in rows.filter(pl.col("unit") == unit).iter_rows(named=True)}
    here = own.get(node)
    if here is None or here["score"] is None:
        return None
    better = rows.filter(pl.col("node") == node, pl.col("score") > here["score"]).sort("score", "unit")
    below = [code for code in _below(node, parts) if code in own]
    theirs = rows.join(better.select("unit"), on="unit", how="semi").filter(
        pl.col("node").is_in(below), pl.col("points").is_not_null()
    )
    if theirs.is_empty():
        return None
    just_above = next(each for each in better["unit"] if each in set(theirs["unit"]))
    losses_below = [
        loss for code in below if (loss := _loss(own[code], theirs.filter(pl.col("node") == code), just_above))
    ]
    dearest = sorted(losses_below, key=lambda loss: (-loss.lost_to_mean, loss.node))
    name = theirs.filter(pl.col("unit") == just_above).row(0, named=True)
    leaves = {code for code in below if not parts.get(code)}
    main = [loss for loss in dearest if loss.node not in leaves and loss.kind != "group"]
    return Losses(
        basis=str(here["basis"]),
        evidence=str(here["evidence"]),
        rank=here["rank"],
        above=theirs["unit"].n_unique(),
        next_unit=just_above,
        next_name_vi=name["unit_name_vi"],
        next_name_en=name["unit_name_en"],
        main=tuple(main[:most]),
        inputs=tuple([loss for loss in dearest if loss.node in leaves][:most]),
    )


def _below(node: str, parts: Mapping[str, list[str]]) -> list[str]:
    """The nodes that a node is made of, at any depth, each once."""
    below: dict[str, None] = {}
    waiting = list(parts.get(node, ()))
    while waiting:
        part = waiting.pop(0)
        if part not in below:
            below[part] = None
            waiting += parts.get(part, ())
    return list(below)


def _loss(own: Row, theirs: pl.DataFrame, just_above: str) -> Loss | None:
    points = own["points"]
    next_points = theirs.filter(pl.col("unit") == just_above)["points"]
    if points is None or next_points.is_empty():
        return None
    mean = float(theirs["points"].sum()) / theirs.height
    return Loss(
        own["node"], own["node_name_vi"], own["node_name_en"], own["kind"], points, own["max_points"], next_points[0],
        round(mean, 6), round(next_points[0] - points, 6), round(mean - points, 6),
    )  # fmt: skip
