"""The rankings that readers get: the published one leads, every peer is seen, only comparable ranks are compared."""

from typing import Any

import polars as pl

from dti_platform import codes, methodology, publications, tables
from dti_platform.publications.leading import LEADING_BASES
from tests.publications.flow import build, known, published, shared
from tests.publications.submitted import built, inputs, observations


def ranking(year: int, **values: Any) -> pl.DataFrame:
    return published("province_ranking", year).filter(*(pl.col(name) == value for name, value in values.items()))


def only(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1
    return frame.row(0, named=True)


def test_2022_leads_with_the_63_published_ranks_and_their_tie() -> None:
    lead = ranking(2022, headline=True)
    ranks = dict(lead.select("unit_name_vi", "rank").iter_rows())
    assert lead.height == 63
    assert set(lead["basis"]) == {"published"}
    assert set(lead["evidence"]) == {"official"}
    assert set(lead["rank_status"]) == {"published"}
    assert (ranks["Thanh Hóa"], ranks["Yên Bái"], ranks["Hậu Giang"]) == (15, 15, 17)
    assert sorted(ranks.values()) == [*range(1, 16), 15, *range(17, 64)]


def test_2022_recomputes_the_five_complete_provinces_and_withholds_their_ranks() -> None:
    ours = ranking(2022, basis="recomputed")
    scored = ours.drop_nulls("score")
    assert scored.height == 5
    assert ours["rank"].null_count() == ours.height == 63
    assert set(ours["rank_status"]) == {"withheld"}
    quang_ninh = only(scored.filter(pl.col("unit_name_vi") == "Quảng Ninh"))
    pillars = [quang_ninh[f"score_digital_{pillar}"] for pillar in ("government", "economy", "society")]
    assert [round(score, 4) for score in pillars] == [0.7804, 0.7187, 0.6864]


def test_2021_gives_thai_nguyen_its_score_rank_and_digital_economy() -> None:
    row = only(ranking(2021, unit="VN63-19", basis="published"))
    assert (row["score"], row["rank"], row["rank_digital_economy"]) == (0.496, 8, 5)
    assert row["score_source"] == row["source"] == "https://dti.gov.vn/ (stored copy of about August 2022)"
    assert row["source_class"] == "publisher"
    assert row["comparison"] == "other_framework_family"
    assert row["rank_change"] is None


def test_a_province_without_a_published_figure_is_seen_to_be_missing() -> None:
    lead = ranking(2021, headline=True)
    missing = lead.filter(pl.col("obs_status") == "L")
    assert lead.height == 63
    assert missing["rank"].null_count() == missing["score"].null_count() == missing.height > 0
    assert set(missing["comparison"]) == {"not_ranked"}
    assert missing["source"].null_count() == missing.height


def test_a_rank_that_its_quoter_worked_out_stands_beside_the_published_ranking_and_never_leads() -> None:
    """ "Up 8 places to 14th" makes nobody print a 22nd place: the published row has no rank."""
    told = {row["basis"]: row for row in ranking(2021, unit_name_vi="Bình Dương").to_dicts()}
    lead, beside = told["published"], told["derived"]
    assert (lead["headline"], lead["rank"], lead["source"]) == (True, None, None)
    assert (beside["headline"], beside["rank"], beside["rank_status"], beside["obs_status"]) == (
        False, 22, "derived", "E",
    )  # fmt: skip
    assert (beside["rank_in_region"], beside["rank_change"]) == (None, None)


def test_of_a_ministry_of_which_all_is_derived_nothing_leads() -> None:
    given = shared(2020)
    ranks = given["observations"]["basis"] == "published"
    worked_out = given["observations"].with_columns(
        basis=pl.when(ranks).then(pl.lit("derived")).otherwise("basis"),
        certainty=pl.when(ranks).then(pl.lit("computed")).otherwise("certainty"),
    )
    scores = methodology.score_year(2020, worked_out, *known())
    rankings = methodology.rank_year(2020, scores, worked_out, *known())
    now = {"observations": worked_out, "scores": scores, "rankings": rankings}
    table = build("ministry_ranking", 2020, now, shared(2019))
    assert set(table["basis"]) == {"derived"}
    assert not table["headline"].any()


def test_2024_keeps_both_geographies_apart() -> None:
    da_nang = published("province_ranking", 2024).filter(pl.col("unit_name_vi") == "Đà Nẵng", pl.col("rank") > 0)
    assert dict(da_nang.select("geography", "rank").iter_rows()) == {"VN63": 2, "VN34": 17}
    assert dict(da_nang.select("geography", "peers").iter_rows()) == {"VN63": 63, "VN34": 34}
    assert dict(da_nang.select("geography", "comparison").iter_rows()) == {
        "VN63": "other_framework_family",
        "VN34": "other_geography",
    }


def test_change_stands_only_between_comparable_rankings() -> None:
    thai_nguyen = only(ranking(2022, unit="VN63-19", headline=True))
    assert (thai_nguyen["previous_period"], thai_nguyen["previous_rank"], thai_nguyen["rank_change"]) == ("2021", 8, 0)
    assert set(ranking(2020, headline=True)["comparison"]) == {"no_earlier_ranking", "not_ranked"}
    family = ranking(2023, headline=True).filter(pl.col("rank_change").is_not_null())
    assert family.height > 0, "2323 and 922 are one family"


def test_a_rank_before_a_break_is_shown_with_what_parts_them_and_no_change() -> None:
    da_nang = only(ranking(2021, unit="VN63-48", basis="published"))
    shown = (da_nang["previous_period"], da_nang["previous_rank"], da_nang["rank_change"], da_nang["comparison"])
    assert shown == ("2020", 1, None, "other_framework_family")
    ours = only(ranking(2022, unit="VN63-19", basis="verified"))
    assert (ours["previous_period"], ours["previous_rank"], ours["rank_change"]) == ("2021", 8, None)
    assert ours["comparison"] == "other_basis"


def test_a_unit_that_took_one_over_whole_shows_what_that_one_had_and_a_merged_one_shows_nothing() -> None:
    new = published("province_ranking", 2024).filter(pl.col("geography") == "VN34", pl.col("rank") > 0)
    assert set(new["comparison"]) == {"other_geography"}
    alone = pl.col("predecessors").str.contains(" ").not_()
    assert new.filter(~alone)["previous_rank"].null_count() == new.filter(~alone).height > 0
    old = {row["unit"]: row["rank"] for row in ranking(2023, basis="published").iter_rows(named=True)}
    shown = {
        row["unit"]: (row["predecessors"], row["previous_rank"]) for row in new.filter(alone).iter_rows(named=True)
    }
    assert shown
    assert all(before == old.get(unit) for unit, before in shown.values())


def test_gained_places_are_positive() -> None:
    quang_ninh = only(ranking(2022, unit_name_vi="Quảng Ninh", headline=True))
    assert (quang_ninh["previous_rank"], quang_ninh["rank"], quang_ninh["rank_change"]) == (7, 3, 4)


def test_the_leading_source_is_the_publisher_s_own_site() -> None:
    assert set(ranking(2022, headline=True)["source"]) == {"https://dti.gov.vn/xep-hang-2022"}


def test_ministries_stand_in_their_group_only_where_a_figure_was_found() -> None:
    found = published("ministry_ranking", 2021)
    assert set(found["peer_group"]) == {"with_public_services", "without_public_services"}
    finance = only(found.filter(pl.col("unit_name_vi") == "Bộ Tài chính"))
    assert (finance["rank"], finance["score"], finance["peers"]) == (1, 0.6321, 17)
    assert found["obs_status"].unique().to_list() == ["A"]


def test_a_minister_s_change_is_within_its_group() -> None:
    planning = only(published("ministry_ranking", 2022).filter(pl.col("unit_name_vi") == "Bộ Kế hoạch và Đầu tư"))
    assert (planning["previous_rank"], planning["rank"], planning["rank_change"]) == (2, 1, 1)


def test_a_whole_illustrative_ranking_stands_beside_and_never_leads() -> None:
    found = built("province_ranking")
    ours = found.filter(pl.col("basis") == "verified")
    assert ours["rank"].to_list() == list(range(1, 64))
    assert set(ours["rank_status"]) == {"complete"}
    assert set(ours["evidence"]) == {"illustrative"}
    assert not ours["headline"].any()
    assert set(ours["comparison"]) == {"other_basis"}
    assert set(found.filter("headline")["evidence"]) == {"official"}


def test_an_official_rank_is_never_compared_with_an_illustrative_one() -> None:
    """Where the year before has no ranking but a made-up one, there is no earlier ranking."""
    made_up = {
        name: inputs()[name].filter(pl.col("basis") == "verified") for name in ("observations", "scores", "rankings")
    }
    rows = build("province_ranking", 2023, shared(2023), made_up).filter(basis="published")
    assert set(rows["evidence"]) == {"official"}
    assert set(rows["comparison"]) == {"no_earlier_ranking", "not_ranked"}
    assert rows["previous_rank"].null_count() == rows["previous_period"].null_count() == rows.height > 0


def test_an_official_self_assessment_leads_an_illustrative_verification() -> None:
    """Official figures of a unit led only where their basis led, though the other basis was made up."""
    official = observations(basis="self").with_columns(evidence=pl.lit("official"))
    frames = {"observations": pl.concat([official, observations()])}
    frames["scores"] = methodology.score_year(2022, frames["observations"], *known()).with_columns(
        evidence=pl.when(basis="self").then(pl.lit("official")).otherwise("evidence")
    )  # as with a decided list of indicators
    frames["rankings"] = methodology.rank_year(2022, frames["scores"], frames["observations"], *known())
    nothing = {name: tables.empty(tables.TABLES[name]) for name in ("observations", "scores", "rankings")}
    rows = publications.discover()["province_ranking"].build(2022, frames, nothing, *known())
    assert set(rows.filter("headline").select("basis", "evidence").rows()) == {("self", "official")}


def test_a_silent_province_is_ranked_nowhere_and_makes_the_ranking_provisional() -> None:
    ours = built("province_ranking", without=("VN63-01",)).filter(pl.col("basis") == "verified")
    silent = only(ours.filter(pl.col("unit") == "VN63-01"))
    assert set(ours["rank_status"]) == {"provisional"}
    assert set(ours["ranked"]) == {62}
    assert (silent["rank"], silent["score"], silent["obs_status"], silent["source"]) == (None, None, "O", None)


def test_where_nothing_was_published_the_best_founded_of_ours_leads() -> None:
    only_ours = inputs()["observations"].filter(pl.col("basis") == "verified")
    frames = {name: frame.filter(pl.col("basis") == "verified") for name, frame in inputs().items() if "basis" in frame}
    frames["observations"] = only_ours
    nothing = {name: tables.empty(tables.TABLES[name]) for name in ("observations", "scores", "rankings")}
    found = publications.discover()["province_ranking"].build(2022, frames, nothing, *known())
    assert found["headline"].all()
    assert set(found["evidence"]) == {"illustrative"}


def test_every_basis_of_an_index_has_its_place_in_the_order() -> None:
    assert set(LEADING_BASES) == set(codes.BASES) - {"reported"}


def test_input_order_does_not_change_a_table() -> None:
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in inputs().items()}
    before = {name: frame.reverse() for name, frame in shared(2021).items()}
    for name in publications.discover():
        assert build(name, 2022, shuffled, before).equals(built(name)), name


