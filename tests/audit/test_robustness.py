"""Where units may stand under draws: the fast way gives what draw by draw gives, and any draw can be made alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from dti_platform.audit import dataset, draws, sensitivity, spec, stages
from dti_platform.audit.aggregate import aggregate
from dti_platform.audit.dataset import Dataset
from dti_platform.audit.draws import EVERY, Uncertainty, made, recorded
from dti_platform.audit.ranks import ranks
from dti_platform.audit.replay import replay, varied
from dti_platform.audit.robustness import Drawing, Robustness, counted, robustness
from dti_platform.audit.tree import AuditError, Tree
from dti_platform.cli import main
from dti_platform.cli.robustness import intervals
from tests.audit.made_up import TEXT, index

EVERYTHING = Uncertainty(
    {1: 0.25, 2: 0.25}, {"norm": ["n_minmax", "n_rank"], "agg": ["a_amean", "a_gmean"], "winmax": ["0", "3"]}, seed=7
)


def one_by_one(of: Tree, data: Dataset, steps: spec.Spec, uncertainty: Uncertainty, number: int) -> np.ndarray:
    """The ranks of each draw by the chain itself, units x draws."""
    drawn = made(uncertainty, of, stages.weights(of, steps), 0, number)
    found: list[np.ndarray] = []
    for rep in range(number):
        choices = [(name, uncertainty.options[name][int(places[rep])]) for name, places in drawn.chosen.items()]
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--noise", "1.5=0.2"], "'1.5' is no level"),
        (["--noise", "1=0.2", "--noise", "1=0.3"], "1 is given twice"),
        (["--option", "norm=n_rank", "--option", "norm=n_zscore"], "norm is given twice"),
        (["--option", "norm"], "write NAME=VALUE"),
        (["--noise", "1=much"], "'much' is no number"),
        (["--seed", str(2**63)], "--seed"),
    ],
)
def test_an_option_that_says_nothing_or_two_things_is_refused(tmp_path: Path, options: list[str], message: str) -> None:
    refused = CliRunner().invoke(
        main, ["audit", "robustness", *files(tmp_path), *options, "--out", str(tmp_path / "o")]
    )
    assert (refused.exit_code, message in refused.output) == (2, True), refused.output


def test_values_of_an_option_may_have_spaces_and_a_weight_set_stands_once(tmp_path: Path) -> None:
    asked = ["--draws", "10", "--option", "norm=n_rank, n_zscore", "--out", str(tmp_path / "o")]
    assert CliRunner().invoke(main, ["audit", "robustness", *files(tmp_path), *asked]).exit_code == 0
    with pytest.raises(AuditError, match="a weight set stands twice: x"):
        replay(*index(5), [{"weight_set": "x"}], [{"weight_set": "x"}] * 2)
    assert draws.read("[options]\nwinmax = [0, 5]\n", "c.toml").options == {"winmax": ["0", "5"]}
    for text in ("noise = 0.25", "[noise]\nsome = 0.25"):
        with pytest.raises(AuditError, match=r"c\.toml: (noise is a section|nobody .*known: every, or a level of)"):
            draws.read(text, "c.toml")
    with pytest.raises(AuditError, match=r"c\.toml: seed is .*below 2\^63"):
        draws.read(f"seed = {2**63}", "c.toml")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"missing": ["keep"]},
            "known: withhold, zero, rescale, as_specified; else add [replay.missing.keep] with settings of [agg",
        ),
        ({"treat": ["none"]}, "nothing; else add [replay.treat.none] with settings of [treat], or without any"),
        ({"winmax": ["1.5"]}, 'known: any whole number; else add [replay.winmax."1.5"] with settings of [treat]'),
        ({"agg": ["best"]}, "draws with agg = best: [aggregate] has no method maximum; known"),
        ({"impute": ["gm"]}, "draws with impute = gm: a draw changes impute, which the specification doesn't take"),
        (
            {"norm": ["n_minmax"], "agg": ["a_gmean"]},
            "such as 1 to 100; n_minmax is method = minmax, bounds = [0, 100] unless [replay.norm.n_minmax] says",
        ),
        (
            {"norm": ["n_minmax"], "agg": ["a_hmean"]},
            "draws with norm = n_minmax, agg = a_hmean: e2.0: aggregate: a harmonic mean is not defined",
        ),
    ],
)
def test_an_error_of_draws_says_what_they_chose_and_a_fix_that_works(
    options: dict[str, list[str]], message: str
) -> None:
    of, data, _ = index(12)
    text = TEXT.replace("[replay.norm.n_minmax]", "[replay.norm.other]")
    declared = spec.read(f'{text}[replay.agg.best]\nmethod = "maximum"\n[replay.impute.gm]\nmethod = "mean"\n')
    parameters = [{name: values[0] for name, values in options.items()}]
    for refuse in (
        lambda: robustness(of, data, declared, Uncertainty({}, options), 10),
        lambda: replay(of, data, declared, parameters, []),
    ):
        with pytest.raises(AuditError) as refused:
            refuse()
        assert message in str(refused.value)


def test_an_empty_section_is_as_the_specification_has_it() -> None:
    of, data, _ = index(12, gaps=True)
    filled = f'[impute]\nmethod = "mean"\n{TEXT}'
    for name in ("missing", "norm", "agg", "impute", "treat"):
        steps = spec.read(f"{filled}[replay.{name}.keep]\n")
        kept = replay(of, data, steps, [{name: "keep"}], [])
        assert kept.scores[:, 0].tolist() == kept.nominal.tolist(), name
    declared = spec.read(f"{filled}[replay.missing.withhold]\nthreshold = 0.5\n")
    assert varied(declared, [("missing", "withhold")]).of("impute") == {"method": "mean"}, "as declared"


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


GAPS = """
[impute]
method = "none"
[treat]
[normalise]
method = "minmax"
bounds = [1, 100]
[aggregate]
method = "arithmetic"
[rank]
bounds = [1, 100]
"""
UNSTATED = Uncertainty(
    {EVERY: 0.2},
    {
        "agg": ["a_amean", "a_gmean"],
        "missing": ["withhold", "zero", "rescale"],
        "decimals": ["none", "1", "2"],
        "rounding": ["half_up", "half_even", "down"],
        "ties": ["competition", "last", "dense"],
    },
    seed=3,
)


def test_a_saved_draw_is_replayed_in_the_layout_of_recorded_draws() -> None:
    """Rules that nobody stated among the choices: each draw made again alone, step by step, has the same ranks."""
    of, data, _ = index(14, gaps=True)
    steps, number = spec.read(GAPS), 250
    drawing = Drawing(of, data, steps, UNSTATED)
    parameters, sets = (
        [dict(zip(columns, map(str, row), strict=True)) for row in zip(*columns.values(), strict=True)]
        for columns in recorded(UNSTATED, of, stages.weights(of, steps), number).values()
    )
    replayed = replay(of, data, steps, parameters, sets)
    assert replayed.units == drawing.units
    assert np.array_equal(replayed.ranks, drawing.places(drawing.made(0, number)), equal_nan=True)
    assert np.isnan(replayed.ranks).any(), "withhold"
    assert (np.sort(replayed.ranks, axis=0)[1:] == np.sort(replayed.ranks, axis=0)[:-1]).any(), "ties"


def test_neither_units_of_measure_nor_the_order_of_units_change_an_interval() -> None:
    of, data, steps = index(20)
    chance = np.random.default_rng(8)
    other = data.with_values(data.values * chance.uniform(0.1, 50, 9) + chance.uniform(-5, 5, 9))
    found, again = (robustness(of, each, steps, EVERYTHING, 400) for each in (data, other))
    assert found.counts.tolist() == again.counts.tolist()
    order = chance.permutation(20)
    turned = Dataset(tuple(f"u{n:02}" for n in range(20)), data.columns, data.values[order], {}, {})
    moved = robustness(of, turned, steps, EVERYTHING, 400)
    assert moved.counts.tolist() == found.counts[order].tolist()
    assert moved.above.tolist() == found.above[order][:, order].tolist()


def test_nested_means_are_one_mean_by_effective_weights() -> None:
    of, data, steps = index(20)
    given = stages.weights(of, steps)
    effective = stages.effective_weights(of, given)
    assert sum(effective[code] for code in of.indicators) == pytest.approx(1)
    normalised = stages.normal(of, data, steps)
    flat = sum(effective[code] * normalised.column(code) for code in of.indicators)
    nested = aggregate(normalised, of, stages.means(of, steps.of("aggregate")), given)
    assert np.asarray(flat).tolist() == pytest.approx(nested.column(of.index).tolist())
    still = Uncertainty({}, {}, seed=1)
    assert Drawing(of, data, steps, still).scores(made(still, of, given, 0, 1))[0].tolist() == pytest.approx(
        nested.column(of.index).tolist()
    )


def test_two_units_are_told_apart_where_one_is_above_in_more_than_19_of_20_draws() -> None:
    of, data, steps = index(20)
    found = robustness(of, data, steps, Uncertainty({1: 0.3, 2: 0.3}, {}), 2_000)
    listed = [*found.neighbours()]
    assert [found.nominal[one] for one, _, _ in listed] == sorted(found.nominal)[:-1]
    apart = {(one, next_): told for one, next_, told in listed}
    assert {*apart.values()} == {True, False}
    for (one, next_), told in apart.items():
        assert told == (max(found.above[one, next_], found.above[next_, one]) > 0.95 * 2_000)
    small = Uncertainty({1: 0.001}, {})
    assert all(told for *_, told in robustness(of, data, steps, small, 200).neighbours())


def files(folder: Path) -> list[str]:
    """The options that name an index in files: tree, data and specification."""
    of, data, _ = index(10)
    rows = [[each.code, each.level, each.parent, each.direction, each.weight] for each in of.elements.values()]
    kinds = ["Indicator" if row[1] == 1 else "Aggregate" for row in rows]
    columns = ["iCode", "Level", "Parent", "Direction", "Weight", "Type"]
    content = {
        "tree": dataset.to_csv(columns, [[*row, kind] for row, kind in zip(rows, kinds, strict=True)]),
        "data": dataset.table(data),
        "spec": TEXT,
    }
    for name, text in content.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [part for name in content for part in (f"--{name}", str(folder / name))]


def test_what_is_drawn_may_stand_in_a_file_and_a_saved_draw_is_replayed(tmp_path: Path) -> None:
    given = files(tmp_path)
    choices = tmp_path / "choices.toml"
    text = 'seed = 4\n[noise]\nevery = 0.25\n[options]\nnorm = ["n_minmax", "n_rank"]\nties = ["last", "dense"]\n'
    choices.write_text(text, encoding="utf-8")
    arguments = ["audit", "robustness", *given, "--choices", str(choices)]
    out, again = tmp_path / "out", tmp_path / "again"
    asked = ["--draws", "60", "--sample", "64", "--save-draws", "--out", str(out)]
    done = CliRunner().invoke(main, [*arguments, *asked])
    assert done.exit_code == 0, done.output
    drawn = ["--params", str(out / "params.csv"), "--weightsets", str(out / "weightsets.csv"), "--rep", "41"]
    done = CliRunner().invoke(main, ["audit", "replay", *given, *drawn, "--out", str(again)])
    assert done.exit_code == 0, done.output
    uncertain = draws.read(text, "choices.toml")
    drawing = Drawing(*index(10), uncertain)
    alone = drawing.places(drawing.made(41, 1))[:, 0]
    assert [float(row["r_41"]) for row in dataset.rows_of((again / "ranks.csv").read_text("utf-8"))] == alone.tolist()
    rows = dataset.rows_of((out / "sensitivity.csv").read_text("utf-8"))
    assert [row["Variable"] for row in rows] == ["norm", "ties", "weights"]
    for name, centred in (("Si", False), ("Si_centred", True)):
        made_so = sensitivity.indices(*sensitivity.outcomes(drawing, uncertain, 64), centred=centred)
        assert [float(row[name]) for row in rows] == [each.first for each in made_so]
        assert [float(row[f"{name}_q5"]) for row in rows] == [each.first_low for each in made_so]
    assert len(dataset.rows_of((out / "neighbours.csv").read_text("utf-8"))) == 9
    choices.write_text('[options]\ncolour = ["red"]', encoding="utf-8")
    refused = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "none")])
    assert refused.exit_code == 1
    assert f"{choices}: nobody knows options.colour; known: norm, agg" in refused.output
    refused = CliRunner().invoke(main, [*arguments, "--seed", "1", "--out", str(tmp_path / "none")])
    assert refused.exit_code == 2


def test_a_rule_of_what_is_missing_needs_no_imputation_and_other_steps_say_what_to_write(tmp_path: Path) -> None:
    of, data, steps = index(8, gaps=True)
    assert "impute" not in steps.steps
    assert Drawing(of, data, steps, Uncertainty({}, {"missing": ["withhold", "zero", "rescale"]})).units == data.units
    given = files(tmp_path)
    spec_file = tmp_path / "spec"
    spec_file.write_text(TEXT.replace("[treat]\n", "") + "[replay.impute.mean]\nmethod = 'mean'\n", encoding="utf-8")
    for option, needed in (("winmax=3,5", "[treat]"), ("impute=mean", '[impute] with a method, such as "none"')):
        arguments = ["audit", "robustness", *given, "--noise=1=0.1", "--option", option, f"--out={tmp_path}/out"]
        refused = CliRunner().invoke(main, arguments)
        assert f"which the specification doesn't take; add the section {needed}\n" in refused.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--noise=1=0.1", "--sample=1"], "Invalid value for --sample: 1; intervals need 64 or more"),
        (["--noise=9=0.1"], "Error: --draws, --noise, --option: weights are drawn at level 9"),
        (["--noise=1=0.1", "--draws=0"], "Error: --draws, --noise, --option: 0 draws: name 1 or more"),
    ],
)
def test_an_error_of_options_names_them(tmp_path: Path, options: list[str], message: str) -> None:
    refused = CliRunner().invoke(main, ["audit", "robustness", *files(tmp_path), *options, f"--out={tmp_path}/out"])
    assert message in refused.output
    assert not (tmp_path / "out").exists()


def test_what_is_told_of_a_unit_is_of_the_draws_in_which_it_has_a_rank() -> None:
    of, data, _ = index(14, gaps=True)
    steps, number = spec.read(GAPS), 2_000
    drawn = Drawing(of, data, steps, UNSTATED)
    found, places = counted(drawn, number), drawn.places(drawn.made(0, number))
    assert found.ranked.tolist() == [int((~np.isnan(row)).sum()) for row in places]
    assert {*found.ranked.tolist()} != {number}, "withhold"
    assert drawn.remarks == [], "that nothing fills what is withheld is a choice"
    for unit, row in enumerate(places):
        known = row[~np.isnan(row)]
        assert found.quantiles[unit].tolist() == pytest.approx(np.quantile(known, [0.05, 0.5, 0.95]).tolist())
        assert (found.mean[unit], found.top[unit]) == pytest.approx((known.mean(), (known <= 10).mean()))
        assert found.acceptability[unit].tolist() == pytest.approx([(known == rank).mean() for rank in range(1, 15)])
    header, *rows = [line.split(",") for line in dict(intervals(found))["intervals.csv"].splitlines()]
    assert [row[header.index("Ranked")] for row in rows] == [str(each) for each in found.ranked]
    both = [line.split(",")[-1] for line in dict(intervals(found))["neighbours.csv"].splitlines()]
    assert both == ["Both", *(str(found.both[one, two]) for one, two, _ in found.neighbours())]


def test_draws_that_rank_other_units_are_refused() -> None:
    of, data, _ = index(12)
    data.values[0, :3] = np.nan
    choices = Uncertainty({}, {"missing": ["withhold", "zero"]})
    text = f"[screen]\nthreshold = 0.9\n{GAPS.replace('none', 'mean')}"
    first = 'steps = ["screen", "impute", "treat", "normalise", "aggregate"]'
    assert len(Drawing(of, data, spec.read(f"{first}\n{text}"), choices).units) == 11
    with pytest.raises(AuditError, match="draws with missing = withhold screen out other units"):
        Drawing(of, data, spec.read(text), choices)


@pytest.mark.filterwarnings("error")
def test_a_replay_of_a_withheld_unit_says_so_and_has_no_statistics_of_it(tmp_path: Path) -> None:
    given, out = files(tmp_path), tmp_path / "out"
    data = dataset.rows_of((tmp_path / "data").read_text("utf-8"))
    data[0]["e1.0"] = ""
    (tmp_path / "data").write_text(dataset.to_csv([*data[0]], [[*row.values()] for row in data]), encoding="utf-8")
    (tmp_path / "spec").write_text(GAPS, encoding="utf-8")
    (tmp_path / "params").write_text("rep,missing\na,withhold\nb,zero\n", encoding="utf-8")
    (tmp_path / "sets").write_text("weight_set\nnone\n", encoding="utf-8")
    drawn = ["--params", str(tmp_path / "params"), "--weightsets", str(tmp_path / "sets")]
    done = CliRunner().invoke(main, ["audit", "replay", *given, *drawn, "--rep", "a", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "some give no rank to u00 (in 1)" in done.stderr
    first = dataset.rows_of((out / "rankstats.csv").read_text("utf-8"))[0]
    assert (first["Nominal"] != "", first["Mean"], first["Q95"]) == (True, "", "")


def test_replay_and_robustness_tell_the_remarks_of_score_and_those_of_draws(tmp_path: Path) -> None:
    given = files(tmp_path)
    data = dataset.rows_of((tmp_path / "data").read_text("utf-8"))
    rows = [[*[*row.values()][:-1], "9" if n == 7 else "1"] for n, row in enumerate(data)]
    (tmp_path / "data").write_text(dataset.to_csv([*data[0]], rows), encoding="utf-8")
    (tmp_path / "params").write_text("winmax\n3\n", encoding="utf-8")
    (tmp_path / "sets").write_text("weight_set\nnone\n", encoding="utf-8")
    replay = ["replay", "--params", str(tmp_path / "params"), "--weightsets", str(tmp_path / "sets")]
    drawn = ["robustness", "--draws", "20", "--option", "winmax=0,3"]
    for where, settings in (("", "[treat]"), ("in some draws, ", "[treat]\nwinmax = 0")):
        (tmp_path / "spec").write_text(TEXT.replace("[treat]", settings), encoding="utf-8")
        for n, (name, *options) in enumerate((replay, drawn)):
            out = tmp_path / f"{where}{n}"
            done = CliRunner().invoke(main, ["audit", name, *given, *options, "--out", str(out)])
            assert done.exit_code == 0, done.output
            told = f"{where}treat: one value is left for all units once outliers are drawn in: e1.8"
            assert any(line.startswith(told) for line in done.stderr.splitlines())


def test_what_is_missing_and_counts_zero_gets_no_points_whatever_the_direction_and_the_scale() -> None:
    of, data, _ = index(12)
    data.values[0, 0] = data.values[1, 1] = np.nan  # less is better of the first
    plain, steps = GAPS.replace("[rank]\nbounds = [1, 100]", ""), spec.read(GAPS)
    for scale in ("minmax", "zscore", "rank"):
        kept = spec.read(f"{plain}[replay.norm.here]\nmethod = '{scale}'")
        zero = stages.normal(of, data, varied(kept, [("missing", "zero"), ("norm", "here")]))
        rescaled = stages.normal(of, data, varied(kept, [("norm", "here"), ("missing", "rescale")]))
        known = ~np.isnan(rescaled.values)
        assert (zero.values[known] == rescaled.values[known]).all(), "the scale of the others does not move"
        assert zero.values[[0, 1], [0, 1]].tolist() == np.nanmin(rescaled.values[:, :2], axis=0).tolist()
    asked = varied(steps, [("missing", "zero")])
    assert stages.normal(of, data, asked).values[[0, 1], [0, 1]].tolist() == [1, 1]
    assert varied(steps, [("missing", "as_specified")]) == steps
    posts = spec.read(f"{plain}[replay.norm.p]\nmethod = 'goalposts'\nlower = -9\nupper = 1e3\nscale = 10")
    assert stages.normal(of, data, varied(posts, [("missing", "zero"), ("norm", "p")])).values[0, 0] == 0


def test_raw_zeros_of_an_indicator_of_which_less_is_better_are_told() -> None:
    of, data, _ = index(12)
    data.values[0, 0] = data.values[1, 1] = np.nan
    text = TEXT.replace("[treat]", '[impute]\nmethod = "zero"\n[treat]')
    (told,) = stages.score(of, data, spec.read(text)).remarks
    assert told.startswith("impute: 0 is filled in for e1.0, of which less is better; ")
    with pytest.raises(AuditError, match=r'\[normalise\] missing is .low.; it is "zero" \(no points\), or "none"'):
        spec.read(TEXT.replace('"minmax"\n', '"minmax"\nmissing = "low"\n', 1))


@pytest.mark.parametrize(
    "drawn", [[], ["--noise", "1=0"], ["--option", "norm=n_rank"], ["--option", "agg=a_amean,a_amean"]]
)
def test_draws_of_which_none_differs_are_refused(tmp_path: Path, drawn: list[str]) -> None:
    asked = ["audit", "robustness", *files(tmp_path), *drawn, "--out", str(tmp_path / "o")]
    refused = CliRunner().invoke(main, asked)
    assert (refused.exit_code, "nothing varies: name --noise, or --option" in refused.output) == (2, True)


def test_the_headline_says_of_what_and_how_wide_intervals_are(tmp_path: Path) -> None:
    drawn = ["--noise", "1=0.25", "--option", "agg=a_amean,a_gmean", "--option", "norm=n_rank", "--draws", "200"]
    out = tmp_path / "o"
    done = CliRunner().invoke(main, ["audit", "robustness", *files(tmp_path), *drawn, "--out", str(out)])
    first, second, *_ = done.output.splitlines()
    assert first.endswith(
        "of units shift by less than 3 places against the simulated median (200 draws of agg, weights)"
    )
    units = dataset.rows_of((out / "intervals.csv").read_text("utf-8"))
    widths = [float(row["Q95"]) - float(row["Q5"]) for row in units]
    wide = sum(width >= 5 for width in widths)
    assert second == f"90 % intervals are {np.median(widths):g} places wide (median), 5 or more for {wide} of 10 units"


def test_draws_that_withhold_a_unit_tell_that_the_list_is_shorter(tmp_path: Path) -> None:
    given, out = files(tmp_path), tmp_path / "out"
    data = dataset.rows_of((tmp_path / "data").read_text("utf-8"))
    data[0]["e1.0"] = ""
    (tmp_path / "data").write_text(dataset.to_csv([*data[0]], [[*row.values()] for row in data]), encoding="utf-8")
    (tmp_path / "spec").write_text(GAPS, encoding="utf-8")
    drawn = ["--option", "missing=withhold,as_specified", "--draws", "50", "--out", str(out)]
    done = CliRunner().invoke(main, ["audit", "robustness", *given, *drawn])
    assert done.stderr.splitlines()[-1].startswith(
        "some draws give no rank to u00 (Ranked in intervals.csv): there the list"
    )
