"""Releases: all tables or none, named by content, never altered."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dti_platform.storage import CorruptRelease, Missing, Refused, Store
from dti_platform.storage.releases import Remade
from tests.storage.samples import DESCRIPTIONS, NAMES, Clock, tables


def publish(store: Store, version: int, **more: object):
    return store.releases.publish(tables(version), DESCRIPTIONS, record={"code": "abc"}, **more)


def test_a_release_is_read_back_as_it_was_published(store: Store) -> None:
    release = publish(store, 1)
    assert release is not None
    assert release.number == 1
    assert release.name == f"0001-{release.content[:12]}"
    opened = store.releases.open()
    assert opened.tables == NAMES
    assert opened.table("province_ranking").equals(tables(1)["province_ranking"])
    assert (store.root / "published/latest").resolve() == release.path
    assert store.releases.verify(release.name) == []
    assert store.verify() == []
    assert release.record == {"code": "abc"}


def test_the_same_content_makes_no_second_release(store: Store) -> None:
    publish(store, 1)
    before = sorted((store.root / "published").rglob("*"))
    head = store.ledger.head()
    assert publish(store, 1) is None
    assert sorted((store.root / "published").rglob("*")) == before
    assert store.ledger.head() == head


def test_every_file_bears_the_release_s_name_and_the_manifest_its_hash(store: Store) -> None:
    import pyarrow.parquet as pq

    release = publish(store, 1)
    manifest = json.loads((release.path / "datapackage.json").read_bytes())
    assert manifest["version"] == release.name
    for resource in manifest["resources"]:
        path = release.path / resource["path"]
        assert resource["hash"] == f"sha256:{release.files[resource['path']]}"
        assert resource["bytes"] == path.stat().st_size
        assert pq.read_metadata(path).metadata[b"dti:release"].decode() == release.name


def test_frictionless_accepts_the_manifest(store: Store) -> None:
    frictionless = pytest.importorskip("frictionless")
    release = publish(store, 1, properties={"title": "DTI", "licenses": [{"name": "CC-BY-4.0"}]})
    descriptor = json.loads((release.path / "datapackage.json").read_bytes())
    frictionless.Package.from_descriptor(descriptor)
    assert list(frictionless.Package.metadata_validate(descriptor)) == []


def test_a_correction_needs_its_reason(store: Store) -> None:
    with pytest.raises(Refused, match="reason"):
        publish(store, 1, kind="correction")
    with pytest.raises(Refused, match="scheduled"):
        publish(store, 1, kind="update")
    assert publish(store, 1, kind="correction", reason="a row was twice").reason == "a row was twice"


def test_a_table_that_is_not_as_described_is_refused_and_nothing_is_left(store: Store) -> None:
    frame = tables()["province_ranking"]
    wrong = {"province_ranking": frame.drop("score")}
    twice = {"province_ranking": pl.concat([frame, frame])}
    for bad in (wrong, twice, {"unknown": frame}, {}):
        with pytest.raises(Refused):
            store.releases.publish(bad, DESCRIPTIONS, record={})
    assert store.releases.latest() is None
    assert not list((store.root / "published").glob("*/*"))


def test_a_release_in_the_making_is_no_fault_and_the_next_publication_removes_what_is_left_of_one(store: Store) -> None:
    """Files with a note, and no entry of the ledger: a publisher is at work, or was killed."""
    first = publish(store, 1)
    left = store.root / "published/releases/0002-0123456789ab"
    shutil.copytree(first.path, left)
    (store.root / "published/begun").mkdir()
    (store.root / "published/begun" / left.name).write_bytes(b"")
    assert store.verify() == []
    assert store.releases.latest() == first
    second = publish(store, 2)
    assert sorted(path.name for path in left.parent.iterdir()) == [first.name, second.name]
    assert not (store.root / "published/begun").exists()
    shutil.copytree(first.path, left)
    assert "no entry of the ledger names it" in "".join(store.verify())
    assert left.is_dir(), "what has no note is never removed"


def test_a_release_of_which_files_are_gone_is_completed(store: Store) -> None:
    release = publish(store, 1)
    (release.path / "province_ranking.parquet").unlink()
    assert store.releases.verify() != []
    assert store.releases.rebuild(release.name, tables(1), DESCRIPTIONS).differing == ()
    assert store.verify() == []


def test_as_of_a_day_in_vietnam(store: Store, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=16, minute=59)  # 23:59 in Hanoi
    first = publish(store, 1)
    clock.turn(minutes=2)
    second = publish(store, 2)
    assert store.releases.as_of(date(2022, 8, 8)) == first
    assert store.releases.as_of(date(2022, 8, 9)) == second
    assert store.releases.open(as_of=date(2022, 8, 8)).name == first.name
    assert store.releases.open("2").name == second.name
    assert store.releases.open().name == second.name
    with pytest.raises(Missing):
        store.releases.as_of(date(2022, 8, 7))


def test_a_file_that_was_altered_is_refused(store: Store) -> None:
    release = publish(store, 1)
    path = release.path / "province_ranking.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptRelease, match="province_ranking"):
        store.releases.open().table("province_ranking")
    assert len(store.releases.verify(release.name)) == 1
    assert store.releases.open().table("index_scores").height == 63


def test_an_old_release_is_made_again_to_the_byte(store: Store) -> None:
    first, second = publish(store, 1), publish(store, 2)
    shutil.rmtree(first.path)
    with pytest.raises(Missing, match="backup"):
        store.releases.open(first.name)
    assert store.releases.rebuild(first.name, tables(9), DESCRIPTIONS).differing == (*sorted(first.files),)
    assert not first.path.exists()
    assert store.releases.rebuild(first.name, tables(1), DESCRIPTIONS).differing == ()
    assert store.verify() == []
    assert store.releases.latest() == second
    assert store.releases.rebuild(second.name, tables(2), DESCRIPTIONS).differing == ()


def test_a_copy_elsewhere_is_the_same_store(store: Store, tmp_path: Path) -> None:
    """The drill: landing, ledger and published are all that must be copied."""
    receipt = store.landing.receive(b"x", feed="f", period="2022", name="x.csv")
    publish(store, 1)
    store.tables.write("scores", 2022, tables(1)["index_scores"])
    store.derived.record()
    known = store.ledger.head()
    for part in ("ledger", "landing", "published"):
        shutil.copytree(store.root / part, tmp_path / "elsewhere" / part, symlinks=True)
    shutil.rmtree(store.root)
    restored = Store(tmp_path / "elsewhere")
    assert restored.verify(known) == restored.verify(known.sha256) == []
    assert restored.landing.read(receipt.sha256) == b"x"
    assert restored.releases.open().table("index_scores").equals(tables(1)["index_scores"])
    assert publish(restored, 1) is None
    assert publish(restored, 2).number == 2


def test_what_lies_among_the_releases_unrecorded_is_told_and_never_removed(store: Store) -> None:
    publish(store, 1)
    stray = store.root / "published/releases/0007-stray"
    stray.mkdir()
    (stray / "x").touch()
    store.sweep()
    publish(store, 2)
    assert (stray / "x").exists()
    assert [fault for fault in store.verify() if "0007-stray" in fault]


def test_a_release_is_found_by_name_and_by_number_with_and_without_zeros(store: Store) -> None:
    publish(store, 1)
    (release,) = store.releases.list()
    assert [store.releases.find(name) for name in (release.name, "1", "0001")] == [release] * 3


def test_what_is_damaged_in_a_release_is_put_back_and_nothing_else(store: Store) -> None:
    release = store.releases.publish(tables(1), DESCRIPTIONS, record={})
    assert release
    whole = {path: path.read_bytes() for path in release.path.rglob("*.*")}
    (release.path / "province_ranking.parquet").write_bytes(b"damaged")
    (release.path / "illustrative" / "index_scores.parquet").unlink()
    (fault, other) = store.releases.verify()
    assert "illustrative/index_scores.parquet: can't be read" in fault
    assert all(f"`./dti rebuild {release.name}` makes it again" in each for each in (fault, other))
    with pytest.raises(CorruptRelease, match=f"`./dti rebuild {release.name}` makes it again"):
        store.releases.open().table("province_ranking")
    assert store.releases.rebuild("1", tables(2), DESCRIPTIONS).put_back == ()
    assert len(store.releases.verify()) == 2, "what comes out otherwise repairs nothing"
    made = store.releases.rebuild("1", tables(1), DESCRIPTIONS)
    assert made == Remade(put_back=("illustrative/index_scores.parquet", "province_ranking.parquet"))
    assert {path: path.read_bytes() for path in release.path.rglob("*.*")} == whole
    assert store.verify() == []
    (release.path / "more.parquet").write_bytes(b"laid here by somebody")
    (fault,) = store.releases.rebuild("1", tables(1), DESCRIPTIONS).faults
    assert fault == f"{release.path / 'more.parquet'}: not part of the release: move it away"


def test_the_release_before_never_takes_the_place_of_one_whose_folder_is_gone(store: Store) -> None:
    for version in (1, 2):
        store.releases.publish(tables(version), DESCRIPTIONS, record={})
    newest = store.releases.find("2")
    shutil.rmtree(newest.path)
    says = f"the folder of release {newest.name} is gone; `./dti rebuild {newest.name}` makes it again"
    today = newest.published_on
    for ask in (store.releases.latest, store.releases.open, lambda: store.releases.as_of(today)):
        with pytest.raises(Missing, match=says):
            ask()
    assert store.releases.newest() == newest
    assert f"`./dti rebuild {newest.name}` makes it again" in store.releases.verify()[0]
    store.releases.rebuild("2", tables(2), DESCRIPTIONS)
    assert store.releases.latest() == newest
