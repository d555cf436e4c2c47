"""What is derived is believed by its hash alone: altered, it is a miss where it is read, and a fault in ``verify``."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform.storage import Corrupt, Store, WriteFailed
from tests.storage.samples import ranking
from tests.storage.test_tampering import damaged

KEY = "ab" + "0" * 62
ANSWER = {"answer.json": b'{"score": 0.5}', "answer.html": b"<p>0.5</p>"}


@pytest.fixture
def written(store: Store) -> Store:
    """A table, a cached answer and an answer to a sender, recorded in one entry."""
    store.tables.write("scores", 2022, ranking())
    store.cache.put(KEY, b"0.5" * 100)
    store.answers().keep("VN63-19", "7", ANSWER)
    store.derived.record("a run")
    return Store(store.root)


def table(store: Store) -> object:
    try:
        return store.tables.read("scores", 2022)
    except Corrupt:
        return store.tables.find("scores", 2022, ranking().schema)


#: By kind: where it lies, and how its figures are read.
KINDS: dict[str, tuple[str, Callable[[Store], object]]] = {
    "table": ("tables/scores/2022-*.parquet", table),
    "cache": (f"cache/ab/{KEY}", lambda store: store.cache.get(KEY)),
    "answer": ("answers/VN63-19/7/answer.json", lambda _: None),
    "page of an answer": ("answers/VN63-19/7/answer.html", lambda _: None),
}


@pytest.mark.parametrize(("flips", "cuts"), [(30, 10), pytest.param(750, 50, marks=pytest.mark.heavy)])
@pytest.mark.parametrize("kind", KINDS)
def test_p27_no_altered_file_gives_a_figure(
    written: Store, tell: Callable[[str], None], kind: str, flips: int, cuts: int
) -> None:
    pattern, read = KINDS[kind]
    (path,) = written.root.glob(pattern)
    whole = path.read_bytes()
    assert written.verify() == []
    for content in damaged(whole, random.Random(27), flips, cuts):
        path.write_bytes(content)
        assert read(written) is None
        assert [fault for fault in written.verify() if f"{path}: its bytes are not those that the ledger" in fault]
    path.unlink()
    assert (read(written), written.verify()) == (None, []), "what is gone is made again"
    tell(f"P27: {kind}: {flips} flips and {cuts} truncations, 0 figures, each a fault")


def test_one_entry_holds_what_is_new_and_none_is_written_where_nothing_is(written: Store) -> None:
    (entry,) = written.ledger.entries("derived")
    assert entry.body["run"] == "a run"
    assert sorted(entry.body["sha256"]) == [
        "answers/VN63-19/7/answer.html", "answers/VN63-19/7/answer.json", f"cache/ab/{KEY}", "tables/scores/2022",
    ]  # fmt: skip
    head = written.ledger.head()
    written.tables.write("scores", 2022, ranking())
    written.cache.put(KEY, b"0.5" * 100)
    written.derived.record("another run")
    assert written.ledger.head() == head
    written.cache.put(KEY, b"0.6")
    written.derived.record("another run")
    assert [*written.ledger.entries("derived")[-1].body["sha256"]] == [f"cache/ab/{KEY}"]


def test_what_was_made_is_believed_in_this_process_before_it_is_recorded(store: Store) -> None:
    store.cache.put(KEY, b"1")
    assert store.cache.get(KEY) == b"1"
    assert Store(store.root).cache.get(KEY) is None


def test_an_answer_is_there_if_it_is_recorded_or_older_than_all_that_is(written: Store) -> None:
    answers = written.answers()
    for name in ("3", "VN63-19/9"):
        shutil.copytree(answers.folder / "VN63-19/7", answers.folder / name)
    places, (first,) = answers.places(), written.ledger.entries("derived")
    assert answers.is_known(places["7"], first.sequence + 1)
    assert answers.is_known(places["3"], first.sequence - 1), "given by an earlier version"
    assert not answers.is_known(places["9"], first.sequence + 1), "laid there by somebody, or by a killed process"


def test_what_no_entry_records_is_told_and_no_fault(written: Store) -> None:
    assert (written.verify(), written.unrecorded()) == ([], {})
    places = "tables/scores/2021.parquet", "cache/cd/cdef", "answers/VN63-19/8/answer.json"
    strays = [written.root / place for place in places]
    for stray in strays:
        stray.parent.mkdir(exist_ok=True, parents=True)
        stray.write_bytes(b"0.9")
    assert written.verify() == []
    assert written.unrecorded() == {path.relative_to(written.root).parts[0]: [path] for path in strays}
    assert written.tables.years("scores") == [2022]
    assert written.cache.get("cdef") is None


def test_a_link_in_the_place_of_a_derived_file_is_a_fault_and_not_followed(written: Store, tmp_path: Path) -> None:
    for pattern, read in KINDS.values():
        (path,) = written.root.glob(pattern)
        path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
        assert read(written) is None
        assert [fault for fault in written.verify() if f"{path}: a symbolic link" in fault]


@pytest.mark.parametrize("name", ["VN63-19", "VN63-19/7"])
def test_no_answer_is_written_through_a_link(written: Store, tmp_path: Path, name: str) -> None:
    folder, elsewhere = written.answers().folder / name, tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(folder)
    folder.symlink_to(elsewhere)
    with pytest.raises(WriteFailed, match=f"{folder}: a symbolic link, through which nothing is written"):
        written.answers().keep("VN63-19", "7", ANSWER)
    assert list(elsewhere.iterdir()) == []
    written.answers().keep("VN63-01", "8", ANSWER)
    assert written.answers().has("8")
