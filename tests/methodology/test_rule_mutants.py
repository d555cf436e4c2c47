"""Each kind of rule changed in one place is caught by its own proof; a kind without one fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from dti_platform.methodology import Framework, Frameworks, loading, scoring
from dti_platform.methodology.rules import kinds
from tests.methodology.mutation import mutant
from tests.methodology.proofs import proofs
from tests.methodology.test_rules import raw, tree

Load = Callable[..., Frameworks]
#: What the kinds share: the kind whose proof catches it, what is changed.
SHARED = [
    ("steps", "value <= _wide(bound)", "value < _wide(bound)"),
    ("steps", "value >= _wide(bound)", "value > _wide(bound)"),
    ("steps", 'direction == "lower_is_better" else value', 'direction != "lower_is_better" else value'),
    ("ratio", "_by_rule(node, node.max_points)", "_by_rule(node, node.max_points / 2)"),
]


def points_of_the_cases(framework: Framework, proof: ModuleType) -> list[float | None]:
    """Every case as a unit of its own, in one scoring."""
    units = [f"VN63-{at:02}" for at in range(len(proof.CASES))]
    rows = [
        raw(code, figures).with_columns(unit=pl.lit(unit))
        for unit, (code, figures, _) in zip(units, proof.CASES, strict=True)
    ]
    scores = scoring.score(pl.concat(rows), framework, units)
    by_place = {(row["unit"], row["node"]): row["points"] for row in scores.iter_rows(named=True)}
    return [by_place.get((unit, code)) for unit, (code, *_) in zip(units, proof.CASES, strict=True)]


def prove(proof: ModuleType, load_text: Load) -> None:
    """All that the proof of a kind says of it."""
    framework = load_text(tree(nodes={**proofs()["ratio"].NODES, **proof.NODES})).all[0]
    if proof.CASES:
        points = points_of_the_cases(framework, proof)
        assert points == pytest.approx([expected for *_, expected in proof.CASES], abs=1e-12)
    for code in proof.NODES:
        node = framework.nodes[code]
        if node.rule.takes:
            assert points_of_nothing(node.rule.points(Decimal(1), node.direction), node.rule.takes) is None
        assert node.rule.grades(node.max_points or Decimal(0)) == getattr(proof, "GRADES", {}).get(code, [])
        assert node.rule.words(node.direction).en == getattr(proof, "WORDS", {}).get(
            code, node.rule.words(node.direction).en
        )


def points_of_nothing(points: pl.Expr, takes: tuple[str, ...]) -> int | None:
    """What a rule gives where its figures are missing."""
    missing = pl.DataFrame({measure: [None] for measure in takes}, schema=dict.fromkeys(takes, pl.Int128))
    return missing.select(points).item()


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_rule_has_its_proof_and_passes_it(kind: str, load_text: Load) -> None:
    assert kind in proofs(), f"write tests/methodology/proofs/{kind}.py"
    proof = proofs()[kind]
    assert proof.MUTANTS
    assert bool(proof.CASES) == bool(kinds()[kind].takes)
    prove(proof, load_text)


def test_there_is_no_proof_of_a_kind_that_is_gone() -> None:
    assert set(proofs()) == set(kinds())


@pytest.mark.parametrize(
    ("kind", "old", "new"), [(kind, *change) for kind, proof in proofs().items() for change in proof.MUTANTS]
)
def test_a_kind_changed_in_one_place_is_caught(
    load_text: Load, monkeypatch: pytest.MonkeyPatch, kind: str, old: str, new: str
) -> None:
    caught(mutant("rules", old, new, within=inspect.getsource(kinds()[kind])), kind, load_text, monkeypatch)


@pytest.mark.parametrize(("kind", "old", "new"), SHARED)
def test_what_the_kinds_share_changed_in_one_place_is_caught(
    load_text: Load, monkeypatch: pytest.MonkeyPatch, kind: str, old: str, new: str
) -> None:
    caught(mutant("rules", old, new), kind, load_text, monkeypatch)


def caught(changed: Any, kind: str, load_text: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "rules", changed)
    monkeypatch.setattr(loading, "load_files", loading.load_files.__wrapped__)  # else it would be remembered
    monkeypatch.setattr(scoring, "worked_out", changed.worked_out)
    monkeypatch.setattr(scoring, "misplaced", changed.misplaced)
    with pytest.raises((AssertionError, ValueError, TypeError, pl.exceptions.PolarsError)):
        prove(proofs()[kind], load_text)
