"""The command line as a whole: what its help lists, the old names, and what a command costs to start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dti_platform.cli import main

MOST = 20
MOVED = ("read", "generate", "config", "methodology")
OF_THE_FLOW, OF_CHECKS = {"dagster", "dagster_webserver"}, {"great_expectations", "numpy", "pandas", "pyarrow"}
#: Runs commands in a process of their own; prints after each how it ended, and which libraries it knows by then.
WATCHED = """
import json, sys
from dti_platform.cli import main
for command in json.loads(sys.argv[1]):
    try:
        main(command)
    except SystemExit as end:
        print("exit", end.code, *sys.modules)
"""


def listed(*group: str) -> dict[str, str]:
    """The commands that the help of a group lists, with their line."""
    text = CliRunner().invoke(main, [*group, "--help"]).output
    lines = (line.split(maxsplit=1) for line in text.partition("Commands:\n")[2].splitlines())
    return dict(lines)


def test_the_help_lists_the_commands_and_one_group_of_tools() -> None:
    commands = listed()
    assert set(listed("dev")) == set(MOVED)
    assert "dev" in commands
    assert not commands.keys() & set(MOVED)
    assert len(commands) - 1 <= MOST


@pytest.mark.parametrize("group", [(), ("dev",)])
def test_every_command_has_one_line_of_help(group: tuple[str, ...]) -> None:
    assert [name for name, about in listed(*group).items() if not about.endswith(".") or about.endswith("...")] == []


@pytest.mark.parametrize("name", MOVED)
def test_an_old_name_is_the_same_command(name: str) -> None:
    old, new = (CliRunner().invoke(main, [*group, name, "--help"]).output for group in ((), ("dev",)))
    assert old.partition("\n")[2] == new.partition("\n")[2]
    assert old.startswith(f"Usage: main {name} ")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data root that has one release, and its feeds."""
    import shutil

    from dti_platform.pipeline import Platform
    from dti_platform.storage import Store
    from tests.pipeline.in_process import run

    project = Path(__file__).parents[1]
    root = tmp_path_factory.mktemp("prepared")
    place = Path("feeds", "published_results", "2021")
    shutil.copytree(project / "data" / place, root / place)
    run(Platform(Store(root)), "1", years=(2021,))
    return root


def test_a_command_imports_no_library_that_it_has_no_use_for(prepared: Path, project: Path) -> None:
    """The one that has a use for least begins."""
    workbook = project / "data" / "feeds" / "self_assessment" / "2022" / "VN63-19.xlsx"
    commands = (["submit", str(workbook), "--feed", "self_assessment", "--dry-run"], ["verify"], ["rebuild", "1"])
    asked = json.dumps([[*command, "--data", str(prepared)] for command in commands])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED, asked], cwd=project, capture_output=True, text=True, check=False
    )
    ends = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("exit ")]
    assert [code for code, *_ in ends] == ["0", "0", "0"], done.stdout[-2000:] + done.stderr
    assert [(OF_THE_FLOW | OF_CHECKS) & {*known} for _, *known in ends[:1]] == [set()]
    assert [OF_THE_FLOW & {*known} for _, *known in ends[1:]] == [set(), set()]
