"""Rows that met their contract are not held to it again by a later run; others, and other rules, are."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform import quality
from dti_platform.pipeline import contracts_met, versions
from dti_platform.storage import Store
from tests.quality.contract_rules import MODELS
from tests.quality.miniature import MADE

#: The module, behind the function of its name.
contracts: Any = importlib.import_module("dti_platform.quality.contracts")
TABLE, OTHER = "coverage", "submissions"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that Pandera was asked about."""
    tables: list[str] = []
    hold = contracts._validate
    monkeypatch.setattr(contracts, "_validate", lambda table, *rest: tables.append(table) or hold(table, *rest))
    return tables


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: list[str]) -> Store:
    """The data root in a process that knows nothing yet, after one in which the table met its contract."""
    store = Store(tmp_path)
    monkeypatch.setattr(contracts, "_met", {})
    contracts_met.recall(store.cache)
    quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]())
    contracts_met.note(store.cache)
    store.derived.record("a run")
    monkeypatch.setattr(contracts, "_met", {})
    held.clear()
    return Store(tmp_path)


def test_the_same_rows_are_held_once(later: Store, held: list[str]) -> None:
    contracts_met.recall(later.cache)
    assert quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]().reverse()).equals(MADE[TABLE]())
    assert quality.contracts(TABLE, MODELS[TABLE], {2022: MADE[TABLE]()}).keys() == {2022}
    assert held == []


def test_a_run_notes_nothing_but_its_own_and_what_it_recalled(later: Store) -> None:
    quality.contract(OTHER, MODELS[OTHER], MADE[OTHER]())
    head = later.ledger.head()
    contracts_met.recall(later.cache)
    contracts_met.note(later.cache)
    later.derived.record("another run")
    assert later.ledger.head() == head
    assert len(quality.contracts_met()) == 1


def test_who_does_not_recall_holds_them(later: Store, held: list[str]) -> None:
    quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]())
    assert held == [TABLE]
    assert later.cache.fault is None


def test_other_rows_and_the_same_rows_of_another_table_are_held(later: Store, held: list[str]) -> None:
    contracts_met.recall(later.cache)
    with pytest.raises(quality.ContractBroken):
        quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]().with_columns(received=pl.lit(-1, pl.Int32)))
    with pytest.raises(quality.ContractBroken):
        quality.contract(OTHER, MODELS[OTHER], MADE[TABLE]())
    assert held == [TABLE, OTHER]


def test_another_version_of_code_or_packages_holds_them(
    later: Store, held: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions.code_versions()
    for name in before:
        monkeypatch.setattr(versions, "code_versions", lambda name=name: {**before, name: "another"})
        contracts_met.recall(later.cache)
        quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]())
        assert held == [TABLE]
        monkeypatch.setattr(contracts, "_met", {})
        held.clear()


def test_what_was_planted_is_not_believed(later: Store, held: list[str]) -> None:
    broken = MADE[TABLE]().with_columns(received=pl.lit(-1, pl.Int32)).sort(MODELS[TABLE].Config.unique)
    (file,) = (path for path in later.cache.folder.glob("??/*") if path.name == versions.contract_check())
    planted = contracts._key(MODELS[TABLE], broken)
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{planted}", encoding="utf-8")
    contracts_met.recall(later.cache)
    with pytest.raises(quality.ContractBroken):
        quality.contract(TABLE, MODELS[TABLE], broken)
    assert held == [TABLE]


def test_what_is_remembered_is_bounded_and_what_was_asked_for_last_stays(
    later: Store, held: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contracts, "MOST_MET", 2)
    contracts_met.recall(later.cache)
    for rows in (1, 2):
        quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]().head(rows))
        quality.contract(TABLE, MODELS[TABLE], MADE[TABLE]())
    assert len(held) == 2
    assert len(quality.contracts_met()) == 2
