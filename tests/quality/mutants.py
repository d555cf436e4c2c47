"""For every entry of every suite, and for every check that was merged into one, the fault that it is there to catch.

A mutant is (severity, change): ``change`` takes a valid table with what it is compared to, and breaks one thing.
"""

from collections.abc import Callable
from typing import Any

import polars as pl

from tests.quality.miniature import MADE, Others, rows

__all__ = ["FIRST", "MADE", "MUTANTS", "put", "rows"]

Case = tuple[pl.DataFrame, Others]
Change = Callable[[pl.DataFrame, Others], Case]
Mutant = tuple[str, Change]

OVERALL = pl.col("node") == "PDTI"
PRINTED = pl.col("basis") == "published"
VERIFIED = pl.col("basis") == "verified"
FIRST, LAST = pl.col("unit") == "VN63-01", pl.col("unit") == "VN63-04"
NEWEST = pl.col("period") == "2022"


def put(where: pl.Expr, **values: Any) -> Change:
    """Other values in some rows."""

    def change(table: pl.DataFrame, others: Others) -> Case:
        changed = [pl.when(where).then(value if isinstance(value, pl.Expr) else pl.lit(value)).otherwise(name)
                   .cast(table.schema[name]).alias(name) for name, value in values.items()]  # fmt: skip
        mutant = table.with_columns(changed)
        assert not mutant.equals(table), "the mutant is no mutant"
        return mutant, others

    return change


def drop(where: pl.Expr) -> Change:
    """Without some rows."""

    def change(table: pl.DataFrame, others: Others) -> Case:
        mutant = table.filter(~where.fill_null(value=False))
        assert 0 < mutant.height < table.height
        return mutant, others

    return change


def unlike(name: str, where: pl.Expr, **values: Any) -> Change:
    """The same table, compared with another one."""

    def change(table: pl.DataFrame, others: Others) -> Case:
        changed, _ = put(where, **values)(others[name], others)
        return table, {**others, name: changed}

    return change


def observed(measure: str) -> pl.Expr:
    return FIRST & OVERALL & PRINTED & (pl.col("measure") == measure)


SUBMITTED = FIRST & (pl.col("node") == "9") & VERIFIED
VILLAGES = (pl.col("period") == "2022-S2") & (pl.col("indicator") == "villages")
PHONES = (pl.col("period") == "2022-S2") & (pl.col("indicator") == "phones")

OFFICIAL: Mutant = "critical", put(FIRST & OVERALL & PRINTED, evidence="illustrative")
GONE: Mutant = "critical", drop(FIRST & OVERALL & PRINTED)
SHRUNK: Mutant = "warning", drop(FIRST & OVERALL & VERIFIED)
MADE_UP: Mutant = "critical", put(FIRST & (pl.col("node") == "7.1"), evidence="official")

OBSERVATIONS: dict[str, Mutant] = {
    "scores_lie_between_0_and_1": ("critical", put(observed("score"), value=49.6)),
    "points_are_not_negative": ("critical", put(SUBMITTED, value=-1.0)),
    "points_do_not_exceed_the_maximum": ("critical", put(SUBMITTED, value=150.5)),
    "every_domain_has_a_class": ("warning", put(observed("score"), source="https://new.example/x")),
    "ranks_start_at_1": ("critical", put(observed("rank"), value=0.0)),
    "values_lie_within_their_bounds": ("critical", put(SUBMITTED, value=151.0)),
    "ranks_are_whole_numbers": ("critical", put(observed("rank"), value=1.5)),
    "ranks_fit_the_geography": ("critical", put(observed("rank"), value=5.0)),
    "parts_do_not_exceed_their_whole": ("warning", put(pl.col("node") == "villages", value=833.0)),
    "published_figures_are_official": OFFICIAL,
    "synthetic_files_are_illustrative": ("critical", put(SUBMITTED, evidence="official")),
    "made_up_nodes_are_illustrative": MADE_UP,
    "sources_of_a_figure_agree": (
        "info", put(observed("score") & pl.col("source").str.contains("copy"), value=0.7879),
    ),
    "quoted_ranks_stand_once_but_for_ties": (
        "warning", put((pl.col("unit") == "VN63-03") & OVERALL & PRINTED & (pl.col("measure") == "score"), value=0.6),
    ),
    "years_are_not_copied": (
        "warning", put(FIRST & ~OVERALL & PRINTED & NEWEST & (pl.col("measure") == "rank"), value=4.0),
    ),
    "no_published_figure_disappears": GONE,
    "coverage_does_not_shrink": ("warning", drop(SUBMITTED)),
}  # fmt: skip

