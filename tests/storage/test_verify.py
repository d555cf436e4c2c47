"""``verify`` as a command: the head is always judged, no link is followed, and whatever it meets ends in a fault."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785
from click.testing import CliRunner, Result

from dti_platform.cli import main
from dti_platform.storage import Store
from dti_platform.storage.files import digest
from tests.storage.samples import DESCRIPTIONS, ranking, tables


@pytest.fixture
def written(store: Store) -> Store:
    """Two received files, a table, a cached result, an answer, and a release."""
    for number in range(2):
        store.landing.receive(f"{number}".encode(), feed="f", period="2022", name=f"{number}.csv")
    store.tables.write("scores", 2022, ranking())
    store.cache.put("ab" + "0" * 62, b"0.5")
    store.answers().keep("VN63-19", "1", {"answer.json": b"{}"})
    store.derived.record("a run")
    store.releases.publish(tables(1), DESCRIPTIONS, record={})
    return store


def dti(store: Store, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(store.root)])


@pytest.mark.parametrize("release", [(), ("1",)], ids=["of all", "of a release"])
def test_the_head_is_judged_with_and_without_a_release(written: Store, release: tuple[str, ...]) -> None:
    head = written.ledger.head().sha256
    for known in (head, head[:10], head.upper()):
        assert dti(written, "verify", *release, "--head", known).exit_code == 0
    done = dti(written, "verify", *release, "--head", "WRONG")
    assert done.exit_code == 1
    assert "'WRONG' is no head" in done.output
    assert json.loads(dti(written, "verify", *release, "--head", "0" * 63 + "1", "--json").output)["faults"]


@pytest.mark.parametrize(("lang", "said"), [("vi", "✓ 0 lỗi; sổ cái đến mục"), ("en", "✓ 0 faults; ledger entry")])
def test_the_end_is_told_in_the_language_asked_for(written: Store, lang: str, said: str) -> None:
    assert said in dti(written, "verify", "--lang", lang).output


@pytest.mark.parametrize("command", ["verify", "releases"])
def test_a_data_root_that_is_not_there_is_said_to_be_missing(tmp_path: Path, command: str) -> None:
    done = dti(Store(tmp_path / "nowhere"), command)
    assert done.exit_code == 1
    assert "there is no data root" in done.output
    assert not (tmp_path / "nowhere").exists()


def linked(pattern: str) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        path = min(root.glob(pattern))
        elsewhere = root.parent / "elsewhere"
        path.rename(elsewhere)
        path.symlink_to(elsewhere)

    return break_it


def piped(pattern: str) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        path = min(root.glob(pattern))
        path.unlink()
        os.mkfifo(path)

    return break_it


def foldered(pattern: str) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        path = min(root.glob(pattern))
        path.unlink()
        path.mkdir()

    return break_it


def last_entry_says(body: object) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        path = max(root.glob("ledger/*.json"))
        path.write_bytes(rfc8785.dumps(json.loads(path.read_bytes()) | {"body": body}))

    return break_it


def last_entry_is(content: bytes) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        max(root.glob("ledger/*.json")).write_bytes(content)

    return break_it


def is_a_file(place: str) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        shutil.rmtree(root / place)
        (root / place).write_bytes(b"")

    return break_it


def gone(place: str) -> Callable[[Path], None]:
    return lambda root: (root / place).unlink()


def strange(place: str) -> Callable[[Path], None]:
    def break_it(root: Path) -> None:
        (root / place).write_bytes(b"laid here by somebody")

    return break_it


PLACES = (
    "ledger", "landing", "published", "published/releases", "tables", "tables/scores", "cache", "cache/ab", "answers",
    "answers/VN63-19",
)  # fmt: skip


BROKEN: dict[str, Callable[[Path], None]] = {
    "entry is a link": linked("ledger/*.json"),
    "landed file is a link": linked("landing/*/*"),
    "landing folder is a link": linked("landing/*"),
    "released file is a link": linked("published/releases/*/*.parquet"),
    "release is a link": linked("published/releases/*"),
    "folder of a release is a link": linked("published/releases/*/illustrative"),
    "entry is a pipe": piped("ledger/*.json"),
    "landed file is a pipe": piped("landing/*/*"),
    "released file is a pipe": piped("published/releases/*/*.parquet"),
    "entry is a folder": foldered("ledger/*.json"),
    "landed file is a folder": foldered("landing/*/*"),
    "released file is a folder": foldered("published/releases/*/*.parquet"),
    "release entry without a release": last_entry_says({}),
    "release entry without files": last_entry_says({"release": "x", "files": 3}),
    "body is a list": last_entry_says([1]),
    **{f"{place} is a file": is_a_file(place) for place in PLACES},
    "folder of a release is a file": is_a_file("published/latest/illustrative"),
    "folder of a release holds a stray": strange("published/latest/illustrative/more.parquet"),
    "folder of a release lacks a file": gone("published/latest/illustrative/index_scores.parquet"),
    "landing holds what was not landed": strange("landing/readme.txt"),
    "landing holds what is not named by its bytes": strange("landing/" + "0" * 64),
    "entry is a number": last_entry_is(b"1"),
    "entry is no text": last_entry_is(b"\xff\xfe"),
    "entry is deep": last_entry_is(b"[" * 200_000),
}


@pytest.mark.parametrize("release", [(), ("1",)], ids=["of all", "of a release"])
@pytest.mark.parametrize("name", BROKEN)
def test_whatever_lies_there_ends_in_a_fault(written: Store, name: str, release: tuple[str, ...]) -> None:
    BROKEN[name](written.root)
    done = dti(written, "verify", *release)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    if not (release and name.startswith(("landed", "landing", "tables", "cache", "answers"))):
        assert done.exit_code == 1, "with a release, the ledger and that release alone are judged"
        assert "✗" in done.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a while")
@pytest.mark.parametrize("place", ["", *PLACES])
def test_a_folder_that_may_not_be_read_is_a_fault(written: Store, place: str) -> None:
    assert written.verify() == []
    with tempfile.TemporaryDirectory() as seen_by_all:  # not below the folder of the tests, which is root's alone
        root = Path(seen_by_all) / "data"
        shutil.copytree(written.root, root, symlinks=True)
        for path in (Path(seen_by_all), root, *(each for each in root.rglob("*") if each.is_dir())):
            path.chmod(0o755)
        (root / place).chmod(0)
        os.seteuid(65534)
        try:
            done = dti(Store(root), "verify")
        finally:
            os.seteuid(0)
        (root / place).chmod(0o755)
    assert (done.exit_code, "Permission denied" in done.output) == (1, True), (done.output, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_link_is_named_though_what_it_points_to_is_as_received(written: Store) -> None:
    landed = min(written.root.glob("landing/*/*"))
    assert digest(landed.read_bytes()) == landed.name
    linked("landing/*/*")(written.root)
    assert any("symbolic link" in fault for fault in written.verify())
