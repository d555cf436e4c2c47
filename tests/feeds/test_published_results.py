"""Published results: geography, node, measure and conflicts of what was printed."""

import json
from collections.abc import Callable

import polars as pl
import pytest

from dti_platform.feeds import Known, Parsed, Received, read

Receive = Callable[..., Received]
Committed = dict[tuple[str, str, str], Parsed]
HEADER = "geography,unit,metric,value,source,certainty\n"


def figures(committed: Committed, year: str, **having: str) -> pl.DataFrame:
    frames = [
        p.observations for (feed, period, _), p in committed.items() if (feed, period) == ("published_results", year)
    ]
    return pl.concat(frames).filter(**having)


def test_the_63_ranks_of_2022_tie_at_15(committed: Committed) -> None:
    source = "https://dti.gov.vn/xep-hang-2022"
    ranks = figures(committed, "2022", measure="rank", node="PDTI", source=source).sort("value")
    assert ranks["unit"].n_unique() == 63
    tied = ranks.filter(pl.col("value") == 15)
    assert set(tied["unit"]) == {"VN63-15", "VN63-38"}
    assert ranks.filter(pl.col("value") == 17)["unit"].to_list() == ["VN63-93"]
    assert set(ranks["framework"]) == {"922"}


def test_one_place_before_and_another_after_the_merger(committed: Committed) -> None:
    danang = figures(committed, "2024", measure="rank", node="PDTI").filter(pl.col("unit").str.ends_with("-48"))
    assert dict(danang.select("unit", "value").rows()) == {"VN63-48": 2.0, "VN34-48": 17.0}


def test_conflicting_figures_stand_side_by_side_by_source(committed: Committed) -> None:
    mean = figures(committed, "2022", unit="VN63", node="PDTI", measure="score")
    assert sorted(mean["value"]) == [0.5763, 0.5791]
    government = figures(committed, "2020", unit="VN63-22", node="CQS", measure="score")
    assert sorted(government["value"]) == [0.4513, 0.5293]


def test_thai_nguyen_of_2021(committed: Committed) -> None:
    rows = figures(committed, "2021", unit="VN63-19").unique(["node", "measure"])
    assert {(node, measure): value for node, measure, value in rows.select("node", "measure", "value").rows()} == {
        ("PDTI", "score"): 0.496,
        ("PDTI", "rank"): 8.0,
        ("CQS", "score"): 0.5496,
        ("CQS", "rank"): 9.0,
        ("KTS", "score"): 0.5364,
        ("KTS", "rank"): 5.0,
        ("XHS", "score"): 0.5137,
        ("XHS", "rank"): 8.0,
    }


def test_a_figure_whose_year_was_inferred_says_so_and_names_the_stored_copy(committed: Committed) -> None:
    copied = figures(committed, "2021").filter(pl.col("source").str.starts_with("https://dti.gov.vn/"))
    assert set(copied["source"]) == {"https://dti.gov.vn/ (stored copy of about August 2022)"}
    assert copied.select("certainty", "obs_status").unique().rows() == [("year_inferred", "A")]
    assert copied.filter(node="PDTI", measure="rank")["unit"].n_unique() == 18


def test_a_node_without_a_concept_is_named_by_its_code(committed: Committed) -> None:
    ranks = figures(committed, "2020", unit="VN63-19", measure="rank").filter(pl.col("node").str.starts_with("CQS."))
    assert dict(ranks.select("node", "value").rows()) == {"CQS.1": 4.0, "CQS.4": 2.0, "CQS.5": 4.0}


def test_lists_of_the_best_and_the_last_keep_their_length(committed: Committed) -> None:
    tops = figures(committed, "2022", measure="top").group_by("node", "value").len().sort("node")
    assert tops.rows() == [("1", 9.0, 9), ("3", 10.0, 10), ("4", 10.0, 5)]
    assert set(figures(committed, "2024", measure="bottom")["value"]) == {3.0}


def test_ministries_carry_their_group(committed: Committed) -> None:
    rows = figures(committed, "2021", geography="MIN22")
    assert set(rows["peer_group"]) == {"with_public_services", "without_public_services"}
    counts = rows.filter(measure="units").sort("value")
    assert counts.select("unit", "value").rows() == [("MIN22", 9.0), ("MIN22", 17.0)]


def test_the_lowest_score_of_a_group_is_a_figure_of_the_group(committed: Committed) -> None:
    lowest = figures(committed, "2020", measure="minimum").row(0, named=True)
    assert (lowest["unit"], lowest["peer_group"], lowest["value"]) == ("MIN22", "without_public_services", 0.0992)


