"""Printed figures beside ours: what agrees, what differs, what was made to agree, and what can't be said."""

from typing import Any

import polars as pl
import pytest

from dti_platform.publications.verdicts import REASONS, judge, why
from tests.publications.flow import published, shared
from tests.publications.submitted import built


def held(year: int, **values: Any) -> pl.DataFrame:
    return published("reconciliation", year).filter(*(pl.col(name) == value for name, value in values.items()))


def test_every_printed_figure_is_held_against_what_could_be_recomputed() -> None:
    for year in (2020, 2021, 2022, 2023, 2024):
        printed = shared(year)["observations"].filter(pl.col("basis") == "published")
        assert held(year, basis="recomputed").height == printed.height


def test_2020_ten_totals_are_recomputed_within_the_tolerance() -> None:
    totals = held(2020, metric="score_overall", verdict="agrees")
    assert totals["unit"].n_unique() == 10
    assert totals["difference"].abs().max() <= 5e-5
    assert set(totals["tolerance"]) == {1e-4}
    assert set(totals["evidence"]) == {"official"}


def test_2020_pillars_are_never_mixed_with_those_that_another_source_worked_out() -> None:
    total = held(2020, unit_name_vi="Quảng Ninh", metric="score_overall").to_dicts()
    assert [(row["ours"], row["verdict"], row["our_source"]) for row in total] == [
        (0.38974, "agrees", "https://huggingface.co/datasets/letrinhan/vn-dti-provincial")
    ]
    government = held(2020, unit_name_vi="Quảng Ninh", metric="score_digital_government")
    assert government["as_published"].to_list() == [0.4513]


def test_2020_ranks_are_withheld_and_say_so() -> None:
    ranks = held(2020, geography="VN63", metric="rank_overall")
    assert set(ranks["verdict"]) == {"not computable"}
    assert set(ranks["reason"]) <= {"ranks_withheld", "no_parts_printed"}
    assert "only 11 of 63" in ranks.filter(pl.col("reason") == "ranks_withheld")["why_en"][0]


def test_2022_five_totals_and_the_pillars_of_quang_ninh_prove_the_formula() -> None:
    agreed = held(2022, verdict="agrees")
    totals = agreed.filter(pl.col("metric") == "score_overall")
    assert set(totals["unit_name_vi"]) == {"Đà Nẵng", "TP. Hồ Chí Minh", "Quảng Ninh", "Thừa Thiên Huế", "Cần Thơ"}
    assert 5e-5 < totals["difference"].abs().max() <= 1e-4
    pillars = agreed.filter(pl.col("metric").str.starts_with("score_digital_"))
    assert dict(pillars.select("metric", "as_published").iter_rows()) == {
        "score_digital_government": 0.7804,
        "score_digital_economy": 0.7187,
        "score_digital_society": 0.6864,
    }


def test_a_figure_that_its_quoter_worked_out_is_held_against_nothing() -> None:
    for year in (2020, 2021, 2022, 2023, 2024):
        assert "computed" not in set(held(year)["certainty"])


def test_two_printed_means_stand_side_by_side() -> None:
    means = held(2022, unit="VN63", metric="score_overall", basis="recomputed")
    assert sorted(means["as_published"]) == [0.5763, 0.5791]
    assert set(means["reason"]) == {"units_without_score"}
    assert means["sources_differ"].all()


def test_our_mean_of_synthetic_submissions_agrees_only_by_construction() -> None:
    means = held(2022, unit="VN63", metric="score_overall", basis="verified")
    told = {row["as_published"]: (row["verdict"], row["reason"], row["evidence"]) for row in means.to_dicts()}
    assert told == {
        0.5791: ("by construction", "synthetic_submissions", "illustrative"),
        0.5763: ("differs", "sources_differ", "illustrative"),
    }


def test_nothing_that_rests_on_submissions_agrees() -> None:
    assert "agrees" not in set(held(2022, basis="verified")["verdict"])
    differing = held(2022, basis="verified", verdict="differs")
    assert differing.height == 1, "only the mean that another source prints"


def test_made_up_submissions_that_miss_what_was_published_differ() -> None:
    missed = built("reconciliation").filter(pl.col("basis") == "verified", pl.col("verdict") == "differs")
    assert set(missed["reason"]) <= {"synthetic_not_met", "sources_differ"}
    assert missed.height > 100


def test_a_silent_unit_can_t_be_compared() -> None:
    silent = built("reconciliation", without=("VN63-48",)).filter(
        pl.col("unit") == "VN63-48", pl.col("basis") == "verified"
    )
    assert set(silent["reason"]) == {"nothing_submitted"}
    whole = built("reconciliation", without=("VN63-48",)).filter(
        pl.col("unit") == "VN63", pl.col("basis") == "verified"
    )
    assert set(whole["why_en"]) == {"only 62 of 63 units have a computed score: no mean is computed"}