def test_a_year_without_input_is_an_empty_table() -> None:
    nothing = {name: publications.empty(name) for name in {**tables.TABLES, **publications.discover()}}
    for name, publication in publications.discover().items():
        found = publication.build(2019, nothing, nothing, *known())
        assert found.equals(publications.empty(name)), name


def test_places_within_the_region_and_among_the_cities_follow_from_the_63_ranks() -> None:
    lead = ranking(2022, headline=True)
    for (_,), region in lead.group_by("region"):
        for rank, place in region.select("rank", "rank_in_region").iter_rows():
            assert place == int((region["rank"] < rank).sum()) + 1
    cities = lead.filter(pl.col("rank_among_cities").is_not_null()).sort("rank")
    assert sorted(cities["unit"]) == ["VN63-01", "VN63-31", "VN63-48", "VN63-79", "VN63-92"], "Huế came later"
    assert cities["rank_among_cities"].to_list() == [1, 2, 3, 4, 5]
    assert cities["unit"][0] == "VN63-48"


def test_a_region_of_which_one_rank_is_not_known_has_no_places() -> None:
    lead = ranking(2021, headline=True)
    known = lead.group_by("region").agg(
        whole=pl.col("rank").is_not_null().all(), places=pl.col("rank_in_region").count()
    )
    assert (known["whole"] == (known["places"] > 0)).all()
    assert not known["whole"].all()


def test_a_merged_province_names_what_it_was_made_of() -> None:
    of_34 = ranking(2024, geography="VN34")
    assert set(of_34.filter(unit="VN34-48")["predecessors"]) == {"VN63-48 VN63-49"}
    assert of_34["predecessors"].null_count() == 0
    assert " ".join(of_34.unique("unit")["predecessors"]).count("VN63-") == 63
    of_63 = ranking(2024, geography="VN63")
    assert of_63.height % 63 == 0
    assert set(of_63.filter(unit="VN63-48")["rank"].drop_nulls()) == {2}
    assert set(of_34.filter(unit="VN34-48")["rank"].drop_nulls()) == {17}
