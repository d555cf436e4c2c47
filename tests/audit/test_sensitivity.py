"""Sobol indices: what scipy gives of the same outcomes, and what is known of a function and of an index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dti_platform.audit import sensitivity
from dti_platform.audit.draws import ALL_WEIGHTS, Uncertainty
from dti_platform.audit.robustness import Drawing
from dti_platform.audit.sensitivity import Design, mixed
from dti_platform.audit.tree import AuditError
from tests.audit.made_up import index
from tests.audit.test_robustness import EVERYTHING

SIZE = 4_096


def ishigami(x: np.ndarray) -> np.ndarray:
    """Of three inputs between -pi and pi; its indices are known."""
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def of_scipy(blocks: np.ndarray) -> Any:
    """What scipy makes of the outcomes of A, B and the mixed blocks."""
    from scipy import stats  # 1.3 CPU s: every worker collects this module

    given = {"f_A": blocks[:1], "f_B": blocks[1:2], "f_AB": blocks[2:, None, :]}
    return stats.sobol_indices(func=given, n=blocks.shape[1])


def agree(ours: list[sensitivity.Index], theirs: Any, size: int) -> None:
    """Scipy divides by the variance of all 2 N outcomes with 2 N, ours with 2 N - 1."""
    share = (2 * size - 1) / (2 * size)
    assert [each.first for each in ours] == pytest.approx((theirs.first_order.ravel() * share).tolist(), rel=1e-9)
    assert [each.total for each in ours] == pytest.approx((theirs.total_order.ravel() * share).tolist(), rel=1e-9)
    for each in ours:
        assert each.first_low <= each.first <= each.first_high
        assert each.total_low <= each.total <= each.total_high


def test_of_a_known_function() -> None:
    from scipy.stats import qmc

    sample = qmc.scale(qmc.Sobol(6, rng=1).random(SIZE), -np.pi, np.pi).T
    a, b = sample[:3], sample[3:]
    mixes = [np.where(np.arange(3)[:, None] == place, b, a) for place in range(3)]
    blocks = np.array([ishigami(each) for each in (a, b, *mixes)])
    ours = sensitivity.indices(blocks.ravel(), Design(SIZE, ("x1", "x2", "x3")))
    agree(ours, of_scipy(blocks), SIZE)
    assert [each.first for each in ours] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [each.total for each in ours] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_of_an_index_of_ours() -> None:
    of, data, steps = index(30)
    drawing = Drawing(of, data, steps, EVERYTHING)
    ours = sensitivity.of_index(drawing, EVERYTHING, SIZE)
    names = (*EVERYTHING.options, ALL_WEIGHTS)
    assert tuple(each.choice for each in ours) == names
    a, b = drawing.made(0, SIZE), drawing.made(SIZE, SIZE)
    blocks = [drawing.places(each) for each in (a, b, *(mixed(a, b, name) for name in names))]
    outcomes = np.array([np.abs(each - drawing.nominal[:, None]).mean(axis=0) for each in blocks])
    agree(ours, of_scipy(outcomes), SIZE)
    assert 0.8 < sum(each.first for each in ours) <= 1.05
    assert all(each.total > each.first - 0.03 for each in ours)


def test_a_sample_in_which_nothing_moves_is_told_its_size() -> None:
    with pytest.raises(AuditError, match=r"or of a resample of them \(N = 3\): nothing explains it; a larger N"):
        sensitivity.indices(np.array([1.0, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2]), Design(3, ("x", "y")))


def test_a_choice_that_changes_nothing_explains_nothing() -> None:
    of, data, steps = index(30)
    idle = Uncertainty({1: 0.25}, {"winmax": ["90", "91"]}, seed=1)
    still, weights = sensitivity.of_index(Drawing(of, data, steps, idle), idle, 512)
    assert (still.choice, still.first, still.total) == ("winmax", 0, 0)
    assert (weights.choice, weights.total) == (ALL_WEIGHTS, pytest.approx(1, abs=0.1))
