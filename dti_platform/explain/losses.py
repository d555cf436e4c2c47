"""Why the rank: the nodes that cost the most points against the units above.

Here: the loss at each node, in points of the index, against the unit ranked just above and against the mean of all
units above, on one basis. Not here: how to gain points (that is a scenario).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dti_platform.tables import Row

#: Bases of submissions, the best founded first, and all bases, starting with the published one.
SUBMITTED = ("final", "verified", "self")
BASES = ("published", *SUBMITTED)
#: A part of a weighted mean in the rule of a released row: ``0.4 x CQS + 0.3 x KTS``.
_WEIGHTED = re.compile(r"(?:^|(?<= \+ ))([\d.]+) x (\S+)")


@dataclass(frozen=True, slots=True)
class Loss:
    """A node, and how many more points the units above have there, in points of the queried node.

    Negative: the unit has more. ``points`` and ``max_points`` are of the node; null if only a score was published.
    """

    node: str
    node_name_vi: str
    node_name_en: str
    kind: str
    points: float | None
    max_points: float | None
    score: float | None
    lost_to_next: float
    lost_to_mean: float


@dataclass(frozen=True, slots=True)
class Losses:
    """The nodes that cost the most on one basis: main ones and inputs, the costliest first.

    ``scale``: the maximum points of the queried node; all losses are measured in these points.
    """

    basis: str
    evidence: str
    rank: int | None
    above: int
    next_unit: str
    next_name_vi: str
    next_name_en: str
    scale: float
    main: tuple[Loss, ...]
    inputs: tuple[Loss, ...]

    @property
    def some_alone(self) -> bool:
        """Whether figures are known of some of the units above alone."""
        return self.rank is not None and self.above < self.rank - 1


def losses(scores: pl.DataFrame, unit: str, node: str, *, most: int = 5) -> tuple[Losses, ...]:
    """The nodes below ``node`` at which a unit loses most against those above it, for each basis that has losses.

    Args:
        scores: ``index_scores`` of one period, framework, geography and group.
        unit: the unit whose rank is explained.
        node: the node at which units are compared; those above have a better score and rank there, on the same basis.
        most: the maximum number of main nodes, and of inputs.
    """
    return tuple(filter(None, (_losses_on(basis, scores, unit, node, most) for basis in BASES)))


def _losses_on(basis: str, scores: pl.DataFrame, unit: str, node: str, most: int) -> Losses | None:
    kin = ("published", "derived", "recomputed") if basis == "published" else (basis,)
    tree = _Tree(scores.filter(pl.col("basis").is_in(kin)))
    of_units = scores.filter(pl.col("unit") != pl.col("geography"))
    of_basis = of_units.filter(pl.col("basis") == basis)
    if basis == "published":
        of_basis = _with_recomputed_scores(of_basis, of_units)
    rows = of_basis.with_columns(share=pl.coalesce(pl.col("points") / pl.col("max_points"), "score"))
    return _losses(rows, unit, node, tree, most)


def _with_recomputed_scores(published: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Fill the scores that were not published with those that are recomputed from published parts."""
    recomputed = scores.filter(pl.col("basis") == "recomputed").select("unit", "node", recomputed="score")
    return published.join(recomputed, on=["unit", "node"], how="left", maintain_order="left").with_columns(
        score=pl.coalesce("score", "recomputed")
    )


class _Tree:
    """The nodes of a release with their parts, weights and maximum points."""

    def __init__(self, scores: pl.DataFrame) -> None:
        known = scores.group_by("node").agg(pl.col("parts", "rule_en", "max_points").drop_nulls().first())
        self.rows = {row["node"]: row for row in known.iter_rows(named=True)}

    def parts(self, node: str) -> list[str]:
        return str(self.rows[node]["parts"] or "").split() if node in self.rows else []

    def maximum(self, node: str) -> float | None:
        return self.rows[node]["max_points"] if node in self.rows else None

    def worth(self, node: str) -> Mapping[str, float]:
        """The worth of a full score of each node below, in points of ``node``; a node that counts twice has the sum.

        A part of a sum is worth its maximum. A part of a weighted mean is worth its weight times the worth of the node
        above. The worth of a part of unknown maximum is unknown, and so is that of the nodes below it.
        """
        worth: dict[str, float] = {}
        for part, value in self._worth(node, self.maximum(node) or 1.0):
            worth[part] = worth.get(part, 0.0) + value
        return worth

    def _worth(self, node: str, worth: float) -> Iterator[tuple[str, float]]:
        rule = str(self.rows[node]["rule_en"]) if node in self.rows else ""
        weights = {part: float(weight) for weight, part in _WEIGHTED.findall(rule)}
        maximum, parts = self.maximum(node), self.parts(node)
        for part in parts:
            points = self.maximum(part)
            share = weights[part] if part in weights else points / maximum if points and maximum else None
            if share is not None:
                yield part, worth * share
                yield from self._worth(part, worth * share)


def _losses(rows: pl.DataFrame, unit: str, node: str, tree: _Tree, most: int) -> Losses | None:
    unit_rows = {row["node"]: row for row in rows.filter(pl.col("unit") == unit).iter_rows(named=True)}
    unit_row = unit_rows.get(node)
    if unit_row is None or unit_row["score"] is None:
        return None
    worth = {code: value for code, value in tree.worth(node).items() if code in unit_rows}
    is_above = (pl.col("rank") < pl.lit(unit_row["rank"])).fill_null(value=True)  # false where ranks are shared
    better = rows.filter(pl.col("node") == node, pl.col("score") > unit_row["score"], is_above).sort("score", "unit")
    rows_above = rows.join(better.select("unit"), on="unit", how="semi").filter(
        pl.col("node").is_in(list(worth)), pl.col("share").is_not_null()
    )
    if rows_above.is_empty():
        return None
    just_above = next(other for other in better["unit"] if other in set(rows_above["unit"]))
    all_losses = [
        loss
        for code, value in worth.items()
        if (loss := _loss_at(unit_rows[code], value, rows_above.filter(pl.col("node") == code), just_above))
    ]
    dearest = sorted(all_losses, key=lambda loss: (-loss.lost_to_mean, loss.node))
    next_row = rows_above.filter(pl.col("unit") == just_above).row(0, named=True)
    main = [loss for loss in dearest if loss.kind in _MAIN or (tree.parts(loss.node) and loss.kind != "group")]
    return Losses(
        basis=str(unit_row["basis"]),
        evidence=str(unit_row["evidence"]),
        rank=unit_row["rank"],
        above=rows_above["unit"].n_unique(),
        next_unit=just_above,
        next_name_vi=next_row["unit_name_vi"],
        next_name_en=next_row["unit_name_en"],
        scale=tree.maximum(node) or 1.0,
        main=tuple(main[:most]),
        inputs=tuple([loss for loss in dearest if loss.kind == "indicator"][:most]),
    )


#: Kinds that stand above indicators in every framework, even if a release does not know their parts.
_MAIN = ("pillar", "main_index")


def _loss_at(row: Row, worth: float, rows_above: pl.DataFrame, just_above: str) -> Loss | None:
    share = row["share"]
    of_next = rows_above.filter(pl.col("unit") == just_above)["share"]
    if share is None or of_next.is_empty():
        return None
    mean = float(rows_above["share"].sum()) / rows_above.height
    return Loss(
        row["node"], row["node_name_vi"], row["node_name_en"], row["kind"],
        row["points"], row["max_points"], row["score"],
        round((of_next[0] - share) * worth, 6), round((mean - share) * worth, 6),
    )  # fmt: skip
