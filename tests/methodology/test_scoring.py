"""What a unit is worth: printed scores carried, recomputed from one source's parts, added up from submissions."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from dti_platform import tables
from dti_platform.methodology import NO_SOURCE, Framework, Frameworks, ObservationError, score, score_year
from dti_platform.units import Units
from tests.methodology.observed import observed, one, printed
from tests.methodology.small_index import SMALL, TREE, node

Small = Callable[..., Framework]
#: Main indices 1 to 5, 7, 8, 9 and the total, as printed for 2022 on the publisher's site.
FIVE_OF_2022 = {
    "VN63-48": ((1.0, 0.9, 0.8253, 0.8487, 0.7578, 0.8575, 0.7836, 0.5197), 0.8002),
    "VN63-79": ((0.8917, 0.9, 0.8258, 0.6267, 0.558, 0.8406, 0.7611, 0.359), 0.7163),
    "VN63-22": ((0.9581, 0.9, 0.7648, 0.625, 0.5382, 0.8385, 0.5904, 0.4505), 0.7024),
    "VN63-46": ((0.95, 0.9, 0.6823, 0.6794, 0.6423, 0.8262, 0.6787, 0.3001), 0.6975),
    "VN63-92": ((0.9, 0.8, 0.7233, 0.7376, 0.7226, 0.7325, 0.7556, 0.2947), 0.6924),
}
#: Pillars and total as printed for 2020, each row from one source.
TEN_OF_2020 = {
    "VN63-24": ((0.4455, 0.3019, 0.3092), 0.3615),
    "VN63-27": ((0.4449, 0.3668, 0.4052), 0.4096),
    "VN63-92": ((0.4544, 0.3087, 0.3174), 0.3696),
    "VN63-91": ((0.4030, 0.3051, 0.3678), 0.3631),
    "VN63-37": ((0.3915, 0.3161, 0.3770), 0.3645),
    "VN63-22": ((0.4513, 0.3019, 0.3955), 0.3897),
    "VN63-79": ((0.4446, 0.3136, 0.3764), 0.3848),
    "VN63-46": ((0.5220, 0.3040, 0.3655), 0.4097),
    "VN63-82": ((0.4168, 0.3065, 0.3915), 0.3761),
    "VN63-48": ((0.5346, 0.4155, 0.4964), 0.4874),
}


def parts_of_2022() -> list[tuple[str, str, float]]:
    return [
        (unit, code, value)
        for unit, (values, _) in FIVE_OF_2022.items()
        for code, value in zip("12345789", values, strict=True)
    ]


def test_the_five_complete_rows_of_2022_are_met(frameworks: Frameworks) -> None:
    framework = frameworks.get("922", "provincial")
    scores = score(printed(parts_of_2022()), framework, FIVE_OF_2022)
    for unit, (_, total) in FIVE_OF_2022.items():
        ours = one(scores, unit=unit, node="PDTI", basis="recomputed")
        assert abs(ours["score"] - total) <= 5.6e-5
        assert (ours["missing"], ours["obs_status"], ours["evidence"]) == (0, "A", "official")


def test_the_pillars_of_quang_ninh_2022_are_met_to_four_decimals(frameworks: Frameworks) -> None:
    scores = score(printed(parts_of_2022()), frameworks.get("922", "provincial"), FIVE_OF_2022)
    ours = [one(scores, unit="VN63-22", node=pillar, basis="recomputed")["score"] for pillar in ("CQS", "KTS", "XHS")]
    assert [round(value, 4) for value in ours] == [0.7804, 0.7187, 0.6864]


def test_the_identity_of_overlapping_pillars_holds_exactly(frameworks: Frameworks) -> None:
    scores = score(printed(parts_of_2022()), frameworks.get("922", "provincial"), FIVE_OF_2022)
    wide = scores.filter(pl.col("basis") == "recomputed").pivot("node", index="unit", values="points")
    exact = wide.select((pl.all().exclude("unit") * 10**6).round(0).cast(pl.Int64))
    assert (exact["PDTI"] == exact["CQS"] + exact["KTS"] + exact["XHS"] - 2 * exact["I"]).all()


def test_the_ten_rows_of_2020_are_met(frameworks: Frameworks) -> None:
    framework = frameworks.get("1726", "provincial")
    rows = [
        (unit, code, value)
        for unit, (values, _) in TEN_OF_2020.items()
        for code, value in zip(("CQS", "KTS", "XHS"), values, strict=True)
    ]
    scores = score(printed(rows, framework="1726", period="2020"), framework, TEN_OF_2020)
    for unit, (_, total) in TEN_OF_2020.items():
        assert abs(one(scores, unit=unit, node="PDTI", basis="recomputed")["score"] - total) <= 5.1e-5


def test_parts_of_two_sources_are_never_mixed(frameworks: Frameworks) -> None:
    framework = frameworks.get("1726", "provincial")
    two = pl.concat(
        [
            printed([("VN63-22", "CQS", 0.5), ("VN63-22", "KTS", 0.3)], source="https://a.example", framework="1726"),
            printed([("VN63-22", "XHS", 0.4)], source="https://b.example", framework="1726"),
        ]
    )
    scores = score(two, framework, ["VN63-22"])
    missing = {
        source: one(scores, node="PDTI", basis="recomputed", source=source)["missing"]
        for source in ("https://a.example", "https://b.example")
    }
    assert missing == {"https://a.example": 1, "https://b.example": 2}
    assert scores.filter(pl.col("node") == "PDTI")["score"].null_count() == 2


def test_a_figure_that_its_source_computed_is_no_ground_for_ours(frameworks: Frameworks) -> None:
    framework = frameworks.get("1726", "provincial")
    rows = printed([("VN63-22", pillar, 0.4) for pillar in ("CQS", "KTS", "XHS")], framework="1726", basis="derived")
    scores = score(rows, framework, ["VN63-22"])
    assert scores["basis"].unique().to_list() == ["derived"]


def test_a_printed_score_is_carried_as_it_was_printed(frameworks: Frameworks) -> None:
    scores = score(printed([("VN63-02", "PDTI", 0.4789912345)]), frameworks.get("922", "provincial"), ["VN63-02"])
    row = one(scores, basis="published")
    assert row["score"] == 0.4789912345
    assert row["points"] == pytest.approx(478.9912345)


def test_printed_points_give_the_score_and_the_parent(frameworks: Frameworks) -> None:
    framework = frameworks.get("922", "provincial")
    rows = pl.concat(
        [
            printed([("VN63-22", "I", 291.7)], measure="points"),
            printed([("VN63-22", "7", 0.773), ("VN63-22", "8", 0.213), ("VN63-22", "9", 0.127)]),
        ]
    )
    scores = score(rows, framework, ["VN63-22"])
    assert one(scores, node="I", basis="published")["score"] == 0.5834
    total = one(scores, node="PDTI", basis="recomputed")
    assert (total["points"], total["score"], total["missing"]) == (497.3, 0.4973, 0)
    assert "I" not in set(scores.filter(pl.col("basis") == "recomputed")["node"]), "carried, not recomputed"


def test_a_group_printed_beside_all_its_parts_is_recomputed_from_them(frameworks: Frameworks) -> None:
    rows = printed([("VN63-22", "I", 0.5), *((unit, code, value) for unit, code, value in parts_of_2022())])
    scores = score(rows, frameworks.get("922", "provincial"), FIVE_OF_2022)
    assert one(scores, unit="VN63-22", node="I", basis="recomputed")["score"] == 0.75722
    assert one(scores, unit="VN63-22", node="PDTI", basis="recomputed")["score"] == 0.702445


def test_score_and_points_of_one_source_are_one_row(frameworks: Frameworks) -> None:
    both = pl.concat([printed([("VN63-22", "I", 0.58)]), printed([("VN63-22", "I", 291.7)], measure="points")])
    for rows in (both, both.reverse()):
        row = one(score(rows, frameworks.get("922", "provincial"), ["VN63-22"]), node="I", basis="published")
        assert (row["points"], row["score"]) == (291.7, 0.58)


def test_of_two_feeds_with_one_source_the_first_counts(frameworks: Frameworks) -> None:
    two = pl.concat([printed([("VN63-22", "I", 0.5)], feed="b"), printed([("VN63-22", "I", 0.6)], feed="a")])
    assert (
        one(score(two, frameworks.get("922", "provincial"), ["VN63-22"]), node="I", basis="published")["score"] == 0.6
    )


def test_a_mean_of_the_geography_is_carried_and_never_recomputed(frameworks: Frameworks) -> None:
    framework = frameworks.get("1726", "provincial")
    rows = printed([("VN63", pillar, 0.4) for pillar in ("CQS", "KTS", "XHS")], framework="1726")
    assert score(rows, framework, ["VN63-22"])["basis"].unique().to_list() == ["published"]


@pytest.mark.parametrize(
    ("unit", "node", "message"),
    [
        ("VN63-22", "1.99", r"922-provincial.toml: node 1\.99 is not known \(unit VN63-22, node 1\.99, source sub"),
        ("VN34-22", "1", r"unit VN34-22 is not of VN63 \(unit VN34-22, node 1, source submission, framework 922-prov"),
    ],
)
def test_what_the_framework_does_not_know_is_an_error_that_names_it(
    frameworks: Frameworks, unit: str, node: str, message: str
) -> None:
    with pytest.raises(ObservationError, match=message):
        score(observed([(unit, node, 1.0)]), frameworks.get("922", "provincial"), ["VN63-22"])


def test_one_geography_at_a_time(frameworks: Frameworks) -> None:
    framework = frameworks.get("405", "provincial")
    both = pl.concat(
        [printed([(f"{each}-48", "1", 0.5)], geography=each, framework="405") for each in ("VN63", "VN34")]
    )
    with pytest.raises(ObservationError, match="one geography at a time"):
        score(both, framework, ["VN63-48", "VN34-48"])


FULL = [("VN63-01", "A1", 10.5), ("VN63-01", "A2", 20), ("VN63-01", "B1", 30), ("VN63-01", "B2", 0.25)]


def small_scores(framework: Framework, rows: list[tuple[str, str, float]], *units: str) -> pl.DataFrame:
    return score(observed(rows, framework="1"), framework, units or ("VN63-01",))


def test_points_add_up_the_tree_and_through_the_overlapping_pillar(small: Small) -> None:
    scores = small_scores(small(), FULL)
    points = dict(scores.select("node", "points").iter_rows())
    assert points == {"A": 30.5, "A1": 10.5, "A2": 20.0, "B": 30.25, "B1": 30.0, "B2": 0.25, "P": 30.75, "T": 60.75}
    assert one(scores, node="P")["score"] == 0.439286
    assert one(scores, node="T")["score"] == 0.6075


def test_the_frame_meets_the_contract_and_is_sorted_by_key(small: Small) -> None:
    scores = small_scores(small(), FULL, "VN63-01", "VN63-02")
    assert tables.meets(tables.Scores, scores)
    assert scores.equals(scores.sort(tables.key(tables.Scores)))


def test_a_missing_part_withholds_everything_above_it(small: Small) -> None:
    scores = small_scores(small(), FULL[1:])
    missing = {row["node"]: row["missing"] for row in scores.iter_rows(named=True) if row["score"] is None}
    assert missing == {"A1": 1, "A": 1, "P": 1, "T": 1}
    assert set(scores.filter(pl.col("score").is_null())["obs_status"]) == {"O"}
    assert one(scores, node="B")["obs_status"] == "A"


def test_zero_counts_a_missing_part_as_nothing_and_says_so(small: Small) -> None:
    scores = small_scores(small("zero"), FULL[1:])
    top = one(scores, node="T")
    assert (top["points"], top["missing"], top["obs_status"], top["missing_rule"]) == (50.25, 1, "E", "zero")
    assert one(scores, node="A1")["score"] is None
    assert one(small_scores(small("zero"), FULL[2:]), node="A")["points"] == 0


def test_rescale_stretches_what_is_known(small: Small) -> None:
    scores = small_scores(small("rescale"), [FULL[0], *FULL[2:]])
    assert one(scores, node="A")["points"] == 15.75  # 10.5 of 40, stretched to 60
    assert one(scores, node="T")["points"] == 46.0
    assert one(scores, node="T")["obs_status"] == "E"
    nothing = small_scores(small("rescale"), FULL[2:])
    assert one(nothing, node="A")["points"] is None
    assert one(nothing, node="T")["points"] == 75.625  # 30.25 of 40, stretched to 100


def test_zero_is_not_for_a_unit_that_said_nothing(small: Small) -> None:
    scores = small_scores(small("zero"), FULL, "VN63-01", "VN63-02")
    assert scores.filter(pl.col("unit") == "VN63-02")["points"].null_count() == 4


def test_weights_need_not_be_the_shares_of_the_maxima(load_text: Callable[..., Frameworks]) -> None:
    tree = (
        node("T", None, 'max_points = 100\nmethod = "weighted"', "index")
        + node("A", "T", "max_points = 60\nweight = 0.25")
        + node("B", "T", "max_points = 7\nweight = 0.75")
    )
    framework = load_text(SMALL + tree).all[0]
    scores = small_scores(framework, [("VN63-01", "A", 30), ("VN63-01", "B", 1)])
    top = one(scores, node="T")
    assert top["points"] == 23.214285714  # 100 x (0.25 x 30/60 + 0.75 x 1/7)
    assert top["score"] == 0.232143


def test_a_made_up_node_makes_official_parts_illustrative(load_text: Callable[..., Frameworks]) -> None:
    made_up = TREE.replace("max_points = 60", 'max_points = 60\nevidence = "illustrative"')
    scores = small_scores(load_text(SMALL + made_up).all[0], FULL)
    evidence = dict(scores.select("node", "evidence").iter_rows())
    assert {node for node, each in evidence.items() if each == "illustrative"} == {"A", "P", "T"}


def test_a_main_index_may_be_given_instead_of_its_indicators(small: Small) -> None:
    scores = small_scores(small(), [("VN63-01", "A", 33.3), ("VN63-01", "B1", 30), ("VN63-01", "B2", 1)])
    assert one(scores, node="T")["points"] == 64.3
    assert one(scores, node="T")["missing"] == 0
    assert one(scores, node="A1")["obs_status"] == "O"


def test_indicators_count_before_a_total_that_stands_beside_them(small: Small) -> None:
    assert one(small_scores(small(), [*FULL, ("VN63-01", "A", 59.0)]), node="A")["points"] == 30.5


def test_an_unscored_row_is_information_only(small: Small) -> None:
    with_information = small_scores(small(), [*FULL, ("VN63-01", "I", 7.0)])
    assert with_information.equals(small_scores(small(), FULL))


def test_a_silent_unit_has_a_row_without_a_score(small: Small) -> None:
    scores = small_scores(small(), FULL, "VN63-01", "VN63-02")
    silent = scores.filter(pl.col("unit") == "VN63-02")
    assert set(silent["node"]) == {"A", "B", "P", "T"}
    assert set(silent["source"]) == {NO_SOURCE}
    assert silent["score"].null_count() == silent.height
    assert one(silent, node="T")["missing"] == 4


def test_ministries_in_groups_have_no_silent_rows(small: Small) -> None:
    rows = observed(FULL, framework="1", peer_group="with_public_services")
    assert set(score(rows, small(), ["VN63-01", "VN63-02"])["unit"]) == {"VN63-01"}


def test_bases_are_kept_apart(small: Small) -> None:
    both = pl.concat([observed(FULL, framework="1", basis="self"), observed(FULL[:2], framework="1", basis="verified")])
    scores = score(both, small(), ["VN63-01"])
    assert one(scores, node="T", basis="self")["points"] == 60.75
    assert one(scores, node="T", basis="verified")["points"] is None


def test_one_made_up_part_makes_all_above_it_illustrative(small: Small) -> None:
    rows = pl.concat([observed(FULL[:2], framework="1"), observed(FULL[2:], framework="1", evidence="illustrative")])
    evidence = dict(score(rows, small(), ["VN63-01"]).select("node", "evidence").iter_rows())
    assert {node for node, each in evidence.items() if each == "illustrative"} == {"B1", "B2", "B", "P", "T"}


def test_a_made_up_list_makes_official_figures_illustrative(frameworks: Frameworks) -> None:
    overlaid = frameworks.get("922", "provincial", overlay=True)
    rows = observed([("VN63-01", leaf.code, float(leaf.max_points or 0)) for leaf in overlaid.leaves()])
    scores = score(rows, overlaid, ["VN63-01"])
    assert set(scores["evidence"]) == {"illustrative"}
    assert one(scores, node="PDTI")["score"] == 1.0
    assert scores.height == 95 + 8 + 2 + 3 + 1


def test_tenths_add_up_exactly(small: Small) -> None:
    scores = small_scores(
        small(), [*[(u, "B2", 0.0) for u in ("VN63-01", "VN63-02")], ("VN63-01", "B1", 0.1), ("VN63-01", "A1", 0.2),
        ("VN63-01", "A2", 0.0), ("VN63-02", "B1", 0.3), ("VN63-02", "A1", 0.0), ("VN63-02", "A2", 0.0)],
        "VN63-01", "VN63-02",
    )  # fmt: skip
    totals = scores.filter(pl.col("node") == "T")["points"]
    assert totals.to_list() == [0.3, 0.3]


def test_a_score_is_rounded_half_up(small: Small) -> None:
    rows = [("VN63-01", "B2", 0.000005), ("VN63-01", "B1", 0), ("VN63-01", "A1", 0.000045), ("VN63-01", "A2", 0)]
    scores = small_scores(small(), rows)
    assert one(scores, node="B2")["score"] == 0.000001  # 0.0000005 upwards
    assert one(scores, node="T")["score"] == 0.000001  # 0.0000005 upwards
    assert one(scores, node="B")["score"] == 0.0


def test_a_year_uses_the_base_for_printed_and_the_overlay_for_submitted(
    frameworks: Frameworks, known_units: Units
) -> None:
    overlaid = frameworks.get("922", "provincial", overlay=True)
    submitted = observed([("VN63-01", leaf.code, 1.0) for leaf in overlaid.leaves()], evidence="illustrative")
    scores = score_year(2022, pl.concat([printed(parts_of_2022()), submitted]), known_units, frameworks)
    assert set(scores.filter(pl.col("basis") != "verified")["evidence"]) == {"official"}
    assert one(scores, unit="VN63-48", node="PDTI", basis="recomputed")["missing"] == 0
    assert one(scores, unit="VN63-01", node="PDTI", basis="verified")["points"] == 95.0
    assert scores.filter(pl.col("node") == "PDTI", pl.col("basis") == "recomputed").height == 63


def test_a_year_without_a_framework_or_with_another_is_an_error(frameworks: Frameworks, known_units: Units) -> None:
    with pytest.raises(ObservationError, match="VN63 in 2022 name the framework 405; in force is 922-provincial"):
        score_year(2022, printed([("VN63-01", "1", 0.5)], framework="405"), known_units, frameworks)
    with pytest.raises(ObservationError, match="in force is none"):
        score_year(2019, printed([("VN63-01", "1", 0.5)], period="2019"), known_units, frameworks)


def test_operational_figures_are_not_scores(frameworks: Frameworks, known_units: Units) -> None:
    reported = observed([("VN63-19", "community_teams", 2255)], framework=None, basis="reported", measure="value")
    assert score_year(2022, reported, known_units, frameworks).is_empty()
    assert score_year(2022, tables.empty(tables.Observations), known_units, frameworks).is_empty()
