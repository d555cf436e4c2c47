"""63 become 34: a merged province's main indices are the unweighted mean of its former provinces'."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from random import Random

import pandera.errors
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dti_platform import tables
from dti_platform.methodology import Framework, Frameworks, merged, merging, rank_year, score, score_year, years
from dti_platform.units import Units
from tests.methodology.annex import COUNTS, frameworks_with
from tests.methodology.mutation import mutant
from tests.methodology.observed import observed, one, printed

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MAIN = tuple(COUNTS)
#: One of three, one of two, one of one.
THREE, TWO, ONE = "VN34-79", "VN34-48", "VN34-01"


@pytest.fixture(scope="module")
def with_annex(tmp_path_factory: pytest.TempPathFactory) -> Frameworks:
    return frameworks_with(tmp_path_factory.mktemp("annex"), "illustrative")


@pytest.fixture(scope="module")
def framework(with_annex: Frameworks) -> Framework:
    return with_annex.get("405", "provincial", overlay=True)


def figures(seed: int, units: Units, framework: Framework) -> dict[tuple[str, str], Fraction]:
    """Points with three decimals at every main index of every one of the 63."""
    random = Random(seed)
    return {
        (unit, code): Fraction(random.randint(0, int(framework.nodes[code].max_points or 0) * 1000), 1000)
        for unit in units.geographies["VN63"]
        for code in MAIN
    }


def rows_of(points: Mapping[tuple[str, str], Fraction], **same: str) -> pl.DataFrame:
    rows = [(unit, code, float(value)) for (unit, code), value in points.items()]
    each = observed(rows, framework="405", period="2024", **same)
    return each.with_columns(source=pl.concat_str(pl.lit("submission "), "unit"))


def merge(points: Mapping[tuple[str, str], Fraction], framework: Framework, units: Units) -> pl.DataFrame:
    return merged(score(rows_of(points), framework, units.geographies["VN63"]), framework, units)


def nearest(value: Fraction) -> float:
    whole, rest = divmod(value * 10**9, 1)
    return float(Fraction(whole + (rest >= Fraction(1, 2)), 10**9))


def proof(units: Units, framework: Framework, seed: int = 7) -> None:
    """Every main index is the mean of the old ones, rounded once; the total is the sum; sources name the old ones."""
    points = figures(seed, units, framework)
    found = merge(points, framework, units)
    assert tables.meets(tables.Scores, found)
    assert found["unit"].unique().sort().to_list() == sorted(units.geographies["VN34"])
    by_place = found.rows_by_key(["unit", "node"], named=True, unique=True)
    assert {*product(units.geographies["VN34"], (*MAIN, "PDTI"))} <= by_place.keys()
    for unit in units.geographies["VN34"]:
        olds = units.predecessors(unit)
        means = {code: sum(points[old, code] for old in olds) / len(olds) for code in MAIN}
        for code, mean in means.items():
            assert by_place[unit, code]["points"] == nearest(mean)
        total = by_place[unit, "PDTI"]
        assert total["points"] == pytest.approx(float(sum(means.values())), abs=1e-8)
        assert (total["missing"], total["obs_status"], total["geography"], total["basis"]) == (
            0,
            "A",
            "VN34",
            "verified",
        )
        assert total["source"].split(" ", 2 if len(olds) > 1 else 1)[-1] == " ".join(sorted(olds))
        assert total["evidence"] == "illustrative"


@given(st.integers(0, 10**6))
@quick
def test_a_merged_province_has_the_unweighted_mean_of_its_former_ones(
    known_units: Units, framework: Framework, seed: int
) -> None:
    proof(known_units, framework, seed)


@given(st.integers(0, 10**6))
@quick
def test_identities_of_merging(known_units: Units, framework: Framework, seed: int) -> None:
    points = figures(seed, known_units, framework)
    before = score(rows_of(points), framework, known_units.geographies["VN63"])
    found = merged(before, framework, known_units)
    alone = [unit for unit in known_units.geographies["VN34"] if len(known_units.predecessors(unit)) == 1]
    for unit in alone:
        old, new = (
            frame.filter(unit=name).sort("node").select("node", "points", "score")
            for frame, name in (
                (before.filter(pl.col("node").is_in(found["node"].unique())), unit_before(known_units, unit)),
                (found, unit),
            )
        )
        assert new.equals(old), "a province that was not merged keeps what it had"
    totals = dict(found.filter(node="PDTI").select("unit", "score").iter_rows())
    for unit in known_units.geographies["VN34"]:
        theirs = before.filter(pl.col("unit").is_in(known_units.predecessors(unit)), node="PDTI")["score"]
        ours = totals[unit]
        assert theirs.min() - 1e-6 <= ours <= theirs.max() + 1e-6, "a mean lies between"
    shuffled = before.sample(fraction=1, shuffle=True, seed=seed % 1000)
    assert merged(shuffled, framework, known_units).equals(found), "the order of rows changes nothing"


def unit_before(units: Units, unit: str) -> str:
    return units.predecessors(unit)[0]


@given(st.integers(0, 10**6), st.integers(1, 500))
@quick
def test_more_for_one_predecessor_is_a_share_more_for_the_whole(
    known_units: Units, framework: Framework, seed: int, more: int
) -> None:
    points = figures(seed, known_units, framework)
    old = known_units.predecessors(THREE)[0]
    points[old, "6"] = Fraction(min(points[old, "6"] * 1000, 200_000 - more) // 1, 1000)
    raised = {**points, (old, "6"): points[old, "6"] + Fraction(more, 1000)}
    low, high = (one(merge(each, framework, known_units), unit=THREE, node="6")["points"] for each in (points, raised))
    assert high - low == pytest.approx(more / 1000 / 3, abs=2e-9)


def test_a_predecessor_without_a_value_withholds_the_whole(known_units: Units, framework: Framework) -> None:
    points = figures(1, known_units, framework)
    del points[known_units.predecessors(TWO)[1], "3"]
    found = merge(points, framework, known_units)
    assert found.filter(unit=TWO, node="3")["points"].to_list() in ([], [None])
    total = one(found, unit=TWO, node="PDTI")
    assert (total["points"], total["obs_status"]) == (None, "O")
    assert total["missing"] > 0
    assert one(found, unit=THREE, node="PDTI")["points"] is not None


def test_printed_parts_of_two_sources_are_never_mixed(known_units: Units, frameworks: Frameworks) -> None:
    """Of framework 405 as decided no maximum is known: the mean score stands, and no total is made of it."""
    olds = known_units.predecessors(TWO)
    rows = printed([(olds[0], "1", 0.8), (olds[1], "1", 0.5)], framework="405", period="2024")
    other = printed([(olds[1], "1", 0.9)], framework="405", period="2024", source="https://b.example")
    base = frameworks.get("405", "provincial")
    scores = score(pl.concat([rows, other]), base, known_units.geographies["VN63"])
    found = merged(scores, base, known_units)
    assert found.rows(named=True) == [one(found, unit=TWO, node="1")]
    ours = one(found, unit=TWO, node="1")
    assert (ours["score"], ours["points"], ours["max_points"], ours["basis"]) == (0.65, None, None, "recomputed")
    assert ours["source"] == f"mean of {olds[0]} {olds[1]}: https://a.example"
    assert ours["evidence"] == "official"


def test_one_illustrative_part_makes_an_illustrative_mean(known_units: Units, frameworks: Frameworks) -> None:
    olds, base = known_units.predecessors(TWO), frameworks.get("405", "provincial")
    for evidence, found in (("illustrative", "illustrative"), ("official", "official")):
        rows = [
            printed([(olds[0], "1", 0.8)], framework="405", period="2024"),
            printed([(olds[1], "1", 0.5)], framework="405", period="2024", evidence=evidence),
        ]
        scores = score(pl.concat(rows), base, known_units.geographies["VN63"])
        assert one(merged(scores, base, known_units), unit=TWO)["evidence"] == found


def test_both_rankings_stand_side_by_side(known_units: Units, with_annex: Frameworks, framework: Framework) -> None:
    observations = rows_of(figures(3, known_units, framework))
    scores = score_year(2024, observations, known_units, with_annex)
    rankings = rank_year(2024, scores, observations, known_units, with_annex).filter(node="PDTI")
    assert tables.meets(tables.Rankings, rankings)
    for geography, size in (("VN63", 63), ("VN34", 34)):
        found = rankings.filter(geography=geography)
        assert found["rank"].min() == 1
        assert found.select("rank_status", "ranked", "peers").unique().rows() == [("complete", size, size)]


def test_a_merged_unit_that_sends_its_own_figures_is_not_given_a_mean(
    known_units: Units, with_annex: Frameworks, framework: Framework
) -> None:
    own = observed([(ONE, "1", 5)], framework="405", period="2024", geography="VN34", source=f"submission {ONE}")
    both = pl.concat([rows_of(figures(3, known_units, framework)), own])
    found = score_year(2024, both, known_units, with_annex).filter(geography="VN34")
    assert not found["source"].str.starts_with("mean of").any()


def test_a_framework_without_such_a_rule_merges_nothing(known_units: Units, frameworks: Frameworks) -> None:
    older = frameworks.get("922", "provincial")
    scores = score(observed([("VN63-48", "1", 50)]), older, known_units.geographies["VN63"])
    assert merged(scores, older, known_units).is_empty()


def test_ministries_of_2025_know_what_they_were_made_of(known_units: Units, framework: Framework) -> None:
    from dataclasses import replace

    assert framework.merging is not None
    rule = replace(framework.merging, before="MIN22", after="MIN25")
    family = merging.predecessors(known_units, rule)
    assert family.filter(successor="MIN25-BTC")["unit"].to_list() == list(known_units.predecessors("MIN25-BTC"))
    assert family["unit"].is_unique().all()
    assert set(family["successor"]) <= set(known_units.geographies["MIN25"])


MEAN_OF_POINTS = 'half_up(scaled(pl.col(name)).sum(), pl.col("size").first())'
FAMILY = "rows = [(unit, successor, len(merged_units)) for"
MUTANTS = [
    (MEAN_OF_POINTS, "scaled(pl.col(name)).sum()"),
    (MEAN_OF_POINTS, 'scaled(pl.col(name)).sum() // pl.col("size").first()'),
    (MEAN_OF_POINTS, "scaled(pl.col(name)).max()"),
    (FAMILY, "rows = [(unit, successor, 3) for"),
    ('basis=pl.when(submitted).then("basis").otherwise(pl.lit("recomputed"))', 'basis=pl.lit("recomputed")'),
    ('.str.join(" ")', '.str.join("")'),
    ('pl.col("unit").str.join(" ")', 'pl.col("unit").first()'),
    ('"period", "unit", "peer_group", "basis", "voice", "node")', '"period", "peer_group", "basis", "voice", "node")'),
    ("own=nodes", "own=()"),
]


@pytest.mark.parametrize(("old", "new"), MUTANTS)
def test_a_mean_changed_in_one_place_is_caught(
    known_units: Units, framework: Framework, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    changed = mutant("merging", old, new)
    monkeypatch.setitem(globals(), "merged", changed.merged)
    with pytest.raises((AssertionError, pl.exceptions.PolarsError, pandera.errors.SchemaError)):
        proof(known_units, framework)


def test_the_year_is_wired_to_merging(
    known_units: Units, with_annex: Frameworks, framework: Framework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(years, "merged", lambda scores, *_: scores.clear())
    with pytest.raises(AssertionError):
        test_both_rankings_stand_side_by_side(known_units, with_annex, framework)


def test_merging_is_declared_where_its_source_is(frameworks: Frameworks) -> None:
    rule = frameworks.get("405", "provincial").merging
    assert rule is not None
    assert (rule.rule, rule.kind, rule.before, rule.after) == ("unweighted_mean", "main_index", "VN63", "VN34")
    assert all(address.startswith("https://") for address in rule.source)


def test_printed_totals_are_merged_where_main_indices_were_not_printed(
    frameworks: Frameworks, known_units: Units
) -> None:
    """Beside a merged unit of which a part was printed, and that has no total of its own from it."""
    same = {"framework": "405", "period": "2024"}
    old = printed([("VN63-48", "PDTI", 0.8335), ("VN63-49", "PDTI", 0.5803), ("VN63-15", "PDTI", 0.5)], **same)
    new = printed([("VN34-19", "1", 1.0)], geography="VN34", **same)
    scores = score_year(2024, pl.concat([old, new]), known_units, frameworks)
    assert tables.meets(tables.Scores, scores)
    made = scores.filter(pl.col("geography") == "VN34", pl.col("basis") == "recomputed", pl.col("score").is_not_null())
    (row,) = made.to_dicts()
    assert (row["unit"], row["node"], row["score"], row["points"]) == (TWO, "PDTI", 0.7069, 706.9)
    assert row["source"] == "mean of VN63-48 VN63-49: https://a.example"
    assert (row["points_low"], row["points_high"]) == (706.85, 706.95)
    of_totals = merging.means_of_totals(scores, frameworks.get("405", "provincial"))
    assert of_totals.select("unit", "node", "basis").rows() == [(TWO, "PDTI", "recomputed")]


def test_a_total_of_means_is_no_mean_of_totals(frameworks: Frameworks, known_units: Units) -> None:
    same = {"framework": "405", "period": "2024"}
    parts = [(unit, str(n), 0.5) for unit in ("VN63-48", "VN63-49") for n in range(1, 9)]
    scores = score_year(2024, printed(parts, **same), known_units, frameworks)
    assert scores.filter(pl.col("geography") == "VN34").height
    assert merging.means_of_totals(scores, frameworks.get("405", "provincial")).is_empty()
