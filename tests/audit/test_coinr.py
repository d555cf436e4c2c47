"""The audit against a peer: every recorded output of COINr (R) for its own data set, each to the digit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from dti_platform.audit import coherence, dataset, influence, replay, sensitivity, spec, stages, tree
from dti_platform.audit.aggregate import aggregate, arithmetic, harmonic
from dti_platform.audit.dataset import Dataset, rows_of
from dti_platform.audit.normalise import normalise
from dti_platform.cli import main

ORACLE = Path(__file__).parents[3] / "shared" / "verification" / "coinr"
pytestmark = pytest.mark.skipif(not ORACLE.is_dir(), reason="COINr's recorded outputs do not lie beside the project")
SPEC = """
[denominate]
[impute]
method = "group_mean"
group = "EurAsia_group"
[screen]
threshold = 0.9
[treat]
winmax = 5
[normalise]
method = "minmax"
bounds = [0, 100]
[aggregate]
method = "arithmetic"
[replay.norm.n_minmax]
method = "minmax"
bounds = [1, 100]
[replay.norm.n_zscore]
method = "zscore"
mean = 10
sd = 2
"""


def rows(name: str) -> list[dict[str, str]]:
    return rows_of((ORACLE / f"{name}.csv").read_text(encoding="utf-8"))


def number(text: str) -> float:
    return math.nan if text in ("", "NA") else float(text)


def off(data: Dataset, name: str) -> list[tuple[str, str, float, float]]:
    """The cells that differ from the oracle's."""
    expected = {row["uCode"]: row for row in rows(name)}
    assert [*expected] == [*data.units]
    columns = [column for column in next(iter(expected.values())) if column != "uCode"]
    pairs = [
        (unit, column, float(data.column(column)[place]), number(expected[unit][column]))
        for place, unit in enumerate(data.units)
        for column in columns
    ]
    return [pair for pair in pairs if not is_close(*pair[2:])]


def is_close(ours: float, theirs: float) -> bool:
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-9)


@pytest.fixture(scope="module")
def asem() -> tuple[tree.Tree, Dataset, spec.Spec]:
    of = tree.read(rows("asem_iMeta"))
    return of, dataset.read(rows("asem_iData"), of), spec.read(SPEC)


@pytest.fixture(scope="module")
def scored(asem: tuple[tree.Tree, Dataset, spec.Spec]) -> stages.Scored:
    return stages.score(*asem)


def test_every_stage(asem: tuple[tree.Tree, Dataset, spec.Spec], scored: stages.Scored) -> None:
    assert off(asem[1], "exp_coin_Raw") == []
    for step, name in stages.NAMES.items():
        assert off(scored.stages[step], f"exp_coin_{name}") == []
    noise = ("GRC", "TolMin", 24.0, 26.0)  # 5.1000000000000005 beside two of 5.1: COINr parts the tie
    assert off(scored.ranks, "exp_coin_ranks") == [noise]
    weights = stages.effective_weights(asem[0], stages.weights(asem[0], asem[2]))
    assert all(is_close(weights[row["iCode"]], float(row["EffWeight"])) for row in rows("exp_coin_effweights"))


def test_what_was_treated(scored: stages.Scored) -> None:
    for done, row in zip(scored.treatments, rows("exp_treat_details"), strict=True):
        assert (done.code, done.before.passes) == (row["iCode"], row["check_SkewKurt0.Pass"] == "TRUE")
        assert is_close(done.before.skew, float(row["check_SkewKurt0.Skew"]))
        assert is_close(done.before.kurtosis, float(row["check_SkewKurt0.Kurt"]))
        assert str(done.points) == (row["winsorise.nwin"] or "0")
        assert done.logged is None


