"""What can't be computed from what came, and why, in both languages.

Here: inputs missing, the index not computed, ranks withheld. Not here: counting values (``coverage``), comparing
with printed figures (``verdicts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.glossary import terms
from dti_platform.methodology.scoring import SUBMITTED
from dti_platform.publications.mean_rules import means_of_totals_by

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.units import Units

#: What is short; ``{...}`` is filled from the row.
REASONS = terms("shortfall_reasons")
_EXPLAINED = {"reason": pl.String, "why_vi": pl.String, "why_en": pl.String}
_FACTS = {
    "geography": pl.String,
    "framework": pl.String,
    "submitted": pl.Boolean,
    "root": pl.String,
    "inputs": pl.Int32,
    "has_parts": pl.Boolean,
    "computable": pl.Boolean,
}
_UNIT = ["period", "geography", "framework", "unit"]


def with_shortfall(
    counted: pl.DataFrame, inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks
) -> pl.DataFrame:
    """Adds inputs, lacking, computed, rank_status, ranked, peers, reason, why_vi, why_en; not to a printed mean."""
    submitting = inputs["observations"].filter(pl.col("basis").is_in(SUBMITTED))["feed"].unique().to_list()
    marked = counted.with_columns(submitted=pl.col("feed").is_in(submitting))
    facts = pl.DataFrame(list(_facts(marked, frameworks)), schema=_FACTS, orient="row")
    measured = marked.join(facts, on=["geography", "framework", "submitted"], how="left", nulls_equal=True).join(
        _results(inputs, facts, frameworks), on=[*_UNIT, "feed"], how="left", nulls_equal=True
    )
    ranking = ["period", "geography", "framework", "feed"]
    aggregates = [unit.id for unit in units.all.values() if unit.kind == "aggregate"]
    own = pl.col("inputs").is_not_null() & ~pl.col("unit").is_in(aggregates)
    extended = measured.with_columns(
        *(
            pl.when(own).then(pl.col(name).drop_nulls().first().over(ranking)).alias(name)
            for name in ("rank_status", "peers", "ranked")
        ),
        inputs=pl.when(own).then(pl.when("of_totals").then(0).otherwise("inputs")),
        lacking=pl.when(own).then(pl.coalesce("lacking", "inputs")),
        computed=pl.when(own).then(pl.col("computed").fill_null(value=False)),
    )
    reasons = pl.DataFrame([_explained(row) for row in extended.iter_rows(named=True)], schema=_EXPLAINED, orient="row")
    return pl.concat([extended, reasons], how="horizontal")


def _facts(counted: pl.DataFrame, frameworks: Frameworks) -> Iterator[tuple[object, ...]]:
    """What is known of each framework in play, as decided and with its overlay."""
    played = counted.drop_nulls("framework").select("period", "geography", "framework", "submitted").unique()
    for period, geography, version, submitted in played.sort(pl.all()).rows():
        framework = frameworks.of_version(version, period, geography)
        if framework is not None:
            yield geography, *_fact(frameworks.overlaid(framework) if submitted else framework, submitted=submitted)


def _fact(framework: Framework, *, submitted: bool) -> tuple[object, ...]:
    root = framework.root.code
    parts = bool(framework.parts(root))
    return framework.version, submitted, root, len(framework.inputs), parts, framework.computable(root)


def _results(inputs: Mapping[str, pl.DataFrame], facts: pl.DataFrame, frameworks: Frameworks) -> pl.DataFrame:
    """Our index of every unit from the figures of each feed: missing inputs, computed, ranking.

    ``of_totals``: it is a mean of totals, and rests on no inputs. Of several bases that a feed brings the one that
    lacks most counts.
    """
    roots = facts.select("geography", "framework", "submitted", "root")
    on = ["geography", "framework", "submitted", "node"]
    ours = ~pl.col("basis").is_in(QUOTED)
    places = inputs["rankings"].filter(ours).with_columns(submitted=pl.col("basis").is_in(SUBMITTED))
    at_root = places.join(roots.rename({"root": "node"}), on=on)
    key = [*_UNIT, "node", "basis", "source"]
    totals = means_of_totals_by(frameworks, inputs["scores"]).select(*key, of_totals=pl.lit(value=True))
    lacking = inputs["scores"].filter(ours).select(*key, lacking="missing").join(totals, on=key, how="left")
    brought = inputs["observations"].select("feed", "framework", pl.col("basis").replace("published", "recomputed"))
    return (
        at_root.join(lacking, on=key, how="left")
        .join(brought.unique(), on=["framework", "basis"])
        .group_by(*_UNIT, "feed")
        .agg(
            pl.col("lacking", "peers").max(),
            pl.col("ranked").min(),
            of_totals=pl.col("of_totals").any(),
            computed=pl.col("score").is_not_null().all(),
            rank_status=pl.col("rank_status").sort_by("ranked").first(),
        )
    )


def _explained(row: Mapping[str, object]) -> tuple[str | None, ...]:
    """The code and the words of what is short."""
    reason = _reason(row)
    if reason is None:
        return None, None, None
    return reason, *REASONS[reason].format(**row)


def _reason(row: Mapping[str, object]) -> str | None:
    if row["computed"] is None:
        return None
    if row["computed"]:
        return "ranks_withheld" if row["rank_status"] == "withheld" else None
    if not row["has_parts"]:
        return "no_parts_known"
    if not row["computable"] and not row["ranked"]:  # points that are merely summed need no maximum
        return "maximum_unknown"
    return "inputs_missing" if row["ranked"] else "nothing_computed"
