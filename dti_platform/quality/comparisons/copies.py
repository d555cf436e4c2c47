"""Copies: figures that a table takes over from ``scores`` and ``rankings``, against those.

Here: the tables that show scores and ranks, row by row. What makes a score or a rank right is judged where it is made;
a table that shows it is right as long as it shows just that. Not here: those rules (``figures``, ``places``), and what
a table adds of its own (``history``, ``places``).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dti_platform.quality.comparisons.keys import FIGURE, present

_KEY = (*FIGURE, "basis")
#: What is taken over whole, of one score and of one rank.
_SCORE = ("points", "max_points", "score", "missing", "missing_rule")
_RANK = ("rank", "rank_score", "rank_best", "rank_worst")
#: What a ranking says of itself: also beside units that have no place in it.
_RANKING = ("rank_status", "ranked", "peers")


def figures_as_made(
    table: pl.DataFrame, nodes: pl.DataFrame, scores: pl.DataFrame, rankings: pl.DataFrame
) -> pl.DataFrame:
    """Every row that shows a score or a rank: ``differs`` names what of it is not as it was made; empty where all is.

    A figure of several sources may be that of any of them; where none was made, none may stand. A row is illustrative
    where its score or its rank is.
    """
    by = present(table, _KEY)
    if "node" not in table.columns:  # it shows the index itself alone
        roots = nodes.filter(pl.col("kind") == "index").select("framework", "geography", "node")
        scores, rankings = (each.join(roots, on=roots.columns, how="semi") for each in (scores, rankings))
    rank = _beside(table, rankings, by, {
        "rank": _taken_over("rank", present(table, _RANK)),
        **{name: _made(name).is_null() | _equal(name) for name in _RANKING},
    })  # fmt: skip
    score = _beside(_of_scores(table), scores, by, {"score": _taken_over("score", present(table, _SCORE))})
    rests_on = [rank["made_up"], *([] if "score_basis" in table.columns else [score["made_up"]])]
    evidence = (table["evidence"] == "illustrative") == pl.max_horizontal(rests_on)
    same = rank.drop("made_up").with_columns(score=score["score"], evidence=evidence.fill_null(value=True))
    differs = [pl.when(~pl.col(name)).then(pl.lit(name)) for name in same.columns]
    return table.with_columns(same.select(differs=pl.concat_str(differs, separator=" ", ignore_nulls=True)))


def _of_scores(table: pl.DataFrame) -> pl.DataFrame:
    """The table, each row on the basis of its score, which a league table shows beside a rank of another one."""
    return table.with_columns(basis="score_basis") if "score_basis" in table.columns else table


def _beside(table: pl.DataFrame, made: pl.DataFrame, by: list[str], holds: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """For each row of the table, what holds of it beside any figure of its key; ``made_up``: one is illustrative."""
    shown = [name for name in made.columns if name in table.columns and name not in by]
    rows = table.select(*by, *shown).with_row_index("at")
    figures = made.select(*by, pl.col(shown).name.suffix("_made"), there=True)
    pairs = rows.join(figures, on=by, how="left", nulls_equal=True, maintain_order="left")
    held = {name: expression.fill_null(value=False).any() for name, expression in holds.items()}
    made_up = (_made("evidence") == "illustrative").any(ignore_nulls=False)
    return pairs.group_by("at", maintain_order=True).agg(**held, made_up=made_up).drop("at")


def _taken_over(figure: str, values: list[str]) -> pl.Expr:
    """Whether all values are those that were made; where nothing was, whether there is no figure."""
    return pl.when("there").then(pl.all_horizontal(map(_equal, values))).otherwise(pl.col(figure).is_null())


def _equal(name: str) -> pl.Expr:
    return pl.col(name).eq_missing(_made(name))


def _made(name: str) -> pl.Expr:
    return pl.col(f"{name}_made")
