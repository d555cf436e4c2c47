"""The page on framework files: its example is loaded and scored as it is printed, and it names every entry."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from dti_platform.methodology import Framework, Frameworks, score
from dti_platform.methodology.framework import Settings
from dti_platform.methodology.loading import HEAD, NODE
from dti_platform.methodology.rules import kinds
from tests.methodology.observed import observed, one

Load = Callable[..., Frameworks]
PAGE = (Path(__file__).parents[2] / "docs" / "frameworks.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
REPORTED, SCORED, MISSING = (
    list(csv.DictReader(io.StringIO(block))) for block in re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
)
UNIT = "VN63-01"


def loaded(load_text: Load, missing: str = "withhold") -> Framework:
    """The example with another missing rule; ``load_text`` writes it as version 1."""
    assert EXAMPLE.count('missing = "withhold"') == 1
    text = EXAMPLE.replace('missing = "withhold"', f'missing = "{missing}"')
    return load_text(text.replace('version = "demo"', 'version = "1"')).all[0]


def figures(*, without: str = "") -> pl.DataFrame:
    rows = [
        observed([(UNIT, row["node"], float(row["value"]))], framework="1", measure=row["measure"])
        for row in REPORTED
        if row["node"] != without
    ]
    return pl.concat(rows)


@pytest.mark.parametrize("row", SCORED, ids=lambda row: row["node"])
def test_the_example_is_scored_as_worked_out_by_hand(load_text: Load, row: dict[str, str]) -> None:
    found = one(score(figures(), loaded(load_text), [UNIT]), node=row["node"])
    assert [found[name] for name in ("points", "max_points", "score")] == [
        float(row[name]) for name in ("points", "max_points", "score")
    ]


def test_the_table_by_hand_has_the_points_that_are_scored() -> None:
    worked_out = dict(re.findall(r"^\| ([ABX]\d?) \| .* \| ([\d.]+) \|$", PAGE, re.MULTILINE))
    assert worked_out == {row["node"]: row["points"] for row in SCORED}


@pytest.mark.parametrize("row", MISSING, ids=lambda row: row["missing"])
def test_a_missing_figure_counts_as_the_page_says(load_text: Load, row: dict[str, str]) -> None:
    scores = score(figures(without="B2"), loaded(load_text, row["missing"]), [UNIT])
    for node in ("B", "X"):
        assert one(scores, node=node)["points"] == (float(row[node]) if row[node] else None)
        assert one(scores, node=node)["missing"] == 1
    assert one(scores, node="X")["obs_status"] == row["obs_status of X"]


def test_the_page_names_every_entry() -> None:
    names = set(re.findall(r"`\[?([a-z_.]+)\]?`", PAGE))
    assert names >= NODE
    assert names >= HEAD - {"nodes", "settings"}
    assert names >= {f"settings.{entry.name}" for entry in fields(Settings)}


def test_the_page_gives_each_kind_of_rule_its_entries_and_figures() -> None:
    _, table, _ = re.split(r"## Kinds of rule|Another kind is", PAGE)
    rows = re.findall(r"^\| `(\w+)` \| (.*)$", table, re.MULTILINE)
    assert {name for name, _ in rows} >= {"points", "information", "ratio", "steps", "category", "criteria"}
    for name, row in rows:
        assert all(f"`{entry.name}`" in row for entry in fields(kinds()[name]))
        assert all(f"`{measure}`" in row for measure in kinds()[name].takes)
