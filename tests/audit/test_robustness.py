"""Where units may stand under draws: the fast way gives what draw by draw gives, and any draw can be made alone."""

from __future__ import annotations

import numpy as np
import pytest

from dti_platform.audit import dataset, spec, stages
from dti_platform.audit.aggregate import aggregate
from dti_platform.audit.dataset import Dataset
from dti_platform.audit.draws import Uncertainty, made
from dti_platform.audit.ranks import ranks
from dti_platform.audit.replay import varied
from dti_platform.audit.robustness import Robustness, robustness
from dti_platform.audit.tree import AuditError, Tree
from tests.audit.made_up import index

EVERYTHING = Uncertainty(
    {1: 0.25, 2: 0.25}, {"norm": ["n_minmax", "n_rank"], "agg": ["a_amean", "a_gmean"], "winmax": ["0", "3"]}, seed=7
)


def one_by_one(of: Tree, data: Dataset, steps: spec.Spec, uncertainty: Uncertainty, number: int) -> np.ndarray:
    """The ranks of each draw by the chain itself, units x draws."""
    drawn = made(uncertainty, of, stages.weights(of, steps), 0, number)
    found: list[np.ndarray] = []
    for rep in range(number):
        choices = [(name, uncertainty.options[name][places[rep]]) for name, places in drawn.chosen.items()]
        own = varied(steps, choices)
        normalised = stages.normal(of, data, own)
        weights = dict(zip(of.elements, drawn.weights[:, rep].tolist(), strict=True))
        scores = aggregate(normalised, of, stages.means(of, own.of("aggregate")), weights)
        found.append(ranks(scores.column(of.index)))
    return np.column_stack(found)


@pytest.mark.parametrize("gaps", [False, True])
def test_the_fast_way_gives_what_draw_by_draw_gives(gaps: bool) -> None:
    of, data, steps = index(12, gaps=gaps)
    number = 300
    fast, slow = robustness(of, data, steps, EVERYTHING, number), one_by_one(of, data, steps, EVERYTHING, number)
    for unit, row in enumerate(slow):
        assert fast.counts[unit].tolist() == [int((row == rank).sum()) for rank in range(1, 13)]
        assert fast.quantiles[unit].tolist() == pytest.approx(np.quantile(row, [0.05, 0.5, 0.95]).tolist())
        assert [int((row < other).sum()) for other in slow] == fast.above[unit].tolist()
    assert fast.mean.tolist() == pytest.approx(slow.mean(axis=1).tolist())
    assert fast.top.tolist() == pytest.approx((slow <= 10).mean(axis=1).tolist())


def test_a_draw_can_be_made_alone() -> None:
    of, _, steps = index(12)
    nominal = stages.weights(of, steps)
    chunks = [made(EVERYTHING, of, nominal, 0, 8_192), made(EVERYTHING, of, nominal, 8_192, 1_808)]
    weights = np.concatenate([each.weights for each in chunks], axis=1)
    for rep in (0, 1, 777, 8_191, 8_192, 9_999):
        alone = made(EVERYTHING, of, nominal, rep, 1)
        assert (alone.weights[:, 0] == weights[:, rep]).all()
        place, within = divmod(rep, len(chunks[0].weights[0]))
        assert all(alone.chosen[name][0] == chunks[place].chosen[name][within] for name in EVERYTHING.options)
    low, high = weights.min(axis=1), weights.max(axis=1)
    for code, least, most in zip(of.elements, low, high, strict=True):
        share = {1: 0.25, 2: 0.25}.get(of.elements[code].level, 0.0)
        assert nominal[code] * (1 - share) <= least <= most <= nominal[code] * (1 + share)
        assert (least == most) == (share == 0)


def test_intervals_shrink_as_noise_does_and_are_a_point_without_any() -> None:
    of, data, steps = index(30)
    widths = [
        float(np.diff(robustness(of, data, steps, Uncertainty({1: share}, {}), 2_000).quantiles[:, ::2]).sum())
        for share in (0.5, 0.25, 0.05, 0.0)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > widths[-1] == 0
    still = robustness(of, data, steps, Uncertainty({}, {}), 10)
    assert still.quantiles[:, 1].tolist() == still.nominal.tolist()
    assert still.headline == 1


def test_the_same_seed_gives_the_same_and_another_does_not() -> None:
    of, data, steps = index(12)

    def counted(seed: int) -> list[list[int]]:
        found: Robustness = robustness(of, data, steps, Uncertainty({2: 0.25}, {}, seed), 500)
        return found.counts.tolist()

    assert counted(1) == counted(1) != counted(2)


@pytest.mark.parametrize(
    ("uncertainty", "message"),
    [
        (Uncertainty({3: 0.25}, {}), "weights are drawn at level 3"),
        (Uncertainty({1: 1.5}, {}), "are drawn by 1.5"),
        (Uncertainty({}, {"norm": []}), "norm has no value"),
        (Uncertainty({}, {"norm": ["n_none"]}), "stands for nothing"),
        (Uncertainty({}, {"colour": ["red"]}), "nobody knows"),
    ],
)
def test_an_uncertainty_that_is_none_is_refused(uncertainty: Uncertainty, message: str) -> None:
    with pytest.raises(AuditError) as refused:
        robustness(*index(12), uncertainty, 10)
    assert message in str(refused.value)


def test_no_draws_are_refused() -> None:
    with pytest.raises(AuditError) as refused:
        robustness(*index(12), EVERYTHING, 0)
    assert "0 draws" in str(refused.value)


def test_gaps_that_leave_a_unit_without_a_score_are_refused() -> None:
    of, data, steps = index(12)
    data.values[0] = np.nan
    with pytest.raises(AuditError) as refused:
        robustness(of, data, steps, EVERYTHING, 10)
    assert "impute or screen first" in str(refused.value)
    assert dataset.table(data).startswith("uCode,e1.0")
