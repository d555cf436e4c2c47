"""The rule of a figure of a merged unit: the mean of what its former units have.

Here: which released rows are such means, and their rule in words. Not here: the means (``methodology.merging``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dti_platform.glossary import terms
from dti_platform.language import LANGUAGES, Language
from dti_platform.methodology.merging import former_units, means_of_totals
from dti_platform.publications.leading import FIGURE

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks

WORDS = terms("mean_rules")


def with_mean_rules(rows: pl.DataFrame, scores: pl.DataFrame, frameworks: Frameworks) -> pl.DataFrame:
    """The rows of ``index_scores`` with the rule of a mean, and without parts, where the figure is a mean.

    Args:
        rows: with kind, source, parts, rule_vi and rule_en.
        scores: those of the year.
        frameworks: in whose rules of merging the kind of node is named that is averaged.
    """
    merging = _with_merging(frameworks)
    if not rows.select(former_units().is_not_null().any()).item():
        return rows
    totals = means_of_totals_by(frameworks, scores).with_columns(total=True)
    kind = pl.col("framework").replace_strict(merging, default=None, return_dtype=pl.String)
    averaged = former_units().is_not_null() & ((pl.col("kind") == kind) | pl.col("total")).fill_null(value=False)
    marked = rows.join(totals, on=[*FIGURE, "basis", "source"], how="left", nulls_equal=True, maintain_order="left")
    rules = {
        f"rule_{language}": pl.when(averaged).then(_rule(language)).otherwise(f"rule_{language}")
        for language in LANGUAGES
    }
    return marked.with_columns(parts=pl.when(~averaged).then("parts"), **rules).drop("total")


def means_of_totals_by(frameworks: Frameworks, scores: pl.DataFrame) -> pl.DataFrame:
    """The keys of the scores that are means of totals, by all frameworks with a rule of merging."""
    decided = (framework for framework in frameworks.all if framework.overlay is None)
    return pl.concat([means_of_totals(scores, framework) for framework in decided])


def _with_merging(frameworks: Frameworks) -> dict[str, str]:
    """The kind of node that is averaged, by the version of each framework with a rule of merging."""
    return {framework.version: framework.merging.kind for framework in frameworks.all if framework.merging}


def _rule(language: Language) -> pl.Expr:
    """``unweighted mean of VN63-48, VN63-49``; of totals where the parts are not known; of a single unit its figure."""
    units = former_units().str.split(" ")
    of_total = pl.col("total").fill_null(value=False)
    words = {key: pl.lit(WORDS[key].text(language)) for key in ("sole", "totals", "parts")}
    several = pl.when(of_total).then(words["totals"]).otherwise(words["parts"])
    rule = pl.when(units.list.len() == 1).then(words["sole"]).otherwise(several)
    return pl.concat_str(rule, units.list.join(", "), separator=" ")
