"""The ministerial level: two ranked groups, each with its own maximum; membership as published, else as assumed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import feeds, tables
from dti_platform.cli import main
from dti_platform.methodology import Framework, FrameworkError, Frameworks, rank_year, score_year
from dti_platform.publications import index_scores, ministry_ranking
from dti_platform.units import Units
from tests.methodology.observed import observed, one
from tests.methodology.small_index import SMALL, TREE

WITH, WITHOUT = "with_public_services", "without_public_services"
Year = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def framework(frameworks: Frameworks) -> Framework:
    return frameworks.get("922", "ministerial", overlay=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated") / "ministries"
    words = f"generate --framework 922 --level ministerial --period 2022 --geography MIN22 --out {out}"
    done = CliRunner().invoke(main, words.split())
    assert done.exit_code == 0, done.output
    assert "30 workbooks and 922-ministerial.csv" in done.output
    return out


@pytest.fixture(scope="module")
def year(folder: Path, known_units: Units, frameworks: Frameworks) -> Year:
    known, parsed = feeds.Known(known_units, frameworks), []
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        feed = "verification" if file.suffix == ".csv" else "self_assessment"
        parsed.append(feeds.read(feeds.Received(feed, "2022", file.name, sha256, content), known))
    assert {status for each in parsed for status in each.submissions["status"]} == {"accepted"}
    observations = pl.concat([each.observations for each in parsed])
    scores = score_year(2022, observations, known_units, frameworks)
    return {
        "observations": observations,
        "scores": scores,
        "rankings": rank_year(2022, scores, observations, known_units, frameworks),
    }


def test_the_made_up_list_has_the_counts_and_maxima_of_922(framework: Framework) -> None:
    assert [len(framework.leaves(code)) for code in "123456"] == [5, 11, 4, 5, 16, 29]
    assert [framework.nodes[code].max_points for code in "123456"] == [100, 100, 100, 100, 100, 500]
    assert len(framework.leaves()) == 70
    assert {leaf.evidence for leaf in framework.leaves()} == {"illustrative"}


def test_the_maximum_of_a_group_is_what_applies_to_it(framework: Framework) -> None:
    other = framework.of_group(WITHOUT)
    assert other is framework.of_group(WITHOUT)
    assert {code: other.nodes[code].max_points for code in ("MDTI", "I", "II", "6")} == {
        "MDTI": 780, "I": 500, "II": 280, "6": 280,
    }  # fmt: skip
    assert other.computable()
    assert len(other.inputs) == 70 - 11
    assert framework.of_group(WITH) is framework
    assert framework.of_group(None) is framework
    (exemption,) = framework.exemptions
    assert "Assumed" in exemption.note_en
    assert "Giả định" in exemption.note_vi


def test_a_group_is_public_before_it_is_assumed(
    framework: Framework, frameworks: Frameworks, known_units: Units
) -> None:
    assert {framework.group_of(unit, "2022", known_units) for unit in known_units.geographies["MIN22"]} == {
        WITH,
        WITHOUT,
    }
    assert framework.group_of("MIN22-BCA", "2022", known_units) == WITH
    assert known_units.group_of("MIN22-BCA", 2022) is None
    assert framework.group_of("MIN22-VTV", "2021", known_units) == WITHOUT, "public"
    assert framework.group_of("MIN22-BCA", "2021", known_units) is None, "neither public nor assumed"
    assert frameworks.get("922", "ministerial").group_of("MIN22-BCA", "2022", known_units) is None, "not official"


def test_a_whole_illustrative_ranking_of_both_groups(year: Year, known_units: Units, frameworks: Frameworks) -> None:
    assert tables.meets(tables.Scores, year["scores"])
    assert tables.meets(tables.Rankings, year["rankings"])
    table = ministry_ranking.build(
        2022, year, {name: each.clear() for name, each in year.items()}, known_units, frameworks
    )
    ministry_ranking.MODEL.validate(table)
    verified = table.filter(basis="verified")
    assert verified.group_by("peer_group").len().sort("peer_group").rows() == [(WITH, 20), (WITHOUT, 10)]
    for (_, _), places in verified.group_by("peer_group", "period"):
        assert places["rank"].sort().to_list()[0] == 1
        assert places.select("rank_status", "evidence").unique().rows() == [("complete", "illustrative")]
        assert (places["peers"] == places.height).all()
    by_node = index_scores.build(2022, year, {}, known_units, frameworks)
    index_scores.MODEL.validate(by_node)
    assert by_node.filter(node="MDTI").group_by("peer_group").agg(pl.col("max_points").unique()).sort(
        "peer_group"
    ).rows() == [(WITH, [1000.0]), (WITHOUT, [780.0])]
    told = by_node.filter(node="MDTI", peer_group=WITHOUT)["rule_en"].unique().to_list()
    assert told == ["(I + II) / 1000; without public services: / 780 (assumed)"]


def test_what_does_not_apply_costs_no_points(framework: Framework, known_units: Units, frameworks: Frameworks) -> None:
    """Full marks in everything that applies are a score of 1 in both groups."""
    for unit, group in (("MIN22-BTC", WITH), ("MIN22-VAST", WITHOUT)):
        applied = framework.of_group(group)
        rows = [(unit, leaf.code, float(leaf.max_points or 0)) for leaf in applied.inputs]
        scores = score_year(2022, observed(rows, geography="MIN22", peer_group=group), known_units, frameworks)
        total = one(scores, unit=unit, node="MDTI")
        assert (total["score"], total["missing"]) == (1.0, 0)
        assert Decimal(str(total["max_points"])) == applied.root.max_points


def test_groups_are_ranked_apart(year: Year) -> None:
    totals = year["rankings"].filter(node="MDTI", basis="self")
    for _, group in totals.group_by("peer_group"):
        for score, rank in group.select("score", "rank").iter_rows():
            assert rank == int((group["score"] > score).sum()) + 1


def test_too_few_of_an_assumed_group_have_no_rank(
    known_units: Units, frameworks: Frameworks, framework: Framework
) -> None:
    rows = [("MIN22-VAST", leaf.code, 1.0) for leaf in framework.of_group(WITHOUT).inputs]
    observations = observed(rows, geography="MIN22", peer_group=WITHOUT)
    scores = score_year(2022, observations, known_units, frameworks)
    found = one(rank_year(2022, scores, observations, known_units, frameworks), unit="MIN22-VAST", node="MDTI")
    assert (found["rank"], found["rank_status"], found["ranked"], found["peers"]) == (None, "withheld", 1, 10)


OVERLAY = """
overlay = "illustrative"
version = "1"
level = "provincial"
evidence = "illustrative"
source = ["ours"]
nodes = []
{more}
[sources]
ours = "made up"
"""
GROUP = 'group = "few"\nunits = ["VN63-01"]\n'
FAULTS = {
    "a group without an indicator that there is": (
        '[[exemptions]]\ngroup = "few"\nwithout = ["A"]\nnote_vi = "x"\nnote_en = "x"\n',
        "exemptions of few: \\['A'\\] are no"),
    "an exemption that does not say why": (
        '[[exemptions]]\ngroup = "few"\nwithout = ["A1"]\n', "exemptions has the entries"),
    "a unit in two groups": (
        f'[[membership]]\nperiod = "2022"\n{GROUP}[[membership]]\nperiod = "2022"\n{GROUP.replace("few", "many")}',
        "membership puts VN63-01 in two groups in 2022"),
    "membership of no period": (f"[[membership]]\n{GROUP}", "membership has the entries \\['group', 'units'\\]"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_group_is_refused_by_name(fault: str, load_text: Callable[..., Frameworks]) -> None:
    more, message = FAULTS[fault]
    with pytest.raises(FrameworkError, match=f"1-provincial.illustrative.toml: {message}"):
        load_text(SMALL + TREE, **{"1-provincial.illustrative": OVERLAY.format(more=more)})


def test_an_assumption_never_contradicts_what_is_public(tmp_path: Path, known_units: Units) -> None:
    from dti_platform import methodology

    for file in methodology.loading.FOLDER.glob("922-ministerial*.toml"):
        text = file.read_text(encoding="utf-8").replace('"MIN22-VAST", ', "").replace('"MIN22-BTC"', '"MIN22-VAST"')
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkError, match=f"membership of MIN22-VAST in 2022: .* is publicly in {WITHOUT}"):
        methodology.load(tmp_path, known_units)


def test_a_maximum_of_a_group_follows_every_node_above(load_text: Callable[..., Frameworks]) -> None:
    text = OVERLAY.format(more='[[exemptions]]\ngroup = "few"\nwithout = ["A1", "B2"]\nnote_vi = "x"\nnote_en = "x"\n')
    found = load_text(SMALL + TREE, **{"1-provincial.illustrative": text}).get("1", "provincial", overlay=True)
    few = found.of_group("few")
    assert {code: few.nodes[code].max_points for code in ("T", "P", "A", "B")} == {"T": 50, "P": 20, "A": 20, "B": 30}
    assert [node.code for node in few.inputs] == ["A2", "B1"]
    assert {code: found.nodes[code].max_points for code in ("T", "P", "A", "B")} == {
        "T": 100,
        "P": 70,
        "A": 60,
        "B": 40,
    }
