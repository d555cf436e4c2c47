"""A copy of the project in which every recipe of CONTRIBUTING was followed, and what its commands left, in one process
that was given secrets to keep."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from tests.copies import PROJECT, Copy, copied, put
from tests.feeds.drafts import HOME

#: A fenced block whose first line names its language, its path and, where it is added at the end of a file, a ``+``.
BLOCK = re.compile(r"^```\w+ (?P<path>\S+/\S+)(?P<end> \+)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
RECIPE = re.compile(r"^### \((?P<letter>[a-z])\) (?P<title>.+)$", re.MULTILINE)

PERSON = "canary-person-in-charge-5f2c"
AUTHOR = "canary-author-of-the-file-81ab"
#: Secrets as they come to a process: a setting that we don't know, somebody else's key, an address with a password.
ENVIRONMENT = {
    "DTI_SMTP_PASSWORD": "canary-smtp-password-c01d",
    "AWS_SECRET_ACCESS_KEY": "canary-aws-secret-77e3",
    "DTI_DATABASE_URL": "postgresql://dti:canary-url-password-9b6e@db.example.vn/dti",
}

RESULTS = Path("data", "feeds", "published_results", "2022")
WORKBOOK = Path("data", "feeds", "self_assessment", "2022", "VN63-01.xlsx")
#: The years of the results, and of the feed of its recipe.
YEARS = ("--period", "2022", "--period", "2023")
#: The first run meets a spoilt file and fails, the second is good, and told again by the third.
COMMANDS = (
    ("run", *YEARS[:2]), ("run", *YEARS), ("run", *YEARS, "--json"), ("config",),
    ("trace", "VN63-01", *YEARS[:2]), ("releases",), ("dev", "methodology", "pilot-provincial", "--json"),
    ("submit", "phieu.xlsx", "--feed", "self_assessment", "--json"),
)  # fmt: skip
#: All of them in one process, as importing the checks costs seconds: what each printed, then the exit codes, the
#: standard outputs, and the addresses outside the machine that were asked for. The spoilt file is put right in between.
PROGRAM = """
import json, shutil, socket, sys
from click.testing import CliRunner
from dti_platform.cli import main

asked = []

def note(event, given):
    if event == "socket.connect" and given[0].family in (socket.AF_INET, socket.AF_INET6):
        asked.append(str(given[1]))
    if event == "socket.getaddrinfo":
        asked.append(str(given[0]))

sys.addaudithook(note)

spoilt, *commands = json.loads(sys.argv[1])
results = []
for command in commands:
    results.append(CliRunner().invoke(main, command))
    print(results[-1].output)
    shutil.copyfile(*spoilt) if len(results) == 1 else None
print(json.dumps([[each.exit_code for each in results], [each.stdout for each in results], asked]))
"""


@dataclass(frozen=True)
class Block:
    """What a recipe writes, and where."""

    path: str
    text: str
    at_end: bool

    def write(self, root: Path) -> None:
        file = root / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        if self.at_end and file.suffix == ".json":
            suite = json.loads(file.read_text(encoding="utf-8"))
            suite["expectations"].append(json.loads(self.text))
            file.write_text(json.dumps(suite, ensure_ascii=False, indent=1), encoding="utf-8")
        else:
            before = file.read_text(encoding="utf-8") if self.at_end else ""
            between = "\n\n" if before and file.suffix == ".py" else ""
            file.write_text(before + between + self.text, encoding="utf-8")


def recipes() -> dict[str, list[Block]]:
    """The blocks of each recipe, by its letter."""
    _, *parts = RECIPE.split((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    letters, texts = parts[::3], parts[2::3]
    return {
        letter: [Block(found["path"], found["text"], bool(found["end"])) for found in BLOCK.finditer(text)]
        for letter, text in zip(letters, texts, strict=True)
    }


RECIPES = recipes()


@dataclass(frozen=True)
class Extended(Copy):
    """The copy after its commands."""

    framework: dict[str, Any]
    """What ``dev methodology`` said of the framework of a recipe."""
    answer: dict[str, Any]
    """What ``submit`` said of a workbook."""
    printed: str
    """What all commands printed."""
    asked: list[str]
    """The addresses outside the machine that they asked for."""


def extended(root: Path) -> Extended:
    """A new copy, which receives the results of 2022, the feed of its recipe, and a workbook that names people."""
    before = copied(root)
    shutil.copytree(PROJECT / RESULTS, root / RESULTS)
    for blocks in RECIPES.values():
        for block in blocks:
            if not block.path.startswith("tests/"):
                block.write(root)
    plant(PROJECT / WORKBOOK, root / WORKBOOK)
    put(HOME, root / "phieu.xlsx")
    put(PROJECT / "dagster.yaml", root / "home" / "dagster.yaml")
    printed, errors = commands(root)
    exits, outputs, asked = json.loads(printed.splitlines()[-1])
    assert exits == [1, 0, 0, 0, 0, 0, 0, 0], printed[-4000:]
    outcome, framework, answers = (json.loads(outputs[number]) for number in (2, 6, 7))
    return Extended(root, before, outcome, framework, answers[0], printed + errors, asked)


def plant(source: Path, target: Path) -> None:
    """A committed workbook with the name of its author, and that of a person in charge."""
    book = openpyxl.load_workbook(source)
    book.properties.creator = AUTHOR
    cells = ((sheet, cell) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    ((sheet, label),) = [(sheet, cell) for sheet, cell in cells if cell.value == "Phụ trách"]
    sheet.cell(label.row + 2, label.column, PERSON)
    target.parent.mkdir(parents=True)
    book.save(target)


def commands(root: Path) -> tuple[str, str]:
    """What the commands print in a process of their own, and where errors go."""
    good, spoilt = PROJECT / RESULTS / "provinces.csv", root / RESULTS / "provinces.csv"
    text = good.read_text(encoding="utf-8")
    spoilt.write_text(text.replace("score_overall,0.8002,", "score_overall,0.1,"), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, json.dumps([[str(good), str(spoilt)], *COMMANDS])],
        cwd=root,
        env={**environment, **ENVIRONMENT, "DAGSTER_HOME": str(root / "home"), "HOME": str(root / "home"),
             "DTI_DATA": str(root / "data"), "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return done.stdout, done.stderr
