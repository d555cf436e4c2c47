"""Answers of the gate are remembered by the frame that was asked about: a run that changes nothing asks nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dti_platform import publications, quality
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import stored
from dti_platform.pipeline.gate import Compared, Gate, same_rows
from dti_platform.pipeline.versions import code_versions
from dti_platform.storage import CorruptRelease, Store
from tests.conftest import Flow
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
    others = {**case(TABLE)[1], "last_release": last_release}
    monkeypatch.setattr(Gate, "compared", lambda _, name, *__: compared(others[name]))
    return Platform(Store(root)).gate


def compared(frame: pl.DataFrame) -> Compared:
    """A frame that is known by its rows, as one of a file is by its bytes."""
    return Compared(quality.fingerprint(frame).hex(), lambda: frame)


def test_the_run_after_a_release_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """Not even where the run that made the release was the first of another version of the code."""
    made, _ = case(TABLE)
    first = gate(tmp_path, monkeypatch, made.head(3))
    first.check(TABLE, made)
    first.store.derived.record("a run")
    asked.clear()
    later = gate(tmp_path, monkeypatch, next(iter(read_back(made))))
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


def test_a_release_asks_nothing_that_was_asked_of_the_stored_years(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """A period of five years lies with its last year, and comes before it in a release."""
    made = case(TABLE)[0].filter(pl.col("period") == pl.col("period").first())
    judging = gate(tmp_path, monkeypatch, made.clear())
    years = {2024: "2024", 2025: "2021/2025"}
    for year, period in years.items():
        judging.store.tables.write(TABLE, year, made.with_columns(period=pl.lit(period)))
    judging.judge(TABLE, years, "a run")
    judging.store.derived.record("a run")
    assert asked
    asked.clear()
    released = quality.contract(TABLE, publications.model_of(TABLE), stored(judging.store, TABLE))
    assert released["period"].unique(maintain_order=True).to_list() == ["2021/2025", "2024"]
    judging.check(TABLE, released)
    assert asked == []


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> Gate:
    """Where a suite was answered and recorded, in another process: what is known in this one is forgotten."""
    made, _ = case(TABLE)
    first = gate(tmp_path, monkeypatch, made)
    first.check(TABLE, made)
    first.store.derived.record("a run")
    asked.clear()
    return gate(tmp_path, monkeypatch, made)


def test_the_same_rows_beside_the_same_others_make_no_frame(judged: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def unmade(*_: object) -> list[quality.Question]:
        raise AssertionError("a frame was made")

    before = judged.check(TABLE, case(TABLE)[0])
    monkeypatch.setattr(quality, "questions", unmade)
    assert [each.to_dict() for each in judged.check(TABLE, case(TABLE)[0])] == [each.to_dict() for each in before]
    with pytest.raises(AssertionError):
        judged.check(TABLE, case(TABLE)[0].head(3))


@pytest.mark.parametrize("changed", ["rule", "code", "other", "unknown"])
def test_another_rule_code_or_frame_beside_is_looked_at_again(
    judged: Gate, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    made: list[str] = []
    questions = quality.questions
    monkeypatch.setattr(quality, "questions", lambda *args: made.append(args[0].table) or questions(*args))
    rows, suite, versions, known = case(TABLE)[0], judged.suites[TABLE], code_versions(), judged.compared
    version = {"other": "another", "unknown": None}
    if changed == "rule":
        judged.__dict__["suites"] = {TABLE: replace(suite, entries=suite.entries[1:])}
    elif changed == "code":
        monkeypatch.setattr("dti_platform.pipeline.gate.code_versions", lambda: {**versions, "code": "another"})
    else:
        changing = {"version": version[changed]}
        monkeypatch.setattr(Gate, "compared", lambda _, name, *__: known(name, TABLE, None, rows)._replace(**changing))
    judged.check(TABLE, rows)
    assert made == [TABLE]


def test_an_answer_that_somebody_altered_is_asked_for_again(judged: Gate, asked: list[str]) -> None:
    for path in judged.store.cache.folder.glob("??/*"):
        path.write_bytes(path.read_bytes().replace(b"passed", b"failed"))
    assert {each.outcome for each in judged.check(TABLE, case(TABLE)[0])} == {"passed"}
    assert asked


def test_what_could_not_be_asked_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = case(TABLE)
    judging = gate(tmp_path, monkeypatch, pl.DataFrame({"odd": [1]}))
    for _ in range(2):
        assert "could_not_run" in {each.outcome for each in judging.check(TABLE, made)}
    assert "could_not_run" not in "".join(path.read_text("utf-8") for path in judging.store.cache.folder.glob("??/*"))


def test_what_was_released_is_known_by_the_bytes_that_lie_there(flow: Flow, tmp_path: Path) -> None:
    store = flow.copy(tmp_path)
    gate, rows = Platform(store).gate, publications.empty(TABLE)

    def version(table: str, years: list[int] | None = None) -> str | None:
        return gate.compared("last_release", table, years, rows).version

    assert version(TABLE) not in {version(TABLE, [2022]), version("index_scores"), None}
    assert gate.compared("observations", TABLE, None, rows).version not in {
        gate.compared("observations", TABLE, [2022], rows).version, gate.compared("scores", TABLE, None, rows).version
    }  # fmt: skip
    latest = store.releases.latest()
    assert latest
    path = latest.path / f"{TABLE}.parquet"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptRelease):
        version(TABLE)


@pytest.mark.parametrize("table", COMPARED)
def test_a_table_that_says_what_was_released_has_lost_nothing(table: str) -> None:
    """So that it may be compared with no rows instead."""
    made, others = case(table)
    entries = [entry for entry in quality.suites()[table].entries if "last_release" in entry.frame]
    suite = replace(quality.suites()[table], entries=tuple(entries))
    for last in (made, made.clear()):
        results = quality.check(table, made, {**others, "last_release": last}, suite=suite)
        assert {each.outcome for each in results} == {"passed"}


def read_back(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """A frame as it is read back, whole or put together from two files, and sorted."""
    for parts in ([frame], [frame.head(7), frame.tail(-7)]):
        files = [io.BytesIO() for _ in parts]
        for part, file in zip(parts, files, strict=True):
            part.write_parquet(file)
        read = pl.concat([pl.read_parquet(file.getvalue()) for file in files])
        yield from (read, read.with_row_index().sample(fraction=1, shuffle=True, seed=7).sort("index").drop("index"))


def test_a_frame_is_known_by_its_rows_however_they_lie_in_memory() -> None:
    made, others = case(TABLE)
    suite = quality.suites()[TABLE]
    pieces = pl.concat([made.reverse().tail(3).reverse(), made.reverse().head(-3).reverse()], rechunk=False)
    frames = made, made.reverse().reverse(), pieces, pl.DataFrame(made.to_dicts(), made.schema)
    keys = [[each.key for each in quality.questions(suite, frame, others)] for frame in (*frames, *read_back(made))]
    assert all(each == keys[0] for each in keys)
    assert len(set(keys[0])) == len(keys[0])
    assert same_rows(made, pieces)
    assert not same_rows(made, made.head(3))
