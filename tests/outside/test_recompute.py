"""Every released figure again by plain Python from the evidence in the release, with none of the platform's code.

The script is an outsider's: it reads files alone. Planted faults, one of each kind, show that it would see them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Flow
from tests.outside import recompute
from tests.outside.recompute import Release
from tests.outside.release import rows

TABLES = ("observations", "index_scores", "national_scorecard", "provincial_scorecard", "reconciliation")
HERE = Path(__file__).parent
Audit = Callable[[Release], Iterator[str]]
AUDITS: tuple[Audit, ...] = (recompute.scores, recompute.ranks, recompute.scorecards, recompute.reconciliation)


@pytest.fixture(scope="module")
def released(flow: Flow) -> Release:
    folder = flow.store.releases.open().path
    return Release(**{table: rows(folder, table) for table in TABLES})


@pytest.mark.parametrize("file", ["release.py", "recompute.py"])
def test_nothing_of_the_platform_is_used(file: str) -> None:
    tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [each for each in named if each.startswith(("dti_platform", "polars", "pandera"))]


def test_every_released_figure_is_made_again(released: Release) -> None:
    for audit in AUDITS:
        assert list(audit(released)) == []
    least = {
        "self": 63 * (95 + 14),
        "verified": 63 * (95 + 14),
        "ranks": 2 * 63 * (95 + 14),
        "among the first": 20,
        "printed": 200,
        "recomputed": 40,
        "gaps": 4,
        "earlier figures": 15,
        "reconciled": 150,
        "ours": 100,
        "means": 1,
    }
    assert {name: released.compared[name] >= number for name, number in least.items()} == dict.fromkeys(least, True)


def test_points_are_made_of_raw_figures_by_the_rule_of_a_ratio(released: Release) -> None:
    """No committed sheet gives raw figures: a quotient of two stands in for the points of one row."""
    rows = [*released.observations]
    submitted = ((at, row) for at, row in enumerate(rows) if row["basis"] == "self")
    place, row = next(
        (at, row)
        for at, row in submitted
        if released.tree(row).nodes[row["node"]].get("rule", {}).get("kind") == "ratio" and row["value"]
    )
    most = released.tree(row).maximum(row["node"])
    assert most
    figures = {"numerator": row["value"], "denominator": float(most)}
    rows[place : place + 1] = [{**row, "measure": name, "value": value} for name, value in figures.items()]
    with_raw = Release(**{**released.tables, "observations": rows})
    assert list(recompute.scores(with_raw)) == []
    rows[place] = {**rows[place], "value": float(most) / 3}
    faults = list(recompute.scores(Release(**{**released.tables, "observations": rows})))
    assert [fault for fault in faults if f" {row['node']} self: " in fault]


#: What planted faults change: the audit that must see each, the table, and of each the rows, column and new value.
FAULTS = {
    "a score by a millionth, a printed one and a recomputed total": (recompute.scores, "index_scores", [
        ({"basis": "verified"}, "score", lambda v: v + 1e-6),
        ({"basis": "published"}, "score", lambda v: v + 1e-4),
        ({"basis": "recomputed"}, "score", lambda v: v + 1e-6),
    ]),
    "a rank": (recompute.ranks, "index_scores", [({"basis": "verified", "node": "PDTI"}, "rank", lambda v: v + 1)]),
    "a gap": (recompute.scorecards, "national_scorecard", [({}, "gap", lambda v: v + 0.1)]),
    "an earlier value": (recompute.scorecards, "national_scorecard", [({}, "previous_value", lambda v: v + 1)]),
    "a verdict": (
        recompute.reconciliation, "reconciliation", [({"verdict": "agrees"}, "verdict", lambda _: "differs")]
    ),
    "ours": (recompute.reconciliation, "reconciliation", [({"basis": "recomputed"}, "ours", lambda v: v + 1e-5)]),
}  # fmt: skip


@pytest.mark.parametrize("faults", FAULTS)
def test_planted_faults_are_seen(released: Release, faults: str) -> None:
    audit, table, changes = FAULTS[faults]
    planted = [dict(row) for row in released.tables[table]]
    for where, column, change in changes:
        row = next(r for r in planted if r[column] is not None and all(r[name] == it for name, it in where.items()))
        row[column] = change(row[column])
    tables = {**released.tables, table: [*planted]}
    assert len(list(audit(Release(**tables)))) >= len(changes)
