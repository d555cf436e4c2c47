"""Every content check bites: for each entry a table that it catches, and nothing is caught once it is switched off."""

from dataclasses import replace

import pytest

from dti_platform import publications, quality
from tests.quality.miniature import case, model
from tests.quality.mutants import MUTANTS

SUITES = quality.suites()
ENTRIES = [(table, entry.name) for table, suite in SUITES.items() for entry in suite.entries]
#: Checks that are asked no longer, each with what catches it now: an entry that took it up, in its table or in others.
MERGED = {
    tuple(former.split(".")): entry.name for suite in SUITES.values() for entry in suite.entries
    for former in entry.formerly
}  # fmt: skip
#: What holds a table that only shows figures against the tables where they are made and judged.
COPIED = "figures_are_as_made"


def only(suite: quality.Suite, *names: str) -> quality.Suite:
    return replace(suite, entries=tuple(entry for entry in suite.entries if entry.name in names))


def test_every_published_table_and_every_scored_one_has_a_suite() -> None:
    assert SUITES.keys() == {*publications.discover(), *publications.chronicles(), "observations", "scores", "rankings"}


def test_every_check_has_a_mutant_and_every_mutant_a_check() -> None:
    declared = [(table, name) for table, mutants in MUTANTS.items() for name in mutants]
    assert sorted(declared) == sorted([*ENTRIES, *MERGED])


def test_critical_checks_are_few_enough_to_be_shown_one_by_one() -> None:
    assert sum(entry.severity == "critical" for suite in SUITES.values() for entry in suite.entries) <= 50


@pytest.mark.parametrize("table", SUITES)
def test_a_valid_table_passes_every_check_and_no_check_is_idle(table: str) -> None:
    made, others = case(table)
    quality.contract(table, model(table), made)
    for result in quality.check(table, made, others):
        assert (result.outcome, result.name) == ("passed", result.name), result.detail or result.rows
        assert result.checked, f"{result.name} looked at no row"


@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_a_check_catches_its_mutant(table: str, name: str) -> None:
    severity, change = MUTANTS[table][name]
    mutant, others = change(*case(table))
    (result,) = quality.check(table, mutant, others, suite=only(SUITES[table], name))
    assert (result.outcome, result.severity, result.blocks) == ("failed", severity, severity == "critical")
    assert result.failing == result.rows.height > 0
    assert "period" in result.rows.columns, "so the files that it rests on can be named"


@pytest.mark.parametrize(("table", "name"), MERGED)
def test_what_a_merged_check_caught_is_caught_in_the_same_table(table: str, name: str) -> None:
    """By the entry that took it up; where that judges another table, from which this one takes its figures, by COPIED.

    There the fault is caught for certain: the mutants of that entry are planted in that table.
    """
    severity, change = MUTANTS[table][name]
    mutant, others = change(*case(table))
    taken_up = MERGED[table, name] if (table, MERGED[table, name]) in ENTRIES else COPIED
    (result,) = quality.check(table, mutant, others, suite=only(SUITES[table], taken_up))
    assert result.outcome == "failed"
    assert result.blocks or severity != "critical"
    assert result.failing == result.rows.height > 0


#: Faults that more than one check sees: the second is there for faults that the first can't see.
ALSO: dict[str, set[str]] = {
    "computed_ranks_are_competition_ranks": {"our_ranks_agree_with_printed", "previous_ranks_stood_there"},
    "coverage_does_not_shrink": {
        "computed_ranks_are_competition_ranks",
        "every_unit_of_the_geography_stands_in_it",
        "ranked_counts_the_scored_peers",
        "status_is_earned",
    },
    "every_figure_of_a_session_is_found": {"coverage_does_not_shrink"},
    "every_printed_figure_is_held_against_ours": {"coverage_does_not_shrink"},
    "every_unit_of_the_geography_is_counted": {"accepted_values_are_observed", "nothing_accepted_disappears"},
    "every_unit_of_the_geography_stands_in_it": {
        "coverage_does_not_shrink",
        "ranked_counts_the_scored_peers",
        "status_is_earned",
    },
    "made_up_nodes_are_illustrative": {"synthetic_files_are_illustrative"},
    "no_published_figure_disappears": {"coverage_does_not_shrink", "every_unit_of_the_geography_stands_in_it"},
    "our_ranks_agree_with_printed": {"computed_ranks_are_competition_ranks", "previous_ranks_stood_there"},
    "peers_are_all_units_of_the_geography": {"status_is_earned"},
    "pillars_and_total_agree": {"parts_add_up_to_their_parent"},
    "points_are_not_negative": {"parts_add_up_to_their_parent", "score_is_points_over_maximum"},
    "points_do_not_exceed_the_maximum": {"parts_add_up_to_their_parent", "score_is_points_over_maximum"},
    "printed_parts_add_up_to_their_parent": {"score_is_points_over_maximum"},
    "printed_pillars_and_total_agree": {"printed_parts_add_up_to_their_parent", "score_is_points_over_maximum"},
    "printed_ranks_are_competition_ranks": {"our_ranks_agree_with_printed", "previous_ranks_stood_there"},
    "printed_ranks_follow_printed_scores": {
        "recomputed_scores_agree_with_published",
        "verified_scores_agree_with_published",
    },
    "published_figures_are_official": {"ranks_are_as_official_as_their_scores"},
    "ranks_do_not_exceed_peers": {
        "computed_ranks_are_competition_ranks",
        "our_ranks_agree_with_printed",
        "previous_ranks_stood_there",
    },
    "recomputed_scores_agree_with_published": {"score_is_points_over_maximum"},
    "score_is_points_over_maximum": {"verified_scores_agree_with_published"},
    "verified_scores_agree_with_published": {"score_is_points_over_maximum"},
    "years_are_not_copied": {"quoted_ranks_stand_once_but_for_ties"},
}


@pytest.mark.heavy
@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_switching_a_check_off_lets_its_mutant_through(table: str, name: str) -> None:
    _, change = MUTANTS[table][name]
    mutant, others = change(*case(table))
    rest = only(SUITES[table], *(entry.name for entry in SUITES[table].entries if entry.name != name))
    caught = {each.name for each in quality.check(table, mutant, others, suite=rest) if each.outcome != "passed"}
    assert caught <= ALSO.get(name, set()) | {COPIED}
