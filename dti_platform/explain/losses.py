"""Why the rank: which nodes cost the most against the units above.

Here: what is lost node by node, in points of the index, against the unit ranked just above and against the mean of all
above, on one basis. Not here: what could be done about it (that would be a scenario).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dti_platform.tables import Row

#: The order of bases: printed figures; then ours, the best founded first.
SUBMITTED = ("final", "verified", "self")
BASES = ("published", *SUBMITTED)
#: A part of a weighted mean in the rule of a released row: ``0.4 x CQS + 0.3 x KTS``.
_WEIGHTED = re.compile(r"(?:^|(?<= \+ ))([\d.]+) x (\S+)")


@dataclass(frozen=True, slots=True)
class Loss:
    """A node, and what the units above have there beyond the unit's own, in points of the node asked about.

    Negative: it has more. ``points`` and ``max_points`` are the node's own, null where it was printed as a score alone.
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
    """The nodes that cost the most, on one basis: main ones and inputs, the dearest first.

    ``scale``: the most points of the node asked about, which all losses are points of.
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


def losses(scores: pl.DataFrame, unit: str, node: str, *, most: int = 5) -> tuple[Losses, ...]:
    """The nodes below ``node`` at which a unit loses most against those above it, on each basis on which there are any.

    Args:
        scores: ``index_scores`` of one period, framework, geography and group.
        unit: whose rank is asked about.
        node: at which node; the units above are those with a better score and rank there, on the same basis.
        most: how many of each kind.
    """
    return tuple(filter(None, (_on(basis, scores, unit, node, most) for basis in BASES)))


def _on(basis: str, scores: pl.DataFrame, unit: str, node: str, most: int) -> Losses | None:
    kin = ("published", "derived", "recomputed") if basis == "published" else (basis,)
    tree = _Tree(scores.filter(pl.col("basis").is_in(kin)))
    of_basis = scores.filter(pl.col("basis") == basis, pl.col("unit") != pl.col("geography"))
    rows = of_basis.with_columns(share=pl.coalesce(pl.col("points") / pl.col("max_points"), "score"))
    return _against(rows, unit, node, tree, most)


class _Tree:
    """The nodes of a release as they make one another: parts, weights and maxima."""

    def __init__(self, scores: pl.DataFrame) -> None:
        known = scores.group_by("node").agg(pl.col("parts", "rule_en", "max_points").drop_nulls().first())
        self.rows = {row["node"]: row for row in known.iter_rows(named=True)}

    def parts(self, node: str) -> list[str]:
        return str(self.rows[node]["parts"] or "").split() if node in self.rows else []

    def most(self, node: str) -> float | None:
        return self.rows[node]["max_points"] if node in self.rows else None

    def worth(self, node: str) -> Mapping[str, float]:
        """What a whole score of each node below is in points of ``node``; of one that counts twice, both together.

        A part of a sum is worth its maximum; one of a weighted mean its weight of what the node above is worth. What a
        part of unknown maximum is worth is not known, nor what is below it.
        """
        worth: dict[str, float] = {}
        for part, value in self._worth(node, self.most(node) or 1.0):
            worth[part] = worth.get(part, 0.0) + value
        return worth

    def _worth(self, node: str, whole: float) -> Iterator[tuple[str, float]]:
        rule = str(self.rows[node]["rule_en"]) if node in self.rows else ""
        weights = {part: float(weight) for weight, part in _WEIGHTED.findall(rule)}
        most, parts = self.most(node), self.parts(node)
        for part in parts:
            own = self.most(part)
            share = weights[part] if part in weights else own / most if own and most else None
            if share is not None:
                yield part, whole * share
                yield from self._worth(part, whole * share)


def _against(rows: pl.DataFrame, unit: str, node: str, tree: _Tree, most: int) -> Losses | None:
    own = {row["node"]: row for row in rows.filter(pl.col("unit") == unit).iter_rows(named=True)}
    here = own.get(node)
    if here is None or here["score"] is None:
        return None
    worth = {code: value for code, value in tree.worth(node).items() if code in own}
    apart = (pl.col("rank") < pl.lit(here["rank"])).fill_null(value=True)  # one that is hardly better shares the rank
    better = rows.filter(pl.col("node") == node, pl.col("score") > here["score"], apart).sort("score", "unit")
    theirs = rows.join(better.select("unit"), on="unit", how="semi").filter(
        pl.col("node").is_in(list(worth)), pl.col("share").is_not_null()
    )
    if theirs.is_empty():
        return None
    just_above = next(each for each in better["unit"] if each in set(theirs["unit"]))
    lost = [
        loss
        for code, value in worth.items()
        if (loss := _loss(own[code], value, theirs.filter(pl.col("node") == code), just_above))
    ]
    dearest = sorted(lost, key=lambda loss: (-loss.lost_to_mean, loss.node))
    name = theirs.filter(pl.col("unit") == just_above).row(0, named=True)
    main = [each for each in dearest if each.kind in _MAIN or (tree.parts(each.node) and each.kind != "group")]
    return Losses(
        basis=str(here["basis"]),
        evidence=str(here["evidence"]),
        rank=here["rank"],
        above=theirs["unit"].n_unique(),
        next_unit=just_above,
        next_name_vi=name["unit_name_vi"],
        next_name_en=name["unit_name_en"],
        scale=tree.most(node) or 1.0,
        main=tuple(main[:most]),
        inputs=tuple([each for each in dearest if each.kind == "indicator"][:most]),
    )


#: What stands above indicators in any framework, whether or not a release knows of which parts.
_MAIN = ("pillar", "main_index")


def _loss(own: Row, worth: float, theirs: pl.DataFrame, just_above: str) -> Loss | None:
    share = own["share"]
    of_next = theirs.filter(pl.col("unit") == just_above)["share"]
    if share is None or of_next.is_empty():
        return None
    mean = float(theirs["share"].sum()) / theirs.height
    return Loss(
        own["node"], own["node_name_vi"], own["node_name_en"], own["kind"],
        own["points"], own["max_points"], own["score"],
        round((of_next[0] - share) * worth, 6), round((mean - share) * worth, 6),
    )  # fmt: skip