def test_2021_and_2024_say_why_nothing_can_be_recomputed() -> None:
    reasons = {"no_parts_printed", "parts_derived", "no_parts_known", "units_without_score"}
    assert set(held(2021, geography="VN63")["reason"]) <= reasons
    assert "maximum_unknown" in set(held(2024, geography="VN34")["reason"])
    assert set(held(2024, geography="VN63")["verdict"]) == {"not computable"}


def test_2024_the_merged_total_that_is_printed_is_the_mean_of_the_two_that_are() -> None:
    (row,) = held(2024, verdict="agrees").to_dicts()
    assert (row["unit"], row["metric"], row["as_published"], row["ours"]) == (
        "VN34-48",
        "score_overall",
        0.7069,
        0.7069,
    )
    assert row["our_source"].startswith("mean of VN63-48 VN63-49: https://")
    old = {
        each["unit"]: each["as_published"] for each in held(2024, geography="VN63", metric="score_overall").to_dicts()
    }
    assert (old["VN63-48"], old["VN63-49"]) == (0.8335, 0.5803)


def test_the_rank_of_a_merged_unit_whose_total_is_computed_is_withheld_for_its_peers_have_none() -> None:
    ranks = held(2024, geography="VN34", unit="VN34-48", metric="rank_overall")
    assert set(ranks["why_en"]) == {"only 1 of 34 units have a computed score, too few to rank"}
    assert set(held(2024, geography="VN34", unit="VN34-19", metric="rank_overall")["reason"]) == {"maximum_unknown"}


def test_parts_that_a_quoter_worked_out_are_told_apart_from_none_at_all() -> None:
    for year, unit in ((2021, "VN63-68"), (2022, "VN63-58"), (2022, "VN63-84")):
        (reason,) = set(held(year, unit=unit, metric="score_overall", basis="recomputed")["reason"])
        assert reason == "parts_derived"
    assert "no_parts_printed" in set(held(2021, geography="VN63")["reason"])


def test_of_a_ministry_group_nothing_is_known_but_what_was_printed() -> None:
    groups = held(2021, unit="MIN22")
    assert set(groups["reason"]) == {"members_unknown"}
    assert groups.filter(pl.col("metric") == "units_overall")["as_published"].to_list() == [17.0, 9.0]


ROW = {
    "measure": "score", "basis": "recomputed", "within": None, "illustrative": False,
    "other_agrees": False, "of": None, "peer_group": None, "rank_status": None, "missing": None, "computable": True,
    "has_parts": True, "parts_derived": False, "scored": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({"within": True}, "agrees", None),
        ({"within": True, "illustrative": True}, "by construction", "synthetic_submissions"),
        ({"within": False}, "differs", "beyond_tolerance"),
        ({"within": False, "illustrative": True}, "differs", "synthetic_not_met"),
        ({"within": False, "other_agrees": True}, "differs", "sources_differ"),
        ({}, "not computable", "no_parts_printed"),
        ({"parts_derived": True}, "not computable", "parts_derived"),
        ({"missing": 3}, "not computable", "parts_not_printed"),
        ({"has_parts": False}, "not computable", "no_parts_known"),
        ({"computable": False}, "not computable", "maximum_unknown"),
        ({"of": 63}, "not computable", "units_without_score"),
        ({"of": 17, "peer_group": "g"}, "not computable", "members_unknown"),
        ({"measure": "units"}, "not computable", "members_unknown"),
        ({"measure": "rank", "rank_status": "withheld"}, "not computable", "ranks_withheld"),
        ({"measure": "top", "rank_status": "withheld"}, "not computable", "ranks_withheld"),
        (
            {"measure": "rank", "rank_status": "withheld", "computable": False, "scored": True},
            "not computable",
            "ranks_withheld",
        ),
        (
            {"measure": "rank", "rank_status": "withheld", "computable": False, "scored": False},
            "not computable",
            "maximum_unknown",
        ),
        ({"basis": "verified"}, "not computable", "nothing_submitted"),
        ({"basis": "verified", "missing": 2}, "not computable", "parts_not_submitted"),
        ({"basis": "verified", "has_parts": False, "missing": 2}, "not computable", "parts_not_submitted"),
    ],
)
def test_verdicts(changes: dict[str, Any], verdict: str, reason: str | None) -> None:
    assert judge(ROW | changes) == (verdict, reason)


def test_every_reason_is_told_in_both_languages() -> None:
    row = {"ranked": 5, "peers": 63, "framework": "922", "missing": 3, "found": 5, "of": 63}
    for reason in REASONS:
        vi, en = why(reason, row)
        assert vi
        assert en
        assert "{" not in vi + en
    assert why(None, row) == (None, None)


def test_a_score_quoted_with_fewer_decimals_agrees_within_half_of_its_last() -> None:
    """0.496 and 0.4960 are one score, quoted and printed."""
    total = held(2021, unit="VN63-19", metric="score_overall")
    assert set(total["as_published"]) == {0.496}
    assert set(total["tolerance"]) == {1e-4, 5e-4}
    assert set(held(2022, unit="VN", metric="score_overall", as_published=0.71)["tolerance"]) == {5e-3}