RECENT = FIRST & NEWEST
VERIFIED_POINTS = FIRST & (pl.col("node") == "9") & VERIFIED
SCORES: dict[str, Mutant] = {
    "points_are_not_negative": ("critical", put(VERIFIED_POINTS, points=-1.0)),
    "points_do_not_exceed_the_maximum": ("critical", put(VERIFIED_POINTS, points=150.5)),
    "score_is_points_over_maximum": ("critical", put(VERIFIED_POINTS, score=0.7)),
    "parts_add_up_to_their_parent": ("critical", put(VERIFIED_POINTS, points=110.00001)),
    "printed_parts_add_up_to_their_parent": (
        "warning", put(FIRST & (pl.col("node") == "9") & PRINTED, points=111.0),
    ),
    "pillars_and_total_agree": ("critical", put(FIRST & OVERALL & VERIFIED, points=790.00001)),
    "printed_pillars_and_total_agree": ("warning", put(FIRST & OVERALL & PRINTED, points=791.0)),
    "quoted_pillars_lie_within_their_total": (
        "warning", put(FIRST & (pl.col("node") == "CQS") & PRINTED, points_low=400.0, points_high=400.0),
    ),
    "withheld_nodes_show_no_figure": ("critical", put(LAST & (pl.col("basis") == "recomputed"), points=0.0)),
    "recomputed_scores_agree_with_published": (
        "critical", put(FIRST & (pl.col("basis") == "recomputed"), score=0.7902),
    ),
    "verified_scores_agree_with_published": ("warning", put(FIRST & OVERALL & VERIFIED, score=0.7906)),
    "published_figures_are_official": OFFICIAL,
    "made_up_nodes_are_illustrative": MADE_UP,
    "what_rests_on_illustrative_parts_is_illustrative": (
        "critical", put(FIRST & OVERALL & VERIFIED, evidence="official"),
    ),
}  # fmt: skip

RANKS: dict[str, Mutant] = {
    "computed_ranks_are_competition_ranks": ("critical", put(LAST & OVERALL & VERIFIED, rank=3)),
    "printed_ranks_are_competition_ranks": ("critical", put(LAST & OVERALL & PRINTED, rank=3)),
    "printed_ranks_follow_printed_scores": ("warning", put(FIRST & OVERALL & PRINTED, score=0.1)),
    "ranked_counts_the_scored_peers": ("critical", put(OVERALL & VERIFIED, ranked=3)),
    "status_is_earned": ("critical", put(OVERALL & VERIFIED, rank_status="provisional")),
    "peers_are_all_units_of_the_geography": ("critical", put(OVERALL & (pl.col("basis") == "recomputed"), peers=3)),
    "ranks_do_not_exceed_peers": ("critical", put(FIRST & OVERALL & VERIFIED, rank=64)),
    "our_ranks_agree_with_printed": ("warning", put(FIRST & OVERALL & VERIFIED, rank=2)),
    "published_figures_are_official": OFFICIAL,
}
RANKINGS = RANKS | {
    "ranks_are_as_official_as_their_scores": ("critical", put(FIRST & OVERALL & VERIFIED, evidence="official"))
}
WITHHELD: Mutant = "critical", put(FIRST & (pl.col("basis") == "recomputed"), rank=1)
WIDENED: Mutant = "critical", put(FIRST & OVERALL & VERIFIED, rank_worst=4)

INDEX_SCORES = {
    name: mutant
    for name, mutant in (SCORES | RANKS).items()
    if name
    not in {
        "points_are_not_negative",
        "score_is_points_over_maximum",
        "quoted_pillars_lie_within_their_total",
        "printed_ranks_follow_printed_scores",
        "peers_are_all_units_of_the_geography",
        "our_ranks_agree_with_printed",
    }
} | {
    "withheld_rankings_show_no_rank": WITHHELD,
    "figures_are_as_made": WIDENED,
    "no_published_figure_disappears": GONE,
    "coverage_does_not_shrink": SHRUNK,
}


def of_standings(mutants: dict[str, Mutant]) -> dict[str, Mutant]:
    """The same faults in a table that has the index itself alone, and two years of it."""

    def without_nodes(change: Change) -> Change:
        def changed(table: pl.DataFrame, others: Others) -> Case:
            mutant, others = change(table.with_columns(node=pl.lit("PDTI"), points=None, missing=0), others)
            return mutant.select(table.columns), others

        return changed

    return {name: (severity, without_nodes(change)) for name, (severity, change) in mutants.items()}


STANDINGS = of_standings(
    RANKS
    | {
        name: SCORES[name]
        for name in ("recomputed_scores_agree_with_published", "verified_scores_agree_with_published")
    }
    | {
        "withheld_rankings_show_no_rank": WITHHELD,
        "figures_are_as_made": WIDENED,
        "previous_ranks_stood_there": ("critical", put(FIRST & NEWEST & VERIFIED, previous_rank=2, rank_change=1)),
        "no_published_figure_disappears": GONE,
        "coverage_does_not_shrink": SHRUNK,
    }
)


