"""Copies: figures that a table copies from ``scores`` and ``rankings``, compared with the originals.

Here: the tables that show scores and ranks, row by row. Whether a score or a rank is right is judged where it is
computed; a table that shows it is right if it shows the same. Not here: those rules (``figures``, ``places``), and
what a table adds itself (``history``, ``places``).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dti_platform.quality.comparisons.keys import FIGURE, present

_KEY = (*FIGURE, "basis")
#: The columns that are copied together, of one score and of one rank.
_SCORE = ("points", "max_points", "score", "missing", "missing_rule")
_RANK = ("rank", "rank_score", "rank_best", "rank_worst")
#: The columns of a whole ranking: filled also for units without a rank in it.
_RANKING = ("rank_status", "ranked", "peers")


def figures_as_made(
    table: pl.DataFrame, nodes: pl.DataFrame, scores: pl.DataFrame, rankings: pl.DataFrame
) -> pl.DataFrame:
    """Every row that shows a score or a rank: ``differs`` names the parts that differ from the original; empty if none.

    A figure with several sources may be that of any of them; without an original, the row may show no figure. A row is
    illustrative if its score or its rank is.
    """
    by = present(table, _KEY)
    if "node" not in table.columns:  # it shows only the index
        roots = nodes.filter(pl.col("kind") == "index").select("framework", "geography", "node")
        scores, rankings = (frame.join(roots, on=roots.columns, how="semi") for frame in (scores, rankings))
    rank = _compare(table, rankings, by, {
        "rank": _copied("rank", present(table, _RANK)),
        **{name: _original(name).is_null() | _equal(name) for name in _RANKING},
    })  # fmt: skip
    score = _compare(_by_score_basis(table), scores, by, {"score": _copied("score", present(table, _SCORE))})
    illustrative = [rank["illustrative"], *([] if "score_basis" in table.columns else [score["illustrative"]])]
    evidence = (table["evidence"] == "illustrative") == pl.max_horizontal(illustrative)
    same = rank.drop("illustrative").with_columns(score=score["score"], evidence=evidence.fill_null(value=True))
    differs = [pl.when(~pl.col(name)).then(pl.lit(name)) for name in same.columns]
    return table.with_columns(same.select(differs=pl.concat_str(differs, separator=" ", ignore_nulls=True)))


def _by_score_basis(table: pl.DataFrame) -> pl.DataFrame:
    """The table with the basis of its scores, which in a league table differs from the basis of the ranks."""
    return table.with_columns(basis="score_basis") if "score_basis" in table.columns else table


def _compare(table: pl.DataFrame, originals: pl.DataFrame, by: list[str], rules: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """For each row, whether each rule holds for any original of its key; ``illustrative``: one of them is."""
    shown = [name for name in originals.columns if name in table.columns and name not in by]
    rows = table.select(*by, *shown).with_row_index("row_index")
    figures = originals.select(*by, pl.col(shown).name.suffix("_original"), has_original=True)
    pairs = rows.join(figures, on=by, how="left", nulls_equal=True, maintain_order="left")
    verdicts = {name: rule.fill_null(value=False).any() for name, rule in rules.items()}
    illustrative = (_original("evidence") == "illustrative").any(ignore_nulls=False)
    by_row = pairs.group_by("row_index", maintain_order=True)
    return by_row.agg(**verdicts, illustrative=illustrative).drop("row_index")


def _copied(figure: str, values: list[str]) -> pl.Expr:
    """Whether all values equal the original; without an original, whether the row shows no figure."""
    return pl.when("has_original").then(pl.all_horizontal(map(_equal, values))).otherwise(pl.col(figure).is_null())


def _equal(name: str) -> pl.Expr:
    return pl.col(name).eq_missing(_original(name))


def _original(name: str) -> pl.Expr:
    return pl.col(f"{name}_original")
