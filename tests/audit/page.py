"""The page about audits: its commands, run in a copy of its example, with what they print in place of its output."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from dti_platform.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "audit.md"
EXAMPLE = PAGE.with_name("audit-example")
#: Commands, and what they print.
BLOCK = re.compile(r"```sh\n(?P<commands>.*?)```\n```text\n.*?```", re.DOTALL)


def ran(command: str) -> str:
    """What a command prints, in the current folder: one of ours, ``cat FILE`` or ``cut -d, -f1-N FILE``."""
    program, *arguments = shlex.split(command)
    if program in ("cat", "cut"):
        lines = Path(arguments[-1]).read_text(encoding="utf-8").splitlines()
        columns = int(arguments[1].removeprefix("-f1-")) if program == "cut" else None
        return "".join(f"{','.join(line.split(',')[:columns])}\n" for line in lines)
    result = CliRunner().invoke(main, arguments)
    assert (program, result.exit_code) == ("./dti", 0), result.output
    return result.output


def page() -> str:
    """The page with the output of today."""

    def block(found: re.Match[str]) -> str:
        printed = "".join(map(ran, found["commands"].splitlines()))
        return f"```sh\n{found['commands']}```\n```text\n{printed.strip()}\n```"

    with TemporaryDirectory() as folder, contextlib.chdir(shutil.copytree(EXAMPLE, Path(folder) / "example")):
        return BLOCK.sub(block, PAGE.read_text(encoding="utf-8"))


def write() -> None:
    """Puts the output of today into the page."""
    PAGE.write_text(page(), encoding="utf-8")
