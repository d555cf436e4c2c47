"""Which published source leads where several print the same figure; the others stay visible beside it.

Here: the one order of trust. Not here: judging whether they agree (``reconciliation``). Figures are never averaged.
"""

from __future__ import annotations

import polars as pl

from dti_platform.codes import QUOTED, SOURCE_CLASSES
from dti_platform.methodology.framework import Framework

#: What makes two values of public pages the same figure.
FIGURE = ("period", "framework", "geography", "unit", "peer_group", "node", "measure", "basis")
MEASURES = ("score", "points", "rank")


#: Certainties of a figure that is as printed; the first leads.
AS_PRINTED = ("verbatim", "year_inferred")


def headline(rows: pl.DataFrame, publisher: str) -> pl.DataFrame:
    """Of the Observations of public pages, the one row that leads for every figure (same columns, sorted by figure).

    A figure as printed and one that its quoter worked out (basis derived) are two. In this order:

    1. read as printed (verbatim, or with a year that was inferred), before paraphrased and inferred;
    2. the site of the framework's ``publisher`` (part of the address), then by class of source: another publisher, a
       government body, the state press, other press, a third party;
    3. verbatim, before a year that was inferred;
    4. from the source that prints most figures of that period and geography; alphabetical.

    Who says it weighs more than how its year was found: a page of the publisher without a year is nearer to what was
    published than a quotation of it with one.
    """
    quoted = rows.filter(pl.col("basis").is_in(QUOTED) & pl.col("measure").is_in(MEASURES))
    as_printed, certainty = pl.col("certainty").is_in(AS_PRINTED), pl.col("certainty")
    ordered = quoted.join(_sources(quoted, publisher), on=["period", "source"], how="left").sort(
        *FIGURE, ~as_printed, "standing", certainty != AS_PRINTED[0], "trust", "feed"
    )
    return ordered.unique(FIGURE, keep="first", maintain_order=True).select(rows.columns)


def by_trust(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Period, source and ``trust`` (0 leads): the same order for whole sources, where a set of parts is chosen."""
    published = rows.filter((pl.col("basis") == "published") & pl.col("measure").is_in(MEASURES))
    return _sources(published, framework.publisher).drop("standing")


def _sources(printed: pl.DataFrame, publisher: str) -> pl.DataFrame:
    """Each source of a period: ``standing`` by who it is, ``trust`` by all that is said of a whole source."""
    counted = printed.group_by("period", "source").agg(pl.col("source_class").first(), figures=pl.len())
    ordered = counted.with_columns(standing=_standing(publisher)).sort(
        "period", "standing", pl.col("figures"), "source", descending=[False, False, True, False]
    )
    return ordered.select("period", "source", "standing", trust=pl.int_range(pl.len()).over("period"))


def _standing(publisher: str) -> pl.Expr:
    """0 for the publisher's own site, then the place of the class; a source without one comes last."""
    place = pl.col("source_class").replace_strict(
        SOURCE_CLASSES, range(1, len(SOURCE_CLASSES) + 1), default=len(SOURCE_CLASSES) + 1, return_dtype=pl.Int32
    )
    return pl.when(pl.col("source").str.contains(publisher, literal=True)).then(0).otherwise(place)
