"""Every score and rank that changed between two releases is listed, with the cells that changed it."""

import polars as pl
import pytest

from dti_platform import publications
from dti_platform.publications import Announced, revisions
from tests.publications.changed import CORRECTION, cell, corrected, first, lowered, put, second
from tests.publications.flow import shared

YEAR = 2022
FIRST = Announced(1)
VOICED = ("revision", "all of them came again")


def told(table: pl.DataFrame, *conditions: pl.Expr) -> dict[tuple[str, str, str], tuple[str, int]]:
    """Unit, node and basis of the rows, with their cause and how many cells changed."""
    rows = table.filter(*conditions)
    return {(row["unit"], row["node"], row["basis"]): (row["cause"], row["changed_cells"]) for row in rows.to_dicts()}


def test_the_first_release_has_none_and_an_unchanged_one_has_none() -> None:
    none = {name: frame.clear() for name, frame in first().items()}
    assert revisions.changed(FIRST, none, first()).is_empty()
    assert revisions.changed(CORRECTION, first(), first()).is_empty()
    assert revisions.changed(Announced(3), {**first(), "revisions": corrected()}, first()).is_empty()


def test_a_corrected_cell_is_named_at_every_figure_above_it() -> None:
    own = told(corrected(), pl.col("unit") == "VN63-19")
    assert own == {("VN63-19", node, "verified"): ("cells", 1) for node in ("7.1", "7", "CQS", "II", "PDTI")}
    printed = told(corrected(), pl.col("evidence") == "official")
    assert printed == {
        ("VN63-22", node, basis): ("cells", 1)
        for node, basis in [("8", "published"), ("II", "recomputed"), ("KTS", "recomputed"), ("PDTI", "recomputed")]
    }
    (row,) = corrected().filter(pl.col("node") == "8").to_dicts()
    assert (row["old_score"], row["new_score"]) == (0.5904, 0.5)
    assert row["cells"] == "provinces.csv, line 128, column value: 0.5904 → 0.5"
    assert (row["release"], row["type"], row["reason"]) == ("0002", "correction", "a sum was read twice")


def test_a_rank_that_moved_with_a_peer_names_the_peers_cells() -> None:
    moved = corrected().filter(pl.col("cause") == "peers")
    assert moved.height
    assert (moved["old_score"] == moved["new_score"]).all()
    assert (moved["old_rank"] != moved["new_rank"]).all()
    assert set(moved["cells"]) == {"922-provincial.csv, line 1136, column verified: 8.5 → 0"}


def test_every_change_of_a_score_or_rank_is_listed_and_nothing_else() -> None:
    now = lowered()["index_scores"]
    key = ["period", "framework", "geography", "unit", "peer_group", "node", "basis"]
    both = first()["index_scores"].join(now, on=key, nulls_equal=True, suffix="_now")
    differs = pl.col("score").ne_missing(pl.col("score_now")) | pl.col("rank").ne_missing(pl.col("rank_now"))
    listed = revisions.changed(CORRECTION, first(), lowered())
    assert listed.select(key).equals(both.filter(differs).select(key).sort(key))


def test_what_vanished_and_what_came_late_stand_with_nothing_on_the_other_side() -> None:
    own = (pl.col("unit") == "VN63-19") & (pl.col("basis") == "verified")
    without = second(shared(YEAR)["observations"].filter(~own))
    gone = revisions.changed(CORRECTION, first(), without)
    (index,) = gone.filter(pl.col("unit") == "VN63-19", pl.col("node") == "PDTI").to_dicts()
    assert (index["old_rank"], index["new_score"], index["new_rank"]) == (8, None, None)
    assert (index["cause"], index["changed_cells"]) == ("cells", 95)
    assert index["cells"].endswith("; +90")
    assert index["cells"].count("→ ∅") == 5
    late = revisions.changed(CORRECTION, without, first())
    (index,) = late.filter(pl.col("unit") == "VN63-19", pl.col("node") == "PDTI").to_dicts()
    assert (index["old_score"], index["old_rank"], index["new_rank"]) == (None, None, 8)


def test_a_ranking_that_was_not_there_before_is_new_not_revised() -> None:
    printed = second(shared(YEAR)["observations"].filter(pl.col("basis") == "published"))
    before = {**printed, "revisions": publications.empty("revisions")}
    assert set(before["index_scores"]["basis"]) == {"published", "recomputed"}
    assert revisions.changed(CORRECTION, before, first()).is_empty()
    vanished = revisions.changed(CORRECTION, first(), printed)
    again = revisions.changed(Announced(3, *VOICED), {**before, "revisions": vanished}, first())
    assert again.height == vanished.height, "it stood in a release further back"
    assert {*again["basis"]} > {"self", "verified"}


def test_another_leading_source_and_changed_rules_are_told_apart() -> None:
    before, now = first(), dict(first())
    scores = now["index_scores"]
    one = cell_of(scores, "VN63-19", "PDTI", "verified")
    now["index_scores"] = scores.with_columns(score=pl.when(one).then(0.5).otherwise("score"))
    assert told(revisions.changed(CORRECTION, before, now)) == {("VN63-19", "PDTI", "verified"): ("rules", 0)}
    other = now["index_scores"].with_columns(source=pl.when(one).then(pl.lit("another")).otherwise("source"))
    assert told(revisions.changed(CORRECTION, before, {**now, "index_scores": other})) == {
        ("VN63-19", "PDTI", "verified"): ("source", 0)
    }


def cell_of(scores: pl.DataFrame, unit: str, node: str, basis: str) -> pl.Expr:
    where = pl.all_horizontal(pl.col("unit") == unit, pl.col("node") == node, pl.col("basis") == basis)
    assert scores.filter(where).height == 1
    return where


@pytest.mark.parametrize("kind", ["revision", "correction"])
def test_a_release_tells_its_own_changes_alone(kind: str) -> None:
    before = {**lowered(), "revisions": corrected()}
    back = revisions.changed(Announced(3, kind, "the cell was right"), before, first())
    assert {*back["release"]} == {"0003"}
    assert told(back, pl.col("cause") == "cells") == told(corrected(), pl.col("unit") == "VN63-19")
    assert set(back["type"]) == {kind}


def test_a_cell_of_another_basis_moves_nothing_here() -> None:
    claimed = put(cell("VN63-19", "7.1", "self", "points"), 0.0)
    assert set(revisions.changed(CORRECTION, first(), second(claimed))["basis"]) == {"self"}
