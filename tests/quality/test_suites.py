"""Suites are read strictly: what can't be parsed is an error that names file and entry, never a check less."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform import quality
from dti_platform.quality import comparisons

ENTRY: dict[str, Any] = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "score", "min_value": 0, "max_value": 1},
    "severity": "critical",
    "meta": {"name": "scores_fit", "asked": "gate", "reason_en": "A share.", "reason_vi": "Tỷ lệ."},
}
FRAME = pl.DataFrame({"score": [0.5, 1.0]})


def written(folder: Path, *entries: dict[str, Any], name: str = "scores") -> Path:
    body = {"name": name, "expectations": list(entries)}
    (folder / "scores.json").write_text(json.dumps(body), encoding="utf-8")
    return folder


def shared(folder: Path, *entries: dict[str, Any]) -> Path:
    """The entries as some that are said of several tables."""
    body = {"name": "shared", "expectations": list(entries)}
    (folder / "shared.json").write_text(json.dumps(body), encoding="utf-8")
    return folder


def changed(**changes: Any) -> dict[str, Any]:
    return {**ENTRY, **changes}


def test_a_good_entry_is_read_whole(tmp_path: Path) -> None:
    suite = quality.suites(written(tmp_path, ENTRY))["scores"]
    (entry,) = suite.entries
    assert (entry.name, entry.frame, entry.severity, entry.kwargs) == (
        "scores_fit",
        "table",
        "critical",
        ENTRY["kwargs"],
    )
    assert (entry.file, suite.checks) == ("scores.json", ("scores.scores_fit",))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (changed(severity="fatal"), "severity 'fatal' is not one of critical, warning, info"),
        (changed(notes="x"), "unknown ['notes']"),
        ({name: value for name, value in ENTRY.items() if name != "severity"}, "missing ['severity']"),
        ({name: value for name, value in ENTRY.items() if name != "meta"}, "missing ['meta']"),
        (changed(meta={**ENTRY["meta"], "frame": "no_such_frame"}), "no frame is called 'no_such_frame'"),
        (changed(meta={**ENTRY["meta"], "reason_vi": " "}), "say why, in English and Vietnamese"),
        (changed(meta={"name": "scores_fit", "asked": "gate", "reason_en": "A share."}), "missing ['reason_vi']"),
        (changed(meta={**ENTRY["meta"], "name": "Scores fit"}), "a name is lower case words"),
        (changed(meta={**ENTRY["meta"], "asked": "desk"}), "asked is 'desk'; say door or gate"),
        (changed(kwargs=["score"]), "kwargs"),
        ("expect_column_to_exist", "must be an object"),
    ],
)
def test_an_entry_that_is_not_one_is_an_error_that_names_it(tmp_path: Path, entry: Any, said: str) -> None:
    with pytest.raises(quality.SuiteError, match=r"scores\.json: entry 2") as caught:
        quality.suites(written(tmp_path, {**ENTRY, "meta": {**ENTRY["meta"], "name": "first"}}, entry))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        changed(type="expect_scores_to_be_nice"),
        changed(kwargs={"column": "score", "minimum": 0}),
        changed(kwargs={"min_value": 0}),
        changed(kwargs={"column": "score", "min_value": "none"}),
        changed(kwargs={"column": "score"}),
    ],
)
def test_an_entry_that_the_engine_would_drop_is_an_error_that_names_it(tmp_path: Path, entry: dict[str, Any]) -> None:
    suite = quality.suites(written(tmp_path, entry))["scores"]
    with pytest.raises(quality.SuiteError, match=r"scores\.json: entry scores_fit .* can't be parsed"):
        quality.check("scores", FRAME, suite=suite)


def test_an_entry_of_several_tables_stands_once_and_after_those_of_each(tmp_path: Path) -> None:
    both = changed(tables=["rankings", "scores"], meta={**ENTRY["meta"], "name": "both_fit"})
    read = quality.suites(shared(written(tmp_path, ENTRY), both))
    assert {table: suite.checks for table, suite in read.items()} == {
        "rankings": ("rankings.both_fit",), "scores": ("scores.scores_fit", "scores.both_fit"),
    }  # fmt: skip
    assert read["rankings"].entries[0].file == "shared.json"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (ENTRY, "missing ['tables']"),
        (changed(tables=["scores"]), "tables must list 2 or more names once each"),
        (changed(tables=["scores", "scores"]), "tables must list 2 or more names once each"),
        (changed(tables=["scores", "Rankings"]), "tables must list 2 or more names once each"),
        (changed(tables="scores"), "tables must list 2 or more names once each"),
        (changed(tables=["scores", "rankings"], meta={**ENTRY["meta"], "formerly": ["fit"]}), "formerly must list"),
    ],
)
def test_an_entry_of_several_tables_lists_them(tmp_path: Path, entry: dict[str, Any], said: str) -> None:
    with pytest.raises(quality.SuiteError, match=r"shared\.json: entry 1") as caught:
        quality.suites(shared(tmp_path, entry))
    assert said in str(caught.value)


def test_two_entries_of_one_name_are_an_error(tmp_path: Path) -> None:
    for folder in (written(tmp_path, ENTRY, ENTRY), shared(written(tmp_path, ENTRY), changed(tables=["a", "scores"]))):
        with pytest.raises(quality.SuiteError, match="scores: more than one entry is called scores_fit"):
            quality.suites(folder)


def test_a_file_is_named_as_its_table(tmp_path: Path) -> None:
    with pytest.raises(quality.SuiteError, match="must hold"):
        quality.suites(written(tmp_path, ENTRY, name="rankings"))


def test_a_file_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text("{", encoding="utf-8")
    with pytest.raises(quality.SuiteError, match=r"scores\.json is not JSON"):
        quality.suites(tmp_path)


def test_an_answer_that_the_engine_does_not_give_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = quality.suites(written(tmp_path, ENTRY, {**ENTRY, "meta": {**ENTRY["meta"], "name": "second"}}))["scores"]
    from great_expectations.validator.validator import Validator

    whole: Callable[..., Any] = Validator.graph_validate

    def forgetful(self: Any, configurations: Sequence[Any], form: Any) -> Any:
        return whole(self, configurations[:1], form)

    monkeypatch.setattr(Validator, "graph_validate", forgetful)
    with pytest.raises(quality.SuiteError, match="dropped second"):
        quality.check("scores", FRAME + 1, suite=suite)


def test_every_frame_says_what_it_is_and_is_used() -> None:
    used = {entry.frame for suite in quality.suites().values() for entry in suite.entries}
    assert used == set(comparisons.FRAMES)
    assert not [name for name, frame in comparisons.FRAMES.items() if not frame.__doc__]


def test_contents_are_checked_here_and_columns_elsewhere() -> None:
    structure = ("to_exist", "of_type", "type_list", "columns_to_match", "column_count", "not_be_null")
    strays = [
        (table, entry.name)
        for table, suite in quality.suites().items()
        for entry in suite.entries
        if any(word in entry.type for word in structure)
    ]
    assert not strays
