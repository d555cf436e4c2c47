"""The command line as a whole: what its help lists, the old names, and what a command costs to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dti_platform.cli import main

MOST = 20
MOVED = ("read", "generate", "config", "methodology")
#: Runs a command in a process of its own and prints which of the libraries named first it imported.
WATCHED = """
import sys
from dti_platform.cli import main
try:
    main(sys.argv[2:])
except SystemExit as end:
    print("exit", end.code, *sorted({*sys.argv[1].split()} & sys.modules.keys()))
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


@pytest.mark.parametrize(
    ("command", "heavy"),
    [
        ("rebuild", "dagster dagster_webserver"),
        ("verify", "dagster dagster_webserver"),
        ("submit", "dagster dagster_webserver great_expectations numpy pandas pyarrow"),
    ],
)
def test_a_command_imports_no_library_that_it_has_no_use_for(
    prepared: Path, project: Path, command: str, heavy: str
) -> None:
    workbook = project / "data" / "feeds" / "self_assessment" / "2022" / "VN63-19.xlsx"
    arguments = {"rebuild": ["1"], "verify": [], "submit": [str(workbook), "--feed", "self_assessment", "--dry-run"]}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED, heavy, command, *arguments[command], "--data", str(prepared)],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "exit 0", done.stdout + done.stderr
