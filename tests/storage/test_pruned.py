"""Pages and cached answers: kept whole, and only the newest."""

from __future__ import annotations

import os

from dti_platform.storage import Store
from dti_platform.storage.pruned import BLOCK, place
from dti_platform.storage.pruned import MOST_REPORTS as PAGES


def test_only_the_newest_pages_are_kept(store: Store) -> None:
    for number in range(PAGES + 5):
        store.check_reports.write(store.check_reports.folder / f"2026{number:04}-run.html", f"page {number}")
    kept = sorted(path.name for path in store.check_reports.folder.iterdir())
    assert len(kept) == PAGES
    assert kept[-1] == f"2026{PAGES + 4:04}-run.html"


def test_a_page_is_named_by_time_and_run(store: Store) -> None:
    assert store.check_reports.begin("0123456789abcdef").name.endswith("Z-01234567.html")


def keys(numbers: range) -> list[str]:
    return [f"{number:064x}"[::-1] for number in numbers]


def test_what_was_not_used_for_longest_goes_until_the_rest_fits(store: Store) -> None:
    """The run of ``store`` keeps what it uses itself, whatever the bound."""
    earlier, kept = Store(store.root), keys(range(6))
    assert earlier.cache.get(kept[0]) is None
    for number, key in enumerate(kept):
        earlier.cache.put(key, b"an answer")
        os.utime(earlier.cache.folder / place(key), (number, number))
    earlier.derived.record()
    assert earlier.cache.sweep(0) == []
    assert store.cache.get(kept[1]) == b"an answer"
    assert store.cache.sweep(5 * BLOCK) == [store.cache.folder / place(kept[0])]
    assert store.cache.sweep(5 * BLOCK) == []
    assert len(store.cache.sweep(0)) == 4
    assert store.cache.get(kept[1]) == b"an answer"
    assert store.cache.get(kept[5]) is None


def test_what_one_run_used_the_next_removes_last(store: Store) -> None:
    used, unused = keys(range(2))
    store.cache.put(used, b"1")
    store.cache.put(unused, b"2")
    for key in (used, unused):
        os.utime(store.cache.folder / place(key), (1, 1))
    assert store.cache.get(used) == b"1"
    assert Store(store.root).cache.sweep(BLOCK) == [store.cache.folder / place(unused)]


def test_a_cache_that_takes_nothing_costs_time_alone_and_says_why(store: Store) -> None:
    store.root.mkdir()
    (store.root / "cache").write_bytes(b"a file where a folder is expected")
    store.cache.put("ab" + "0" * 62, b"an answer")
    assert store.cache.get("ab" + "0" * 62) is None
    assert store.cache.sweep(0) == []
    assert "cache/ab: could not be written" in str(store.cache.fault)


def test_an_answer_that_is_damaged_goes_and_verify_is_well_again(store: Store) -> None:
    damaged, whole, unrecorded = keys(range(3))
    for key in (damaged, whole):
        store.cache.put(key, b"an answer")
    store.derived.record()
    Store(store.root).cache.put(unrecorded, b"of a run that was killed")
    (store.cache.folder / place(damaged)).write_bytes(b"an Answer")
    (fault,) = Store(store.root).verify()
    assert fault.endswith("no figure rests on it: `dti run --force` removes it")
    assert Store(store.root).cache.sweep(10**6) == [store.cache.folder / place(damaged)]
    assert Store(store.root).verify() == []
    assert len([*store.cache.folder.glob("??/*")]) == 2
