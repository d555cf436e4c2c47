"""What one publication asks of the system, seen from outside: every file synced before its name, every folder after."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform.storage import Store
from dti_platform.storage.release import MANIFEST, path_of
from tests.storage.samples import DESCRIPTIONS, NAMES, tables

PROJECT = Path(__file__).parents[2]
PUBLISH = """
import sys
sys.path.insert(0, sys.argv[1])
from dti_platform.storage import Store
from tests.storage.samples import DESCRIPTIONS, NAMES, tables
store = Store(sys.argv[2])
store.tables.write("scores", 2022, tables(2)["index_scores"])
store.releases.publish(tables(2), DESCRIPTIONS, record={})
"""
CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)\) += (-?\d+)")
NAMED = re.compile(r"<([^>]*)>")
QUOTED = re.compile(r'"([^"]*)"')


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, list[str], list[str]]]:
    """System calls of one publication: name, paths of descriptors, quoted paths; only those that succeeded."""
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed (apt-get install strace)")
    place = tmp_path_factory.mktemp("traced")
    store, log = Store(place / "data"), place / "strace.log"
    store.releases.publish(tables(1), DESCRIPTIONS, record={})
    traced = "trace=write,fsync,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,unlink"
    command = [strace, "-f", "-y", "-s", "400", "-e", traced, "-o", str(log)]
    command += [sys.executable, "-c", PUBLISH, str(PROJECT), str(store.root)]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    if "PTRACE" in ran.stderr or "ptrace" in ran.stderr:
        pytest.skip("strace may not trace here (ptrace is forbidden)")
    assert ran.returncode == 0, ran.stderr
    found = [CALL.match(line) for line in log.read_text().splitlines() if str(store.root) in line]
    assert all(found), "a call was interrupted: the log can't be judged"
    return [(call[1], NAMED.findall(call[2]), QUOTED.findall(call[2])) for call in found if call and int(call[3]) >= 0]


def test_files_are_synced_before_they_are_named_and_folders_after(calls, tell: Callable[[str], None]) -> None:
    synced: set[str] = set()
    waiting: list[str] = []
    named = 0
    for call, descriptors, quoted in calls:
        if call == "write":
            synced.discard(descriptors[0])
        if call == "fsync":
            synced.add(descriptors[0])
            waiting = [folder for folder in waiting if folder != descriptors[0]]
        if call.startswith(("rename", "link")):
            source, target = quoted
            was_link = Path(target).name == "latest"
            assert was_link or source in synced, f"{source} got the name {target} before it was synced"
            synced.add(target)
            waiting.append(str(Path(target).parent))
            named += 1
    assert waiting == [], "a folder was not synced after a name was given in it"
    # table, note, files of the release with their manifest, entry of the ledger and the note of it, latest
    assert named == 6 + len(NAMES)
    tell(
        f"strace: {named} names given, each after fsync of its file and before fsync of its folder; {len(calls)} calls"
    )


def test_the_steps_of_a_publication_come_in_their_order(calls) -> None:
    steps = [Path(quoted[1]) for call, _, quoted in calls if call.startswith(("rename", "link"))][1:]
    note, *files, entry, head, latest = steps
    release = note.name
    assert [note.parent.name, entry.parent.name, latest.name] == ["begun", "ledger", "latest"]
    assert head == entry.with_name(".head"), "the note of the last entry follows it"
    folder = note.parents[1] / "releases" / release
    assert {path.relative_to(folder).as_posix() for path in files} == {*map(path_of, NAMES), MANIFEST}
    changes = [(call, Path((quoted or descriptors)[-1])) for call, descriptors, quoted in calls]
    committed = changes.index(("link", entry))
    synced = [path for call, path in changes[:committed] if call == "fsync"]
    assert {note.parent, folder, *(path.parent for path in files)} <= {*synced}, "before the entry, all is durable"
    assert ("unlink", note) in changes[committed:], "the note goes once the ledger has the release"
