"""History: this table against the last release, ranks against the previous ones, and revisions against one another.

Here: what is missing now, and whether previous values are those of their period. Not here: the published list of
changes (``publications``). ``last_release`` is the same table in the last release, ``releases_before`` the changes of
all releases; both have no rows before the first release.
"""

from __future__ import annotations

import polars as pl

from dti_platform import codes
from dti_platform.quality.comparisons.keys import FIGURE, present, quoted

COVERED = ("period", "geography", "framework", "feed", "basis")
NAMED = (*COVERED, "unit", "peer_group", "node", "measure", "indicator", "metric")
_FIGURE = [*FIGURE, "basis"]
_NUMBER = pl.col("release").cast(pl.Int64)


def coverage_of_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """One row per period, geography, framework, feed, basis (those that both have): figures ``before`` and ``now``."""
    by = [name for name in present(table, COVERED) if name in last_release.columns]
    before = _figures(last_release).group_by(by).len("before")
    now = _figures(table).group_by(by).len("now")
    return before.join(now, on=by, how="left", nulls_equal=True).with_columns(pl.col("now").fill_null(0)).sort(by)


def printed_figures_of_last_release(table: pl.DataFrame, last_release: pl.DataFrame) -> pl.DataFrame:
    """Every figure of public pages in the last release: ``still_there`` says whether this table has it too."""
    by = [name for name in present(table, NAMED) if name in last_release.columns]
    printed = _figures(last_release).filter(quoted()).select(by).unique()
    now = _figures(table).select(by).unique().with_columns(pl.lit(value=True).alias("still_there"))
    both = printed.join(now, on=by, how="left", nulls_equal=True)
    return both.with_columns(pl.col("still_there").fill_null(value=False)).sort(by)


def ranks_before(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Ranks with a comparable previous rank, beside the rank of that period in the same index and on the same basis.

    ``stood_there`` says whether the previous rank is that rank, ``same_family`` whether both frameworks are of one
    family, which makes the two comparable. Only periods in the table can be looked up.
    """
    families = nodes.select("framework", "index", "family").unique()
    known = table.join(families, on="framework")
    by = ["index", *present(table, ("geography", "peer_group", "basis")), "unit"]
    previous = known.select(
        *by,
        pl.col("period").alias("previous_period"),
        pl.col("rank").alias("rank_then"),
        pl.col("family").alias("family_then"),
    )
    shown = known.drop_nulls("rank_change").filter(
        pl.col("previous_period").is_in(previous["previous_period"].unique().to_list())
    )
    both = shown.join(previous, on=[*by, "previous_period"], how="left", nulls_equal=True)
    return both.with_columns(
        pl.col("previous_rank").eq_missing(pl.col("rank_then")).alias("stood_there"),
        pl.col("family").eq_missing(pl.col("family_then")).alias("same_family"),
    )


def values_before(table: pl.DataFrame) -> pl.DataFrame:
    """Operational figures with a previous value: ``was_printed`` says whether that period has that value."""
    by = [*present(table, ("indicator", "unit"))]
    previous = table.select(
        *by, pl.col("period").alias("previous_period"), pl.col("value").alias("previous_value"), was_printed=True
    ).unique()
    shown = table.drop_nulls("previous_value").filter(
        pl.col("previous_period").is_in(table["period"].unique().to_list())
    )
    both = shown.join(previous, on=[*by, "previous_period", "previous_value"], how="left")
    return both.with_columns(pl.col("was_printed").fill_null(value=False))


def parts_of_two_years(table: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """A unit's quoted ranks, or scores, below the index in two years: ``copied`` where all are ``equal`` in both.

    One row per unit, measure and pair of years with two or more nodes in common, matched by concept. A single figure
    may stay the same, and so may the ranks of a unit that is first everywhere. ``values`` are the equal ones.
    """
    by, years = ["geography", "unit", "measure"], ["period", "copied_from"]
    below = nodes.filter(pl.col("kind") != "index").select("framework", "geography", "node", "concept")
    quotes = table.filter(quoted() & pl.col("measure").is_in(("score", "rank"))).join(
        below.drop_nulls("concept"), on=["framework", "geography", "node"]
    )
    earlier = quotes.select(*by, "concept", pl.col("period").alias("copied_from"), pl.col("value").alias("then"))
    pairs = quotes.join(earlier, on=[*by, "concept"]).filter(pl.col("copied_from") < pl.col("period"))
    same = pl.col("value").filter(pl.col("value") == pl.col("then")).first()
    figures = pairs.group_by(*by, *years, "concept").agg(same.alias("value"))
    rows = figures.group_by(*by, *years).agg(
        figures=pl.len(),
        equal=pl.col("value").count(),
        values=pl.concat_str("concept", "value", separator=" ").sort().str.join(" | "),
        leads=((pl.col("measure") == "rank") & (pl.col("value") == 1)).all(),
    )
    copied = (pl.col("equal") == pl.col("figures")) & ~pl.col("leads")
    return rows.filter(pl.col("figures") > 1).with_columns(copied=copied).drop("leads").sort(*by, *years)


def _figures(table: pl.DataFrame) -> pl.DataFrame:
    """Rows with a figure; a unit listed as missing has none."""
    return table.filter(~pl.col("obs_status").is_in(codes.MISSING)) if "obs_status" in table.columns else table


def revisions_after_others(table: pl.DataFrame, releases_before: pl.DataFrame) -> pl.DataFrame:
    """Every change of a figure that changed before: ``follows`` says whether it starts where the last change ended."""
    ends = [pl.col(f"new_{name}").alias(f"{name}_then") for name in ("score", "rank")]
    last = releases_before.sort(_NUMBER).unique(_FIGURE, keep="last").select(*_FIGURE, *ends)
    again = table.join(last, on=_FIGURE, nulls_equal=True).sort(_FIGURE)
    starts = [pl.col(f"old_{name}").eq_missing(pl.col(f"{name}_then")) for name in ("score", "rank")]
    return again.with_columns(follows=pl.all_horizontal(starts))


def changes_of_printed_figures(table: pl.DataFrame) -> pl.DataFrame:
    """Figures of public pages that the release replaced or removed, with ``announced``."""
    replaced = pl.any_horizontal(pl.col("old_score", "old_rank").is_not_null())
    return _announced(table).filter(quoted() & replaced)


def changes_without_a_cell(table: pl.DataFrame) -> pl.DataFrame:
    """Figures that changed although none of their cells or of a peer's did, with ``announced``."""
    return _announced(table).filter(pl.col("changed_cells") == 0)


def _announced(table: pl.DataFrame) -> pl.DataFrame:
    """The changes of a release; ``announced`` says whether the release gives a reason."""
    return table.with_columns(announced=pl.col("reason").is_not_null())
