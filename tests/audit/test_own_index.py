"""A ranking of ours as the audit takes it: the same scores as the flow's, whatever the shape of its framework."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from dti_platform import methodology
from dti_platform.audit import draws
from dti_platform.audit.own_index import CHOICES, HIGH, LOW, OwnIndex, own_index
from dti_platform.audit.robustness import Drawing, counted
from dti_platform.audit.tree import AuditError
from dti_platform.methodology import Framework, loading
from tests.stand_ins.papi import rows

RECIPES = Path(__file__).parents[1] / "recipes"
Points = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def papi() -> Framework:
    name = "papi11-provincial.toml"
    return loading.load_files(((name, (RECIPES / name).read_bytes()),)).get("papi11", "provincial")


def printed(framework: Framework, year: int) -> Points:
    """The drawn figures of a year, by node and province."""
    titles, _, *lines = rows(year)
    at = {code: titles.index(node.name_en) for code, node in framework.nodes.items()}
    named = [line for line in lines if line[0] != 999]
    return {code: {str(line[2]): float(line[place] or 0) for line in named if line[3]} for code, place in at.items()}


def units_of(points: Points) -> list[str]:
    return sorted({unit for of in points.values() for unit in of})


def nominal(index: OwnIndex) -> dict[str, float]:
    drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
    return dict(zip(drawing.units, drawing.nominal.tolist(), strict=True))


def by_total(total: dict[str, float], decimals: int) -> dict[str, int]:
    rounded = {unit: round(points, decimals) for unit, points in total.items()}
    return {unit: 1 + sum(other > mine for other in rounded.values()) for unit, mine in rounded.items()}


def test_maxima_that_are_not_known_change_no_rank_and_whoever_has_no_figure_is_left_out(papi: Framework) -> None:
    points = printed(papi, 2014)
    index = own_index(papi, [*units_of(points), "silent"], points)
    assert len(index.tree.indicators) == 22
    assert "silent" not in index.data.units
    assert nominal(index) == by_total(points["PAPI"], 6)


def test_scores_are_those_of_points_over_their_maximum() -> None:
    framework = methodology.load().get("922", "provincial")
    chance = np.random.default_rng(1)
    mains = [node for node in framework.inputs if node.max_points]
    points: Points = {
        node.code: {f"u{n:02}": round(float(node.max_points or 0) * float(share), 2) for n, share in enumerate(row)}
        for node, row in zip(mains, chance.random((len(mains), 40)), strict=True)
    }
    units = units_of(points)
    index = own_index(framework, units, points)
    drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
    alone = replace(index.uncertainty, noise={}, options={})
    scores = Drawing(index.tree, index.data, index.spec, alone).scores(
        draws.made(alone, index.tree, weights(index), 0, 1)
    )
    total = {unit: sum(of[unit] for of in points.values()) for unit in units}
    assert ((scores[0] - LOW) / (HIGH - LOW) * 1000).tolist() == pytest.approx([total[unit] for unit in units])
    assert drawing.nominal.tolist() == [*by_total({unit: each / 1000 for unit, each in total.items()}, 4).values()]


def weights(index: OwnIndex) -> dict[str, float]:
    return {code: each.weight for code, each in index.tree.elements.items()}


def test_pillars_weigh_what_the_framework_says() -> None:
    framework = methodology.load().get("1726", "provincial")
    points: Points = {"CQS": {"a": 400.0, "b": 0.0}, "KTS": {"a": 0.0, "b": 300.0}, "XHS": {"a": 0.0, "b": 150.0}}
    index = own_index(framework, ["a", "b"], points)
    assert nominal(index) == {"a": 2, "b": 1}, "0.4 against 0.3 + 0.15"
    own = weights(index)
    assert own["CQS"] / sum(own[code] for code in points) == pytest.approx(0.4)


@pytest.mark.parametrize(("rule", "rank"), [("withhold", math.nan), ("zero", 3), ("rescale", 1)])
def test_what_is_missing_counts_as_the_framework_declares_and_in_draws_by_every_rule(
    papi: Framework, rule: str, rank: float
) -> None:
    framework = replace(papi, settings=replace(papi.settings, missing=rule))
    best = {node.code: {"b": 1.5, "c": 1.0} for node in papi.inputs}
    points: Points = {code: {**of, "a": 2.0} for code, of in best.items()}
    gaps = [*points][: len(points) // 2 + 2]
    for code in gaps:
        del points[code]["a"]
    index = own_index(framework, ["a", "b", "c"], points)
    assert nominal(index)["a"] == pytest.approx(rank, nan_ok=True)
    found = counted(Drawing(index.tree, index.data, index.spec, index.uncertainty), 600)
    assert [*index.uncertainty.options["missing"]] == ["withhold", "zero", "rescale"]
    a, b, _ = found.ranked.tolist()
    assert b == 600
    assert 300 < a < 500, "a third of the draws withholds it"
    assert found.both[0, 1] == a
    assert 0.3 < found.shares[0, 1] < 0.7, "zero or rescale"


def test_what_cannot_be_audited_says_why(papi: Framework) -> None:
    points = printed(papi, 2011)
    with pytest.raises(AuditError, match="only totals are known"):
        own_index(papi, ["a"], {"PAPI": points["PAPI"]})
    nodes = {**papi.nodes, "PAPI": replace(papi.root, max_points=None)}
    with pytest.raises(AuditError, match="the maximum of the index is not known"):
        own_index(replace(papi, nodes=nodes), ["a"], points)
    twice = {**papi.nodes, "2": replace(papi.nodes["2"], members=("1.1", "2.1"), max_points=Decimal(10))}
    with pytest.raises(AuditError, match="a part counts in several of its pillars"):
        own_index(replace(papi, nodes=twice), units_of(points), points)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sede = 1", "choices.toml: nobody knows sede; known: seed, noise, options"),
        ('[options]\ncolour = ["red"]', "choices.toml: nobody knows options.colour; known: norm, agg, winmax"),
        ("[noise]\nall = 0.25", "choices.toml: nobody knows noise.all; known: every"),
        ('[noise]\nevery = "much"', "choices.toml: noise.every is 'much'; it is a share, such as 0.25"),
        ("[options]\nagg = 3", "choices.toml: options.agg is 3; it is a list, such as"),
        ("seed = -1", "choices.toml: seed is -1"),
        ("options = 3", "choices.toml: options is a section"),
        ("[options", "choices.toml: no TOML"),
    ],
)
def test_a_key_that_nobody_knows_is_named_with_its_file_and_the_known_ones(text: str, message: str) -> None:
    with pytest.raises(AuditError) as refused:
        draws.read(text, "choices.toml")
    assert message in str(refused.value)


def test_the_choices_of_the_platform_are_read() -> None:
    read = draws.read(CHOICES.read_text(encoding="utf-8"), CHOICES.name)
    assert read.noise == {draws.EVERY: 0.25}
    assert {"missing", "decimals", "rounding", "ties"} <= read.options.keys(), "rules that no decision states"
