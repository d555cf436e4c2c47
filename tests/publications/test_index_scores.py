"""Scores and ranks by node, with their rules; what is illustrative is told apart row by row."""

import polars as pl

from dti_platform.methodology.description import rule
from tests.publications.flow import known, published, shared


def scores(year: int, unit: str, node: str, basis: str) -> dict[str, object]:
    found = published("index_scores", year).filter(
        pl.col("unit") == unit, pl.col("node") == node, pl.col("basis") == basis
    )
    return found.row(0, named=True)


def test_a_printed_pillar_stands_beside_ours() -> None:
    printed, ours = (scores(2022, "VN63-22", "CQS", basis) for basis in ("published", "recomputed"))
    assert (printed["score"], printed["rank"], printed["rank_status"]) == (0.7804, 4, "published")
    assert (ours["score"], ours["points"], ours["max_points"], ours["rank"]) == (0.780443, 546.31, 700.0, None)
    assert (ours["rule_en"], ours["parts"]) == ("(I + 7) / 700 (formula inferred)", "I 7")
    assert printed["evidence"] == ours["evidence"] == "official"


def test_the_98_indicators_of_2022_are_illustrative() -> None:
    verified = published("index_scores", 2022).filter(pl.col("basis") == "verified", pl.col("kind") == "indicator")
    assert verified["unit"].n_unique() == 63
    assert set(verified["evidence"]) == {"illustrative"}
    assert verified["node"].n_unique() == 95, "the three of smart city carry no points"
    assert "4.10" in set(verified["node"])


def test_what_was_published_goes_by_the_framework_as_decided_not_by_the_overlay() -> None:
    awareness = scores(2022, "VN63-48", "1", "published")
    assert awareness["parts"] is None
    assert awareness["rule_en"] == "points as given"
    assert len(str(scores(2022, "VN63-48", "1", "verified")["parts"]).split()) == 10


def test_a_score_and_a_rank_of_different_sources_name_both() -> None:
    row = scores(2021, "VN63-22", "PDTI", "derived")
    assert (row["score"], row["rank"]) == (0.4972, 7)
    assert str(row["source"]).startswith("https://vietnamnet.vn/")
    assert str(row["rank_source"]).startswith("https://tacnghiep.tuoitrethudo.vn/")


def test_a_printed_mean_has_a_row_and_no_rank() -> None:
    mean = scores(2020, "VN63", "PDTI", "published")
    assert (mean["score"], mean["rank"]) == (0.3026, None)


def test_how_a_figure_was_read_stands_beside_it() -> None:
    inferred, printed, ours = (
        scores(2021, "VN63-19", "PDTI", "published"),
        scores(2022, "VN63-48", "PDTI", "published"),
        scores(2022, "VN63-48", "PDTI", "recomputed"),
    )
    assert (inferred["certainty"], printed["certainty"], ours["certainty"]) == ("year_inferred", "verbatim", None)


def test_every_score_and_rank_that_leads_is_there() -> None:
    for year in (2020, 2021, 2022, 2023, 2024):
        found = published("index_scores", year)
        for basis in ("published", "recomputed", "self", "verified"):
            ours = found.filter(pl.col("basis") == basis, pl.col("score").is_not_null())
            key = ["unit", "peer_group", "node"]
            scored = shared(year)["scores"].filter(pl.col("basis") == basis, pl.col("score").is_not_null())
            assert ours.height == scored.select(key).n_unique()


def test_rules_are_told_in_words() -> None:
    _, frameworks = known()
    told = {
        node.code: rule(framework, node)
        for framework in frameworks.all
        for node in framework.nodes.values()
        if framework.name in ("922-provincial.illustrative", "1726-provincial", "405-provincial")
    }
    assert told["1.2"][1].startswith("steps, as shares of the maximum (>= 4: 1;")
    assert told["6.1"][1] == "information, not scored"
    decided = frameworks.get("1726", "provincial")
    assert rule(decided, decided.root)[1] == "0.4 x CQS + 0.3 x KTS + 0.3 x XHS"
    unknown = frameworks.get("405", "provincial")
    assert rule(unknown, unknown.nodes["CQS"])[1].endswith("a maximum that is not known")


def test_the_rule_of_a_merged_unit_says_of_what_its_figure_is_the_mean() -> None:
    total = scores(2024, "VN34-48", "PDTI", "recomputed")
    assert (total["score"], total["parts"], total["missing"]) == (0.7069, None, 0)
    assert total["rule_en"] == (
        "the unweighted mean of the published figures of the whole, not of its parts, of VN63-48, VN63-49"
    )
    part = scores(2024, "VN34-48", "1", "recomputed")
    assert (part["score"], part["rule_vi"]) == (None, "trung bình cộng của VN63-48, VN63-49")
    assert scores(2024, "VN34-48", "PDTI", "published")["parts"] == "1 2 3 4 5 6 7 8"
    assert str(scores(2024, "VN34-48", "CQS", "recomputed")["rule_en"]).startswith("(1 + 2 + 3")


def test_a_score_without_a_rank_tells_of_its_ranking_what_the_ranking_of_the_level_tells() -> None:
    row = scores(2021, "VN63-84", "PDTI", "derived")
    assert (row["rank"], row["ranked"], row["peers"], row["rank_status"]) == (None, 7, 63, "derived")
    shown = published("province_ranking", 2021).filter(unit="VN63-84", basis="derived").to_dicts()[0]
    assert all(row[name] == shown[name] for name in ("ranked", "peers", "rank_status", "score"))


def leading(unit: str, node: str) -> list[tuple[str, str]]:
    """The basis and evidence of what leads at a node in 2022."""
    found = published("index_scores", 2022).filter(pl.col("headline"), pl.col("unit") == unit, pl.col("node") == node)
    return found.select("basis", "evidence").rows()


def test_one_basis_leads_at_a_node_and_an_illustrative_one_only_where_nothing_else_is_known() -> None:
    assert leading("VN63-22", "CQS") == [("published", "official")]
    assert leading("VN63-48", "CQS") == [("recomputed", "official")]
    assert leading("VN63-19", "CQS") == [("verified", "illustrative")]


def test_a_derived_figure_never_leads_even_alone() -> None:
    """Of Bình Dương's place of 2021 nothing is known but what a quoter worked out."""
    derived = published("index_scores", 2021).filter(pl.col("basis") == "derived")
    assert derived.height > 0
    assert not derived["headline"].any()
