"""Answers of the gate are remembered by the frame that was asked about: a run that changes nothing asks nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dti_platform import quality
from dti_platform.pipeline import Platform
from dti_platform.pipeline.gate import Gate, same_rows
from dti_platform.storage import Store
from tests.quality.miniature import case

TABLE = "coverage"
#: The tables that are compared with the last release.
COMPARED = [name for name, suite in quality.suites().items() if "last_release" in quality.needs(suite)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the frames that Great Expectations was asked about."""
    names: list[str] = []
    answers = quality.answers
    monkeypatch.setattr(quality, "answers", lambda each: names.append(each.name) or answers(each))
    return names


def gate(root: Path, monkeypatch: pytest.MonkeyPatch, last_release: pl.DataFrame) -> Gate:
    _, others = case(TABLE)
    monkeypatch.setattr(Gate, "comparison", lambda _, name, *__: {**others, "last_release": last_release}[name])
    return Platform(Store(root)).gate


def test_the_run_after_a_release_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """Not even where the run that made the release was the first of another version of the code."""
    made, _ = case(TABLE)
    first = gate(tmp_path, monkeypatch, made.head(3))
    first.check(TABLE, made)
    first.store.derived.record("a run")
    asked.clear()
    later = gate(tmp_path, monkeypatch, made.reverse())
    assert {each.outcome for each in later.check(TABLE, made)} == {"passed"}
    assert asked == []


def test_only_what_is_compared_with_another_frame_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    made, _ = case(TABLE)
    first = gate(tmp_path, monkeypatch, made.clear())
    first.check(TABLE, made)
    first.store.derived.record("a run")
    asked.clear()
    gate(tmp_path, monkeypatch, made.head(3)).check(TABLE, made)
    assert asked == ["accepted_in_last_release"]


@pytest.mark.parametrize("table", COMPARED)
def test_a_table_that_says_what_was_released_has_lost_nothing(table: str) -> None:
    """So that it may be compared with no rows instead."""
    made, others = case(table)
    entries = [entry for entry in quality.suites()[table].entries if "last_release" in entry.frame]
    suite = replace(quality.suites()[table], entries=tuple(entries))
    for last in (made, made.clear()):
        results = quality.check(table, made, {**others, "last_release": last}, suite=suite)
        assert {each.outcome for each in results} == {"passed"}


def test_a_frame_is_known_by_its_rows_however_they_lie_in_memory() -> None:
    made, others = case(TABLE)
    suite = quality.suites()[TABLE]
    pieces = pl.concat([made.reverse().tail(3).reverse(), made.reverse().head(-3).reverse()], rechunk=False)
    frames = made.reverse().reverse(), pieces
    keys = [[each.key for each in quality.questions(suite, frame, others)] for frame in frames]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0])
    assert same_rows(TABLE, made, made.reverse())
    assert not same_rows(TABLE, made, made.head(3))
