"""Pages and cached answers: kept whole, and only the newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from dti_platform.storage import Store, pruned
from dti_platform.storage.pruned import MOST_REPORTS as PAGES

ANSWERS = 20


def test_only_the_newest_pages_are_kept(store: Store) -> None:
    for number in range(PAGES + 5):
        store.check_reports.write(store.check_reports.folder / f"2026{number:04}-run.html", f"page {number}")
    kept = sorted(path.name for path in store.check_reports.folder.iterdir())
    assert len(kept) == PAGES
    assert kept[-1] == f"2026{PAGES + 4:04}-run.html"


def test_a_page_is_named_by_time_and_run(store: Store) -> None:
    assert store.check_reports.begin("0123456789abcdef").name.endswith("Z-01234567.html")


def test_an_answer_is_given_back_until_the_sweep_lets_the_oldest_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruned, "MOST_ANSWERS", ANSWERS)
    assert store.cache.get("ab" + "0" * 62) is None
    for number in range(ANSWERS + 3):
        store.cache.put(f"{number:064x}"[::-1], str(number).encode())
    swept: list[Path] = store.cache.sweep()
    assert len(swept) == 3
    assert store.cache.get(f"{ANSWERS + 2:064x}"[::-1]) == str(ANSWERS + 2).encode()


def test_a_cache_that_takes_nothing_costs_time_alone_and_says_why(store: Store) -> None:
    store.root.mkdir()
    (store.root / "cache").write_bytes(b"a file where a folder is expected")
    store.cache.put("ab" + "0" * 62, b"an answer")
    assert store.cache.get("ab" + "0" * 62) is None
    assert store.cache.sweep() == []
    assert "cache/ab: could not be written" in str(store.cache.fault)