@pytest.mark.parametrize(
    ("name", "method", "parameters"),
    [
        ("exp_norm_minmax_1_100", "minmax", {"bounds": (1, 100)}),
        ("exp_norm_zscore_10_2", "zscore", {"mean": 10, "sd": 2}),
        ("exp_norm_goalposts_iMeta", "goalposts", {}),
    ],
)
def test_normalisation(scored: stages.Scored, name: str, method: str, parameters: Mapping[str, object]) -> None:
    treated = scored.stages["treat"]
    posts = {
        row["iCode"]: {post: float(row[f"goalpost_{post}"]) for post in ("lower", "upper", "scale")}
        for row in rows("in_norm_goalposts_targets")
    }
    columns = [
        normalise(
            treated.column(code),
            method,
            scored.tree.elements[code].direction,
            posts[code] if method == "goalposts" else parameters,
        )
        for code in treated.columns
    ]
    assert off(treated.with_values(np.column_stack(columns)), name) == []


def test_aggregation(asem: tuple[tree.Tree, Dataset, spec.Spec]) -> None:
    of, _, steps = asem
    weights = stages.weights(of, steps)

    def given(name: str) -> Dataset:
        beside = dict.fromkeys((*of.groups, *of.denominators), "")
        return dataset.read([{**beside, **row} for row in rows(name)], of)

    positive = given("exp_norm_minmax_1_100")
    assert off(aggregate(positive, of, [arithmetic] * 3, weights), "exp_agg_amean") == []
    assert off(aggregate(positive, of, [harmonic] * 3, weights), "exp_agg_hmean") == []
    gaps = given("in_missing_normalised")
    assert off(aggregate(gaps, of, [arithmetic] * 3, weights, 0.8), "exp_aggmiss_a_amean_thr_0.8") == []


def test_a_thousand_recorded_draws(asem: tuple[tree.Tree, Dataset, spec.Spec]) -> None:
    replayed = replay.replay(*asem, rows("exp_ua_asem_weights_N1000_params"), rows("exp_ua_asem_weightsets"))
    expected = rows("exp_ua_asem_weights_N1000_ranks")
    theirs = np.array([[float(row[f"r_{rep}"]) for rep in range(1, 1001)] for row in expected])
    assert replayed.units == tuple(row["uCode"] for row in expected)
    assert (replayed.ranks == theirs).all()
    assert same_statistics(replayed.statistics, rows("exp_ua_asem_weights_N1000_rankstats"))


def test_a_variance_based_design(asem: tuple[tree.Tree, Dataset, spec.Spec]) -> None:
    parameters = rows("exp_ua_asem_SA_N200_params")
    design = sensitivity.design_of(parameters)
    assert design is not None
    assert design == sensitivity.Design(200, ("winmax", "norm", "weight_set", "agg"))
    replayed = replay.replay(*asem, parameters, rows("exp_ua_asem_weightsets"))
    assert same_statistics(replayed.first(400).statistics, rows("exp_ua_asem_SA_N200_rankstats"))
    shifts = sensitivity.shift(replayed.ranks, replayed.nominal_ranks)
    for ours, row in zip(
        sensitivity.indices(shifts, design, centred=False), rows("exp_ua_asem_SA_N200_sobol"), strict=True
    ):
        assert is_close(ours.first, float(row["Si"]))
        assert is_close(ours.total, float(row["STi"]))


def same_statistics(
    ours: Sequence[tuple[str, float, float, float, float, float]], theirs: list[dict[str, str]]
) -> bool:
    columns = ("Nominal", "Mean", "Median", "Q5", "Q95")
    return all(
        mine[0] == row["uCode"] and all(map(is_close, mine[1:], (float(row[column]) for column in columns)))
        for mine, row in zip(ours, theirs, strict=True)
    )


