"""What every place for bytes promises, whatever keeps them: the contract of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.storage import Missing
from dti_platform.storage.dry_run import Overlay
from dti_platform.storage.errors import Unreadable, WriteFailed
from dti_platform.storage.objects import LocalObjects, Objects

Make = Callable[[Path], Objects]


def over_a_folder(folder: Path) -> Objects:
    """Some are below, some were added since."""
    return Overlay(LocalObjects(folder))


@pytest.fixture(params=[LocalObjects, over_a_folder])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return request.param(tmp_path)


def test_one_of_many_creates(objects: Objects) -> None:
    assert objects.create("a/1", b"first")
    assert not objects.create("a/1", b"second")
    assert objects.get("a/1") == b"first"


def test_what_is_put_takes_the_place_of_what_was(objects: Objects) -> None:
    objects.put({"a/1": b"old", "b": b""})
    objects.put({"a/1": b"new"})
    assert (objects.get("a/1"), objects.get("b")) == (b"new", b"")
    objects.put({})


@pytest.mark.parametrize("key", ["none", "a", "a/none", "none/1"])
def test_what_is_not_there_is_missing(objects: Objects, key: str) -> None:
    objects.put({"a/1": b""})
    with pytest.raises((Missing, Unreadable)):
        objects.get(key)


def test_keys_are_listed_in_order_below_a_prefix(objects: Objects) -> None:
    objects.put({"b/2": b"", "a/1": b"", "b/10": b"", "ba": b""})
    assert objects.list() == ["a/1", "b/10", "b/2", "ba"]
    assert objects.list("b/") == ["b/10", "b/2"]
    assert objects.list("c/") == []


def test_what_is_deleted_is_gone(objects: Objects) -> None:
    objects.put({"a/b/1": b"", "a/b/2": b"", "a/c": b"", "d": b""})
    objects.delete(["a/b/", "d", "never"])
    assert objects.list() == ["a/c"]
    assert objects.create("a/b/1", b"again")


KEYS = st.sampled_from(["a", "b/1", "b/2", "c/d/1"])
STEPS = st.lists(st.tuples(st.sampled_from(["create", "put", "delete"]), KEYS, st.binary(max_size=3)), max_size=12)


@pytest.mark.parametrize("make", [LocalObjects, over_a_folder])
@given(steps=STEPS)
def test_they_are_a_dictionary(
    make: Make, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, bytes]]
) -> None:
    objects, expected = make(tmp_path_factory.mktemp("objects")), dict[str, bytes]()
    for step, key, content in steps:
        if step == "create":
            assert objects.create(key, content) == (key not in expected)
            expected.setdefault(key, content)
        elif step == "put":
            objects.put({key: content})
            expected[key] = content
        else:
            objects.delete([key])
            expected.pop(key, None)
    assert {key: objects.get(key) for key in objects.list()} == expected


def test_a_folder_keeps_no_empty_folder_and_follows_no_link(tmp_path: Path) -> None:
    objects, elsewhere = LocalObjects(tmp_path / "objects"), tmp_path / "elsewhere"
    objects.put({"a/b/1": b""})
    objects.delete(["a/b/1"])
    assert [*objects.folder.iterdir()] == []
    elsewhere.mkdir()
    (objects.folder / "a").symlink_to(elsewhere)
    with pytest.raises(WriteFailed, match="symbolic link"):
        objects.put({"a/1": b""})
    (elsewhere / "1").write_bytes(b"secret")
    with pytest.raises(Unreadable):
        objects.get("a/1")
    objects.delete(["a/"])
    assert (elsewhere / "1").is_file()
