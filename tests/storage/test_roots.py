"""A data root is a folder: an address that no storage reaches is refused, and nothing is made."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.storage import NoFolder, Store
from dti_platform.storage.store import PARTS, folder_of

COMMANDS = {
    "run": (), "release": ("--type", "correction", "--reason", "x"), "ui": (), "test": (),
    "submit": ("FILE", "--feed", "self_assessment"), "withdraw": ("1", "--reason", "x"), "verify": (), "releases": (),
    "trace": ("VN63-19", "--period", "2022"), "diff": ("1", "2"), "export": ("codes",), "rebuild": ("1",),
    "confirm": ("1",), "receipts": (), "ranking": (), "template": ("--feed", "provincial_report"), "config": (),
    "doctor": (), "report": (), "whatif": ("VN63-19", "--period", "2022", "--reach", "1"),
}  # fmt: skip


def test_git_ignores_what_a_run_writes_into_a_checkout(project: Path) -> None:
    ignored = (project / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {f"data/{part}/" for part in (*PARTS, "inbox", "locks", "published")} <= {*ignored}


@pytest.mark.parametrize("text", ["s3://b/p", "S3://b", "gs://b", "file:///tmp/x", "abfss://c@a.dfs.core.windows.net"])
def test_an_address_is_no_folder(text: str) -> None:
    with pytest.raises(NoFolder, match="folder of this machine"):
        folder_of(text)


@pytest.mark.parametrize("text", ["data", "/srv/data", "./s3:/b", "a b", "s3:", "C:/data", "1a://x"])
def test_a_path_is_a_folder(text: str) -> None:
    assert folder_of(text) == Path(text)


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (command, by)
        for command in COMMANDS
        for by in ("environment", "option")
        if by == "environment" or command not in {"ui", "test", "config"}  # these have no such option
    ],
)
def test_every_command_refuses_it_and_makes_nothing(
    command: str, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("FILE").write_bytes(b"x")
    option = ["--data", "s3://b/p"] if by == "option" else []
    monkeypatch.setenv("DTI_DATA", str(tmp_path / "data") if option else "s3://b/p")
    done = CliRunner().invoke(main, [command, *COMMANDS[command], *option])
    assert done.exit_code == 2, done.output
    assert "s3://b/p: a data root is a folder of this machine" in done.output
    assert [each.name for each in tmp_path.iterdir()] == ["FILE"]


def test_every_command_is_tried() -> None:
    assert set(main.commands) - set(COMMANDS) == {"audit", "dev", "read", "generate", "methodology"}


def test_the_code_location_refuses_it_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DTI_DATA", "s3://b/p")
    monkeypatch.delitem(sys.modules, "dti_platform.definitions", raising=False)
    with pytest.raises(NoFolder, match=r"^s3://b/p: a data root is a folder of this machine.*$"):
        importlib.import_module("dti_platform.definitions")
    assert not list(tmp_path.iterdir())


def test_the_store_of_the_environment_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_DATA", "s3://b/p")
    with pytest.raises(NoFolder):
        Store.from_environment()
