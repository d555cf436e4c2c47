"""Agreement: the same figure from two origins.

Here: computed figures beside published ones, and source beside source. Not here: agreement with an earlier release
(``history``).
"""

from __future__ import annotations

import polars as pl

from dti_platform.quality.comparisons.keys import FIGURE, VERIFIED, present, published

#: Scores are printed with three decimals or four.
THREE_DECIMALS = 3


def recomputed_and_published(table: pl.DataFrame) -> pl.DataFrame:
    """Scores recomputed from printed parts: ``difference`` from the nearest score that any source prints."""
    return _beside_published(table, ("recomputed",))


def verified_and_published(table: pl.DataFrame) -> pl.DataFrame:
    """Verified scores: ``beyond`` is the distance from the nearest printed score, less half a unit of its last digit.

    A score printed as 0.725 stands for anything from 0.7245 to 0.7255. Self scores are claims, and are not compared.
    """
    both = _beside_published(table, VERIFIED)
    decimals = pl.col("published").cast(pl.String).str.extract(r"\.(\d+)$").str.len_chars()
    half = pl.when(decimals > THREE_DECIMALS).then(0.00005).otherwise(0.0005)
    return both.with_columns((pl.col("difference").abs() - half).alias("beyond"))


def computed_and_printed_ranks(table: pl.DataFrame) -> pl.DataFrame:
    """Computed ranks if every peer has a score: ``difference`` from the nearest printed rank, except of self scores."""
    ours = table.filter(pl.col("basis").is_in(("recomputed", *VERIFIED)) & (pl.col("rank_status") == "complete"))
    return _nearest(ours, table.filter(published()), "rank")


def verdicts_on_recomputed(table: pl.DataFrame) -> pl.DataFrame:
    """Reconciled figures that are recomputed from printed parts, where the sources agree."""
    return table.filter((pl.col("basis") == "recomputed") & ~pl.col("sources_differ"))


def verdicts_on_verified(table: pl.DataFrame) -> pl.DataFrame:
    """The same for figures from verified submissions."""
    return table.filter(pl.col("basis").is_in(VERIFIED) & ~pl.col("sources_differ"))


def printed_figures_held(table: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    """Every printed observation of a framework: ``held`` says whether the reconciliation has it."""
    by = ["period", "framework", "geography", "unit", "peer_group", "node", "source"]
    printed = observations.filter(published() & pl.col("framework").is_not_null())
    rows = table.select(*by, pl.col("metric").str.extract(r"^([a-z]+)").alias("measure"), held=True).unique()
    both = printed.join(rows, on=[*by, "measure"], how="left", nulls_equal=True)
    return both.with_columns(pl.col("held").fill_null(value=False))


def sources_of_a_figure(table: pl.DataFrame) -> pl.DataFrame:
    """Published figures that several sources print: ``spread`` between the largest and the smallest, ``values`` all."""
    by = [*present(table, FIGURE), "measure"]
    printed = table.filter(published() & (pl.col("qualifier") == "exact"))
    several = printed.group_by(by).agg(
        pl.col("source").n_unique().alias("sources"),
        (pl.col("value").max() - pl.col("value").min()).alias("spread"),
        pl.col("value").unique().sort().cast(pl.String).str.join(" | ").alias("values"),
    )
    return several.filter(pl.col("sources") > 1).sort(by)


def _beside_published(table: pl.DataFrame, bases: tuple[str, ...]) -> pl.DataFrame:
    return _nearest(table.filter(pl.col("basis").is_in(bases)), table.filter(published()), "score")


def _nearest(ours: pl.DataFrame, printed: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Every computed figure beside the nearest printed one."""
    by = present(ours, FIGURE)
    computed = ours.drop_nulls(measure).select(
        *by, "basis", pl.col("source").alias("parts_of"), pl.col(measure).alias("ours")
    )
    published_figures = printed.drop_nulls(measure).select(*by, "source", pl.col(measure).alias("published"))
    pairs = computed.join(published_figures, on=by, nulls_equal=True).with_columns(
        (pl.col("ours") - pl.col("published")).alias("difference")
    )
    key = [*by, "basis", "parts_of"]
    return pairs.sort(*key, pl.col("difference").abs(), "source").unique(key, keep="first", maintain_order=True)
