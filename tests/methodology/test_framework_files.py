"""The committed framework files: what they say, and that what is unknown is said."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from dti_platform.feeds.feed import OWN_INDEX
from dti_platform.methodology import FrameworkError, Frameworks

NAMES = {
    f"{version}-{level}"
    for version in ("1726", "922", "2323", "405")
    for level in ("provincial", "ministerial", "national")
}


def test_every_version_is_there_at_every_level_and_says_what_is_unknown(frameworks: Frameworks) -> None:
    assert {f.name for f in frameworks.all if f.overlay is None} >= NAMES
    for framework in frameworks.all:
        assert framework.unknown, framework.name
        assert len(framework.unknown_vi) == len(framework.unknown_en)


#: The decision of 2020 words the main indices of ministries in its own way.
OWN_WORDS = {"1726-ministerial"}


def test_a_concept_has_one_name_at_a_level_in_every_version(frameworks: Frameworks) -> None:
    """Of the DTI; what another index calls its parts is its own."""
    names: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for framework in (framework for framework in frameworks.all if framework.index == OWN_INDEX):
        for node in framework.nodes.values():
            if node.concept and not (framework.name in OWN_WORDS and node.kind == "main_index"):
                names.setdefault((framework.level, node.concept), set()).add((node.name_vi, node.name_en))
    assert {place: told for place, told in names.items() if len(told) > 1} == {}


def test_every_node_has_both_names_a_source_and_a_certainty(frameworks: Frameworks) -> None:
    for framework in frameworks.all:
        for node in framework.nodes.values():
            assert all((node.name_vi, node.name_en, node.source, node.certainty)), (framework.name, node.code)


@pytest.mark.parametrize(
    ("period", "geography", "name"),
    [
        ("2020", "VN63", "1726-provincial"),
        ("2021", "VN63", "922-provincial"),
        ("2022", "VN63", "922-provincial"),
        ("2022-S1", "VN63", "922-provincial"),
        ("2023", "VN63", "2323-provincial"),
        ("2024", "VN63", "405-provincial"),
        ("2024", "VN34", "405-provincial"),
        ("2020", "MIN22", "1726-ministerial"),
        ("2023", "MIN22", "2323-ministerial"),
        ("2024", "MIN25", "405-ministerial"),
        ("2022", "VN", "922-national"),
        ("2021/2024", "VN", "405-national"),
    ],
)
def test_which_framework_is_in_force(frameworks: Frameworks, period: str, geography: str, name: str) -> None:
    framework = frameworks.for_period(period, geography, "DTI")
    assert framework is not None
    assert framework.name == name


def test_nothing_is_in_force_where_nothing_was_decided(frameworks: Frameworks) -> None:
    assert frameworks.for_period(2019, "VN63", "DTI") is None
    assert frameworks.for_period(2022, "VN34", "DTI") is None


def test_an_unheard_of_framework_is_named(frameworks: Frameworks) -> None:
    with pytest.raises(FrameworkError, match=r"no framework 7-provincial; known: .*922-provincial"):
        frameworks.get("7", "provincial")


def test_922_is_eight_scored_main_indices_and_three_overlapping_pillars(frameworks: Frameworks) -> None:
    framework = frameworks.get("922", "provincial")
    maxima = {code: framework.nodes[code].max_points for code in "12345789"}
    assert maxima == dict(zip("12345789", map(Decimal, (100, 100, 100, 100, 100, 200, 150, 150)), strict=True))
    assert not framework.nodes["6"].scored
    assert {code: framework.nodes[code].max_points for code in ("PDTI", "CQS", "KTS", "XHS", "I", "II")} == {
        "PDTI": 1000, "CQS": 700, "KTS": 650, "XHS": 650, "I": 500, "II": 500,
    }  # fmt: skip
    assert [part.code for part in framework.parts("KTS")] == ["I", "8"]
    assert [part.code for part in framework.parts("PDTI")] == ["I", "II"]
    assert [node.code for node in framework.inputs] == list("12345789")


def test_1726_weighs_three_pillars(frameworks: Frameworks) -> None:
    framework = frameworks.get("1726", "provincial")
    assert {p.code: p.weight for p in framework.parts("PDTI")} == {
        "CQS": Decimal("0.4"), "KTS": Decimal("0.3"), "XHS": Decimal("0.3"),
    }  # fmt: skip
    assert [node.code for node in framework.inputs] == ["CQS", "KTS", "XHS"]


def test_what_is_not_known_makes_a_framework_not_computable(frameworks: Frameworks) -> None:
    computable = {f.name for f in frameworks.all if f.computable()}
    assert {"922-provincial", "922-provincial.illustrative", "1726-provincial"} <= computable
    assert not {"2323-provincial", "405-provincial", "405-ministerial", "2323-ministerial"} & computable


def test_the_illustrative_list_has_the_counts_and_maxima_of_922_and_says_what_it_is(frameworks: Frameworks) -> None:
    framework = frameworks.get("922", "provincial", overlay=True)
    leaves = framework.leaves()
    found = pl.DataFrame(
        {"main": [leaf.parent for leaf in leaves], "most": [float(leaf.max_points or 0) for leaf in leaves]}
    )
    counted = found.group_by("main").agg(pl.len(), pl.col("most").sum()).sort("main")
    assert counted["len"].to_list() == [10, 11, 7, 13, 12, 3, 22, 12, 8]
    assert counted["most"].to_list() == [100, 100, 100, 100, 100, 0, 200, 150, 150]
    assert len({leaf.name_vi for leaf in leaves}) == 98
    for leaf in leaves:
        assert (leaf.evidence, leaf.certainty) == ("illustrative", "invented")
        assert (leaf.note_vi, leaf.note_en) == (
            "Minh họa, không phải chỉ số thành phần chính thức",
            "Illustrative, not an official indicator",
        )
    assert "minh họa" in framework.title_vi
    assert "illustrative" in framework.title_en
    assert {leaf.rule.kind for leaf in leaves} == {"ratio", "steps", "category", "criteria", "points", "information"}


def test_a_workbook_lists_the_indicators_in_the_order_of_the_decision(frameworks: Frameworks) -> None:
    codes = [leaf.code for leaf in frameworks.get("922", "provincial", overlay=True).leaves()]
    assert codes[:3] == ["1.1", "1.2", "1.3"]
    assert codes[-1] == "9.8"
    assert codes.index("6.3") + 1 == codes.index("7.1")


def test_the_printed_metrics_find_their_node_by_concept(frameworks: Frameworks) -> None:
    concepts = ("overall", "digital_government", "digital_economy", "digital_society")
    for version in ("1726", "922", "2323", "405"):
        framework = frameworks.get(version, "provincial")
        found = [framework.by_metric(concept) for concept in concepts]
        assert [node.code for node in found if node] == ["PDTI", "CQS", "KTS", "XHS"], version
    assert frameworks.get("922", "provincial").by_metric("nonsense") is None


def test_an_overlay_changes_the_hash_and_leaves_the_base_alone(frameworks: Frameworks) -> None:
    base, overlaid = frameworks.get("922", "provincial"), frameworks.get("922", "provincial", overlay=True)
    assert base.sha256 != overlaid.sha256
    assert "1.1" not in base.nodes
    assert "u01" not in overlaid.nodes
    assert frameworks.overlaid(base) is overlaid
    assert frameworks.overlaid(frameworks.get("1726", "provincial")).overlay is None