def test_what_was_computed_by_a_reader_says_so(committed: Committed) -> None:
    pillars = figures(committed, "2022", node="CQS", measure="score", source="https://dti.gov.vn/xep-hang-2022")
    assert set(pillars.select("certainty", "obs_status").rows()) == {("computed", "E")}


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("VN63,Đà Nẵngg,score_overall,0.5,https://s.vn,verbatim", "unit", "unknown_unit"),
        ("VN63,Huế,score_overall,0.5,https://s.vn,guessed", "certainty", "unknown_word"),
        ("VN62,Huế,score_overall,0.5,https://s.vn,verbatim", "geography", "unknown_word"),
        ("VN63,Hà Nội,score_happiness,0.5,https://s.vn,verbatim", "metric", "unknown_node"),
        ("VN63,Hà Nội,mark_overall,0.5,https://s.vn,verbatim", "metric", "unknown_node"),
        ('VN63,Hà Nội,score_overall,"0,5,1",https://s.vn,verbatim', "value", "ambiguous_number"),
        ('VN63,Hà Nội,rank_overall,"5,0",https://s.vn,verbatim', "value", "ambiguous_number"),
        ("VN63,Hà Nội,score_overall,1.01,https://s.vn,verbatim", "value", "out_of_range"),
        ("VN63,Hà Nội,rank_overall,0,https://s.vn,verbatim", "value", "out_of_range"),
        ("VN63,Hà Nội,rank_overall,trên 5,https://s.vn,verbatim", "value", "not_exact"),
        ("VN63,Hà Nội,score_overall,gần 0.5,https://s.vn,verbatim", "value", "not_exact"),
        ("VN63,Hà Nội,sum_common5_of_500,< 400,https://s.vn,verbatim", "value", "not_exact"),
        ("VN63,Hà Nội,top9_awareness,maybe,https://s.vn,verbatim", "value", "unknown_word"),
        ("VN63,Hà Nội,score_overall,,https://s.vn,verbatim", "value", "missing_value"),
        ("VN34,Hà Nội,score_overall,0.5,https://s.vn,verbatim", "geography", "no_framework"),
    ],
)  # fmt: skip
def test_a_bad_cell_holds_its_row_and_says_why(
    known: Known, receive: Receive, row: str, column: str, reason: str
) -> None:
    content = f"{HEADER}{row}\nVN63,Lào Cai,score_overall,0.5,https://s.vn,verbatim\n".encode()
    parsed = read(receive("published_results", "2022", content), known)
    culprit = parsed.quarantine.filter(pl.col("reason") != "held_with_row").row(0, named=True)
    assert (culprit["locator"], culprit["reason"]) == (f"line 2, column {column}", reason)
    assert parsed.observations["unit"].to_list() == ["VN63-10"]
    assert parsed.submissions["status"].to_list() == ["accepted_in_part"]


def test_a_column_that_is_not_declared_is_said_so(known: Known, receive: Receive) -> None:
    content = f"{HEADER.strip()},colour\nVN63,Hà Nội,rank_overall,1,https://s.vn,verbatim,red\n".encode()
    parsed = read(receive("published_results", "2022", content), known)
    assert parsed.quarantine["reason"].to_list() == ["unknown_column"]
    assert parsed.submissions["note"].to_list() == [1]
    assert parsed.observations.height == 1


def test_a_printed_change_may_be_a_loss_or_none_and_is_a_whole_number(known: Known, receive: Receive) -> None:
    changes = {"Hà Nội": "-3", "Hải Phòng": "0", "Hà Giang": "1.5"}
    rows = [f"VN63,{unit},change_overall,{value},https://s.vn,verbatim\n" for unit, value in changes.items()]
    parsed = read(receive("published_results", "2022", "".join([HEADER, *rows]).encode()), known)
    assert sorted(parsed.observations.filter(measure="change")["value"]) == [-3.0, 0.0]
    assert "1.5" in parsed.quarantine["raw"].to_list()


def test_a_rank_typed_as_a_fraction_is_held(known: Known, receive: Receive) -> None:
    rows = [
        {
            "geography": "VN63",
            "unit": "Hà Nội",
            "metric": metric,
            "value": value,
            "source": "https://s.vn",
            "certainty": "verbatim",
        }
        for metric, value in (("rank_overall", 1.5), ("n_units", 62.5), ("rank_digital_economy", 2.0))
    ]
    parsed = read(receive("published_results", "2022", json.dumps(rows).encode(), "a.json"), known)
    assert parsed.quarantine.filter(pl.col("reason") != "held_with_row")["reason"].to_list() == ["not_whole"] * 2
    assert parsed.observations["value"].to_list() == [2.0]


def test_another_table_is_refused_not_raised(known: Known, receive: Receive) -> None:
    parsed = read(receive("published_results", "2022", b"a,b\n1,2\n"), known)
    row = parsed.submissions.row(0, named=True)
    assert row["status"] == "refused"
    assert "Danh mục đơn vị, Đơn vị, Chỉ số" in row["reason"]
