"""docs/operations.md is true: every command and file in it exists, and all of it is played on a Debian (heavy)."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import click
import pytest

from dti_platform.cli import main
from dti_platform.operations.beside import NOTHING_ASKED
from dti_platform.operations.health import discover, public_functions
from dti_platform.operations.telling import kinds
from dti_platform.orchestration import health as of_dagster
from dti_platform.settings import Settings
from tests.deploy.sandbox import PROJECT, Block, blocks, play

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = PROJECT / "docs" / "operations.md"
BLOCKS = blocks(PAGE)
#: Commands that stand in tables, as blocks.
TYPED = re.findall(r"`((?:dti|systemctl|/opt/dti/deploy/\w+) [^`]*)`", PAGE.read_text(encoding="utf-8"))
#: What a block may need, as the page marks it.
NEEDS = {"", "apt", "disk", "example", "packages", "wheelhouse", "systemd"}
UNITS = {each.name for each in (PROJECT / "deploy/systemd").iterdir()}
#: Words after which a command stands.
WRAPPERS = ("until", "do", "--")
#: Where the checkout lies on a host of production.
CHECKOUT = re.compile(r"(?<![\w.])/opt/dti/([\w./-]+)")


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows of all tables below a heading of the page."""
    (section,) = re.findall(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]


def names(heading: str) -> list[str]:
    """What stands in backticks in the first cells of a section, in the order of the alphabet."""
    return sorted(name for first, *_ in rows(heading) for name in re.findall("`(.*?)`", first))


def test_the_page_has_blocks_of_each_kind_and_a_row_for_every_mail_and_every_setting_of_alerts() -> None:
    assert {block.needs for block in BLOCKS} == NEEDS
    settings = [f"DTI_{name.upper()}" for name in Settings.model_fields if name.startswith("alert_")]
    assert names("Alerts") == sorted(["kind", *kinds(), *settings])


def test_everything_that_doctor_can_call_broken_has_a_row_with_what_to_type() -> None:
    checks = {*discover(), *public_functions(of_dagster)} - {of_dagster.main.__name__}
    assert names("What doctor says") == sorted([*(name.replace("_", " ") for name in checks), NOTHING_ASKED])
    for *_, typed in rows("What doctor says")[1:]:
        assert "`" in typed or "](#" in typed, typed


@pytest.mark.parametrize(
    "block", [*BLOCKS, Block("Text", "", "\n".join(TYPED))], ids=lambda block: f"{block.heading}-{block.needs}"
)
def test_every_command_and_file_of_a_block_exists(block: Block) -> None:
    parsed = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr
    for name in CHECKOUT.findall(block.text):
        assert name.startswith(".venv/") or (PROJECT / name).exists(), name
    for command, *arguments in commands(block.text):
        if command in ("dti", "/opt/dti/dti"):
            takes = main.commands[arguments[0]]
            takes.make_parser(click.Context(takes)).parse_args(arguments[1:])  # a usage error where it does not
        if command == "systemctl":
            named = {f"{each.removesuffix('.service')}.service" for each in arguments if each.startswith("dti-")}
            assert {each.replace(".timer.service", ".timer") for each in named} <= UNITS, arguments


def test_root_carries_out_nothing_that_the_account_of_the_platform_may_write() -> None:
    for block in BLOCKS:
        assert not re.search(r"(^|[;(]\s*)(\.|source) ", block.text, re.MULTILINE), "settings are read by dti-run"
        assert "-R dti" not in block.text, "files of the inbox belong to their senders"
        for line in block.text.splitlines():
            if "$backup/" in line:
                assert "runuser -u dti" in line, "a link in the backup would be followed by root"


def test_what_the_units_may_not_do_to_senders_and_secrets() -> None:
    for unit in UNITS - {
        each.name for each in (PROJECT / "deploy/systemd").iterdir() if not each.name.endswith(".service")
    }:
        text = (PROJECT / "deploy/systemd" / unit).read_text(encoding="utf-8")
        assert "StateDirectoryMode=0751" in text, "else a start shuts senders out"
        assert "RuntimeDirectoryMode=0750" not in text, "the socket takes code from whoever may open it"


def commands(text: str) -> Iterator[list[str]]:
    """The simple commands of some lines of shell, those that another one is given, too."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="();<>|&\n")
        words.whitespace_split = True
        simple = [list[str]()]
        for word in words:
            if set(word) <= set("();<>|&") or word in WRAPPERS:
                simple.append([])
            elif " dti " in word:
                yield from commands(word)
            else:
                simple[-1].append(word)
        yield from filter(None, simple)


@pytest.mark.heavy
@pytest.mark.deploy
def test_an_operator_plays_the_page_from_its_first_block_to_its_last(tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "--net", "true"], check=False).returncode:
        pytest.skip("needs root and namespaces of its own")
    if missing := [name for name in ("pg_ctlcluster", "nginx", "rsync", "git", "curl", "ip") if not shutil.which(name)]:
        pytest.skip(f"{', '.join(missing)}: apt-get install postgresql nginx rsync git curl iproute2")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # the accounts of the sandbox pass through
    exit_code, said = play(PAGE, tmp_path)
    assert exit_code == 0, said[-4000:]
    assert len(re.findall(r"^✓ 0 ", said, re.MULTILINE)) >= 5, "each verify found no fault"
    assert said.count("every byte as published") == 1
    assert re.search(r"^200$", said, re.MULTILINE), "who has a login sees the UI"