def another_framework_before(table: pl.DataFrame, others: Others) -> Case:
    """The year before was scored under a framework of another family."""
    other = others["nodes"].with_columns(framework=pl.lit("1726"), family=pl.lit("1726"))
    mutant, _ = put(pl.col("period") == "2021", framework="1726")(table, others)
    return mutant, {**others, "nodes": pl.concat([others["nodes"], other]), "last_release": mutant}


PROVINCES = STANDINGS | {
    "every_unit_of_the_geography_stands_in_it": ("critical", drop(LAST & NEWEST & VERIFIED)),
    "changes_stay_within_a_family": ("critical", another_framework_before),
}
MINISTRIES = {
    name: mutant
    for name, mutant in PROVINCES.items()
    if name
    not in {
        "every_unit_of_the_geography_stands_in_it",
        "peers_are_all_units_of_the_geography",
        "recomputed_scores_agree_with_published",
        "our_ranks_agree_with_printed",
    }
}
LEAGUE: dict[str, Mutant] = {
    "figures_are_as_made": ("critical", put(FIRST & NEWEST, score=0.7999)),
    "ranks_do_not_exceed_peers": ("critical", put(FIRST & NEWEST, rank=64, rank_change=-63)),
    "published_figures_are_official": ("critical", put(FIRST & NEWEST, evidence="illustrative")),
    "coverage_does_not_shrink": ("warning", drop(FIRST & NEWEST)),
}
SCORECARD: dict[str, Mutant] = {
    "counts_are_not_negative": ("critical", put(VILLAGES, value=-1.0)),
    "counts_are_whole_numbers": ("warning", put(VILLAGES, value=599.5)),
    "percentages_lie_between_0_and_100": ("warning", put(PHONES, value=101.0)),
    "parts_do_not_exceed_their_whole": ("warning", put(VILLAGES, value=833.0)),
    "previous_values_were_printed": ("critical", put(VILLAGES, previous_value=476.0)),
    "values_do_not_jump": ("warning", put(PHONES, value=7.0)),
    "values_do_not_repeat": ("info", put(PHONES, repeats_previous=True, report_before_value=73.5)),
    "denominators_stand_still": ("info", put(VILLAGES, denominator_changed=True)),
    "coverage_does_not_shrink": ("warning", drop(PHONES)),
}
RECONCILIATION: dict[str, Mutant] = {
    "every_printed_figure_is_held_against_ours": ("critical", drop(FIRST & (pl.col("metric") == "rank_overall"))),
    "recomputed_figures_agree": ("critical", put(RECENT & (pl.col("basis") == "recomputed"), verdict="differs")),
    "verified_figures_agree": ("warning", put(RECENT & VERIFIED, verdict="differs")),
    "coverage_does_not_shrink": ("warning", drop(FIRST & VERIFIED)),
}
SELF = pl.col("feed") == "self_assessment"
COVERAGE: dict[str, Mutant] = {
    "accepted_values_are_observed": ("critical", put(FIRST & SELF, accepted=6, received=6)),
    "every_unit_of_the_geography_is_counted": ("critical", drop(LAST & SELF)),
    "no_cell_is_held_back": ("warning", put(FIRST & SELF, quarantined=1, received=6)),
    "no_input_is_missing": ("warning", put(FIRST & SELF, missing=1)),
    "every_ranking_is_complete": ("warning", put(SELF, rank_status="provisional")),
    "nothing_accepted_disappears": ("warning", unlike("last_release", FIRST & SELF, accepted=6)),
}
REVISIONS: dict[str, Mutant] = {
    "changes_follow_one_another": ("critical", put(PRINTED, old_score=0.795)),
    "printed_figures_change_with_a_reason": ("warning", put(PRINTED, reason=None, type="scheduled")),
    "changes_without_a_cell_have_a_reason": (
        "warning", put(pl.col("cause") == "rules", reason=None, type="scheduled"),
    ),
    "published_figures_are_official": ("critical", put(PRINTED, evidence="illustrative")),
}  # fmt: skip
SECOND = pl.col("position") == 2
SESSIONS: dict[str, Mutant] = {
    "every_figure_of_a_session_is_found": ("warning", put(SECOND, value=None, obs_status="L")),
    "coverage_does_not_shrink": ("warning", drop(SECOND)),
}
MUTANTS: dict[str, dict[str, Mutant]] = {
    "observations": OBSERVATIONS,
    "scores": SCORES,
    "rankings": RANKINGS,
    "index_scores": INDEX_SCORES,
    "province_ranking": PROVINCES,
    "ministry_ranking": MINISTRIES,
    "league_table": LEAGUE,
    "national_scorecard": SCORECARD,
    "provincial_scorecard": SCORECARD,
    "reconciliation": RECONCILIATION,
    "coverage": COVERAGE,
    "revisions": REVISIONS,
    "sessions": SESSIONS,
}
