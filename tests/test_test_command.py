"""`./dti test`: on every core, unless tests are named."""

import os

import pytest
from click.testing import CliRunner

from dti_platform.cli import main, runs


@pytest.mark.parametrize(
    ("arguments", "workers"),
    [
        ([], True),
        (["-m", "heavy"], True),
        (["-k", "folding", "-x"], True),
        (["tests/test_folding.py"], False),
        (["tests/test_folding.py::test_folding_does_not_see_case", "-x"], False),
    ],
)
def test_arguments_go_to_pytest_and_workers_are_started_unless_tests_are_named(
    arguments: list[str], workers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(runs, "replace_process", lambda *command: started.extend(command))
    assert CliRunner().invoke(main, ["test", *arguments]).exit_code == 0
    assert started == [
        "pytest",
        *(["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"] if workers else []),
        *arguments,
    ]


def test_runs_of_tests_have_no_place_in_the_projects_own_history() -> None:
    assert "DAGSTER_HOME" not in os.environ
