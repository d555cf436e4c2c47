"""The steps of an audit: what each promises, where COINr errs, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform.audit import coherence, dataset, influence, sensitivity, spec, stages, tree
from dti_platform.audit.aggregate import MEANS, generalised
from dti_platform.audit.dataset import Dataset, to_csv
from dti_platform.audit.normalise import METHODS, normalise
from dti_platform.audit.ranks import ranks
from dti_platform.audit.screen import screen
from dti_platform.audit.treat import Limits, treated, winsorise
from dti_platform.audit.tree import AuditError
from dti_platform.cli import main
from dti_platform.cli.audit import treatment

HEADER = ("iCode", "iName", "Level", "Parent", "Direction", "Weight", "Type", "Denominator", "Target")
SMALL: list[dict[str, str]] = [
    dict(zip(HEADER, row, strict=True))
    for row in (
        ("a", "A", "1", "P", "1", "2", "Indicator", "size", "9"),
        ("b", "B", "1", "P", "-1", "1", "Indicator", "", "0"),
        ("c", "C", "1", "Q", "1", "1", "Indicator", "", ""),
        ("P", "P", "2", "I", "1", "3", "Aggregate", "", ""),
        ("Q", "Q", "2", "I", "1", "1", "Aggregate", "", ""),
        ("I", "I", "3", "", "1", "1", "Aggregate", "", ""),
        ("g", "group", "", "", "", "", "Group", "", ""),
        ("size", "size", "", "", "", "", "Denominator", "", ""),
    )
]
DATA = [
    {"uCode": "u3", "g": "x", "size": "2", "a": "2", "b": "5", "c": "1"},
    {"uCode": "u1", "g": "x", "size": "1", "a": "4", "b": "", "c": "2"},
    {"uCode": "u2", "g": "y", "size": "4", "a": "12", "b": "1", "c": "4"},
]
PLAIN = '[normalise]\nmethod = "minmax"\n[aggregate]\nmethod = "arithmetic"\n'
SEEDS = st.integers(0, 2**32 - 1)
unhurried = settings(deadline=None)


def made(rows: list[dict[str, str]] = DATA, text: str = PLAIN) -> stages.Scored:
    of = tree.read(SMALL)
    return stages.score(of, dataset.read(rows, of), spec.read(text))


def test_a_small_index_by_hand() -> None:
    scored = made()
    assert scored.scores.units == ("u1", "u2", "u3")
    assert scored.scores.column("a").tolist() == [20.0, 100.0, 0.0]
    assert scored.scores.column("P").tolist() == pytest.approx([20.0, 100.0, 0.0])
    assert scored.scores.column("Q").tolist() == pytest.approx([100 / 3, 100.0, 0.0])
    assert scored.scores.column("I").tolist() == pytest.approx([20 * 0.75 + 100 / 12, 100.0, 0.0])
    assert scored.ranks.column("I").tolist() == [2.0, 1.0, 3.0]
    assert stages.effective_weights(scored.tree, stages.weights(scored.tree, spec.read(PLAIN))) == pytest.approx(
        {"I": 1, "P": 0.75, "Q": 0.25, "a": 0.5, "b": 0.25, "c": 0.25}
    )


def test_a_constant_indicator_has_no_share_of_the_index_and_its_siblings_have_it() -> None:
    scored = made([{**row, "a": "7", "b": row["b"] or "2"} for row in DATA])
    stated = stages.weights(scored.tree, spec.read(PLAIN))
    shares = stages.effective_weights(scored.tree, stages.counting(stated, scored.scores))
    assert shares == pytest.approx({"I": 1, "P": 0.75, "Q": 0.25, "a": 0, "b": 0.75, "c": 0.25})
    assert scored.scores.column("I").tolist() == pytest.approx(
        [0.75 * b + 0.25 * c for b, c in zip(*map(scored.scores.column, "bc"), strict=True)]
    )


def test_every_step_in_another_order() -> None:
    text = '[denominate]\n[impute]\nmethod="median"\n[screen]\nthreshold=1\n[treat]\n' + PLAIN
    first = made(text=text)
    other = made(text=f'steps=["screen","denominate","treat","impute","normalise","aggregate"]\n{text}')
    assert first.scores.units == ("u1", "u2", "u3")
    assert other.scores.units == ("u2", "u3")
    assert "too little is known of u1" in other.remarks[0]


def drawn(seed: int) -> tuple[np.random.Generator, np.ndarray]:
    """A generator, and scores of a few units and parts between 1 and 100, some of them equal."""
    generator = np.random.default_rng(seed)
    size = generator.integers(2, 12), generator.integers(2, 6)
    return generator, generator.integers(1, 100, size).astype(float)


@unhurried
@given(SEEDS, st.floats(0.5, 3), st.floats(-50, 50))
def test_a_scale_drawn_from_the_data_knows_no_unit_of_measure(seed: int, times: float, plus: float) -> None:
    for column in drawn(seed)[1].T:
        for method in ("minmax", "zscore", "rank", "borda", "percentile_rank", "distance_to_max"):
            one, other = normalise(column, method, 1, {}), normalise(column * times + plus, method, 1, {})
            assert np.allclose(one, other, atol=1e-9, equal_nan=True), method


@unhurried
@given(SEEDS)
def test_the_order_of_units_and_parts_does_not_matter(seed: int) -> None:
    generator, scores = drawn(seed)
    units, parts = generator.permutation(len(scores)), generator.permutation(scores.shape[1])
    weights = generator.uniform(0.1, 1, scores.shape[1])
    for mean in (MEANS["arithmetic"], MEANS["geometric"], MEANS["harmonic"]):
        whole = mean(scores, weights)
        assert np.allclose(mean(scores[units][:, parts], weights[parts]), whole[units])
        assert (ranks(mean(scores[:, parts], weights[parts])) == ranks(whole)).all()


@unhurried
@given(SEEDS)
def test_means_stand_in_their_order_and_within_their_parts(seed: int) -> None:
    scores = drawn(seed)[1]
    weights = np.ones(scores.shape[1])
    harmonic, geometric, arithmetic = (MEANS[name](scores, weights) for name in ("harmonic", "geometric", "arithmetic"))
    assert (harmonic <= geometric * (1 + 1e-9)).all()
    assert (geometric <= arithmetic * (1 + 1e-9)).all()
    assert (arithmetic <= scores.max(axis=1) * (1 + 1e-9)).all()
    for power, mean in ((1, arithmetic), (0, geometric), (-1, harmonic)):
        assert np.allclose(generalised(scores, weights, power), mean)


@pytest.mark.filterwarnings("error")
def test_a_generalised_mean_of_a_large_power_is_the_largest_or_the_least() -> None:
    scores, weights = np.array([[2.0, np.nan, 100.0], [1e-3, 1e-3, 1e-3], [np.nan] * 3]), np.ones(3)
    assert generalised(scores, weights, 5_000)[:2].tolist() == pytest.approx([100, 1e-3], rel=1e-3)
    assert generalised(scores, weights, -5_000)[:2].tolist() == pytest.approx([2, 1e-3], rel=1e-3)
    assert np.isnan(generalised(scores, weights, -5_000)[2])


def test_a_generalised_mean_shares_the_weight_of_a_gap() -> None:
    scores = np.array([[4.0, np.nan, 1.0]])
    assert generalised(scores, np.array([1.0, 5.0, 1.0]), 0.5)[0] == pytest.approx(((2 + 1) / 2) ** 2)


def test_an_indicator_that_is_the_same_for_all_counts_nowhere_and_is_told() -> None:
    rows = [{**row, "c": "7"} for row in DATA]
    scored = made(rows, f"[treat]\n{PLAIN}")
    assert np.isnan(scored.scores.column("c")).all()
    assert np.isnan(scored.scores.column("Q")).all()
    assert scored.scores.column("I").tolist() == scored.scores.column("P").tolist()
    assert scored.remarks == ["normalise: the same for all units, and counted nowhere: c"]


def test_an_indicator_that_treatment_makes_the_same_for_all_is_told() -> None:
    rows = [{**DATA[0], "uCode": f"u{n}", "a": str(n), "b": str(n), "c": "9" if n == 7 else "1"} for n in range(8)]
    told = made(rows, f"[treat]\n{PLAIN}").remarks
    assert told[0].startswith("treat: one value is left for all units once outliers are drawn in: c; name")
    (logged,) = made(rows, f"[treat]\nwinmax = 0\n{PLAIN}").remarks
    assert logged.startswith("treat: on a log scale these fail, too: c (")


def test_a_log_scale_that_makes_skewness_worse_is_told_and_tested_in_the_table() -> None:
    falling = [str(1000 - n if n < 12 else 0) for n in range(14)]  # two low outliers of 14
    rows = [{**DATA[0], "uCode": f"u{n:02}", "a": "1", "b": str(n), "c": text} for n, text in enumerate(falling)]
    scored = made(rows, f"[treat]\nwinmax = 1\n{PLAIN}")
    *_, done = scored.treatments
    assert done.logged is not None
    assert done.logged.skew < done.before.skew < -2
    told = f"c (skewness {done.before.skew:.2g}, then {done.logged.skew:.2g}); a higher winmax"
    assert told in scored.remarks[0]
    assert treatment(done)[-3:] == [False, done.logged.skew, done.logged.kurtosis]


def test_a_negative_denominator_is_refused_by_name() -> None:
    rows = [{**row, "size": "-1" if row["uCode"] == "u1" else row["size"]} for row in DATA]
    with pytest.raises(AuditError, match=r"denominate: size of u1 is negative; a can't be divided by it"):
        made(rows, f"[denominate]\n{PLAIN}")
    assert np.isnan(made([{**row, "size": "0"} for row in DATA], f"[denominate]\n{PLAIN}").scores.column("a")).all()


def test_what_leaves_values_or_indicators_out_is_told_with_its_reason() -> None:
    zero = [{**row, "size": "0"} for row in DATA]
    assert made(zero, f"[denominate]\n{PLAIN}").remarks == [
        "denominate: 3 values are missing now, for their denominators are 0 or missing",
        "normalise: without a value, and counted nowhere: a",
    ]
    reference = PLAIN.replace('"minmax"', '"distance_to_reference"\nreference = "u1"')
    assert made(text=reference).remarks == ["normalise: without a value of the reference unit, and counted nowhere: b"]
    assert made(text=reference.replace("u1", "u3")).remarks == [
        "normalise: nowhere between a reference or target and the lowest value, and counted nowhere: a, b, c",
        "aggregate: no unit has a score of I: none is ranked",
    ]
    with pytest.raises(AuditError, match="'u1'; of panel data hand in one year at a time"):
        made([*DATA, DATA[1]])


@pytest.mark.filterwarnings("error")
def test_influence_ranks_as_the_specification_does_and_has_nothing_where_nothing_is_ranked() -> None:
    of = tree.read(SMALL)
    rows = [{**row, "b": row["b"] or "3"} for row in DATA]
    text = f"{PLAIN}[rank]\ndecimals = 0\nbounds = [0, 61]\nties = 'last'\n"
    scored, steps = made(rows, text), spec.read(text)
    without = made([{**row, "c": "7"} for row in rows], text)
    moved = np.abs(without.ranks.column("I") - scored.ranks.column("I"))
    (found,) = influence.remove(of, scored.stages["normalise"], steps, ["Q"])
    assert (found.mean, found.largest) == (moved.mean(), moved.max())
    assert found.largest == 1, "rounded, it is level with another"
    still = made([{**row, "a": "7", "b": "7", "c": "7"} for row in DATA])
    (without,) = influence.remove(of, still.stages["normalise"], spec.read(PLAIN), ["Q"])
    assert math.isnan(without.mean)


def test_a_design_is_known_sample_by_sample_too() -> None:
    a, b = [{"x": f"a{n}", "y": f"c{n}"} for n in range(5)], [{"x": f"b{n}", "y": f"d{n}"} for n in range(5)]
    mixed = [[{**one, name: other[name]} for one, other in zip(a, b, strict=True)] for name in ("y", "x")]
    blocks = [row for block in (a, b, *mixed) for row in block]
    numbered = [{"rep": str(n), **row} for n, row in enumerate(blocks)]
    assert sensitivity.in_blocks(numbered) == numbered
    samples = [numbered[n::5] for n in range(5)]
    for order in ((0, 2, 3, 1), (0, 1, 2, 3)):
        written = [sample[place] for sample in samples for place in order]
        assert sensitivity.design_of(written) is None
        assert sensitivity.in_blocks(written) == numbered
    assert sensitivity.in_blocks([*numbered[1:], numbered[0]]) is None
    assert sensitivity.in_blocks([]) is None


def test_a_column_that_never_varies_has_its_block_in_a_design_and_explains_nothing() -> None:
    a, b = (
        [{"x": f"a{n}", "y": "same", "z": f"c{n}"} for n in range(5)],
        [{"x": f"b{n}", "y": "same", "z": f"d{n}"} for n in range(5)],
    )
    mixed = [[{**one, name: other[name]} for one, other in zip(a, b, strict=True)] for name in ("z", "y", "x")]
    blocks = [row for block in (a, b, *mixed) for row in block]
    design = sensitivity.design_of(blocks)
    assert design is not None
    assert design == sensitivity.Design(5, ("z", "y", "x"))
    outcome = np.random.default_rng(1).normal(size=(5, 5))
    outcome[3] = outcome[0]
    still = sensitivity.indices(outcome.ravel(), design)[1]
    assert (still.choice, still.first, still.total) == ("y", 0, 0)
    assert sensitivity.in_blocks([blocks[n + 5 * block] for n in range(5) for block in (0, 2, 3, 4, 1)]) == blocks
    assert sensitivity.design_of([*blocks[:20], *blocks[15:20]]) is None, "x varies, and has no block"
    assert sensitivity.design_of([a[0]] * 5) is None, "nothing varies"


def test_draws_that_are_no_design_say_why_and_an_error_stands_alone(tmp_path: Path) -> None:
    given = written(tmp_path)
    sets = tmp_path / "sets.csv"
    sets.write_text("weight_set,P\n1,1\n2,2\n", encoding="utf-8")

    def ran(params: str) -> Result:
        (tmp_path / "params.csv").write_text(params, encoding="utf-8")
        drawn = [f"--params={tmp_path}/params.csv", f"--weightsets={sets}", f"--out={tmp_path}/{len(params)}"]
        return CliRunner().invoke(main, ["audit", "replay", *given, *drawn])

    told = ran("weight_set,norm\n1,n_minmax\n2,n_minmax\n1,n_zscore\n").stderr
    assert "which has N x 4 rows of 2 columns, not 3 (see --help): no sensitivity.csv" in told
    told = ran("weight_set,ties\n1,last\n2,dense\n1,last\n2,dense\n").stderr
    assert "no block of rows is A with one column of B (see --help): no sensitivity.csv" in told
    assert "the weight sets have no column for a, b, c, Q: their weights are those of the specification" in told
    refused = ran("weight_set,ties\n1,last\n2,never\n")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1), refused.stderr


def test_a_unit_of_which_nothing_is_known_is_named_where_all_is_filled_in() -> None:
    rows = [*DATA, {"uCode": "u4", "g": "x", "size": "1", "a": "", "b": "NA", "c": ""}]
    filled = f"[impute]\nmethod = 'mean'\n{PLAIN}"
    assert made(rows, filled).remarks == ["impute: nothing is known of u4: all their values are filled in"]
    assert made(DATA, filled).remarks == []


def test_float_noise_parts_no_tie() -> None:
    assert 0.1 + 0.2 != 0.3
    assert ranks(np.array([0.1 + 0.2, 0.3, 0.2, 0.9, np.nan])).tolist()[:4] == [2.0, 2.0, 4.0, 1.0]
    assert math.isnan(ranks(np.array([1.0, np.nan]))[1])


def test_float_noise_of_a_quotient_parts_no_tie_of_indicators() -> None:
    assert 0.3 / 3 != 0.1 / 1
    equal, other = np.array([0.3 / 3, 0.1 / 1, 0.7 / 7]), np.array([0.5, 0.05])
    values = np.concatenate([equal, other, [np.nan]])
    assert normalise(values, "rank", 1, {}).tolist()[:5] == [2, 2, 2, 5, 1]
    assert normalise(values, "borda", -1, {}).tolist()[:5] == [1, 1, 1, 0, 4]
    assert normalise(values, "percentile_rank", 1, {}).tolist()[:5] == [0.25, 0.25, 0.25, 1, 0]
    for method in ("minmax", "zscore", "distance_to_max", "fraction_of_max"):
        assert np.isnan(normalise(equal, method, 1, {})).all(), "what differs by noise alone is the same for all"
    assert np.isnan(normalise(np.append(equal, 0.9), "distance_to_reference", 1, {"reference": 0})).all()
    assert np.isnan(normalise(equal, "distance_to_target", 1, {"target": 0.1})).all()
    rows = [
        {**DATA[0], "uCode": f"u{n}", "size": size, "a": a, "b": str(n)}
        for n, (a, size) in enumerate([("0.3", "3"), ("0.1", "1"), ("0.7", "7"), ("0.5", "1")])
    ]
    assert made(rows, f"[denominate]\n{PLAIN}").ranks.column("a").tolist() == [2, 2, 2, 1]
    drawn = winsorise(np.array([0.3 / 3, 0.1, *[n / 1000 for n in range(12)]]), Limits(winmax=1))
    assert drawn[1] == 0, "two values tie at the top, one may be drawn in"


def test_winsorising_stops_at_its_limit_and_the_log_takes_the_original() -> None:
    column = np.array([1.0, 2, 3, 2, 1, 2, 3, 1, 2, 100, 200, 400])
    drawn_in, points = winsorise(column, Limits(winmax=5))
    assert (points, sorted(drawn_in)[-3:]) == (1, [100.0, 200.0, 200.0])
    logged, done = treated("x", column, Limits(winmax=0))
    assert (done.points, done.logged is None) == (0, False)
    assert logged.max() == pytest.approx(math.log(399 + 3.99))


def test_goalposts_target_and_reference_take_the_direction() -> None:
    column = np.array([0.0, 5, 10, 20])
    assert normalise(column, "goalposts", 1, {"lower": 0, "upper": 10}).tolist() == [0, 0.5, 1, 1]
    assert normalise(column, "goalposts", -1, {"lower": 0, "upper": 10}).tolist() == [1, 0.5, 0, 0]
    assert normalise(column, "distance_to_target", 1, {"target": 10, "cap": True}).tolist() == [0, 0.5, 1, 1]
    assert normalise(column, "distance_to_target", -1, {"target": 5}).tolist() == pytest.approx([4 / 3, 1, 2 / 3, 0])
    assert normalise(column, "distance_to_reference", 1, {"reference": 2}).tolist() == [0, 0.5, 1, 2]
    assert normalise(column, "fraction_of_max", 1, {}).tolist() == [0, 0.25, 0.5, 1]
    assert normalise(np.array([3.0, 1, 3, np.nan]), "rank", 1, {}).tolist()[:3] == [2, 1, 2]


def test_screening_counts_what_it_says() -> None:
    values = np.array([[0.0, 1, np.nan, 1], [1, 1, 1, 1], [0, 0, 1, 1]])
    data = Dataset(("u", "v", "w"), tuple("abcd"), values, {}, {})
    assert screen(data, 0.75).units == ("u", "v", "w")
    assert screen(data, 0.75, "zeros").units == ("v",)
    assert screen(data, 0.75, "missing_or_zeros").units == ("v",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("normalise = 'minmax'\n[aggregate]\nmethod='arithmetic'\n", "normalise is a section"),
        (PLAIN.replace('"minmax"', '"minmax"\nbounds = [0]'), "two numbers, the lower first"),
        (PLAIN.replace('"minmax"', '"zscore"\nsd = "a"'), "sd is 'a'; it is a number above 0"),
        (PLAIN + "threshold = 2\n", "a share from 0 to 1"),
        ("[treat]\nwinmax = 1.5\n" + PLAIN, "winmax is 1.5"),
        ("[weights]\na = 'x'\n" + PLAIN, "[weights] a is 'x'"),
        ("[weights]\nP = 0\nQ = 0\n" + PLAIN, "I: all its parts have the weight 0"),
        ("[weights]\na = 1e308\n" + PLAIN, "[weights]: a is 1e+308, which is out of bounds"),
        ("[replay.norm]\nq = 'x'\n" + PLAIN, "write [replay.norm.VALUE]"),
        ("[replay]\nnorm = 'x'\n" + PLAIN, "write [replay.norm.VALUE]"),
        (PLAIN.replace('"minmax"', '"goalposts"\nlower = 2\nupper = 1'), "a: goalposts: lower is 2 and upper 1"),
        (PLAIN.replace("minmax", "fraction_of_max"), "more is better"),
        (PLAIN.replace('"minmax"', '"distance_to_target"\ntarget = 0'), "worse than every value"),
        ("[normalize]\n" + PLAIN, "no section normalize"),
        (PLAIN.replace("minmax", "min-max"), "no method 'min-max'"),
        (PLAIN.replace('"minmax"', '"minmax"\nbound = [0, 1]'), "[normalise] has no setting bound"),
        (PLAIN.replace('"minmax"', '"goalposts"'), "goalposts needs lower, upper"),
        (PLAIN.replace("arithmetic", "mean"), "no method mean; known: arithmetic"),
        (PLAIN.replace("arithmetic", "a_amean"), "no method a_amean; a_amean of COINr is arithmetic in a specif"),
        (PLAIN.replace("minmax", "n_minmax"), "no method 'n_minmax'; n_minmax of COINr is minmax in a specification"),
        ("[impute]\nmethod='i_mean'\n" + PLAIN, "i_mean of COINr is mean in a specification; known: mean, median"),
        ("[impute]\nmethod='group_mean'\n" + PLAIN, "needs a group that the tree has a Group row for; known: g"),
        (PLAIN.replace('"arithmetic"', '["arithmetic"]'), "names 1 means; the tree has 2 levels"),
        (PLAIN.replace("arithmetic", "geometric"), "needs scores above 0"),
        ("[impute]\nmethod='group_mean'\ngroup='h'\n" + PLAIN, "needs a group"),
        ("[weights]\nz = 1\n" + PLAIN, "[weights] names z"),
        ("[weights]\nI = 1\n" + PLAIN, "[weights] weighs I, the index itself"),
        ("[impute]\nmethod = 'row'\n" + PLAIN, 'steps = ["normalise", "impute", "aggregate"]'),
        ('[normalise]\nmethod="minmax"\n', "no section [aggregate]"),
        ("steps = ['normalise']\n" + PLAIN, "name each once"),
    ],
)
def test_what_nobody_knows_is_refused(text: str, message: str) -> None:
    with pytest.raises(AuditError) as refused:
        made(text=text)
    assert message in str(refused.value)


def test_a_tree_that_is_none_is_refused() -> None:
    for change, message in (
        ({"Parent": "X"}, "Parent X is not in the tree"),
        ({"Level": "2"}, "has level"),
        ({"Direction": "2"}, "Direction is 2"),
        ({"iCode": "R", "Level": "2", "Parent": "I", "Direction": "-1", "Type": "Aggregate"}, "which has no effect"),
        ({"Weight": "-1"}, "Weight is -1"),
        ({"iCode": "b"}, "twice"),
        ({"Type": "Indikator"}, "has the Type Indikator"),
        ({"Weight": "inf"}, "Weight is 'inf', which is no number"),
        ({"Level": "1.5"}, "Level is 1.5"),
    ):
        with pytest.raises(AuditError) as refused:
            tree.read([{**SMALL[0], **change}, *SMALL[1:]])
        assert message in str(refused.value)


def test_every_method_is_documented_in_the_help() -> None:
    printed = CliRunner().invoke(main, ["audit", "score", "--help"]).output
    assert all(name in printed for name in (*METHODS, *MEANS, "group_median", "log_CT", "threshold"))


def written(folder: Path, rows: list[dict[str, str]] = DATA, text: str = PLAIN) -> list[str]:
    """The options that name an index in files."""
    content = {
        "tree.csv": to_csv(HEADER, [[*row.values()] for row in SMALL]),
        "data.csv": to_csv([*rows[0]], [[*row.values()] for row in rows]),
        "spec.toml": text,
    }
    for name, each in content.items():
        (folder / name).write_text(each, encoding="utf-8")
    return [f"--{name.partition('.')[0]}={folder}/{name}" for name in content]


def test_an_error_is_one_sentence(tmp_path: Path) -> None:
    files = written(tmp_path, [{**row, "a": "many"} for row in DATA])
    ran = CliRunner().invoke(main, ["audit", "score", *files, f"--out={tmp_path}/out"])
    told = f"Error: {tmp_path}/data.csv: unit u1: a is 'many', which is no number; what is missing is empty, or NA"
    assert (ran.exit_code, ran.output.strip()) == (1, told)
    (tmp_path / "tree.csv").write_text("", encoding="utf-8")
    ran = CliRunner().invoke(main, ["audit", "score", *files, f"--out={tmp_path}/out"])
    assert f"Error: {tmp_path}/tree.csv: the file is empty" in ran.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("uCode;a\nx;1\n", "save the file with commas"),
        ("uCode,a\nx\n", "row 2 ('x') has 1 fields, the header 2"),
        ("uCode,a,a\nx,1,2\n", "the column a stands twice"),
        ('uCode,a\n"x,1\n', "line 2"),
        ("uCode,a\nx,1\ny\0,1\n", "line 3 has the control character U+0000"),
        ("uCode,a,a \nx,1,2\n", "the column a stands twice"),
    ],
)
def test_a_file_that_is_no_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(AuditError) as refused:
        dataset.rows_of(text)
    assert message in str(refused.value)


def test_blanks_around_a_code_make_no_other_unit_and_nan_is_missing(tmp_path: Path) -> None:
    def ran(name: str, rows: list[dict[str, str]]) -> Result:
        return CliRunner().invoke(main, ["audit", "score", *written(tmp_path, rows), f"--out={tmp_path}/{name}"])

    twice = ran("twice", [*DATA, {**DATA[0], "uCode": f"{DATA[0]['uCode']} "}])
    assert "the data names a unit twice, or without a code: 'u3'" in twice.output
    gap = ran("gap", [{**row, "b": (row["b"] and f" {row['b']} ") or "nan", "g": "NA"} for row in DATA])
    assert gap.exit_code == 0, gap.output
    assert "aggregate: scored without some of the 3 indicators: u1 (2)\n" in gap.stderr
    alone = ran("alone", [DATA[0], {**DATA[1], "a": "", "c": ""}])
    assert "aggregate: no unit has a score of I: none is ranked" in alone.stderr


def test_an_error_of_a_step_names_the_files_and_leaves_no_folder(tmp_path: Path) -> None:
    files = written(tmp_path, [{**row, "size": "-1"} for row in DATA], f"[denominate]\n{PLAIN}")
    (tmp_path / "params.csv").write_text("rep,norm\n1,n_x\n", encoding="utf-8")
    (tmp_path / "sets.csv").write_text("weight_set,P\n1,1\n", encoding="utf-8")
    draws = [f"--params={tmp_path}/params.csv", f"--weightsets={tmp_path}/sets.csv"]
    named = f"Error: {tmp_path}/spec.toml with {tmp_path}/tree.csv, {tmp_path}/data.csv"
    for command, of_draws in (("score", []), ("replay", draws)):
        ran = CliRunner().invoke(main, ["audit", command, *files, *of_draws, f"--out={tmp_path}/new/out"])
        also = f", {tmp_path}/params.csv, {tmp_path}/sets.csv" if of_draws else ""
        assert ran.output == f"{named}{also}: denominate: size of u1, u2, u3 is negative; a can't be divided by it\n"
        assert not (tmp_path / "new").exists()
    for rep, message in (("", "must not be blank"), ("9", f"{tmp_path}/params.csv: there is no draw 9")):
        ran = CliRunner().invoke(main, ["audit", "replay", *files, *draws, f"--rep={rep}", f"--out={tmp_path}/out"])
        assert message in ran.output
    for level in ("0", "3", "9"):
        ran = CliRunner().invoke(main, ["audit", "influence", *files, f"--level={level}", f"--out={tmp_path}/out"])
        assert f"Invalid value for --level: {level}; below its index the tree has 1 to 2" in ran.output


@pytest.mark.parametrize(("file", "message"), [("tree", "for each element"), ("data", "for each unit")])
def test_a_header_alone_is_told(tmp_path: Path, file: str, message: str) -> None:
    files = written(tmp_path)
    path = tmp_path / f"{file}.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    ran = CliRunner().invoke(main, ["audit", "score", *files, f"--out={tmp_path}/out"])
    assert f"Error: {path}: the {file} has a header alone; it has a row {message}" in ran.output


def test_row_means_are_taken_of_normalised_values() -> None:
    text = f"steps = ['normalise', 'impute', 'aggregate']\n[impute]\nmethod = 'row'\n{PLAIN}"
    assert made(text=text).stages["impute"].column("b").tolist()[0] == pytest.approx((20 + 100 / 3) / 2)


def test_screening_after_imputation_says_that_it_has_no_effect() -> None:
    imputed = f"[impute]\nmethod='mean'\n[screen]\nthreshold=1\n{PLAIN}"
    assert made(text=imputed).remarks[0].startswith("screen: no unit can leave, for nothing is missing after impute; ")
    first = made(text=f"steps = ['screen', 'impute', 'normalise', 'aggregate']\n{imputed}")
    assert first.remarks == ["screen: too little is known of u1; they are not ranked"]
    assert made([DATA[0]]).remarks[-1] == "aggregate: no unit has a score of I: none is ranked"
    alone = PLAIN.replace('"minmax"', '"scaled"')
    assert made([DATA[0]], alone).remarks == ["aggregate: one unit alone has a score of I: its rank says nothing"]


def test_what_r_writes_is_read() -> None:
    """``write.csv`` writes NA for what is missing."""
    of = tree.read([{name: text or "NA" for name, text in row.items()} for row in SMALL])
    rows = [{name: text or "NA" for name, text in row.items()} for row in DATA]
    scored = stages.score(of, dataset.read(rows, of), spec.read(PLAIN))
    assert str(scored.scores.values.tolist()) == str(made().scores.values.tolist())


def test_a_constant_part_is_left_out_of_alpha() -> None:
    values = np.array([[1.0, 2.0, 7.0], [2.0, 1.5, 7.0], [3.0, 4.0, 7.0], [4.0, 3.0, 7.0]])
    assert coherence.cronbach("P", values) == coherence.cronbach("P", values[:, :2])
    assert 0 < coherence.cronbach("P", values).value < 1
    assert np.isnan(coherence.cronbach("P", values[:, 1:]).value)


def test_alpha_and_components_are_of_the_units_that_have_all_parts_and_of_three_or_more() -> None:
    gaps = [[50.0 + n % 2, np.nan] for n in range(28)]
    values = np.array([[0.0, 0.0], [100, 100], [52, 47], *gaps])
    alpha = coherence.cronbach("P", values)
    assert (alpha, alpha.units) == (coherence.cronbach("P", values[:3]), 3)
    assert 0.99 < alpha.value < 1
    assert len(coherence.components("P", "ab", values)) == 2
    few = np.delete(values, 2, axis=0)
    assert (math.isnan(coherence.cronbach("P", few).value), coherence.cronbach("P", few).units) == (True, 2)
    assert coherence.components("P", "ab", few) == []


def test_a_rank_correlation_of_few_units_has_an_exact_p() -> None:
    rising = np.arange(5.0)
    assert coherence.spearman(rising, rising) == (pytest.approx(1), pytest.approx(2 / 120))
    assert coherence.spearman(rising, np.array([0.0, 2, 1, 3, 4]))[1] == pytest.approx(10 / 120), "as R's cor.test"
    assert coherence.spearman(np.arange(10.0), -np.arange(10.0))[1] == pytest.approx(2 / math.factorial(10))
    noise = np.array([0.1 + 0.2, 0.3, 0.5, 0.7, 0.9])
    for method in (coherence.spearman, coherence.kendall):
        assert method(noise, rising) == method(np.array([1.0, 1, 2, 3, 4]), rising), "float noise parts no tie"


def test_a_constant_part_is_left_out_of_the_components() -> None:
    values = np.array([[1.0, 2, 7], [2, 1, 7], [4, 3, 7], [3, 4, 7]])
    (one, two) = coherence.components("P", "abc", values)
    assert ([*one.loadings], one.share + two.share) == (["a", "b"], pytest.approx(1))


def test_flags_tell_siblings_that_agree_and_parts_that_say_little_of_their_parent() -> None:
    values = {"a": [1.0, 2, 3, 4, 5], "b": [5.0, 4, 3, 2, 1], "P": [1.0, 2, 3, 4, 4.9], "c": [9.0, 8, 7, 9, 1]}
    values |= {"Q": values["c"], "I": [5.0, 1, 3, 2, 2.5]}

    def flags(**other: list[float]) -> dict[tuple[str, str], str]:
        columns = {**values, **other}
        scores = Dataset(tuple("vwxyz"), (*columns,), np.array([*columns.values()]).T, {}, {})
        of = tree.read(SMALL)
        found = coherence.correlations(scores, "pearson", [*coherence.within(of)])
        return {(each.one, each.other): coherence.flag(each, of, scores) for each in found}

    assert flags() == {
        ("a", "b"): "opposed", ("a", "P"): "redundant", ("b", "P"): "negative", ("c", "Q"): "",
        ("P", "Q"): "opposed", ("P", "I"): "negative", ("Q", "I"): "weak",
    }  # fmt: skip
    assert flags(b=[7.0] * 5)["a", "P"] == "", "it is the only one that varies"
    assert flags(b=values["a"])["a", "b"] == "redundant"
