"""Secrets never rest (P20), and a run speaks to nobody: five planted canaries are found nowhere that a run writes, and
no socket of its process goes anywhere."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl
import pytest

PERSON = "canary-person-in-charge-5f2c"
AUTHOR = "canary-author-of-the-file-81ab"
#: Secrets as they come to a process: a setting that we don't know, somebody else's key, an address with a password.
ENVIRONMENT = {
    "DTI_SMTP_PASSWORD": "canary-smtp-password-c01d",
    "AWS_SECRET_ACCESS_KEY": "canary-aws-secret-77e3",
    "DTI_DATABASE_URL": "postgresql://dti:canary-url-password-9b6e@db.example.vn/dti",
}
CANARIES = [PERSON, AUTHOR, *(value.partition(":canary")[2] or value for value in ENVIRONMENT.values())]


def plant(source: Path, target: Path) -> None:
    """A committed workbook with the name of its author, and that of a person in charge."""
    book = openpyxl.load_workbook(source)
    book.properties.creator = AUTHOR
    (cell,) = [each for sheet in book for row in sheet.iter_rows() for each in row if each.value == "Phụ trách"]
    assert cell.parent is not None
    cell.parent.cell(cell.row + 2, cell.column).value = PERSON
    target.parent.mkdir(parents=True)
    book.save(target)


#: All commands in one process, as importing the checks costs seconds: what each printed, then the exit codes and the
#: addresses outside the machine that were asked for.
COMMANDS = """
import json, socket, sys
from pathlib import Path
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
file, good, bad = spoilt
results = []
for text, command in [(bad, commands[0]), *((good, command) for command in commands)]:
    Path(file).write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, command)
    results.append(result.exit_code)
    print(result.output)
print(json.dumps([results, asked]))
"""


@dataclass(frozen=True)
class Commands:
    """What a failing run, a good run and other commands in one process left."""

    place: Path
    printed: str
    asked: list[str]
    """The addresses outside the machine that it asked for."""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Commands:
    tmp_path = tmp_path_factory.mktemp("commands")
    (tmp_path / "home").mkdir()
    shutil.copy2(project / "dagster.yaml", tmp_path / "home")
    committed = project / "data" / "feeds"
    feeds = tmp_path / "data" / "feeds"
    shutil.copytree(committed / "published_results" / "2022", feeds / "published_results" / "2022")
    plant(committed / "self_assessment" / "2022" / "VN63-19.xlsx", feeds / "self_assessment" / "2022" / "VN63-19.xlsx")
    file = feeds / "published_results" / "2022" / "provinces.csv"
    good = file.read_text(encoding="utf-8")
    spoilt = [str(file), good, good.replace("score_overall,0.8002,", "score_overall,0.1,")]
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_DISABLE_TELEMETRY"}
    commands = [["run", "--period", "2022"], ["config"], ["trace", "VN63-19", "--period", "2022"], ["releases"]]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMMANDS, json.dumps([spoilt, *commands])],
        cwd=project,
        env={**environment, **ENVIRONMENT, "DAGSTER_HOME": str(tmp_path / "home"), "HOME": str(tmp_path / "home"),
             "DTI_DATA": str(tmp_path / "data"), "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    exits, asked = json.loads(done.stdout.splitlines()[-1])
    assert exits == [1, 0, 0, 0, 0], done.stdout[-2000:]
    return Commands(tmp_path, done.stdout + done.stderr, asked)


def told(path: Path) -> Iterator[bytes]:
    """What a file says, unpacked where it is packed."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".parquet":
        yield pl.read_parquet(io.BytesIO(content)).write_ndjson().encode()
    if content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as database:
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            values = (
                value for table in tables for row in database.execute(f'select * from "{table}"') for value in row
            )
            yield b"\n".join(unpacked(value) for value in values if isinstance(value, bytes | str))


def unpacked(value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw


def test_a_run_opens_no_outside_socket(commands: Commands) -> None:
    assert commands.asked == []


def test_no_secret_is_found_wherever_a_run_writes(commands: Commands) -> None:
    tmp_path = commands.place
    places = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    received = {tmp_path / "data" / part for part in ("feeds", "landing")}
    written = [path for path in places if not received & set(path.parents)]
    assert {".parquet", ".db", ".json"} <= {path.suffix for path in written}
    assert any((tmp_path / "home") in path.parents for path in written)
    hits = [
        f"{canary} in {path.relative_to(tmp_path)}"
        for path in written
        for said in told(path)
        for canary in CANARIES
        if canary.encode() in said
    ]
    assert hits == []
    assert [canary for canary in CANARIES if canary in commands.printed] == []


def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    """The search itself: in a Parquet file, in a packed value of a database."""
    pl.DataFrame({"text": [PERSON * 3] * 50}).write_parquet(tmp_path / "a.parquet", compression="zstd")
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("create table t (body blob)")
        database.execute("insert into t values (?)", [zlib.compress(AUTHOR.encode() * 9)])
        database.commit()
    assert any(PERSON.encode() in said for said in told(tmp_path / "a.parquet"))
    assert any(AUTHOR.encode() in said for said in told(tmp_path / "a.db"))