def test_coherence(asem: tuple[tree.Tree, Dataset, spec.Spec], scored: stages.Scored) -> None:
    of, raw, _ = asem
    normalised = scored.stages["normalise"]
    expected = rows("exp_corr_ind_pearson")
    pairs = [(row["Var1"], row["Var2"]) for row in expected]
    found = coherence.correlations(normalised, "pearson", pairs)
    assert all(is_close(mine.coefficient, float(row["Correlation"])) for mine, row in zip(found, expected, strict=True))
    compared = 0
    for row in rows("exp_cronbach"):
        data = {"Raw": raw, "Normalised": normalised, "Aggregated": scored.scores}[row["dset"]]
        parts = of.leaves(row["group"]) if row["Level"] == "1" else of.parts(row["group"])
        values = np.column_stack([data.column(part) for part in parts])
        if np.isnan(values).any():  # there COINr takes variances of other units than covariances
            continue
        compared += 1
        assert is_close(coherence.cronbach(row["group"], values).value, float(row["alpha"])), row
    assert compared >= 15
    variances, loadings = rows("exp_pca_variance_pillars"), rows("exp_pca_loadings_pillars")
    for pillar in dict.fromkeys(row["group"] for row in variances):
        parts = of.parts(pillar)
        made = coherence.components(pillar, parts, np.column_stack([normalised.column(part) for part in parts]))
        for row in (row for row in variances if row["group"] == pillar):
            mine = made[int(row["PC"]) - 1]
            assert all(
                map(is_close, (mine.sd, mine.eigenvalue, mine.share, mine.cumulated), map(float, [*row.values()][2:]))
            )
        for row in (row for row in loadings if row["group"] == pillar):
            mine = made[int(row["PC"].removeprefix("PC")) - 1]
            assert is_close(abs(mine.loadings[row["iCode"]]), abs(float(row["loading"])))


def test_influence(asem: tuple[tree.Tree, Dataset, spec.Spec], scored: stages.Scored) -> None:
    expected = {row["element"]: float(row["MeanAbsDiff"]) for row in rows("exp_remove_L1_meanabs")}
    removed = influence.remove(asem[0], scored.stages["normalise"], asem[2], asem[0].indicators)
    assert {each.element: each.mean for each in removed} == pytest.approx(
        {k: v for k, v in expected.items() if k != "Nominal"}
    )


def test_the_command_line_writes_what_the_oracle_holds(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    given = [
        "--tree",
        f"{ORACLE}/asem_iMeta.csv",
        "--data",
        f"{ORACLE}/asem_iData.csv",
        "--spec",
        f"{tmp_path}/spec.toml",
    ]
    ran = CliRunner().invoke(main, ["audit", "score", *given, "--out", f"{tmp_path}/scored"])
    assert ran.exit_code == 0, ran.output
    for name in stages.NAMES.values():
        ours = rows_of((tmp_path / "scored" / f"{name}.csv").read_text(encoding="utf-8"))
        assert all(
            is_close(number(mine[column]), number(row[column]))
            for mine, row in zip(ours, rows(f"exp_coin_{name}"), strict=True)
            for column in row
            if column != "uCode"
        )
    drawn = [
        "--params",
        f"{ORACLE}/exp_ua_asem_SA_N200_params.csv",
        "--weightsets",
        f"{ORACLE}/exp_ua_asem_weightsets.csv",
    ]
    ran = CliRunner().invoke(main, ["audit", "replay", *given, *drawn, "--out", f"{tmp_path}/replayed"])
    assert ran.exit_code == 0, ran.output
    ours = rows_of((tmp_path / "replayed" / "rankstats.csv").read_text(encoding="utf-8"))
    theirs = rows("exp_ua_asem_SA_N200_rankstats")
    assert all(
        is_close(float(mine[c]), float(row[c])) for mine, row in zip(ours, theirs, strict=True) for c in [*row][1:]
    )
    alone = CliRunner().invoke(main, ["audit", "replay", *given, *drawn, "--rep", "17", "--out", f"{tmp_path}/alone"])
    assert alone.exit_code == 0, alone.output
    whole = rows_of((tmp_path / "replayed" / "ranks.csv").read_text(encoding="utf-8"))
    one = rows_of((tmp_path / "alone" / "ranks.csv").read_text(encoding="utf-8"))
    assert [row["r_17"] for row in one] == [row["r_17"] for row in whole]
