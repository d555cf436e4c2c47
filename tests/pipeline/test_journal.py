"""What a run leaves in the ledger: each kind at most once, and nothing that it says already."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dti_platform import tables
from dti_platform.language import Bilingual
from dti_platform.pipeline.journal import Journal
from dti_platform.quality import CheckResult
from dti_platform.storage import Store

FILE = {"feed": "self_assessment", "file": "a" * 64, "file_name": "a.xlsx", "period": "2022"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def submissions(**more: object) -> pl.DataFrame:
    row = {**FILE, "evidence": "official", "status": "accepted", "cells": 3, "accepted": 3, "quarantined": 0, **more}
    return pl.DataFrame([row], schema=tables.polars_schema(tables.Submissions))


def result(outcome: str = "passed", **more: object) -> CheckResult:
    return CheckResult("scores", "a_check", "warning", outcome, Bilingual("lý do", "reason"), **more)


def run(store: Store, run_id: str, *results: CheckResult, failure: str | None = None, **file: object) -> list[str]:
    """One run; the kinds of the entries that it added."""
    before = store.ledger.head().sequence
    journal = Journal(store)
    journal.read(submissions(**file))
    journal.judged(results)
    journal.write(run_id)
    journal.ended(run_id, "0001-abc", failure)
    return [entry.kind for entry in store.ledger.entries()[before:]]


def test_a_run_that_changes_nothing_adds_nothing(store: Store) -> None:
    assert run(store, "1", result()) == ["reading", "checks", "run"]
    assert run(store, "2", result()) == []
    assert store.ledger.entries("run")[-1].body == {"run": "1", "success": True, "failure": None, "release": "0001-abc"}


def test_what_differs_from_the_last_entry_of_its_kind_is_added(store: Store) -> None:
    run(store, "1", result())
    assert run(store, "2", result("failed", failing=2, detail="seen: 3")) == ["checks", "run"]
    (told,) = store.ledger.entries("checks")[-1].body["not_passed"]
    assert (told["name"], told["failing"], told["detail"], told["waiver"]) == ("a_check", 2, "seen: 3", None)
    assert run(store, "3", result("failed", failing=2, detail="seen: 3"), quarantined=1, accepted=2) == [
        "reading",
        "run",
    ]
    (file,) = store.ledger.entries("reading")[-1].body["files"]
    assert (file["name"], file["sha256"], file["accepted"], file["quarantined"]) == ("a.xlsx", "a" * 64, 2, 1)


def test_a_waiver_in_force_is_recorded_and_so_is_its_end(store: Store) -> None:
    class Waiver:
        def __str__(self) -> str:
            return "scores.a_check waived until 2026-12-31 by the head of the unit: late"

    run(store, "1", result())
    assert run(store, "2", result("failed", waiver=Waiver())) == ["checks", "waivers", "run"]
    assert run(store, "3", result()) == ["checks", "waivers", "run"]
    assert [entry.body["in_force"] for entry in store.ledger.entries("waivers")] == [[str(Waiver())], []]


def test_a_failure_is_always_recorded_once_for_each_run(store: Store) -> None:
    assert run(store, "1", failure="scores: \udc80 no room") == ["reading", "run"]
    journal = Journal(store)
    journal.ended("1", None, "a later step")
    assert run(store, "2", failure="again") == ["run"]
    assert [entry.body["failure"] for entry in store.ledger.entries("run")] == ["scores: \\udc80 no room", "again"]
    assert run(store, "3") == ["run"], "that it works again is news"
    assert run(store, "4") == []
    assert store.verify() == []


def test_what_was_received_between_runs_is_closed_by_the_next(store: Store) -> None:
    run(store, "1")
    store.landing.receive(b"x", feed="f", period="2022", name="a")
    assert run(store, "2") == ["run"]
