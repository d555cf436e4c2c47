"""Self scores are the unit's to give, verified and final scores the verifier's: nothing else counts or takes away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dti_platform import feeds, tables
from dti_platform.feeds import Known, Parsed
from dti_platform.pipeline import Platform
from dti_platform.storage import Received, Store
from dti_platform.submissions import Desk, Offer, Reception, standing_scores
from dti_platform.submissions.answer import Answer
from dti_platform.submissions.forms.text import lines
from dti_platform.submissions.owners import VERIFIER
from tests.feeds.drafts import HOME, Draft

pytestmark = pytest.mark.usefixtures("answer_alone")

UNIT, OTHER = "VN63-19", "VN63-01"


def old(unit: str = UNIT, verified: float = 5) -> bytes:
    """A workbook as units sent it before the verifier had a feed: with a verified score at 1.2."""
    draft = Draft.of(HOME.with_name(f"{unit}.xlsx").read_bytes())
    draft.put("1.2", "Thẩm định", verified)
    return draft.xlsx()


def verified(**scores: float) -> bytes:
    """The verifier's table: of each unit (``VN63_19``) a score at 1.2."""
    rows = [f"{unit.replace('_', '-')},1.2,{score}" for unit, score in scores.items()]
    return "\n".join(["unit_id,code,verified", *rows]).encode()


def receive(
    store: Store, content: bytes, *, feed: str = "self_assessment", rule: str = feeds.RULE, **said: str
) -> None:
    name = said.pop("name", "phieu.xlsx")
    store.landing.receive_all([Received(content, feed, "2022", name, **said, rule=rule)], again=True)  # type: ignore[arg-type]


def read(store: Store, known: Known) -> Parsed:
    """The year as a run reads it, held to the contracts; what it says is kept for the desk to compare with."""
    platform = Platform(store)
    platform.__dict__["known"] = known
    parsed = platform.reader.read(store.landing.standing(2022))
    assert tables.meets(tables.Observations, parsed.observations)
    assert tables.meets(tables.Submissions, parsed.submissions)
    store.tables.write("observations", 2022, parsed.observations.sort(tables.key(tables.Observations)))
    return parsed


def scores(parsed: Parsed, node: str = "1.2") -> Mapping[tuple[str, str], list[tuple[str, float]]]:
    """By unit and basis, which feeds give which value at a node."""
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for row in parsed.observations.filter(node=node).iter_rows(named=True):
        found.setdefault((row["unit"], row["basis"]), []).append((row["feed"], row["value"]))
    return found


def serve(desk: Desk, content: bytes, feed: str = "self_assessment", name: str = "phieu.xlsx") -> Answer:
    return next(desk.serve([Offer(content, name, feed, period="2022")])).answer


def test_an_old_file_keeps_its_rule_until_the_verifier_gives_the_unit_s_scores(store: Store, known: Known) -> None:
    for unit in (UNIT, OTHER):
        receive(store, old(unit), rule="", sender=unit)
    before = read(store, known)
    assert scores(before)[UNIT, "verified"] == [("self_assessment", 5)]
    receive(store, verified(VN63_19=7), feed="verification", name="tham_dinh.csv")
    after = read(store, known)
    assert scores(after)[UNIT, "verified"] == [("verification", 7)]
    assert scores(after)[OTHER, "verified"] == [("self_assessment", 5)], "of this unit the verifier says nothing"
    assert len(scores(after)[UNIT, "self"]) == 1
    counts = [
        parsed.submissions.filter(sender=UNIT).select("accepted", "note", "cells").row(0) for parsed in (before, after)
    ]
    assert counts[1] == (counts[0][0] - 1, counts[0][1] + 1, counts[0][2]), "the cell is a note now"


def test_a_root_of_old_workbooks_gives_no_key_twice_once_the_new_ones_are_committed(
    tmp_path: Path, known: Known
) -> None:
    store = Store(tmp_path / "data", feeds=tmp_path / "feeds")
    receive(store, old(), rule="", channel="feeds", name="VN63-19.xlsx")
    receive(store, old(OTHER), rule="", sender=OTHER)
    for feed, name, content in (
        ("self_assessment", "VN63-19.xlsx", HOME.read_bytes()),
        ("verification", "922-provincial.csv", verified(VN63_19=5, VN63_01=6)),
    ):
        folder = store.feeds / feed / "2022"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)
    Reception(store, known).take()
    found = read(store, known)
    assert {len(given) for given in scores(found).values()} == {1}
    assert scores(found)[UNIT, "verified"] == [("verification", 5)]
    assert scores(found)[OTHER, "verified"] == [("verification", 6)]


