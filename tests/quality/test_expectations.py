"""Every content check bites: for each entry a table that it catches, and nothing is caught once it is switched off."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.quality.miniature import MADE, case, model
from tests.quality.mutants import MUTANTS

from dti_platform import publications, quality, tables

SUITES = quality.suites()
ENTRIES = [(table, entry.name) for table, suite in SUITES.items() for entry in suite.entries]


def only(suite: quality.Suite, *names: str) -> quality.Suite:
    return replace(suite, entries=tuple(entry for entry in suite.entries if entry.name in names))


def failing(table: str, suite: quality.Suite) -> dict[str, quality.CheckResult]:
    """What the suite says of the mutant of a check."""
    return {each.name: each for each in quality.check(table, *case(table), suite=suite) if each.outcome != "passed"}


def test_every_published_table_and_every_scored_one_has_a_suite() -> None:
    assert SUITES.keys() == {*publications.discover(), "observations", "scores", "rankings"}


def test_every_check_has_a_mutant_and_every_mutant_a_check() -> None:
    declared = [(table, name) for table, mutants in MUTANTS.items() for name in mutants]
    assert sorted(declared) == sorted(ENTRIES)


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


#: Mutants that another check catches too, because one fault breaks both rules.
ALSO = {
    "points_are_not_negative": {"parts_add_up_to_their_parent"},
}


@pytest.mark.heavy
@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_switching_a_check_off_lets_its_mutant_through(table: str, name: str) -> None:
    _, change = MUTANTS[table][name]
    mutant, others = change(*case(table))
    others_only = only(SUITES[table], *(entry.name for entry in SUITES[table].entries if entry.name != name))
    caught = {each.name for each in quality.check(table, mutant, others, suite=others_only) if each.outcome != "passed"}
    assert caught <= ALSO.get(name, set())