def test_a_verified_score_in_a_unit_s_file_is_compared_with_the_one_that_stands(store: Store, known: Known) -> None:
    receive(store, verified(VN63_19=7), feed="verification", name="v.csv")
    read(store, known)
    draft = Draft.of(HOME.read_bytes())
    for code, score in (("1.2", 7), ("1.3", 4)):
        draft.put(code, "Thẩm định", score)
    answer = serve(Desk(store, known), draft.xlsx())
    quoted = [each for each in answer.findings if each.reason.startswith("quoted")]
    assert [(each.reason, each.node, each.severity) for each in quoted] == [("quoted_score_differs", "1.3", "warning")]
    assert "chưa có" in quoted[0].why.vi
    draft.put("1.2", "Thẩm định", 6.5)
    (first, _) = [each for each in serve(Desk(store, known), draft.xlsx()).findings if each.reason.startswith("quoted")]
    assert (first.node, first.read, first.sheet) == ("1.2", "6.5", "Tự đánh giá")
    assert "(7)" in first.why.vi
    for code, text in (("1.2", 99), ("1.3", None), ("1.4", "chưa có")):
        draft.put(code, "Thẩm định", text)
    unread = [each for each in serve(Desk(store, known), draft.xlsx()).findings if each.reason.startswith("quoted")]
    assert [(each.node, each.read, "(7)" in each.why.vi) for each in unread] == [
        ("1.2", "99", True), ("1.4", "chưa có", False),
    ]  # fmt: skip
    draft.put("1.2", "Thẩm định", 6.5)
    draft.put("1.2", "Tự đánh giá", 5)
    again = serve(Desk(store, known), draft.xlsx())
    above = {each.reason for each in again.warnings if each.node == "1.2"} - {"score_without_evidence"}
    assert above == {"quoted_score_differs"}, "one advice for a quotation: it is not judged against the self score, too"


def test_the_verifier_s_answer_compares_with_what_units_claim_and_rules_allow(store: Store, known: Known) -> None:
    receive(store, HOME.read_bytes(), sender=UNIT)
    claimed = dict(scores(read(store, known), "1.2"))[UNIT, "self"][0][1]
    content = (
        "unit_id,code,self,verified,final,opinion\n"
        f"{UNIT},1.2,{claimed},10,0,ok\n{UNIT},1.1,,7,,ok\n{UNIT},1.3,1,1,,ok\nVN63-99,1.3,,1,,ok\n{UNIT},1.4,,99,,ok\n"
    )
    answer = serve(Desk(store, known), content.encode(), "verification", "tham_dinh.csv")
    assert (answer.outcome, answer.counted["new"], answer.sender) == ("accepted_in_part", 4, None)
    assert [each.reason for each in answer.errors] == ["unknown_unit", "out_of_range", *["held_with_row"] * 3]
    error = answer.errors[1]
    assert (error.node, error.expected.vi) == ("1.4", "số từ 0 đến 10")
    assert error.name
    shown = [line.strip() for line in lines(answer, "vi")]
    at = shown.index("Lỗi: ô không được tính (5)") + 1
    assert [line.partition(": ")[0] for line in shown[at : at + 3]] == [
        "dòng 5, cột unit_id", f"dòng 6, cột verified (Thái Nguyên VN63-19; 1.4 {error.name.vi})", "3 ô",
    ], "causes first, and what their rows hold back together"  # fmt: skip
    found = {(each.reason, each.node) for each in answer.warnings}
    assert {("verified_above_self", "1.1"), ("final_far_from_verified", "1.2"), ("not_a_grade", "1.1")} <= found
    assert ("quoted_score_differs", "1.3") in found
    assert ("quoted_score_differs", "1.2") not in found
    assert {each.name.vi for each in answer.changes if each.node == "1.2"} != {"1.2"}


def test_scores_stand_as_the_last_run_left_them(store: Store, known: Known) -> None:
    assert standing_scores(store, "2022", ["922"]) == {}
    receive(store, verified(VN63_19=7, VN63_01=6), feed="verification", name="v.csv")
    read(store, known)
    assert standing_scores(store, "2022", ["922"]) == {(UNIT, "1.2", "verified"): 7, (OTHER, "1.2", "verified"): 6}
    assert standing_scores(store, "2022", ["922"], [UNIT]) == {(UNIT, "1.2", "verified"): 7}
    assert standing_scores(store, "2021", ["922"]) == {}


def test_the_verifier_s_feed_is_the_one_that_scores_yield_to() -> None:
    assert VERIFIER == feeds.discover()[VERIFIER].FEED.id == "verification"


def test_a_verifier_s_file_that_leaves_out_what_old_files_give_waits(store: Store, known: Known) -> None:
    """Of an old file with two verified scores, it gives one: the other would be lost, for the two are never mixed."""
    draft = Draft.of(HOME.read_bytes())
    for code in ("1.2", "1.3"):
        draft.put(code, "Thẩm định", 5)
    receive(store, draft.xlsx(), rule="", sender=UNIT)
    assert serve(Desk(store, known), verified(VN63_19=7), "verification").outcome == "waiting", "no run has read it yet"
    read(store, known)
    assert serve(Desk(store, known), verified(VN63_19=7.5), "verification", "b.csv").outcome == "waiting"
    assert serve(Desk(store, known), verified(VN63_01=7), "verification", "c.csv").outcome == "accepted"
    both = verified(VN63_19=7) + f"\n{UNIT},1.3,6".encode()
    assert serve(Desk(store, known), both, "verification", "d.csv").outcome == "accepted"


def test_a_unit_s_file_takes_nothing_away_from_its_old_one_that_the_verifier_gives(store: Store, known: Known) -> None:
    receive(store, old(), rule="", sender=UNIT)
    read(store, known)
    assert serve(Desk(store, known), HOME.read_bytes()).outcome == "waiting"
    receive(store, verified(VN63_19=7), feed="verification", name="v.csv")
    read(store, known)
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 8.5)
    assert serve(Desk(store, known), draft.xlsx()).outcome == "accepted"
